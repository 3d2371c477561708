"""Geometries, projections, features, collections, filters and joins."""

from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj import Geod

from .values import Case, millis

GEOD = Geod(ellps="WGS84")
LINE = [[0, 0], [3, 0], [3, 4]]
SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2]]
OTHER = [[1, 1], [3, 1], [3, 3], [1, 3]]


def planar(ee: Any, ring: Any) -> Any:
    return ee.Geometry.Polygon([ring], "EPSG:32616", False)


def degrees(ee: Any, ring: Any) -> Any:
    return ee.Geometry.Polygon([ring], None, False)


def area_of(wkt: Any) -> float:
    return abs(GEOD.geometry_area_perimeter(shapely.segmentize(wkt, 0.01))[0])


def features(ee: Any) -> Any:
    rows = [(1, "a", 2.0), (2, "b", 4.0), (3, "a", 9.0), (4, "c", None)]
    made = []
    for number, kind, value in rows:
        known = {"n": number, "kind": kind, "system:time_start": millis(2020, number, 10)}
        made.append(
            ee.Feature(ee.Geometry.Point([number, 10]), known | ({} if value is None else {"v": value}))
        )
    return ee.FeatureCollection(made)


def numbers(filtered: Any) -> Any:
    return filtered.aggregate_array("n")


def kept(condition: Any) -> Any:
    """Which of the features a filter keeps."""
    return lambda ee: numbers(features(ee).filter(condition(ee)))


def joined(ee: Any, join: Any, condition: Any = None) -> Any:
    others = ee.FeatureCollection(
        [
            ee.Feature(None, {"m": 1, "w": 5}),
            ee.Feature(None, {"m": 1, "w": 3}),
            ee.Feature(None, {"m": 3, "w": 4}),
        ]
    )
    return join.apply(features(ee), others, condition or ee.Filter.equals(leftField="n", rightField="m"))


