from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.operation_metadata import OperationMetadata
    from ..models.operation_response_type_0 import OperationResponseType0
    from ..models.status import Status


T = TypeVar("T", bound="Operation")


@_attrs_define
class Operation:
    """A task on the server. While it goes on, metadata tells how far it is; when done is true there is one of error and
    response, or neither. Reference: Resource projects.operations (Operation).

        Attributes:
            name (str | Unset): The operation's name: projects/*/operations/**.
            metadata (None | OperationMetadata | Unset): The task and how far it is.
            done (bool | Unset): Whether the operation has ended, well or not.
            error (None | Status | Unset): Why the operation failed or was cancelled. Union result.
            response (None | OperationResponseType0 | Unset): There when the operation ended well. Opaque: what was written
                is found in metadata.destinationUris. Union result.
    """

    name: str | Unset = UNSET
    metadata: None | OperationMetadata | Unset = UNSET
    done: bool | Unset = UNSET
    error: None | Status | Unset = UNSET
    response: None | OperationResponseType0 | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        _import()

        name = self.name

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, OperationMetadata):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        done = self.done

        error: dict[str, Any] | None | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        elif isinstance(self.error, Status):
            error = self.error.to_dict()
        else:
            error = self.error

        response: dict[str, Any] | None | Unset
        if isinstance(self.response, Unset):
            response = UNSET
        elif isinstance(self.response, OperationResponseType0):
            response = self.response.to_dict()
        else:
            response = self.response

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if done is not UNSET:
            field_dict["done"] = done
        if error is not UNSET:
            field_dict["error"] = error
        if response is not UNSET:
            field_dict["response"] = response

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        name = d.pop("name", UNSET)

        def _parse_metadata(data: object) -> None | OperationMetadata | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = OperationMetadata.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OperationMetadata | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        done = d.pop("done", UNSET)

        def _parse_error(data: object) -> None | Status | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = Status.from_dict(data)

                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Status | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        def _parse_response(data: object) -> None | OperationResponseType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_type_0 = OperationResponseType0.from_dict(data)

                return response_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OperationResponseType0 | Unset, data)

        response = _parse_response(d.pop("response", UNSET))

        operation = cls(
            name=name,
            metadata=metadata,
            done=done,
            error=error,
            response=response,
        )

        operation.additional_properties = d
        return operation

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
    from ..models.operation_metadata import OperationMetadata  # noqa: PLC0415
    from ..models.operation_response_type_0 import OperationResponseType0  # noqa: PLC0415
    from ..models.status import Status  # noqa: PLC0415

    globals().update(OperationMetadata=OperationMetadata, OperationResponseType0=OperationResponseType0, Status=Status)
