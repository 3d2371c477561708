from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.operation import Operation


T = TypeVar("T", bound="ListOperationsResponse")


@_attrs_define
class ListOperationsResponse:
    """One page of operations. Reference: Method projects.operations.list.

    Attributes:
        operations (list[None | Operation] | None | Unset): The operations of this page; absent where there are none.
        next_page_token (str | Unset): What to send as pageToken for the next page; absent or empty at the end.
        unreachable (list[str] | None | Unset): Places that could not be asked.
    """

    operations: list[None | Operation] | None | Unset = UNSET
    next_page_token: str | Unset = UNSET
    unreachable: list[str] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        _import()

        operations: list[dict[str, Any] | None] | None | Unset
        if isinstance(self.operations, Unset):
            operations = UNSET
        elif isinstance(self.operations, list):
            operations = []
            for operations_type_0_item_data in self.operations:
                operations_type_0_item: dict[str, Any] | None
                if isinstance(operations_type_0_item_data, Operation):
                    operations_type_0_item = operations_type_0_item_data.to_dict()
                else:
                    operations_type_0_item = operations_type_0_item_data
                operations.append(operations_type_0_item)

        else:
            operations = self.operations

        next_page_token = self.next_page_token

        unreachable: list[str] | None | Unset
        if isinstance(self.unreachable, Unset):
            unreachable = UNSET
        elif isinstance(self.unreachable, list):
            unreachable = self.unreachable

        else:
            unreachable = self.unreachable

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if operations is not UNSET:
            field_dict["operations"] = operations
        if next_page_token is not UNSET:
            field_dict["nextPageToken"] = next_page_token
        if unreachable is not UNSET:
            field_dict["unreachable"] = unreachable

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)

        def _parse_operations(data: object) -> list[None | Operation] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                operations_type_0 = []
                _operations_type_0 = data
                for operations_type_0_item_data in _operations_type_0:

                    def _parse_operations_type_0_item(data: object) -> None | Operation:
                        if data is None:
                            return data
                        try:
                            if not isinstance(data, dict):
                                raise TypeError()
                            operations_type_0_item_type_0 = Operation.from_dict(data)

                            return operations_type_0_item_type_0
                        except (TypeError, ValueError, AttributeError, KeyError):
                            pass
                        return cast(None | Operation, data)

                    operations_type_0_item = _parse_operations_type_0_item(operations_type_0_item_data)

                    operations_type_0.append(operations_type_0_item)

                return operations_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[None | Operation] | None | Unset, data)

        operations = _parse_operations(d.pop("operations", UNSET))

        next_page_token = d.pop("nextPageToken", UNSET)

        def _parse_unreachable(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                unreachable_type_0 = cast(list[str], data)

                return unreachable_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        unreachable = _parse_unreachable(d.pop("unreachable", UNSET))

        list_operations_response = cls(
            operations=operations,
            next_page_token=next_page_token,
            unreachable=unreachable,
        )

        list_operations_response.additional_properties = d
        return list_operations_response

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
    from ..models.operation import Operation  # noqa: PLC0415

    globals().update(Operation=Operation)
