from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FunctionDefinition")


@_attrs_define
class FunctionDefinition:
    """A function made of values: its body may refer to its arguments. Reference: Expression (FunctionDefinition).

    Attributes:
        argument_names (list[str] | Unset): The names of the arguments.
        body (str | Unset): The name of the value that the function returns. It is a key of the expression's values.
    """

    argument_names: list[str] | Unset = UNSET
    body: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        argument_names: list[str] | Unset = UNSET
        if not isinstance(self.argument_names, Unset):
            argument_names = self.argument_names

        body = self.body

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if argument_names is not UNSET:
            field_dict["argumentNames"] = argument_names
        if body is not UNSET:
            field_dict["body"] = body

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        argument_names = cast(list[str], d.pop("argumentNames", UNSET))

        body = d.pop("body", UNSET)

        function_definition = cls(
            argument_names=argument_names,
            body=body,
        )

        function_definition.additional_properties = d
        return function_definition

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
