"""Operations: the handle on an export that runs, and what was last seen of it.

Reference: Operation, OperationMetadata. Every field of a reply may be missing, null or new; a property
then gives None, an empty tuple or the new value, and never raises.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Coroutine, Generator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import attrs

from earthengine_export import _flows, _rest, _waiting
from earthengine_export.errors import (
    BadReply,
    ClientUnusable,
    InvalidArgument,
    OperationCancelled,
    OperationError,
    OperationFailed,
)
from earthengine_export.retries import Polling

if TYPE_CHECKING:
    pass

Mine = TypeVar("Mine")
Nothing = TypeVar("Nothing")
_CANCELLED_CODE = 1  # google.rpc.Code


@attrs.frozen(kw_only=True)
class Stage:
    """One stage of the latest attempt. Reference: OperationMetadata, `stages`.

    Attributes:
        name: The stage's display name.
        description: What it does, or "".
        complete: Work units that are done, or None where it is not said.
        total: Work units in all, or None where it is not said.
    """

    name: str
    description: str = ""
    complete: float | None = None
    total: float | None = None


@attrs.frozen(kw_only=True)
class OperationStatus:
    """Why an operation ended badly. Reference: Status.

    Attributes:
        code: A google.rpc.Code, or None where none was given.
        message: The service's text, or "".
        details: The service's details, as they came.
    """

    code: int | None
    message: str
    details: Sequence[Any] = ()


class _Facts:
    """What can be said of an operation; read from its last reply whenever it is asked for."""

    __slots__ = ()

    @property
    def reply(self) -> _rest.Operation:
        """The service's last reply, as the generated client parsed it, unknown fields included."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The full name, "projects/PROJECT/operations/ID"; all that another process needs to find it."""
        return _text(self.reply.name)

    @property
    def id(self) -> str:
        """The last part of the name; what the Earth Engine task list shows."""
        return self.name.rpartition("/operations/")[2]

    @property
    def done(self) -> bool:
        """Whether the operation has ended, well or badly."""
        return self.reply.done is True

    @property
    def state(self) -> str:
        """PENDING, RUNNING, CANCELLING, SUCCEEDED, CANCELLED, FAILED, a newer word, or STATE_UNSPECIFIED."""
        return _text(self._metadata.state) or "STATE_UNSPECIFIED"

    @property
    def progress(self) -> float:
        """How much of the current attempt is done, from 0 to 1; never goes backwards within an attempt."""
        number = _number(self._metadata.progress)
        return min(1.0, max(0.0, number)) if number is not None else 0.0

    @property
    def attempt(self) -> int:
        """The number of the attempt, from 1; 0 before the first or where it is not said."""
        return int(_number(self._metadata.attempt) or 0)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the latest attempt, in order."""
        return tuple(
            Stage(
                name=_text(stage.display_name),
                description=_text(stage.description),
                complete=_number(stage.complete_work_units),
                total=_number(stage.total_work_units),
            )
            for stage in _list(self._metadata.stages)
            if isinstance(stage, _rest.OperationStage)
        )

    @property
    def description(self) -> str:
        """The name that a person gave the export, or ""."""
        return _text(self._metadata.description)

    @property
    def type(self) -> str:
        """What kind of work it is: EXPORT_IMAGE, …, or ""."""
        return _text(self._metadata.type_)

    @property
    def priority(self) -> int | None:
        """The priority within the project, 0 to 9999, or None where it is not said."""
        number = _number(self._metadata.priority)
        return None if number is None else int(number)

    @property
    def create_time(self) -> datetime | None:
        """When it was submitted; timezone-aware, to the microsecond. The raw text is in `reply`."""
        return _time(self._metadata.create_time)

    @property
    def update_time(self) -> datetime | None:
        """When the service last changed it."""
        return _time(self._metadata.update_time)

    @property
    def start_time(self) -> datetime | None:
        """When it began to run; None while it is PENDING."""
        return _time(self._metadata.start_time)

    @property
    def end_time(self) -> datetime | None:
        """When it ended; None before."""
        return _time(self._metadata.end_time)

    @property
    def destination_uris(self) -> tuple[str, ...]:
        """Where the results are, once there are any."""
        return tuple(uri for uri in _list(self._metadata.destination_uris) if isinstance(uri, str))

    @property
    def eecu_seconds(self) -> float | None:
        """The compute that was used, in EECU-seconds, or None where it is not said."""
        return _number(self._metadata.batch_eecu_usage_seconds)

    @property
    def error(self) -> OperationStatus | None:
        """Why it ended badly; None while it runs and after success."""
        status = self.reply.error
        if not isinstance(status, _rest.Status):
            return None
        code = _number(status.code)
        return OperationStatus(
            code=None if code is None else int(code),
            message=_text(status.message),
            details=tuple(_list(status.details)),
        )

    @property
    def _metadata(self) -> _rest.OperationMetadata:
        metadata = self.reply.metadata
        return metadata if isinstance(metadata, _rest.OperationMetadata) else _rest.OperationMetadata()

    def __repr__(self) -> str:
        described = f" {self.description!r}" if self.description else ""
        progress = f" {self.progress:.0%}" if self.state in {"RUNNING", "CANCELLING"} else ""
        attempt = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"<{type(self).__name__} {self.name}{described}: {self.state}{progress}{attempt}>"


class OperationState(_Facts):
    """What was seen of an operation at one moment; it never changes."""

    __slots__ = ("_floor", "_reply")

    def __init__(self, reply: _rest.Operation, *, before: OperationState | None = None) -> None:
        """Keep a reply.

        Args:
            reply: The service's reply.
            before: What was seen earlier; gives the name where the reply has none, and keeps progress from
                going backwards within an attempt.
        """
        self._reply = reply
        self._floor = 0.0
        if before is not None:
            if not _text(reply.name):
                reply.name = before.name
            if self.attempt == before.attempt and not before.done:
                self._floor = before.progress

    @property
    def reply(self) -> _rest.Operation:
        """The service's reply."""
        return self._reply

    @property
    def progress(self) -> float:
        """How much of the current attempt is done, from 0 to 1; never goes backwards within an attempt."""
        return max(super().progress, self._floor)

    @classmethod
    def named(cls, name: str) -> Self:
        """The state of an operation of which nothing but the name is known."""
        return cls(_rest.Operation(name=name))

    def moved_since(self, before: OperationState) -> bool:
        """Whether anything that a person watches has changed."""
        return self._watched != before._watched

    @property
    def _watched(self) -> tuple[object, ...]:
        return self.state, self.done, self.attempt, self.progress, self.stages

    def outcome(self) -> OperationError | None:
        """Judge how a finished operation ended: None for success, else the error that a wait raises."""
        error, state = self.error, self.state
        if error is None and (state == "SUCCEEDED" or (_has_response(self.reply) and state not in _BAD)):
            return None
        if state == "CANCELLED" or (error is not None and error.code == _CANCELLED_CODE):
            return OperationCancelled(
                f"The export {self._shown} was cancelled; it wrote nothing more after that. "
                "Submit it again if it is still wanted.",
                last=self,
            )
        code = error.code if error else None
        text = error.message if error else ""
        why = text or f"the service gave no reason (state {state})"
        return OperationFailed(
            f"The export {self._shown} failed after {max(self.attempt, 1)} attempt(s): {why}"
            + (f" (code {code})" if code is not None else ""),
            last=self,
            code=code,
            text=text,
            details=error.details if error else (),
        )

    @property
    def _shown(self) -> str:
        return f"{self.description!r} ({self.name})" if self.description else self.name


