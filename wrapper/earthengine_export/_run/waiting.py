"""The flow that waits for one operation; `_many` waits for thousands."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any, Generic

import attrs

from .. import rest
from .._connect.faults import action_for
from ..errors import (
    ApiError,
    EarthEngineError,
    InvalidArgument,
    InvalidArgumentType,
    OperationStalled,
    RequestError,
    WaitTimeout,
)
from . import flows
from .flows import Call, Context, Flow, H, Sleep, Tell, explained, log
from .names import split_name
from .outcomes import outcome_of
from .policy import Polling

if TYPE_CHECKING:
    from ..operations import Handle

_IN_VAIN = 3  # long polls in a row that fail, or return unfinished well before their time; then get is used
_HURRY = 10.0  # seconds in which an interrupted wait may still begin to ask for a cancellation


@attrs.frozen(kw_only=True)
class Waiting(Generic[H]):
    """How one operation is waited for; `Handle.wait` documents the fields, but for `cancelled`.

    Attributes:
        cancelled: Whether the export was asked to be cancelled before.
    """

    timeout: float | None = None
    on_update: Callable[[H], object] | None = None
    cancel_on_timeout: bool = False
    cancel_on_interrupt: bool = False
    stalled_after: float | None = None
    on_stall: Callable[[H], object] | None = None
    polling: Polling = Polling()
    cancelled: bool = False

    def __attrs_post_init__(self) -> None:
        for argument, seconds, least in (
            ("timeout", self.timeout, 0.0),
            ("stalled_after", self.stalled_after, 0.001),
        ):
            if not isinstance(seconds, int | float | None):
                raise InvalidArgumentType(argument, seconds, "It is a number of seconds, or None.")
            if seconds is not None and not seconds >= least:
                raise InvalidArgument(argument, seconds, f"It is {least:g} seconds or more, or None.")
        if not isinstance(self.polling, Polling):
            raise InvalidArgumentType("polling", self.polling, "It is an eex.Polling.")


def wait(context: Context, handle: H, how: Waiting[H]) -> Flow[H]:
    """Wait until the operation has succeeded; raise if it ended otherwise.

    Raises:
        OperationError: It failed, was cancelled, stalled, or the time was up.
        RequestError: The service refuses to say (401, 403, 404, …); passing faults are waited out.
    """
    yield from _until_done(context, handle, how)
    if error := outcome_of(handle.last):
        raise error
    return handle


def cancel(context: Context, handle: H, how: Waiting[H] | None) -> Flow[H]:
    """Ask for the operation to be cancelled, and wait until it has ended where `how` is given."""
    yield from flows.cancel(context, handle)
    if how is not None:
        yield from _until_done(context, handle, how)
    return handle


def _until_done(context: Context, handle: H, how: Waiting[H]) -> Flow[None]:
    try:
        yield from _poll(context, handle, how)
    except BaseException as error:
        # Ctrl-C, or the task's cancellation: the export itself goes on unless the caller wanted otherwise.
        if how.cancel_on_interrupt and not isinstance(error, Exception | GeneratorExit):
            hurried = attrs.evolve(context.retry, deadline=min(context.retry.deadline, _HURRY))
            yield from _try_to_cancel(attrs.evolve(context, retry=hurried), handle)
        raise


def _poll(context: Context, handle: H, how: Waiting[H]) -> Flow[None]:
    clock = context.clock
    deadline = clock.monotonic() + (math.inf if how.timeout is None else how.timeout)
    stall = _StallWatch(how.stalled_after)
    hold, in_vain = how.polling.long_poll, 0
    if how.on_update:
        yield Tell(how.on_update, handle)
    polls = count(1)
    while not handle.done:
        began = clock.monotonic()
        spacing = how.polling.spacing(next(polls), context.random())
        held = min(hold, max(0.0, deadline - began))
        if how.on_update or how.stalled_after:
            held = min(held, spacing)  # a reply that the server holds back tells nothing
        fault, pause, moved = None, 0.0, False
        step = _ask(handle, held)
        try:
            moved = handle.update((yield step))
        except RequestError as error:
            error.api_method = step.method.name
            action = action_for(error, step.method.key)
            if action == "poll":
                hold = 0.0  # the server has no wait; if it is the operation that is gone, get says so
                continue
            if action != "retry":
                raise explained(error, context.access) from error.__cause__
            fault, pause = error, pause_after(error, context)
        now = clock.monotonic()
        in_vain = in_vain + 1 if held and (fault or now - began < held / 2) else 0
        if in_vain == _IN_VAIN:
            hold = 0.0
        if moved and how.on_update:
            yield Tell(how.on_update, handle)
        if handle.done:
            return
        # A poll that began at the deadline is the last; one that was answered after it need not be repeated.
        if now >= deadline and (began >= deadline or not fault):
            raise (yield from _time_is_up(context, handle, how)) from fault
        if not fault and stall.is_over(handle, now):
            if how.on_stall is None:
                raise stall.error(handle)
            yield Tell(how.on_stall, handle)
        yield Sleep(max(0.0, min(max(began + spacing, now + pause), deadline) - now))


def _ask(handle: Handle[Any, Any], held: float) -> Call:
    project, operation = split_name(handle.name)
    if not held:
        return Call(rest.GET, {"projects_id": project, "operations_id": operation})
    body = rest.WaitOperationRequest(timeout=f"{held:.3f}s")
    return Call(rest.WAIT, {"projects_id": project, "operations_id": operation, "body": body})


def pause_after(error: RequestError, context: Context) -> float:
    """The seconds that a passing fault asks to pause."""
    log.warning("waiting goes on after a fault: %s", error)
    asked = error.retry_after if isinstance(error, ApiError) else None
    return min(asked or 0.0, context.retry.retry_after_limit)


def _time_is_up(context: Context, handle: H, how: Waiting[H]) -> Flow[WaitTimeout]:
    cancelled = how.cancelled or (how.cancel_on_timeout and (yield from _try_to_cancel(context, handle)))
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
        fate = "It is still running." if handle.state != "PENDING" else "It is still queued, and will run."
    return WaitTimeout(
        f"{timeout:g} s were up before {handle!r} ended. {fate} "
        f"Find it again, in any process, with client.operation({handle.name!r}).",
        last=handle.last,
        timeout=timeout,
        cancelled=cancelled,
    )


def _try_to_cancel(context: Context, handle: Handle[Any, Any]) -> Flow[bool]:
    try:
        yield from flows.cancel(context, handle)
    except (EarthEngineError, TimeoutError) as error:
        log.warning("%s could not be cancelled: %s", handle.name, error)
        return False
    return True


class _StallWatch:
    """Tells when a running operation has not moved for the given time."""

    def __init__(self, after: float | None) -> None:
        self._after = math.inf if after is None else after
        self._since = 0.0
        self._seen: object = None

    def is_over(self, handle: Handle[Any, Any], now: float) -> bool:
        """Whether it is time to say so, once for each such time; to be asked after each reply."""
        seen = (handle.attempt, handle.progress, handle.stages)
        # A queued export waits for its turn; that is no stall.
        if seen != self._seen or handle.state != "RUNNING":
            self._seen, self._since = seen, now
        if now - self._since < self._after:
            return False
        self._since = now
        return True

    def error(self, handle: Handle[Any, Any]) -> OperationStalled:
        """What is raised where nobody is to be told."""
        return OperationStalled(
            f"{handle!r} has moved neither its progress nor its stages for {self._after:g} s. It is still "
            f"running: wait longer, or cancel it with client.operation({handle.name!r}).cancel().",
            last=handle.last,
            seconds=self._after,
        )
