"""What is checked before an export is sent, beside the form of each argument."""

from __future__ import annotations

import re
import unicodedata

from ..errors import InvalidArgument, InvalidArgumentType
from . import fields
from .destinations import Asset, CloudStorage, Drive
from .formats import GeoTiff, TfRecord

DEFAULT_MAX_PIXELS = 10**8
"""The pixels that the service allows an export that names no max_pixels."""

MAX_REQUEST_BYTES = 10 * 2**20
"""The bytes that the service takes in one request."""

_SOURCES = (
    "Image.constant",
    "Image.pixelArea",
    "Image.pixelCoordinates",
    "Image.pixelLonLat",
    "Image.random",
)
_PIXELWISE = re.compile(
    r"""Projection|Image\.(
    abs|acos|add|addBands|and|asin|atan|atan2|byte|cast|cat|cbrt|ceil|clamp|cos|cosh|divide|double|eq|exp|float|
    floor|gt|gte|hypot|int|int16|int32|int8|log|log10|long|lt|lte|max|min|mod|multiply|neq|not|or|pow|rename|
    reproject|round|select|setDefaultProjection|short|signum|sin|sinh|sqrt|subtract|tan|tanh|
    to(Byte|Double|Float|Int|Int16|Int32|Int8|Long|Short|Uint16|Uint32|Uint8)|uint16|uint32|uint8|unitScale|
    visualize|where)""",
    re.VERBOSE,
)
_FUNCTION_NAME = re.compile(r'"functionName":"([^"]*)"')


def check_bounds(expression: str, scaled: bool) -> None:
    """Refuse an image that has no bounds, where its graph shows it.

    Args:
        expression: The graph as compact JSON.
        scaled: Whether a scale or dimensions without a region were folded into it; that bounds nothing.

    Raises:
        InvalidArgument: It is computed from constants alone.
    """
    if not any(f'"functionName":"{source}"' in expression for source in _SOURCES):
        return
    for match in _FUNCTION_NAME.finditer(expression):
        if match[1] in _SOURCES or _PIXELWISE.fullmatch(match[1]):
            continue
        if not scaled or match[1] != "Image.clipToBoundsAndScale":
            return
        scaled = False  # a second one is the caller's own
    raise InvalidArgument(
        "region",
        None,
        "The image is computed from constants alone and has no bounds: there is no whole to export.",
        "Give a region, a grid, or crs, crs_transform and two dimensions.",
    )


def check_pixels(pixels: int | None, max_pixels: int | None) -> None:
    """Refuse more pixels than the service would write.

    Args:
        pixels: The number of pixels where it is known.
        max_pixels: What the export allows; None for the service's default.

    Raises:
        InvalidArgument: There are more.
    """
    allowed = max_pixels or DEFAULT_MAX_PIXELS
    if pixels is not None and pixels > allowed:
        raise InvalidArgument(
            "max_pixels",
            max_pixels,
            f"The export has {pixels} pixels; {allowed} are allowed{'' if max_pixels else ' by default'}.",
            f"Give max_pixels={pixels} or more, or fewer pixels.",
        )


def check_size(size: int) -> None:
    """Refuse a request of more bytes than the service takes.

    Raises:
        InvalidArgument: It is larger.
    """
    if size > MAX_REQUEST_BYTES:
        raise InvalidArgument(
            "image",
            f"{size} bytes",
            f"The service takes at most {MAX_REQUEST_BYTES} bytes in a request (10 MB).",
            "Put what is constant and large, such as detailed geometries, into an asset.",
        )


def check_destination(to: object, file_format: object) -> None:
    """Refuse what is not one destination with at most one format of its own.

    Raises:
        InvalidArgument, InvalidArgumentType: It is not.
    """
    if isinstance(to, list | tuple | set):
        raise InvalidArgumentType(
            "to", to, "An export has one destination.", "Make one ImageExport for each destination."
        )
    if not isinstance(to, Drive | CloudStorage | Asset):
        raise InvalidArgumentType("to", to, "It must be Drive(…), CloudStorage(…) or Asset(…).")
    if file_format is None:
        return
    if isinstance(file_format, list | tuple | set):
        raise InvalidArgumentType("file_format", file_format, "An export has one format.")
    if not isinstance(file_format, GeoTiff | TfRecord):
        raise InvalidArgumentType("file_format", file_format, "It must be GeoTiff(…) or TfRecord(…).")
    if isinstance(to, Asset):
        raise InvalidArgument(
            "file_format", file_format, "An asset has no file format.", "Leave it out, or export to files."
        )


def description(value: str) -> str:
    """The name of a task, if it is one.

    Raises:
        InvalidArgument: It is not; the message offers a cleaned version.
        InvalidArgumentType: It is not a string.
    """
    plain = unicodedata.normalize("NFKD", value) if isinstance(value, str) else ""
    cleaned = re.sub(r"[^A-Za-z0-9.,:;_-]+", "_", plain.encode("ascii", "ignore").decode())[:100]
    return fields.text(
        "description",
        value,
        r"[A-Za-z0-9.,:;_-]{1,100}",
        "It may have 1 to 100 of the characters A-Z a-z 0-9 . , : ; _ -.",
        f"{cleaned!r} would do." if cleaned.strip("_") else "Leave it out, or give another.",
    )


def workload_tag(value: str) -> str:
    """The tag, if it is one.

    Raises:
        InvalidArgument, InvalidArgumentType: It is not.
    """
    rule = "It may have 1 to 63 letters, digits, '-' and '_'."
    return fields.text("workload_tag", value, r"[A-Za-z0-9_-]{1,63}", rule)


def request_id(value: str) -> str:
    """The id, if it is one.

    Raises:
        InvalidArgument, InvalidArgumentType: It is not.
    """
    rule = "It may have 1 to 60 of the characters a-z A-Z 0-9 and '-'."
    return fields.text("request_id", value, r"[A-Za-z0-9-]{1,60}", rule, "str(uuid.uuid4()) is one.")
