"""The line of jobs that are to be submitted, and how each of them is, exactly once."""

from __future__ import annotations

import logging
import math
import re
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic

import anyio
import attrs
from anyio.abc import TaskGroup

from .. import rest
from .._connect.faults import action_for
from .._run.flows import Context, Flow, H, call, cancel
from .._run.likeness import contradiction
from .._run.names import is_operation_name
from .._run.policy import Polling
from ..errors import DuplicateRequest, EarthEngineError, QueueFull, RequestError
from ..image_export import ImageExport
from ..operation_state import OperationState
from .errors import JobUnclear, JournalError
from .journal import Job, Journal
from .pacing import Pace, paced
from .rounds import Live
from .watching import Poller, Run

log = logging.getLogger("earthengine_export")
_AT_FIRST = 10  # requests at once, and one more after each that goes well
CHUNK = 100  # jobs that are taken in, or outcomes that are handed out, together
_MOST_DOUBLINGS = 6  # of a second between attempts while the service is out of reach
_PASSING = 10  # faults that pass, of one job while other requests go well, until they count as its own

End = tuple[Job, str, OperationState | None, EarthEngineError | None]
"""How a job has ended: its state, the last that was seen of its operation, and why there is no result."""


@attrs.frozen(kw_only=True)
class Settings:
    """How a batch runs; `Batch` documents the fields."""

    max_queued: int
    max_in_flight: int
    requests_per_second: float
    retries: int
    split: bool
    fail_fast: bool
    stalled_after: float | None
    polling: Polling


