"""Lazy images: what a band holds is computed for the grid of pixels that somebody asks for.

As in Earth Engine, nothing has a resolution of its own until it is asked: an export asks for its grid, each band
asks its inputs for the grid that it needs, and only a loaded asset or a reprojection turns to another grid.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from earthengine_emulator.operations import ExportError

Pixels = np.ma.MaskedArray[Any, Any]
Floats = npt.NDArray[np.float64]
METRES_PER_DEGREE = 111319.49079327358
MAX_INTERMEDIATE_PIXELS = 10**8


@lru_cache(maxsize=256)
def parse_crs(text: str) -> CRS:
    """A coordinate reference system from a code or WKT.

    Raises:
        ExportError: It is not known.
    """
    try:
        return CRS.from_user_input(text)
    except CRSError:
        raise ExportError(
            f"Projection: The CRS of a map projection could not be parsed: {text[:100]!r}."
        ) from None


@lru_cache(maxsize=256)
def transformer(source: CRS, target: CRS) -> Transformer:
    """From one reference system to another, x before y."""
    return Transformer.from_crs(source, target, always_xy=True)


@dataclass(frozen=True)
class Projection:
    """A reference system and the pixels laid over it."""

    crs: CRS
    transform: Affine

    @property
    def metres(self) -> float:
        """The nominal side of a pixel, in metres."""
        return math.sqrt(abs(self.transform.determinant)) * metres_per_unit(self.crs)


def metres_per_unit(crs: CRS) -> float:
    """The nominal length of a unit of the reference system."""
    if crs.is_geographic:
        return METRES_PER_DEGREE
    return float(crs.axis_info[0].unit_conversion_factor)


WGS84 = Projection(parse_crs("EPSG:4326"), Affine(1, 0, -180, 0, -1, 90))


@dataclass(frozen=True, eq=False)
class Grid:
    """A rectangle of pixels. Compared by identity."""

    projection: Projection
    width: int
    height: int

    @property
    def crs(self) -> CRS:
        """The reference system."""
        return self.projection.crs

    @property
    def transform(self) -> Affine:
        """From pixels to coordinates."""
        return self.projection.transform

    @cached_property
    def padded(self) -> "Grid":
        """The grid with one more pixel on each side."""
        return self.window(-1, -1, self.height + 2, self.width + 2)

    def window(self, row: int, column: int, height: int, width: int) -> "Grid":
        """A part of it."""
        moved = self.transform @ Affine.translation(column, row)
        return Grid(Projection(self.crs, moved), width, height)

    def centres(self) -> tuple[Floats, Floats]:
        """The coordinates of the centres of the pixels, each of the grid's shape."""
        columns, rows = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        x, y = self.transform @ (columns, rows)
        return x, y

    def edge(self, points: int = 21) -> tuple[Floats, Floats]:
        """Coordinates along its four sides."""
        t = np.linspace(0, 1, points)
        columns = np.concatenate([t, np.ones(points), t, np.zeros(points)]) * self.width
        rows = np.concatenate([np.zeros(points), t, np.ones(points), t]) * self.height
        x, y = self.transform @ (columns, rows)
        return x, y


@dataclass(frozen=True)
class Box:
    """The bounds of an image or geometry in a reference system."""

    crs: CRS
    west: float
    south: float
    east: float
    north: float

    def in_pixels(self, projection: Projection) -> tuple[float, float, float, float]:
        """The least column and row and the greatest, in a projection's pixels."""
        t = np.linspace(0, 1, 33)
        low, high = np.zeros_like(t), np.ones_like(t)
        x = self.west + (self.east - self.west) * np.concatenate([t, high, t, low])
        y = self.south + (self.north - self.south) * np.concatenate([low, t, high, t])
        return bounds_in_pixels(x, y, self.crs, projection)

    def to(self, crs: CRS) -> "Box":
        """The bounds of this box in another reference system."""
        if crs == self.crs:
            return self
        west, south, east, north = self.in_pixels(Projection(crs, Affine.identity()))
        return Box(crs, west, south, east, north)

    def intersection(self, other: "Box") -> "Box":
        """What both cover, as a box in this one's reference system.

        Raises:
            ExportError: Nothing.
        """
        other = other.to(self.crs)
        west, south = max(self.west, other.west), max(self.south, other.south)
        east, north = min(self.east, other.east), min(self.north, other.north)
        if west >= east or south >= north:
            raise ExportError("The image is empty: its footprint and the region do not meet.")
        return Box(self.crs, west, south, east, north)


def bounds_in_pixels(
    x: Floats, y: Floats, crs: CRS, projection: Projection
) -> tuple[float, float, float, float]:
    """The least column and row of some points and the greatest, in a projection's pixels."""
    if crs != projection.crs:
        x, y = transformer(crs, projection.crs).transform(x, y)
    columns, rows = ~projection.transform @ (np.asarray(x), np.asarray(y))
    found = float(columns.min()), float(rows.min()), float(columns.max()), float(rows.max())
    if not all(math.isfinite(value) for value in found):
        raise ExportError("A region cannot be expressed in the projection of the image.")
    return found


