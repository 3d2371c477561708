"""Every error that this library raises, in one tree.

    EarthEngineError
    ├── InvalidArgument (ValueError)      an argument was refused
    ├── InvalidArgumentType (TypeError)   the same, for a value of the wrong type
    ├── ClientUnusable (RuntimeError)     a client was used after close or fork, or a handle has none
    ├── CredentialsError                  no credentials, or credentials that were refused
    ├── RequestError                      a request got no usable answer
    │   ├── ConnectionFailed              no reply: unreachable, broken off, or too slow
    │   ├── BadReply                      a reply that is not a JSON object
    │   └── ApiError                      the service answered with an error
    │       ├── InvalidRequest            400
    │       ├── Unauthenticated           401
    │       ├── PermissionDenied          403
    │       ├── NotFound                  404
    │       ├── Conflict                  409
    │       ├── RateLimited               429
    │       ├── QueueFull                 too many tasks are queued in the project
    │       └── ServerError               5xx
    ├── DuplicateRequest                  a request id was used before, by another export or an unclear one
    ├── DownloadFailed                    a file of an export could not be brought into a folder
    │   ├── TargetExists                  a file of its name is there, with other content
    │   ├── TargetUnusable                no such folder, no space, no permission
    │   └── ChecksumMismatch              what came is not what is stored
    └── OperationError                    an export ended otherwise than its caller waited for
        ├── FilesUnavailable              it has no files in Cloud Storage, or not yet, or no longer
        │   └── FilesAmbiguous            which files it wrote, their names do not tell
        ├── OperationFailed
        ├── OperationCancelled
        ├── OperationStalled
        ├── OperationUnclear
        └── WaitTimeout (TimeoutError)    waiting ended; the export goes on

Catch `EarthEngineError` for all of it. Every error can be pickled, and none holds a token or a key.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import httpx

    from .operation_state import OperationState, OperationStatus

_SHOWN = 120  # characters of a refused value in a message; tokens and keys are longer


class EarthEngineError(Exception):
    """The root of every error raised by this library.

    Attributes:
        request_id: Where a submit was ended by it: the requestId that all attempts carried; else None.
        may_exist: Whether an attempt may have done the work all the same, such as started the export.
    """

    request_id: str | None = None
    may_exist: bool = False
    _cure: ClassVar[str] = ""  # what to look at, whatever became of an export
    _again: ClassVar[str] = ""  # what to do where none can have been started

    def __str__(self) -> str:
        again = "" if self._unsure else self._again
        said, ours = super().__str__(), " ".join(filter(None, (self._fate(), self._cure, again)))
        stop = "." if ours and said[-1:] not in {"", ".", "!", "?"} else ""
        return f"{said}{stop} {ours}".strip()

    @property
    def _unsure(self) -> bool:
        """Whether a submit was ended by it that may have started the export."""
        return self.request_id is not None and self.may_exist

    def _fate(self) -> str:
        """What became of the export that was being submitted, if one was; the one place that says so."""
        if self._unsure:
            return f"The export may have been started: {how_to_find(self.request_id)}."
        return "" if self.request_id is None else "No export was started."

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)


def how_to_find(request_id: str | None) -> str:
    """What to do about an export that may have been started, whatever kept its name from the caller."""
    return (
        f"submit again with request_id={request_id!r} to get the same operation, not a second one, or look "
        "for it with client.operations()"
    )


def _restore(
    cls: type[EarthEngineError], args: tuple[object, ...], state: dict[str, object]
) -> EarthEngineError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


def shown(value: object, room: int = _SHOWN) -> str:
    """A value in a few words, whatever it is: what is long, or no plain value, is named and not shown.

    It may be a secret that was given in the wrong place, and its own methods may raise.
    """
    try:
        if value is None or isinstance(value, bool | numbers.Number):
            text = repr(value)
        elif isinstance(value, str):
            text = str.__repr__(value)  # of a subclass too, whose own may say anything
        elif isinstance(value, bytes):
            text = bytes.__repr__(value)
        elif type(value) in (list, tuple, set, frozenset):
            text = f"{type(value).__name__} of {len(value)}"  # type: ignore[arg-type]
            if len(value) < 10 and room > 20:  # type: ignore[arg-type]
                items = ", ".join(shown(item, room // 2) for item in value)  # type: ignore[attr-defined]
                text = f"({items})" if isinstance(value, tuple) else f"[{items}]"
        elif type(value) is dict:
            keys = ", ".join(shown(key, 40) for key in list(value)[:6])
            text = f"dict of {len(value)} with {keys}" if keys else "{}"
        elif isinstance(value, type | ModuleType | FunctionType | BuiltinFunctionType):
            text = f"{type(value).__name__} {value.__name__}"
        elif type(value).__module__.startswith(__package__):
            text = repr(value)
        else:
            text = f"an instance of {type(value).__module__}.{type(value).__qualname__}"
        if len(text) <= room:
            return text
        size = f" of {len(value)} characters" if isinstance(value, str | bytes) else ""
        return f"{type(value).__name__}{size}"
    except Exception:  # noqa: BLE001 - the object's own code may raise anything
        return "an object that cannot be shown"


class _Refused(EarthEngineError):
    """What the two errors for bad arguments share.

    Attributes:
        argument: The name of the refused argument, as the caller wrote it.
        value: The refused value where it is a number or a short text, else what it is, in words.
        nothing_sent: Whether a request would have been sent, and was not.
    """

    def __init__(self, argument: str, value: object, rule: str, cure: str = "") -> None:
        super().__init__(rule, cure)
        self.argument = argument
        self.nothing_sent = False
        self._shown = shown(value)
        kept = type(value) in (type(None), bool, int, float, str)
        self.value = value if kept and not (type(value) is str and len(value) > _SHOWN) else self._shown

    def __str__(self) -> str:
        sent = "Nothing was sent." if self.nothing_sent else ""
        return " ".join(filter(None, (f"{self.argument}={self._shown}:", *self.args, sent)))


class InvalidArgument(_Refused, ValueError):
    """An argument has a value that the service could not accept."""


class InvalidArgumentType(_Refused, TypeError):
    """An argument has a type that this library cannot take."""


@contextmanager
def instead_of_sending() -> Iterator[None]:
    """Let arguments that are refused within say that nothing was sent."""
    try:
        yield
    except (InvalidArgument, InvalidArgumentType) as error:
        error.nothing_sent = True
        raise


class ClientUnusable(EarthEngineError, RuntimeError):
    """A client was used after it was closed or after a fork, or a handle has no client."""

    def __init__(self, why: str, cure: str = "Make a new one.") -> None:
        super().__init__(why)
        self._cure_here = cure

    def __str__(self) -> str:
        why = f"{self.args[0]}." if self.may_exist else f"{self.args[0]}; nothing was sent."
        return " ".join(filter(None, (why, self._fate(), self._cure_here)))


class CredentialsError(EarthEngineError):
    """There are no credentials, or they were refused; the message says which and how to get new ones."""


class RequestError(EarthEngineError):
    """A request to the service got no usable answer.

    Attributes:
        fault: What went wrong, as a row of the retry policy names it ("connection-refused", "503", …).
        api_method: The method that was called ("projects.image.export", …), or "" where it is unknown.
        status: The reply's HTTP status, or None without a reply.
        retry_after: The seconds that a Retry-After header asked to wait, or None.
        of_token: Whether it befell the renewal of the token, so that the request itself was not sent.
        attempts: How often the call was tried.
    """

    def __init__(
        self,
        message: str,
        *,
        fault: str,
        api_method: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.api_method = api_method
        self.status = status
        self.retry_after = retry_after
        self.of_token = False
        self.attempts = 1

    def _fate(self) -> str:
        attempts = f"({self.attempts} attempts were made.)" if self.attempts > 1 else ""
        return " ".join(filter(None, (attempts, super()._fate())))


class ConnectionFailed(RequestError):
    """No reply came: the host was not reached, the connection broke, or the time was up."""

    _cure = "Check the network, base_url, any proxy (HTTPS_PROXY) and the certificates (SSL_CERT_FILE)."
    _again = "Then try again."


class BadReply(RequestError):
    """A reply came that is not the service's: a redirect, or a success that is not a JSON object."""

    _cure = "Check base_url and any proxy."


