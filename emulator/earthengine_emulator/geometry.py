"""Geometries of expressions: shapes in a reference system, with edges that are straight in it or geodesic.

The longitudes of one shape run on over the antimeridian: a box from 170 E to 170 W reaches from 170 to 190.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Geod
from shapely import affinity
from shapely.geometry import mapping, shape

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import WGS84, Box, Floats, Projection, code_of, project

# Any of shapely's geometries; their common base has no attributes that tell them apart.
Shape = Any
GEOD = Geod(ellps="WGS84")
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
FOOTPRINT = "footprint"  # of an image: along its pixels, but written in longitudes and latitudes
PIECE = 2000.0  # metres between the positions that stand for a geodesic: it is off by less than 0.1 m
PIECES = 2000  # of an edge, at most


@dataclass(frozen=True, eq=False)
class Geometry:
    """A shape.

    Attributes:
        shape: In the reference system, its edges as they were given.
        crs: The reference system.
        geodesic: Whether edges are the shortest ways on the ellipsoid, or straight in the reference system.
        kind: The type that GeoJSON is written with, where it is not the shape's own; or `FOOTPRINT`.
    """

    shape: Shape
    crs: CRS = WGS84.crs
    geodesic: bool = True
    kind: str | None = None

    @cached_property
    def outline(self) -> tuple[Shape, CRS]:
        """The shape with straight edges that follow the geodesics, and the reference system it is in."""
        if not self.geodesic or self.shape.geom_type in ("Point", "MultiPoint"):
            return self.shape, self.crs
        return transformed(_geodesics, self.shape if self.crs.is_geographic else self.lonlat), WGS84.crs

    @cached_property
    def lonlat(self) -> Shape:
        """The shape in longitudes and latitudes, edges that are not straight there in small pieces."""
        if self.geodesic and self.crs.is_geographic:
            return self.outline[0]
        return reprojected(self.shape, self.crs, WGS84.crs)

    def to(self, crs: CRS) -> "Geometry":
        """The same on the ground, with straight edges in another reference system."""
        source, of = self.outline
        if of == crs and not self.geodesic:
            return self
        return replace(self, shape=reprojected(source, of, crs), crs=crs, geodesic=False, kind=None)

    def bounds_in(self, crs: CRS, error: float = 0) -> Box:
        """The box around it in a reference system.

        Args:
            crs: The reference system.
            error: How far geodesics may bend out of the box, in the reference system's units.

        Raises:
            ExportError: It is empty, or has no place there.
        """
        if self.shape.is_empty:
            raise ExportError("The geometry is empty.")
        bounds: tuple[float, ...] = reprojected(*self.outline, crs).bounds
        if error and self.geodesic:
            straight = reprojected(self.shape, self.crs, crs).bounds
            pairs = zip(bounds, straight, strict=True)
            bounds = tuple(near if abs(edge - near) < error else edge for edge, near in pairs)
        if not all(math.isfinite(edge) for edge in bounds):
            raise ExportError("A region cannot be expressed in the projection of the image.")
        return Box(crs, *bounds)

    @property
    def area(self) -> float:
        """Square metres on the ellipsoid."""
        return sum(abs(GEOD.geometry_area_perimeter(part)[0]) for part in _parts(self._measured, "Polygon"))

    @cached_property
    def _measured(self) -> Shape:
        """The shape in longitudes and latitudes, where geodesics between its positions are its edges."""
        west, south, east, north = self.lonlat.bounds if not self.lonlat.is_empty else (0, 0, 0, 0)
        longest = max(east - west, north - south)
        return self.lonlat if self.geodesic or not longest else shapely.segmentize(self.lonlat, longest / 512)

    @property
    def length(self) -> float:
        """Metres of its lines; 0 of polygons."""
        return sum(GEOD.geometry_length(part) for part in _parts(self._measured, "LineString", "LinearRing"))

    @property
    def perimeter(self) -> float:
        """Metres around its polygons; 0 of lines."""
        rings = (
            ring for part in _parts(self._measured, "Polygon") for ring in (part.exterior, *part.interiors)
        )
        return sum(GEOD.geometry_length(ring) for ring in rings)

    def geojson(self) -> dict[str, Any]:
        """As GeoJSON, with the two members that the service adds."""
        if self.kind == FOOTPRINT:
            degrees = reprojected(self.shape, self.crs, WGS84.crs, 0)
            return Geometry(degrees, geodesic=False).geojson()
        written: dict[str, Any] = _listed(mapping(self.shape))
        if self.kind:
            written["type"] = self.kind
        if self.crs != WGS84.crs:
            written["crs"] = {"type": "name", "properties": {"name": code_of(self.crs)}}
        if self.shape.geom_type not in ("Point", "MultiPoint"):
            written["geodesic"] = self.geodesic
        return written


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, tuple | list) else value


def _parts(geometry: Shape, *kinds: str) -> list[Shape]:
    if hasattr(geometry, "geoms"):
        return [found for part in geometry.geoms for found in _parts(part, *kinds)]
    return [geometry] if geometry.geom_type in kinds else []


def transformed(change: Callable[[Floats, Floats], tuple[Floats, Floats]], geometry: Shape) -> Shape:
    """A shape whose lines, rings and points are changed, each on its own."""
    if hasattr(geometry, "geoms"):
        return type(geometry)([transformed(change, part) for part in geometry.geoms])
    if geometry.geom_type == "Polygon":
        rings = [transformed(change, ring) for ring in (geometry.exterior, *geometry.interiors)]
        return shapely.Polygon(rings[0], rings[1:])
    return type(geometry)(np.column_stack(change(*np.array(geometry.coords).T[:2])))


def _geodesics(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Positions joined by geodesics, with as many in between as it takes."""
    x = np.unwrap(x, period=360)
    if len(x) < 2:
        return x, y
    _, _, lengths = GEOD.inv(x[:-1], y[:-1], x[1:], y[1:])
    xs, ys = [], []
    for start, length in enumerate(np.atleast_1d(lengths)):
        pieces = min(int(length / PIECE), PIECES)
        between = (
            np.array(GEOD.npts(x[start], y[start], x[start + 1], y[start + 1], pieces)).reshape(-1, 2)
            if pieces
            else np.empty((0, 2))
        )
        xs += [x[start : start + 1], between[:, 0]]
        ys += [y[start : start + 1], between[:, 1]]
    xs.append(x[-1:])
    ys.append(y[-1:])
    return np.unwrap(np.concatenate(xs), period=360), np.concatenate(ys)


