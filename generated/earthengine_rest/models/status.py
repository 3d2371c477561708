from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.error_info import ErrorInfo


T = TypeVar("T", bound="Status")


@_attrs_define
class Status:
    """Why an operation failed. Reference: Status.

    Attributes:
        code (int | Unset): A number of google.rpc.Code: 1 is cancelled, 3 an invalid argument, 8 resources exhausted.
        message (str | Unset): The reason, for developers, in English.
        details (list[ErrorInfo | None] | None | Unset): More, each part with an `@type`. ErrorInfo is the part that
            programs need; other parts keep their fields among its additional properties.
    """

    code: int | Unset = UNSET
    message: str | Unset = UNSET
    details: list[ErrorInfo | None] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        _import()

        code = self.code

        message = self.message

        details: list[dict[str, Any] | None] | None | Unset
        if isinstance(self.details, Unset):
            details = UNSET
        elif isinstance(self.details, list):
            details = []
            for details_type_0_item_data in self.details:
                details_type_0_item: dict[str, Any] | None
                if isinstance(details_type_0_item_data, ErrorInfo):
                    details_type_0_item = details_type_0_item_data.to_dict()
                else:
                    details_type_0_item = details_type_0_item_data
                details.append(details_type_0_item)

        else:
            details = self.details

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if code is not UNSET:
            field_dict["code"] = code
        if message is not UNSET:
            field_dict["message"] = message
        if details is not UNSET:
            field_dict["details"] = details

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        code = d.pop("code", UNSET)

        message = d.pop("message", UNSET)

        def _parse_details(data: object) -> list[ErrorInfo | None] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                details_type_0 = []
                _details_type_0 = data
                for details_type_0_item_data in _details_type_0:

                    def _parse_details_type_0_item(data: object) -> ErrorInfo | None:
                        if data is None:
                            return data
                        try:
                            if not isinstance(data, dict):
                                raise TypeError()
                            details_type_0_item_type_0 = ErrorInfo.from_dict(data)

                            return details_type_0_item_type_0
                        except (TypeError, ValueError, AttributeError, KeyError):
                            pass
                        return cast(ErrorInfo | None, data)

                    details_type_0_item = _parse_details_type_0_item(details_type_0_item_data)

                    details_type_0.append(details_type_0_item)

                return details_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ErrorInfo | None] | None | Unset, data)

        details = _parse_details(d.pop("details", UNSET))

        status = cls(
            code=code,
            message=message,
            details=details,
        )

        status.additional_properties = d
        return status

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
    from ..models.error_info import ErrorInfo  # noqa: PLC0415

    globals().update(ErrorInfo=ErrorInfo)
