"""Destinations and formats, read from what describes them already: request bodies and generated objects."""

from __future__ import annotations

from .. import rest
from ..errors import InvalidArgument
from . import messages
from .destinations import Asset, CloudStorage, Destination, Drive
from .formats import FileFormat, GeoTiff, TfRecord
from .graphs import Json, JsonObject
from .grid import PixelGrid
from .unions import which

_ARGUMENTS = {"description": "description", "maxPixels": "max_pixels", "requestId": "request_id"}
_ARGUMENTS |= {"workloadTag": "workload_tag", "priority": "priority"}
KNOWN = {*_ARGUMENTS, "grid", "fileExportOptions", "assetExportOptions"}
"""The fields of a request that arguments stand for, but the expression."""


def arguments(fields: Json) -> Json:
    """The arguments that stand for all of a request's body but the expression."""
    to, file_format, further = read_options(fields)
    found: Json = {"to": to, "file_format": file_format}
    for name, value in fields.items():
        if name in _ARGUMENTS:
            given = messages.unwrapped(value)
            if name == "maxPixels" and isinstance(given, str) and given.isdecimal():
                given = int(given[:30])
            found[_ARGUMENTS[name]] = given
        elif name == "grid":
            found["grid"] = PixelGrid.from_dict(value)
        elif name not in KNOWN:
            further[name] = value
    return {**found, "extra_body": further or None}


def file_options(to: Drive | CloudStorage, file_format: FileFormat, description: str | None) -> Json:
    """ImageFileExportOptions."""
    destination, options = to.to_dict(), file_format.to_dict()
    if description is not None:  # as the official client names files
        destination.setdefault("filenamePrefix", description)
    return {
        "fileFormat": file_format.file_format,
        to.options_field: destination,
        **({file_format.options_field: options} if options else {}),
    }


def from_generated(
    options: rest.ImageFileExportOptions | rest.ImageAssetExportOptions,
) -> tuple[Destination, FileFormat | None, Json]:
    """The destination and the format that a generated object describes, and what else it says, as JSON."""
    is_file = isinstance(options, rest.ImageFileExportOptions)
    for union in ("destination", "format_options") if is_file else ():
        which(options, union)
    field = "fileExportOptions" if is_file else "assetExportOptions"
    return read_options({field: options.to_dict()})


def read_options(request: JsonObject) -> tuple[Destination, FileFormat | None, Json]:
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


def _only(union: str, data: JsonObject, *names: str) -> str:
    """The one of these fields that is set."""
    found = [name for name in names if name in messages.json_object(union, data)]
    if len(found) != 1:
        state = f"{' and '.join(found)} are set" if found else "none is set"
        raise InvalidArgument(union, found, f"Exactly one of {' and '.join(names)} must be set, and {state}.")
    return found[0]
