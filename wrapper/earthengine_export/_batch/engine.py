"""What runs a batch, written once for both worlds: jobs go in, outcomes come out, the journal knows all.

An engine lives in one event loop. `main` does the work; whoever consumes it calls `news` over and over, which
gives what there is: outcomes, handles that have moved, the wish for more jobs, or the end.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic

import anyio
import attrs

from .._run.flows import Context, Flow, H
from .._run.watched import outcome_of
from ..errors import EarthEngineError, NotFound
from ..image_export import ImageExport
from ..operation_state import OperationState
from .errors import DestinationTaken, JobCancelled, JobUnclear
from .jobs import JobOutcome
from .journal import Job, Journal
from .outcomes import error_json, outcome_from
from .rounds import Live, Round
from .sending import CHUNK, End, Sender, Settings
from .sorting import kind_of
from .store import STATES
from .tiling import quarters

log = logging.getLogger("earthengine_export")
AHEAD = 500  # jobs that wait in the journal for their turn, while there are more to come
_SOONEST = 0.05  # seconds between two rounds of asking
_LOOK_AGAIN = 10.0  # seconds between them at most, where an operation is to be found
_WORTH = 8  # ends that each request of the poller should tell of, where it can
_LAST_WORDS = 10.0  # seconds in which what is being sent may be answered, once a run is to stop


@attrs.define
class News(Generic[H]):
    """What an engine has to tell.

    Attributes:
        outcomes: Jobs that have ended.
        moved: Handles that have changed.
        wants: How many more jobs it would take in.
        over: Whether that is all; there are no outcomes then.
    """

    outcomes: list[JobOutcome[H]]
    moved: list[H]
    wants: int
    over: bool


class Engine(Sender[H]):
    """Runs the jobs of a journal.

    Args:
        run: Runs a flow.
        context: What the client's flows share.
        make: Makes a handle.
        journal: The journal; the caller holds its lock.
        settings: How to run.
        wait: Whether to wait until all have ended, not only until all are submitted.
        more: Whether jobs will be fed.
        tell: Whether handles that have moved are news.
    """

    def __init__(
        self,
        run: Callable[[Callable[[Context], Flow[Any]]], Awaitable[Any]],
        context: Context,
        make: Callable[[OperationState, ImageExport | None], H],
        journal: Journal,
        settings: Settings,
        *,
        wait: bool,
        more: bool,
        tell: bool,
    ) -> None:
        super().__init__(run, context, make, journal, settings)
        self.wait, self._more, self._tell = wait, more, tell
        self._ended: dict[int, None] = {}  # jobs whose outcomes are to be handed out, in order
        self._apart: list[JobOutcome[H]] = []  # outcomes of which the journal has none
        self._is_over = self._keeps_planned = False
        self._failure: BaseException | None = None
        self._number = journal.begin_run()
        if wait and not more:
            self._ended = dict.fromkeys(journal.numbers(self._number))

    # What its consumer calls.

    async def main(self) -> None:
        """Run until all is done, or until `stop`; what goes wrong is raised by `news`."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._guarded, self._send_all, tasks)
                tasks.start_soon(self._guarded, self._ask_all)
                while not self._stopping and not self._is_done():
                    await self._change()
                with anyio.move_on_after(_LAST_WORDS):
                    while not self._is_done():
                        await self._change()
                tasks.cancel_scope.cancel()
        finally:
            self._is_over = True
            self._changed()

    async def news(self) -> News[H]:
        """What there is to tell, as soon as there is something.

        Raises:
            Exception: What has ended the run early, after all else was told.
        """
        moved = self._poller.moved
        while True:
            wants = CHUNK if self._more and not self._stopping and self._waiting < AHEAD else 0
            if not self._tell:
                moved.clear()
            if self._ended or self._apart or moved or wants or self._is_over:
                break
            await self._change()
        numbers = list(self._ended)[:CHUNK]
        outcomes = [*self._apart, *(self._outcome(number) for number in numbers)]
        self._apart = []
        if numbers:
            self._journal.told(numbers, self._number)
        for number in numbers:
            del self._ended[number]
        told = News(outcomes, list(moved.values()), wants, over=self._is_over and not outcomes)
        moved.clear()
        if told.over and self._failure:
            raise self._failure
        return told

    async def feed(self, jobs: Sequence[tuple[str, ImageExport]]) -> None:
        """Take in jobs; none means that there are no more.

        Raises:
            JournalError: They cannot be taken in; none of them was.
        """
        if not jobs:
            self._more = False
        else:
            added, known, refused = self._journal.plan(jobs)
            self._waiting += added
            for key, export, owner, destination in refused:
                self._refuse(key, export, DestinationTaken(owner, key, destination))
            for job in known:
                self._tell_again(job)
        self._changed()

    def stop(self) -> None:
        """Submit nothing more, and end when what is being sent is answered."""
        self._stopping = True
        self._changed()

    def cancel(self, *, planned: bool = True) -> None:
        """Submit nothing more, and cancel what runs.

        Args:
            planned: Whether jobs that were not submitted count as cancelled.
        """
        self._cancelling, self._more, self._waiting = True, False, 0
        self._line = deque(job for job in self._line if job.state == "submitted")
        self._to_cancel += self._poller.live.values()
        self._keeps_planned = not planned
        self._end_planned()
        self._changed()

    def summary(self) -> str:
        """How many jobs are in each state, in words."""
        counts = self._journal.counts()
        return ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])

    # How it works.

    def _is_done(self) -> bool:
        if self._busy or self._to_cancel:
            return False
        if self._stopping:
            return True
        if self._more or self._waiting or self._line:
            return False
        if self.wait:
            return not (self._poller.live or self._poller.unclear)
        return not self._poller.is_open

    def _end_planned(self) -> None:
        if not self._keeps_planned:
            error = JobCancelled("The job was cancelled before it was submitted.")
            self._ended |= dict.fromkeys(self._journal.cancel_planned(error_json(error)))

    def _fail(self, error: Exception) -> None:
        self._failure = self._failure or error
        self.stop()

    def _outcome(self, number: int) -> JobOutcome[H]:
        (record,) = self._journal.records(number=number)
        return outcome_from(record, self._make)

    def _tell_again(self, job: Job) -> None:
        """A job was given that the journal knows: where it has ended before, hand out how."""
        for one in self._journal.children(job) if job.state == "split" else [job]:
            if one.state in {"succeeded", "failed", "cancelled"} and one.told < self._number:
                self._ended[one.number] = None

    def _refuse(self, key: str, export: ImageExport, error: EarthEngineError) -> None:
        log.info("job %r is refused: %s", key, error)
        self._apart.append(JobOutcome(key=key, export=export, operation=None, error=error))
        self._failed(error)

    def _failed(self, error: EarthEngineError) -> None:
        if self._settings.fail_fast:
            self._fail(error)

    # Waiting.

    async def _ask_all(self) -> None:
        pause = self._settings.polling.initial
        while True:
            # After a break a list tells whether the service or the job is at fault.
            while not (
                self._poller.live or self._poller.unclear or self._line or self._waiting or self._breaks
            ):
                pause = self._settings.polling.initial
                await self._change()
            before = len(self._poller.live)
            told = await self._poller.ask(self._unnamed)
            if told.fault is None:
                if told.requests:
                    self._worked()
                    self._is_full = False
            elif not self._has_worked:
                raise told.fault
            else:
                await self._take_a_break(told.fault, "asking after the operations")
            self._take(told)
            self._changed()
            # Each request should tell of some ends, but the queue should not run dry meanwhile.
            worth = max(1.0, min(_WORTH * told.requests, before / 2))
            factor = worth / len(told.ended) if told.ended else 1.5
            pause = min(self._settings.polling.maximum, max(_SOONEST, pause * min(2.0, max(0.25, factor))))
            longest = _LOOK_AGAIN if self._poller.unclear else pause
            await self._context.environment.async_sleep(min(pause, longest))

    def _take(self, told: Round[H]) -> None:
        """Take in what a round of asking has brought."""
        for job, state in told.found:
            self._started(job, state)
        ends: list[End] = []
        for unclear in told.not_started:
            if unclear.refusal is None:
                self._again(unclear.job, "refused as used, and nothing was started with it", failed=False)
            else:
                unclear.refusal.may_exist = False
                ends.append((unclear.job, "failed", None, unclear.refusal))
        for unclear in told.given_up:
            self._give_up(unclear.job, unclear.cause, unclear.candidates)
        for one, lost in told.lost:
            if isinstance(lost, NotFound):
                ends.append((one.job, "failed", None, lost))
            else:
                self._apart.append(
                    attrs.evolve(self._outcome(one.job.number), operation=one.handle, error=lost)
                )
                self._failed(lost)
        for one in told.ended:
            ends += self._judge(one)
        self._end(ends)

    def _judge(self, one: Live[H]) -> list[End]:
        """What becomes of a job whose operation has ended: its end, or another try."""
        job, last, error = one.job, one.handle.last, outcome_of(one.handle.last)
        if error is None:
            return [(job, "succeeded", last, None)]
        kind = kind_of(error)
        is_wanted = not (self._cancelling or self._stopping)
        if is_wanted and kind.verdict == "again" and job.tries <= self._settings.retries:
            log.info("job %r is retried (%s): %s", job.key, kind.reason, error)
            self._again(job, str(error.args[0]), failed=True)
            return []
        if is_wanted and kind.verdict == "smaller" and self._settings.split:
            export = self._journal.export(job.number)
            parts = [(f"{job.key}/{name}", part) for name, part in quarters(export)]
            if parts and self._journal.split(job, json.dumps(last.to_dict()), parts):
                log.info("job %r is split into %d (%s): %s", job.key, len(parts), kind.reason, error)
                self._waiting += len(parts)
                return []
            log.info("job %r is not split: it has no grid, or a part would be another job's", job.key)
        state = "cancelled" if last.state == "CANCELLED" else "failed"
        return [(job, state, last, error)]

    def _end(self, ends: Sequence[End]) -> None:
        if not ends:
            return
        self._journal.ended(
            (
                job,
                state,
                None if last is None else json.dumps(last.to_dict()),
                None if error is None or last is not None else error_json(error),
                isinstance(error, JobUnclear),
            )
            for job, state, last, error in ends
        )
        for job, state, _last, error in ends:
            log.info("job %r has %s: %s", job.key, _ENDS[state], error or job.operation)
            self._ended[job.number] = None
            if error is not None:
                self._failed(error)


_ENDS = {"succeeded": "succeeded", "failed": "failed", "cancelled": "been cancelled"}
