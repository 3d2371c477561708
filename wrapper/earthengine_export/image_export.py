"""The description of one export."""

from __future__ import annotations

import html
import json
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Required, TypedDict, Unpack, overload

import attrs

from earthengine_export import _fields, _graphs
from earthengine_export._placement import Placement
from earthengine_export._rest import (
    ExportImageRequest,
    Expression,
    ImageAssetExportOptions,
    ImageFileExportOptions,
    written_request,
)
from earthengine_export._rest import PixelGrid as RawPixelGrid
from earthengine_export.destinations import Asset, CloudStorage, Destination, Drive
from earthengine_export.errors import InvalidArgument, InvalidArgumentType
from earthengine_export.expressions import Graph, Node
from earthengine_export.formats import FileFormat, GeoTiff, TfRecord
from earthengine_export.grid import Crs, PixelGrid, SupportsAffine
from earthengine_export.unions import which

DEFAULT_MAX_PIXELS = 10**8
"""The pixels that the service allows an export that names no max_pixels."""

MAX_REQUEST_BYTES = 10 * 2**20
"""The bytes that the service takes in one request."""

# Functions that make an image without bounds, and those that keep it so where they are given nothing else.
_UNBOUNDED_SOURCES = {
    f"Image.{name}" for name in ("constant", "pixelArea", "pixelCoordinates", "pixelLonLat", "random")
}
_UNBOUNDED = _UNBOUNDED_SOURCES | {"Projection", "PixelType", "Element.set"}
_UNBOUNDED |= {
    f"Image.{name}"
    for name in [
        "abs",
        "acos",
        "add",
        "addBands",
        "and",
        "asin",
        "atan",
        "atan2",
        "byte",
        "cast",
        "cat",
        "cbrt",
        "ceil",
        "clamp",
        "cos",
        "cosh",
        "divide",
        "double",
        "eq",
        "exp",
        "expression",
        "float",
        "floor",
        "gt",
        "gte",
        "hypot",
        "int",
        "int16",
        "int32",
        "int8",
        "log",
        "log10",
        "long",
        "lt",
        "lte",
        "max",
        "min",
        "mod",
        "multiply",
        "neq",
        "not",
        "or",
        "pow",
        "rename",
        "reproject",
        "round",
        "select",
        "setDefaultProjection",
        "short",
        "signum",
        "sin",
        "sinh",
        "sqrt",
        "subtract",
        "tan",
        "tanh",
        "toByte",
        "toDouble",
        "toFloat",
        "toInt",
        "toInt16",
        "toInt32",
        "toInt8",
        "toLong",
        "toShort",
        "toUint16",
        "toUint32",
        "toUint8",
        "uint16",
        "uint32",
        "uint8",
        "unitScale",
        "visualize",
        "where",
    ]
}
_FUNCTION_NAME = re.compile(r'"functionName":"([^"]*)"')


class SupportsSerialize(Protocol):
    """An ee.Image or another ee.ComputedObject."""

    def serialize(self, *, for_cloud_api: bool = True) -> Any:
        """The object's expression as JSON text."""


class SupportsGeoInterface(Protocol):
    """A geometry of shapely, or whatever else speaks GeoJSON."""

    @property
    def __geo_interface__(self) -> Any:
        """The geometry as GeoJSON."""


ImageSource = Node | SupportsSerialize | Mapping[str, Any] | str | bytes | os.PathLike[str] | Expression
"""What can be exported: an ee.Image, what `load` or `call` returns, or an expression (dict, JSON text, a
path-like to a JSON file, a generated Expression)."""

Region = Node | SupportsSerialize | SupportsGeoInterface | Mapping[str, Any] | Sequence[Any] | str
"""What `region` takes; see `geometry`."""


class _Arguments(TypedDict, total=False):
    description: str | None
    region: Region | None
    scale: float | SupportsSerialize | Node | None
    crs: Crs | SupportsSerialize | Node | None
    crs_transform: Sequence[Any] | str | SupportsAffine | SupportsSerialize | Node | None
    dimensions: int | str | Sequence[Any] | SupportsSerialize | None
    grid: PixelGrid | RawPixelGrid | None
    max_pixels: float | None
    priority: int | None
    workload_tag: str | None
    request_id: str | None


