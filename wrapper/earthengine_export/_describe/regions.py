"""Regions: what part of the world an export covers.

A region is given as a bounding box, GeoJSON, anything with `__geo_interface__`, coordinates, or an
ee.Geometry, and becomes a call of one of the service's geometry constructors, the same one that the
official client calls. Coordinates are degrees, longitude first, unless the GeoJSON names a `crs`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from ..errors import InvalidArgument, InvalidArgumentType
from . import nodes, plain, reading
from .graphs import JsonObject
from .grid import crs_text
from .nodes import Node
from .reading import SupportsSerialize


class SupportsGeoInterface(Protocol):
    """A geometry of shapely, or whatever else speaks GeoJSON."""

    @property
    def __geo_interface__(self) -> object:
        """The geometry as GeoJSON."""


Region = (
    Node | SupportsSerialize | SupportsGeoInterface | JsonObject | Sequence[object] | str | os.PathLike[str]
)
"""What `region` takes; see `geometry`."""

# How deep the coordinates of each type of GeoJSON nest.
_DEPTHS = {
    "Point": 1,
    "MultiPoint": 2,
    "LineString": 2,
    "LinearRing": 2,
    "MultiLineString": 3,
    "Polygon": 3,
    "MultiPolygon": 4,
}
# The member that each type of GeoJSON has its content in.
_MEMBERS = {
    **dict.fromkeys(_DEPTHS, "coordinates"),
    "GeometryCollection": "geometries",
    "Feature": "geometry",
    "FeatureCollection": "features",
}
_SHORTEST = {"LineString": 2, "MultiLineString": 2, "LinearRing": 3, "Polygon": 3, "MultiPolygon": 3}
_LON_LAT = (None, "EPSG:4326", "OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84")
_WKT = re.compile(
    r"\s*(SRID=\d+;\s*)?(MULTI|POINT|LINE|POLYGON|GEOMETRYCO|CIRCULAR|COMPOUND|CURVE)", re.IGNORECASE
)
_ORDER = "Coordinates are (longitude, latitude) in degrees."
_FORMS = "It must be (west, south, east, north), GeoJSON, anything with __geo_interface__, or an ee.Geometry."
_CURES = {
    "Image": "Give its .geometry(), or eex.call('Image.geometry', feature=…).",
    "Feature": "Give its .geometry().",
    "ImageCollection": "Give its .geometry(), or eex.call('Collection.geometry', collection=…).",
    "FeatureCollection": "Give its .geometry(), or eex.call('Collection.geometry', collection=…).",
    "List": "Give ee.Geometry.Polygon(list).",
}


def geometry(region: Region) -> Node:
    """What a `region` argument stands for, as a node that can be an argument of `call`.

    Args:
        region: One of

            - a bounding box (west, south, east, north) in degrees, whose edges follow the lines of longitude
              and latitude. Where west is greater than east, or a longitude beyond 180, it crosses the
              antimeridian; 360 degrees and more are the whole band: all as ee.Geometry.BBox has it.
            - GeoJSON of any type, as dict, as text, or as the path-like of a file. Edges are geodesic unless
              it says "geodesic": false, as in ee.Geometry; a Feature stands for its geometry, a
              FeatureCollection for all of its.
            - anything with `__geo_interface__`, such as a shapely geometry, or a row of a GeoDataFrame.
            - nested coordinates as the official client's `region` takes them: of a line ([[x, y], …]) or of a
              polygon ([[[x, y], …]]), as lists or as JSON text. Rings need not be closed.
            - an ee.Geometry, or a node.

    Raises:
        InvalidArgument, InvalidArgumentType: It is none of these, or a coordinate is out of range.
    """
    return plain.checked("region", node_of, region)


def node_of(region: Region) -> Node:
    """A converter: the same, its errors without the argument's name."""
    value: object = region
    if isinstance(region, str | os.PathLike):
        value = reading.parsed(region, _cure(region) if isinstance(region, str) else "")
    if isinstance(value, Node) or reading.is_ee(value):
        return reading.typed(value, {"Geometry"}, "a region is a geometry.", _CURES)
    _check_frame(value)
    if is_geometry(value):
        return from_geojson(value)
    if is_geometry(inner := getattr(value, "geometry", None)):  # a row of a GeoDataFrame
        return from_geojson(inner)
    if plain.is_list(value := plain.item_of(value)):
        return _from_coordinates(plain.items(value))
    raise InvalidArgumentType("", region, _FORMS)


