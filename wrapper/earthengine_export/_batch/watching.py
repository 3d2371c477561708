"""The one poller of a batch: what has moved, what has ended, how long the queue is, and who is who.

A list is read from its newest page for as long as it may tell something: until each operation that is waited
for was seen, and no operation at the end of the page still waits or runs.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic

import attrs

from .. import rest
from .._connect.faults import action_for
from .._run.flows import Context, Flow, H, Pages, refresh
from .._run.likeness import CLOSE, KNOWN, UNKNOWN, contradiction, is_tied
from .._run.waiting import StallWatch
from .._run.watched import is_unclear
from ..errors import EarthEngineError, NotFound, OperationStalled, RequestError
from ..image_export import ImageExport
from ..operation_state import OperationState
from .journal import Job, Journal
from .rounds import Live, Round, Unclear

log = logging.getLogger("earthengine_export")
_TAIL = 50  # operations at the end of a page that tell whether older ones may still wait or run
_SMALLEST, _LARGEST = 100, 500  # operations to a page
_LOOKS = 12  # lists that are read before what they do not tell counts
_SEEN = 3  # lists after which an operation that exists is among them, in all likelihood
_CAUGHT_UP = 60.0  # seconds after which an operation is in a list that has one that was submitted later
_MOVED_ON = 120.0  # seconds after which it is in one where something has moved later
_GIVEN_UP = 600.0  # seconds for which an operation is looked for at least
_FORGOTTEN = 5.0  # seconds for which the service may say that it does not know an operation
_STALE = 600.0  # seconds after which what a list says of an operation is checked by asking for it alone
_QUEUED = frozenset({"PENDING", "STATE_UNSPECIFIED"})

Run = Callable[[Callable[[Context], Flow[Any]]], Awaitable[Any]]
"""Runs a flow."""


class Poller(Generic[H]):
    """Asks after all operations of a batch together.

    Attributes:
        live: The jobs that have an operation, by the operation's id.
        unclear: The jobs whose operation is to be found, by their numbers.
        inherited: The numbers of jobs of which an earlier run has not heard what became of their submits.
        others: Operations of others that are PENDING in the project.
        has_list: Whether the list was read yet, or cannot be.
        moved: The handles that have moved since somebody last took them from here, by name.
    """

    def __init__(self, run: Run, context: Context, journal: Journal, stalled_after: float | None) -> None:
        self._run, self._context, self._journal = run, context, journal
        self._stalled_after = stalled_after
        self.live: dict[str, Live[H]] = {}
        self.unclear: dict[int, Unclear] = {}
        self.inherited: set[int] = set()
        self.others = 0
        self.has_list = False
        self.moved: dict[str, H] = {}
        self._may_list = True
        self._pending: set[str] = set()
        self._begun = 0  # submits
        self._newest = 0  # of the submits whose operation was seen in a list
        self._latest = -math.inf  # move of an operation that a list has told, by the service's clock

    @property
    def queued(self) -> int:
        """Operations that are PENDING in the project, or may be, as far as is known."""
        # A list that was read a few times has them among the others.
        unseen = sum(one.looks < _SEEN for one in self.unclear.values())
        return len(self._pending) + unseen + self.others

    @property
    def is_open(self) -> bool:
        """Whether something is looked for that a few more lists may tell."""
        now = self._context.environment.monotonic()
        return any(now - one.since < 2 * _MOVED_ON for one in self.unclear.values())

    def begin(self) -> int:
        """Number a submit that is about to begin."""
        self._begun += 1
        return self._begun

    def add(self, job: Job, handle: H, begun: int = 0) -> None:
        """Wait for one more, with the number of its submit where that was of this run."""
        now = self._context.environment.monotonic()
        self.live[handle.last.id] = Live(job, handle, StallWatch(self._stalled_after), now, begun)
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

    def look_for(
        self, job: Job, export: ImageExport, refusal: EarthEngineError | None = None, *, is_ours: bool = True
    ) -> None:
        """Find the operation of one more; see `Unclear`."""
        clock, ahead = self._context.environment, self._context.clock_ahead()
        moment = math.inf if ahead is None else clock.wall() + ahead + CLOSE
        self.unclear[job.number] = Unclear(
            job, export, refusal, is_ours, clock.monotonic(), self._begun, moment
        )

    async def ask(self, unnamed: Callable[[], Mapping[int, ImageExport]]) -> Round[H]:
        """Ask once after everything; faults that pass leave the rest to the next round.

        Args:
            unnamed: Gives what may be in the list before its name is here: what is being submitted just now,
                and what was, without a reply.

        Raises:
            EarthEngineError: The service or the credentials refuse.
        """
        told: Round[H] = Round()
        waited = set(self.live)
        try:
            seen = await self._list(told, unnamed) if self._may_list else set()
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

    async def _list(self, told: Round[H], unnamed: Callable[[], Mapping[int, ImageExport]]) -> set[str]:
        """Read the list; the ids of the operations that are waited for and were seen in it."""
        size = min(_LARGEST, max(_SMALLEST, 2 * len(self.live)))
        pages = Pages(self._context, self._context.access.project, size)
        since = min(map(self._earliest, self.unclear.values()), default=None)
        unseen, seen, others = set(self.live), set[str](), 0
        strangers: list[OperationState] = []
        looked_for = list(self.unclear)  # what is added meanwhile may be on a page that was read before
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
                if since is not None:
                    state = OperationState.of(reply)
                    if moved := state.update_time or state.create_time:
                        self._latest = max(self._latest, moved.timestamp())
                if operation in self.live:
                    self._take_in(operation, reply)
                    self._newest = max(self._newest, self.live[operation].begun)
                    seen.add(operation)
                    unseen.discard(operation)
                    continue
                others += _word(reply) in _QUEUED
                if since is not None:
                    strangers.append(state)
            quiet = not any(_word(reply) in {"PENDING", "RUNNING"} for reply in page[-_TAIL:])
            if since is not None:
                quiet = quiet and bool(page) and _is_older(OperationState.of(page[-1]), since)
            # What single requests would find as cheaply is not looked for on further pages.
            if quiet and len(unseen) <= 1:
                break
        self.others, self.has_list = others, True
        if since is not None:
            self._reconcile(told, looked_for, strangers, unnamed())
        return seen

    def _earliest(self, one: Unclear) -> float:
        """The earliest that a job's operation can have been made, by the service's clock."""
        if not one.is_ours and is_tied(one.export):
            return -math.inf
        ahead, made = self._context.clock_ahead(), one.job.id_made
        if made > self._context.environment.wall():
            return -math.inf  # the clock was set back since
        # How far ahead it was then is not known: a test's clock may run faster.
        return made - UNKNOWN if ahead is None else made + min(0.0, ahead) - KNOWN

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
            if isinstance(error, NotFound):
                one.missed = one.checked if one.missed is None else one.missed
                if one.checked - one.missed < _FORGOTTEN:
                    return
            told.lost.append((self._leave(operation), error))
        else:
            one.asked_alone, one.missed = True, None
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
        self,
        told: Round[H],
        looked_for: list[int],
        strangers: list[OperationState],
        unnamed: Mapping[int, ImageExport],
    ) -> None:
        """Find the operations of jobs that may have been started, where nothing else can be meant.

        That one was not started is proved by a list that has caught up: it has an operation that was
        submitted after the last attempt for the job was refused, or at least one that has moved later. Only a
        full queue uses up an id for nothing: where none can have been met, a used id is an operation's.
        """
        now = self._context.environment.monotonic()
        free = [one for one in strangers if not self._journal.is_given(one.name)]
        fitting = {
            one.job.number: [
                state
                for state in free
                if not contradiction(one.export, state) and not _is_older(state, self._earliest(one))
            ]
            for one in self.unclear.values()
        }
        for number in looked_for:
            one, states = self.unclear[number], fitting[number]
            one.looks += 1
            one.candidates = [state.name for state in states]
            is_late = one.looks >= _LOOKS and now - one.since >= _GIVEN_UP
            if not states:
                age = now - one.since
                has_caught_up = (self._newest > one.begun and age >= _CAUGHT_UP) or (
                    self._latest > one.moment and age >= _MOVED_ON
                )
                is_proved = one.is_ours and has_caught_up
                if one.refusal is None:
                    was_full = number in self.inherited or self._journal.was_full(one.job.id_made)
                    is_proved = one.is_ours and was_full and (has_caught_up or is_late)
                if is_late or (has_caught_up and one.looks >= _LOOKS and (is_proved or not one.is_ours)):
                    (told.not_started if is_proved else told.given_up).append(self.unclear.pop(number))
                continue
            rivals = [other for other, theirs in fitting.items() if other != number and states[0] in theirs]
            rivals += [other for other, export in unnamed.items() if not contradiction(export, states[0])]
            if len(states) == 1 and not rivals:
                told.found.append((self.unclear.pop(number).job, states[0]))
            elif is_late and all(state.done for state in states):
                # Where results are says no more than it does now.
                told.given_up.append(self.unclear.pop(number))


def _word(reply: rest.Operation) -> str:
    metadata = reply.metadata
    state = metadata.state if isinstance(metadata, rest.OperationMetadata) else None
    return state if isinstance(state, str) else "STATE_UNSPECIFIED"


def _is_older(state: OperationState, moment: float) -> bool:
    """Whether an operation was made before a moment of the service's clock; one without a time was not."""
    return state.create_time is not None and state.create_time.timestamp() < moment
