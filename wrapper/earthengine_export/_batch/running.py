"""What both kinds of batch share, and the two loops that consume an engine: one blocks, the other awaits."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from inspect import isawaitable
from itertools import islice
from typing import Generic, Self, TypeVar

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

from .._run.drivers import AsyncDriver, SyncDriver
from .._run.flows import H
from ..image_export import ImageExport
from ..operation_state import OperationState
from .engine import Engine, News
from .errors import JournalLocked
from .jobs import JobLike, JobOutcome, keyed
from .journal import Journal
from .report import Report
from .sending import Settings
from .store import STATES
from .worlds import BatchDriver, interruption, on_signals, spawn

log = logging.getLogger("earthengine_export")
PATIENCE = 0.5  # seconds in which jobs are gathered that come slowly, before they are taken in
T = TypeVar("T")


class Runner(Generic[H]):
    """The journal of a batch, and the engine that runs on it.

    Args:
        driver: The client's.
        make: Makes a handle.
        settings: How to run.
        path: The journal's file, or None.
        cancel_on_interrupt: Whether an interruption cancels what was started.
    """

    def __init__(
        self,
        driver: SyncDriver | AsyncDriver,
        make: Callable[[OperationState, ImageExport | None], H],
        settings: Settings,
        path: str | os.PathLike[str] | None,
        cancel_on_interrupt: bool,
    ) -> None:
        self._driver, self._make, self._settings, self._path = driver, make, settings, path
        self._cancel_on_interrupt = cancel_on_interrupt
        self._lock, self._users = threading.RLock(), 0
        self._running = threading.Lock()
        self._opened: Journal | None = None
        self.engine: Engine[H] | None = None
        # Calls a function in the engine's event loop.
        self.call_soon: Callable[[Callable[[], object]], object] = _now
        with self.journal():  # what is wrong with it is told at once
            pass

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """The journal, open for as long as anybody uses it; one in memory as long as the batch lives."""
        with self._lock:
            if self._opened is None:
                access = self._driver.context.access
                self._opened = Journal(self._path, access.project, access.account or "")
            opened, self._users = self._opened, self._users + 1
        try:
            yield opened
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0 and self._path is not None:
                    self._opened = None
                    opened.close()

    def status(self) -> dict[str, int]:
        """How many jobs are in each state."""
        with self.journal() as journal:
            counts = journal.counts()
        return {state: counts[state] for state in STATES if counts[state] or state != "split"}

    def report(self) -> Report:
        """What became of each job."""
        with self.journal() as journal:
            return Report.of(journal)

    def retry_failed(self) -> int:
        """Put all that failed back into the line; how many."""
        with self.journal() as journal, journal.locked():
            jobs = journal.failed()
            journal.anew(jobs, "retried by retry_failed", failed=False)
            return len(jobs)

    @contextmanager
    def ready(self) -> Iterator[Journal]:
        """The journal, for a run of this batch alone."""
        if not self._running.acquire(blocking=False):
            told = "this batch runs already. Let that run end first."
            raise JournalLocked(told, path=os.fspath(self._path or "in memory"))
        try:
            with self.journal() as journal, journal.locked():
                yield journal
        finally:
            self.engine = None
            self._running.release()

    def start(self, journal: Journal, *, wait: bool, more: bool, tell: bool, cancelling: bool) -> Engine[H]:
        """An engine on the journal; to be called in its event loop."""
        driver = BatchDriver(self._driver, self._settings.max_in_flight)
        self.engine = Engine(
            driver.run, driver.context, self._make, journal, self._settings, wait=wait, more=more, tell=tell
        )
        if cancelling:
            self.engine.cancel()
        return self.engine

    def interrupt(self) -> None:
        """Stop the engine because of an interruption; to be called in its event loop."""
        if self.engine is not None:
            if self._cancel_on_interrupt:
                self.engine.cancel(planned=False)
                self.engine.wait = False
            else:
                self.engine.stop()

    def how_to_go_on(self, summary: str) -> str:
        """What to say at an interruption."""
        fate = "was asked to be cancelled" if self._cancel_on_interrupt else "goes on at the service"
        path = None if self._path is None else os.fspath(self._path)
        cure = (
            "There is no journal, so that the rest cannot be gone on with; give one the next time."
            if path is None
            else f"Run the batch again with journal={path!r} to go on; no export is started twice."
        )
        return f"The batch was interrupted: {summary or 'no jobs'}. What was started {fate}. {cure}"


class Blocking(Runner[H]):
    """Runs an engine beside a program that blocks."""

    def run(
        self,
        jobs: Iterable[JobLike] | None,
        on_update: Callable[[H], object] | None,
        *,
        wait: bool = True,
        cancelling: bool = False,
    ) -> Iterator[JobOutcome[H]]:
        """The outcomes; jobs are taken from their iterable, and callbacks called, in the caller's thread."""
        source, stopped = keyed(() if jobs is None else jobs), list[int]()
        portals: list[BlockingPortal] = []  # where the engine runs, while it does

        def stop(number: int) -> None:
            stopped.append(number)
            for portal in portals:
                portal.start_task_soon(self.interrupt)

        # No signal may come in between while the engine is started.
        with self.ready() as journal, on_signals(stop), start_blocking_portal() as portal:
            more, tell = jobs is not None, on_update is not None
            engine = portal.call(
                lambda: self.start(journal, wait=wait, more=more, tell=tell, cancelling=cancelling)
            )
            main = portal.start_task_soon(engine.main)
            self.call_soon = lambda work: portal.call(work)
            portals.append(portal)
            try:
                if stopped:
                    portal.call(self.interrupt)
                while not (news := portal.call(engine.news)).over:
                    with getattr(on_update, "round", nullcontext)():
                        for handle in news.moved if on_update else ():
                            on_update(handle)  # type: ignore[misc] # it is there
                    if news.wants:
                        taken = list[tuple[str, ImageExport]]()
                        try:
                            taken.extend(_soon(source, news.wants))
                        finally:  # what came before it raised is in the journal
                            portal.call(engine.feed, taken)
                    yield from news.outcomes
                main.result()
            except BaseException as error:
                portal.call(self.interrupt if isinstance(error, KeyboardInterrupt) else engine.stop)
                main.result()
                raise
            finally:
                self.call_soon = _now
                portals.clear()
            summary = engine.summary()
        if stopped:
            message = self.how_to_go_on(summary)
            log.warning("%s", message)
            raise interruption(stopped[0], message)


