"""The pixels of a GeoTIFF at the level of its pyramid that suits a grid.

A pixel of a level is made of two by two of the level below, by the asset's policy.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from earthengine_emulator.grids import Grid, Projection, positions
from earthengine_emulator.images import Pixels, pick
from earthengine_emulator.resampling import level_of

CHUNK = 2**24  # pixels that are read at a time, about
Policy = Callable[[Pixels], Any]


def _mean(fours: Pixels) -> Any:
    found = np.ma.mean(fours.astype(float), axis=-1)
    # Halves go up in the asset's own type.
    return np.ma.floor(found + 0.5) if fours.dtype.kind in "iu" else found


def _mode(fours: Pixels) -> Any:
    """The most frequent of four; of equally frequent ones the least."""
    data, valid = fours.data, ~np.ma.getmaskarray(fours)
    same = (data[..., :, None] == data[..., None, :]) & valid[..., None, :]
    counts = np.where(valid, same.sum(-1), 0)
    most = counts == counts.max(-1, keepdims=True)
    candidates = np.ma.MaskedArray(data, ~(most & valid))
    return np.ma.min(candidates, axis=-1)


POLICIES: dict[str, Policy] = {
    "MEAN": _mean,
    "SAMPLE": lambda fours: fours[..., 0],
    "MIN": lambda fours: np.ma.min(fours, axis=-1),
    "MAX": lambda fours: np.ma.max(fours, axis=-1),
    "MEDIAN": lambda fours: np.ma.median(fours, axis=-1),
    "MODE": _mode,
    "PYRAMIDING_POLICY_UNSPECIFIED": _mean,
}


def halved(pixels: Pixels, policy: Policy) -> Pixels:
    """The next level; a last row or column that fills no pixel of it is left out."""
    height, width = (size // 2 for size in pixels.shape)
    even = pixels[: height * 2, : width * 2]
    fours = np.ma.stack([even[0::2, 0::2], even[0::2, 1::2], even[1::2, 0::2], even[1::2, 1::2]], axis=-1)
    found = policy(fours)
    return np.ma.MaskedArray(np.ma.getdata(found).astype(pixels.dtype), np.ma.getmaskarray(found))


def reader(
    path: Path,
    index: int,
    projection: Projection,
    size: tuple[int, int],
    policy: Policy,
    mask: int | None = None,
) -> Callable[[Grid, Grid], Pixels]:
    """What computes a band of a file on a grid: the nearest pixels of the level that is not coarser.

    Args:
        path: The GeoTIFF.
        index: The band's number in it, from 1.
        projection: Its pixels.
        size: Their number, width and height.
        policy: What makes a pixel of the next level of four.
        mask: The number of the band that is its mask, 0 where there is no pixel; else the file has one.
    """

    def compute(grid: Grid, _: Grid) -> Pixels:
        level = level_of(grid, projection)
        step = 2**level
        columns, rows = positions(grid, projection.coarser(step))
        width, height = (count // step for count in size)
        found = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        if not found.any():
            return np.ma.MaskedArray(np.zeros(rows.shape, _dtype(path, index)), True)
        left, right = int(columns[found].min()), int(columns[found].max()) + 1
        top, bottom = int(rows[found].min()), int(rows[found].max()) + 1
        lines = max(1, CHUNK // ((right - left) * step * step))
        chunks = []
        for start in range(top, bottom, lines):
            stop = min(bottom, start + lines)
            part = _read(path, index, mask, left * step, start * step, right * step, stop * step)
            for _level in range(level):
                part = halved(part, policy)
            chunks.append(part)
        return pick(np.ma.concatenate(chunks) if len(chunks) > 1 else chunks[0], rows - top, columns - left)

    return compute


def _dtype(path: Path, index: int) -> Any:
    import rasterio

    with rasterio.open(path) as source:
        return source.dtypes[index - 1]


def _read(path: Path, index: int, mask: int | None, *corners: int) -> Pixels:
    import rasterio
    from rasterio.windows import Window

    left, top, right, bottom = corners
    window = Window(left, top, right - left, bottom - top)
    with rasterio.open(path) as source:
        pixels: Pixels = source.read(index, window=window, masked=mask is None)
        if mask is not None:
            pixels = np.ma.MaskedArray(pixels, source.read(mask, window=window) == 0)
    if pixels.dtype.kind == "f":
        pixels = np.ma.MaskedArray(pixels.data, np.ma.getmaskarray(pixels) | np.isnan(pixels.data))
    return pixels
