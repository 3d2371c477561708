from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.array_value import ArrayValue
    from ..models.dictionary_value import DictionaryValue
    from ..models.function_definition import FunctionDefinition
    from ..models.function_invocation import FunctionInvocation


T = TypeVar("T", bound="ValueNode")


@_attrs_define
class ValueNode:
    """One value, given in exactly one way. Reference: Expression (ValueNode).

    Attributes:
        constant_value (Any | Unset): The value itself, any JSON.
        integer_value (str | Unset): A 64-bit integer, which JSON's numbers may be too coarse for.
        bytes_value (str | Unset): Bytes, in base64.
        array_value (ArrayValue | Unset): A list of values. Reference: Expression (ArrayValue).
        dictionary_value (DictionaryValue | Unset): A dictionary of values. Reference: Expression (DictionaryValue).
        function_definition_value (FunctionDefinition | Unset): A function made of values: its body may refer to its
            arguments. Reference: Expression (FunctionDefinition).
        function_invocation_value (FunctionInvocation | Unset): A call of a function, which is named or referred to.
            Reference: Expression (FunctionInvocation).
        argument_reference (str | Unset): The argument of this name, of the function whose body this is part of.
        value_reference (str | Unset): The value of this name in the expression's values.
    """

    constant_value: Any | Unset = UNSET
    integer_value: str | Unset = UNSET
    bytes_value: str | Unset = UNSET
    array_value: ArrayValue | Unset = UNSET
    dictionary_value: DictionaryValue | Unset = UNSET
    function_definition_value: FunctionDefinition | Unset = UNSET
    function_invocation_value: FunctionInvocation | Unset = UNSET
    argument_reference: str | Unset = UNSET
    value_reference: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        constant_value = self.constant_value

        integer_value = self.integer_value

        bytes_value = self.bytes_value

        array_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.array_value, Unset):
            array_value = self.array_value.to_dict()

        dictionary_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.dictionary_value, Unset):
            dictionary_value = self.dictionary_value.to_dict()

        function_definition_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.function_definition_value, Unset):
            function_definition_value = self.function_definition_value.to_dict()

        function_invocation_value: dict[str, Any] | Unset = UNSET
        if not isinstance(self.function_invocation_value, Unset):
            function_invocation_value = self.function_invocation_value.to_dict()

        argument_reference = self.argument_reference

        value_reference = self.value_reference

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if constant_value is not UNSET:
            field_dict["constantValue"] = constant_value
        if integer_value is not UNSET:
            field_dict["integerValue"] = integer_value
        if bytes_value is not UNSET:
            field_dict["bytesValue"] = bytes_value
        if array_value is not UNSET:
            field_dict["arrayValue"] = array_value
        if dictionary_value is not UNSET:
            field_dict["dictionaryValue"] = dictionary_value
        if function_definition_value is not UNSET:
            field_dict["functionDefinitionValue"] = function_definition_value
        if function_invocation_value is not UNSET:
            field_dict["functionInvocationValue"] = function_invocation_value
        if argument_reference is not UNSET:
            field_dict["argumentReference"] = argument_reference
        if value_reference is not UNSET:
            field_dict["valueReference"] = value_reference

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        constant_value = d.pop("constantValue", UNSET)

        integer_value = d.pop("integerValue", UNSET)

        bytes_value = d.pop("bytesValue", UNSET)

        _array_value = d.pop("arrayValue", UNSET)
        array_value: ArrayValue | Unset
        if isinstance(_array_value, Unset):
            array_value = UNSET
        else:
            array_value = ArrayValue.from_dict(_array_value)

        _dictionary_value = d.pop("dictionaryValue", UNSET)
        dictionary_value: DictionaryValue | Unset
        if isinstance(_dictionary_value, Unset):
            dictionary_value = UNSET
        else:
            dictionary_value = DictionaryValue.from_dict(_dictionary_value)

        _function_definition_value = d.pop("functionDefinitionValue", UNSET)
        function_definition_value: FunctionDefinition | Unset
        if isinstance(_function_definition_value, Unset):
            function_definition_value = UNSET
        else:
            function_definition_value = FunctionDefinition.from_dict(_function_definition_value)

        _function_invocation_value = d.pop("functionInvocationValue", UNSET)
        function_invocation_value: FunctionInvocation | Unset
        if isinstance(_function_invocation_value, Unset):
            function_invocation_value = UNSET
        else:
            function_invocation_value = FunctionInvocation.from_dict(_function_invocation_value)

        argument_reference = d.pop("argumentReference", UNSET)

        value_reference = d.pop("valueReference", UNSET)

        value_node = cls(
            constant_value=constant_value,
            integer_value=integer_value,
            bytes_value=bytes_value,
            array_value=array_value,
            dictionary_value=dictionary_value,
            function_definition_value=function_definition_value,
            function_invocation_value=function_invocation_value,
            argument_reference=argument_reference,
            value_reference=value_reference,
        )

        value_node.additional_properties = d
        return value_node

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
    from ..models.array_value import ArrayValue  # noqa: PLC0415
    from ..models.dictionary_value import DictionaryValue  # noqa: PLC0415
    from ..models.function_definition import FunctionDefinition  # noqa: PLC0415
    from ..models.function_invocation import FunctionInvocation  # noqa: PLC0415

    globals().update(ArrayValue=ArrayValue, DictionaryValue=DictionaryValue, FunctionDefinition=FunctionDefinition, FunctionInvocation=FunctionInvocation)
