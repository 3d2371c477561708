"""Where pixels are: reference systems, transforms, and rectangles of pixels and of coordinates."""

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from earthengine_emulator.errors import ExportError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
METRES_PER_DEGREE = 111319.49079327358
# What Earth Engine knows beside EPSG's: MODIS's sinusoidal grid, by the names that scripts give it.
_SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
_OTHER_CODES = {"SR-ORG:6974": _SINUSOIDAL, "SR-ORG:6842": _SINUSOIDAL}


@lru_cache(maxsize=256)
def parse_crs(text: str) -> CRS:
    """A coordinate reference system from a code or WKT.

    Raises:
        ExportError: It is not known.
    """
    try:
        return CRS.from_user_input(_OTHER_CODES.get(text, text))
    except CRSError:
        raise ExportError(
            f"Projection: The CRS of a map projection could not be parsed: {text[:100]!r}."
        ) from None


@lru_cache(maxsize=256)
def transformer(source: CRS, target: CRS) -> Transformer:
    """From one reference system to another, x before y."""
    return Transformer.from_crs(source, target, always_xy=True)


def converted(source: CRS, target: CRS, x: object, y: object) -> tuple[Floats, Floats]:
    """Arrays of coordinates in another reference system."""
    given = np.asarray(x, float), np.asarray(y, float)
    change = transformer(source, target).transform
    if given[0].size == 1:  # older versions of pyproj warn where an array has one element
        found = change(*(axis.item() for axis in given))
        return np.full(given[0].shape, found[0]), np.full(given[0].shape, found[1])
    east, north = change(*given)
    return np.asarray(east, float), np.asarray(north, float)


def project(x: object, y: object, source: CRS, target: CRS) -> tuple[Floats, Floats]:
    """Coordinates in another reference system, continuous where they run over the antimeridian."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    if source == target:
        return x, y
    east, north = converted(source, target, x, y)
    if target.is_geographic:
        return (np.unwrap(east, period=360) if east.ndim == 1 else east), north
    turn = _turn(target) if source.is_geographic else None
    if turn is not None:
        # A cylinder's width is a turn: what lies a turn further east is put there.
        width, middle = turn
        east = east + np.round((x - middle - east / width * 360) / 360) * width
    return east, north


@lru_cache(maxsize=256)
def _turn(crs: CRS) -> tuple[float, float] | None:
    """The width of the world in a cylindrical projection and the longitude at its middle."""
    middle = transformer(crs, WGS84.crs).transform(0, 0)[0]
    t = transformer(WGS84.crs, crs)
    quarter, high = (t.transform(middle + 90, at)[0] - t.transform(middle, at)[0] for at in (0, 60))
    half = t.transform(middle + 179, 0)[0] - t.transform(middle, 0)[0]
    cylindrical = math.isfinite(half) and abs(quarter - high) < 1e-6 * abs(quarter)
    return (4 * quarter, middle) if cylindrical and abs(half - quarter * 179 / 90) < 1e-3 else None


@lru_cache(maxsize=256)
def code_of(crs: CRS) -> str:
    """The code of a reference system where it has one, or its WKT."""
    authority = crs.to_authority(min_confidence=100)
    if authority:
        return ":".join(authority)
    return next((code for code in _OTHER_CODES if parse_crs(code) == crs), crs.to_wkt("WKT1_GDAL"))


@dataclass(frozen=True)
class Projection:
    """A reference system and the pixels laid over it."""

    crs: CRS
    transform: Affine

    @property
    def metres(self) -> float:
        """The nominal side of a pixel, in metres."""
        return math.sqrt(abs(self.transform.determinant)) * metres_per_unit(self.crs)

    @property
    def code(self) -> str:
        """The code or WKT of the reference system."""
        return code_of(self.crs)

    def at(self, metres: float) -> "Projection":
        """The same grid with pixels of another nominal side."""
        factor = metres / self.metres
        return self if abs(factor - 1) < 1e-9 else self.coarser(factor)

    def coarser(self, factor: float) -> "Projection":
        """The same grid with pixels of so many times the side."""
        return Projection(self.crs, self.transform @ Affine.scale(factor))


def metres_per_unit(crs: CRS) -> float:
    """The nominal length of a unit of the reference system."""
    if crs.is_geographic:
        return METRES_PER_DEGREE
    return float(crs.axis_info[0].unit_conversion_factor)


def apply(transform: Affine, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """A transform of arrays of coordinates."""
    a, b, c, d, e, f = transform[:6]
    return a * x + b * y + c, d * x + e * y + f


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
        return apply(self.transform, columns, rows)

    def edge(self, points: int = 21) -> tuple[Floats, Floats]:
        """Coordinates around it, along its four sides."""
        columns, rows = _round(points)
        columns, rows = columns * self.width, rows * self.height
        return apply(self.transform, columns, rows)


def _round(points: int) -> tuple[Floats, Floats]:
    """Positions around the unit square, so many on each side."""
    t = np.linspace(0, 1, points)
    low, high = np.zeros(points), np.ones(points)
    return np.concatenate([t, high, t[::-1], low]), np.concatenate([low, t, high, t[::-1]])


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
        x, y = _round(33)
        x = self.west + (self.east - self.west) * x
        y = self.south + (self.north - self.south) * y
        return bounds_in_pixels(x, y, self.crs, projection)

    def to(self, crs: CRS) -> "Box":
        """The bounds of this box in another reference system."""
        if crs == self.crs:
            return self
        west, south, east, north = self.in_pixels(Projection(crs, Affine.identity()))
        return Box(crs, west, south, east, north)

    def union(self, other: "Box") -> "Box":
        """The box around both, in this one's reference system."""
        other = self._beside(other.to(self.crs))
        west, south = min(self.west, other.west), min(self.south, other.south)
        return Box(self.crs, west, south, max(self.east, other.east), max(self.north, other.north))

    def intersection(self, other: "Box") -> "Box":
        """What both cover, as a box in this one's reference system.

        Raises:
            ExportError: Nothing.
        """
        other = self._beside(other.to(self.crs))
        if self.crs.is_geographic and other.east - other.west > 360 - 1e-6:
            other = replace(other, west=self.west, east=self.east)
        west, south = max(self.west, other.west), max(self.south, other.south)
        east, north = min(self.east, other.east), min(self.north, other.north)
        if west >= east or south >= north:
            raise ExportError("The image is empty: its footprint and the region do not meet.")
        return Box(self.crs, west, south, east, north)

    def _beside(self, other: "Box") -> "Box":
        """A box of longitudes, moved by whole turns to where it meets this one, or comes nearest."""
        if not self.crs.is_geographic:
            return other
        turns = round((self.west + self.east - other.west - other.east) / 720)
        return replace(other, west=other.west + 360 * turns, east=other.east + 360 * turns)


