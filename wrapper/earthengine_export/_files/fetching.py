"""Objects on their way into a folder: several at once, in threads, each under a temporary name.

A part is named after the object and its generation, so that what an earlier process left is gone on with,
and what it left of an older object is not. Two that fetch the same object at once write the same bytes to
the same places. Nothing is seen under its own name before it is whole and its checksum is right.
"""

from __future__ import annotations

import base64
import errno
import glob
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol

import attrs

from .._connect.faults import action_for
from ..errors import ChecksumMismatch, RequestError, TargetExists, TargetUnusable
from .storage import Blob, Storage

_BLOCK = 1 << 20  # bytes that are read of a file at a time
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _unusable(path: Path, error: OSError) -> TargetUnusable:
    why = "there is no space left for it" if error.errno in _FULL else str(error.strerror or error).lower()
    failure = TargetUnusable(f"{path} cannot be written: {why}.", path=path)
    failure.__cause__ = error
    return failure


class _Stopped(Exception):
    """A thread was asked to end."""


@attrs.define(eq=False)
class Item:
    """One object and the file that it becomes.

    Attributes:
        blob: The object.
        path: The file.
        part: Its temporary name.
        received: How many of its bytes are here.
        done: Whether it is there, whole and right.
    """

    blob: Blob
    path: Path
    part: Path = attrs.field(
        default=attrs.Factory(
            lambda item: item.path.with_name(f".{item.path.name}.{item.blob.generation}.part"),
            takes_self=True,
        )
    )
    received: int = 0
    done: bool = False

    @property
    def uri(self) -> str:
        """The object's address."""
        return f"gs://{self.blob.bucket.name}/{self.blob.name}"


def plan_or_refuse(blobs: Sequence[Blob], folder: Path, *, overwrite: bool) -> list[Item]:
    """`plan`, where the machine's own refusals are typed errors too."""
    try:
        return plan(blobs, folder, overwrite=overwrite)
    except OSError as error:
        raise _unusable(folder, error) from error


def plan(blobs: Sequence[Blob], folder: Path, *, overwrite: bool) -> list[Item]:
    """What is to be fetched, after everything that can be refused before.

    Raises:
        TargetUnusable: The folder is not there or cannot be written to, or lacks the space.
        TargetExists: A file with other content is there, and may not be overwritten.
    """
    if not folder.is_dir():
        what = "is a file. Give another" if folder.exists() else "is not there. Make it first"
        raise TargetUnusable(f"The folder {folder} {what}: nothing was fetched.", path=folder)
    items = [Item(blob, folder / blob.name.rpartition("/")[2]) for blob in blobs]
    for item in items:
        if item.path.parent != folder:
            raise TargetUnusable(f"{item.path} cannot be a file: nothing was fetched.", path=item.path)
        if item.path.is_dir():
            rule = f"{item.path} is a folder: nothing was fetched. Move it, or give another folder."
            raise TargetUnusable(rule, path=item.path)
        with suppress(FileNotFoundError):  # at once too, where another process has just completed it
            item.received = item.part.stat().st_size
        if item.path.exists():
            item.done = is_there(item)
            if not item.done and not overwrite:
                raise TargetExists(
                    f"{item.path} is there already and has other content than {item.uri}: nothing was "
                    "fetched. Give overwrite=True to replace it, or another folder.",
                    path=item.path,
                )
    needed = sum(item.blob.size - min(item.received, item.blob.size) for item in items)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise TargetUnusable(
            f"{folder} has no space: {needed:,} bytes are needed and {free:,} are free. Nothing was fetched.",
            path=folder,
        )
    return items


class Checksum(Protocol):
    """A crc32c that grows, of the library that google-cloud-storage brings."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes in."""

    def digest(self) -> bytes:
        """Its four bytes."""


def _checksum() -> Checksum:
    made: Checksum = import_module("google_crc32c").Checksum()
    return made


def is_there(item: Item) -> bool:
    """Whether the file is there, with the object's content."""
    if not item.path.is_file() or item.path.stat().st_size != item.blob.size:
        return False
    found = _checksum()
    with item.path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    if base64.b64encode(found.digest()).decode() != item.blob.crc32c:
        return False
    item.received = item.blob.size
    return True


