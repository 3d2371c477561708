"""The flow that waits for one operation; `_many` waits for thousands."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any, Generic

import attrs

from earthengine_export import _flows, _rest
from earthengine_export._flows import Call, Context, Flow, H, Sleep, Tell, explained, log
from earthengine_export.errors import (
    ApiError,
    InvalidArgument,
    OperationStalled,
    RequestError,
    WaitTimeout,
)
from earthengine_export.retries import Polling, rule_for

if TYPE_CHECKING:
    from earthengine_export.operations import Handle

_EARLY_RETURNS = 3  # unfinished replies of `:wait` in a row, well before its time, after which get is used


@attrs.frozen(kw_only=True)
class Waiting(Generic[H]):
    """How one operation is waited for; `Handle.wait` documents the fields."""

    timeout: float | None = None
    on_update: Callable[[H], object] | None = None
    cancel_on_timeout: bool = False
    cancel_on_interrupt: bool = False
    stalled_after: float | None = None
    on_stall: Callable[[H], object] | None = None
    polling: Polling = Polling()

    def __attrs_post_init__(self) -> None:
        for argument in ("timeout", "stalled_after"):
            seconds = getattr(self, argument)
            if seconds is not None and not seconds >= 0:
                raise InvalidArgument(argument, seconds, "It is a number of seconds, 0 or more, or None.")


def wait(context: Context, handle: H, how: Waiting[H]) -> Flow[H]:
    """Wait until the operation has succeeded; raise if it ended otherwise.

    Raises:
        OperationError: It failed, was cancelled, stalled, or the time was up.
        RequestError: The service refuses to say (401, 403, 404, …); passing faults are waited out.
    """
    yield from until_done(context, handle, how)
    if error := handle.last.outcome():
        raise error
    return handle


def cancel(context: Context, handle: H, how: Waiting[H] | None) -> Flow[H]:
    """Ask for the operation to be cancelled, and wait until it has ended where `how` is given."""
    yield from _flows.cancel(context, handle)
    if how is not None:
        yield from until_done(context, handle, how)
    return handle


def until_done(context: Context, handle: H, how: Waiting[H]) -> Flow[H]:
    """Wait until the operation has ended, however that was."""
    try:
        yield from _poll(context, handle, how)
    except GeneratorExit:
        raise
    except BaseException as error:
        # Ctrl-C, or the task's cancellation: the export itself goes on unless the caller wanted otherwise.
        if how.cancel_on_interrupt and not isinstance(error, Exception):
            yield from _try_to_cancel(context, handle)
        raise
    return handle


def _poll(context: Context, handle: H, how: Waiting[H]) -> Flow[None]:
    clock = context.clock
    deadline = clock.monotonic() + (math.inf if how.timeout is None else how.timeout)
    stall = _StallWatch(how, clock.monotonic())
    hold, early = how.polling.long_poll, 0
    polls = count(1)
    while not handle.done:
        began = clock.monotonic()
        pause = how.polling.spacing(next(polls), context.random())
        # Who watches wants to see progress, and a held poll answers at the end only.
        held = min(hold, max(0.0, deadline - began), pause if how.on_update else math.inf)
        try:
            reply = yield _ask(handle, held)
            changed = handle.update(reply)
        except RequestError as error:
            if held and error.fault in {"404", "501"}:
                hold = 0.0  # the server has no wait; if it is the operation that is gone, get says so
                continue
            pause = max(pause, _pause_or_raise(error, context))
        else:
            if changed and how.on_update:
                yield Tell(how.on_update, handle)
            if handle.done:
                return
            early = early + 1 if held and clock.monotonic() - began < held / 2 else 0
            if early == _EARLY_RETURNS:
                hold = 0.0
        now = clock.monotonic()
        if now >= deadline:
            raise (yield from _timed_out(context, handle, how))
        if stall.is_over(handle, now):
            if how.on_stall is None:
                raise stall.error(handle)
            yield Tell(how.on_stall, handle)
        # The last sleep ends at the deadline, and one more poll is made there.
        yield Sleep(max(0.0, min(began + pause, deadline) - now))


def _ask(handle: Handle[Any, Any], held: float) -> Call:
    project, operation = _rest.split_name(handle.name)
    if not held:
        return Call(_rest.GET, {"projects_id": project, "operations_id": operation})
    body = _rest.WaitOperationRequest(timeout=f"{held:.3f}s")
    return Call(_rest.WAIT, {"projects_id": project, "operations_id": operation, "body": body})


def _pause_or_raise(error: RequestError, context: Context) -> float:
    """The seconds that a fault asks to pause; raises it if it will not pass."""
    if not rule_for(error.fault).retry:
        raise explained(error, context.access)
    log.warning("waiting goes on after a fault: %s", error)
    asked = error.retry_after if isinstance(error, ApiError) else None
    return min(asked or 0.0, context.retry.retry_after_limit)


def _timed_out(context: Context, handle: H, how: Waiting[H]) -> Flow[WaitTimeout]:
    cancelled = how.cancel_on_timeout and (yield from _try_to_cancel(context, handle))
    return timed_out(handle, how.timeout or 0.0, cancelled=cancelled, wanted=how.cancel_on_timeout)


def timed_out(
    handle: Handle[Any, Any], timeout: float, *, cancelled: bool = False, wanted: bool = False
) -> WaitTimeout:
    """The error that says that the export goes on, and how to find it again."""
    if cancelled:
        fate = "It was asked to be cancelled."
    elif wanted:
        fate = "It could not be cancelled, and is still running."
    else:
        fate = "It is still running."
    return WaitTimeout(
        f"{timeout:g} s were up before {handle!r} ended. {fate} "
        f"Find it again, in any process, with client.operation({handle.name!r}).",
        last=handle.last,
        timeout=timeout,
        cancelled=cancelled,
    )


def _try_to_cancel(context: Context, handle: Handle[Any, Any]) -> Flow[bool]:
    try:
        yield from _flows.cancel(context, handle)
    except RequestError as error:
        log.warning("%s could not be cancelled: %s", handle.name, error)
        return False
    return True


class _StallWatch:
    """Tells when a running operation has not moved for the given time."""

    def __init__(self, how: Waiting[Any], now: float) -> None:
        self._after = math.inf if how.stalled_after is None else how.stalled_after
        self._since = now
        self._seen: object = None

    def is_over(self, handle: Handle[Any, Any], now: float) -> bool:
        """Whether it is time to say so; it is said once for each such time."""
        seen = (handle.attempt, handle.progress, handle.stages)
        # A queued export waits for its turn; that is no stall.
        if seen != self._seen or handle.state != "RUNNING":
            self._seen, self._since = seen, now
        if now - self._since < self._after:
            return False
        self._since = now
        return True

    def error(self, handle: Handle[Any, Any]) -> OperationStalled:
        return OperationStalled(
            f"{handle!r} has moved neither its progress nor its stages for {self._after:g} s. It is still "
            f"running: wait longer, or cancel it with client.operation({handle.name!r}).cancel().",
            last=handle.last,
            seconds=self._after,
        )
