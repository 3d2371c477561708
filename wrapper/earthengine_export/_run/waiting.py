"""The flow that waits for one operation; `waiting_many` waits for thousands."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import count
from typing import ClassVar, Generic

import attrs

from .. import rest
from .._connect.faults import action_for
from .._describe import plain
from .._describe.fields import guarded, optional, valid
from .._errors.operations import what_holds
from ..errors import (
    ApiError,
    EarthEngineError,
    OperationError,
    OperationStalled,
    RequestError,
    WaitTimeout,
)
from . import flows
from .flows import Call, Context, Flow, H, Sleep, Tell, explained
from .policy import Polling, number
from .watched import Watched, is_unclear, log, outcome_of, take_in

_IN_VAIN = 3  # long polls in a row that fail, or return unfinished well before their time; then get is used
_HURRY = 10.0  # seconds in which an interrupted wait may still begin to ask for a cancellation


def _seconds(value: float) -> float:
    return number("", value)


def _some_seconds(value: float) -> float:
    return number("", value, above=True)


@attrs.frozen(field_transformer=guarded)
class Waiting(Generic[H]):
    """How operations are waited for.

    Args:
        timeout: Seconds to wait, or None (the default) for as long as it takes: an export may be queued for
            days and lives for ten. With 0 the service is asked once. A request that is under way when the
            time is up is given its own timeout.
        on_update: Called with the handle at the start, and whenever state, progress, stages or attempt have
            changed. An async function is awaited in the async world.
        cancel_on_timeout: Ask for what has not ended to be cancelled when the time is up. Otherwise it goes
            on.
        polling: How often to ask. With `on_update` or `stalled_after` the server is asked to hold a long poll
            for no longer than the pause between two.
        stalled_after: Seconds without a move of progress or stages, while RUNNING, that count as a stall.
        on_stall: Called with the handle at a stall, again after each further such time. Without it a stall
            is an `OperationStalled`.
        cancel_on_interrupt: Ask for what has not ended to be cancelled when the wait is interrupted: by
            Ctrl-C, or by the cancellation of the task that awaits. Otherwise it goes on.
    """

    timeout: float | None = attrs.field(default=None, converter=optional(_seconds))
    on_update: Callable[[H], object] | None = attrs.field(default=None, validator=valid(plain.callback))
    cancel_on_timeout: bool = attrs.field(default=False, validator=valid(plain.flag))
    polling: Polling = attrs.field(default=Polling(), validator=valid(plain.one_of(Polling)))
    stalled_after: float | None = attrs.field(default=None, kw_only=True, converter=optional(_some_seconds))
    on_stall: Callable[[H], object] | None = attrs.field(
        default=None, kw_only=True, validator=valid(plain.callback)
    )
    cancel_on_interrupt: bool = attrs.field(default=False, kw_only=True, validator=valid(plain.flag))

    cancelled: ClassVar[bool] = False  # whether the export was asked to be cancelled before

    def timed_out(self, handle: H, *, cancelled: bool) -> OperationError | None:
        """What to say when the time is up: how it ended where it has, else that it goes on."""
        if handle.last.done:  # seen when it was to be cancelled
            return outcome_of(handle.last)
        return WaitTimeout(
            last=handle.last,
            timeout=self.timeout or 0.0,
            cancelled=self.cancelled or cancelled,
            refused=self.cancel_on_timeout and not cancelled,
        )


def wait(context: Context, handle: H, how: Waiting[H]) -> Flow[H]:
    """Wait until the operation has succeeded; raise if it ended otherwise.

    Raises:
        OperationError: It failed, was cancelled, stalled, or the time was up.
        RequestError: The service refuses to say (401, 403, 404, …); passing faults are waited out.
    """
    try:
        yield from _poll(context, handle, how)
    except BaseException as error:
        yield from interrupted(context, [handle], how, error)
        raise
    if ended := outcome_of(handle.last):
        raise ended
    return handle


class _Cancelling(Waiting[H]):
    """How an operation that was asked to be cancelled is waited for."""

    cancelled = True


def cancel(context: Context, handle: H, *, wait: bool, timeout: float | None) -> Flow[H]:
    """Ask for the operation to be cancelled, and wait until it has ended where that is wanted."""
    how = _Cancelling[H](timeout)
    plain.checked("wait", plain.flag, wait)
    fate = "it may have been asked to be cancelled"
    try:
        yield from flows.cancel(context, handle)
        fate = "it was asked to be cancelled"
        if wait:
            yield from _poll(context, handle, how)
    except BaseException as error:
        yield from interrupted(context, [handle], how, error, fate)
        raise
    return handle


def interrupted(
    context: Context, handles: Sequence[H], how: Waiting[H], error: BaseException, fate: str = ""
) -> Flow[None]:
    """Where a wait is interrupted, by Ctrl-C or the task's cancellation: say what becomes of the exports.

    They go on, unless the caller wanted them cancelled.

    Args:
        context: The client's.
        handles: Those that are still waited for.
        how: How.
        error: What has interrupted it.
        fate: What becomes of the one export, where that is known.
    """
    if isinstance(error, Exception | GeneratorExit) or not handles:
        return
    cancelled = 0
    if how.cancel_on_interrupt:
        end = context.environment.monotonic() + _HURRY
        for handle in handles:
            left = end - context.environment.monotonic()
            if left > 0:
                hurried = attrs.evolve(context.retry, deadline=min(context.retry.deadline, left))
                cancelled += yield from try_to_cancel(
                    attrs.evolve(context, retry=hurried), handle, look=False
                )
    first, number = handles[0].last, len(handles)
    if not fate:
        fate = (
            "all of them go on" if number > 1 else f"it {what_holds(first)}" if first.done else "it goes on"
        )
    if how.cancel_on_interrupt:
        fate = f"{cancelled} of {number} were asked to be cancelled"
    more = f" and {number - 1} more" if number > 1 else ""
    text = (
        f"The wait for {first.label}{more} was interrupted; {fate}. Find it again, in any process, with "
        f"client.operation({first.name!r})."
    )
    error.add_note(text)
    log.info("%s", text)


def _poll(context: Context, handle: H, how: Waiting[H]) -> Flow[None]:
    clock = context.environment
    deadline = clock.monotonic() + (math.inf if how.timeout is None else how.timeout)
    stall = StallWatch(how.stalled_after)
    hold, in_vain, asked_again = how.polling.long_poll, 0, False
    if how.on_update:
        yield Tell(how.on_update, handle)
    polls = count(1)
    while not handle.last.done or (is_unclear(handle.last) and not asked_again):
        began = clock.monotonic()
        spacing = how.polling.spacing(next(polls), clock.random())
        held = min(hold, max(0.0, deadline - began))
        if how.on_update or how.stalled_after:
            held = min(held, spacing)  # a reply that the server holds back tells nothing
        if handle.last.done:
            held, asked_again = 0.0, True
        fault, pause, moved = None, 0.0, False
        step = _ask(handle, held)
        try:
            moved = take_in(handle, (yield step))
        except RequestError as error:
            error.api_method = step.method.name
            action = action_for(error, step.method.key)
            if action == "poll":
                hold = 0.0  # the server has no wait; if it is the operation that is gone, get says so
                continue
            if action != "retry":
                raise explained(error, context.access) from error.__cause__
            fault, pause = error, pause_after(error, context, handle)
        now = clock.monotonic()
        in_vain = in_vain + 1 if held and (fault or now - began < held / 2) else 0
        if in_vain == _IN_VAIN:
            hold = 0.0
        if moved and how.on_update:
            yield Tell(how.on_update, handle)
        if handle.last.done and (asked_again or not is_unclear(handle.last)):
            return
        # A poll that began at the deadline is the last; one that was answered after it need not be repeated.
        if now >= deadline and (began >= deadline or not fault):
            cancelled = how.cancel_on_timeout and (yield from try_to_cancel(context, handle))
            if late := how.timed_out(handle, cancelled=cancelled):
                raise late from fault
            return
        if not fault and stall.is_over(handle, now):
            if how.on_stall is None:
                raise OperationStalled(last=handle.last, seconds=how.stalled_after or 0.0)
            yield Tell(how.on_stall, handle)
        yield Sleep(max(0.0, min(max(began + spacing, now + pause), deadline) - now))


def _ask(handle: Watched, held: float) -> Call:
    if not held:
        return Call(rest.GET, flows.names(handle))
    body = rest.WaitOperationRequest(timeout=f"{held:.3f}s")
    return Call(rest.WAIT, {**flows.names(handle), "body": body})


def pause_after(error: RequestError, context: Context, handle: Watched) -> float:
    """The seconds that a passing fault asks to pause."""
    log.warning("waiting for %s goes on after a fault: %s", handle.last.label, error)
    asked = error.retry_after if isinstance(error, ApiError) else None
    return min(asked or 0.0, context.retry.retry_after_limit)


def try_to_cancel(context: Context, handle: Watched, *, look: bool = True) -> Flow[bool]:
    """Ask for the operation to be cancelled; whether the service took that."""
    try:
        yield from flows.cancel(context, handle, look=look)
    except (EarthEngineError, TimeoutError) as error:
        log.warning("%s could not be cancelled: %s", handle.last.label, error)
        return False
    return True


class StallWatch:
    """Tells when a running operation has not moved for the given time."""

    def __init__(self, after: float | None) -> None:
        self._after = math.inf if after is None else after
        self._since = 0.0
        self._seen: object = None

    def is_over(self, handle: Watched, now: float) -> bool:
        """Whether it is time to say so, once for each such time; to be asked after each reply."""
        last = handle.last
        seen = (last.attempt, last.progress, last.stages)
        # A queued export waits for its turn; that is no stall.
        if seen != self._seen or last.state != "RUNNING":
            self._seen, self._since = seen, now
        if now - self._since < self._after:
            return False
        self._since = now
        return True
