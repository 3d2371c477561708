from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.function_invocation_arguments import FunctionInvocationArguments


T = TypeVar("T", bound="FunctionInvocation")


@_attrs_define
class FunctionInvocation:
    """A call of a function, which is named or referred to. Reference: Expression (FunctionInvocation).

    Attributes:
        function_name (str | Unset): The name of one of the service's own functions, for example `Image.load`. Union
            function.
        function_reference (str | Unset): The name of the value that is the function. It is a key of the expression's
            values. Union function.
        arguments (FunctionInvocationArguments | Unset): The arguments, by name.
    """

    function_name: str | Unset = UNSET
    function_reference: str | Unset = UNSET
    arguments: FunctionInvocationArguments | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        function_name = self.function_name

        function_reference = self.function_reference

        arguments: dict[str, Any] | Unset = UNSET
        if not isinstance(self.arguments, Unset):
            arguments = self.arguments.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if function_name is not UNSET:
            field_dict["functionName"] = function_name
        if function_reference is not UNSET:
            field_dict["functionReference"] = function_reference
        if arguments is not UNSET:
            field_dict["arguments"] = arguments

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        function_name = d.pop("functionName", UNSET)

        function_reference = d.pop("functionReference", UNSET)

        _arguments = d.pop("arguments", UNSET)
        arguments: FunctionInvocationArguments | Unset
        if isinstance(_arguments, Unset):
            arguments = UNSET
        else:
            arguments = FunctionInvocationArguments.from_dict(_arguments)

        function_invocation = cls(
            function_name=function_name,
            function_reference=function_reference,
            arguments=arguments,
        )

        function_invocation.additional_properties = d
        return function_invocation

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
    from ..models.function_invocation_arguments import FunctionInvocationArguments  # noqa: PLC0415

    globals().update(FunctionInvocationArguments=FunctionInvocationArguments)