VALUES = np.array([2.0, 4, 9])
CASES: list[Case] = [
    # geometries
    (lambda ee: ee.Geometry.Point([1, 2]).coordinates(), [1, 2]),
    (lambda ee: ee.Geometry.MultiPoint([[1, 2], [3, 4]]).type(), "MultiPoint"),
    (lambda ee: ee.Geometry.LinearRing(SQUARE).type(), "LinearRing"),
    (lambda ee: ee.Geometry.MultiLineString([LINE]).geometries().size(), 1),
    (lambda ee: ee.Geometry.MultiPolygon([[SQUARE]]).type(), "MultiPolygon"),
    (lambda ee: ee.Geometry.Rectangle([0, 0, ee.Number(2), 2], None, False).bounds().coordinates().get(0), [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]),
    (lambda ee: ee.Geometry.BBox(ee.Number(0), 0, 2, 2).geodesic(), False),
    (lambda ee: ee.Geometry(ee.Geometry.Polygon([SQUARE])).edgesAreGeodesics(), True),
    (lambda ee: ee.Geometry.MultiPoint([[1, 2], [3, 4]]).centroid().coordinates().get(1), ("between", 3, 3.001)),
    (lambda ee: ee.Geometry.Polygon([SQUARE]).projection().crs(), "EPSG:4326"),
    (lambda ee: ee.Geometry.Polygon([SQUARE]).isUnbounded(), False),
    (lambda ee: ee.Geometry.MultiPolygon([[SQUARE]]).area(), abs(GEOD.polygon_area_perimeter([0, 2, 2, 0], [0, 0, 2, 2])[0])),
    (lambda ee: ee.Geometry(ee.ApiFunction.call_("GeometryConstructors.MultiGeometry", [ee.Geometry.Point([0, 0]), ee.Geometry.LineString(LINE)])).type(), "GeometryCollection"),
    (lambda ee: planar(ee, SQUARE).area(1, "EPSG:32616"), 4),
    (lambda ee: ee.Geometry.LineString(LINE).length(), GEOD.line_length([0, 3, 3], [0, 0, 4])),
    (lambda ee: ee.Geometry.Polygon([SQUARE]).perimeter(), GEOD.polygon_area_perimeter([0, 2, 2, 0], [0, 0, 2, 2])[1]),
    (lambda ee: planar(ee, SQUARE).union(planar(ee, OTHER)).area(1, "EPSG:32616"), 7),
    (lambda ee: planar(ee, SQUARE).intersection(planar(ee, OTHER)).area(1, "EPSG:32616"), 1),
    (lambda ee: planar(ee, SQUARE).difference(planar(ee, OTHER)).area(1, "EPSG:32616"), 3),
    (lambda ee: planar(ee, SQUARE).symmetricDifference(planar(ee, OTHER)).area(1, "EPSG:32616"), 6),
    (lambda ee: degrees(ee, SQUARE).intersection(degrees(ee, OTHER)).area(), area_of(shapely.box(1, 1, 2, 2))),
    (lambda ee: degrees(ee, SQUARE).intersects(degrees(ee, OTHER)), True),
    (lambda ee: degrees(ee, SQUARE).disjoint(ee.Geometry.Point([5, 5])), True),
    (lambda ee: degrees(ee, SQUARE).contains(ee.Geometry.Point([1, 1])), True),
    (lambda ee: ee.Geometry.Point([361, 1]).containedIn(degrees(ee, SQUARE)), True),
    (lambda ee: ee.Geometry.Point([0, 0]).distance(ee.Geometry.Point([0.1, 0.1])), GEOD.inv(0, 0, 0.1, 0.1)[2]),
    (lambda ee: ee.Geometry.Point([0, 0]).withinDistance(ee.Geometry.Point([0.1, 0.1]), 10000), False),
    (lambda ee: ee.Geometry.Point([10, 50]).buffer(1000).area().divide(1e6).format("%.2f"), "3.14"),
    (lambda ee: planar(ee, SQUARE).buffer(-0.5, None, "EPSG:32616").area(1, "EPSG:32616"), 1),
    (lambda ee: planar(ee, SQUARE).centroid(1, "EPSG:32616").coordinates(), [1, 1]),
    (lambda ee: ee.Geometry.MultiPoint([[0, 0], [2, 0], [1, 1]]).convexHull().type(), "Polygon"),
    (lambda ee: ee.Geometry.LineString([[0, 0], [1, 0.00001], [2, 0]]).simplify(100).coordinates().size(), 2),
    (lambda ee: ee.Geometry.MultiPolygon([[SQUARE], [OTHER]], None, False).dissolve().type(), "Polygon"),
    (lambda ee: ee.Geometry.Point([-87, 36]).transform("EPSG:32616").coordinates(), list(pyproj.Transformer.from_crs(4326, 32616, always_xy=True).transform(-87, 36))),
    (lambda ee: degrees(ee, SQUARE).coveringGrid("EPSG:4326", 111319.49079327358).size(), 4),
    # projections
    (lambda ee: ee.Projection("EPSG:32616").atScale(30).nominalScale(), 30),
    (lambda ee: ee.Projection("EPSG:4326").nominalScale(), 111319.49079327358),
    (lambda ee: ee.Projection("SR-ORG:6974", [463, 0, 0, 0, -463, 0]), {"type": "Projection", "crs": "SR-ORG:6974", "transform": [463, 0, 0, 0, -463, 0]}),
    (lambda ee: ee.Geometry.Point([10, 60]).transform("SR-ORG:6974").coordinates(), [6371007.181 * np.radians(10) * np.cos(np.radians(60)), 6371007.181 * np.radians(60)]),
    (lambda ee: ee.Projection("EPSG:32616", [10, 0, 5, 0, -10, 7]).scale(2, 3), {"type": "Projection", "crs": "EPSG:32616", "transform": [20, 0, 5, 0, -30, 7]}),
    (lambda ee: ee.Projection("EPSG:32616", [10, 0, 5, 0, -10, 7]).translate(1, 1), {"type": "Projection", "crs": "EPSG:32616", "transform": [10, 0, 15, 0, -10, -3]}),
    (lambda ee: ee.Projection("EPSG:32616").transform().match("elt_0_0"), ["elt_0_0"]),
    (lambda ee: ee.Projection("EPSG:32616").wkt().match("UTM zone 16N"), ["UTM zone 16N"]),
    (lambda ee: ee.ApiFunction.call_("Proj", "EPSG:32616").crs(), "EPSG:32616"),
    # features
    (lambda ee: ee.Feature(ee.Geometry.Point([1, 2]), {"a": 1}).select(["a"], ["b"]).toDictionary(), {"b": 1}),
    (lambda ee: ee.Feature(None, {"a": 1}).setGeometry(ee.Geometry.Point([1, 2])).geometry().coordinates(), [1, 2]),
    (lambda ee: ee.Feature(None, {"a": 1, "b": 3}).toArray(["b", "a"]), [3, 1]),
    (lambda ee: ee.Feature(None, {"a": 1}).set("b", 2).get("b"), 2),
    (lambda ee: ee.Feature(None, {"a": 1}).set({"a": 3, "b": 2}).toDictionary(), {"a": 3, "b": 2}),
    (lambda ee: ee.Feature(ee.ApiFunction.call_("Element.setMulti", ee.Feature(None, {"a": 1}), {"b": 2})).toDictionary(), {"a": 1, "b": 2}),
    (lambda ee: ee.Feature(None, {"a": 1}).getNumber("a").add(1), 2),
    (lambda ee: ee.Feature(None, {"a": "x"}).getString("a").cat("y"), "xy"),
    (lambda ee: ee.Feature(None, {"a": [1, 2]}).getArray("a").multiply(2), [2, 4]),
    (lambda ee: ee.Feature(None, {"b": 1, "a": 1}).propertyNames(), ["a", "b"]),
    (lambda ee: ee.Feature(ee.Feature(None, {"a": 1}).copyProperties(ee.Feature(None, {"b": 2, "c": 3}), ["b"])).toDictionary(), {"a": 1, "b": 2}),
    (lambda ee: ee.Feature(ee.ApiFunction.call_("Element.copyProperties", ee.Feature(None, {"a": 1}), ee.Feature(None, {"b": 2}), None, ["b"])).toDictionary(), {"a": 1}),
    (lambda ee: ee.Feature(ee.ApiFunction.call_("Element.replaceProperties", ee.Feature(None, {"a": 1}), ee.Feature(None, {"b": 2}))).toDictionary(), {"b": 2}),
    (lambda ee: ee.ApiFunction.call_("Element.geometry", ee.Feature(ee.Geometry.Point([1, 2]), {})).coordinates(), [1, 2]),
    (lambda ee: ee.Feature(ee.FeatureCollection([ee.Feature(None, {})]).first()).id(), "0"),
    (lambda ee: ee.Feature(ee.Geometry.Point([-87, 36]), {}).transform("EPSG:32616").geometry().coordinates().get(0), 500000),
    (lambda ee: ee.ApiFunction.call_("ProjectionTransform", ee.Feature(ee.Geometry.Point([-87, 36]), {}), "EPSG:32616").geometry().coordinates().get(0), 500000),
    *(
        (lambda ee, name=name, rest=rest: getattr(ee.Feature(planar(ee, SQUARE), {}), name)(*rest), expected)
        for name, rest, expected in [("area", (1, "EPSG:32616"), 4), ("perimeter", (1, "EPSG:32616"), 8), ("length", (1, "EPSG:32616"), 0)]
    ),
    *(
        (lambda ee, name=name, rest=rest: getattr(ee.Feature(planar(ee, SQUARE), {}), name)(*rest).geometry().area(1, "EPSG:32616"), expected)
        for name, rest, expected in [
            ("bounds", (1, "EPSG:32616"), 4), ("buffer", (-0.5, 1, "EPSG:32616"), 1), ("centroid", (1, "EPSG:32616"), 0),
            ("convexHull", (), 4), ("dissolve", (), 4), ("simplify", (0.0001,), 4),
        ]
    ),
    *(
        (lambda ee, name=name: getattr(ee.Feature(planar(ee, SQUARE), {}), name)(ee.Feature(planar(ee, OTHER), {})).geometry().area(1, "EPSG:32616"), expected)
        for name, expected in [("union", 7), ("intersection", 1), ("difference", 3), ("symmetricDifference", 6)]
    ),
    *(
        (lambda ee, name=name, rest=rest: getattr(ee.Feature(degrees(ee, SQUARE), {}), name)(ee.Feature(degrees(ee, OTHER), {}), *rest), expected)
        for name, rest, expected in [
            ("intersects", (), True), ("disjoint", (), False), ("contains", (), False), ("containedIn", (), False),
            ("distance", (), 0), ("withinDistance", (1,), True),
        ]
    ),
    # collections
    (lambda ee: features(ee).size(), 4),
    (lambda ee: ee.Feature(features(ee).first()).get("n"), 1),
    (lambda ee: numbers(features(ee).limit(2, "n", False)), [4, 3]),
    (lambda ee: numbers(features(ee).sort("v", False)), [3, 2, 1, 4]),
    (lambda ee: numbers(features(ee).merge(features(ee))), [1, 2, 3, 4] * 2),
    (lambda ee: numbers(ee.FeatureCollection([features(ee), features(ee)]).flatten()), [1, 2, 3, 4] * 2),
    (lambda ee: numbers(features(ee).distinct("kind")), [1, 2, 4]),
    (lambda ee: features(ee).toList(2, 1).map(lambda one: ee.Feature(one).get("n")), [2, 3]),
    (lambda ee: numbers(ee.ApiFunction.call_("Collection.cache", features(ee))), [1, 2, 3, 4]),
    (lambda ee: numbers(features(ee).map(lambda one: one.set("n", ee.Number(one.get("n")).multiply(10)))), [10, 20, 30, 40]),
    (lambda ee: features(ee).iterate(lambda one, total: ee.Number(total).add(one.get("n")), 0), 10),
    (lambda ee: features(ee).geometry().type(), "MultiPoint"),
    (lambda ee: features(ee).bounds().coordinates().get(0), [[1, 10], [4, 10], [4, 10], [1, 10], [1, 10]]),
    (lambda ee: features(ee).union().size(), 1),
    (lambda ee: numbers(features(ee).remap(["a", "b"], [7, 8], "kind")), [1, 2, 3]),
    (lambda ee: features(ee).randomColumn(seed=3).aggregate_max("random"), ("between", 0, 1)),
    (lambda ee: features(ee).reduceColumns(ee.Reducer.sum(), ["n"]).get("sum"), 10),
    (lambda ee: features(ee).reduceColumns(ee.Reducer.sum().group(1, "kind"), ["n", "kind"]).get("groups"), [{"kind": "a", "sum": 4}, {"kind": "b", "sum": 2}, {"kind": "c", "sum": 4}]),
    (lambda ee: ee.ApiFunction.call_("Collection.fromColumns", [[1, 2], [3, 4]], ["a", "b"]).aggregate_sum("b"), 7),
    (lambda ee: ee.ImageCollection([1, 2]).merge(ee.ImageCollection([3])).size(), 3),
    *(
        (lambda ee, name=name: getattr(features(ee), f"aggregate_{name}")("v"), expected)
        for name, expected in [
            ("array", [2, 4, 9]), ("first", 2), ("count", 3), ("count_distinct", 3), ("min", 2), ("max", 9),
            ("mean", 5), ("product", 72), ("sum", 15), ("sample_sd", VALUES.std(ddof=1)),
            ("sample_var", VALUES.var(ddof=1)), ("total_sd", VALUES.std()), ("total_var", VALUES.var()),
        ]
    ),
    (lambda ee: features(ee).aggregate_histogram("kind"), {"a": 2, "b": 1, "c": 1}),
    (lambda ee: ee.Dictionary(features(ee).aggregate_stats("v")).select(["mean", "valid_count", "total_count", "sum_sq"]), {"mean": 5, "valid_count": 3, "total_count": 4, "sum_sq": 101}),
    # filters
    *(
        (kept(lambda _, text=text: text), expected)
        for text, expected in [
            ("n > 1 && kind == 'a'", [3]), ("!(n >= 2) || v == 4", [1, 2]), ("v < 5 == true", [1, 2]),
            ("system:time_start < 1580515200000", [1]), ("kind != \"a\"", [2, 4]), ("none != 1", []),
        ]
    ),
    (kept(lambda ee: ee.Filter.expression("n <= 2")), [1, 2]),
    (lambda ee: numbers(features(ee).map(lambda one: one.buffer(ee.Number(one.get("n")).multiply(1000))).filter(ee.Filter.area(4e6, 3e7))), [2, 3]),
    (kept(lambda ee: ee.Filter.eq("kind", "a")), [1, 3]),
    (kept(lambda ee: ee.Filter.neq("kind", "a")), [2, 4]),
    (kept(lambda ee: ee.Filter.lt("n", 2)), [1]),
    (kept(lambda ee: ee.Filter.lte("n", 2)), [1, 2]),
    (kept(lambda ee: ee.Filter.gt("n", 3)), [4]),
    (kept(lambda ee: ee.Filter.gte("n", 3)), [3, 4]),
    *(
        (lambda ee, name=name, value=value: numbers(features(ee).filter(ee.ApiFunction.call_(f"Filter.{name}", "n", value))), expected)
        for name, value, expected in [
            ("eq", 2, [2]), ("neq", 2, [1, 3, 4]), ("lt", 2, [1]), ("lte", 2, [1, 2]), ("gt", 3, [4]), ("gte", 3, [3, 4]),
            ("notEquals", 2, [1, 3, 4]), ("lessThanOrEquals", 2, [1, 2]), ("greaterThanOrEquals", 3, [3, 4]),
            ("inList", [2, 3], [2, 3]),
        ]
    ),
    (kept(lambda ee: ee.Filter.stringStartsWith("kind", "a")), [1, 3]),
    (kept(lambda ee: ee.Filter.stringEndsWith("kind", "b")), [2]),
    (kept(lambda ee: ee.Filter.stringContains("kind", "c")), [4]),
    (kept(lambda ee: ee.Filter.inList("kind", ["b", "c"])), [2, 4]),
    (kept(lambda ee: ee.Filter.listContains(leftValue=["b", "c"], rightField="kind")), [2, 4]),
    (kept(lambda ee: ee.Filter.date("2020-02-01", "2020-03-11")), [2, 3]),
    (kept(lambda ee: ee.Filter.calendarRange(12, 2, "month")), [1, 2]),
    (kept(lambda ee: ee.Filter.calendarRange(2020, field="year")), [1, 2, 3, 4]),
    (kept(lambda ee: ee.Filter.dayOfYear(10, 42)), [1, 2]),
    (kept(lambda ee: ee.Filter.rangeContains("n", 2, 3)), [2, 3]),
    (kept(lambda ee: ee.Filter.notNull(["v"])), [1, 2, 3]),
    (kept(lambda ee: ee.Filter.hasGeometry() if hasattr(ee.Filter, "hasGeometry") else ee.ApiFunction.call_("Filter.hasGeometry")), [1, 2, 3, 4]),
    (kept(lambda ee: ee.ApiFunction.call_("Filter.always")), [1, 2, 3, 4]),
    (kept(lambda ee: ee.ApiFunction.call_("Filter.never")), []),
    (kept(lambda ee: ee.Filter.And(ee.Filter.gt("n", 1), ee.Filter.lt("n", 4))), [2, 3]),
    (kept(lambda ee: ee.Filter.Or(ee.Filter.lt("n", 2), ee.Filter.gt("n", 3))), [1, 4]),
    (kept(lambda ee: ee.Filter.eq("kind", "a").Not()), [2, 4]),
    (kept(lambda ee: ee.Filter.bounds(ee.Geometry.Rectangle([1.5, 9, 3.5, 11]))), [2, 3]),
    (kept(lambda ee: ee.Filter.disjoint(".geo", ee.Geometry.Rectangle([1.5, 9, 3.5, 11]))), [1, 4]),
    (kept(lambda ee: ee.Filter.isContained(".geo", ee.Geometry.Rectangle([1.5, 9, 3.5, 11]))), [2, 3]),
    (kept(lambda ee: ee.Filter.contains(".geo", ee.Geometry.Point([3, 10]))), [3]),
    (kept(lambda ee: ee.Filter.withinDistance(120000, ".geo", ee.Geometry.Point([1, 10]))), [1, 2]),
    (kept(lambda ee: ee.Filter.maxDifference(1, "n", 3)), [2, 3, 4]),
    # joins
    (lambda ee: numbers(joined(ee, ee.Join.simple())), [1, 3]),
    (lambda ee: numbers(joined(ee, ee.Join.inverted())), [2, 4]),
    (lambda ee: ee.Feature(ee.Feature(joined(ee, ee.Join.saveFirst("found", "w")).first()).get("found")).get("w"), 3),
    (lambda ee: ee.List(ee.Feature(joined(ee, ee.Join.saveAll("found", "w", False)).first()).get("found")).map(lambda one: ee.Feature(one).get("w")), [5, 3]),
    (lambda ee: joined(ee, ee.Join.inner()).size(), 3),
    (lambda ee: ee.Feature(ee.Feature(joined(ee, ee.Join.saveBest("found", "d"), ee.Filter.maxDifference(5, leftField="n", rightField="w")).first()).get("found")).get("d"), 2),
]  # fmt: skip