class ApiError(RequestError):
    """The service, or something in front of it, answered with an error status.

    Attributes:
        status: The HTTP status.
        message: The service's text, or what stands in its place.
        response: The reply, without what was asked; None where there is none.
        reason: The service's own word for it: `error.status` of the reply ("INVALID_ARGUMENT", …), or "".
        details: `error.details` of the reply, as it came.
    """

    status: int

    def __init__(
        self,
        message: str,
        *,
        status: int,
        api_method: str = "",
        reason: str = "",
        details: Sequence[object] = (),
        retry_after: float | None = None,
        response: httpx.Response | None = None,
    ) -> None:
        super().__init__(
            message, fault=str(status), api_method=api_method, status=status, retry_after=retry_after
        )
        self.message = message
        self.response = response
        self.reason = reason
        self.details = list(details)


class InvalidRequest(ApiError):
    """400: the service refuses what was asked."""

    _again = "Correct the request: the same one would get the same answer."


class Unauthenticated(ApiError):
    """401: the credentials were not accepted, a fresh token included."""


class PermissionDenied(ApiError):
    """403: the account lacks a permission or the token a scope; the message names it."""


class NotFound(ApiError):
    """404: no such operation or project, or one that this account may not see."""

    _cure = "Check the name; client.operations() lists what the service still knows."


