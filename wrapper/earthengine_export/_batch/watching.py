"""The one poller of a batch: what has moved, what has ended, how long the queue is, and who is who.

A list is read from its newest page for as long as it may tell something: until each operation that is waited
for was seen, and no operation at the end of the page still waits or runs.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic

import attrs

from .. import rest
from .._connect.faults import action_for
from .._run.flows import Context, Flow, H, Pages, refresh
from .._run.likeness import KNOWN, UNKNOWN, contradiction
from .._run.waiting import StallWatch
from .._run.watched import is_unclear
from ..errors import EarthEngineError, OperationStalled, RequestError
from ..image_export import ImageExport
from ..operation_state import OperationState
from .journal import Job, Journal

log = logging.getLogger("earthengine_export")
_TAIL = 50  # operations at the end of a page that tell whether older ones may still wait or run
_SMALLEST, _LARGEST = 100, 500  # operations to a page
_LAG = 5.0  # seconds after which the list has what was started before
_LOOKS = 3  # lists that do not have an operation before it is taken for not started
_STALE = 600.0  # seconds after which what a list says of an operation is checked by asking for it alone
_QUEUED = frozenset({"PENDING", "STATE_UNSPECIFIED"})

Run = Callable[[Callable[[Context], Flow[Any]]], Awaitable[Any]]
"""Runs a flow."""


@attrs.define
class Live(Generic[H]):
    """A job that has become an operation, which has not ended as far as is known."""

    job: Job
    handle: H
    stall: StallWatch
    checked: float
    seen: object = None
    asked_alone: bool = False


@attrs.define
class Unclear:
    """A job whose request id was refused as used, so that its operation must be found in the list."""

    job: Job
    export: ImageExport
    since: float
    looks: int = 0


@attrs.define
class Round(Generic[H]):
    """What a round of asking has brought.

    Attributes:
        ended: Jobs whose operation has ended.
        lost: Jobs that are waited for no longer, with the reason.
        found: Jobs whose operation was found in the list.
        not_started: Jobs whose request id was used up without starting anything.
        ambiguous: Jobs whose operation cannot be told from others, with the names of those.
        requests: How many requests it took.
        fault: The fault that passes which has ended the round early, or None.
    """

    ended: list[Live[H]] = attrs.field(factory=list)
    lost: list[tuple[Live[H], EarthEngineError]] = attrs.field(factory=list)
    found: list[tuple[Job, OperationState]] = attrs.field(factory=list)
    not_started: list[Job] = attrs.field(factory=list)
    ambiguous: list[tuple[Job, list[str]]] = attrs.field(factory=list)
    requests: int = 0
    fault: RequestError | None = None


class Poller(Generic[H]):
    """Asks after all operations of a batch together.

    Attributes:
        live: The jobs that have an operation, by the operation's id.
        unclear: The jobs whose operation is to be found, by their numbers.
        others: Operations of others that are PENDING in the project.
        has_list: Whether the list was read yet, or cannot be.
        moved: The handles that have moved since somebody last took them from here, by name.
    """

    def __init__(self, run: Run, context: Context, journal: Journal, stalled_after: float | None) -> None:
        self._run, self._context, self._journal = run, context, journal
        self._stalled_after = stalled_after
        self.live: dict[str, Live[H]] = {}
        self.unclear: dict[int, Unclear] = {}
        self.others = 0
        self.has_list = False
        self.moved: dict[str, H] = {}
        self._may_list = True
        self._pending: set[str] = set()

    @property
    def queued(self) -> int:
        """Operations that are PENDING in the project, or may be, as far as is known."""
        return len(self._pending) + len(self.unclear) + self.others

    def add(self, job: Job, handle: H) -> None:
        """Wait for one more."""
        now = self._context.environment.monotonic()
        self.live[handle.last.id] = Live(job, handle, StallWatch(self._stalled_after), now)
        self._note(handle)

    def _note(self, handle: H) -> None:
        """A handle has moved."""
        self.moved[handle.last.name] = handle
        if handle.last.state in _QUEUED and not handle.last.done:
            self._pending.add(handle.last.id)
        else:
            self._pending.discard(handle.last.id)

    def _leave(self, operation: str) -> Live[H]:
        self._pending.discard(operation)
        return self.live.pop(operation)

    def look_for(self, job: Job, export: ImageExport) -> None:
        """Find the operation of one more."""
        self.unclear[job.number] = Unclear(job, export, self._context.environment.monotonic())

    async def ask(self, sending: Mapping[int, ImageExport]) -> Round[H]:
        """Ask once after everything; faults that pass leave the rest to the next round.

        Args:
            sending: What is being submitted just now, and may be in the list before its name is here.

        Raises:
            EarthEngineError: The service or the credentials refuse.
        """
        told: Round[H] = Round()
        waited = set(self.live)
        try:
            seen = await self._list(told, sending) if self._may_list else set()
            now = self._context.environment.monotonic()
            alone = [one for one in waited - seen if one in self.live]
            stale = [key for key, one in self.live.items() if now - one.checked > _STALE and key not in alone]
            for operation in [*alone, *stale[:1]]:
                await self._ask_alone(told, operation)
        except RequestError as error:
            if action_for(error, "list") != "retry":
                raise
            told.fault = error
        self._sort(told)
        return told

    async def _list(self, told: Round[H], sending: Mapping[int, ImageExport]) -> set[str]:
        """Read the list; the ids of the operations that are waited for and were seen in it."""
        size = min(_LARGEST, max(_SMALLEST, 2 * len(self.live)))
        pages = Pages(self._context, self._context.access.project, size)
        since = min((self._earliest(one.job) for one in self.unclear.values()), default=None)
        unseen, seen, others = set(self.live), set[str](), 0
        strangers: list[OperationState] = []
        while pages.more:
            try:
                page = await self._run(lambda _: pages.read())
            except RequestError as error:
                if action_for(error, "list") == "retry" or error.fault == "401":
                    raise
                log.warning("operations cannot be listed, and are asked after one by one: %s", error)
                self._may_list, self.has_list = False, True
                return seen
            told.requests += 1
            for reply in page:
                operation = str(reply.name).rpartition("/operations/")[2]
                if operation in self.live:
                    self._take_in(operation, reply)
                    seen.add(operation)
                    unseen.discard(operation)
                    continue
                others += _word(reply) in _QUEUED
                if since is not None:
                    strangers.append(OperationState.of(reply))
            quiet = not any(_word(reply) in {"PENDING", "RUNNING"} for reply in page[-_TAIL:])
            if since is not None:
                quiet = quiet and bool(page) and _is_older(OperationState.of(page[-1]), since)
            # What single requests would find as cheaply is not looked for on further pages.
            if quiet and len(unseen) <= 1:
                break
        self.others, self.has_list = others, True
        if since is not None:
            self._reconcile(told, strangers, sending)
        return seen

    def _earliest(self, job: Job) -> float:
        """The earliest that the job's operation can have been made, by the service's clock."""
        ahead = self._context.clock_ahead()
        # How far ahead it was then is not known: a test's clock may run faster.
        return job.id_made - UNKNOWN if ahead is None else job.id_made + min(0.0, ahead) - KNOWN

    def _take_in(self, operation: str, reply: rest.Operation) -> None:
        one = self.live[operation]
        metadata = reply.metadata
        mark: object = reply
        if isinstance(metadata, rest.OperationMetadata):
            mark = (metadata.state, metadata.update_time, metadata.progress, reply.done)
        if mark == one.seen:
            return
        one.seen, one.checked = mark, self._context.environment.monotonic()
        before, after = one.handle.last, OperationState.of(reply)
        if before.attempt == after.attempt:
            after = attrs.evolve(after, progress=max(before.progress, after.progress))
        one.handle.last = attrs.evolve(after, name=before.name)
        self._note(one.handle)

    async def _ask_alone(self, told: Round[H], operation: str) -> None:
        one = self.live[operation]
        one.checked = self._context.environment.monotonic()
        told.requests += 1
        try:
            await self._run(lambda context: refresh(context, one.handle))
        except RequestError as error:
            if action_for(error, "get") == "retry" or error.fault == "401":
                raise
            told.lost.append((self._leave(operation), error))
        else:
            one.asked_alone = True
            self._note(one.handle)

    def _sort(self, told: Round[H]) -> None:
        now = self._context.environment.monotonic()
        for operation, one in list(self.live.items()):
            if one.handle.last.done:
                if is_unclear(one.handle.last) and not one.asked_alone:
                    one.checked = -_STALE - 1.0  # asked once more, by itself
                    continue
                told.ended.append(self._leave(operation))
            elif self._stalled_after and one.stall.is_over(one.handle, now):
                error = OperationStalled(last=one.handle.last, seconds=self._stalled_after)
                told.lost.append((self._leave(operation), error))

    def _reconcile(
        self, told: Round[H], strangers: list[OperationState], sending: Mapping[int, ImageExport]
    ) -> None:
        """Find the operations of jobs whose ids were used, where nothing else can be meant."""
        now = self._context.environment.monotonic()
        free = [one for one in strangers if not self._journal.is_given(one.name)]
        fitting = {
            number: [
                state
                for state in free
                if not contradiction(one.export, state) and not _is_older(state, self._earliest(one.job))
            ]
            for number, one in self.unclear.items()
        }
        for number, one in list(self.unclear.items()):
            one.looks += 1
            states = fitting[number]
            if not states:
                if one.looks >= _LOOKS and now - one.since >= _LAG:
                    told.not_started.append(self.unclear.pop(number).job)
                continue
            rivals = [other for other, theirs in fitting.items() if other != number and states[0] in theirs]
            rivals += [other for other, export in sending.items() if not contradiction(export, states[0])]
            if len(states) == 1 and not rivals:
                told.found.append((self.unclear.pop(number).job, states[0]))
            elif one.looks >= _LOOKS and all(state.done for state in states) and not sending:
                # Where results are says no more than it does now.
                names = [state.name for state in states]
                told.ambiguous.append((self.unclear.pop(number).job, names))


def _word(reply: rest.Operation) -> str:
    metadata = reply.metadata
    state = metadata.state if isinstance(metadata, rest.OperationMetadata) else None
    return state if isinstance(state, str) else "STATE_UNSPECIFIED"


def _is_older(state: OperationState, moment: float) -> bool:
    """Whether an operation was made before a moment of the service's clock; one without a time was not."""
    return state.create_time is not None and state.create_time.timestamp() < moment
