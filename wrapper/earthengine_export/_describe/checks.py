"""What is checked before an export is sent, beside the form of each argument."""

from __future__ import annotations

import re
import unicodedata

from .. import rest
from .._errors.root import shown
from ..errors import InvalidArgument, InvalidArgumentType
from . import plain
from .destinations import Asset, CloudStorage, Destination, Drive
from .formats import FileFormat, GeoTiff, TfRecord
from .grid import PixelGrid, SupportsGrid
from .pixels import Pixels
from .unions import which

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


def check_pixels(pixels: Pixels | None, max_pixels: int | None) -> None:
    """Refuse more pixels than the service would write.

    Args:
        pixels: The number of pixels where it is known.
        max_pixels: What the export allows; None for the service's default.

    Raises:
        InvalidArgument: There are more, the estimate's error considered.
    """
    allowed = max_pixels or DEFAULT_MAX_PIXELS
    if pixels is not None and pixels.least > allowed:
        more = f"max_pixels={pixels.most:_} or more, or " if pixels.most <= plain.INT64 else ""
        raise InvalidArgument(
            "max_pixels",
            max_pixels,
            f"The export has {pixels}; {allowed:,} are allowed{'' if max_pixels else ' by default'}.",
            f"Give {more}fewer pixels: a smaller region or a larger scale.",
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


def destination(
    value: Drive | CloudStorage | Asset | rest.ImageFileExportOptions | rest.ImageAssetExportOptions,
) -> Destination:
    """A converter: one destination. Generated options stay, to be read together with the format."""
    if isinstance(value, list | tuple | set):
        cure = "Make one ImageExport for each destination."
        raise InvalidArgumentType("", value, "An export has one destination.", cure)
    if not isinstance(
        value, Drive | CloudStorage | Asset | rest.ImageFileExportOptions | rest.ImageAssetExportOptions
    ):
        text = value if isinstance(value, str) else ""
        cure = "Give CloudStorage(bucket, filename_prefix=…)." if text.startswith("gs://") else ""
        cure = f"Give Asset({shown(text)})." if text.startswith(("users/", "projects/")) else cure
        raise InvalidArgumentType("", value, "It must be Drive(…), CloudStorage(…) or Asset(…).", cure)
    return value  # type: ignore[return-value]


def file_format(value: FileFormat) -> FileFormat:
    """A converter: one format."""
    if not isinstance(value, GeoTiff | TfRecord):
        name = "TfRecord" if isinstance(value, str) and "record" in value.lower() else "GeoTiff"
        cure = f"Give {name}()." if isinstance(value, str) else ""
        raise InvalidArgumentType("", value, "It must be GeoTiff(…) or TfRecord(…).", cure)
    return value


def grid(value: PixelGrid | rest.PixelGrid | SupportsGrid) -> PixelGrid:
    """A converter: a grid, or that of a raster."""
    if isinstance(value, rest.PixelGrid):
        which(value, "crs")
        return PixelGrid.from_dict(value.to_dict())
    return PixelGrid.of_raster(value)


def priority(value: int) -> int:
    """A converter: a task's rank."""
    return plain.whole(value, 0, 9999)


def _named(value: str, allowed: str, room: int) -> str:
    """Text of some characters only; where it is refused, the message offers a cleaned version."""
    decomposed = unicodedata.normalize("NFKD", value) if isinstance(value, str) else ""
    cleaned = re.sub(rf"[^{allowed}]+", "_", decomposed.encode("ascii", "ignore").decode())[:room]
    would_do = cleaned.strip("_") and len(value) < 200
    return plain.text(
        value,
        rf"[{allowed}]{{1,{room}}}",
        f"It may have 1 to {room} of the characters {' '.join(re.findall('.-.|.', allowed))}.",
        f"{cleaned!r} would do." if would_do else "Leave it out, or give another.",
    )


def description(value: str) -> str:
    """A converter: the name of a task."""
    return _named(value, "A-Za-z0-9.,:;_-", 100)


def workload_tag(value: str) -> str:
    """A converter: a label for costs."""
    return _named(value, "A-Za-z0-9_-", 63)


def request_id(value: str) -> str:
    """A converter: a requestId."""
    rule = "It may have 1 to 60 of the characters A-Z a-z 0-9 -."
    return plain.text(value, r"[A-Za-z0-9-]{1,60}", rule, "str(uuid.uuid4()) makes one.")
