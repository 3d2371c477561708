"""A download as its caller has it: what it is told, and what it tells."""

from __future__ import annotations

import os
from collections.abc import Callable

import attrs

from .._run.policy import number
from ..errors import InvalidArgument, InvalidArgumentType
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


@attrs.frozen
class Download:
    """How files are fetched.

    Args:
        folder: Where to. It must be there.
        overwrite: Replace files of the same names that have other content. Default False.
        export: What was submitted; `files` says when it is needed.
        on_update: Called with a `DownloadProgress`, such as `eex.progress()`. An async function is awaited by
            `AsyncOperation`.
        parallel: How many files are fetched at once. Default 8.
    """

    folder: str | os.PathLike[str]
    overwrite: bool = False
    export: ImageExport | None = attrs.field(default=None, kw_only=True)
    on_update: Callable[[DownloadProgress], object] | None = attrs.field(default=None, kw_only=True)
    parallel: int = attrs.field(default=8, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.folder, str | os.PathLike):
            raise InvalidArgumentType("folder", self.folder, "It is the path of a folder.")
        if self.on_update is not None and not callable(self.on_update):
            raise InvalidArgumentType("on_update", self.on_update, "It is a function of a DownloadProgress.")
        if number("parallel", self.parallel, 1) != int(self.parallel):
            raise InvalidArgument("parallel", self.parallel, "It is a whole number.")
