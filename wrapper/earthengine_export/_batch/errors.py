"""What can be wrong with a batch as a whole or with a job of it, beside what befalls single exports.

    EarthEngineError
    ├── JournalError
    │   ├── JournalLocked        another process runs on the journal
    │   ├── JournalMismatch      it is another project's or account's
    │   ├── JobChanged           it knows another export under the same key
    │   ├── JournalTooNew        a newer version of this library wrote it
    │   ├── NotAJournal          the file is something else, or damaged
    │   └── JournalUnwritable    the disk is full, the file system read-only, …
    ├── DuplicateRequest
    │   └── JobUnclear           whether a job was started, or as what, cannot be told
    ├── DestinationTaken         two jobs would write the same file or asset
    └── JobCancelled             a job was cancelled before it was submitted

After each of them the journal is as it was: nothing that it knows is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import DuplicateRequest, EarthEngineError


class JournalError(EarthEngineError):
    """Something is wrong with a batch's journal; what it knows is not lost, and what runs goes on.

    Attributes:
        path: The journal's file.
    """

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(f"The journal {path}: {message}")
        self.path = path


class JournalLocked(JournalError):
    """Another process, or another batch of this one, runs on the journal."""


class JournalMismatch(JournalError):
    """The journal belongs to another project or account."""


class JobChanged(JournalError):
    """The journal knows another export under the same key.

    Attributes:
        key: The job's key.
    """

    def __init__(self, message: str, *, path: str, key: str) -> None:
        super().__init__(message, path=path)
        self.key = key


class JournalTooNew(JournalError):
    """The journal was written by a newer version of this library."""


class NotAJournal(JournalError):
    """The file is no journal of a batch, or it is damaged."""


class JournalUnwritable(JournalError):
    """The journal cannot be written: a full disk, a read-only file system, a file that was taken away."""


class DestinationTaken(EarthEngineError):
    """Two jobs would write the same file or asset; the second was not submitted.

    Attributes:
        keys: The keys of both jobs, the one that was first, then the one that was refused.
        destination: What both would write.
    """

    def __init__(self, first: str, second: str, destination: str) -> None:
        super().__init__(
            f"The jobs {first!r} and {second!r} would both write {destination}. {second!r} was not "
            "submitted; give it another filename_prefix, folder or asset name."
        )
        self.keys = (first, second)
        self.destination = destination


class JobUnclear(DuplicateRequest):
    """Whether a job was started, or as which operation, cannot be told; it was not started a second time.

    Attributes:
        key: The job's key.
    """

    def __init__(self, key: str, cause: str, *, request_id: str, candidates: Sequence[str] = ()) -> None:
        super().__init__(
            f"What became of the submit of the job {key!r} cannot be told: {cause}",
            request_id=request_id,
            candidates=candidates,
        )
        self.key = key

    def _fate(self) -> str:
        where = (
            f"It may be one of these: {', '.join(self.candidates)}; look at them with client.operation(name)."
            if self.candidates
            else "Look for it with client.operations()."
        )
        return (
            f"It was started at most once, with request_id={self.request_id!r}, and what it writes stays "
            f"taken. {where} Only if it is not there, batch.retry_failed() and the next run submit it again, "
            "with a new request_id."
        )


class JobCancelled(EarthEngineError):
    """The job was cancelled before it was submitted; `retry_failed` puts it back into the line."""
