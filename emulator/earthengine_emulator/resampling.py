"""From the pixels of one grid to those of another: the nearest one, interpolated, or all of them reduced."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import (
    Floats,
    Grid,
    Projection,
    around,
    bounds_in_pixels,
    covering,
    places,
    positions,
)
from earthengine_emulator.images import Band, Pixels, pick
from earthengine_emulator.pixeltypes import FLOAT

MAX_INTERMEDIATE_PIXELS = 10**8
# How far the pixels reach that each mode mixes.
REACH = {"bilinear": 1, "bicubic": 2}


def covered(grid: Grid, projection: Projection, margin: int = 0) -> Grid:
    """The pixels of a projection that a grid lies on, and some more on each side.

    Raises:
        ExportError: They are too many.
    """
    left, top, right, bottom = bounds_in_pixels(*grid.edge(), grid.crs, projection)
    turn = around(projection)
    if turn and right - left >= turn:
        left, right = 0, turn
    bounds = left - margin, top - margin, right + margin, bottom + margin
    found = covering(bounds, projection)
    if found.width * found.height > MAX_INTERMEDIATE_PIXELS:
        raise ExportError(f"Reprojection output too large ({found.width}x{found.height} pixels).")
    return found


def reprojected(band: Band, projection: Projection) -> Band:
    """A band that is computed in the pixels of a projection, whatever grid is asked for."""

    def compute(grid: Grid, source: Grid, pixels: Pixels) -> Pixels:
        columns, rows = positions(grid, source.projection)
        return pick(pixels, rows, columns)

    return Band(band.name, band.type, compute, (band,), lambda grid: covered(grid, projection))


def level_of(grid: Grid, projection: Projection) -> int:
    """The level of a pyramid that is not coarser than a grid; each has pixels of twice the side."""
    return max(0, math.floor(math.log2(grid.projection.metres / projection.metres) + 1e-6))


def interpolated(band: Band, projection: Projection, mode: str) -> Band:
    """A band whose pixels in other projections, or at other scales, are interpolated between its own.

    Args:
        band: The band.
        projection: Where its own pixels are.
        mode: "bilinear" or "bicubic" (Catmull-Rom). Masked pixels do not take part, and where the nearest
            one is masked so is the result.
    """
    reach = REACH[mode]

    def demand(grid: Grid) -> Grid:
        return covered(grid, projection.coarser(2 ** level_of(grid, projection)), reach + 1)

    def compute(grid: Grid, source: Grid, pixels: Pixels) -> Pixels:
        columns, rows = places(grid, source.projection)
        turn = around(source.projection)
        whole_turn = turn is not None and source.width >= turn - 0.5
        total, weight = np.zeros(rows.shape), np.zeros(rows.shape)
        left, top = np.floor(columns - 0.5).astype(np.int64), np.floor(rows - 0.5).astype(np.int64)
        for down in range(1 - reach, 1 + reach):
            vertical = _weight(rows - 0.5 - (top + down), mode)
            for along in range(1 - reach, 1 + reach):
                at = left + along
                part = pick(pixels, top + down, at % source.width if whole_turn else at)
                share = vertical * _weight(columns - 0.5 - (left + along), mode)
                share = np.where(np.ma.getmaskarray(part), 0, share)
                total += share * np.where(share != 0, part.data, 0)
                weight += share
        nearest = pick(
            pixels, np.floor(rows + 1e-9).astype(np.int64), np.floor(columns + 1e-9).astype(np.int64)
        )
        mask = np.ma.getmaskarray(nearest) | (np.abs(weight) < 1e-9)
        return np.ma.MaskedArray((total / np.where(mask, 1, weight)).astype(kind.dtype), mask)

    kind = (
        band.type if band.type.precision != "int" else replace(FLOAT, low=band.type.low, high=band.type.high)
    )
    return Band(band.name, kind, compute, (band,), demand)


def _weight(distance: Floats, mode: str) -> Any:
    d = np.abs(distance)
    if mode == "bilinear":
        return np.maximum(0, 1 - d)
    near, far = (1.5 * d - 2.5) * d * d + 1, ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))
