"""How many pixels an export has, where its arguments tell: counted, or estimated on the sphere.

The projections of all reference systems are not known here. Where the pixels are degrees or web Mercator's
metres, the number follows from the region's bounds to a percent. Elsewhere the region's area is divided by
that of a pixel, which can be a tenth too many, and far too few: a bounding box elsewhere is larger.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from attrs import frozen

from .graphs import Json
from .nodes import Node
from .placement import Placement

_DEGREE = 111_319.490793  # metres of a degree at the equator, by which the service turns scale into degrees
_RADIUS = 6_378_137.0
_COUNTLESS = 1e30  # more pixels than any max_pixels allows
_LON_LAT = {f"EPSG:{code}" for code in (4326, 4258, 4267, 4269, 4283, 4617, 4674, 6318, 7844)} | {"OGC:CRS84"}
_GEOGRAPHIC = re.compile(r"(?i)GEO(G|D|OGRAPHIC|DETIC)(CS|CRS)\[")
# These are in metres. Some are in feet: their pixels are taken for larger than they are, and too few counted.
_PROJECTED = re.compile(r"(?i)EPSG:(2\d{3}|3[0-7]\d\d|[23]\d{4}|3857|3395|5070|6933)$|PROJ(CS|CRS)\[")
_UTM = re.compile("EPSG:32[67][0-6][0-9]")
_MERCATOR = {"EPSG:3857", "EPSG:900913", "EPSG:3395"}

Bounds = tuple[float, float, float, float]  # west, south, east, north


@frozen
class Pixels:
    """A number of pixels, and how far it may be too large, as a share."""

    number: int
    error: float = 0.0

    @property
    def least(self) -> int:
        """How many there are at least."""
        return math.floor(self.number * (1 - self.error))

    @property
    def most(self) -> int:
        """How many to allow so that they pass."""
        return math.ceil(self.number * (1 + self.error))

    def __str__(self) -> str:
        return f"{'about ' if self.error else ''}{self.number:,} pixel{'' if self.number == 1 else 's'}"


def pixels(placement: Placement) -> Pixels | None:
    """The number of pixels of an export that is placed so, or None where the arguments do not tell."""
    sides = placement.dimensions or ()
    counts = [side for side in sides if isinstance(side, int)]
    if len(counts) < len(sides):
        return None
    if len(counts) == 2:
        return Pixels(counts[0] * counts[1])
    size = _pixel_size(placement)
    if placement.region is None or (not counts and size is None) or isinstance(placement.crs, Node):
        return None
    found = _bounds(placement.region)
    if found is None:
        return None
    bounds, frame = found
    extent = _extent(bounds, frame, placement.crs)
    if extent is None:
        return None
    width, height, error = extent
    if counts:
        ratio = min(width, height) / max(width, height) if width and height else 0.0
        # Without its projection the ratio may be quite another.
        return Pixels(max(1, round(counts[0] ** 2 * ratio)), error if error < 0.1 else 0.9)
    across, down = size or (1.0, 1.0)
    count = max(width / across, 1) * max(height / down, 1)
    return Pixels(round(min(count, _COUNTLESS)), error)


def _pixel_size(placement: Placement) -> tuple[float, float] | None:
    """The width and height of a pixel in metres, degrees counted as at the equator."""
    if isinstance(placement.scale, int | float):
        return float(placement.scale), float(placement.scale)
    if placement.scale is not None or not isinstance(placement.crs_transform, tuple):
        return None
    terms = [term for term in placement.crs_transform if not isinstance(term, Node)]
    if len(terms) != 6:
        return None
    a, b, _, d, e, _ = terms
    crs = str(placement.crs)
    # Of others the unit is not known: degrees taken for metres give ten thousand million times the pixels.
    unit = _DEGREE if _is_degrees(crs) else 1.0 if _PROJECTED.match(crs) else None
    return None if unit is None else (math.hypot(a, d) * unit, math.hypot(b, e) * unit)


def _is_degrees(crs: str) -> bool:
    return crs.upper() in _LON_LAT or _GEOGRAPHIC.match(crs) is not None


def _extent(bounds: Bounds, frame: str | None, crs: str | None) -> tuple[float, float, float] | None:
    """Width and height in metres of the CRS, degrees counted as at the equator, and the estimate's error."""
    west, south, east, north = bounds
    if frame is not None:  # coordinates of a projection, known only where it is the CRS, or keeps areas
        known = frame == crs or _UTM.fullmatch(frame)
        return (east - west, north - south, 0.01 if frame == crs else 0.1) if known else None
    if crs is not None and _is_degrees(crs):
        return (east - west) * _DEGREE, (north - south) * _DEGREE, 0.01
    if crs in _MERCATOR:
        low, high = (math.atanh(math.sin(math.radians(min(max(y, -85.06), 85.06)))) for y in (south, north))
        return (east - west) * _DEGREE, (high - low) * _RADIUS, 0.01
    strip = (math.sin(math.radians(north)) - math.sin(math.radians(south))) * _RADIUS
    height = math.radians(north - south) * _RADIUS
    return (strip / height if height else 1) * (east - west) * _DEGREE, height, 0.1


def _bounds(region: Node) -> tuple[Bounds, str | None] | None:
    """The bounds of a region, and its CRS if that is not degrees; None where the service computes it."""
    graph = region.to_dict()
    try:
        shapes = list(_shapes({"valueReference": graph["result"]}, graph["values"]))
        xs = [x for shape in shapes for x in shape[0]]
        ys = [y for shape in shapes for y in shape[1]]
        (frame,) = {shape[2] for shape in shapes}
        return (min(xs), min(ys), max(xs), max(ys)), frame
    except (LookupError, TypeError, ValueError, AttributeError):
        return None  # another kind of computation


def _resolved(node: Json, values: Json) -> Json:
    while "valueReference" in node:
        node = values[node["valueReference"]]
    return node


def _shapes(node: Json, values: Json) -> Iterator[tuple[list[float], list[float], str | None]]:
    """The horizontal and the vertical coordinates of each shape, and the CRS if that is not degrees."""
    call = _resolved(node, values)["functionInvocationValue"]
    name, arguments = call["functionName"], call["arguments"]
    given: Json = {key: _resolved(argument, values) for key, argument in arguments.items()}
    if name == "GeometryConstructors.MultiGeometry" and "crs" not in given:
        for member in given["geometries"]["arrayValue"]["values"]:
            yield from _shapes(member, values)
    elif name == "GeometryConstructors.BBox":
        west, south, east, north = (
            float(given[side]["constantValue"]) for side in ("west", "south", "east", "north")
        )
        yield [west, east], [south, north], None
    elif name.startswith("GeometryConstructors."):
        terms = list(_numbers(given["coordinates"]["constantValue"]))
        yield terms[::2], terms[1::2], _frame(given["crs"], values) if "crs" in given else None
    else:
        raise LookupError(name)


def _frame(projection: Json, values: Json) -> str | None:
    code = _resolved(projection["functionInvocationValue"]["arguments"]["crs"], values)["constantValue"]
    return None if code in _LON_LAT else str(code)


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float):
        yield value
    else:
        raise TypeError