class Conflict(ApiError):
    """409: the request does not fit the present state, such as a requestId that was used before."""

    _again = "Look at how things are with client.operations(), and ask anew."


class RateLimited(ApiError):
    """429: too many requests; the retries that the policy allows are used up."""

    _cure = "Send fewer requests at once."
    _again = "Or try again later."


class QueueFull(ApiError):
    """Too many tasks are queued in the project; the refused submit started none."""

    _again = "Wait until some tasks have ended, and submit with a new request_id: this one may be used up."


class ServerError(ApiError):
    """5xx: the service or a proxy failed; the retries that the policy allows are used up."""

    _again = "Try again later."


class DuplicateRequest(EarthEngineError):
    """The request id was used before, by another export or by one that cannot be told.

    Attributes:
        request_id: The id.
        candidates: Names of the operations that may be the one; empty where none fits.
        may_exist: Whether one of them may be this export, or it may have been started and is not listed.
    """

    def __init__(
        self, message: str, *, request_id: str, candidates: Sequence[str] = (), may_exist: bool = True
    ) -> None:
        super().__init__(message)
        self.request_id = request_id
        self.candidates = list(candidates)
        self.may_exist = may_exist

    def _fate(self) -> str:
        if not self.may_exist:
            return "This one was not started; submit it with a request_id of its own, or with none."
        if not self.candidates:
            return (
                "None that is listed can be it. It was started at most once: look for it with "
                "client.operations() in a moment; submit it with a new request_id only if it is not there."
            )
        return (
            f"It may be one of these: {', '.join(self.candidates)}. It was started at most once: look at "
            "them with client.operation(name); submit it with a new request_id only if none of them is it."
        )


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
        cure = (
            " Give a larger max_pixels= if it is meant to be so large." if _TOO_LARGE in why.lower() else ""
        )
        super().__init__(
            f"The export {last.label} failed after {tries}: {why}{code}.{cure} "
            "The service does not try again; mend the cause, then submit it anew.",
            last=last,
        )
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
            f"{timeout:g} s were up before {last!r} ended. It {refusal}{fate}. "
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


_TOO_LARGE = "export too large"


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
