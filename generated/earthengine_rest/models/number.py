from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Number")


@_attrs_define
class Number:
    """A number, given in exactly one way. Reference: ImageFileExportOptions (Number).

    Attributes:
        float_value (float | Unset): A double. Union value.
        integer_value (str | Unset): A 64-bit integer. Union value.
    """

    float_value: float | Unset = UNSET
    integer_value: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        float_value = self.float_value

        integer_value = self.integer_value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if float_value is not UNSET:
            field_dict["floatValue"] = float_value
        if integer_value is not UNSET:
            field_dict["integerValue"] = integer_value

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        float_value = d.pop("floatValue", UNSET)

        integer_value = d.pop("integerValue", UNSET)

        number = cls(
            float_value=float_value,
            integer_value=integer_value,
        )

        number.additional_properties = d
        return number

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