def covering(bounds: tuple[float, float, float, float], projection: Projection) -> Grid:
    """The smallest grid of whole pixels of a projection that covers bounds given in its pixels."""
    # What misses a pixel's edge by rounding alone must not cost another row.
    left, top = (math.floor(value + 1e-6) for value in bounds[:2])
    right, bottom = (math.ceil(value - 1e-6) for value in bounds[2:])
    return Grid(projection, 0, 0).window(top, left, max(bottom - top, 1), max(right - left, 1))


def _same(grid: Grid) -> Grid:
    return grid


@dataclass(frozen=True, eq=False)
class Band:
    """One band: how it is computed on a grid from its inputs on the grid that it demands.

    Attributes:
        name: The name.
        dtype: The type of its pixels.
        compute: Takes the grid, the demanded grid and each input's pixels on that; returns pixels.
        inputs: The bands that it is computed from.
        demand: The grid on which it needs them.
    """

    name: str
    dtype: np.dtype[Any]
    compute: Callable[..., Pixels]
    inputs: tuple["Band", ...] = ()
    demand: Callable[[Grid], Grid] = _same


@dataclass(frozen=True)
class Image:
    """Some bands, the projection they come in by default, and the bounds of their pixels (None: unbounded)."""

    bands: tuple[Band, ...]
    projection: Projection = WGS84
    footprint: Box | None = None
    properties: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of the bands."""
        return [band.name for band in self.bands]

    def renamed(self, names: Sequence[str]) -> "Image":
        """The same bands by other names."""
        bands = (replace(band, name=name) for band, name in zip(self.bands, names, strict=True))
        return replace(self, bands=tuple(bands))


def constant(value: float, name: str = "constant") -> Band:
    """A band that is the same everywhere, of the smallest type that holds it."""
    dtype = np.dtype(float) if isinstance(value, float) else np.min_scalar_type(value)

    def compute(grid: Grid, _: Grid) -> Pixels:
        return whole(np.full((grid.height, grid.width), value, dtype))

    return Band(name, dtype, compute)


def whole(data: npt.NDArray[Any]) -> Pixels:
    """Pixels of which none is masked."""
    return np.ma.MaskedArray(data, np.zeros(data.shape, bool))


def render(bands: Sequence[Band], grid: Grid) -> list[Pixels]:
    """Compute bands on a grid.

    Each band is computed once for each grid it is needed on, however many ask for it, and forgotten when the last
    has had it. Nothing recurses, so that a chain of ten thousand bands is no deeper than one of two.
    """
    order: list[tuple[Band, Grid]] = []
    demands: dict[tuple[Band, Grid], Grid] = {}
    uses = Counter((band, grid) for band in bands)
    todo = [((band, grid), False) for band in bands]
    while todo:
        key, inputs_ordered = todo.pop()
        if inputs_ordered:
            order.append(key)
        elif key not in demands:
            band, asked = key
            demands[key] = band.demand(asked)
            needed = [(source, demands[key]) for source in band.inputs]
            uses.update(needed)
            todo.append((key, True))
            todo.extend((need, False) for need in needed)
    pixels: dict[tuple[Band, Grid], Pixels] = {}
    for key in order:
        band, asked = key
        needed = [(source, demands[key]) for source in band.inputs]
        with np.errstate(all="ignore"):
            pixels[key] = band.compute(asked, demands[key], *(pixels[need] for need in needed))
        for need in needed:
            uses[need] -= 1
            if not uses[need]:
                del pixels[need]
    return [pixels[band, grid] for band in bands]


def positions(grid: Grid, projection: Projection) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The columns and rows of a projection's pixels that the centres of a grid's pixels fall in.

    Where a centre has no place in the projection, a position far outside.
    """
    x, y = grid.centres()
    if grid.crs != projection.crs:
        x, y = transformer(grid.crs, projection.crs).transform(x, y)
    columns, rows = ~projection.transform @ (np.asarray(x), np.asarray(y))
    # A centre that lies on an edge but for rounding belongs to the pixel right or below.
    found = [np.floor(np.clip(np.nan_to_num(at, nan=-1e9), -1e9, 1e9) + 1e-9) for at in (columns, rows)]
    return found[0].astype(np.int64), found[1].astype(np.int64)


def pick(source: Pixels, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Pixels:
    """The pixels at these positions; masked where they are outside."""
    height, width = source.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    at = np.where(inside, rows, 0), np.where(inside, columns, 0)
    return np.ma.MaskedArray(source.data[at], np.ma.getmaskarray(source)[at] | ~inside)


def reprojected(band: Band, projection: Projection) -> Band:
    """A band that is computed in the pixels of a projection, whatever grid is asked for."""

    def demand(grid: Grid) -> Grid:
        covered = covering(bounds_in_pixels(*grid.edge(), grid.crs, projection), projection)
        if covered.width * covered.height > MAX_INTERMEDIATE_PIXELS:
            raise ExportError(f"Reprojection output too large ({covered.width}x{covered.height} pixels).")
        return covered

    def compute(grid: Grid, source: Grid, pixels: Pixels) -> Pixels:
        columns, rows = positions(grid, source.projection)
        return pick(pixels, rows, columns)

    return Band(band.name, band.dtype, compute, (band,), demand)
