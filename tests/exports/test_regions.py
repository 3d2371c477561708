"""Regions in every form, and what is refused."""

import json
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from earthengine_export._describe.destinations import Drive
from earthengine_export._describe.expressions import call, load
from earthengine_export._describe.regions import geometry
from earthengine_export.errors import InvalidArgument, InvalidArgumentType
from earthengine_export.image_export import ImageExport

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


def constructor(region: Any) -> tuple[str, dict[str, Any]]:
    """The constructor that a region becomes, and its constant arguments."""
    graph = geometry(region).to_dict()
    invocation = graph["values"][graph["result"]]["functionInvocationValue"]
    arguments = {name: node.get("constantValue", node) for name, node in invocation["arguments"].items()}
    return invocation["functionName"].removeprefix("GeometryConstructors."), arguments


@pytest.mark.parametrize(
    ("box", "west", "east"),
    [
        ((-122, 37, -121, 38), -122, -121),
        ((170, 37, -170, 38), 170, 190),  # west > east: over the antimeridian
        ((170, 37, 190, 38), 170, 190),
        ((-190, 37, -170, 38), 170, 190),
        ((190, 37, 200, 38), -170, -160),
        ((-180, 37, 180, 38), -180, 180),
        ((-500, 37, 500, 38), -180, 180),
    ],
)
def test_boxes(box: tuple[float, ...], west: float, east: float) -> None:
    ring = [[west, 38], [west, 37], [east, 37], [east, 38]]
    for form in (box, list(box), np.array(box), json.dumps(box)):
        assert constructor(form) == ("Polygon", {"coordinates": [ring], "geodesic": False})


def test_box_is_no_diagonal_line(official: Any) -> None:
    """By design: the official client makes a line of four numbers."""
    assert official.batch.Export.image.toDrive(official.Image("A"), region=[1, 2, 3, 4], scale=9)
    assert constructor([1, 2, 3, 4])[0] == "Polygon"


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        (shapely.Point(1, 2), "Point"),
        (shapely.MultiPoint([(1, 2)]), "MultiPoint"),
        (shapely.LineString([(1, 2), (3, 4)]), "LineString"),
        (shapely.LinearRing([(1, 2), (3, 4), (5, 6)]), "LinearRing"),
        (shapely.box(0, 0, 1, 1), "Polygon"),
        (shapely.MultiLineString([[(1, 2), (3, 4)]]), "MultiLineString"),
        (shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]), "MultiPolygon"),
        (shapely.GeometryCollection([shapely.Point(1, 2), shapely.box(0, 0, 1, 1)]), "MultiGeometry"),
    ],
)
def test_shapely(official: Any, shape: Any, kind: str) -> None:
    name, arguments = constructor(shape)
    assert name == kind
    for form in (shape.__geo_interface__, json.dumps(shape.__geo_interface__)):
        assert constructor(form) == (name, arguments)


def test_features() -> None:
    feature = {"type": "Feature", "geometry": SQUARE, "properties": {}}
    collection = {"type": "FeatureCollection", "features": [feature]}
    row = SimpleNamespace(geometry=shapely.geometry.shape(SQUARE), name="a row of a GeoDataFrame")
    for form in (
        feature,
        collection,
        json.dumps(collection),
        row,
        SimpleNamespace(__geo_interface__=feature),
    ):
        assert constructor(form) == constructor(SQUARE)
    point = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}
    both = {"type": "FeatureCollection", "features": [feature, point]}
    assert constructor(both)[0] == "MultiGeometry"


def test_crs_of_a_collection() -> None:
    feature = {"type": "Feature", "geometry": SQUARE}
    named = {"type": "name", "properties": {"name": "EPSG:32610"}}
    wide = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert constructor({"type": "FeatureCollection", "crs": named, "features": [feature]}) == constructor(
        {**SQUARE, "crs": named}
    )
    assert constructor({"type": "FeatureCollection", "crs": wide, "features": [feature]}) == constructor(
        SQUARE
    )


def test_words_that_a_constructor_does_not_know_are_left_out() -> None:
    point = {"type": "Point", "coordinates": [1, 2], "geodesic": False, "evenOdd": True}
    assert constructor(point) == ("Point", {"coordinates": [1, 2]})
    line = {"type": "LineString", "coordinates": [[1, 2], [3, 4]], "geodesic": 0, "evenOdd": True}
    assert constructor(line) == ("LineString", {"coordinates": [[1, 2], [3, 4]], "geodesic": False})


def test_rings_stay_as_they_are() -> None:
    ring = [[0, 0], [1, 0], [1, 1]]
    assert constructor({"type": "Polygon", "coordinates": [ring]})[1] == {"coordinates": [ring]}
    assert constructor([ring]) == ("Polygon", {"coordinates": [ring], "evenOdd": True})


def test_nodes_and_ee(official: Any) -> None:
    node = call("Geometry.buffer", geometry=geometry(SQUARE), distance=5)
    assert geometry(node) is node
    line = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}
    assert constructor(official.Geometry(line)) == constructor(line)
    for refused in (official.Feature(SQUARE), official.FeatureCollection([]), official.Image("A")):
        with pytest.raises(InvalidArgumentType, match=r"\.geometry\(\)"):
            geometry(refused)


@pytest.mark.parametrize(
    "region",
    [
        (0, -91, 1, 1),
        (0, 0, 1, 90.5),
        (0, 2, 1, 1),
        (math.nan, 0, 1, 1),
        (-math.inf, 0, 1, 1),
        (0, 0, 1, math.inf),
        {"type": "Point", "coordinates": [0, 91]},
        {"type": "Point", "coordinates": [0, math.nan]},
        {"type": "Point", "coordinates": [500000, 4100000]},
        {"type": "Point", "coordinates": [1, 2, 3]},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": "12"},
        {"type": "Point", "coordinates": [[1, 2]]},
        {"type": "Point", "coordinates": [True, 2]},
        {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": [[0, 0], [1, 1], [0, 1]]},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "GeometryCollection", "geometries": [{"type": "Circle"}]},
        {"type": "Feature", "geometry": None},
        {"type": "FeatureCollection", "features": []},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None}]},
        {"type": "Point", "coordinates": [1, 2], "crs": {"type": "link"}},
        {"type": "Circle", "coordinates": [1, 2]},
        {"west": 0},
        [],
        [1],
        [1, 2],
        [1, 2, 3],
        [[1, 2]],
        [[[]]],
        [[[1, 2], [3, 4, 5]]],
        [[[[1, 2]]]],
        "not JSON",
        "5",
        5,
        pytest.param(object(), id="object"),
        shapely.Point(),
        shapely.Point(1, 2, 3),
    ],
    ids=repr,
)
def test_regions_that_are_refused(region: Any) -> None:
    with pytest.raises((InvalidArgument, InvalidArgumentType), match=r"^region="):
        ImageExport(load("A"), to=Drive(), region=region)


def test_frame_in_another_crs() -> None:
    frame = SimpleNamespace(crs=pyproj.CRS("EPSG:32610"), __geo_interface__=SQUARE)
    with pytest.raises(InvalidArgument, match=r"to_crs\(4326\)"):
        geometry(frame)
    frame.crs = pyproj.CRS("EPSG:4326")
    assert constructor(frame) == constructor(SQUARE)


def test_latitudes_of_another_crs_are_free() -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:32610"}}
    assert constructor({"type": "Point", "coordinates": [5e5, 4e6], "crs": crs})[1]["coordinates"] == [
        5e5,
        4e6,
    ]
