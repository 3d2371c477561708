"""Regions: what part of the world an export covers.

A region is given as a bounding box, GeoJSON, anything with `__geo_interface__`, coordinates, or an
ee.Geometry, and becomes a call of one of the service's geometry constructors, the same one that the
official client calls. Coordinates are degrees, longitude first, unless the GeoJSON names a `crs`.
"""

from __future__ import annotations

import json
import numbers
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..errors import InvalidArgument, InvalidArgumentType
from . import expressions, fields
from .expressions import Node, SupportsSerialize, call
from .grid import crs_text


class SupportsGeoInterface(Protocol):
    """A geometry of shapely, or whatever else speaks GeoJSON."""

    @property
    def __geo_interface__(self) -> Any:
        """The geometry as GeoJSON."""


Region = Node | SupportsSerialize | SupportsGeoInterface | Mapping[str, Any] | Sequence[Any] | str
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
_SHORTEST = {"LineString": 2, "MultiLineString": 2, "LinearRing": 3, "Polygon": 3, "MultiPolygon": 3}
_LON_LAT = (None, "EPSG:4326", "OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84")
_ORDER = "Coordinates are (longitude, latitude) in degrees."


def geometry(region: Region) -> Node:
    """What a `region` argument stands for, as a node that can be an argument of `call`.

    Args:
        region: One of

            - a bounding box (west, south, east, north) in degrees, whose edges follow the lines of longitude
              and latitude. Where west is greater than east, or a longitude beyond 180, it crosses the
              antimeridian; 360 degrees and more are the whole band: all as ee.Geometry.BBox has it.
            - GeoJSON of any type, as dict or as text. Edges are geodesic unless it says "geodesic": false,
              as in ee.Geometry; a Feature stands for its geometry, a FeatureCollection for all of its.
            - anything with `__geo_interface__`, such as a shapely geometry, or a row of a GeoDataFrame.
            - nested coordinates as the official client's `region` takes them: of a line ([[x, y], …]) or of a
              polygon ([[[x, y], …]]), as lists or as JSON text. Rings need not be closed.
            - an ee.Geometry, or a node.

    Raises:
        InvalidArgument, InvalidArgumentType: It is none of these, or a coordinate is out of range.
    """
    value: Any = region
    if isinstance(region, str):
        try:
            value = json.loads(region)
        except (ValueError, RecursionError) as error:
            raise InvalidArgument("region", region, f"It is text, but not JSON: {error}.") from None
    if isinstance(value, Node):
        return value
    if hasattr(value, "serialize"):
        return _from_ee(value)
    _check_frame(value)
    if is_geometry(value):
        return from_geojson("region", value)
    if is_geometry(getattr(value, "geometry", None)):  # a row of a GeoDataFrame
        return from_geojson("region", value.geometry)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Sequence) and len(value) == 4 and all(map(_is_number, value)):
        return _from_box(*value)
    if isinstance(value, Sequence):
        return _from_coordinates(value)
    raise InvalidArgumentType(
        "region",
        region,
        "It must be a box (west, south, east, north), GeoJSON, anything with __geo_interface__, or an "
        "ee.Geometry.",
    )


def is_geometry(value: Any) -> bool:
    """Whether a value is GeoJSON, or has it as `__geo_interface__`."""
    if isinstance(value, Mapping):
        kind = value.get("type")
        return (
            (kind in _DEPTHS and "coordinates" in value)
            or (kind == "GeometryCollection" and "geometries" in value)
            or (kind == "Feature" and "geometry" in value)
            or (kind == "FeatureCollection" and "features" in value)
        )
    return hasattr(value, "__geo_interface__")


def from_geojson(argument: str, value: Any) -> Node:
    """The call of the constructor for GeoJSON, as `ee.Geometry(geojson)` makes it.

    Raises:
        InvalidArgument, InvalidArgumentType: It is not valid; `argument` is named.
    """
    data: Mapping[str, Any] = getattr(value, "__geo_interface__", value)
    kind, crs = data.get("type"), _crs_name(argument, data.get("crs"))
    if kind in ("Feature", "FeatureCollection"):
        frame = {} if crs in _LON_LAT else {"crs": data["crs"]}
        features = [data] if kind == "Feature" else data["features"]
        geometries = [{**frame, **(feature.get("geometry") or {})} for feature in features]
        if len(geometries) == 1 and is_geometry(geometries[0]):
            return from_geojson(argument, geometries[0])
        data, kind, crs = {"geometries": geometries}, "GeometryCollection", None
    if kind == "GeometryCollection":
        for member in data["geometries"]:
            if not is_geometry(member):
                raise InvalidArgument(argument, member, "This is no geometry of GeoJSON.", "Leave it out.")
        members = [from_geojson(argument, member) for member in data["geometries"]]
        if not members:
            raise InvalidArgument(argument, dict(data), "It holds no geometry.")
        return _constructor("MultiGeometry", crs, data, geometries=members)
    if kind not in _DEPTHS:
        raise InvalidArgument(argument, data, f"GeoJSON is one of {', '.join(_DEPTHS)}, and collections.")
    coordinates = data.get("coordinates")
    shape = (_DEPTHS[kind], _SHORTEST.get(kind, 1))
    return _constructor(
        kind, crs, data, coordinates=_positions(argument, coordinates, *shape, crs in _LON_LAT)
    )


