"""The formats of exported files: GeoTIFF and TFRecord."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import field, frozen

from ..errors import InvalidArgument
from . import plain
from .fields import explained, guarded, optional
from .messages import FLAG, GRID_DIMENSIONS, INT64, LIST, MAP, FrozenMapping, Message, wire

DEFAULT_TILE_SIZE = 256
"""The side in pixels of the tiles in which the service computes an image that names no tile size."""


def _no_data(value: float) -> float:
    try:
        return plain.number(value)
    except InvalidArgument:
        rule = "The service takes a finite number only."
        cure = (
            "Leave it out, and masked pixels are NaN in files of floating point numbers, and 0 in others; or "
            "give a number that the data do not have, such as -9999."
        )
        raise InvalidArgument("", value, rule, cure) from None


def _ratio(value: float) -> float:
    found = plain.number(value)
    if not 0 <= found <= 1:
        raise InvalidArgument("", value, "It is a share and must be from 0 to 1.")
    return found


def _depths(value: Mapping[str, int]) -> Mapping[str, int] | None:
    rule = "It must map the names of bands to the depths of their tensors."
    return FrozenMapping(plain.entries(value, lambda depth: plain.whole(depth, 1, plain.INT32), rule)) or None


@explained
@frozen(repr=False, field_transformer=guarded)
class GeoTiff(Message):
    """GeoTIFF files, the default format.

    Reference: ImageFileExportOptions, GeoTiffImageExportOptions.

    Attributes:
        cloud_optimized: Write cloud optimized GeoTIFFs. Default False.
        tile_dimensions: The size of each file in pixels, (width, height) or one number for both, where the
            image is too large for one file; multiples of `tile_size`. The official client calls it
            fileDimensions. Default: as large as the service allows.
        skip_empty_files: Write no file that would be masked throughout. Default False.
        tile_size: The side in pixels of the tiles in which the image is computed. The official client
            calls it shardSize. Default 256.
        no_data: The value written for masked pixels, which the files name as their noData. Default: masked
            pixels are NaN in files of floating point numbers, and 0 in others, where the mask is lost.
        metadata_keys: Names of image properties to write into the files' metadata. The reference does not
            list it; the official client sends it. Default: none.
        extra_body: Fields of the API that this class lacks, as JSON; merged into its own. Default: none.

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    file_format: ClassVar[str] = "GEO_TIFF"
    options_field: ClassVar[str] = "geoTiffOptions"

    cloud_optimized: bool | None = field(default=None, converter=optional(plain.flag), metadata=FLAG)
    tile_dimensions: tuple[int, int] | None = field(
        default=None, converter=optional(plain.pair), metadata=GRID_DIMENSIONS
    )
    skip_empty_files: bool | None = field(default=None, converter=optional(plain.flag), metadata=FLAG)
    tile_size: int | None = field(default=None, converter=optional(plain.side))
    no_data: float | None = field(
        default=None,
        converter=optional(_no_data),
        metadata=wire(lambda value: {"floatValue": value}, lambda value: value["floatValue"]),
    )
    metadata_keys: tuple[str, ...] | None = field(
        default=None, converter=optional(plain.names), metadata=LIST
    )

    def __attrs_post_init__(self) -> None:
        Message.__attrs_post_init__(self)
        tile = self.tile_size or DEFAULT_TILE_SIZE
        if self.tile_dimensions and any(side % tile for side in self.tile_dimensions):
            nearest = tuple(max(tile, round(side / tile) * tile) for side in self.tile_dimensions)
            raise InvalidArgument(
                "tile_dimensions",
                self.tile_dimensions,
                f"Both must be multiples of tile_size, {tile}{'' if self.tile_size else ' by default'}.",
                f"Give {nearest}, for example.",
            )


@explained
@frozen(repr=False, field_transformer=guarded)
class TfRecord(Message):
    """TFRecord files: patches of pixels as tensors.

    Reference: ImageFileExportOptions, TfRecordImageExportOptions. The official client's name of an option
    is in brackets.

    Attributes:
        tile_dimensions: The size of a patch in pixels, (width, height) or one number (patchDimensions).
            Default: the service's.
        margin_dimensions: Pixels added around each patch, half on each side, (width, height) or one number
            (kernelSize). Default: none.
        compress: Compress the files with gzip (compressed). Default False.
        max_size_bytes: The size in bytes after which a new file is begun (maxFileSize). Default 1 GiB.
        default_value: The value of masked pixels (defaultValue). Default 0.
        tensor_depths: The depth of the tensor of each array band, by the band's name (tensorDepths).
        sequence_data: Write each patch as a SequenceExample, each pixel a step (sequenceData). Default False.
        collapse_bands: Write all bands as one tensor of three dimensions (collapseBands). Default False.
        max_masked_ratio: Leave out patches of which a larger share is masked, 0 to 1 (maskedThreshold).
            Default 1: keep all.
        extra_body: Fields of the API that this class lacks, as JSON; merged into its own. Default: none.

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    file_format: ClassVar[str] = "TF_RECORD_IMAGE"
    options_field: ClassVar[str] = "tfRecordOptions"

    tile_dimensions: tuple[int, int] | None = field(
        default=None, converter=optional(plain.pair), metadata=GRID_DIMENSIONS
    )
    margin_dimensions: tuple[int, int] | None = field(
        default=None, converter=optional(plain.pair), metadata=GRID_DIMENSIONS
    )
    compress: bool | None = field(default=None, converter=optional(plain.flag), metadata=FLAG)
    max_size_bytes: int | None = field(default=None, converter=optional(plain.count), metadata=INT64)
    default_value: float | None = field(default=None, converter=optional(plain.real))
    tensor_depths: Mapping[str, int] | None = field(default=None, converter=optional(_depths), metadata=MAP)
    sequence_data: bool | None = field(default=None, converter=optional(plain.flag), metadata=FLAG)
    collapse_bands: bool | None = field(default=None, converter=optional(plain.flag), metadata=FLAG)
    max_masked_ratio: float | None = field(default=None, converter=optional(_ratio))


FileFormat = GeoTiff | TfRecord
"""The two formats that an image can be exported in."""
