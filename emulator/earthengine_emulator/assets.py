"""Assets: GeoTIFFs under a folder, named as in Earth Engine's catalogue."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.windows import Window

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Box, Grid, Projection, parse_crs, positions
from earthengine_emulator.images import Band, Image, Pixels, pick


def inside(folder: Path, name: str) -> Path:
    """The path of a name under a folder.

    Raises:
        ExportError: The name would lead out of it.
    """
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise ExportError(f"Invalid name {name!r}: it has an empty part, '.', '..' or a backslash.")
    return folder.joinpath(*parts)


class Assets:
    """The folders in which assets are looked for, in order."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders

    def load(self, asset_id: str, _version: float | None = None) -> Image:
        """`Image.load`: the GeoTIFF `FOLDER/<id>.tif`.

        Raises:
            ExportError: There is none, or it cannot be read.
        """
        for folder in self._folders:
            path = inside(folder, f"{asset_id}.tif")
            if path.is_file():
                return _open(path)
        raise ExportError(
            f"Image.load: Image asset '{asset_id}' not found (does not exist or caller does not have access)."
        )


def _open(path: Path) -> Image:
    with rasterio.open(path) as source:
        if source.crs is None:
            raise ExportError(f"Image.load: {path.name} has no coordinate reference system.")
        projection = Projection(parse_crs(source.crs.to_wkt()), source.transform)
        bands = tuple(
            Band(name or f"b{index}", np.dtype(dtype), _reader(path, index, projection))
            for index, name, dtype in zip(source.indexes, source.descriptions, source.dtypes, strict=True)
        )
        footprint = Box(projection.crs, *source.bounds)
    return Image(bands, projection, footprint)


def _reader(path: Path, index: int, projection: Projection) -> Callable[[Grid, Grid], Pixels]:
    def compute(grid: Grid, _: Grid) -> Pixels:
        """The nearest pixels, of the pyramid's level that is not coarser than the grid."""
        level = max(0, math.floor(math.log2(grid.projection.metres / projection.metres) + 1e-6))
        step = 2**level
        columns, rows = (at // step for at in positions(grid, projection))
        with rasterio.open(path) as source:
            # Pixels at the right and the bottom that do not fill one of this level are left out.
            height, width = source.height // step, source.width // step
            found = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
            if not found.any():
                return np.ma.MaskedArray(np.zeros(rows.shape, source.dtypes[index - 1]), True)
            left, right = int(columns[found].min()), int(columns[found].max()) + 1
            top, bottom = int(rows[found].min()), int(rows[found].max()) + 1
            pixels = source.read(
                index,
                window=Window(left * step, top * step, (right - left) * step, (bottom - top) * step),
                out_shape=(bottom - top, right - left),
                resampling=Resampling.average if level else Resampling.nearest,
                masked=True,
                boundless=False,
            )
        return pick(pixels, rows - top, columns - left)

    return compute
