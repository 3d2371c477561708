from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.grid_dimensions import GridDimensions
    from ..models.number import Number
    from ..models.tiff_pyramid_options import TiffPyramidOptions


T = TypeVar("T", bound="GeoTiffImageExportOptions")


@_attrs_define
class GeoTiffImageExportOptions:
    """How to write GeoTIFF files. Reference: ImageFileExportOptions (GeoTiffImageExportOptions).

    Attributes:
        cloud_optimized (bool | Unset): Write cloud optimised files, which can be read in part over the network.
        tile_dimensions (GridDimensions | Unset): A size in pixels. Reference: GridDimensions.
        skip_empty_files (bool | Unset): Do not write files in which every pixel is masked.
        tile_size (int | Unset): The side of the tiles that are computed on the way, in pixels; 256 where it is not set.
        no_data (Number | Unset): A number, given in exactly one way. Reference: ImageFileExportOptions (Number).
        metadata_keys (list[str] | Unset): The image's properties to write into the file.
        pyramid_options (TiffPyramidOptions | Unset): How to write a GeoTIFF's overviews. Known from the official
            clients only. Reference: none.
    """

    cloud_optimized: bool | Unset = UNSET
    tile_dimensions: GridDimensions | Unset = UNSET
    skip_empty_files: bool | Unset = UNSET
    tile_size: int | Unset = UNSET
    no_data: Number | Unset = UNSET
    metadata_keys: list[str] | Unset = UNSET
    pyramid_options: TiffPyramidOptions | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        cloud_optimized = self.cloud_optimized

        tile_dimensions: dict[str, Any] | Unset = UNSET
        if not isinstance(self.tile_dimensions, Unset):
            tile_dimensions = self.tile_dimensions.to_dict()

        skip_empty_files = self.skip_empty_files

        tile_size = self.tile_size

        no_data: dict[str, Any] | Unset = UNSET
        if not isinstance(self.no_data, Unset):
            no_data = self.no_data.to_dict()

        metadata_keys: list[str] | Unset = UNSET
        if not isinstance(self.metadata_keys, Unset):
            metadata_keys = self.metadata_keys

        pyramid_options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.pyramid_options, Unset):
            pyramid_options = self.pyramid_options.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if cloud_optimized is not UNSET:
            field_dict["cloudOptimized"] = cloud_optimized
        if tile_dimensions is not UNSET:
            field_dict["tileDimensions"] = tile_dimensions
        if skip_empty_files is not UNSET:
            field_dict["skipEmptyFiles"] = skip_empty_files
        if tile_size is not UNSET:
            field_dict["tileSize"] = tile_size
        if no_data is not UNSET:
            field_dict["noData"] = no_data
        if metadata_keys is not UNSET:
            field_dict["metadataKeys"] = metadata_keys
        if pyramid_options is not UNSET:
            field_dict["pyramidOptions"] = pyramid_options

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        cloud_optimized = d.pop("cloudOptimized", UNSET)

        _tile_dimensions = d.pop("tileDimensions", UNSET)
        tile_dimensions: GridDimensions | Unset
        if isinstance(_tile_dimensions, Unset):
            tile_dimensions = UNSET
        else:
            tile_dimensions = GridDimensions.from_dict(_tile_dimensions)

        skip_empty_files = d.pop("skipEmptyFiles", UNSET)

        tile_size = d.pop("tileSize", UNSET)

        _no_data = d.pop("noData", UNSET)
        no_data: Number | Unset
        if isinstance(_no_data, Unset):
            no_data = UNSET
        else:
            no_data = Number.from_dict(_no_data)

        metadata_keys = cast(list[str], d.pop("metadataKeys", UNSET))

        _pyramid_options = d.pop("pyramidOptions", UNSET)
        pyramid_options: TiffPyramidOptions | Unset
        if isinstance(_pyramid_options, Unset):
            pyramid_options = UNSET
        else:
            pyramid_options = TiffPyramidOptions.from_dict(_pyramid_options)

        geo_tiff_image_export_options = cls(
            cloud_optimized=cloud_optimized,
            tile_dimensions=tile_dimensions,
            skip_empty_files=skip_empty_files,
            tile_size=tile_size,
            no_data=no_data,
            metadata_keys=metadata_keys,
            pyramid_options=pyramid_options,
        )

        geo_tiff_image_export_options.additional_properties = d
        return geo_tiff_image_export_options

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
    from ..models.grid_dimensions import GridDimensions  # noqa: PLC0415
    from ..models.number import Number  # noqa: PLC0415
    from ..models.tiff_pyramid_options import TiffPyramidOptions  # noqa: PLC0415

    globals().update(GridDimensions=GridDimensions, Number=Number, TiffPyramidOptions=TiffPyramidOptions)
