"""The flow that waits for many operations with few requests.

One poller serves all of them. Each round asks after every operation of a project either one by one or by
reading pages of `operations.list`, whichever takes fewer requests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import count
from typing import Generic

import attrs

from earthengine_export import _rest
from earthengine_export._flows import PAGE_SIZE, Context, Emit, Flow, H, Sleep, Tell, call, list_page, log
from earthengine_export._waiting import timed_out
from earthengine_export.errors import EarthEngineError, RequestError
from earthengine_export.operations import OperationState
from earthengine_export.retries import Polling, rule_for


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
    crowds: dict[str, _Crowd[H]] = {}
    for handle in handles:
        project, operation = _rest.split_name(handle.name)
        crowds.setdefault(project, _Crowd(project)).add(operation, handle)
    for poll in count(1):
        began = clock.monotonic()
        left = max(0.0, deadline - began)
        limited = attrs.evolve(
            context, retry=attrs.evolve(context.retry, deadline=min(context.retry.deadline, left))
        )
        for crowd in crowds.values():
            if poll > 1 or not all(handle.done for handle in crowd):
                yield from crowd.ask(limited, on_update)
            for outcome in crowd.leave():
                yield Emit(outcome)
        crowds = {project: crowd for project, crowd in crowds.items() if any(crowd)}
        now = clock.monotonic()
        if not crowds or now >= deadline:
            break
        # The last sleep ends at the deadline, and one more round is made there.
        yield Sleep(max(0.0, min(began + polling.spacing(poll, context.random()), deadline) - now))
    for crowd in crowds.values():
        for handle in crowd:
            yield Emit(Outcome(operation=handle, error=timed_out(handle, timeout or 0.0)))


class _Crowd(Generic[H]):
    """The operations of one project that are waited for together."""

    def __init__(self, project: str) -> None:
        self._project = project
        # By operation id: a list may name the project by its number. One operation may have several handles.
        self._waiting: dict[str, list[H]] = {}
        self._lost: dict[str, RequestError] = {}
        self._aged_out: set[str] = set()  # older than everything that the list still holds
        self._list_cost: float | None = None  # requests that the last round by list took

    def add(self, operation: str, handle: H) -> None:
        """Wait for one more."""
        self._waiting.setdefault(operation, []).append(handle)

    def __iter__(self) -> Iterator[H]:
        return (handle for handles in self._waiting.values() for handle in handles)

    def leave(self) -> Iterator[Outcome[H]]:
        """Let go of those that have ended or of which nothing can be learned, with how it ended."""
        for operation, handles in list(self._waiting.items()):
            lost = self._lost.get(operation)
            if lost is not None or handles[0].done:
                del self._waiting[operation]
                for handle in handles:
                    yield Outcome(operation=handle, error=lost or handle.last.outcome())

    def ask(self, context: Context, on_update: Callable[[H], object] | None) -> Flow[None]:
        """Ask once after every operation."""
        unseen = {operation for operation, handles in self._waiting.items() if not handles[0].done}
        listed = unseen - self._aged_out
        cost = math.ceil(len(listed) / PAGE_SIZE) if self._list_cost is None else self._list_cost
        if cost < len(listed):
            unseen -= yield from self._ask_by_list(context, listed, on_update)
        for operation in unseen:
            try:
                reply = yield from call(
                    context, _rest.GET, projects_id=self._project, operations_id=operation
                )
                yield from self._update(operation, reply, on_update)
            except RequestError as error:
                if not rule_for(error.fault).retry:
                    self._lost[operation] = error
                else:
                    log.warning("waiting goes on after a fault: %s", error)

    def _ask_by_list(
        self, context: Context, wanted: set[str], on_update: Callable[[H], object] | None
    ) -> Flow[set[str]]:
        """Read pages until every wanted operation was seen; the result needs no single get in this round."""
        unseen, read, token = set(wanted), 0, ""
        oldest: datetime | None = None
        try:
            # No more pages than single gets would have cost.
            while unseen and read < len(wanted) and (token or not read):
                page, token = yield from list_page(context, self._project, page_token=token)
                read += 1
                for reply in page:
                    state = OperationState(reply)
                    created = state.create_time
                    oldest = min(oldest, created) if oldest and created else oldest or created
                    if state.id in unseen:
                        unseen.discard(state.id)
                        yield from self._update(state.id, reply, on_update)
        except RequestError as error:
            if rule_for(error.fault).retry:
                log.warning("waiting goes on after a fault: %s", error)
                return wanted
            log.warning("operations cannot be listed and are asked after one by one: %s", error)
            self._list_cost = math.inf
            return wanted - unseen
        if token:
            self._list_cost = read + len(unseen)
        else:
            self._list_cost = read
            for operation in unseen:
                # Those that are younger than the list's end are not in it yet, and will be.
                created = self._waiting[operation][0].create_time
                if oldest and created and created < oldest:
                    self._aged_out.add(operation)
        return wanted - unseen

    def _update(
        self, operation: str, reply: _rest.Operation, on_update: Callable[[H], object] | None
    ) -> Flow[None]:
        for handle in self._waiting[operation]:
            if handle.update(reply) and on_update:
                yield Tell(on_update, handle)
