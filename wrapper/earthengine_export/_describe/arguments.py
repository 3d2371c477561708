"""The types of an export's arguments, for `replace`, which takes any of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from .. import rest
from .destinations import Destination
from .formats import FileFormat
from .graphs import JsonObject
from .grid import Crs, PixelGrid, SupportsAffine, SupportsGrid
from .placement import Computed
from .reading import ImageLike
from .regions import Region


class ExportChanges(TypedDict, total=False):
    """The arguments of `ImageExport`, any of them, for type checkers."""

    image: ImageLike
    to: Destination | rest.ImageFileExportOptions | rest.ImageAssetExportOptions
    file_format: FileFormat | None
    description: str | None
    region: Region | None
    scale: float | Computed | None
    crs: Crs | Computed | None
    crs_transform: Sequence[object] | str | SupportsAffine | Computed | None
    dimensions: int | str | Sequence[object] | Computed | None
    grid: PixelGrid | rest.PixelGrid | SupportsGrid | None
    max_pixels: float | None
    priority: int | None
    workload_tag: str | None
    request_id: str | None
    extra_body: JsonObject | None
