"""Where the files of an export go: their names are checked before anything is computed."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from earthengine_emulator.errors import ExportError, Refusal

MAX_NAME_BYTES = 200  # what is added to it must fit into the 255 of a file system
# As Cloud Storage has them, but that one or two characters pass too: tests like short names.
_BUCKET = re.compile(r"[a-z0-9]([-a-z0-9_]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9_]{0,61}[a-z0-9])?)*")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_ASSET = re.compile(r"projects/[^/]+/assets(/[A-Za-z0-9_-]+)+")


def inside(folder: Path, name: str) -> Path:
    """The path of a name under a folder.

    Raises:
        ExportError: The name would lead out of it, or is none that a file can have.
    """
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part for part in parts):
        raise ExportError(f"Invalid name {name!r}: it has an empty part, '.', '..' or a backslash.")
    if not name.isprintable():
        raise ExportError(f"Invalid name {name!r}: it has characters that cannot be shown.")
    if any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        raise ExportError(f"Invalid name: a part of it is longer than {MAX_NAME_BYTES} bytes.")
    return folder.joinpath(*parts)


def unlinked(folder: Path, path: Path) -> Path:
    """A path under a folder, if no link leads out of it on the way.

    Args:
        folder: A folder; it may be a link itself.
        path: A path that begins with it, whether it exists or not.

    Raises:
        ExportError: It leads elsewhere.
    """
    name, place = path.relative_to(folder), str(folder)
    for part in name.parts:
        place = os.path.join(place, part)
        if os.path.islink(place) and not path.resolve().is_relative_to(folder.resolve()):
            raise ExportError(f"Invalid name '{name.as_posix()}': a link leads out of the output folder.")
    return path


def check_bucket(name: str) -> None:
    """Refuse a bucket's name that Cloud Storage would.

    Raises:
        ExportError: It is not one.
    """
    longest = 222 if "." in name else 63
    if not _BUCKET.fullmatch(name) or len(name) > longest or _ADDRESS.fullmatch(name):
        raise ExportError(
            f"Invalid name of a bucket, {name!r}: it has 3 to 63 lower-case letters, digits, '-' and "
            "'_' (up to 222 with dots), begins and ends with a letter or digit, and is no IP address."
        )
    if name.startswith("goog") or "google" in name:
        raise ExportError(f"Invalid name of a bucket, {name!r}: it begins with 'goog' or contains 'google'.")


def target_stem(request: dict[str, Any], fallback: str = "export") -> Path:
    """Where a request's files go, under the output folder, without what is added to each name.

    Raises:
        ExportError: A name would lead out of the folder, or is not one.
    """
    files = request.get("fileExportOptions")
    if files is None:
        name = request["assetExportOptions"]["earthEngineDestination"]["name"]
        stem = inside(Path("assets"), name)
        if not _ASSET.fullmatch(name):
            raise ExportError(
                f"Invalid name of an asset, {name!r}: it is 'projects/PROJECT/assets/' and letters, digits, "
                "'-' and '_', with '/' between folders."
            )
        return stem
    default = request.get("description") or fallback
    cloud, drive = files.get("cloudStorageDestination"), files.get("driveDestination", {})
    folder = f"gs/{cloud['bucket']}" if cloud else f"drive/{drive.get('folder') or 'My Drive'}"
    prefix = (cloud or drive).get("filenamePrefix") or default
    # A prefix that ends with a slash is a folder; the name of a file in it must come from elsewhere.
    stem = inside(Path(), f"{folder}/{prefix}{default if prefix.endswith('/') else ''}")
    if cloud:
        check_bucket(cloud["bucket"])
    return stem


def destination_uris(request: dict[str, Any]) -> list[str]:
    """The URIs that the service would give for a request's results.

    Raises:
        Refusal: The destination is not one.
    """
    try:
        stem = target_stem(request)
    except ExportError as error:
        raise Refusal(error.message) from None
    kind, *folder, _ = stem.parts
    if kind == "gs":
        return [f"https://console.developers.google.com/storage/browser/{'/'.join(folder)}/"]
    if kind == "drive":
        drive_id = hashlib.sha256("/".join(folder).encode()).hexdigest()[:33]
        return [f"https://drive.google.com/#folders/{drive_id}"]
    return [f"https://code.earthengine.google.com/?asset={stem.relative_to('assets').as_posix()}"]
