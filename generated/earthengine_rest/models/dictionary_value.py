from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.dictionary_value_values import DictionaryValueValues


T = TypeVar("T", bound="DictionaryValue")


@_attrs_define
class DictionaryValue:
    """A dictionary of values. Reference: Expression (DictionaryValue).

    Attributes:
        values (DictionaryValueValues | Unset): The values, by key.
    """

    values: DictionaryValueValues | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        values: dict[str, Any] | Unset = UNSET
        if not isinstance(self.values, Unset):
            values = self.values.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if values is not UNSET:
            field_dict["values"] = values

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        _values = d.pop("values", UNSET)
        values: DictionaryValueValues | Unset
        if isinstance(_values, Unset):
            values = UNSET
        else:
            values = DictionaryValueValues.from_dict(_values)

        dictionary_value = cls(
            values=values,
        )

        dictionary_value.additional_properties = d
        return dictionary_value

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties


@cache
def _import() -> None:
    from ..models.dictionary_value_values import DictionaryValueValues  # noqa: PLC0415

    globals().update(DictionaryValueValues=DictionaryValueValues)
