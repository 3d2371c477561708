"""The worlds that one suite runs in: blocking, asyncio and trio.

A test is written once, in blocking style. `world.get` gives the value of what a client's method returned,
awaiting it in an event loop of another thread where it is to be awaited.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from anyio.from_thread import start_blocking_portal

import earthengine_export as eex


class World:
    """A way to run: "sync", "asyncio" or "trio"."""

    def __init__(self, name: str, stack: ExitStack) -> None:
        self.name = name
        self.is_async = name != "sync"
        self._stack = stack
        self._time: eex.PassingTime | None = None
        self._portal = stack.enter_context(start_blocking_portal(name)) if self.is_async else None

    def client(self, base_url: str | None, project: str = "my-project", **options: Any) -> Any:
        """A client for a server on this machine, closed at the end of the test."""
        options.setdefault("credentials", eex.anonymous())
        cls = eex.AsyncClient if self.is_async else eex.Client
        client = cls(project, base_url=base_url, **options)
        self.at_end(client.close)
        return client

    def at_end(self, close: Callable[[], Any]) -> None:
        """Have something closed at the end of the test, before the world ends."""
        self._stack.callback(lambda: self.get(close()))

    def hurry(self) -> list[float]:
        """From now on the test's clients sleep for no time; the seconds of their sleeps, as they come."""
        if self._time is None:
            self._time = self._stack.enter_context(eex.fake_time())
        return self._time.sleeps

    def get(self, value: Any) -> Any:
        """The value, awaited where the world is async."""
        if self._portal is None:
            return value

        async def awaited(value: Awaitable[Any]) -> Any:
            return await value

        return self._portal.call(awaited, value)

    def each(self, values: Any) -> Iterator[Any]:
        """The values of an iterator of the world, each asked for when it is wanted."""
        if self._portal is None:
            yield from values
            return

        async def following(values: AsyncIterator[Any]) -> tuple[Any, ...]:
            try:
                return (await anext(values),)
            except StopAsyncIteration:
                return ()

        while following_one := self._portal.call(following, values):
            yield from following_one


@contextmanager
def open_world(name: str) -> Iterator[World]:
    """A world, ended with everything that was opened in it."""
    with ExitStack() as stack:
        yield World(name, stack)