class FileArguments(_Arguments):
    """The keyword arguments of an export to files, for type checkers."""

    to: Required[Drive | CloudStorage]
    file_format: FileFormat | None


class AssetArguments(_Arguments):
    """The keyword arguments of an export whose destination leaves no choice of a format."""

    to: Required[Asset | ImageAssetExportOptions | ImageFileExportOptions]


@attrs.frozen(init=False, eq=False, repr=False)
class ImageExport:
    """What to compute and where to put it: one export, checked when it is made, and then unchangeable.

    Two exports are equal if they send the same request. They can be hashed, pickled, and written as JSON.

    Reference: Method projects.image.export.

    Args:
        image: An ee.Image or other ee.ComputedObject, what `load` or `call` returns, or an expression as
            dict, JSON text, path-like to a JSON file, or generated Expression.
        to: Drive(…), CloudStorage(…) or Asset(…); or generated ImageFileExportOptions or
            ImageAssetExportOptions.
        file_format: GeoTiff(…), the default, or TfRecord(…). Not for an Asset.
        description: The name of the task, 1 to 100 of the characters A-Z a-z 0-9 . , : ; _ -. Files are named
            after it where the destination names no prefix. Default: none.
        region: The part of the world to export; see `geometry`. With scale or dimensions its bounding box in
            the CRS, without them masked to its shape. Default: all of the image.
        scale: The size of a pixel in metres. Default: the image's, or that of crs_transform.
        crs: The coordinate reference system, as for PixelGrid, or an ee.Projection. Default: the image's.
        crs_transform: (scaleX, shearX, translateX, shearY, scaleY, translateY), an affine.Affine, or the
            numbers as text with commas; needs crs. Default: the image's.
        dimensions: The longer side in pixels, or (width, height), or "WIDTHxHEIGHT". With crs and
            crs_transform and without region, a pair is the exact rectangle that begins at the transform's
            origin. Excludes scale.
        grid: A PixelGrid: the exact pixels. Excludes the five before it.
        max_pixels: The service refuses an export of more pixels. Default 100,000,000.
        priority: 0 to 9999; the project's tasks of higher priority start sooner. Default 100.
        workload_tag: 1 to 63 letters, digits, "-" and "_", to find the export's cost by. Default: none.
        request_id: Up to 60 letters, digits and "-"; with the same id the service starts at most one
            export. Default: each submit makes its own.

    Raises:
        InvalidArgument, InvalidArgumentType: An argument is refused, or some do not go together.
    """

    to: Destination
    file_format: FileFormat | None
    description: str | None
    placement: Placement
    grid: PixelGrid | None
    max_pixels: int | None
    priority: int | None
    workload_tag: str | None
    request_id: str | None
    expression_json: str
    """The image with region, scale, crs, crs_transform and dimensions folded into it, as compact JSON."""

    @overload
    def __init__(self, image: ImageSource, **arguments: Unpack[FileArguments]) -> None: ...
    @overload
    def __init__(self, image: ImageSource, **arguments: Unpack[AssetArguments]) -> None: ...
    def __init__(
        self,
        image: ImageSource,
        *,
        to: Any,
        file_format: FileFormat | None = None,
        description: str | None = None,
        region: Region | None = None,
        scale: Any = None,
        crs: Any = None,
        crs_transform: Any = None,
        dimensions: Any = None,
        grid: PixelGrid | RawPixelGrid | None = None,
        max_pixels: float | None = None,
        priority: int | None = None,
        workload_tag: str | None = None,
        request_id: str | None = None,
    ) -> None:
        if isinstance(to, ImageFileExportOptions | ImageAssetExportOptions):
            if file_format is not None:
                raise InvalidArgument(
                    "file_format", file_format, f"{type(to).__name__} says the format itself."
                )
            to, file_format = _from_raw(to)
        _check_destination(to, file_format)
        if description is not None:
            _check_description(description)
        if isinstance(grid, RawPixelGrid):
            which(grid, "crs")
            grid = PixelGrid.from_dict(grid.to_dict())
        if grid is not None and not isinstance(grid, PixelGrid):
            raise InvalidArgumentType(
                "grid", grid, "It must be a PixelGrid.", "PixelGrid.like(raster) makes one."
            )
        placement = Placement.of(region, scale, crs, crs_transform, dimensions)
        if grid is not None and placement != Placement.of(None, None, None, None, None):
            raise InvalidArgument(
                "grid",
                grid,
                "A grid says all about the pixels; region, scale, crs, crs_transform and dimensions say it anew.",
                "Leave either the grid or the others out.",
            )
        graph = placement.fold(image if isinstance(image, Node) else Graph(_graphs.read(image))).to_dict()
        self.__attrs_init__(
            to=to,
            file_format=None if isinstance(to, Asset) else file_format or GeoTiff(),
            description=description,
            placement=placement,
            grid=grid,
            max_pixels=None if max_pixels is None else _fields.whole("max_pixels", max_pixels, 1),
            priority=None if priority is None else _fields.whole("priority", priority, 0, 9999),
            workload_tag=workload_tag if workload_tag is None else _workload_tag(workload_tag),
            request_id=request_id if request_id is None else _request_id(request_id),
            expression_json=_graphs.write(graph),
        )
        self._check_pixels()
        self._check_bounds()
        if (size := len(self._content(request_id or "-" * 60))) > MAX_REQUEST_BYTES:
            raise InvalidArgument(
                "image",
                f"{size} bytes",
                f"The service takes at most {MAX_REQUEST_BYTES} bytes in a request.",
                "Put what is constant and large, such as detailed geometries, into an asset.",
            )

    def to_dict(self) -> dict[str, Any]:
        """The request body, exactly as the reference documents its JSON: a dry run."""
        return {"expression": json.loads(self.expression_json), **self._fields(self.request_id)}

    def to_json(self) -> str:
        """The request body as JSON text, from which `from_json` makes an equal export."""
        return self._content(self.request_id).decode()

    @classmethod
    def from_dict(cls, request: Mapping[str, Any]) -> ImageExport:
        """The export of a request body; region, scale and the like stay folded into its expression.

        Args:
            request: An ExportImageRequest as documented JSON. Numbers may be wrapped (`{"value": "5"}`) as
                the official Python client writes them.

        Raises:
            InvalidArgument, InvalidArgumentType: It is none, has unknown fields, or is refused by a rule of
                this class.
        """
        known = {"description": "description", "maxPixels": "max_pixels", "requestId": "request_id"}
        known |= {"workloadTag": "workload_tag", "priority": "priority"}
        structured = {"expression", "grid", "fileExportOptions", "assetExportOptions"}
        for name in request.keys() - known.keys() - structured:
            raise InvalidArgument(name, request[name], "ExportImageRequest has no such field.")
        arguments = {known[name]: _fields.unwrapped(request[name]) for name in request.keys() & known.keys()}
        if isinstance(arguments.get("max_pixels"), str):
            arguments["max_pixels"] = int(arguments["max_pixels"])
        to, file_format = _read_options(request)
        if file_format is not None:
            arguments["file_format"] = file_format
        if "grid" in request:
            arguments["grid"] = PixelGrid.from_dict(request["grid"])
        return cls(request.get("expression", {}), to=to, **arguments)

    @classmethod
    def from_json(cls, text: str | bytes) -> ImageExport:
        """The export that `to_json` wrote; see `from_dict`."""
        return cls.from_dict(json.loads(text))

    def to_request(self, request_id: str) -> ExportImageRequest:
        """The request as an object of the generated client, which sends JSON that is written already.

        Args:
            request_id: The id that this submit carries in all its attempts.

        Raises:
            InvalidArgument, InvalidArgumentType: The id is of the wrong form.
        """
        return written_request(
            self.expression_json, self._fields(request_id), self._content(_request_id(request_id))
        )

    def _fields(self, request_id: str | None) -> dict[str, Any]:
        """All of the body but the expression."""
        given: dict[str, Any] = {
            "description": self.description,
            "maxPixels": None if self.max_pixels is None else str(self.max_pixels),
            "grid": None if self.grid is None else self.grid.to_dict(),
            "requestId": request_id,
            "workloadTag": self.workload_tag,
            "priority": self.priority,
        }
        if isinstance(self.to, Asset):
            given["assetExportOptions"] = self.to.to_dict()
        else:
            given["fileExportOptions"] = self._file_options()
        return {name: value for name, value in given.items() if value is not None}

    def _file_options(self) -> dict[str, Any]:
        to, file_format = self.to, self.file_format or GeoTiff()
        destination = to.to_dict()
        if self.description is not None:
            destination.setdefault("filenamePrefix", self.description)
        options = file_format.to_dict()
        return {
            "fileFormat": file_format.file_format,
            to.options_field: destination,
            **({file_format.options_field: options} if options else {}),
        }

    def _content(self, request_id: str | None) -> bytes:
        fields = json.dumps(self._fields(request_id), allow_nan=False, separators=(",", ":"))
        return f'{{"expression":{self.expression_json},{fields[1:]}'.encode()

    def _canonical(self) -> str:
        """The request in one spelling: the order of keys does not matter, nor whether 1 is written as 1.0."""
        return json.dumps(json.loads(self.to_json(), parse_int=float), sort_keys=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ImageExport):
            return NotImplemented
        return self.to_json() == other.to_json() or self._canonical() == other._canonical()

    def __hash__(self) -> int:
        return hash(self._canonical())

    def _summary(self) -> dict[str, str]:
        """What a reader wants to know, in the order of importance."""
        placement = self.placement
        rows: dict[str, Any] = {
            "description": self.description,
            "to": _shown(self.to),
            "format": None if self.file_format is None else type(self.file_format).__name__,
            "grid": self.grid and "{}x{} pixels, {}".format(*self.grid.dimensions, self.grid.crs[:40]),
            "region": placement.region and "given",
            "scale": placement.scale and f"{placement.scale} m",
            "crs": placement.crs and str(placement.crs)[:40],
            "crs_transform": placement.crs_transform,
            "dimensions": placement.dimensions and "x".join(map(str, placement.dimensions)),
            "max_pixels": self.max_pixels and f"{self.max_pixels:,}",
            "priority": self.priority,
            "workload_tag": self.workload_tag,
            "request_id": self.request_id,
            "expression": f"{len(self.expression_json):,} bytes",
        }
        return {name: str(value) for name, value in rows.items() if value is not None}

    def __repr__(self) -> str:
        rows = self._summary()
        name = repr(rows.pop("description", "no description"))
        to, file_format = rows.pop("to"), rows.pop("format", "")
        rest = "".join(f", {name} {value}" for name, value in rows.items() if name != "expression")
        return f"<ImageExport {name}: {f'{file_format} to ' if file_format else 'to '}{to}{rest}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{name}</th><td>{html.escape(value)}</td></tr>"
            for name, value in self._summary().items()
        )
        return f"<table><caption>ImageExport</caption>{rows}</table>"

    def _check_pixels(self) -> None:
        pixels = self.grid.pixels if self.grid is not None else self.placement.pixels
        if pixels is not None and pixels > (self.max_pixels or DEFAULT_MAX_PIXELS):
            shown = self.max_pixels if self.max_pixels else f"{DEFAULT_MAX_PIXELS} (the default)"
            raise InvalidArgument(
                "max_pixels",
                self.max_pixels,
                f"The export has {pixels} pixels, and the service would refuse more than {shown}.",
                f"Give max_pixels={pixels} or more, or a coarser grid.",
            )

    def _check_bounds(self) -> None:
        if self.grid is not None or self.placement.bounded:
            return
        if '"functionName":"Image.load"' in self.expression_json:
            return
        functions = set(_FUNCTION_NAME.findall(self.expression_json))
        if functions & _UNBOUNDED_SOURCES and functions <= _UNBOUNDED:
            raise InvalidArgument(
                "region",
                None,
                "The image is computed from constants alone and has no bounds; the service cannot export it whole.",
                "Give a region, a grid, or crs, crs_transform and dimensions.",
            )


