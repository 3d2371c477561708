"""Thousands of exports: paced, journaled, resumed, each exactly once."""

from __future__ import annotations

import math
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from os import PathLike, fspath
from types import NoneType
from typing import TypeVar

from ._batch.jobs import JobLike, JobOutcome
from ._batch.report import Report
from ._batch.running import Blocking, Runner, Running
from ._batch.sending import Settings
from ._describe import plain
from ._errors.root import if_made
from ._run.policy import Polling, number
from ._run.twins import same_as
from .client import AsyncClient, Client
from .errors import InvalidArgumentType
from .operations import AsyncOperation, Operation

F = TypeVar("F", bound="Callable[..., object] | None")
J = TypeVar("J", bound="Iterable[JobLike] | AsyncIterable[JobLike] | None")


def _settings(
    max_queued: int,
    max_in_flight: int,
    requests_per_second: float | None,
    retries: int,
    split: bool,
    fail_fast: bool,
    stalled_after: float | None,
    polling: Polling,
) -> Settings:
    rate = math.inf
    if requests_per_second is not None:
        rate = number("requests_per_second", requests_per_second, above=True)
    return Settings(
        max_queued=plain.checked("max_queued", _count, max_queued),
        max_in_flight=plain.checked("max_in_flight", _count, max_in_flight),
        requests_per_second=rate,
        retries=plain.checked("retries", lambda value: plain.whole(value, 0), retries),
        split=plain.checked("split", plain.flag, split),
        fail_fast=plain.checked("fail_fast", plain.flag, fail_fast),
        stalled_after=None if stalled_after is None else number("stalled_after", stalled_after, above=True),
        polling=plain.checked("polling", plain.one_of(Polling), polling),
    )


def _count(value: object) -> int:
    return plain.whole(value, 1)


def _path(journal: str | PathLike[str] | None) -> str | None:
    return None if journal is None else plain.checked("journal", _text_of_path, journal)


def _text_of_path(value: str | PathLike[str]) -> str:
    rule = "It must be the path of a file."
    if not isinstance(value, str | PathLike):
        raise InvalidArgumentType("", value, rule)
    return plain.text(fspath(value), r"[^\0]+", rule)


def _iterable(jobs: J, *kinds: type) -> J:
    def check(given: J) -> J:
        if not isinstance(given, (Iterable, NoneType, *kinds)) or isinstance(given, str):
            raise InvalidArgumentType("", given, "It must be a list of exports, or whatever yields them.")
        if isinstance(given, Iterable):
            iter(given)  # what raises there is refused here
        elif isinstance(given, AsyncIterable):
            aiter(given)
        return given

    return plain.checked("jobs", check, jobs)


def _callback(on_update: F) -> F:
    return on_update if on_update is None else plain.checked("on_update", plain.callback, on_update)


