"""Destinations and formats, read from what describes them already: request bodies and generated objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidArgument
from ..rest import ImageAssetExportOptions, ImageFileExportOptions
from . import fields
from .destinations import Asset, CloudStorage, Destination, Drive
from .formats import FileFormat, GeoTiff, TfRecord
from .unions import which


def from_generated(
    options: ImageFileExportOptions | ImageAssetExportOptions,
) -> tuple[Destination, FileFormat | None]:
    """The destination and the format that a generated object describes."""
    for union in ("destination", "format_options") if isinstance(options, ImageFileExportOptions) else ():
        which(options, union)
    field = "fileExportOptions" if isinstance(options, ImageFileExportOptions) else "assetExportOptions"
    return read_options({field: options.to_dict()})


def read_options(request: Mapping[str, Any]) -> tuple[Destination, FileFormat | None]:
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
    found = [name for name in names if name in fields.json_object(union, data)]
    if len(found) != 1:
        state = f"{' and '.join(found)} are set" if found else "none is set"
        raise InvalidArgument(union, found, f"Exactly one of {' and '.join(names)} must be set, and {state}.")
    return found[0]