def bounds_in_pixels(
    x: Floats, y: Floats, crs: CRS, projection: Projection
) -> tuple[float, float, float, float]:
    """The least column and row of some points and the greatest, in a projection's pixels."""
    x, y = project(x, y, crs, projection.crs)
    columns, rows = apply(~projection.transform, x, y)
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


def places(grid: Grid, projection: Projection) -> tuple[Floats, Floats]:
    """Where the centres of a grid's pixels lie in a projection's pixels, columns and rows.

    Around the earth, columns begin at the first one of the projection. Where a centre has no place, it is
    given one far outside.
    """
    x, y = grid.centres()
    if grid.crs != projection.crs:
        x, y = converted(grid.crs, projection.crs, x, y)
    columns, rows = apply(~projection.transform, np.asarray(x), np.asarray(y))
    columns, rows = (np.clip(np.nan_to_num(at, nan=-1e9), -1e9, 1e9) for at in (columns, rows))
    turn = around(projection)
    if turn:
        turned = columns % turn
        turned = np.where(turned > turn - 1e-6, turned - turn, turned)
        columns = np.where(columns <= -1e9, columns, turned)
    return columns, rows


def around(projection: Projection) -> float | None:
    """How many columns make a turn around the earth, where they do."""
    t = projection.transform
    return 360 / abs(t.a) if projection.crs.is_geographic and not t.b and not t.d else None


def positions(grid: Grid, projection: Projection) -> tuple[Integers, Integers]:
    """The columns and rows of a projection's pixels that the centres of a grid's pixels fall in."""
    # A centre that lies on an edge but for rounding belongs to the pixel right or below.
    columns, rows = (np.floor(at + 1e-9).astype(np.int64) for at in places(grid, projection))
    return columns, rows