def _check_destination(to: object, file_format: object) -> None:
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


def _check_description(description: str) -> None:
    plain = unicodedata.normalize("NFKD", description) if isinstance(description, str) else ""
    cleaned = re.sub(r"[^A-Za-z0-9.,:;_-]+", "_", plain.encode("ascii", "ignore").decode())[:100]
    _fields.text(
        "description",
        description,
        r"[A-Za-z0-9.,:;_-]{1,100}",
        "It may have 1 to 100 of the characters A-Z a-z 0-9 . , : ; _ -.",
        f"{cleaned!r} would do." if cleaned.strip("_") else "Leave it out, or give another.",
    )


def _workload_tag(value: str) -> str:
    rule = "It may have 1 to 63 letters, digits, '-' and '_'."
    return _fields.text("workload_tag", value, r"[A-Za-z0-9_-]{1,63}", rule)


def _request_id(value: str) -> str:
    rule = "It may have 1 to 60 of the characters a-z A-Z 0-9 and '-'."
    return _fields.text("request_id", value, r"[A-Za-z0-9-]{1,60}", rule, "str(uuid.uuid4()) is one.")


def _shown(to: Destination) -> str:
    match to:
        case Drive():
            return f"Drive, folder {to.folder!r}" if to.folder else "Drive"
        case CloudStorage():
            return f"gs://{to.bucket}/{to.filename_prefix or ''}"
    return to.name


