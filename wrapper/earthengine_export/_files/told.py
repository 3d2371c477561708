"""A download as its caller has it: what it is told, and what it tells."""

from __future__ import annotations

import os
from collections.abc import Callable

import attrs

from .._describe import plain
from .._describe.fields import guarded, optional
from ..errors import InvalidArgumentType
from ..image_export import ImageExport


@attrs.frozen(kw_only=True)
class DownloadProgress:
    """How far a download is; what `on_update` of `Operation.download` is called with.

    Attributes:
        operation: The operation's full name.
        label: What a person calls it: the description of the export, or the operation's id.
        files: How many files there are.
        files_done: How many of them are there, whole and right.
        size: The bytes of all of them.
        received: How many bytes are there, those that were there before included.
    """

    operation: str
    label: str
    files: int
    files_done: int
    size: int
    received: int

    @property
    def done(self) -> bool:
        """Whether all files are there."""
        return self.files_done == self.files

    @property
    def progress(self) -> float:
        """How much of the bytes is there, from 0 to 1."""
        return 1.0 if self.done else self.received / max(1, self.size)

    def __str__(self) -> str:
        unit, name = (1e9, "GB") if self.size >= 1e9 else (1e6, "MB")
        amount = f"{self.received / unit:.1f} of {self.size / unit:.1f} {name}"
        return f"{self.files_done} of {self.files} files, {amount}"


def _folder(value: str | os.PathLike[str]) -> str:
    rule = "It must be the path of a folder."
    if not isinstance(value, str | os.PathLike):
        raise InvalidArgumentType("", value, rule)
    return plain.text(os.fspath(value), r"[^\0]+", rule)


def an_export(value: ImageExport) -> ImageExport:
    """A converter: what was submitted."""
    return plain.one_of(ImageExport)(value)


def _callback(value: Callable[[DownloadProgress], object]) -> Callable[[DownloadProgress], object]:
    return plain.callback(value)


def _count(value: int) -> int:
    return plain.whole(value, 1, 1000)


@attrs.frozen(field_transformer=guarded)
class Download:
    """How files are fetched.

    Args:
        folder: Where to. It must be there.
        overwrite: Replace files of the same names that have other content. Default False.
        export: What was submitted; `files` says when it is needed.
        on_update: Called with a `DownloadProgress`, such as `eex.progress()`. An async function is awaited by
            `AsyncOperation`.
        parallel: How many files are fetched at once, 1 to 1000. Default 8.
    """

    folder: str = attrs.field(converter=_folder)
    overwrite: bool = attrs.field(default=False, converter=plain.flag)
    export: ImageExport | None = attrs.field(default=None, converter=optional(an_export), kw_only=True)
    on_update: Callable[[DownloadProgress], object] | None = attrs.field(
        default=None, converter=optional(_callback), kw_only=True
    )
    parallel: int = attrs.field(default=8, converter=_count, kw_only=True)
