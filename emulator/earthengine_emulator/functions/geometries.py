"""Geometries: made, measured and combined."""

from functools import partial

from earthengine_emulator import geometry as made
from earthengine_emulator.coercion import as_geometry
from earthengine_emulator.functions.table import row

ROWS = [
    row(
        "GeometryConstructors.BBox(west: Float, south: Float, east: Float, north: Float) -> Geometry",
        "The box of longitudes and latitudes, with edges along them.",
        made.box,
    ),
    row(
        "GeometryConstructors.Rectangle(coordinates: List<Object>, crs: Projection = null, geodesic: Boolean "
        "= null, evenOdd: Boolean = true) -> Geometry",
        "The rectangle between two corners.",
        lambda coordinates, crs, geodesic, _: made.rectangle(coordinates, crs, geodesic),
    ),
    row(
        "GeometryConstructors.Point(coordinates: List<Number>, crs: Projection = null) -> Geometry",
        "A point.",
        partial(made.construct, "Point"),
    ),
    row(
        "GeometryConstructors.MultiPoint(coordinates: List<Object>, crs: Projection = null) -> Geometry",
        "Points.",
        partial(made.construct, "MultiPoint"),
    ),
    row(
        "GeometryConstructors.LineString(coordinates: List<Object>, crs: Projection = null, geodesic: "
        "Boolean = null, maxError: ErrorMargin = null) -> Geometry",
        "A line.",
        lambda points, crs, geodesic, _: made.construct("LineString", points, crs, geodesic),
    ),
    row(
        "GeometryConstructors.LinearRing(coordinates: List<Object>, crs: Projection = null, geodesic: "
        "Boolean = null, maxError: ErrorMargin = null) -> Geometry",
        "A closed line.",
        lambda points, crs, geodesic, _: made.construct("LinearRing", points, crs, geodesic),
    ),
    row(
        "GeometryConstructors.MultiLineString(coordinates: List<Object>, crs: Projection = null, geodesic: "
        "Boolean = null, maxError: ErrorMargin = null) -> Geometry",
        "Lines.",
        lambda lines, crs, geodesic, _: made.construct("MultiLineString", lines, crs, geodesic),
    ),
    row(
        "GeometryConstructors.Polygon(coordinates: List<Object>, crs: Projection = null, geodesic: Boolean = "
        "null, maxError: ErrorMargin = null, evenOdd: Boolean = true) -> Geometry",
        "A polygon: a ring, and those of its holes.",
        lambda rings, crs, geodesic, *_: made.construct("Polygon", rings, crs, geodesic),
    ),
    row(
        "GeometryConstructors.MultiPolygon(coordinates: List<Object>, crs: Projection = null, geodesic: "
        "Boolean = null, maxError: ErrorMargin = null, evenOdd: Boolean = true) -> Geometry",
        "Polygons.",
        lambda polygons, crs, geodesic, *_: made.construct("MultiPolygon", polygons, crs, geodesic),
    ),
    row(
        "GeometryConstructors.MultiGeometry(geometries: List<Geometry>, crs: Projection = null, geodesic: "
        "Boolean = null, maxError: ErrorMargin = null) -> Geometry",
        "Geometries of any types.",
        lambda parts, *_: made.gathered([as_geometry(part) for part in parts]),
    ),
]