class Batch:
    """Thousands of exports of a `Client`, each exactly once.

        with eex.Client(project="my-project") as client:
            batch = eex.Batch(client, journal="exports.sqlite")
            for outcome in batch.run(exports):
                print(outcome.key, outcome.operation, outcome.error)
            print(batch.report())

    A job is an `ImageExport` with a key, by which the journal knows it again. Whatever ends the program, the
    same lines, run again, go on where it was: what has ended is not submitted again, what runs is found
    again. docs/batch.md tells more.
    """

    def __init__(
        self,
        client: Client,
        journal: str | PathLike[str] | None = None,
        *,
        max_queued: int = 2_500,
        max_in_flight: int = 40,
        requests_per_second: float | None = 50.0,
        retries: int = 2,
        split: bool = False,
        fail_fast: bool = False,
        stalled_after: float | None = None,
        cancel_on_interrupt: bool = False,
        polling: Polling = Polling(),
    ) -> None:
        """Open the journal; nothing is sent yet.

        Args:
            client: Through which the exports run. It stays yours to close.
            journal: The file that knows the jobs, made where it is not there. Default: none; the batch is
                then forgotten with this object.
            max_queued: The most operations that are PENDING in the project, those of others included. The
                service's limit is 3,000. Default 2,500.
            max_in_flight: The most requests that are under way at a time. The service's limit is 40, the
                default.
            requests_per_second: The most requests in a second, or None for no limit of one's own. It is
                lowered by itself after a 429. The service's limit is 100. Default 50.
            retries: How often an export that has failed is tried again where that is worth it; see
                docs/batch.md. Default 2.
            split: Whether an export that failed for its size is cut into four that are tried in its place,
                with keys "KEY/r0_c0" and so on. Only one with a `grid` can be, such as one of `tiles`.
            fail_fast: Whether the first job without a result ends the run: its outcome is handed out, nothing
                more is submitted, and its error is raised. What runs goes on.
            stalled_after: Seconds without a move of progress or stages, while RUNNING, after which a job is
                waited for no longer, and its outcome has an `OperationStalled`; the next run waits again.
                Default: never.
            cancel_on_interrupt: Whether Ctrl-C, SIGTERM or the cancellation of the task cancels what was
                started.
            polling: The first and the longest pause between two rounds of asking, in seconds; in between it
                is as long as it takes for some exports to end. Default 2 and 30.

        Raises:
            JournalError: The journal cannot be used; each subclass says why and what to do.
            InvalidArgument, InvalidArgumentType: An argument is refused.
        """
        plain.checked("client", plain.one_of(Client), client)
        settings = _settings(
            max_queued, max_in_flight, requests_per_second, retries, split, fail_fast, stalled_after, polling
        )
        self._client = client
        self._runner: Blocking[Operation] = Blocking(
            client._driver,
            client._handle,
            settings,
            _path(journal),
            plain.checked("cancel_on_interrupt", plain.flag, cancel_on_interrupt),
        )

    def run(
        self,
        jobs: Iterable[JobLike] | None = None,
        on_update: Callable[[Operation], object] | None = None,
    ) -> Iterator[JobOutcome[Operation]]:
        """Run jobs, and hand out the outcome of each as it ends.

        Jobs are taken from their iterable as there is room for them, some hundreds ahead, so that
        100,000 from a generator need little more memory than 1,000. What the journal knows from earlier runs
        and has not ended is gone on with, whether it is among the jobs or not. A job among them that has
        ended in an earlier run comes with the outcome that it had.

        Leaving the loop submits nothing more and leaves what runs alone. The first Ctrl-C or SIGTERM does so
        too, once what is being sent is answered, and then raises KeyboardInterrupt or SystemExit with a note
        on how to go on; the second leaves at once. (Elsewhere than in the main thread signals do not come.)

        Args:
            jobs: Exports, or pairs of a key and an export. Without a key it is the description and a part of
                the digest. Default: what is in the journal; then every job of it has an outcome.
            on_update: Called with each handle that has moved, such as `eex.progress("10,000 tiles")`.

        Yields:
            Outcomes, as jobs end. One that was refused has an error and no operation.

        Raises:
            JournalError: The journal is in use, knows another export under a key, or cannot be written.
            EarthEngineError: The service cannot be reached or refuses all; or `fail_fast` is set.
            InvalidArgument, InvalidArgumentType: A job is none.

        Reference: projects.image.export, projects.operations.list.
        """
        return self._runner.run(_iterable(jobs), _callback(on_update))

    def submit_only(self, jobs: Iterable[JobLike] | None = None) -> dict[str, int]:
        """Submit jobs, as far as the queue has room for all of them in time, and wait for no end.

        A later `run()`, in another process too, waits and hands out the outcomes.

        Args:
            jobs: As for `run`.

        Returns:
            How many jobs are in each state, as `status` says.

        Raises:
            JournalError, EarthEngineError, InvalidArgument, InvalidArgumentType: As by `run`.
        """
        for _ in self._runner.run(_iterable(jobs), None, wait=False):
            pass
        return self.status()

    def status(self) -> dict[str, int]:
        """How many jobs are in each state: planned, submitted, succeeded, failed, cancelled. Asks nobody.

        Raises:
            JournalError: The journal cannot be read.
        """
        return self._runner.status()

    def report(self) -> Report:
        """What failed and why, what it took, and where the files are; from the journal, without asking.

        Raises:
            JournalError: The journal cannot be read.
        """
        return self._runner.report()

    def retry_failed(self) -> int:
        """Put the jobs that have failed or were cancelled back into the line, each with a new request id.

        Not those whose file or asset another job writes by now.

        Returns:
            How many there are; the next `run()` submits them.

        Raises:
            JournalError: The journal is in use, or cannot be written.
        """
        return self._runner.retry_failed()

    def cancel(self) -> None:
        """Cancel everything: what was not submitted is taken out of the line, what runs is asked to stop.

        While a run is under way, in a loop over its outcomes for example, that run goes on until all have
        ended. Otherwise this returns when everything was asked to stop, and a `run()` waits for it.

        Raises:
            JournalError: The journal is in use by another process, or cannot be written.
            EarthEngineError: The service cannot be reached.

        Reference: projects.operations.cancel.
        """
        if (engine := self._runner.engine) is not None:
            self._runner.call_soon(engine.cancel)
            return
        for _ in self._runner.run(None, None, wait=False, cancelling=True):
            pass

    @if_made
    def __repr__(self) -> str:
        return f"<Batch of {self._client!r}: {self.status()}>"