def _constructor(kind: str, crs: str | None, options: Mapping[str, Any], **arguments: Any) -> Node:
    # Points have no edges, and only polygons an inside; their constructors refuse the words.
    names = () if "Point" in kind else ("geodesic", "evenOdd") if "Polygon" in kind else ("geodesic",)
    flags = {name: bool(options[name]) for name in names if name in options}
    projection = None if crs is None else call("Projection", crs=crs)
    return call(f"GeometryConstructors.{kind}", **arguments, crs=projection, **flags)


def _crs_name(argument: str, crs: Any) -> str | None:
    """The name in a `crs` member of GeoJSON."""
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, Mapping) and crs.get("type") == "name" else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not isinstance(name, str):
        raise InvalidArgument(
            argument,
            crs,
            "A crs in GeoJSON must be named: {'type': 'name', 'properties': {'name': 'EPSG:…'}}.",
        )
    return name


def _positions(argument: str, value: Any, depth: int, shortest: int, degrees: bool) -> list[Any]:
    """Coordinates as lists, checked: their nesting, that they are finite, and the range of latitudes."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidArgumentType(
            argument, value, f"Coordinates of {depth} nested lists are missing here.", _ORDER
        )
    if depth > 1:
        if len(value) < (shortest if depth == 2 else 1):
            raise InvalidArgument(argument, value, f"At least {shortest if depth == 2 else 1} must be here.")
        return [_positions(argument, item, depth - 1, shortest, degrees) for item in value]
    if len(value) != 2:
        raise InvalidArgument(
            argument, value, "A position is two numbers; the service takes no heights.", "Leave the rest out."
        )
    return [fields.real(argument, value[0]), _latitude(argument, value[1], degrees)]


def _latitude(argument: str, value: Any, degrees: bool = True) -> float:
    number = fields.real(argument, value)
    if degrees and abs(number) > 90:
        raise InvalidArgument(
            argument,
            value,
            f"A latitude must be from -90 to 90. {_ORDER}",
            "Are the two swapped, or projected?",
        )
    return number


def _from_box(west: float, south: float, east: float, north: float) -> Node:
    west, east = fields.real("region", west), fields.real("region", east)
    south, north = _latitude("region", south), _latitude("region", north)
    if south > north:
        raise InvalidArgument(
            "region",
            (west, south, east, north),
            "South is greater than north.",
            "Give (west, south, east, north).",
        )
    if east - west >= 360:
        west, east = -180, 180
    else:
        west, east = _longitude(west), _longitude(east)
        east += 360 if east < west else 0
    ring = [[west, north], [west, south], [east, south], [east, north]]
    return call("GeometryConstructors.Polygon", coordinates=[ring], geodesic=False)


def _longitude(value: float) -> float:
    """The same meridian within -180 to 180, by the official client's arithmetic."""
    value %= 360
    return value - 360 if value > 180 else value


def _from_coordinates(region: Sequence[Any]) -> Node:
    """A line or a polygon, by how deep the lists nest, as the official client reads its `region`."""
    if region and all(map(_is_number, region)):  # x, y, x, y, …
        region = [region[index : index + 2] for index in range(0, len(region), 2)]
    depth, item = 0, region
    while isinstance(item, Sequence) and not isinstance(item, str) and item:
        depth, item = depth + 1, item[0]
    if isinstance(item, Node) or hasattr(item, "serialize"):
        return call("GeometryConstructors.LineString", coordinates=region)
    if depth == 3:
        rings = _positions("region", region, 3, _SHORTEST["Polygon"], True)
        return call("GeometryConstructors.Polygon", coordinates=rings, evenOdd=True)
    return call("GeometryConstructors.LineString", coordinates=_positions("region", region, 2, 2, True))


def _from_ee(region: Any) -> Node:
    kind = region.name() if hasattr(region, "name") else "Geometry"
    if kind not in ("Geometry", "ComputedObject"):
        raise InvalidArgumentType("region", kind, "It must be an ee.Geometry.", "Give its .geometry().")
    return expressions.expression(region)


def _check_frame(region: Any) -> None:
    """Refuse a frame of shapes whose coordinates are not degrees: `__geo_interface__` does not say so."""
    crs = getattr(region, "crs", None)
    if crs is not None and not isinstance(region, Mapping) and crs_text("region", crs) not in _LON_LAT:
        raise InvalidArgument(
            "region", crs, f"Its shapes have this CRS. {_ORDER}", "Give region.to_crs(4326)."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
