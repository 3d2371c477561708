"""How an export ends otherwise than its caller waited for, or its files do not come."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath

from ..operation_state import OperationState, OperationStatus
from .root import EarthEngineError, cure_of_size


class OperationError(EarthEngineError):
    """An export ended otherwise than its caller waited for.

    Attributes:
        name: The operation's full name; `client.operation(name)` finds it again.
        last: The last state that was seen.
    """

    def __init__(self, message: str, *, last: OperationState) -> None:
        super().__init__(message)
        self.name = last.name
        self.last = last


class OperationFailed(OperationError):
    """The service gave up on the export.

    Attributes:
        code: The google.rpc.Code (3 INVALID_ARGUMENT, 8 RESOURCE_EXHAUSTED, …), or None where none was given.
        message: The service's text.
        details: The service's details, as they came.
        attempts: How often the service tried.
    """

    def __init__(self, *, last: OperationState, status: OperationStatus) -> None:
        why = status.message.rstrip(".") or f"the service gave no reason (state {last.state})"
        code = "" if status.code is None else f" (code {status.code})"
        tries = f"{last.attempt} attempts" if last.attempt > 1 else "one attempt"
        said = f"The export {last.label} failed after {tries}: {why}{code}."
        again = "The service does not try again; mend the cause, then submit it anew."
        super().__init__(" ".join(filter(None, (said, cure_of_size(why), again))), last=last)
        self.code = status.code
        self.message = status.message
        self.details = list(status.details)
        self.attempts = last.attempt


class OperationCancelled(OperationError):
    """The export was cancelled; what it had written by then may remain."""

    def __init__(self, *, last: OperationState) -> None:
        super().__init__(
            f"The export {last.label} was cancelled; what it had written by then may remain. "
            "Submit it again if it is still wanted.",
            last=last,
        )


class OperationUnclear(OperationError):
    """The export has ended, and the service does not say how, though it was asked once more."""

    def __init__(self, *, last: OperationState) -> None:
        super().__init__(
            f"The export {last.label} has ended, and the service does not say how: it gives neither an error "
            f"nor a response (state {last.state}). Look whether its results are there before it is "
            "submitted anew.",
            last=last,
        )


class OperationStalled(OperationError):
    """Neither progress nor stages moved for the given time; the export still runs.

    Attributes:
        seconds: How long nothing moved.
    """

    def __init__(self, *, last: OperationState, seconds: float) -> None:
        super().__init__(
            f"{last!r} has moved neither its progress nor its stages for {seconds:g} s. "
            f"It {what_holds(last)}: wait longer, or cancel it with client.operation({last.name!r})"
            ".cancel().",
            last=last,
        )
        self.seconds = seconds


class WaitTimeout(OperationError, TimeoutError):
    """The time to wait was up before the export ended. It goes on, unless it was asked to be cancelled.

    Attributes:
        timeout: The seconds that the caller gave.
        cancelled: Whether the export was asked to be cancelled.
    """

    def __init__(
        self, *, last: OperationState, timeout: float, cancelled: bool = False, refused: bool = False
    ) -> None:
        fate = "was asked to be cancelled" if cancelled and not last.done else what_holds(last)
        refusal = "could not be cancelled, and " if refused else ""
        super().__init__(
            f"The export {last.label} did not end within {timeout:g} s. It {refusal}{fate}. "
            f"Find it again, in any process, with client.operation({last.name!r}).",
            last=last,
        )
        self.timeout = timeout
        self.cancelled = cancelled


class FilesUnavailable(OperationError):
    """There are no files to name: not yet, no longer, or not in Cloud Storage; it says what to do."""


class FilesAmbiguous(FilesUnavailable):
    """Which files the export wrote, their names do not tell.

    Attributes:
        candidates: `gs://…` of the files that may be its own; for an operation that was found by its name, of
            the prefixes that may be its own.
    """

    def __init__(self, message: str, *, last: OperationState, candidates: Sequence[str]) -> None:
        super().__init__(message, last=last)
        self.candidates = list(candidates)


class DownloadFailed(EarthEngineError):
    """A file could not be brought into the folder. What came of others is kept.

    Attributes:
        path: The file or the folder that it is about.
    """

    def __init__(self, message: str, *, path: str | PathLike[str]) -> None:
        super().__init__(message)
        self.path = fspath(path)


class TargetExists(DownloadFailed):
    """A file of that name is there, with other content, and was left as it is."""


class TargetUnusable(DownloadFailed):
    """There is no such folder, no space, no permission, or the name cannot be a file's."""


class ChecksumMismatch(DownloadFailed):
    """What came has another crc32c than what is stored, twice; it was thrown away."""


def what_holds(last: OperationState) -> str:
    """What is true of an operation by the last state that was seen of it; what follows "it"."""
    if last.done:
        return f"has ended meanwhile ({last.state})"
    known = {
        "PENDING": "is still queued, and will run",
        "RUNNING": "is still running",
        "CANCELLING": "is being cancelled",
    }
    return known.get(last.state, f"was last seen as {last.state}")
