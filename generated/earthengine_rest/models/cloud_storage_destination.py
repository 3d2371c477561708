from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.tile_permissions import TilePermissions, check_tile_permissions
from ..types import UNSET, Unset

T = TypeVar("T", bound="CloudStorageDestination")


@_attrs_define
class CloudStorageDestination:
    """A place in Google Cloud Storage. Reference: CloudStorageDestination.

    Attributes:
        bucket (str): The bucket.
        filename_prefix (str | Unset): What the objects' names begin with; one that ends with `/` is a folder. The
            position in a split image and the extension follow it.
        permissions (TilePermissions | Unset): Who may read what was written. Reference: CloudStorageDestination
            (TilePermissions).
        bucket_cors_uris (list[str] | Unset): The web sites whose scripts may read the bucket, for its CORS settings.
    """

    bucket: str
    filename_prefix: str | Unset = UNSET
    permissions: TilePermissions | Unset = UNSET
    bucket_cors_uris: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        bucket = self.bucket

        filename_prefix = self.filename_prefix

        permissions: str | Unset = UNSET
        if not isinstance(self.permissions, Unset):
            permissions = self.permissions

        bucket_cors_uris: list[str] | Unset = UNSET
        if not isinstance(self.bucket_cors_uris, Unset):
            bucket_cors_uris = self.bucket_cors_uris

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "bucket": bucket,
            }
        )
        if filename_prefix is not UNSET:
            field_dict["filenamePrefix"] = filename_prefix
        if permissions is not UNSET:
            field_dict["permissions"] = permissions
        if bucket_cors_uris is not UNSET:
            field_dict["bucketCorsUris"] = bucket_cors_uris

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        bucket = d.pop("bucket")

        filename_prefix = d.pop("filenamePrefix", UNSET)

        _permissions = d.pop("permissions", UNSET)
        permissions: TilePermissions | Unset
        if isinstance(_permissions, Unset):
            permissions = UNSET
        else:
            permissions = check_tile_permissions(_permissions)

        bucket_cors_uris = cast(list[str], d.pop("bucketCorsUris", UNSET))

        cloud_storage_destination = cls(
            bucket=bucket,
            filename_prefix=filename_prefix,
            permissions=permissions,
            bucket_cors_uris=bucket_cors_uris,
        )

        cloud_storage_destination.additional_properties = d
        return cloud_storage_destination

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