class Sender(ABC, Generic[H]):
    """Submits the jobs of a journal as there is room for them, and cancels what runs where that is asked.

    Args:
        run: Runs a flow.
        context: What the client's flows share.
        make: Makes a handle.
        journal: The journal; the caller holds its lock.
        settings: How to run.
    """

    def __init__(
        self,
        run: Callable[[Callable[[Context], Flow[Any]]], Awaitable[Any]],
        context: Context,
        make: Callable[[OperationState, ImageExport | None], H],
        journal: Journal,
        settings: Settings,
    ) -> None:
        self._context, self._make, self._journal, self._settings = context, make, journal, settings
        self._pace = Pace(settings.requests_per_second, context.environment.monotonic)
        self._run: Run = lambda flow: run(lambda context: paced(context, self._pace, flow))
        self._poller: Poller[H] = Poller(self._run, context, journal, settings.stalled_after)
        self._changes = anyio.Event()
        self._line: deque[Job] = deque()  # to be submitted next
        self._after = 0  # the last job of the journal that was put into the line
        self._waiting = journal.counts()["planned"]  # jobs in the journal that nothing was sent for
        self._to_cancel: deque[Live[H]] = deque()
        self._sending: dict[int, ImageExport] = {}  # by the job's number
        self._busy = 0  # jobs that something is under way for
        # Few at first and after a refusal, since a full queue uses up the ids that it refuses.
        self._at_once = min(_AT_FIRST, settings.max_in_flight)
        self._is_full = False  # the queue, by a refusal that is newer than the last list
        self._limit = journal.queue_limit() or math.inf  # of the queue, as far as a refusal has told
        self._has_worked = False  # whether any request has
        self._breaks = 0  # in a row, since the service is out of reach
        self._faults = Counter[int]()  # that pass, while other requests went well, by the job's number
        self._stopping = self._cancelling = False
        for job in journal.submitted():
            if job.operation is None:
                self._line.append(job)
                self._poller.inherited.add(job.number)
            else:
                self._poller.add(job, make(OperationState.named(job.operation), None))
        if self._line:
            self._at_once = 1

    @abstractmethod
    def _end(self, ends: Sequence[End]) -> None:
        """Jobs have come to their ends."""

    @abstractmethod
    def _end_planned(self) -> None:
        """What was not submitted is not to be."""

    @abstractmethod
    def _fail(self, error: Exception) -> None:
        """The run has come to its end, early."""

    def _changed(self) -> None:
        self._changes.set()
        self._changes = anyio.Event()

    async def _change(self) -> None:
        await self._changes.wait()

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but not through a stop."""
        monotonic = self._context.environment.monotonic
        until = monotonic() + seconds
        while not self._stopping and (left := until - monotonic()) > 0:
            await self._context.environment.async_sleep(min(1.0, left))

    async def _guarded(self, work: Callable[..., Awaitable[None]], *args: object) -> None:
        """Let what goes wrong end the run in good order."""
        try:
            await work(*args)
        except Exception as error:  # noqa: BLE001 - it is the consumer's
            self._fail(error)

    async def _send_all(self, tasks: TaskGroup) -> None:
        while True:
            while not self._may_send():
                await self._change()
            self._busy += 1
            if self._to_cancel:
                tasks.start_soon(self._guarded, self._send, self._cancel, self._to_cancel.popleft())
            else:
                job = self._line.popleft()
                self._waiting -= job.state == "planned"
                tasks.start_soon(self._guarded, self._send, self._submit, job)

    async def _send(self, work: Callable[[Any], Awaitable[None]], what: object) -> None:
        try:
            await work(what)
        finally:
            self._busy -= 1
            self._changed()

    def _may_send(self) -> bool:
        if self._busy >= self._at_once:
            return False
        if self._to_cancel:
            return True
        if self._stopping or self._is_full or not self._poller.has_list:
            return False
        if self._poller.queued + self._busy >= min(self._settings.max_queued, self._limit):
            return False
        if not self._line and self._waiting:
            self._line += self._journal.planned(self._after, CHUNK)
            self._after = max(self._after, *(job.number for job in self._line)) if self._line else self._after
        return bool(self._line)

    async def _submit(self, job: Job) -> None:
        export = self._sending[job.number] = self._journal.export(job.number)
        try:
            was_open = bool(job.unanswered)  # whether an earlier attempt with this id may have started it
            if not was_open:
                self._journal.submitting(job)
            begun = self._poller.begin()
            try:
                state = await self._run(lambda context: self._attempt(context, export, job))
            except JournalError:
                raise
            except EarthEngineError as error:
                await self._refused(job, export, error, was_open=was_open)
            else:
                self._worked()
                self._started(job, state, begun)
        finally:
            del self._sending[job.number]

    async def _refused(
        self, job: Job, export: ImageExport, error: EarthEngineError, *, was_open: bool
    ) -> None:
        """A submit has brought no operation; another id is taken only where there can be none of this one."""
        is_open = was_open or error.may_exist
        action = action_for(error, "export") if isinstance(error, RequestError) else "raise"
        if isinstance(error, QueueFull):
            self._queue_is_full(job, error, is_open=is_open)
        elif isinstance(error, RequestError) and action == "reconcile":
            is_own = job.request_id == export.request_id
            self._poller.look_for(job, export, is_ours=was_open or error.attempts > 1 or not is_own)
        elif action == "retry" and self._has_worked and self._passes(job):
            await self._take_a_break(error, f"job {job.key!r}", self._faults[job.number])
            self._put_back(job, is_open=is_open)
        elif isinstance(error, DuplicateRequest):
            self._give_up(job, str(error.args[0]), error.candidates)
        elif self._is_for_all(error):
            self._put_back(job, is_open=is_open)
            raise error
        elif is_open:
            self._poller.look_for(job, export, error)
        else:
            self._end([(job, "failed", None, error)])

    def _passes(self, job: Job) -> bool:
        """Whether a fault that passes is still taken for the service's, not for the job's own."""
        self._faults[job.number] += not self._breaks  # else nothing has gone well since the last fault
        return self._faults[job.number] < _PASSING

    def _is_for_all(self, error: EarthEngineError) -> bool:
        """Whether an error would end every job."""
        return not self._has_worked or not isinstance(error, RequestError) or error.fault == "401"

    def _give_up(self, job: Job, cause: str, candidates: Sequence[str] = ()) -> None:
        error = JobUnclear(job.key, cause, request_id=job.request_id, candidates=candidates)
        self._end([(job, "failed", None, error)])

    def _put_back(self, job: Job, *, is_open: bool) -> None:
        """Put a job back into the line, with the same id."""
        if is_open:
            self._line.append(job)
            return
        self._journal.not_started(job)
        self._wait_again(job)

    def _attempt(self, context: Context, export: ImageExport, job: Job) -> Flow[OperationState]:
        """Submit with the id from the journal."""
        body = export.to_request(job.request_id)
        for attempt in range(2):  # the reply of another request may have come in the place of this one's
            try:
                reply = yield from call(
                    context,
                    rest.EXPORT,
                    {"projects_id": context.access.project, "body": body},
                    check=lambda reply: "" if is_operation_name(reply.name) else "names no operation",
                    about=f"job {job.key!r}, request_id {job.request_id}",
                )
            except EarthEngineError as error:
                error.may_exist = error.may_exist or attempt > 0
                raise
            state = OperationState.of(reply)
            differs = contradiction(export, state)
            if self._journal.is_given(state.name):
                differs = differs or "another job"
            if not differs:
                return state
        raise DuplicateRequest(
            f"The service answers to the job {job.key!r} with {state.name}, which is of another export: it "
            f"has {differs}.",
            request_id=job.request_id,
            candidates=[state.name],
        )

    def _worked(self) -> None:
        self._has_worked, self._breaks = True, 0
        self._at_once = min(self._settings.max_in_flight, self._at_once + 1)

    def _started(self, job: Job, state: OperationState, begun: int = 0) -> None:
        self._journal.started(job, state.name)
        log.info("job %r is started: %s", job.key, state.label)
        self._poller.add(job, self._make(state, None), begun)
        if self._cancelling:
            self._to_cancel.append(self._poller.live[state.id])

    def _queue_is_full(self, job: Job, error: QueueFull, *, is_open: bool) -> None:
        told = re.search(r"\((\d+)\)", str(error.args[0]))
        limit = max(1, int(told[1])) if told else None
        self._limit = limit or self._limit
        self._journal.full(limit)
        self._is_full, self._at_once = True, 1  # until a list shows that there is room
        log.info("job %r waits for a place in the queue: %s", job.key, error.args[0])
        if is_open:  # the refusal may be older than what an earlier attempt has started
            self._line.appendleft(job)
        else:
            self._again(job, "the queue was full", failed=False)

    def _again(self, job: Job, why: str, *, failed: bool) -> None:
        """Put a job back into the line, with its next id."""
        self._journal.anew([job], why, failed=failed)
        self._poller.inherited.discard(job.number)
        self._wait_again(job, first=not failed)

    def _wait_again(self, job: Job, *, first: bool = True) -> None:
        """Take a job into the line that the journal has put back there."""
        if self._cancelling:
            self._end_planned()
            return
        self._waiting += 1
        if job.number <= self._after:  # else it comes with those that are still to be read from the journal
            (self._line.appendleft if first else self._line.append)(job)

    def _unnamed(self) -> dict[int, ImageExport]:
        """What may have become an operation of which no name is here."""
        unanswered = [job for job in self._line if job.unanswered]
        return self._sending | {job.number: self._journal.export(job.number) for job in unanswered}

    async def _take_a_break(self, error: EarthEngineError, what: str, faults: int = 0) -> None:
        pause = 2.0 ** min(_MOST_DOUBLINGS, max(self._breaks, faults))
        self._breaks, self._at_once = self._breaks + 1, 1
        log.warning("%s: %s; the batch goes on in %.0f s", what, error, pause)
        await self._sleep(pause)

    async def _cancel(self, one: Live[H]) -> None:
        try:
            await self._run(lambda context: cancel(context, one.handle, look=False))
        except RequestError as error:
            log.warning("job %r could not be cancelled: %s", one.job.key, error)