def _passes(error: Exception) -> bool:
    return isinstance(error, RequestError) and action_for(error, "get") == "retry"


class Fetching:
    """Fetches items in threads; whoever made it looks at the items and asks whether it has ended.

    Args:
        storage: Where from.
        items: What. Those that are done are left out.
        parallel: How many at once.
    """

    def __init__(self, storage: Storage, items: Sequence[Item], parallel: int) -> None:
        self._storage, self.items, self._parallel = storage, items, parallel
        self._threads: list[threading.Thread] = []
        self._halted = threading.Event()
        self.errors: list[Exception] = []

    def begin(self) -> None:
        """Start on what is not done yet."""
        self.errors.clear()
        left = deque(item for item in self.items if not item.done)
        # They end with the process, whatever they wait for.
        self._threads = [
            threading.Thread(target=self._work, args=(left,), name="earthengine-export files", daemon=True)
            for _ in range(min(self._parallel, len(left)))
        ]
        for thread in self._threads:
            thread.start()

    def ended(self, seconds: float) -> bool:
        """Whether all threads have ended, for which some seconds are waited."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def error(self) -> Exception | None:
        """What ended the threads early, what is final before what passes; None where all items are done."""
        return min(self.errors, key=_passes, default=None)

    def halt(self) -> None:
        """Ask the threads to end at their next bytes."""
        self._halted.set()

    def _work(self, left: deque[Item]) -> None:
        with suppress(IndexError):
            while not self._halted.is_set():
                item = left.popleft()
                try:
                    self._fetch(item)
                except _Stopped:
                    return
                except OSError as error:
                    self._note(_unusable(item.path, error))
                except Exception as error:  # noqa: BLE001 - raised by whoever waits
                    self._note(error)

    def _note(self, error: Exception) -> None:
        self.errors.append(error)
        if not _passes(error):
            self.halt()

    def _fetch(self, item: Item) -> None:
        """Bring one object here, from where an earlier attempt broke off.

        What has come and is wrong is thrown away and fetched once more, from the start.
        """
        for older in item.path.parent.glob(f".{glob.escape(item.path.name)}.*.part"):
            if older != item.part:
                older.unlink(missing_ok=True)
        for _ in range(2):
            with open(item.part, "r+b", buffering=0, opener=_made_if_missing) as file:
                sink = _Sink(file, item, self._halted)
                with suppress(_Surplus):
                    while sink.position < item.blob.size:
                        self._storage.read(item.blob, sink.position, sink)
                os.fsync(file.fileno())
            if sink.position == item.blob.size and item.blob.crc32c in (sink.sum, None):
                with suppress(FileNotFoundError):  # another process that fetches it was faster
                    os.replace(item.part, item.path)
                item.done = is_there(item)
            if item.done:
                return
            item.part.unlink(missing_ok=True)
            item.received = 0
        raise ChecksumMismatch(
            f"{item.uri} came twice with another checksum than Cloud Storage tells, and was thrown away. "
            "Something on the way changes it: fetch it over another network.",
            path=item.path,
        )


def _made_if_missing(path: str, flags: int) -> int:
    """What `open` opens: in one step, since another process may rename the file at any moment."""
    return os.open(path, flags | os.O_CREAT, 0o666)


class _Surplus(Exception):
    """More bytes came than there are."""


class _Sink:
    """Writes what comes behind what is there, and sums up all of it."""

    def __init__(self, file: BinaryIO, item: Item, halted: threading.Event) -> None:
        self._file, self._item, self._halted = file, item, halted
        self._sum = _checksum()
        self.position = 0
        while block := file.read(_BLOCK):
            self._check()
            self._sum.update(block)
            self.position += len(block)
        item.received = self.position

    @property
    def sum(self) -> str:
        """The crc32c of all of it, as Cloud Storage writes it."""
        return base64.b64encode(self._sum.digest()).decode()

    def write(self, data: bytes, /) -> int:
        self._check()
        if self.position + len(data) > self._item.blob.size:
            raise _Surplus
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._sum.update(data)
        self.position += len(data)
        self._item.received = self.position
        return len(data)

    def _check(self) -> None:
        if self._halted.is_set():
            raise _Stopped
