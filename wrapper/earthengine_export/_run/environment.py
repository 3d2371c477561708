"""Where flows get the time, their sleep, jitter and ids from: the world, or a test's stand-in for it."""

from __future__ import annotations

import inspect
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import anyio
import anyio.lowlevel


class Environment:
    """The world as it is."""

    passed = 0.0
    """Seconds that were skipped in place of being slept."""

    def monotonic(self) -> float:
        """Seconds that never go backwards; they may stand still while the machine sleeps."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> object:
        """Do nothing for some seconds."""
        time.sleep(seconds)
        return None

    async def async_sleep(self, seconds: float) -> None:
        """The same, awaited."""
        await anyio.sleep(seconds)

    def random(self) -> float:
        """A number from 0 to 1, for jitter."""
        return random.random()  # noqa: S311 - it keeps no secret

    def new_request_id(self) -> str:
        """The id of a submit that was given none."""
        return str(uuid.uuid4())


class PassingTime(Environment):
    """Time that passes by sleeping alone; `fake_time` makes it.

    Attributes:
        time: Seconds that have passed.
        sleeps: The sleeps in seconds, in order.
    """

    def __init__(self, on_sleep: Callable[[float], object] | None = None) -> None:
        """See `fake_time`."""
        self.sleeps: list[float] = []
        self._on_sleep = on_sleep
        self._ids = count(1)

    @property
    def time(self) -> float:
        """Seconds that have passed."""
        return self.passed

    def monotonic(self) -> float:
        return self.passed

    def pass_time(self, seconds: float) -> object:
        """Let time pass; gives what `on_sleep` gives."""
        self.passed += seconds
        return self._on_sleep(seconds) if self._on_sleep else None

    def sleep(self, seconds: float) -> object:
        self.sleeps.append(seconds)
        return self.pass_time(seconds)

    async def async_sleep(self, seconds: float) -> None:
        told = self.sleep(seconds)
        if inspect.isawaitable(told):
            await told
        await anyio.lowlevel.checkpoint()

    def random(self) -> float:
        return 1.0

    def new_request_id(self) -> str:
        return f"test-{next(self._ids)}"


_current = Environment()


def current() -> Environment:
    """What a client that is made now runs in."""
    return _current


@contextmanager
def fake_time(on_sleep: Callable[[float], object] | None = None) -> Iterator[PassingTime]:
    """A switch for tests: no client that is made within the `with` block sleeps.

    with eex.fake_time() as time:
        client = eex.Client("my-project", eex.anonymous(), emulator.base_url)
        my_pipeline(client)
    assert time.sleeps == []

    Such a client does not sleep; it goes on as if the time had passed. Its pauses have no random part, and
    the submits that are given no request_id have the ids "test-1", "test-2", ….

    Args:
        on_sleep: Called with the seconds of each sleep, such as `emulator.advance`. An AsyncClient
            awaits what it gives, where that is to be awaited.
    """
    global _current
    before, _current = _current, PassingTime(on_sleep)
    try:
        yield _current
    finally:
        _current = before
