from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.expression_values import ExpressionValues


T = TypeVar("T", bound="Expression")


@_attrs_define
class Expression:
    """A computation as a flat set of named values that refer to each other, and the name of the one that is the result.
    The references form no cycle. Reference: Expression.

        Attributes:
            values (ExpressionValues): The values, by name.
            result (str): The name of the value that is the result. It is a key of values.
    """

    values: ExpressionValues
    result: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        values = self.values.to_dict()

        result = self.result

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "values": values,
                "result": result,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        values = ExpressionValues.from_dict(d.pop("values"))

        result = d.pop("result")

        expression = cls(
            values=values,
            result=result,
        )

        expression.additional_properties = d
        return expression

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
    from ..models.expression_values import ExpressionValues  # noqa: PLC0415

    globals().update(ExpressionValues=ExpressionValues)
