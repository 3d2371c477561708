"""The description of one export."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from typing import Any, Required, TypedDict, Unpack, overload

import attrs

from ._describe import bodies, checks, fields, graphs
from ._describe.destinations import Asset, CloudStorage, Destination, Drive
from ._describe.expressions import Graph, ImageLike, Node, SupportsSerialize
from ._describe.formats import FileFormat, GeoTiff
from ._describe.grid import Crs, PixelGrid, SupportsAffine
from ._describe.placement import Placement
from ._describe.regions import Region
from ._describe.unions import which
from .errors import InvalidArgument, InvalidArgumentType
from .rest import (
    ExportImageRequest,
    ImageAssetExportOptions,
    ImageFileExportOptions,
    written_request,
)
from .rest import PixelGrid as GeneratedGrid

_Computed = Node | SupportsSerialize


class _Arguments(TypedDict, total=False):
    description: str | None
    region: Region | None
    scale: float | _Computed | None
    crs: Crs | _Computed | None
    crs_transform: Sequence[Any] | str | SupportsAffine | _Computed | None
    dimensions: int | str | Sequence[Any] | _Computed | None
    grid: PixelGrid | GeneratedGrid | None
    max_pixels: float | None
    priority: int | None
    workload_tag: str | None
    request_id: str | None


class FileArguments(_Arguments, total=False):
    """The keyword arguments of an export to files, for type checkers."""

    to: Required[Drive | CloudStorage]
    file_format: FileFormat | None


class AssetArguments(_Arguments, total=False):
    """The keyword arguments where the destination leaves no choice of a format, for type checkers."""

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
    region: Node | None
    scale: float | Node | None
    crs: str | Node | None
    crs_transform: tuple[float | Node, ...] | Node | None
    dimensions: tuple[int | Node, ...] | None
    grid: PixelGrid | None
    max_pixels: int | None
    priority: int | None
    workload_tag: str | None
    request_id: str | None
    expression_json: str
    """The image with region, scale, crs, crs_transform and dimensions folded into it, as compact JSON."""

    @overload
    def __init__(self, image: ImageLike, **arguments: Unpack[FileArguments]) -> None: ...
    @overload
    def __init__(self, image: ImageLike, **arguments: Unpack[AssetArguments]) -> None: ...
    def __init__(
        self,
        image: Any,
        *,
        to: Any,
        file_format: FileFormat | None = None,
        description: str | None = None,
        region: Any = None,
        scale: Any = None,
        crs: Any = None,
        crs_transform: Any = None,
        dimensions: Any = None,
        grid: Any = None,
        max_pixels: float | None = None,
        priority: int | None = None,
        workload_tag: str | None = None,
        request_id: str | None = None,
    ) -> None:
        if isinstance(to, ImageFileExportOptions | ImageAssetExportOptions):
            if file_format is not None:
                raise InvalidArgument("file_format", file_format, f"{type(to).__name__} names it already.")
            to, file_format = bodies.from_generated(to)
        checks.check_destination(to, file_format)
        if isinstance(grid, GeneratedGrid):
            which(grid, "crs")
            grid = PixelGrid.from_dict(grid.to_dict())
        if grid is not None and not isinstance(grid, PixelGrid):
            raise InvalidArgumentType("grid", grid, "It must be a PixelGrid.", "See PixelGrid.like(raster).")
        placement = Placement.of(region, scale, crs, crs_transform, dimensions)
        if grid is not None and placement != Placement():
            raise InvalidArgument(
                "grid",
                grid,
                "A grid says what region, scale, crs, crs_transform and dimensions would say again.",
                "Leave out the grid or the others.",
            )
        source = image if isinstance(image, Node) else Graph(graphs.read(image))
        self.__attrs_init__(  # pyright: ignore[reportAttributeAccessIssue] - attrs makes it
            to=to,
            file_format=None if isinstance(to, Asset) else file_format or GeoTiff(),
            description=None if description is None else checks.description(description),
            **attrs.asdict(placement, recurse=False),
            grid=grid,
            max_pixels=None if max_pixels is None else fields.whole("max_pixels", max_pixels, 1),
            priority=None if priority is None else fields.whole("priority", priority, 0, 9999),
            workload_tag=None if workload_tag is None else checks.workload_tag(workload_tag),
            request_id=None if request_id is None else checks.request_id(request_id),
            expression_json=graphs.write(placement.fold(source).to_dict()),
        )
        checks.check_pixels(placement.pixels if grid is None else grid.pixels, self.max_pixels)
        if grid is None and not placement.bounded:
            scaled = placement.scale is not None or placement.dimensions is not None
            checks.check_bounds(self.expression_json, scaled)
        # The expression is ASCII, and the rest is small: no need to join the two for their size.
        checks.check_size(len(self.expression_json) + len(json.dumps(self._fields(request_id or "-" * 60))))

    def to_dict(self) -> dict[str, Any]:
        """The request body, exactly as the reference documents its JSON: a dry run."""
        return {"expression": json.loads(self.expression_json), **self._fields(self.request_id)}

    def to_json(self) -> str:
        """The request body as JSON text, from which `from_json` makes an equal export."""
        return self._content(self._fields(self.request_id)).decode()

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
        request = fields.json_object("request", request)
        known = {"description": "description", "maxPixels": "max_pixels", "requestId": "request_id"}
        known |= {"workloadTag": "workload_tag", "priority": "priority"}
        structured = {"expression", "grid", "fileExportOptions", "assetExportOptions"}
        for name in request.keys() - known.keys() - structured:
            raise InvalidArgument(name, request[name], "ExportImageRequest has no such field.")
        arguments = {known[name]: fields.unwrapped(request[name]) for name in request.keys() & known.keys()}
        if str(arguments.get("max_pixels", "")).isdecimal():
            arguments["max_pixels"] = int(arguments["max_pixels"])
        to, file_format = bodies.read_options(request)
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
        fields = self._fields(checks.request_id(request_id))
        return written_request(fields, self._content(fields))

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
            given["fileExportOptions"] = self._file_options(self.to)
        return {name: value for name, value in given.items() if value is not None}

    def _file_options(self, to: Drive | CloudStorage) -> dict[str, Any]:
        file_format, destination = self.file_format or GeoTiff(), to.to_dict()
        if self.description is not None:  # as the official client names files
            destination.setdefault("filenamePrefix", self.description)
        options = file_format.to_dict()
        return {
            "fileFormat": file_format.file_format,
            to.options_field: destination,
            **({file_format.options_field: options} if options else {}),
        }

    def _content(self, fields: dict[str, Any]) -> bytes:
        """The body; `fields` is all of it but the expression."""
        written = json.dumps(fields, allow_nan=False, separators=(",", ":"))
        return f'{{"expression":{self.expression_json},{written[1:]}'.encode()

    def digest(self, salt: str = "") -> str:
        """40 hex digits that stand for all that the export asks for, but not for its request_id.

        As request_id it ties the export to one operation: who submits the same export with it once more, be
        it the next run of the program or another machine of the account, gets that operation, whatever has
        become of it; an export with anything changed gets another id, and so another operation. It may differ
        between versions of this library.

        Args:
            salt: Text that goes into it too: something new to have a failed export run again, or the
                project's id to have one export run in two projects. Default: none.

        Reference: ExportImageRequest, `requestId`.
        """
        content = self._canonical(None)
        return hashlib.sha256(f"{salt}\n{content}".encode()).hexdigest()[:40]

    def with_request_id(self, request_id: str | None) -> ImageExport:
        """The same export with another request_id, for example `export.with_request_id(export.digest())`.

        Args:
            request_id: Up to 60 letters, digits and "-"; None to let each submit make its own.

        Raises:
            InvalidArgument, InvalidArgumentType: The id is of the wrong form.

        Reference: ExportImageRequest, `requestId`.
        """
        checked = None if request_id is None else checks.request_id(request_id)
        made = object.__new__(type(self))
        made.__attrs_init__(**{**attrs.asdict(self, recurse=False), "request_id": checked})
        return made

    def _canonical(self, request_id: str | None) -> str:
        """The request in one spelling: the order of keys does not matter, nor whether 1 is written as 1.0."""
        return json.dumps(
            json.loads(self._content(self._fields(request_id)), parse_int=float), sort_keys=True
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ImageExport):
            return NotImplemented
        return self.to_json() == other.to_json() or (
            self._canonical(self.request_id) == other._canonical(other.request_id)
        )

    def __hash__(self) -> int:
        return hash(self._canonical(self.request_id))

    def _summary(self) -> dict[str, str]:
        """What a reader wants to know, in the order of importance."""
        rows: dict[str, Any] = {
            "description": self.description,
            "to": self._target(),
            "format": None if self.file_format is None else type(self.file_format).__name__,
            "grid": self.grid and "{}x{} pixels, {}".format(*self.grid.dimensions, self.grid.crs[:40]),
            "region": self.region and "given",
            "scale": self.scale and f"{self.scale} m",
            "crs": self.crs and str(self.crs)[:40],
            "crs_transform": self.crs_transform,
            "dimensions": self.dimensions and "x".join(map(str, self.dimensions)),
            "max_pixels": self.max_pixels and f"{self.max_pixels:,}",
            "priority": self.priority,
            "workload_tag": self.workload_tag,
            "request_id": self.request_id,
            "expression": f"{len(self.expression_json):,} bytes",
        }
        return {name: str(value) for name, value in rows.items() if value is not None}

    def __repr__(self) -> str:
        rows = self._summary()
        name = repr(rows.pop("description")) if self.description else "without a name"
        written = f"{rows.pop('format')} to" if self.file_format else "to"
        target = rows.pop("to")
        rest = "".join(f", {name} {value}" for name, value in rows.items() if name != "expression")
        return f"<ImageExport {name}: {written} {target}{rest}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{name}</th><td>{html.escape(value)}</td></tr>"
            for name, value in self._summary().items()
        )
        return f"<table><caption>ImageExport</caption>{rows}</table>"

    def _target(self) -> str:
        if isinstance(self.to, Asset):
            return self.to.name
        prefix = self.description if self.to.filename_prefix is None else self.to.filename_prefix
        files = f"{prefix}…" if prefix else ""
        if isinstance(self.to, CloudStorage):
            return f"gs://{self.to.bucket}/{files}"
        return ", ".join(
            filter(None, ("Google Drive", self.to.folder and f"folder {self.to.folder!r}", files))
        )