class _Host(Generic[H]):
    """An engine in a task of its own, and all that it holds; the task knows nothing of who consumes it."""

    def __init__(self, runner: Runner[H], *, wait: bool, more: bool, tell: bool, cancelling: bool) -> None:
        self.summary, self.stopped = "", list[int]()
        self._stack, self._ended, self._is_left = ExitStack(), anyio.Event(), False
        journal = self._stack.enter_context(runner.ready())
        self.engine = runner.start(journal, wait=wait, more=more, tell=tell, cancelling=cancelling)
        self._call_soon = spawn(self._main)

        def stop(number: int) -> None:
            self.stopped.append(number)
            self._call_soon(runner.interrupt)

        self._stack.enter_context(on_signals(stop))

    async def _main(self) -> None:
        try:
            await self.engine.main()
        finally:
            self._ended.set()
            if self._is_left:
                self._close()

    def _close(self) -> None:
        with self._stack:
            self.summary = self.engine.summary()

    async def end(self) -> None:
        """Submit nothing more, and let go of the journal."""
        self.engine.stop()
        with anyio.CancelScope(shield=True):
            await self._ended.wait()
        self._close()

    def leave(self) -> None:
        """The same, when nobody is there to await it."""
        self._is_left = True
        self._call_soon(self._close if self._ended.is_set() else self.engine.stop)


class Running(AsyncIterator[JobOutcome[H]]):
    """The outcomes of a run, for `async for`.

    No async generator: what goes on in the meantime would be cancelled in a task that it does not belong to
    where one is left before its end.
    """

    def __init__(
        self,
        runner: Runner[H],
        jobs: Iterable[JobLike] | AsyncIterable[JobLike] | None,
        on_update: Callable[[H], object] | None,
        *,
        wait: bool = True,
        cancelling: bool = False,
    ) -> None:
        """See `Runner.start`."""
        self._runner, self._on_update, self._wait, self._cancelling = runner, on_update, wait, cancelling
        self._more = jobs is not None
        self._source = aiter(jobs) if isinstance(jobs, AsyncIterable) else iter(() if jobs is None else jobs)
        self._host: _Host[H] | None = None
        self._is_closed = False
        self._outcomes: deque[JobOutcome[H]] = deque()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> JobOutcome[H]:
        if self._is_closed:
            raise StopAsyncIteration
        if self._host is None:
            self._host = _Host(
                self._runner,
                wait=self._wait,
                more=self._more,
                tell=self._on_update is not None,
                cancelling=self._cancelling,
            )
        host = self._host
        try:
            while not self._outcomes and not (news := await host.engine.news()).over:
                await self._take(host.engine, news)
        except BaseException as error:
            if not isinstance(error, Exception):
                self._runner.interrupt()
            await self.aclose()
            raise
        if self._outcomes:
            return self._outcomes.popleft()
        await self.aclose()
        if not host.stopped:
            raise StopAsyncIteration
        message = self._runner.how_to_go_on(host.summary)
        log.warning("%s", message)
        raise interruption(host.stopped[0], message)

    async def aclose(self) -> None:
        """Submit nothing more, and close the journal; what runs goes on."""
        if self._host is not None and not self._is_closed:
            self._is_closed = True
            await self._host.end()

    def __del__(self) -> None:
        if self._host is not None and not self._is_closed:
            with suppress(RuntimeError):  # the event loop is no more
                self._host.leave()

    async def _take(self, engine: Engine[H], news: News[H]) -> None:
        with getattr(self._on_update, "round", nullcontext)():
            for handle in news.moved if self._on_update else ():
                told = self._on_update(handle)  # type: ignore[misc] # it is there
                if isawaitable(told):
                    await told
        if news.wants:
            taken = list[tuple[str, ImageExport]]()
            try:
                await self._next_jobs(taken, news.wants)
            finally:  # what came before it raised is in the journal
                await engine.feed(taken)
        self._outcomes.extend(news.outcomes)

    async def _next_jobs(self, taken: list[tuple[str, ImageExport]], count: int) -> None:
        if isinstance(self._source, Iterator):
            taken.extend(keyed(_soon(self._source, count)))
            return
        until = time.monotonic() + PATIENCE
        with suppress(StopAsyncIteration):
            while len(taken) < count and (not taken or time.monotonic() < until):
                taken.extend(keyed([await anext(self._source)]))


def _soon(source: Iterator[T], count: int) -> Iterator[T]:
    """What comes of an iterator, up to so many, and no more once it has taken long."""
    until = time.monotonic() + PATIENCE
    for one in islice(source, count):
        yield one
        if time.monotonic() >= until:
            return


def _now(work: Callable[[], object]) -> object:
    return work()
