"""What expressions compute beside images and geometries, and how each value is written as JSON."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from earthengine_emulator.errors import ExportError
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.grids import Projection
from earthengine_emulator.images import Image
from earthengine_emulator.pixeltypes import PixelType


@dataclass(frozen=True)
class Date:
    """A moment, in milliseconds since 1970."""

    millis: float


@dataclass(frozen=True)
class DateRange:
    """From a moment to another, which does not belong to it."""

    start: Date
    end: Date


@dataclass(frozen=True, eq=False)
class Feature:
    """A geometry, if any, with properties."""

    geometry: Geometry | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None


Element = Image | Feature


@dataclass(frozen=True, eq=False)
class Collection:
    """Images or features, in order, with properties of their own.

    Attributes:
        elements: The members.
        properties: The collection's own properties.
        id: The asset that it was loaded from.
        images: Whether it is one of images even where it is empty.
    """

    elements: Sequence[Any] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    images: bool = False

    def __iter__(self) -> Iterator[Any]:
        return iter(self.elements)

    def __len__(self) -> int:
        return len(self.elements)


@dataclass(frozen=True)
class ErrorMargin:
    """How far a geometry may be off; nothing here needs it."""

    value: float | None = None
    unit: str = "meters"


@dataclass(frozen=True, eq=False)
class Algorithm:
    """A function that an expression defines.

    Attributes:
        names: Its arguments.
        call: Takes them by name.
    """

    names: Sequence[str]
    call: Callable[[dict[str, Any]], Any]

    def __call__(self, *values: Any) -> Any:
        """Call it with arguments in order."""
        return self.call(dict(zip(self.names, values, strict=False)))


def parse_date(value: Any, zone: str | None = None) -> Date:
    """A date from one, from milliseconds, or from text in ISO 8601.

    Raises:
        ExportError: It is none of those.
    """
    if isinstance(value, Date):
        return value
    if isinstance(value, DateRange):
        return value.start
    if isinstance(value, Mapping) and value.get("type") == "Date":
        return Date(float(value["value"]))
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return Date(float(value))
    try:
        moment = datetime.fromisoformat(_padded(str(value)))
    except ValueError:
        raise ExportError(f"Date: Bad date/time '{value}'.") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=time_zone(zone))
    return Date(round(moment.timestamp() * 1000))


def _padded(text: str) -> str:
    """A date of which only the year, or the year and the month, are given, as a whole one."""
    return f"{text}-01-01" if len(text) == 4 else f"{text}-01" if len(text) == 7 else text


def time_zone(name: str | None) -> Any:
    """The time zone of a name; UTC by default.

    Raises:
        ExportError: There is no such zone.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name) if name and name not in ("UTC", "GMT", "Z") else UTC
    except (ZoneInfoNotFoundError, ValueError):
        raise ExportError(f"Date: The datetime zone id '{name}' is not recognised.") from None


def plain(value: Any) -> Any:
    """A value as JSON, in the form in which `value:compute` answers it.

    Whole numbers are written without a fraction; what is neither finite nor a number is null.

    Raises:
        ExportError: It has no such form.
    """
    match value:
        case None | bool() | str():
            return value
        case float() | np.floating():
            number = float(value)
            whole = math.isfinite(number) and number.is_integer() and abs(number) < 2**53
            return int(number) if whole else number if math.isfinite(number) else None
        case int() | np.integer():
            return int(value)
        case np.bool_():
            return bool(value)
        case np.ndarray():
            return [plain(item) for item in value.tolist()] if value.ndim else plain(value.item())
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case Date():
            return {"type": "Date", "value": plain(value.millis)}
        case DateRange():
            return {"type": "DateRange", "dates": [plain(value.start.millis), plain(value.end.millis)]}
        case Geometry():
            return value.geojson()
        case Projection():
            return _projection(value)
        case PixelType():
            return _pixel_type(value)
        case Image():
            return _image(value)
        case Feature():
            return _feature(value)
        case Collection():
            return _collection(value)
        case ErrorMargin():
            return {"type": "ErrorMargin", "value": plain(value.value), "unit": value.unit}
        case _ if hasattr(value, "plain"):
            return value.plain()
    return {"type": type(value).__name__}


def _projection(value: Projection) -> dict[str, Any]:
    return {"type": "Projection", "crs": value.code, "transform": [plain(n) for n in value.transform[:6]]}


def _pixel_type(value: PixelType) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "PixelType", "precision": value.precision}
    if value.precision == "int":
        shown |= {"min": plain(value.low), "max": plain(value.high)}
    if value.dimensions:
        shown["dimensions"] = value.dimensions
    return shown


def _image(image: Image) -> dict[str, Any]:
    bands = []
    for band in image.bands:
        shown: dict[str, Any] = {"id": band.name, "data_type": _pixel_type(band.type)}
        if image.size:
            shown["dimensions"] = list(image.size)
        projection = _projection(image.projection)
        bands.append(shown | {"crs": projection["crs"], "crs_transform": projection["transform"]})
    return _named({"type": "Image", "bands": bands}, image.id, image.properties)


def _feature(feature: Feature) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "Feature", "geometry": plain(feature.geometry)}
    if feature.id is not None:
        shown["id"] = feature.id
    return shown | {"properties": plain(_visible(feature.properties))}


def _collection(collection: Collection) -> dict[str, Any]:
    images = collection.images or any(isinstance(one, Image) for one in collection.elements)
    shown: dict[str, Any] = {"type": "ImageCollection" if images else "FeatureCollection"}
    if images:
        bands: list[Any] = []
        shown["bands"] = bands
    else:
        shown["columns"] = {}
    return _named(shown, collection.id, collection.properties) | {
        "features": [plain(element) for element in collection.elements]
    }


def _visible(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that clients are shown: the index is part of the id."""
    return {name: value for name, value in properties.items() if name != "system:id"}


def _named(shown: dict[str, Any], name: str | None, properties: Mapping[str, Any]) -> dict[str, Any]:
    if name is not None:
        shown["id"] = name
    found = _visible(properties)
    return shown | ({"properties": plain(found)} if found else {})
