"""What an argument is given as, as a value of the type that its signature names."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from affine import Affine

from earthengine_emulator.algebra import as_image
from earthengine_emulator.errors import ExportError
from earthengine_emulator.geometry import EMPTY, Geometry, from_geojson, gathered
from earthengine_emulator.grids import Projection, parse_crs
from earthengine_emulator.images import Image
from earthengine_emulator.pixeltypes import PixelType, named
from earthengine_emulator.values import (
    Collection,
    Date,
    DateRange,
    ErrorMargin,
    Feature,
    parse_date,
)


def coerced(value: Any, kind: str) -> Any:
    """A value as one of a type.

    Args:
        value: What was given.
        kind: The type, as the service's list of algorithms calls it.

    Raises:
        ExportError: It cannot be one.
    """
    return _KINDS[kind.partition("<")[0]](value)


def as_number(value: Any) -> Any:
    """A number, whole where it is given so."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool | np.bool_):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, np.number):
        return value.item()
    if isinstance(value, Date):
        return value.millis
    raise ExportError(f"Expected a number, found {_kind(value)}.")


def as_text(value: Any) -> str:
    """Text."""
    if isinstance(value, str):
        return value
    raise ExportError(f"Expected a string, found {_kind(value)}.")


def as_list(value: Any) -> list[Any]:
    """A list of what may be a list, an array or one thing."""
    if isinstance(value, np.ndarray):
        return list(value.tolist()) if value.ndim else [value.item()]
    if isinstance(value, Collection):
        return list(value.elements)
    return list(value) if isinstance(value, list | tuple) else [value]


def as_dictionary(value: Any) -> dict[str, Any]:
    """A dictionary; of an element, its properties."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Image | Feature):
        return dict(value.properties)
    raise ExportError(f"Expected a dictionary, found {_kind(value)}.")


def as_projection(value: Any) -> Projection:
    """A projection from one, from an image's, or from a code or WKT."""
    if isinstance(value, Projection):
        return value
    if isinstance(value, Image):
        return value.projection
    if isinstance(value, Mapping):
        if value.get("type") not in (None, "Projection"):
            raise ExportError(f"Expected a projection, found {_kind(value)}.")
        transform = value.get("transform") or (1, 0, 0, 0, 1, 0)
        return Projection(parse_crs(str(value.get("crs") or value.get("wkt"))), as_transform(transform))
    return Projection(parse_crs(str(value)), Affine.identity())


def as_transform(values: Any) -> Affine:
    """The transform of six numbers.

    Raises:
        ExportError: There are not six, or it cannot be inverted.
    """
    transform = Affine(*(float(value) for value in values)) if len(values) == 6 else None
    if transform is None or transform.determinant == 0:
        raise ExportError(f"Projection: {values} is no transform of six numbers that can be inverted.")
    return transform


def as_geometry(value: Any) -> Geometry:
    """A geometry from one, from a feature, an image, a collection, or GeoJSON."""
    if isinstance(value, Geometry):
        return value
    if isinstance(value, Feature):
        return value.geometry or EMPTY
    if isinstance(value, Image):
        from earthengine_emulator.elements import geometry_of

        return geometry_of(value)
    if isinstance(value, Collection | list):
        return gathered([as_geometry(part) for part in value])
    if isinstance(value, Mapping):
        if value.get("type") == "Feature":
            return as_geometry(value.get("geometry") or {})
        return from_geojson(dict(value))
    raise ExportError(f"Expected a geometry, found {_kind(value)}.")


def as_element(value: Any) -> Any:
    """An image, a feature or a collection; a geometry as a feature."""
    if isinstance(value, Image | Feature | Collection):
        return value
    return as_feature(value)


def as_feature(value: Any) -> Any:
    """A feature from one, from a geometry or from GeoJSON; an image as it is."""
    if isinstance(value, Feature | Image):
        return value
    if isinstance(value, Mapping) and value.get("type") == "Feature":
        geometry = value.get("geometry")
        return Feature(
            from_geojson(geometry) if geometry else None, value.get("properties") or {}, value.get("id")
        )
    return Feature(as_geometry(value))


def as_features(value: Any) -> Collection:
    """A collection from one, from an element, or from a list of them."""
    if isinstance(value, Collection):
        return value
    if isinstance(value, Mapping) and value.get("type") == "FeatureCollection":
        value = value.get("features") or []
    members = as_list(value)
    return Collection([as_element(member) for member in members], images=_all_images(members))


def as_images(value: Any) -> Collection:
    """A collection of images from one, from an image, or from a list of what may be images."""
    if isinstance(value, Collection):
        return value
    return Collection([as_image(member) for member in as_list(value)], images=True)


def _all_images(members: list[Any]) -> bool:
    return bool(members) and all(isinstance(member, Image) for member in members)


def as_range(value: Any) -> DateRange:
    """A range of dates from one, or the millisecond of one date."""
    if isinstance(value, DateRange):
        return value
    if isinstance(value, Mapping) and "dates" in value:
        start, end = value["dates"]
        return DateRange(Date(start), Date(end))
    start = parse_date(value)
    return DateRange(start, Date(start.millis + 1))


def as_array(value: Any) -> np.ndarray[Any, Any]:
    """An array from one, from a number or from lists of numbers."""
    if isinstance(value, np.ndarray):
        return value
    made = np.array(value)
    if made.dtype.kind not in "biuf":
        raise ExportError(f"Expected an array, found {_kind(value)}.")
    return made.astype(np.int64) if made.dtype.kind in "bi" else made


def as_pixel_type(value: Any) -> PixelType:
    """A type of pixels from one or from its name."""
    if isinstance(value, PixelType):
        return value
    return named(value["precision"] if isinstance(value, Mapping) else as_text(value))


def as_margin(value: Any) -> ErrorMargin:
    """An error margin from one, from GeoJSON's like or from a number of metres."""
    if isinstance(value, ErrorMargin):
        return value
    if isinstance(value, Mapping):
        return ErrorMargin(value.get("value"), value.get("unit", "meters"))
    return ErrorMargin(float(as_number(value)))


def as_algorithm(value: Any) -> Any:
    """A function."""
    if callable(value):
        return value
    raise ExportError(f"Expected a function, found {_kind(value)}.")


def _instance(name: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if getattr(value, "type", type(value).__name__) != name and type(value).__name__ != name:
            raise ExportError(f"Expected a {name}, found {_kind(value)}.")
        return value

    return check


def _kind(value: Any) -> str:
    return type(value).__name__


# By the head of the type's name: what stands in angle brackets is not looked at.
_KINDS: dict[str, Callable[[Any], Any]] = {
    "Object": lambda value: value,
    "Image": as_image,
    "Element": as_element,
    "Feature": as_feature,
    "FeatureCollection": as_features,
    "ImageCollection": as_images,
    "Geometry": as_geometry,
    "Projection": as_projection,
    "Number": as_number,
    "Float": lambda value: float(as_number(value)),
    "Integer": lambda value: int(as_number(value)),
    "Long": lambda value: int(as_number(value)),
    "Boolean": bool,
    "String": as_text,
    "List": as_list,
    "Dictionary": as_dictionary,
    "Date": parse_date,
    "DateRange": as_range,
    "Array": as_array,
    "PixelType": as_pixel_type,
    "ErrorMargin": as_margin,
    "Algorithm": as_algorithm,
    **{
        name: _instance(name)
        for name in ("Filter", "Reducer", "Kernel", "Join", "Classifier", "ConfusionMatrix", "Clusterer")
    },
}