def _cure(text: str) -> str:
    """What to do about text that is not JSON."""
    if not text.strip():
        return "Leave it out for all of the image."
    if _WKT.match(text):
        return "Of WKT, shapely.from_wkt(…) makes a geometry."
    if re.match("0[01][0-9A-Fa-f]{8}", text):
        return "Of WKB, shapely.from_wkb(…) makes a geometry."
    if re.fullmatch(r"[-+.,;\s\d]+", text):
        return "Give the numbers themselves, not a text: (west, south, east, north)."
    if text.startswith(("users/", "projects/")):
        return f"For a table, give ee.FeatureCollection({text[:120]!r}).geometry()."
    return f"For a file, give pathlib.Path({text!r})." if len(text) < 120 else ""


def is_geometry(value: object) -> bool:
    """Whether a value is GeoJSON, or has it as `__geo_interface__`."""
    if isinstance(value, Mapping):
        kind = value.get("type")
        return kind in _MEMBERS and _MEMBERS[kind] in value
    return hasattr(value, "__geo_interface__")


def from_geojson(value: object) -> Node:
    """The call of the constructor for GeoJSON, as `ee.Geometry(geojson)` makes it.

    Raises:
        InvalidArgument, InvalidArgumentType: It is not valid.
    """
    data = getattr(value, "__geo_interface__", value)
    if not isinstance(data, Mapping):
        raise InvalidArgumentType("", value, "Its __geo_interface__ is no GeoJSON.")
    kind, crs = data.get("type"), _crs_name(data.get("crs"))
    if kind in ("Feature", "FeatureCollection"):
        frame = {} if crs in _LON_LAT else {"crs": data["crs"]}
        one = kind == "Feature"
        features = [data] if one else plain.items(data["features"], "Its features must be a list.")
        geometries = [{**frame, **_geometry_of(feature)} for feature in features]
        if len(geometries) == 1 and is_geometry(geometries[0]):
            return from_geojson(geometries[0])
        data, kind, crs = {"geometries": geometries}, "GeometryCollection", None
    if kind == "GeometryCollection":
        members = plain.items(data["geometries"], "Its geometries must be a list.")
        for member in members:
            if not is_geometry(member):
                raise InvalidArgument("", member, "This is no geometry of GeoJSON.", "Leave it out.")
        if not members:
            raise InvalidArgument("", value, "It holds no geometry.")
        return _constructor("MultiGeometry", crs, data, geometries=nodes.array(map(from_geojson, members)))
    if not isinstance(kind, str) or kind not in _DEPTHS:
        raise InvalidArgument("", value, f"Its type must be one of {', '.join(_MEMBERS)}.")
    coordinates = _positions(data.get("coordinates"), _DEPTHS[kind], kind, crs in _LON_LAT)
    return _constructor(kind, crs, data, coordinates=nodes.constant(coordinates))


def _geometry_of(feature: object) -> JsonObject:
    data = getattr(feature, "__geo_interface__", feature)
    found = data.get("geometry") if isinstance(data, Mapping) else None
    if not found or not isinstance(found, Mapping):
        rule = "This is no Feature of GeoJSON." if found or not data else "This Feature has no geometry."
        raise InvalidArgument("", feature, rule, "Leave it out.")
    return found


def _constructor(kind: str, crs: str | None, options: JsonObject, **arguments: nodes.Item) -> Node:
    # Points have no edges, and only polygons an inside; their constructors refuse the words.
    words = () if "Point" in kind else ("geodesic", "evenOdd") if "Polygon" in kind else ("geodesic",)
    flags = {
        word: nodes.constant(plain.checked(f"[{word!r}]", _flag, options[word]))
        for word in words
        if word in options
    }
    projection = None if crs is None else nodes.invocation("Projection", {"crs": nodes.constant(crs)})
    return nodes.invocation(f"GeometryConstructors.{kind}", {**arguments, "crs": projection, **flags})


def _flag(value: object) -> bool:
    return plain.flag(bool(value) if value in (0, 1) else value)  # type: ignore[arg-type]


def _crs_name(crs: object) -> str | None:
    """The name in a `crs` member of GeoJSON."""
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, Mapping) and crs.get("type") == "name" else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not isinstance(name, str):
        rule = "A crs in GeoJSON must be named: {'type': 'name', 'properties': {'name': 'EPSG:…'}}."
        raise InvalidArgument("", crs, rule)
    return crs_text(name)