def reprojected(geometry: Shape, source: CRS, target: CRS, pieces: int = 64) -> Shape:
    """A shape with straight edges, in another reference system where they are curves of small pieces.

    Args:
        geometry: The shape.
        source: Its reference system.
        target: The other one.
        pieces: Of how many pieces what is as long as the shape is made; 0 leaves edges straight.
    """
    if source == target or geometry.is_empty:
        return geometry
    west, south, east, north = geometry.bounds
    longest = max(east - west, north - south)
    if longest and pieces:
        geometry = shapely.segmentize(geometry, longest / pieces)
    return transformed(lambda x, y: project(x, y, source, target), geometry)


def moved_near(geometry: Shape, longitude: float) -> Shape:
    """A shape of longitudes, moved by whole turns so that it begins within half a turn of a longitude."""
    turns = round((longitude - geometry.bounds[0]) / 360) if not geometry.is_empty else 0
    return affinity.translate(geometry, 360 * turns) if turns else geometry


def _depth(coordinates: Any) -> int:
    depth = 0
    while isinstance(coordinates, list | tuple):
        depth, coordinates = depth + 1, coordinates[0] if len(coordinates) else 0
    return depth


def boxed(west: float, south: float, east: float, north: float) -> Shape:
    """A rectangle, from its lower left corner on, as the service writes it."""
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return shapely.Polygon([*corners, corners[0]])


def construct(
    kind: str, coordinates: Sequence[Any], crs: Projection | None = None, geodesic: bool | None = None
) -> Geometry:
    """A geometry of one of GeoJSON's types.

    Args:
        kind: The type.
        coordinates: Positions, geometries that are points, or flat numbers.
        crs: Longitudes and latitudes by default.
        geodesic: Whether edges are; by default those of longitudes and latitudes are.

    Raises:
        ExportError: The coordinates are not those of the type.
    """
    nested = _nested(_positions(coordinates), DEPTHS[kind])
    try:
        made = _shape(kind, nested)
    except (ValueError, TypeError, shapely.errors.GEOSException) as error:
        raise ExportError(f"Invalid coordinates of a {kind}: {str(coordinates)[:100]}: {error}.") from None
    system = (crs or WGS84).crs
    edges = system.is_geographic if geodesic is None else geodesic
    made = _placed(made, crs)
    if system.is_geographic and edges:
        made = transformed(_unwrapped, made)
    return Geometry(made, system, edges, "LinearRing" if kind == "LinearRing" else None)


