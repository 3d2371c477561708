"""Destinations and formats, read from what describes them already: request bodies and generated objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidArgument
from ..rest import ImageAssetExportOptions as AssetOptions
from ..rest import ImageFileExportOptions as FileOptions
from . import messages
from .destinations import Asset, CloudStorage, Destination, Drive
from .formats import FileFormat, GeoTiff, TfRecord
from .messages import Json
from .unions import which


def from_generated(options: FileOptions | AssetOptions) -> tuple[Destination, FileFormat | None, Json]:
    """The destination and the format that a generated object describes, and what else it says, as JSON."""
    for union in ("destination", "format_options") if isinstance(options, FileOptions) else ():
        which(options, union)
    field = "fileExportOptions" if isinstance(options, FileOptions) else "assetExportOptions"
    return read_options({field: options.to_dict()})


def read_options(request: Mapping[str, Any]) -> tuple[Destination, FileFormat | None, Json]:
    """The destination and the format of a request body, and what else stands beside them, as JSON."""
    if _only("export_options", request, "fileExportOptions", "assetExportOptions") == "assetExportOptions":
        return Asset.from_dict(request["assetExportOptions"]), None, {}
    options = messages.json_object("fileExportOptions", request["fileExportOptions"])
    destinations: dict[str, type[Drive | CloudStorage]] = {
        kind.options_field: kind for kind in (Drive, CloudStorage)
    }
    formats: dict[str, type[GeoTiff | TfRecord]] = {kind.file_format: kind for kind in (GeoTiff, TfRecord)}
    fields = {kind.options_field: name for name, kind in formats.items()}
    chosen = _only("destination", options, *destinations)
    file_format = options.get("fileFormat")
    if not isinstance(file_format, str) or file_format not in formats:
        raise InvalidArgument("file_format", file_format, f"Exports are written as {' or '.join(formats)}.")
    kind = formats[file_format]
    given = [name for name in fields if name in options]
    if given not in ([], [kind.options_field]):
        is_set = f"{' and '.join(given)} {'are' if len(given) > 1 else 'is'} set"
        rule = f"{is_set}; this format has only {kind.options_field}."
        raise InvalidArgument("file_format", file_format, rule)
    known = {"fileFormat", chosen, *given}
    further = {name: value for name, value in options.items() if name not in known}
    to = destinations[chosen].from_dict(options[chosen])
    written = kind.from_dict(options.get(kind.options_field, {}))
    return to, written, {"fileExportOptions": further} if further else {}


def _only(union: str, data: Mapping[str, Any], *names: str) -> str:
    """The one of these fields that is set."""
    found = [name for name in names if name in messages.json_object(union, data)]
    if len(found) != 1:
        state = f"{' and '.join(found)} are set" if found else "none is set"
        raise InvalidArgument(union, found, f"Exactly one of {' and '.join(names)} must be set, and {state}.")
    return found[0]
