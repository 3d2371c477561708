"""Geometries: made, measured and combined."""

from dataclasses import replace
from functools import partial
from typing import Any

from affine import Affine

from earthengine_emulator import geometry as made
from earthengine_emulator.coercion import as_geometry
from earthengine_emulator.functions.table import Function, row
from earthengine_emulator.geometries import ONE, TWO
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.grids import Projection


def _measures() -> list[Function]:
    rows = [
        row(f"Geometry.{name}(geometry: Geometry{arguments}) -> {returns}", text, body)
        for name, (arguments, returns, text, body) in ONE.items()
    ]
    return rows + [
        row(f"Geometry.{name}(left: Geometry, right: Geometry{arguments}) -> {returns}", text, body)
        for name, (arguments, returns, text, body) in TWO.items()
    ]


def _coordinates(geometry: Geometry) -> Any:
    written = geometry.geojson()
    return written.get("coordinates", [])


def _parts(geometry: Geometry) -> list[Geometry]:
    shapes = getattr(geometry.shape, "geoms", [geometry.shape])
    return [replace(geometry, shape=shape, kind=None) for shape in shapes]


ROWS = [
    *_measures(),
    row(
        'Geometry.transform(geometry: Geometry, proj: Projection = {"type": "Projection", "crs": '
        '"EPSG:4326", "transform": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]}, maxError: ErrorMargin = null, '
        "geodesic: Boolean = null) -> Geometry",
        "The geometry in another projection.",
        lambda geometry, projection, *_: geometry.to(projection.crs),
    ),
    row(
        "Geometry.coordinates(geometry: Geometry) -> List<Object>",
        "The coordinates, as lists.",
        _coordinates,
    ),
    row(
        "Geometry.geodesic(geometry: Geometry) -> Boolean",
        "Whether edges are the shortest ways on the earth.",
        lambda geometry: geometry.geodesic,
    ),
    row(
        "Geometry.edgesAreGeodesics(geometry: Geometry) -> Boolean",
        "Whether edges are the shortest ways on the earth.",
        lambda geometry: geometry.geodesic,
    ),
    row(
        "Geometry.geometries(geometry: Geometry) -> List<Geometry>",
        "The parts of a geometry.",
        _parts,
    ),
    row(
        "Geometry.isUnbounded(geometry: Geometry) -> Boolean",
        "Whether the geometry is everything.",
        lambda geometry: geometry.shape.bounds == (-180, -90, 180, 90),
    ),
    row(
        "Geometry.projection(geometry: Geometry) -> Projection",
        "The reference system.",
        lambda geometry: Projection(geometry.crs, Affine.identity()),
    ),
    row(
        "Geometry.type(geometry: Geometry) -> String",
        "The type of GeoJSON.",
        lambda geometry: geometry.geojson()["type"],
    ),
    row(
        "GeometryConstructors.BBox(west: Float, south: Float, east: Float, north: Float) -> Geometry",
        "The box of longitudes and latitudes, with edges along them.",
        made.box,
    ),
    row(
        "GeometryConstructors.Rectangle(coordinates: List<Object>, crs: Projection = null, geodesic: "
        "Boolean = null, evenOdd: Boolean = true) -> Geometry",
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
        "GeometryConstructors.MultiLineString(coordinates: List<Object>, crs: Projection = null, "
        "geodesic: Boolean = null, maxError: ErrorMargin = null) -> Geometry",
        "Lines.",
        lambda lines, crs, geodesic, _: made.construct("MultiLineString", lines, crs, geodesic),
    ),
    row(
        "GeometryConstructors.Polygon(coordinates: List<Object>, crs: Projection = null, geodesic: "
        "Boolean = null, maxError: ErrorMargin = null, evenOdd: Boolean = true) -> Geometry",
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
        "GeometryConstructors.MultiGeometry(geometries: List<Geometry>, crs: Projection = null, "
        "geodesic: Boolean = null, maxError: ErrorMargin = null) -> Geometry",
        "Geometries of any types.",
        lambda parts, *_: made.gathered([as_geometry(part) for part in parts]),
    ),
]
