from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.expression import Expression
    from ..models.image_asset_export_options import ImageAssetExportOptions
    from ..models.image_file_export_options import ImageFileExportOptions
    from ..models.pixel_grid import PixelGrid


T = TypeVar("T", bound="ExportImageRequest")


@_attrs_define
class ExportImageRequest:
    """What to compute and where to put it. Exactly one of fileExportOptions and assetExportOptions is given. Reference:
    Method projects.image.export.

        Attributes:
            expression (Expression): A computation as a flat set of named values that refer to each other, and the name of
                the one that is the result. The references form no cycle. Reference: Expression.
            description (str | Unset): The name of the task, for people. The official helpers keep it to 100 characters,
                letters, digits and `.,:;_-`; the service itself documents no such rule.
            max_pixels (str | Unset): The export is refused where it would compute more pixels than this. A guard against
                mistakes; 100,000,000 where it is not set.
            grid (PixelGrid | Unset): A grid of pixels: how many, where, and in which coordinate reference system. At most
                one of crsCode and crsWkt is given. Reference: PixelGrid.
            request_id (str | Unset): Makes repeating safe: of several requests by one user with the same non-empty
                requestId, one at most starts an operation. At most 60 letters, digits and `-`.
            workload_tag (str | Unset): A label to find the cost of this computation by. 1 to 63 letters, digits, `-` and
                `_`.
            priority (int | Unset): The task's rank within the project: higher ones are started sooner. 0 to 9999; 100 where
                it is not set.
            file_export_options (ImageFileExportOptions | Unset): How to write the image as files, and where. Exactly one of
                driveDestination and cloudStorageDestination is given, and at most one of geoTiffOptions and tfRecordOptions.
                Reference: ImageFileExportOptions.
            asset_export_options (ImageAssetExportOptions | Unset): How to write the image as an Earth Engine asset, and
                where. The union destination has one member today. Reference: Method projects.image.export
                (ImageAssetExportOptions).
    """

    expression: Expression
    description: str | Unset = UNSET
    max_pixels: str | Unset = UNSET
    grid: PixelGrid | Unset = UNSET
    request_id: str | Unset = UNSET
    workload_tag: str | Unset = UNSET
    priority: int | Unset = UNSET
    file_export_options: ImageFileExportOptions | Unset = UNSET
    asset_export_options: ImageAssetExportOptions | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expression = self.expression.to_dict()

        description = self.description

        max_pixels = self.max_pixels

        grid: dict[str, Any] | Unset = UNSET
        if not isinstance(self.grid, Unset):
            grid = self.grid.to_dict()

        request_id = self.request_id

        workload_tag = self.workload_tag

        priority = self.priority

        file_export_options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.file_export_options, Unset):
            file_export_options = self.file_export_options.to_dict()

        asset_export_options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.asset_export_options, Unset):
            asset_export_options = self.asset_export_options.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expression": expression,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if max_pixels is not UNSET:
            field_dict["maxPixels"] = max_pixels
        if grid is not UNSET:
            field_dict["grid"] = grid
        if request_id is not UNSET:
            field_dict["requestId"] = request_id
        if workload_tag is not UNSET:
            field_dict["workloadTag"] = workload_tag
        if priority is not UNSET:
            field_dict["priority"] = priority
        if file_export_options is not UNSET:
            field_dict["fileExportOptions"] = file_export_options
        if asset_export_options is not UNSET:
            field_dict["assetExportOptions"] = asset_export_options

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        expression = Expression.from_dict(d.pop("expression"))

        description = d.pop("description", UNSET)

        max_pixels = d.pop("maxPixels", UNSET)

        _grid = d.pop("grid", UNSET)
        grid: PixelGrid | Unset
        if isinstance(_grid, Unset):
            grid = UNSET
        else:
            grid = PixelGrid.from_dict(_grid)

        request_id = d.pop("requestId", UNSET)

        workload_tag = d.pop("workloadTag", UNSET)

        priority = d.pop("priority", UNSET)

        _file_export_options = d.pop("fileExportOptions", UNSET)
        file_export_options: ImageFileExportOptions | Unset
        if isinstance(_file_export_options, Unset):
            file_export_options = UNSET
        else:
            file_export_options = ImageFileExportOptions.from_dict(_file_export_options)

        _asset_export_options = d.pop("assetExportOptions", UNSET)
        asset_export_options: ImageAssetExportOptions | Unset
        if isinstance(_asset_export_options, Unset):
            asset_export_options = UNSET
        else:
            asset_export_options = ImageAssetExportOptions.from_dict(_asset_export_options)

        export_image_request = cls(
            expression=expression,
            description=description,
            max_pixels=max_pixels,
            grid=grid,
            request_id=request_id,
            workload_tag=workload_tag,
            priority=priority,
            file_export_options=file_export_options,
            asset_export_options=asset_export_options,
        )

        export_image_request.additional_properties = d
        return export_image_request

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
    from ..models.expression import Expression  # noqa: PLC0415
    from ..models.image_asset_export_options import ImageAssetExportOptions  # noqa: PLC0415
    from ..models.image_file_export_options import ImageFileExportOptions  # noqa: PLC0415
    from ..models.pixel_grid import PixelGrid  # noqa: PLC0415

    globals().update(Expression=Expression, ImageAssetExportOptions=ImageAssetExportOptions, ImageFileExportOptions=ImageFileExportOptions, PixelGrid=PixelGrid)