def _placed(shape: Shape, projection: Projection | None) -> Shape:
    """A shape that was given in the pixels of a projection, in its reference system."""
    if projection is None or projection.transform.is_identity:
        return shape
    t = projection.transform
    return affinity.affine_transform(shape, [t.a, t.b, t.d, t.e, t.c, t.f])


def _unwrapped(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return np.unwrap(x, period=360), y


def _shape(kind: str, coordinates: Any) -> Shape:
    if _depth(coordinates) != DEPTHS[kind]:
        raise ValueError("their lists are nested otherwise")
    made: Shape
    match kind:
        case "Polygon":
            made = shapely.Polygon(coordinates[0], coordinates[1:])
        case "MultiPolygon":
            made = shapely.MultiPolygon([(part[0], part[1:]) for part in coordinates])
        case _:
            made = shape({"type": kind, "coordinates": coordinates})
    return shapely.force_2d(made)


def _positions(coordinates: Any) -> Any:
    """Coordinates of which some may be points, with their positions."""
    if isinstance(coordinates, Geometry):
        return list(coordinates.shape.coords[0])
    if isinstance(coordinates, list | tuple):
        return [_positions(part) for part in coordinates]
    return coordinates


def _nested(coordinates: Any, depth: int) -> Any:
    """Coordinates as they may be given: flat numbers, or a polygon's single ring without its list."""
    if coordinates and _depth(coordinates) == 1 and depth > 1:
        coordinates = [list(pair) for pair in zip(coordinates[::2], coordinates[1::2], strict=True)]
    while coordinates and 1 < _depth(coordinates) < depth:
        coordinates = [coordinates]
    return coordinates


def rectangle(
    coordinates: Sequence[Any], crs: Projection | None = None, geodesic: bool | None = None
) -> Geometry:
    """Two corners, as four numbers or two positions; where the first lies east, over the antimeridian."""
    flat = np.array(_positions(coordinates), float).ravel().tolist()
    if len(flat) != 4:
        raise ExportError(f"Invalid coordinates: {str(coordinates)[:100]}.")
    (west, east), (south, north) = flat[0::2], sorted(flat[1::2])
    system = (crs or WGS84).crs
    if west > east:
        west, east = (west, east + 360) if system.is_geographic else (east, west)
    ring = _placed(boxed(west, south, east, north), crs)
    return Geometry(ring, system, system.is_geographic if geodesic is None else geodesic)


def box(west: float, south: float, east: float, north: float) -> Geometry:
    """The box of longitudes and latitudes, with edges along them; over the antimeridian where west > east."""
    if east - west >= 360:
        west, east = -180.0, 180.0
    elif west > east:
        east += 360
    return Geometry(boxed(west, max(south, -90), east, min(north, 90)), geodesic=False)


def gathered(parts: Sequence[Geometry]) -> Geometry:
    """Several geometries as one, in longitudes and latitudes."""
    if all(part.crs == WGS84.crs and part.geodesic == parts[0].geodesic for part in parts):
        return Geometry(
            shapely.GeometryCollection([part.shape for part in parts]),
            geodesic=not parts or parts[0].geodesic,
        )
    return Geometry(shapely.GeometryCollection([part.lonlat for part in parts]), geodesic=False)


def from_geojson(written: dict[str, Any]) -> Geometry:
    """A geometry from GeoJSON.

    Raises:
        ExportError: It is something else.
    """
    kind = written.get("type")
    if kind == "GeometryCollection":
        return gathered([from_geojson(part) for part in written.get("geometries", [])])
    if kind not in DEPTHS:
        raise ExportError(f"Expected a geometry, found {kind}.")
    return construct(kind, written.get("coordinates") or [], None, written.get("geodesic"))


EMPTY = Geometry(shapely.Polygon(), geodesic=False)
