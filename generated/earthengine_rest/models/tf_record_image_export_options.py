from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.grid_dimensions import GridDimensions
    from ..models.tf_record_image_export_options_tensor_depths import (
        TfRecordImageExportOptionsTensorDepths,
    )


T = TypeVar("T", bound="TfRecordImageExportOptions")


@_attrs_define
class TfRecordImageExportOptions:
    """How to write TFRecord files. Reference: ImageFileExportOptions (TfRecordImageExportOptions).

    Attributes:
        tile_dimensions (GridDimensions | Unset): A size in pixels. Reference: GridDimensions.
        margin_dimensions (GridDimensions | Unset): A size in pixels. Reference: GridDimensions.
        compress (bool | Unset): Compress the files with gzip, and end their names with `.gz`.
        max_size_bytes (str | Unset): The most bytes in one file before compression; 1 GiB where it is not set.
        default_value (float | Unset): What masked pixels and missing array elements hold; 0 where it is not set. Cut to
            the range of the band's type, and to whole numbers where that is an integer.
        tensor_depths (TfRecordImageExportOptionsTensorDepths | Unset): The depth of the tensor that each array band
            becomes. Every array band needs one.
        sequence_data (bool | Unset): Write each pixel as a SequenceExample, with scalar bands as its context.
        collapse_bands (bool | Unset): Write all bands as one tensor, named after the first.
        max_masked_ratio (float | Unset): Patches of which more than this part (0 to 1) is masked are dropped; 1 where
            it is not set. With anything else the sidecar file is not written.
    """

    tile_dimensions: GridDimensions | Unset = UNSET
    margin_dimensions: GridDimensions | Unset = UNSET
    compress: bool | Unset = UNSET
    max_size_bytes: str | Unset = UNSET
    default_value: float | Unset = UNSET
    tensor_depths: TfRecordImageExportOptionsTensorDepths | Unset = UNSET
    sequence_data: bool | Unset = UNSET
    collapse_bands: bool | Unset = UNSET
    max_masked_ratio: float | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        tile_dimensions: dict[str, Any] | Unset = UNSET
        if not isinstance(self.tile_dimensions, Unset):
            tile_dimensions = self.tile_dimensions.to_dict()

        margin_dimensions: dict[str, Any] | Unset = UNSET
        if not isinstance(self.margin_dimensions, Unset):
            margin_dimensions = self.margin_dimensions.to_dict()

        compress = self.compress

        max_size_bytes = self.max_size_bytes

        default_value = self.default_value

        tensor_depths: dict[str, Any] | Unset = UNSET
        if not isinstance(self.tensor_depths, Unset):
            tensor_depths = self.tensor_depths.to_dict()

        sequence_data = self.sequence_data

        collapse_bands = self.collapse_bands

        max_masked_ratio = self.max_masked_ratio

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if tile_dimensions is not UNSET:
            field_dict["tileDimensions"] = tile_dimensions
        if margin_dimensions is not UNSET:
            field_dict["marginDimensions"] = margin_dimensions
        if compress is not UNSET:
            field_dict["compress"] = compress
        if max_size_bytes is not UNSET:
            field_dict["maxSizeBytes"] = max_size_bytes
        if default_value is not UNSET:
            field_dict["defaultValue"] = default_value
        if tensor_depths is not UNSET:
            field_dict["tensorDepths"] = tensor_depths
        if sequence_data is not UNSET:
            field_dict["sequenceData"] = sequence_data
        if collapse_bands is not UNSET:
            field_dict["collapseBands"] = collapse_bands
        if max_masked_ratio is not UNSET:
            field_dict["maxMaskedRatio"] = max_masked_ratio

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()
        from ..models.tf_record_image_export_options_tensor_depths import (
            TfRecordImageExportOptionsTensorDepths,  # noqa: PLC0415
        )

        d = dict(src_dict)
        _tile_dimensions = d.pop("tileDimensions", UNSET)
        tile_dimensions: GridDimensions | Unset
        if isinstance(_tile_dimensions, Unset):
            tile_dimensions = UNSET
        else:
            tile_dimensions = GridDimensions.from_dict(_tile_dimensions)

        _margin_dimensions = d.pop("marginDimensions", UNSET)
        margin_dimensions: GridDimensions | Unset
        if isinstance(_margin_dimensions, Unset):
            margin_dimensions = UNSET
        else:
            margin_dimensions = GridDimensions.from_dict(_margin_dimensions)

        compress = d.pop("compress", UNSET)

        max_size_bytes = d.pop("maxSizeBytes", UNSET)

        default_value = d.pop("defaultValue", UNSET)

        _tensor_depths = d.pop("tensorDepths", UNSET)
        tensor_depths: TfRecordImageExportOptionsTensorDepths | Unset
        if isinstance(_tensor_depths, Unset):
            tensor_depths = UNSET
        else:
            tensor_depths = TfRecordImageExportOptionsTensorDepths.from_dict(_tensor_depths)

        sequence_data = d.pop("sequenceData", UNSET)

        collapse_bands = d.pop("collapseBands", UNSET)

        max_masked_ratio = d.pop("maxMaskedRatio", UNSET)

        tf_record_image_export_options = cls(
            tile_dimensions=tile_dimensions,
            margin_dimensions=margin_dimensions,
            compress=compress,
            max_size_bytes=max_size_bytes,
            default_value=default_value,
            tensor_depths=tensor_depths,
            sequence_data=sequence_data,
            collapse_bands=collapse_bands,
            max_masked_ratio=max_masked_ratio,
        )

        tf_record_image_export_options.additional_properties = d
        return tf_record_image_export_options

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

    globals().update(GridDimensions=GridDimensions)
