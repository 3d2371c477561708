"""The flow that waits for many operations with few requests.

One poller serves all of them. Each round asks after every operation of a project either one by one or by
reading pages of `operations.list`, whichever takes fewer requests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import count
from typing import Generic, cast

import attrs

from .. import rest
from .._connect.faults import action_for
from .._describe import plain
from .._describe.fields import valid
from .._errors.root import a
from ..errors import EarthEngineError, InvalidArgumentType, OperationStalled, RequestError
from ..image_export import ImageExport
from ..operation_state import OperationState
from .flows import PAGE_SIZE, Call, Context, Emit, Flow, H, Pages, Sleep, Stream, Tell, explained
from .names import split_name
from .tables import as_table
from .waiting import StallWatch, Waiting, interrupted, pause_after, try_to_cancel
from .watched import is_unclear, log, outcome_of, take_in

_STALE = 600.0  # seconds after which what a list says of an operation is checked by asking for it alone


@attrs.frozen(kw_only=True)
class Outcome(Generic[H]):
    """How one of many operations ended.

    Attributes:
        operation: The handle that was given.
        error: None after success; else what `operation.wait` would have raised.
    """

    operation: H
    error: EarthEngineError | None = None

    @property
    def export(self) -> ImageExport | None:
        """What was submitted, where the handle came from a submit; else None."""
        return self.operation.export

    def _repr_html_(self) -> str:
        return as_table([(self.operation, self.error)], "Outcome")


class _Outcomes(list[Outcome[H]]):
    """A list that notebooks show as a table."""

    def _repr_html_(self) -> str:
        return as_table(((one.operation, one.error) for one in self), f"{len(self):,} outcomes")


@attrs.frozen
class WaitingForAll(Waiting[H]):
    """How `wait_all` waits.

    Args:
        raise_errors: Raise an ExceptionGroup of all errors, if there are any, in place of returning.
    """

    raise_errors: bool = attrs.field(default=False, kw_only=True, validator=valid(plain.flag))


def checked(operations: Iterable[H], kind: type[H]) -> list[H]:
    """The handles as a list, if all are of the kind that the client makes."""

    def handles(given: Iterable[H]) -> list[H]:
        found = plain.listed(given, "It must be a list of operations.")
        for handle in found:
            if not isinstance(handle, kind):
                rule = f"For this client, each of them must be {a(kind.__name__)}."
                cure = "client.operation(…) makes one of a name, or of a handle of the other kind."
                raise InvalidArgumentType("", handle, rule, cure)
        return cast(list[H], found)

    return plain.checked("operations", handles, operations)


def in_order(handles: list[H], outcomes: list[Outcome[H]], how: WaitingForAll[H]) -> list[Outcome[H]]:
    """The outcomes in the order of the handles; an ExceptionGroup where there are errors to raise."""
    by_handle = {id(outcome.operation): outcome for outcome in outcomes}
    ordered = _Outcomes(by_handle[id(handle)] for handle in handles)
    errors = [outcome.error for outcome in ordered if outcome.error is not None]
    if how.raise_errors and errors:
        raise ExceptionGroup(f"{len(errors)} of {len(ordered)} exports did not succeed", errors)
    return ordered


def as_completed(context: Context, handles: Sequence[H], how: Waiting[H]) -> Stream[Outcome[H]]:
    """Emit an `Outcome` for each handle as it ends; the ones that have not by the deadline come last."""
    by_project: dict[str, _Crowd[H]] = {}
    for handle in handles:
        project, operation = split_name(handle.last.name)
        by_project.setdefault(project, _Crowd(project, how)).add(operation, handle)
    crowds = list(by_project.values())
    try:
        yield from _tell(how.on_update, handles)
        yield from _rounds(context, crowds, how)
    except BaseException as error:
        left = [handle for crowd in crowds for handle in crowd]
        yield from interrupted(context, left, how, error)
        raise


def _rounds(context: Context, crowds: list[_Crowd[H]], how: Waiting[H]) -> Stream[Outcome[H]]:
    clock = context.environment
    deadline = clock.monotonic() + (math.inf if how.timeout is None else how.timeout)
    began = -math.inf
    for poll in count():
        pause = 0.0
        if poll:  # before the first, only those leave that have ended already
            left = max(0.0, deadline - clock.monotonic())
            retry = attrs.evolve(context.retry, deadline=min(context.retry.deadline, left))
            for crowd in crowds:
                pause = max(pause, (yield from crowd.ask(attrs.evolve(context, retry=retry))))
            for crowd in crowds:
                yield from crowd.tell(clock.monotonic())
        for crowd in crowds:
            for outcome in crowd.leave():
                yield Emit(outcome)
        # A round that begins at the deadline is the last.
        if not any(map(any, crowds)) or began >= deadline:
            break
        if poll:
            now = clock.monotonic()
            due = max(began + how.polling.spacing(poll, clock.random()), now + pause)
            yield Sleep(max(0.0, min(due, deadline) - now))
        began = clock.monotonic()
    for handle in [handle for crowd in crowds for handle in crowd]:
        cancelled = how.cancel_on_timeout and (yield from try_to_cancel(context, handle))
        error = how.timed_out(handle, cancelled=cancelled)
        yield Emit(Outcome(operation=handle, error=error))


def _tell(on_update: Callable[[H], object] | None, handles: Iterable[H]) -> Flow[None]:
    if on_update is None:
        return
    with getattr(on_update, "round", nullcontext)():  # a display draws once for all of them
        for handle in handles:
            yield Tell(on_update, handle)


class _Crowd(Generic[H]):
    """The operations of one project that are waited for together."""

    def __init__(self, project: str, how: Waiting[H]) -> None:
        self._project = project
        self._how = how
        # By operation id: a list may name the project by its number. One operation may have several handles.
        self._waiting: dict[str, list[H]] = {}
        self._lost: dict[str, EarthEngineError] = {}  # why it is waited for no longer
        self._listed: dict[str, rest.Operation] = {}  # the last reply of each in a list
        self._checked: dict[str, float] = {}  # when the list last told news of it, or it was asked for alone
        self._stalls: dict[str, StallWatch] = {}
        self._polled: set[str] = set()  # operations that were polled since the last check for who may leave
        self._moved: list[H] = []  # those of which there is something to tell
        self._alone: set[str] = set()  # older than everything that the list still holds, or unclear there
        self._list_cost: float | None = None  # requests that the last round by list took

    def add(self, operation: str, handle: H) -> None:
        """Wait for one more."""
        self._waiting.setdefault(operation, []).append(handle)
        self._polled.add(operation)
        self._stalls[operation] = StallWatch(self._how.stalled_after)

    def __iter__(self) -> Iterator[H]:
        return (handle for handles in self._waiting.values() for handle in handles)

    def leave(self) -> Iterator[Outcome[H]]:
        """The outcomes of those that have ended, or of which nothing can be learned; they are let go."""
        polled, self._polled = self._polled, set()
        for operation in [one for one in self._waiting if one in polled]:
            handles, lost = self._waiting[operation], self._lost.get(operation)
            if not lost and not all(handle.last.done for handle in handles):
                continue
            if not lost and is_unclear(handles[0].last) and operation not in self._alone:
                self._alone.add(operation)  # asked once more
                continue
            del self._waiting[operation]
            self._listed.pop(operation, None)
            for handle in handles:
                yield Outcome(operation=handle, error=lost or outcome_of(handle.last))

    def tell(self, now: float) -> Flow[None]:
        """Call back for all that a round has brought, once it is over: the states are of one moment."""
        moved, self._moved = self._moved, []
        yield from _tell(self._how.on_update, moved)
        for operation in [one for one in self._waiting if one in self._polled and one not in self._lost]:
            handle = self._waiting[operation][0]
            if handle.last.done or not self._stalls[operation].is_over(handle, now):
                continue
            if self._how.on_stall is None:
                self._lost[operation] = OperationStalled(
                    last=handle.last, seconds=self._how.stalled_after or 0.0
                )
            else:
                yield Tell(self._how.on_stall, handle)

    def ask(self, context: Context) -> Flow[float]:
        """Ask once after every operation, and give the seconds that a fault asks to pause.

        A passing fault ends the round, since the service may be down; the next round tries again.
        """
        listed = self._waiting.keys() - self._alone
        cost = math.ceil(len(listed) / PAGE_SIZE) if self._list_cost is None else self._list_cost
        seen = (yield from self._ask_by_list(context, listed)) if cost < len(listed) else set()
        for operation in [one for one in self._waiting if one not in seen]:
            # Behind the others, so that one that always meets a fault does not stand in their way.
            self._waiting[operation] = self._waiting.pop(operation)
            _, pause = yield from self._ask_alone(context, operation)
            if pause is not None:
                return pause
        now = context.environment.monotonic()
        stale = [one for one in self._waiting if one in seen and now - self._checked[one] >= _STALE]
        for operation in sorted(stale, key=self._checked.__getitem__):
            news, pause = yield from self._ask_alone(context, operation)
            if pause is not None:
                return pause
            if not news:  # the list was right, and need not be doubted further
                break
        return 0.0

    def _ask_alone(self, context: Context, operation: str) -> Flow[tuple[bool, float | None]]:
        """Whether there was news, and the seconds that a fault asks to pause, None without one."""
        self._polled.add(operation)
        self._checked[operation] = context.environment.monotonic()
        try:
            reply = yield Call(rest.GET, {"projects_id": self._project, "operations_id": operation})
            moved = [handle for handle in self._waiting[operation] if take_in(handle, reply)]
        except RequestError as error:
            error.api_method = rest.GET.name
            if action_for(error, "get") == "retry":
                return False, pause_after(error, context, self._waiting[operation][0])
            self._lost[operation] = explained(error, context.access)
            return True, None
        self._moved += moved
        return bool(moved), None

    def _ask_by_list(self, context: Context, wanted: set[str]) -> Flow[set[str]]:
        """Read pages until every wanted operation was seen; the ids of those that were."""
        unseen, read, now = set(wanted), 0, context.environment.monotonic()
        pages, everything = Pages(context, self._project), list[rest.Operation]()
        # No more pages than single gets would have cost.
        while unseen and read < len(wanted) and pages.more:
            try:
                listed = yield from pages.read()
            except RequestError as error:
                log.warning(
                    "the %d operations of %s cannot be listed, and are asked after one by one: %s",
                    len(wanted), self._project, error,
                )  # fmt: skip
                if action_for(error, "list") != "retry":
                    self._list_cost = math.inf
                return wanted - unseen
            read += 1
            for reply in listed:
                operation = str(reply.name).rpartition("/operations/")[2]
                if operation in wanted and self._listed.get(operation) != reply:
                    self._listed[operation] = reply
                    self._polled.add(operation)
                    self._checked[operation] = now
                    self._moved += [one for one in self._waiting[operation] if take_in(one, reply)]
                elif operation in wanted and self._how.stalled_after:
                    self._polled.add(operation)
                unseen.discard(operation)
            everything += listed
        self._list_cost = read + len(unseen) if pages.more else read
        if unseen and not pages.more:
            times = [time for one in everything if (time := OperationState.of(one).create_time)]
            for operation in unseen:
                # One that is younger than the list's end is not in it yet, and will be.
                created = self._waiting[operation][0].last.create_time
                if times and created and created < min(times):
                    self._alone.add(operation)
        return wanted - unseen