def _from_raw(
    options: ImageFileExportOptions | ImageAssetExportOptions,
) -> tuple[Destination, FileFormat | None]:
    """The destination and the format that a generated object describes."""
    for union in ("destination", "format_options") if isinstance(options, ImageFileExportOptions) else ():
        which(options, union)
    field = "fileExportOptions" if isinstance(options, ImageFileExportOptions) else "assetExportOptions"
    return _read_options({field: options.to_dict()})


def _read_options(request: Mapping[str, Any]) -> tuple[Destination, FileFormat | None]:
    """The destination and the format of a request body."""
    if _only("export_options", request, "fileExportOptions", "assetExportOptions") == "assetExportOptions":
        return Asset.from_dict(request["assetExportOptions"]), None
    options = request["fileExportOptions"]
    destinations: dict[str, type[Drive | CloudStorage]] = {
        kind.options_field: kind for kind in (Drive, CloudStorage)
    }
    formats: dict[str, type[GeoTiff | TfRecord]] = {kind.file_format: kind for kind in (GeoTiff, TfRecord)}
    fields = {kind.options_field: name for name, kind in formats.items()}
    chosen = _only("destination", options, *destinations)
    for name in options.keys() - destinations.keys() - fields.keys() - {"fileFormat"}:
        raise InvalidArgument(name, options[name], "ImageFileExportOptions has no such field.")
    file_format = options.get("fileFormat")
    if file_format not in formats:
        raise InvalidArgument("file_format", file_format, f"Exports are written as {' or '.join(formats)}.")
    given = [name for name in fields if name in options]
    if len(given) > 1 or (given and fields[given[0]] != file_format):
        raise InvalidArgument(
            "file_format",
            file_format,
            f"{' and '.join(given)} {'are' if len(given) > 1 else 'is'} set; this format has only "
            f"{formats[file_format].options_field}.",
        )
    kind = formats[file_format]
    return destinations[chosen].from_dict(options[chosen]), kind.from_dict(
        options.get(kind.options_field, {})
    )


def _only(union: str, data: Mapping[str, Any], *names: str) -> str:
    """The one of these fields that is set."""
    found = [name for name in names if name in data]
    if len(found) != 1:
        state = f"{' and '.join(found)} are set" if found else "none is set"
        raise InvalidArgument(union, found, f"Exactly one of {' and '.join(names)} must be set, and {state}.")
    return found[0]
