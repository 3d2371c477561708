"""The objects of Cloud Storage under `output/gs/`: a bucket is a folder there, an object a file in it."""

import base64
import bisect
import hashlib
import mimetypes
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import google_crc32c

from earthengine_emulator.destinations import check_bucket, inside, unlinked
from earthengine_emulator.errors import ExportError, Refusal
from earthengine_emulator.operation import timestamp

_CHUNK = 2**20
mimetypes.add_type("image/tiff", ".tif")


@dataclass(frozen=True)
class StoredObject:
    """One object.

    Attributes:
        bucket: Its bucket.
        name: Its name in it.
        path: The file.
        size: In bytes.
        generation: A number that changes when its content does.
        updated: Seconds since 1970.
    """

    bucket: str
    name: str
    path: Path
    size: int
    generation: int
    updated: float

    @property
    def content_type(self) -> str:
        """What it is, by its name."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def hashes(self) -> tuple[str, str]:
        """Its CRC-32C and its MD5 in base64."""
        return _hashes(self.path, self.generation, self.size)

    def resource(self, base_url: str) -> dict[str, Any]:
        """The object as the JSON API shows it."""
        crc32c, md5 = self.hashes()
        quoted = f"b/{self.bucket}/o/{_quoted(self.name)}"
        moment = timestamp(self.updated, digits=3)
        return {
            "kind": "storage#object",
            "id": f"{self.bucket}/{self.name}/{self.generation}",
            "selfLink": f"{base_url}storage/v1/{quoted}",
            "mediaLink": f"{base_url}download/storage/v1/{quoted}?generation={self.generation}&alt=media",
            "name": self.name,
            "bucket": self.bucket,
            "generation": str(self.generation),
            "metageneration": "1",
            "contentType": self.content_type,
            "storageClass": "STANDARD",
            "size": str(self.size),
            "md5Hash": md5,
            "crc32c": crc32c,
            "etag": _etag(self.generation),
            "timeCreated": moment,
            "updated": moment,
        }

    def headers(self) -> dict[str, str]:
        """The headers with which its content comes."""
        crc32c, md5 = self.hashes()
        return {
            "content-type": self.content_type,
            "accept-ranges": "bytes",
            "etag": f'"{_etag(self.generation)}"',
            "x-goog-generation": str(self.generation),
            "x-goog-metageneration": "1",
            "x-goog-hash": f"crc32c={crc32c},md5={md5}",
            "x-goog-stored-content-encoding": "identity",
            "x-goog-stored-content-length": str(self.size),
            "x-goog-storage-class": "STANDARD",
        }


class Storage:
    """The buckets under a folder; what a link leads to outside of it is not there.

    Args:
        folder: `output/gs`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def buckets(self) -> list[str]:
        """The names of the buckets."""
        if not self._folder.is_dir():
            return []
        return sorted(
            entry.name for entry in self._folder.iterdir() if entry.is_dir() and not entry.is_symlink()
        )

    def bucket(self, name: str) -> Path:
        """A bucket's folder.

        Raises:
            Refusal: There is none of this name.
        """
        try:
            check_bucket(name)
            path = unlinked(self._folder, inside(self._folder, name))
        except ExportError as error:
            raise Refusal(error.message) from None
        if not path.is_dir():
            raise Refusal("The specified bucket does not exist.", code=404)
        return path

    def get(self, bucket: str, name: str) -> StoredObject:
        """An object.

        Raises:
            Refusal: There is none of this name.
        """
        folder = self.bucket(bucket)
        try:
            path = unlinked(self._folder, inside(folder, name))
            if path.is_file():
                return _stored(bucket, name, path)
        except (ExportError, OSError, ValueError):
            pass
        raise Refusal(f"No such object: {bucket}/{name}", code=404)

    def list(
        self, bucket: str, prefix: str, delimiter: str, after: str, limit: int
    ) -> tuple[list[StoredObject], list[str], str]:
        """Objects and common prefixes in the order of their names.

        Args:
            bucket: The bucket.
            prefix: How their names begin.
            delimiter: Names that have it after the prefix are gathered into one entry, up to and with it.
            after: The last entry of the page before; "" for the first page.
            limit: The most entries.

        Returns:
            The objects, the common prefixes, and the last entry where there are more ("" otherwise).

        Raises:
            Refusal: There is no such bucket.
        """
        folder = self.bucket(bucket)
        names = sorted(_names(folder, prefix))
        objects: list[StoredObject] = []
        prefixes: list[str] = []
        place = bisect.bisect_right(names, after) if after else 0
        last = ""
        while place < len(names):
            name = names[place]
            cut = name.find(delimiter, len(prefix)) if delimiter else -1
            entry = name if cut < 0 else name[: cut + len(delimiter)]
            if cut >= 0 and entry == after:
                place = bisect.bisect_left(names, entry + "\U0010ffff", place)
                continue
            if len(objects) + len(prefixes) == limit:
                return objects, prefixes, last
            if cut < 0:
                try:
                    objects.append(_stored(bucket, name, folder / name))
                    last = name
                except FileNotFoundError:
                    pass  # it was there a moment ago
                place += 1
            else:
                prefixes.append(entry)
                last = entry
                place = bisect.bisect_left(names, entry + "\U0010ffff", place)
        return objects, prefixes, ""


def _names(folder: Path, prefix: str) -> Iterator[str]:
    """The names of the files under a folder that begin so; links are not followed."""
    start, _, _ = prefix.rpartition("/")
    if start and any(part in ("", ".", "..") for part in start.split("/")):
        return
    top = folder / start if start else folder
    if not top.resolve().is_relative_to(folder.resolve()):
        return
    for place, _folders, files in os.walk(top):
        inner = Path(place).relative_to(folder).as_posix()
        for file in files:
            name = file if inner == "." else f"{inner}/{file}"
            if name.startswith(prefix) and not os.path.islink(os.path.join(place, file)) and _is_text(name):
                yield name


def _is_text(name: str) -> bool:
    return name.encode(errors="ignore").decode() == name  # a file's name may be bytes that are none


def _stored(bucket: str, name: str, path: Path) -> StoredObject:
    status = path.stat()
    # The time of a file that was exported is the operations', where nothing need pass between two.
    generation = status.st_ctime_ns // 1000
    return StoredObject(bucket, name, path, status.st_size, generation, status.st_mtime)


@lru_cache(maxsize=10_000)
def _hashes(path: Path, _generation: int, _size: int) -> tuple[str, str]:
    crc32c, md5 = 0, hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            crc32c = google_crc32c.extend(crc32c, chunk)
            md5.update(chunk)
    return base64.b64encode(crc32c.to_bytes(4, "big")).decode(), base64.b64encode(md5.digest()).decode()


def _etag(generation: int) -> str:
    return base64.b64encode(str(generation).encode()).decode().rstrip("=")


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")
