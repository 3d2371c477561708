from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.image_file_format import ImageFileFormat, check_image_file_format
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.cloud_storage_destination import CloudStorageDestination
    from ..models.drive_destination import DriveDestination
    from ..models.geo_tiff_image_export_options import GeoTiffImageExportOptions
    from ..models.tf_record_image_export_options import TfRecordImageExportOptions


T = TypeVar("T", bound="ImageFileExportOptions")


@_attrs_define
class ImageFileExportOptions:
    """How to write the image as files, and where. Exactly one of driveDestination and cloudStorageDestination is given,
    and at most one of geoTiffOptions and tfRecordOptions. Reference: ImageFileExportOptions.

        Attributes:
            file_format (ImageFileFormat | Unset): A format of image files. Exports take GEO_TIFF and TF_RECORD_IMAGE.
                Reference: ImageFileFormat.
            drive_destination (DriveDestination | Unset): A place in Google Drive. Reference: DriveDestination.
            cloud_storage_destination (CloudStorageDestination | Unset): A place in Google Cloud Storage. Reference:
                CloudStorageDestination.
            geo_tiff_options (GeoTiffImageExportOptions | Unset): How to write GeoTIFF files. Reference:
                ImageFileExportOptions (GeoTiffImageExportOptions).
            tf_record_options (TfRecordImageExportOptions | Unset): How to write TFRecord files. Reference:
                ImageFileExportOptions (TfRecordImageExportOptions).
    """

    file_format: ImageFileFormat | Unset = UNSET
    drive_destination: DriveDestination | Unset = UNSET
    cloud_storage_destination: CloudStorageDestination | Unset = UNSET
    geo_tiff_options: GeoTiffImageExportOptions | Unset = UNSET
    tf_record_options: TfRecordImageExportOptions | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        file_format: str | Unset = UNSET
        if not isinstance(self.file_format, Unset):
            file_format = self.file_format

        drive_destination: dict[str, Any] | Unset = UNSET
        if not isinstance(self.drive_destination, Unset):
            drive_destination = self.drive_destination.to_dict()

        cloud_storage_destination: dict[str, Any] | Unset = UNSET
        if not isinstance(self.cloud_storage_destination, Unset):
            cloud_storage_destination = self.cloud_storage_destination.to_dict()

        geo_tiff_options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.geo_tiff_options, Unset):
            geo_tiff_options = self.geo_tiff_options.to_dict()

        tf_record_options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.tf_record_options, Unset):
            tf_record_options = self.tf_record_options.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if file_format is not UNSET:
            field_dict["fileFormat"] = file_format
        if drive_destination is not UNSET:
            field_dict["driveDestination"] = drive_destination
        if cloud_storage_destination is not UNSET:
            field_dict["cloudStorageDestination"] = cloud_storage_destination
        if geo_tiff_options is not UNSET:
            field_dict["geoTiffOptions"] = geo_tiff_options
        if tf_record_options is not UNSET:
            field_dict["tfRecordOptions"] = tf_record_options

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        _file_format = d.pop("fileFormat", UNSET)
        file_format: ImageFileFormat | Unset
        if isinstance(_file_format, Unset):
            file_format = UNSET
        else:
            file_format = check_image_file_format(_file_format)

        _drive_destination = d.pop("driveDestination", UNSET)
        drive_destination: DriveDestination | Unset
        if isinstance(_drive_destination, Unset):
            drive_destination = UNSET
        else:
            drive_destination = DriveDestination.from_dict(_drive_destination)

        _cloud_storage_destination = d.pop("cloudStorageDestination", UNSET)
        cloud_storage_destination: CloudStorageDestination | Unset
        if isinstance(_cloud_storage_destination, Unset):
            cloud_storage_destination = UNSET
        else:
            cloud_storage_destination = CloudStorageDestination.from_dict(_cloud_storage_destination)

        _geo_tiff_options = d.pop("geoTiffOptions", UNSET)
        geo_tiff_options: GeoTiffImageExportOptions | Unset
        if isinstance(_geo_tiff_options, Unset):
            geo_tiff_options = UNSET
        else:
            geo_tiff_options = GeoTiffImageExportOptions.from_dict(_geo_tiff_options)

        _tf_record_options = d.pop("tfRecordOptions", UNSET)
        tf_record_options: TfRecordImageExportOptions | Unset
        if isinstance(_tf_record_options, Unset):
            tf_record_options = UNSET
        else:
            tf_record_options = TfRecordImageExportOptions.from_dict(_tf_record_options)

        image_file_export_options = cls(
            file_format=file_format,
            drive_destination=drive_destination,
            cloud_storage_destination=cloud_storage_destination,
            geo_tiff_options=geo_tiff_options,
            tf_record_options=tf_record_options,
        )

        image_file_export_options.additional_properties = d
        return image_file_export_options

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
    from ..models.cloud_storage_destination import CloudStorageDestination  # noqa: PLC0415
    from ..models.drive_destination import DriveDestination  # noqa: PLC0415
    from ..models.geo_tiff_image_export_options import GeoTiffImageExportOptions  # noqa: PLC0415
    from ..models.tf_record_image_export_options import TfRecordImageExportOptions  # noqa: PLC0415

    globals().update(CloudStorageDestination=CloudStorageDestination, DriveDestination=DriveDestination, GeoTiffImageExportOptions=GeoTiffImageExportOptions, TfRecordImageExportOptions=TfRecordImageExportOptions)
