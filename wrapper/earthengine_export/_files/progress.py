"""How far a download is."""

from __future__ import annotations

import attrs


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
