"""Geometries compared, combined and grown: in longitudes and latitudes, or in metres around the place."""

from collections.abc import Callable
from typing import Any

import shapely
from pyproj import CRS

from earthengine_emulator.geometry import GEOD, Geometry, Shape, boxed, moved_near, reprojected
from earthengine_emulator.grids import WGS84, Projection


def _valid(shape: Shape) -> Shape:
    return shape if shape.is_valid else shapely.make_valid(shape)


def _pair(left: Geometry, right: Geometry) -> tuple[Shape, Shape]:
    """Both in longitudes and latitudes, the second moved by whole turns to where the first is."""
    a, b = left.lonlat, right.lonlat
    if a.is_empty or b.is_empty:
        return a, b
    middle = (a.bounds[0] + a.bounds[2] - b.bounds[2] + b.bounds[0]) / 2
    return _valid(a), _valid(moved_near(b, middle))


def related(name: str, left: Geometry, right: Geometry) -> bool:
    """Whether shapely's predicate of this name holds."""
    a, b = _pair(left, right)
    return bool(getattr(a, name)(b))


def set_operation(name: str) -> Callable[..., Geometry]:
    """What shapely's operation of this name makes of two geometries."""

    def apply(left: Geometry, right: Geometry, *_: Any) -> Geometry:
        if left.crs == right.crs and not left.geodesic and not right.geodesic:
            found = getattr(_valid(left.shape), name)(_valid(right.shape))
            return Geometry(found, left.crs, geodesic=False)
        a, b = _pair(left, right)
        return Geometry(getattr(a, name)(b), geodesic=False)

    return apply


def local(geometry: Geometry) -> CRS:
    """A reference system in metres that is true around a geometry's middle."""
    west, south, east, north = geometry.lonlat.bounds
    middle = f"+lat_0={(south + north) / 2} +lon_0={(west + east) / 2}"
    return CRS.from_proj4(f"+proj=aeqd {middle} +datum=WGS84 +units=m")


def buffer(
    geometry: Geometry, distance: float, _: Any = None, projection: Projection | None = None
) -> Geometry:
    """A geometry grown, or shrunk, by a distance.

    Args:
        geometry: The geometry.
        distance: Metres on the ground, or units of the projection.
        projection: Where it is grown.
    """
    if projection is not None:
        crs = projection.crs
        return Geometry(geometry.to(crs).shape.buffer(distance, quad_segs=32), crs, geodesic=False)
    metres = local(geometry)
    grown = reprojected(geometry.lonlat, WGS84.crs, metres).buffer(distance, quad_segs=32)
    return Geometry(reprojected(grown, metres, WGS84.crs, 0), geodesic=False)


def bounds(geometry: Geometry, _: Any = None, projection: Projection | None = None) -> Geometry:
    """The box around a geometry, in longitudes and latitudes or in a projection."""
    crs = projection.crs if projection else WGS84.crs
    box = geometry.bounds_in(crs)
    return Geometry(boxed(box.west, box.south, box.east, box.north), crs, geodesic=False)


def centroid(geometry: Geometry, _: Any = None, projection: Projection | None = None) -> Geometry:
    """The centre of a geometry's area, or of its lines or points."""
    crs = projection.crs if projection else local(geometry)
    middle = reprojected(geometry.lonlat, WGS84.crs, crs).centroid
    return Geometry(
        middle if projection else reprojected(middle, crs, WGS84.crs), crs if projection else WGS84.crs
    )


def simplified(geometry: Geometry, error: float) -> Geometry:
    """A geometry with fewer positions, off by no more than so many metres."""
    metres = local(geometry)
    found = reprojected(geometry.lonlat, WGS84.crs, metres, 0).simplify(error)
    return Geometry(reprojected(found, metres, WGS84.crs, 0), geodesic=False)


def distance(left: Geometry, right: Geometry, *_: Any) -> float:
    """The metres between the nearest positions of two geometries, on the ellipsoid."""
    both = Geometry(shapely.GeometryCollection(list(_pair(left, right))), geodesic=False)
    metres = local(both)
    a, b = (reprojected(part, WGS84.crs, metres) for part in both.shape.geoms)
    if a.intersects(b):
        return 0.0
    near = [reprojected(point, metres, WGS84.crs) for point in shapely.shortest_line(a, b).boundary.geoms]
    return float(GEOD.inv(near[0].x, near[0].y, near[1].x, near[1].y)[2])


def hull(geometry: Geometry, *_: Any) -> Geometry:
    """The convex hull, in longitudes and latitudes."""
    return Geometry(geometry.lonlat.convex_hull, geodesic=False)


def dissolved(geometry: Geometry, *_: Any) -> Geometry:
    """The parts of a geometry as one."""
    parts = getattr(geometry.lonlat, "geoms", [geometry.lonlat])
    return Geometry(shapely.union_all([_valid(part) for part in parts]), geodesic=False)