class Handle(_Facts, Generic[Mine, Nothing]):
    """What `Operation` and `AsyncOperation` have in common, which is all but whether a call is awaited.

    A handle holds what was last seen; only the methods below ask the service. It can be pickled and written
    as JSON, without its client: `client.operation(handle)` gives it one again.
    """

    __slots__ = ("_client", "last")

    last: OperationState
    """What was last seen: a snapshot that never changes."""

    def __init__(self, last: OperationState, client: Any = None) -> None:
        """Handles are made by a client; see `Client.submit` and `Client.operation`."""
        self.last = last
        self._client = client

    @property
    def reply(self) -> _rest.Operation:
        """The service's last reply."""
        return self.last.reply

    @property
    def progress(self) -> float:
        """How much of the current attempt is done, from 0 to 1; never goes backwards within an attempt."""
        return self.last.progress

    def wait(
        self,
        timeout: float | None = None,
        on_update: Callable[[Self], object] | None = None,
        cancel_on_timeout: bool = False,
        polling: Polling = Polling(),
        *,
        stalled_after: float | None = None,
        on_stall: Callable[[Self], object] | None = None,
        cancel_on_interrupt: bool = False,
    ) -> Mine:
        """Wait until the export has succeeded.

        Prefers the server's long poll, keeps the spacing that `polling` sets, and lets no passing fault end
        the wait; the last poll is made at the deadline.

        Args:
            timeout: Seconds to wait, or None (the default) for as long as it takes: an export may be queued
                for days and lives for ten. With 0 the service is asked once.
            on_update: Called with this handle whenever state, progress, stages or attempt have changed; the
                service is then asked no rarer than `polling` spaces. An async function is awaited by
                `AsyncOperation`.
            cancel_on_timeout: Ask for the export to be cancelled when the time is up. Otherwise it goes on.
            polling: How often to ask.
            stalled_after: Seconds without a move of progress or stages, while RUNNING, that count as a stall.
            on_stall: Called with this handle at a stall, again after each further such time. Without it a
                stall raises.
            cancel_on_interrupt: Ask for the export to be cancelled when the wait is interrupted: by Ctrl-C,
                or by the cancellation of the task that awaits.

        Returns:
            This handle, finished.

        Raises:
            OperationFailed: The service gave up on it.
            OperationCancelled: It was cancelled.
            OperationStalled: It stalled, and there is no `on_stall`.
            WaitTimeout: The time was up; the export still runs.
            RequestError: The service refuses to say: 401, 403, 404 and the like.
            InvalidArgument: `timeout` or `stalled_after` is negative or not a number.

        Reference: projects.operations.wait, projects.operations.get.
        """
        how = _waiting.Waiting[Self](
            timeout=timeout,
            on_update=on_update,
            cancel_on_timeout=cancel_on_timeout,
            cancel_on_interrupt=cancel_on_interrupt,
            stalled_after=stalled_after,
            on_stall=on_stall,
            polling=polling,
        )
        return self._run(_waiting.wait(self.client.context, self, how))

    def result(self, timeout: float | None = None) -> Mine:
        """The same as `wait(timeout)`, under the name that google-api-core and concurrent.futures use."""
        return self.wait(timeout)

    def refresh(self) -> Mine:
        """Ask the service once how the operation is.

        Returns:
            This handle, brought up to date.

        Raises:
            NotFound: The service no longer knows it; operations age out of its memory.
            RequestError: No usable answer came.

        Reference: projects.operations.get.
        """
        return self._run(_flows.refresh(self.client.context, self))

    def cancel(self, *, wait: bool = False, timeout: float | None = None) -> Mine:
        """Ask for the export to be cancelled. Best effort: it may succeed or fail before that has an effect.

        Args:
            wait: Wait until it has ended, however it ends; look at `state` then.
            timeout: Seconds to wait, or None (the default) for as long as it takes.

        Returns:
            This handle.

        Raises:
            WaitTimeout: It had not ended when the time was up.
            RequestError: The service refuses.

        Reference: projects.operations.cancel.
        """
        how = _waiting.Waiting[Self](timeout=timeout) if wait else None
        return self._run(_waiting.cancel(self.client.context, self, how))

    def delete(self) -> Nothing:
        """Remove the operation from the project's list. This does not cancel it.

        Raises:
            NotFound: The service does not know it.
            RequestError: The service refuses.

        Reference: projects.operations.delete.
        """
        return self._run(_flows.delete(self.client.context, self.name))  # type: ignore[return-value]

    def update(self, reply: _rest.Operation) -> bool:
        """Take in a reply of the service; tells whether state, progress, stages or attempt have changed.

        Raises:
            BadReply: It is about another operation.
        """
        seen = OperationState(reply, before=self.last)
        if seen.id != self.id:
            raise BadReply(
                f"The reply about {self.name} is about {seen.name}.", fault="bad-reply", status=200
            )
        before, self.last = self.last, seen
        return seen.moved_since(before)

    def to_json(self) -> str:
        """The handle as JSON text, for another process; `client.operation_from_json` reads it."""
        return json.dumps(self.last.reply.to_dict())

    @classmethod
    def from_json(cls, text: str, client: Any = None) -> Self:
        """The handle that `to_json` wrote.

        Args:
            text: What `to_json` gave.
            client: The client through which the handle asks; without it the handle only tells what it knew.

        Raises:
            InvalidArgument: The text is not a handle's.
        """
        try:
            reply = _rest.Operation.from_dict(json.loads(text))
            _rest.split_name(_text(reply.name))
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise InvalidArgument("text", text, "It is not the JSON of an operation.") from error
        return cls(OperationState(reply), client)

    def __getstate__(self) -> str:
        return self.to_json()

    def __setstate__(self, text: str) -> None:
        self.last, self._client = self.from_json(text).last, None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def _run(self, flow: _flows.Flow[Any]) -> Mine:
        return self.client.run(flow)  # type: ignore[no-any-return] # a handle, or something to await for it

    @property
    def client(self) -> Any:
        """The client that the handle asks through.

        Raises:
            ClientUnusable: There is none: the handle came from a pickle or from JSON.
        """
        if self._client is None:
            raise ClientUnusable(
                f"{self!r} came from a pickle or from JSON and has no client to ask through; nothing was "
                "sent. Give it one: client.operation(handle)."
            )
        return self._client


class Operation(Handle["Operation", None]):
    """An export that was started through `Client`; its methods block."""

    __slots__ = ()


class AsyncOperation(Handle[Coroutine[Any, Any, "AsyncOperation"], Coroutine[Any, Any, None]]):
    """An export that was started through `AsyncClient`; its methods are awaited, and so can it be itself."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, AsyncOperation]:
        return self.wait().__await__()


_BAD = frozenset({"FAILED", "CANCELLED"})


def _has_response(reply: _rest.Operation) -> bool:
    return not isinstance(reply.response, _rest.Unset) and reply.response is not None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    """A number, also where it came as text, as JSON carries int64."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


_LEAP = re.compile(r"(?<=:\d\d):60")


def _time(value: object) -> datetime | None:
    """An RFC 3339 time with 0 to 9 fractional digits; None for the epoch, which stands for "not yet"."""
    try:
        # datetime knows no leap second.
        moment = datetime.fromisoformat(_LEAP.sub(":59", _text(value)))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment if moment.timestamp() > 0 else None
