"""The flow that waits for many operations with few requests.

One poller serves all of them. Each round asks after every operation of a project either one by one or by
reading pages of `operations.list`, whichever takes fewer requests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any, Generic

import attrs

from .. import rest
from .._connect.faults import action_for
from ..errors import EarthEngineError, RequestError
from ..operation_state import OperationState
from .flows import (
    PAGE_SIZE,
    Call,
    Context,
    Emit,
    Flow,
    H,
    Sleep,
    Tell,
    explained,
    list_page,
    log,
)
from .names import split_name
from .outcomes import outcome_of
from .policy import Polling
from .waiting import pause_after, timed_out


@attrs.frozen(kw_only=True)
class Outcome(Generic[H]):
    """How one of many operations ended.

    Attributes:
        operation: The handle that was given.
        error: None after success; else what `operation.wait` would have raised.
    """

    operation: H
    error: EarthEngineError | None = None


def as_completed(
    context: Context,
    handles: Iterable[H],
    *,
    timeout: float | None,
    on_update: Callable[[H], object] | None,
    polling: Polling,
) -> Flow[None]:
    """Emit an `Outcome` for each handle as it ends; the ones that have not by the deadline come last."""
    clock = context.clock
    deadline = clock.monotonic() + (math.inf if timeout is None else timeout)
    by_project: dict[str, _Crowd[H]] = {}
    for handle in handles:
        project, operation = split_name(handle.name)
        by_project.setdefault(project, _Crowd(project, on_update)).add(operation, handle)
        if on_update:
            yield Tell(on_update, handle)
    crowds = list(by_project.values())
    began = -math.inf
    for poll in count():
        pause = 0.0
        retry = attrs.evolve(
            context.retry, deadline=min(context.retry.deadline, max(0.0, deadline - clock.monotonic()))
        )
        for crowd in crowds:
            if poll:  # before the first, only those leave that have ended already
                pause = max(pause, (yield from crowd.ask(attrs.evolve(context, retry=retry))))
            for outcome in crowd.leave():
                yield Emit(outcome)
        crowds = [crowd for crowd in crowds if any(crowd)]
        # A round that begins at the deadline is the last.
        if not crowds or began >= deadline:
            break
        if poll:
            now = clock.monotonic()
            due = max(began + polling.spacing(poll, context.random()), now + pause)
            yield Sleep(max(0.0, min(due, deadline) - now))
        began = clock.monotonic()
    for crowd in crowds:
        for handle in crowd:
            yield Emit(Outcome(operation=handle, error=timed_out(handle, timeout or 0.0)))


class _Crowd(Generic[H]):
    """The operations of one project that are waited for together."""

    def __init__(self, project: str, on_update: Callable[[H], object] | None) -> None:
        self._project = project
        self._on_update = on_update
        # By operation id: a list may name the project by its number. One operation may have several handles.
        self._waiting: dict[str, list[H]] = {}
        self._lost: dict[str, RequestError] = {}
        self._listed: dict[str, dict[str, Any]] = {}  # the last reply of each in a list
        # The last one of each number, with the ids of what is on it.
        self._pages: dict[int, tuple[rest.Page, set[str]]] = {}
        self._news: set[str] = (
            set()
        )  # those that were asked after and may have changed since they could leave
        self._aged_out: set[str] = set()  # older than everything that the list still holds
        self._list_cost: float | None = None  # requests that the last round by list took

    def add(self, operation: str, handle: H) -> None:
        """Wait for one more."""
        self._waiting.setdefault(operation, []).append(handle)
        self._news.add(operation)

    def __iter__(self) -> Iterator[H]:
        return (handle for handles in self._waiting.values() for handle in handles)

    def leave(self) -> Iterator[Outcome[H]]:
        """Let go of those that have ended or of which nothing can be learned, with how it ended."""
        news, self._news = self._news, set()
        for operation in [one for one in self._waiting if one in news]:
            handles = self._waiting[operation]
            lost = self._lost.get(operation)
            if lost or all(handle.done for handle in handles):
                del self._waiting[operation]
                self._listed.pop(operation, None)
                for handle in handles:
                    yield Outcome(operation=handle, error=lost or outcome_of(handle.last))

    def ask(self, context: Context) -> Flow[float]:
        """Ask once after every operation, and give the seconds that a fault asks to pause.

        A passing fault ends the round, since the service may be down; the next round tries again.
        """
        listed = self._waiting.keys() - self._aged_out
        cost = math.ceil(len(listed) / PAGE_SIZE) if self._list_cost is None else self._list_cost
        seen = (yield from self._ask_by_list(context, listed)) if cost < len(listed) else set()
        for operation in [one for one in self._waiting if one not in seen]:
            # Behind the others, so that one that always meets a fault does not stand in their way.
            handles = self._waiting[operation] = self._waiting.pop(operation)
            self._news.add(operation)
            try:
                reply = yield Call(rest.GET, {"projects_id": self._project, "operations_id": operation})
                moved = [handle for handle in handles if handle.update(reply)]
            except RequestError as error:
                error.api_method = rest.GET.name
                if action_for(error, "get") == "retry":
                    return pause_after(error, context)
                self._lost[operation] = explained(error, context.access)
            else:
                yield from self._tell(moved)
        return 0.0

    def _ask_by_list(self, context: Context, wanted: set[str]) -> Flow[set[str]]:
        """Read pages until every wanted operation was seen; the ids of those that were."""
        unseen, read, token = set(wanted), 0, ""
        listed: list[dict[str, Any]] = []
        # No more pages than single gets would have cost.
        while unseen and read < len(wanted) and (token or not read):
            try:
                known, ids = self._pages.get(read, (None, set()))
                page = yield from list_page(context, self._project, page_token=token, known=known)
            except RequestError as error:
                log.warning("operations cannot be listed, and are asked after one by one: %s", error)
                if action_for(error, "list") != "retry":
                    self._list_cost = math.inf
                return wanted - unseen
            # Most of a long queue is as it was, and need not be looked at.
            if known is None or page.body is not known.body:
                ids = set()
                for reply in page.operations:
                    operation = str(reply.get("name")).rpartition("/operations/")[2]
                    ids.add(operation)
                    if operation in wanted and self._listed.get(operation) != reply:
                        yield from self._take_in(operation, reply)
                self._pages[read] = (page, ids)
            unseen -= ids
            read += 1
            listed += page.operations
            token = page.next_token
        self._list_cost = read + len(unseen) if token else read
        if unseen and not token:
            times = [time for one in listed if (time := OperationState.from_dict(one).create_time)]
            for operation in unseen:
                # One that is younger than the list's end is not in it yet, and will be.
                created = self._waiting[operation][0].create_time
                if times and created and created < min(times):
                    self._aged_out.add(operation)
        return wanted - unseen

    def _take_in(self, operation: str, reply: dict[str, Any]) -> Flow[None]:
        self._listed[operation] = reply
        self._news.add(operation)
        decoded = rest.Operation.from_dict(reply)
        yield from self._tell([one for one in self._waiting[operation] if one.update(decoded)])

    def _tell(self, moved: Iterable[H]) -> Flow[None]:
        for handle in moved:
            if self._on_update:
                yield Tell(self._on_update, handle)
