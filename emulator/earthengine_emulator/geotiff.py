"""Pixels as GeoTIFF files."""

import math
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.errors import NotGeoreferencedWarning

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Image, Pixels, render

BLOCK = 512  # pixels are computed in squares of this side, so that memory stays bounded
# A larger image is split into squares whose pixels have just about as many bytes, in steps of a shard. These
# are the names seen in public: ...-0000046592 of one byte a pixel, 32768 of two, 23296 of four, 13568 of 12.
FILE_BYTES = 2**31
SHARD = 256


def write_geotiffs(
    folder: Path, image: Image, grid: Grid, options: dict[str, Any], tags: dict[str, str] | None = None
) -> Iterator[tuple[str, Path]]:
    """Compute pixels and write them.

    Args:
        folder: Where the files are made.
        image: What to compute.
        grid: Its pixels.
        options: The request's geoTiffOptions.
        tags: What else the files say of themselves.

    Yields:
        What is added to the export's name for each file, and the file.

    Raises:
        ExportError: The noData value does not suit the pixels.
    """
    depth = sum(band.dtype.itemsize for band in image.bands)
    for number, (suffix, part) in enumerate(parts(grid, options, depth)):
        path = folder / f"{number}.tif"
        if write_geotiff(path, image, part, options, tags or {}):
            yield f"{suffix}.tif", path


def parts(grid: Grid, options: dict[str, Any], depth: int) -> Iterator[tuple[str, Grid]]:
    """The files that an export is split into: what is added to their names, and their pixels.

    Args:
        grid: All pixels.
        options: The request's geoTiffOptions.
        depth: The bytes of a pixel, all bands together.
    """
    size = options.get("tileDimensions")
    if size is None:
        side = math.ceil(math.sqrt(FILE_BYTES / depth) / SHARD) * SHARD
        fits = grid.width * grid.height * depth <= FILE_BYTES
        size = {"width": grid.width, "height": grid.height} if fits else {"width": side, "height": side}
    if size["width"] >= grid.width and size["height"] >= grid.height:
        yield "", grid
        return
    for row in range(0, grid.height, size["height"]):
        for column in range(0, grid.width, size["width"]):
            height, width = min(size["height"], grid.height - row), min(size["width"], grid.width - column)
            yield f"{row:010}-{column:010}", grid.window(row, column, height, width)


def blocks(grid: Grid, side: int = BLOCK) -> Iterator[tuple[int, int, Grid]]:
    """A grid in squares: row, column and pixels of each."""
    for row in range(0, grid.height, side):
        for column in range(0, grid.width, side):
            yield (
                row,
                column,
                grid.window(row, column, min(side, grid.height - row), min(side, grid.width - column)),
            )


def write_geotiff(
    path: Path, image: Image, grid: Grid, options: dict[str, Any], tags: dict[str, str]
) -> bool:
    """Compute pixels and write them; False where all are masked and such files are to be skipped."""
    dtype = image.bands[0].dtype
    no_data = _no_data(options, dtype)
    tile = math.ceil(min(options.get("tileSize", 256), 4096) / 16) * 16
    if options.get("cloudOptimized"):
        layout = {"driver": "GTiff", "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": None}
    else:
        layout = {"driver": "GTiff", "tiled": True, "blockxsize": tile, "blockysize": tile}
    empty = True
    # The driver of cloud-optimized files copies whole files; rasterio would keep this one in memory for it.
    written = path.with_suffix(".plain") if options.get("cloudOptimized") else path
    with (
        quiet(grid),
        rasterio.open(
            written,
            "w",
            count=len(image.bands),
            dtype=dtype.name,
            nodata=no_data,
            **(profile(grid) | layout),
        ) as target,
    ):
        for row, column, block in blocks(grid):
            window = rasterio.windows.Window(column, row, block.width, block.height)
            for index, pixels in enumerate(render(image.bands, block), 1):
                empty = empty and bool(np.ma.getmaskarray(pixels).all())
                target.write(_filled(pixels, dtype, no_data), index, window=window)
        for index, name in enumerate(image.names, 1):
            target.set_band_description(index, name)
        target.update_tags(**tags)
    kept = not (empty and options.get("skipEmptyFiles"))
    if kept and written != path:
        with quiet(grid):
            rasterio.shutil.copy(
                written, path, driver="COG", compress="LZW", blocksize=512, bigtiff="IF_SAFER"
            )
    if not kept or written != path:
        written.unlink()
    return kept


def profile(grid: Grid, tiled: int = 0) -> dict[str, Any]:
    """How rasterio is told of a file with a grid's pixels, in tiles of a side where one is given."""
    tiles = {"tiled": True, "blockxsize": tiled, "blockysize": tiled} if tiled else {}
    return {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "crs": rasterio.CRS.from_wkt(grid.crs.to_wkt()),
        "transform": grid.transform,
        "compress": "LZW",
        "bigtiff": "IF_SAFER",
        **tiles,
    }


def quiet(grid: Grid) -> AbstractContextManager[Any]:
    """Rasterio warns of a transform of single units, though GeoTIFF keeps it."""
    units = [abs(value) for value in grid.transform[:6]] == [1, 0, 0, 0, 1, 0]
    return (
        warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning) if units else nullcontext()
    )


def _filled(pixels: Pixels, dtype: np.dtype[Any], no_data: float | None) -> Any:
    # Without a noData value the service leaves NaN in floating point files, and 0 in others.
    fill = (np.nan if dtype.kind == "f" else 0) if no_data is None else no_data
    return np.where(np.ma.getmaskarray(pixels), np.array(fill).astype(dtype), pixels.data).astype(dtype)


def _no_data(options: dict[str, Any], dtype: np.dtype[Any]) -> float | None:
    given = options.get("noData")
    if given is None:
        return None
    if "floatValue" not in given:
        raise ExportError("GeoTIFF noData takes only a floatValue.")
    value = float(given["floatValue"])
    if dtype.kind != "f" and not (value.is_integer() and np.iinfo(dtype).min <= value <= np.iinfo(dtype).max):
        raise ExportError(f"The noData value {value} cannot be represented in {dtype.name}.")
    return value
