from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DriveDestination")


@_attrs_define
class DriveDestination:
    """A place in Google Drive. Reference: DriveDestination.

    Attributes:
        folder (str | Unset): The name of the folder; the top folder where it is not set.
        filename_prefix (str | Unset): What the files' names begin with.
    """

    folder: str | Unset = UNSET
    filename_prefix: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        folder = self.folder

        filename_prefix = self.filename_prefix

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if folder is not UNSET:
            field_dict["folder"] = folder
        if filename_prefix is not UNSET:
            field_dict["filenamePrefix"] = filename_prefix

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        folder = d.pop("folder", UNSET)

        filename_prefix = d.pop("filenamePrefix", UNSET)

        drive_destination = cls(
            folder=folder,
            filename_prefix=filename_prefix,
        )

        drive_destination.additional_properties = d
        return drive_destination

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
