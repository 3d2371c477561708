"""Geometries of expressions: rings of coordinates in a reference system, with planar edges."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from pyproj import CRS
from rasterio.features import geometry_mask

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import WGS84, Box, Floats, Grid, Projection, transformer

# How deep the lists of coordinates of each type are; a position is 1.
DEPTHS = {
    "Point": 1,
    "MultiPoint": 2,
    "LineString": 2,
    "LinearRing": 2,
    "MultiLineString": 3,
    "Polygon": 3,
    "MultiPolygon": 4,
}


@dataclass(frozen=True)
class Geometry:
    """A geometry of one of GeoJSON's types, or several of them."""

    crs: CRS
    type: str
    coordinates: Any = None
    parts: tuple["Geometry", ...] = ()

    def __post_init__(self) -> None:
        if self.type in DEPTHS and _depth(self.coordinates) != DEPTHS[self.type]:
            raise ExportError(f"Invalid coordinates of a {self.type}: {str(self.coordinates)[:100]}.")
        for rings in self.rings():
            for ring in rings:
                np.array([position[:2] for position in ring], float)  # raises where they are no numbers

    def bounds_in(self, crs: CRS) -> Box:
        """The box around it in a reference system."""
        lines = [_line(ring, self.crs, crs) for rings in self.rings() for ring in rings]
        x, y = (np.concatenate(axis) for axis in zip(*lines, strict=True))
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise ExportError("A region cannot be expressed in the projection of the image.")
        return Box(crs, x.min(), y.min(), x.max(), y.max())

    def rings(self) -> Iterator[list[list[list[float]]]]:
        """Its polygons as lists of rings; of other geometries, each line is a ring."""
        for part in self.parts:
            yield from part.rings()
        depth = DEPTHS.get(self.type, 0)
        if depth == 4:
            yield from self.coordinates
        elif depth == 3:
            yield self.coordinates
        elif depth == 2:
            yield [self.coordinates]
        elif depth == 1:
            yield [[self.coordinates]]

    def mask(self, grid: Grid) -> Any:
        """True for the pixels of a grid whose centres lie outside."""
        polygons = []
        for rings in self.rings():
            lines = [np.column_stack(_line(ring, self.crs, grid.crs)).tolist() for ring in rings]
            polygons.append({"type": "Polygon", "coordinates": [line + line[:1] for line in lines]})
        return geometry_mask(polygons, (grid.height, grid.width), grid.transform)


def _line(ring: list[list[float]], source: CRS, target: CRS) -> tuple[Floats, Floats]:
    """A ring's positions in another reference system, with more of them along its edges where it differs."""
    ends = np.array([position[:2] for position in ring], float)
    if source == target:
        return ends[:, 0], ends[:, 1]
    closed = np.vstack([ends, ends[:1]])
    t = np.linspace(0, 1, 33)[:-1, None]
    points = np.concatenate([start + (end - start) * t for start, end in pairwise(closed)])
    x, y = transformer(source, target).transform(points[:, 0], points[:, 1])
    return np.asarray(x), np.asarray(y)


def _depth(coordinates: Any) -> int:
    depth = 0
    while isinstance(coordinates, list | tuple):
        depth, coordinates = depth + 1, coordinates[0] if coordinates else 0
    return depth


def construct(kind: str, coordinates: list[Any], crs: Projection | None = None, *_: Any) -> Geometry:
    """The constructor `GeometryConstructors.<kind>` of a type of GeoJSON."""
    return Geometry((crs or WGS84).crs, kind, _nested(coordinates, DEPTHS[kind]))


def rectangle(coordinates: list[Any], crs: Projection | None = None, *_: Any) -> Geometry:
    """`GeometryConstructors.Rectangle`: two corners, as four numbers or two positions."""
    flat = np.array(coordinates, float).ravel().tolist()
    if len(flat) != 4:
        raise ExportError(f"Invalid coordinates: {str(coordinates)[:100]}.")
    (west, east), (south, north) = sorted(flat[0::2]), sorted(flat[1::2])
    return box(west, south, east, north, crs)


def box(west: float, south: float, east: float, north: float, crs: Projection | None = None) -> Geometry:
    """`GeometryConstructors.BBox`."""
    ring = [[west, south], [east, south], [east, north], [west, north]]
    return Geometry((crs or WGS84).crs, "Polygon", [ring])


def multi(geometries: list[Any], *_: Any) -> Geometry:
    """`GeometryConstructors.MultiGeometry`."""
    return Geometry(WGS84.crs, "GeometryCollection", parts=tuple(as_geometry(part) for part in geometries))


def as_geometry(value: Any) -> Geometry:
    """A geometry from one, or from GeoJSON.

    Raises:
        ExportError: It is something else.
    """
    if isinstance(value, Geometry):
        return value
    if isinstance(value, dict) and value.get("type") in DEPTHS:
        return Geometry(WGS84.crs, value["type"], value.get("coordinates"))
    raise ExportError(f"Expected a geometry, found {type(value).__name__}.")


def _nested(coordinates: Any, depth: int) -> Any:
    """Coordinates as they may be given: flat numbers, or a polygon's single ring without its list."""
    if coordinates and _depth(coordinates) == 1 and depth > 1:
        coordinates = [list(pair) for pair in zip(coordinates[::2], coordinates[1::2], strict=False)]
    while coordinates and 1 < _depth(coordinates) < depth:
        coordinates = [coordinates]
    return coordinates