class AsyncBatch:
    """Thousands of exports of an `AsyncClient`, each exactly once: a `Batch` whose methods are awaited."""

    @same_as(Batch.__init__)
    def __init__(
        self,
        client: AsyncClient,
        journal: str | PathLike[str] | None = None,
        *,
        max_queued: int = 2_500,
        max_in_flight: int = 40,
        requests_per_second: float | None = 50.0,
        retries: int = 2,
        split: bool = False,
        fail_fast: bool = False,
        stalled_after: float | None = None,
        cancel_on_interrupt: bool = False,
        polling: Polling = Polling(),
    ) -> None:
        """As `Batch`."""
        plain.checked("client", plain.one_of(AsyncClient), client)
        settings = _settings(
            max_queued, max_in_flight, requests_per_second, retries, split, fail_fast, stalled_after, polling
        )
        self._client = client
        self._runner: Runner[AsyncOperation] = Runner(
            client._driver,
            client._handle,
            settings,
            _path(journal),
            plain.checked("cancel_on_interrupt", plain.flag, cancel_on_interrupt),
        )

    @same_as(Batch.run)
    def run(
        self,
        jobs: Iterable[JobLike] | AsyncIterable[JobLike] | None = None,
        on_update: Callable[[AsyncOperation], object] | None = None,
    ) -> AsyncIterator[JobOutcome[AsyncOperation]]:
        """As `Batch.run`, for `async for`."""
        return Running(self._runner, _iterable(jobs, AsyncIterable), _callback(on_update))

    @same_as(Batch.submit_only)
    async def submit_only(
        self, jobs: Iterable[JobLike] | AsyncIterable[JobLike] | None = None
    ) -> dict[str, int]:
        """As `Batch.submit_only`."""
        async for _ in Running(self._runner, _iterable(jobs, AsyncIterable), None, wait=False):
            pass
        return self.status()

    @same_as(Batch.status)
    def status(self) -> dict[str, int]:
        """As `Batch.status`."""
        return self._runner.status()

    @same_as(Batch.report)
    def report(self) -> Report:
        """As `Batch.report`."""
        return self._runner.report()

    @same_as(Batch.retry_failed)
    def retry_failed(self) -> int:
        """As `Batch.retry_failed`."""
        return self._runner.retry_failed()

    @same_as(Batch.cancel)
    async def cancel(self) -> None:
        """As `Batch.cancel`."""
        if (engine := self._runner.engine) is not None:
            engine.cancel()
            return
        async for _ in Running(self._runner, None, None, wait=False, cancelling=True):
            pass

    @if_made
    def __repr__(self) -> str:
        return f"<AsyncBatch of {self._client!r}: {self.status()}>"
