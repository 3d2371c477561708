"""Where an engine runs: beside a program that blocks, or within an event loop; and how a signal stops it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import anyio
import anyio.to_thread
import sniffio

from .._run.drivers import AsyncDriver, SyncDriver
from .._run.flows import Call, Step


class BatchDriver(AsyncDriver):
    """Runs the flows of a batch in an event loop, with so many requests at a time and no more.

    The requests of a client that blocks run in threads of anyio; all else is in the loop.

    Args:
        driver: The client's own.
        most: How many requests may be under way.
    """

    def __init__(self, driver: SyncDriver | AsyncDriver, most: int) -> None:
        super().__init__(driver.context, driver._client, driver._check)
        self._inner = driver
        self._limiter = anyio.CapacityLimiter(most)

    async def _perform(self, step: Step) -> object:
        if not isinstance(step, Call):
            return await super()._perform(step)
        if isinstance(self._inner, AsyncDriver):
            async with self._limiter:
                return await self._inner._perform(step)
        return await anyio.to_thread.run_sync(
            self._inner._perform, step, abandon_on_cancel=True, limiter=self._limiter
        )


def spawn(work: Callable[[], Awaitable[object]]) -> Callable[[Callable[[], object]], object]:
    """Start something in the running event loop that outlives the caller's task.

    Returns:
        What has a function called in the loop, from a signal handler too.
    """
    if sniffio.current_async_library() == "trio":
        import trio

        trio.lowlevel.spawn_system_task(work)
        return trio.lowlevel.current_trio_token().run_sync_soon
    import asyncio  # which is here already; the import of this package need not bring it

    loop = asyncio.get_running_loop()
    _TASKS.add(task := loop.create_task(_awaited(work)))
    task.add_done_callback(_TASKS.discard)
    return loop.call_soon_threadsafe


_TASKS: set[object] = set()  # asyncio itself holds them weakly


async def _awaited(work: Callable[[], Awaitable[object]]) -> None:
    await work()


_STOPS: list[Callable[[int], object]] = []  # of the runs that are under way
_SEEN: list[int] = []  # signals that they were told
_BEFORE: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}  # what handled them


@contextmanager
def on_signals(stop: Callable[[int], object]) -> Iterator[None]:
    """Have the first SIGINT or SIGTERM call a function, and the second leave at once.

    Several runs may be under way, and end in any order. Signals are Python's main thread's: elsewhere this
    does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if not _STOPS:
        _give_back()
        _SEEN.clear()
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        # What was told to ignore a signal, such as a job of nohup, goes on doing so.
        _BEFORE.update({number: was for number, was in before.items() if was not in {signal.SIG_IGN, None}})
        for number in _BEFORE:
            signal.signal(number, _handle)
    _STOPS.append(stop)
    try:
        yield
    finally:
        _STOPS.remove(stop)
        if not _STOPS and threading.current_thread() is threading.main_thread():
            _give_back()


def _give_back() -> None:
    """Let those handle the signals again who did before."""
    for number, was in _BEFORE.items():
        if signal.getsignal(number) is _handle:
            signal.signal(number, was)
    _BEFORE.clear()


def _handle(number: int, _frame: object) -> None:
    if not _STOPS:  # the last run was left in another thread
        _give_back()
        signal.raise_signal(number)
        return
    if _SEEN:
        _leave(number)
    _SEEN.append(number)
    for stop in _STOPS:
        stop(number)


def _leave(number: int) -> NoReturn:
    if hasattr(sys, "ps1") or "IPython" in sys.modules:  # a session that people go on working in
        raise KeyboardInterrupt
    # As if nobody had caught it: threads that wait for a reply would hold up any other end.
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)


def interruption(number: int, message: str) -> BaseException:
    """What a stop by a signal ends as."""
    error: BaseException = SystemExit(128 + number) if number == signal.SIGTERM else KeyboardInterrupt()
    error.add_note(message)
    return error
