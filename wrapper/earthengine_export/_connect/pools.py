"""The connections that a client and its copies share.

There are up to 40: for all threads together, or for each event loop, to its end. Each is a transport by
itself, since httpx's pool looks at all for each request (benchmarks/notes.md).
"""

from __future__ import annotations

import itertools
import os
import threading
import time
import warnings
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

import anyio
import anyio.lowlevel
import attrs
import httpx

from .exchange import Exchange

AT_ONCE = 40  # the service takes no more requests at once
KEPT = 30.0  # seconds that an idle connection is kept for
ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEPT)
_NUMBERS = itertools.count()
T = TypeVar("T", httpx.BaseTransport, httpx.AsyncBaseTransport)


@attrs.define(eq=False)
class Pool(Generic[T]):
    """The connections of one thread-safe client, or of one event loop.

    Attributes:
        make: Makes one.
        made: All that there are.
        idle: Those that nobody uses, and since when; the last one used is the first to be used again.
        under_way: The exchanges that use one.
        threads: What a thread waits for before it takes one.
        tasks: The same for a task.
        keeper: What closes them when the event loop ends.
    """

    make: Callable[[], T]
    made: list[T] = attrs.field(factory=list)
    idle: list[tuple[float, T]] = attrs.field(factory=list)
    under_way: set[Exchange] = attrs.field(factory=set)
    threads: threading.Semaphore = attrs.field(factory=lambda: threading.Semaphore(AT_ONCE))
    tasks: anyio.Semaphore = attrs.field(factory=lambda: anyio.Semaphore(AT_ONCE))
    keeper: AsyncGenerator[None, None] | None = None

    @contextmanager
    def lent(self) -> Iterator[T]:
        """A connection, for one exchange."""
        try:
            _, one = self.idle.pop()
        except IndexError:
            self.made.append(one := self.make())
        try:
            yield one
        except BaseException:
            if isinstance(one, httpx.BaseTransport):
                # An interrupt can come between any two lines: the transport or its lock may stay in use for
                # ever, so it is not used again.
                self.made.remove(one)
            else:
                self.idle.append((time.monotonic(), one))
            raise
        self.idle.append((time.monotonic(), one))

    def stale(self) -> Iterator[T]:
        """Those to be closed, since nobody has used them for long; they are no longer in the pool."""
        with suppress(IndexError):  # another thread has taken the last one
            while self.idle[0][0] < time.monotonic() - KEPT:
                _, one = self.idle.pop(0)
                self.made.remove(one)
                yield one


@attrs.define(eq=False)
class Shared(Generic[T]):
    """What a client and its copies share.

    Attributes:
        build: Makes a request.
        make: Makes a connection.
        is_given: Whether the client is the caller's own.
        has_connected: Whether the caller's own client has sent something.
        pools: The pools with connections.
        of_loop: The pool of the event loop.
        dated: The last Date header, and when it came.
    """

    build: Callable[..., httpx.Request]
    make: Callable[[], T]
    is_given: bool
    has_connected: bool = False
    closed: bool = False
    process: int = attrs.field(factory=os.getpid)
    dated: tuple[str, float] = ("", 0.0)
    pools: set[Pool[T]] = attrs.field(factory=set)
    of_loop: anyio.lowlevel.RunVar[Pool[T] | None] = attrs.field(
        factory=lambda: anyio.lowlevel.RunVar(f"pool-{next(_NUMBERS)}", None)
    )

    def __del__(self) -> None:
        is_open = not self.closed and not self.is_given and self.process == os.getpid()
        if is_open and any(pool.made for pool in self.pools):
            told = "an earthengine_export client was not closed: use it in a with block"
            warnings.warn(told, ResourceWarning, stacklevel=2, source=self)


async def keep(
    pools: set[Pool[httpx.AsyncBaseTransport]], pool: Pool[httpx.AsyncBaseTransport]
) -> AsyncGenerator[None, None]:
    """Close the connections of an event loop: when the client is closed, or else when the loop ends.

    An event loop closes the async generators that it has seen begin, and it can still await then.
    """
    pools.add(pool)
    try:
        yield
    finally:
        pools.discard(pool)
        for transport in pool.made:
            await transport.aclose()