def _positions(value: object, depth: int, kind: str, degrees: bool) -> list[object]:
    """Coordinates as lists, checked: their nesting, that they are finite, and the range of latitudes."""
    rule = f"A {kind}'s coordinates nest {_DEPTHS[kind]} deep, and a list of them is missing here. {_ORDER}"
    listed = plain.items(value, rule)
    if depth == 1:
        if len(listed) == 2:
            return [plain.number(listed[0]), _latitude(listed[1], degrees)]
        rule = "A position is two numbers here; the service takes no heights."
        cure = "shapely.force_2d(shape) leaves them out." if len(listed) == 3 else ""
        raise InvalidArgument("", value, rule, cure)
    shortest = _SHORTEST.get(kind, 1) if depth == 2 else 1
    if len(listed) < shortest:
        part = {2: "A line has 2 positions or more.", 3: "A ring has 3 positions or more."}
        raise InvalidArgument("", value, part.get(shortest, "There are no coordinates here."))
    return [_positions(item, depth - 1, kind, degrees) for item in listed]


def _latitude(value: object, degrees: bool = True) -> float:
    number = plain.number(value)
    if degrees and abs(number) > 90:
        crs = "{**geojson, 'crs': {'type': 'name', 'properties': {'name': 'EPSG:…'}}}"
        cure = f"Of projected ones say in which CRS: {crs}; of a shape from shapely.geometry.mapping(shape)."
        cure = cure if abs(number) > 360 else "Are the two swapped?"
        raise InvalidArgument("", value, f"A latitude must be from -90 to 90. {_ORDER}", cure)
    return number


def _from_box(box: list[float]) -> Node:
    (west, east), (south, north) = box[::2], map(_latitude, box[1::2])
    if south > north:
        rule = "South is greater than north."
        raise InvalidArgument("", box, rule, "Give (west, south, east, north).")
    if east - west >= 360:
        west, east = -180, 180
    else:
        west, east = _longitude(west), _longitude(east)
        east += 360 if east < west else 0
    ring = [[west, north], [west, south], [east, south], [east, north]]
    return _constructor("Polygon", None, {"geodesic": False}, coordinates=nodes.constant([ring]))


def _longitude(value: float) -> float:
    """The same meridian within -180 to 180, by the official client's arithmetic."""
    value %= 360
    return plain.number(value - 360 if value > 180 else value)


def _from_coordinates(region: list[object]) -> Node:
    """A box, a line or a polygon, by how deep the lists nest, as the official client reads its `region`."""
    if region and all(map(_is_number, region)):
        if len(region) == 4:
            return _from_box([plain.number(side) for side in region])
        if len(region) % 2:
            raise InvalidArgument(
                "", region, "A box has four numbers (west, south, east, north), a line pairs."
            )
        region = [region[index : index + 2] for index in range(0, len(region), 2)]  # x, y, x, y, …
    depth, item = 0, cast(object, region)
    while plain.is_list(item) and item and depth < 9:
        depth, item = depth + 1, plain.item_of(item[0])
    if depth == 1 and (isinstance(item, Node) or reading.is_ee(item)):
        if any(map(_is_number, region)):
            raise InvalidArgument(
                "", region, "Some of these are computed.", "Give ee.Geometry.Rectangle(list)."
            )
        points = nodes.array(map(reading.computed, region))
        return nodes.invocation("GeometryConstructors.LineString", {"coordinates": points})
    if is_geometry(item):
        raise InvalidArgument("", region, "It is a list of shapes.", "Give shapely.union_all(shapes).")
    if depth == 3:
        rings = nodes.constant(_positions(region, 3, "Polygon", True))
        return _constructor("Polygon", None, {"evenOdd": True}, coordinates=rings)
    if depth > 3:
        rule = f"These nest {'as' if depth == 4 else 'deeper than'} the coordinates of a MultiPolygon."
        cure = "Give GeoJSON with its type: {'type': 'MultiPolygon', 'coordinates': …}."
        raise InvalidArgument("", region, rule, cure)
    if depth < 2:
        raise InvalidArgument("", region, _FORMS)
    line = nodes.constant(_positions(region, 2, "LineString", True))
    return _constructor("LineString", None, {}, coordinates=line)


def _check_frame(region: object) -> None:
    """Refuse a frame of shapes whose coordinates are not degrees: `__geo_interface__` does not say so."""
    crs = getattr(region, "crs", None)
    if crs is not None and not isinstance(region, Mapping) and crs_text(crs) not in _LON_LAT:
        rule, cure = f"Its shapes have the CRS {crs_text(crs)[:60]}. {_ORDER}", "Give region.to_crs(4326)."
        raise InvalidArgument("", region, rule, cure)


def _is_number(value: object) -> bool:
    return plain.is_number(plain.item_of(value))
