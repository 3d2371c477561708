from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.error_info_metadata_type_0 import ErrorInfoMetadataType0


T = TypeVar("T", bound="ErrorInfo")


@_attrs_define
class ErrorInfo:
    """The reason of an error in a form that programs can act on. Reference: Google Cloud APIs, Errors (ErrorInfo).

    Attributes:
        type_ (str | Unset): `type.googleapis.com/google.rpc.ErrorInfo` where this is one.
        reason (str | Unset): The reason's name, for example `ACCESS_TOKEN_SCOPE_INSUFFICIENT`.
        domain (str | Unset): Whose reasons these are, for example `googleapis.com`.
        metadata (ErrorInfoMetadataType0 | None | Unset): More about the reason, by name.
    """

    type_: str | Unset = UNSET
    reason: str | Unset = UNSET
    domain: str | Unset = UNSET
    metadata: ErrorInfoMetadataType0 | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        _import()

        type_ = self.type_

        reason = self.reason

        domain = self.domain

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, ErrorInfoMetadataType0):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if type_ is not UNSET:
            field_dict["@type"] = type_
        if reason is not UNSET:
            field_dict["reason"] = reason
        if domain is not UNSET:
            field_dict["domain"] = domain
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        type_ = d.pop("@type", UNSET)

        reason = d.pop("reason", UNSET)

        domain = d.pop("domain", UNSET)

        def _parse_metadata(data: object) -> ErrorInfoMetadataType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = ErrorInfoMetadataType0.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ErrorInfoMetadataType0 | None | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        error_info = cls(
            type_=type_,
            reason=reason,
            domain=domain,
            metadata=metadata,
        )

        error_info.additional_properties = d
        return error_info

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
    from ..models.error_info_metadata_type_0 import ErrorInfoMetadataType0  # noqa: PLC0415

    globals().update(ErrorInfoMetadataType0=ErrorInfoMetadataType0)
