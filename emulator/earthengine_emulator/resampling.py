"""From the pixels of one grid to those of another: the nearest one, interpolated, or all of them reduced."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import (
    Floats,
    Grid,
    Projection,
    apply,
    around,
    bounds_in_pixels,
    covering,
    places,
    positions,
    project,
)
from earthengine_emulator.images import Band, Pixels, pick
from earthengine_emulator.pixeltypes import FLOAT
from earthengine_emulator.reducing import Reducer

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


def reduced_resolution(reducer: Reducer, most: int, output: int) -> Callable[..., Pixels]:
    """What computes an output of a reducer of all of a band's pixels that a pixel of the grid covers.

    Args:
        reducer: Takes each pixel for as much of the grid's pixel as it covers.
        most: How many pixels may be combined into one.
        output: The number of the output.
    """

    def compute(grid: Grid, source: Grid, pixels: Pixels) -> Pixels:
        # A pixel of the grid, as a rectangle of the band's pixels.
        columns, rows = places(grid, source.projection)
        half_width, half_height = _halves(grid, source.projection)
        left, top = columns - half_width, rows - half_height
        count_x, count_y = (int(np.ceil(2 * half - 1e-6)) + 1 for half in (half_width, half_height))
        if 4 * half_width * half_height > most:
            raise ExportError(
                "Image.reduceResolution: Too many input pixels per output pixel: "
                f"{4 * half_width * half_height:.0f} (max: {most}). Use bestEffort or raise maxPixels."
            )
        first_column, first_row = (np.floor(at + 1e-9).astype(np.int64) for at in (left, top))
        layers, weights = [], []
        for down in range(count_y):
            high = _overlap(first_row + down, top, top + 2 * half_height)
            for along in range(count_x):
                share = high * _overlap(first_column + along, left, left + 2 * half_width)
                layers.append(pick(pixels, first_row + down, first_column + along).ravel())
                weights.append(share.ravel() / (4 * half_width * half_height))
        stack = np.ma.stack(layers)
        stack = np.ma.MaskedArray(stack.data, np.ma.getmaskarray(stack) | (np.stack(weights) <= 1e-9))
        found = reducer([stack], np.stack(weights))[output]
        mask = np.ma.getmaskarray(found)
        return np.ma.MaskedArray(np.where(mask, 0, found.data), mask).reshape(grid.height, grid.width)

    return compute


def _overlap(first: Any, low: Any, high: Any) -> Any:
    return np.clip(np.minimum(first + 1, high) - np.maximum(first, low), 0, 1)


def _halves(grid: Grid, projection: Projection) -> tuple[float, float]:
    """Half the width and height of a grid's pixel in the middle, in a projection's pixels."""
    row, column = grid.height // 2, grid.width // 2
    middle = grid.window(row, column, 1, 1)
    x, y = apply(middle.transform, np.array([0.0, 1, 0.5, 0.5]), np.array([0.5, 0.5, 0, 1.0]))
    x, y = project(x, y, grid.crs, projection.crs)
    columns, rows = apply(~projection.transform, x, y)
    return float(np.ptp(columns)) / 2, float(np.ptp(rows)) / 2
