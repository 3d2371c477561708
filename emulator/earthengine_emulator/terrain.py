"""Slope, aspect and hillshade, in the pixels that are asked for and in metres on the ground."""

from dataclasses import replace
from typing import Any

import numpy as np
from pyproj import Geod

from earthengine_emulator.grids import WGS84, Floats, Grid, transformer
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.pixeltypes import of

_GEOD = Geod(ellps="WGS84")


def slope(image: Image) -> Image:
    """`Terrain.slope`: the steepness in degrees, 0 to 90."""
    return replace(image, bands=(_band(image, "slope", np.float32, _slope),))


def aspect(image: Image) -> Image:
    """`Terrain.aspect`: where the slope faces, in degrees from north over east; masked where it is flat."""
    return replace(image, bands=(_band(image, "aspect", np.float32, _aspect),))


def hillshade(image: Image, azimuth: float | None = None, elevation: float | None = None) -> Image:
    """`Terrain.hillshade`: how bright the slope is, 0 to 255, in the light of a sun.

    Args:
        image: Heights in metres; the first band is taken.
        azimuth: Where the light comes from, in degrees from north over east; 270 by default.
        elevation: How high the sun stands, in degrees; 45 by default.
    """
    sun = np.radians(270 if azimuth is None else azimuth)
    zenith = np.radians(90 - (45 if elevation is None else elevation))

    def shade(east: Floats, north: Floats) -> Floats:
        steepness, facing = np.arctan(np.hypot(east, north)), np.arctan2(-east, -north)
        lit = np.cos(zenith) * np.cos(steepness) + np.sin(zenith) * np.sin(steepness) * np.cos(sun - facing)
        return np.asarray(np.clip(lit, 0, 1) * 255)

    return replace(image, bands=(_band(image, "hillshade", np.uint8, shade),))


def products(image: Image) -> Image:
    """`Terrain.products`: the heights, slope, aspect and hillshade."""
    return replace(image, bands=(*image.bands, *(f(image).bands[0] for f in (slope, aspect, hillshade))))


def _slope(east: Floats, north: Floats) -> Floats:
    return np.degrees(np.arctan(np.hypot(east, north)))


def _aspect(east: Floats, north: Floats) -> Floats:
    facing = np.degrees(np.arctan2(-east, -north)) % 360
    return np.where((east == 0) & (north == 0), np.nan, facing)


def _band(image: Image, name: str, dtype: Any, of_gradient: Any) -> Band:
    def compute(grid: Grid, _: Grid, heights: Pixels) -> Pixels:
        z, missing = heights.data.astype(float), np.ma.getmaskarray(heights)
        along_columns = (z[1:-1, 2:] - z[1:-1, :-2]) / 2
        along_rows = (z[2:, 1:-1] - z[:-2, 1:-1]) / 2
        mask = (
            missing[1:-1, 1:-1]
            | missing[1:-1, 2:]
            | missing[1:-1, :-2]
            | missing[2:, 1:-1]
            | missing[:-2, 1:-1]
        )
        # The gradient by coordinates from the one by pixels: the transform may turn and shear.
        t, (east_metres, north_metres) = grid.transform, _metres(grid)
        east = (t.e * along_columns - t.d * along_rows) / t.determinant / east_metres
        north = (t.a * along_rows - t.b * along_columns) / t.determinant / north_metres
        data = of_gradient(east, north)
        return np.ma.MaskedArray(np.nan_to_num(data).astype(dtype), mask | np.isnan(data))

    return Band(name, of(dtype), compute, (image.bands[0],), lambda grid: grid.padded)


def _metres(grid: Grid) -> tuple[Floats, Floats]:
    """The metres on the ground of a unit of the reference system, eastwards and northwards, by row."""
    x, y = (axis[:, grid.width // 2 : grid.width // 2 + 1] for axis in grid.centres())
    to_degrees = transformer(grid.crs, WGS84.crs)
    half_x = max(abs(grid.transform.a), abs(grid.transform.b)) / 2
    half_y = max(abs(grid.transform.e), abs(grid.transform.d)) / 2

    def length(dx: float, dy: float) -> Floats:
        start, end = to_degrees.transform(x - dx, y - dy), to_degrees.transform(x + dx, y + dy)
        return np.asarray(_GEOD.inv(*start, *end)[2]) / (2 * (dx + dy))

    return length(half_x, 0), length(0, half_y)
