"""The description of one export."""

from __future__ import annotations

import copy
import hashlib
import html
import json
from typing import Unpack

import attrs
from attrs import field, frozen

from . import rest
from ._describe import bodies, checks, messages, placement, plain, reading, regions
from ._describe.arguments import ExportChanges
from ._describe.destinations import Asset, CloudStorage, Destination
from ._describe.fields import explained, guarded, optional
from ._describe.formats import FileFormat, GeoTiff
from ._describe.graphs import Json, JsonObject, compact
from ._describe.grid import PixelGrid
from ._describe.nodes import Node, constant, written
from ._describe.pixels import Pixels, pixels
from ._describe.placement import Placement
from ._errors.root import if_made
from .errors import InvalidArgument

DIGEST_OF_CONTENT = 28  # digits of a digest that no salt changes
_CANONICAL = 2**20  # bytes of an expression up to which a digest does not depend on the order of keys
_ANY_IMAGE = Node([constant(1)])


@explained
@frozen(eq=False, repr=False, field_transformer=guarded)
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
        grid: A PixelGrid, or the raster whose grid it is (see PixelGrid.like): the exact pixels. Excludes the
            five before it.
        max_pixels: The service refuses an export of more pixels. Default 100,000,000.
        priority: 0 to 9999; the project's tasks of higher priority start sooner. Default 100.
        workload_tag: 1 to 63 letters, digits, "-" and "_", to find the export's cost by. Default: none.
        request_id: Up to 60 letters, digits and "-"; with the same id the service starts at most one
            export. Default: each submit makes its own.
        extra_body: Fields of the request that this class lacks, as JSON, at any depth; merged into its own.
            Default: none.

    Raises:
        InvalidArgument, InvalidArgumentType: An argument is refused, or some do not go together.
    """

    image: Node = field(converter=reading.image)
    to: Destination = field(kw_only=True, converter=checks.destination)
    file_format: FileFormat | None = field(default=None, kw_only=True, converter=optional(checks.file_format))
    description: str | None = field(default=None, kw_only=True, converter=optional(checks.description))
    region: Node | None = field(default=None, kw_only=True, converter=optional(regions.node_of))
    scale: float | Node | None = field(default=None, kw_only=True, converter=optional(placement.scale))
    crs: str | Node | None = field(default=None, kw_only=True, converter=optional(placement.crs))
    crs_transform: tuple[float | Node, ...] | Node | None = field(
        default=None, kw_only=True, converter=optional(placement.crs_transform)
    )
    dimensions: tuple[int | Node, ...] | None = field(
        default=None, kw_only=True, converter=optional(placement.dimensions)
    )
    grid: PixelGrid | None = field(default=None, kw_only=True, converter=optional(checks.grid))
    max_pixels: int | None = field(default=None, kw_only=True, converter=optional(plain.count))
    priority: int | None = field(default=None, kw_only=True, converter=optional(checks.priority))
    workload_tag: str | None = field(default=None, kw_only=True, converter=optional(checks.workload_tag))
    request_id: str | None = field(default=None, kw_only=True, converter=optional(checks.request_id))
    extra_body: JsonObject | None = field(
        default=None, kw_only=True, converter=optional(messages.extra_fields)
    )
    expression_json: str = field(init=False)
    """The image with region, scale, crs, crs_transform and dimensions folded into it, as compact JSON."""
    _pixels: Pixels | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        if isinstance(self.to, rest.ImageFileExportOptions | rest.ImageAssetExportOptions):
            self._read_generated(self.to)
        if isinstance(self.to, Asset) and self.file_format is not None:
            rule, cure = "An asset has no file format.", "Leave it out, or export to files."
            raise InvalidArgument("file_format", self.file_format, rule, cure)
        if not isinstance(self.to, Asset) and self.file_format is None:
            self._set("file_format", GeoTiff())
        where = Placement(self.region, self.scale, self.crs, self.crs_transform, self.dimensions)
        where.check()
        if self.grid is not None and where != Placement():
            raise InvalidArgument(
                "grid",
                self.grid,
                "A grid says what region, scale, crs, crs_transform and dimensions would say again.",
                "Leave out the grid or the others.",
            )
        self._set("expression_json", written(where.fold(self.image)))
        self._set("_pixels", pixels(where) if self.grid is None else Pixels(self.grid.pixels))
        checks.check_pixels(self._pixels, self.max_pixels)
        if self.grid is None and not where.bounded:
            scaled = where.scale is not None or where.dimensions is not None
            checks.check_bounds(self.expression_json, scaled)
        if self.extra_body:
            self._check_extra(self.extra_body)
        fields = self._fields(self.request_id or "-" * 60)
        # The expression is ASCII, and the rest is small: no need to join the two for their size.
        checks.check_size(len(self.expression_json) + len(compact(fields)))

    def _check_extra(self, extra: JsonObject) -> None:
        if "expression" in extra:
            raise InvalidArgument("extra_body", extra, "The image is the expression.")
        if "requestId" in extra and self.request_id is None:
            rule, cure = "It is an argument.", "Give request_id=…."
            raise InvalidArgument("extra_body['requestId']", extra["requestId"], rule, cure)
        if extra.keys() & bodies.KNOWN:
            # What could be given as an argument is refused where the argument would be.
            given = {**bodies.arguments(self._fields(self.request_id)), "extra_body": None}
            checks.check_pixels(self._pixels, ImageExport(_ANY_IMAGE, **given).max_pixels)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _read_generated(self, options: rest.ImageFileExportOptions | rest.ImageAssetExportOptions) -> None:
        if self.file_format is not None:
            rule = f"{type(options).__name__} names it already."
            raise InvalidArgument("file_format", self.file_format, rule)
        to, file_format, further = bodies.from_generated(options)
        self._set("to", to)
        self._set("file_format", file_format)
        if further:
            self._set("extra_body", messages.extra_fields(messages.merged(further, self.extra_body)))

    @property
    def uri(self) -> str:
        """Where the results go: `gs://BUCKET/PREFIX`, an asset's name, or in words for Google Drive."""
        if isinstance(self.to, Asset):
            return self.to.name
        prefix = (self.description if self.to.filename_prefix is None else self.to.filename_prefix) or ""
        if isinstance(self.to, CloudStorage):
            return f"gs://{self.to.bucket}/{prefix}"
        folder = self.to.folder and f"folder {self.to.folder!r}"
        return ", ".join(filter(None, ("Google Drive", folder, prefix and f"prefix {prefix!r}")))

    @property
    def pixels(self) -> int | None:
        """The number of pixels, or None where the arguments do not tell.

        Exact for a grid and for two dimensions. Else estimated from region and scale: to a percent in degrees
        and in web Mercator, and for other systems, and the image's own, by the region's area, which can be a
        tenth too many, and too few where the bounding box in that system is larger.
        """
        return None if self._pixels is None else self._pixels.number

    def replace(self, **changes: Unpack[ExportChanges]) -> ImageExport:
        """The same export with other arguments, for example `export.replace(scale=10, description="fine")`.

        Args:
            changes: Arguments of `ImageExport`, `image` included. To change from files to an
                asset leaves the format out.

        Raises:
            InvalidArgument, InvalidArgumentType: As `ImageExport` raises.
        """
        given: Json = dict(changes)
        if isinstance(given.get("to"), Asset | rest.ImageAssetExportOptions | rest.ImageFileExportOptions):
            given.setdefault("file_format", None)
        arguments = {one.name: getattr(self, one.name) for one in attrs.fields(ImageExport) if one.init}
        return ImageExport(**{**arguments, **given})

    def with_request_id(self, request_id: str | None) -> ImageExport:
        """The same export with another request_id, for example `export.with_request_id(export.digest())`.

        Args:
            request_id: Up to 60 letters, digits and "-"; None to let each submit make its own.

        Raises:
            InvalidArgument, InvalidArgumentType: The id is of the wrong form.

        Reference: ExportImageRequest, `requestId`.
        """
        made = copy.copy(self)
        object.__setattr__(made, "request_id", _request_id(request_id))
        return made

    def to_dict(self) -> Json:
        """The request body, exactly as the reference documents its JSON: a dry run."""
        return {"expression": json.loads(self.expression_json), **self._fields(self.request_id)}

    def to_json(self) -> str:
        """The request body as JSON text, from which `from_json` makes an equal export."""
        return self._content(self._fields(self.request_id)).decode()

    @classmethod
    def from_dict(cls, request: JsonObject) -> ImageExport:
        """The export of a request body; region, scale and the like stay folded into its expression.

        Fields that this library does not know are kept in `extra_body`.

        Args:
            request: An ExportImageRequest as documented JSON. Numbers may be wrapped (`{"value": "5"}`) as
                the official Python client writes them.

        Raises:
            InvalidArgument, InvalidArgumentType: It is none, or is refused by a rule of this class.
        """
        fields = messages.json_object("request", request)
        return cls(fields.pop("expression", {}), **bodies.arguments(fields))

    @classmethod
    def from_json(cls, text: str | bytes) -> ImageExport:
        """The export that `to_json` wrote; see `from_dict`.

        Raises:
            InvalidArgument, InvalidArgumentType: It is no JSON, or is refused as by `from_dict`.
        """
        return cls.from_dict(messages.json_object("text", plain.checked("text", reading.parsed, text)))

    def to_request(self, request_id: str) -> rest.ExportImageRequest:
        """The request as an object of the generated client, which sends JSON that is written already.

        Args:
            request_id: The id that this submit carries in all its attempts.

        Raises:
            InvalidArgument, InvalidArgumentType: The id is of the wrong form.
        """
        fields = self._fields(_request_id(request_id))
        return rest.WrittenRequest(fields, self._content(fields))

    def _fields(self, request_id: str | None) -> Json:
        """All of the body but the expression."""
        given: Json = {
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
            options = bodies.file_options(self.to, self.file_format or GeoTiff(), self.description)
            given["fileExportOptions"] = options
        set_fields = {name: value for name, value in given.items() if value is not None}
        return messages.merged(set_fields, self.extra_body)

    def _content(self, fields: Json) -> bytes:
        """The body; `fields` is all of it but the expression."""
        return f'{{"expression":{self.expression_json},{compact(fields)[1:]}'.encode()

    def digest(self, salt: str = "") -> str:
        """40 hex digits that stand for all that the export asks for, but not for its request_id.

        As request_id it ties the export to one operation: who submits the same export with it once more, be
        it the next run of the program or another machine of the account, gets that operation, whatever has
        become of it; an export with anything changed gets another id, and so another operation. It may differ
        between versions of this library. The order of keys in a given expression does not matter, unless the
        expression is larger than 1 MB.

        Args:
            salt: Text that goes into it too: something new to have a failed export run again, or the
                project's id to have one export run in two projects. Default: none.

        Raises:
            InvalidArgumentType: The salt is no text.

        Reference: ExportImageRequest, `requestId`.
        """
        salt = plain.checked("salt", plain.text, salt)
        is_large = len(self.expression_json) > _CANONICAL
        content = self._content(self._fields(None)) if is_large else self._canonical(None).encode()
        of_content = hashlib.sha256(content).hexdigest()[:DIGEST_OF_CONTENT]
        of_salt = hashlib.sha256(f"{salt}\n{of_content}".encode()).hexdigest()
        return of_content + of_salt[DIGEST_OF_CONTENT:40]

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
        rows: dict[str, object] = {
            "description": self.description,
            "to": self.uri,
            "format": None if self.file_format is None else type(self.file_format).__name__,
            "grid": self.grid and "{}x{} pixels, {}".format(*self.grid.dimensions, self.grid.crs[:40]),
            "region": self.region and "given",
            "scale": self.scale and f"{self.scale} m",
            "crs": self.crs and str(self.crs)[:40],
            "crs_transform": self.crs_transform,
            "dimensions": self.dimensions and "x".join(map(str, self.dimensions)),
            "size": self._pixels,
            "max_pixels": self.max_pixels and f"{self.max_pixels:,}",
            "priority": self.priority,
            "workload_tag": self.workload_tag,
            "request_id": self.request_id,
            "extra_body": self.extra_body and ", ".join(self.extra_body),
            "expression": f"{len(self.expression_json):,} bytes",
        }
        return {name: str(value) for name, value in rows.items() if value is not None}

    @if_made
    def __repr__(self) -> str:
        rows = self._summary()
        name = repr(rows.pop("description")) if self.description else "without a name"
        begun = f"{rows.pop('format', '')} to {rows.pop('to')}".lstrip()
        rest = "".join(f", {name} {value}" for name, value in rows.items() if name != "expression")
        return f"<ImageExport {name}: {begun}{rest}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th>{name}</th><td style="text-align:left">{html.escape(value)}</td></tr>'
            for name, value in self._summary().items()
        )
        return f"<table><caption>ImageExport</caption>{rows}</table>"


def _request_id(value: str | None) -> str | None:
    return None if value is None else plain.checked("request_id", checks.request_id, value)
