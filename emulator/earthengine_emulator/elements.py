"""What images and features have in common: properties, and a place."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import shapely

from earthengine_emulator.errors import ExportError
from earthengine_emulator.geometry import EMPTY, FOOTPRINT, Geometry, boxed, from_geojson
from earthengine_emulator.images import Image
from earthengine_emulator.values import Collection, Feature

Element = Any


def with_properties(element: Element, properties: Mapping[str, Any]) -> Element:
    """An element with more properties; those that become null are removed."""
    known = {
        name: value
        for name, value in (dict(element.properties) | dict(properties)).items()
        if value is not None
    }
    return replace(element, properties=known)


def property_of(element: Any, name: str) -> Any:
    """A property of an element, null where it has none; `.geo` and `.all` are its geometry."""
    if name in (".geo", ".all"):
        return geometry_of(element)
    if name in ("system:id", "id") and name not in element.properties:
        return element.id
    found = element.properties.get(name)
    if found is None and name == "system:footprint" and isinstance(element, Image):
        return geometry_of(element)
    return found


def geometry_of(element: Any) -> Geometry:
    """Where an element is: a feature's geometry, an image's footprint, or all of a collection's."""
    if isinstance(element, Geometry):
        return element
    if isinstance(element, Feature):
        return element.geometry or EMPTY
    if isinstance(element, Collection):
        return merged(geometry_of(one) for one in element)
    if not isinstance(element, Image):
        raise ExportError(f"Expected an element, found {type(element).__name__}.")
    footprint = element.properties.get("system:footprint")
    if isinstance(footprint, Mapping):
        return from_geojson(dict(footprint))
    if isinstance(footprint, Geometry):
        return footprint
    if element.footprint is None:
        return Geometry(boxed(-180, -90, 180, 90), geodesic=False)
    box = element.footprint
    shape = boxed(box.west, box.south, box.east, box.north)
    return Geometry(shape, box.crs, geodesic=False, kind=FOOTPRINT)


def merged(geometries: Iterable[Geometry]) -> Geometry:
    """The union of some geometries, in longitudes and latitudes."""
    parts = list(geometries)
    if len(parts) == 1:
        return parts[0]
    shapes = [part.lonlat if part.lonlat.is_valid else shapely.make_valid(part.lonlat) for part in parts]
    return Geometry(shapely.union_all(shapes), geodesic=False) if shapes else EMPTY


def index_of(element: Any, number: int) -> str:
    """The index of an element of a collection: its own, or its place."""
    return str(element.properties.get("system:index", element.id if element.id is not None else number))
