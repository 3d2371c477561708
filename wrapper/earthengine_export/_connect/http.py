"""The HTTP clients under the generated layer: httpx's, or the caller's own, with this library's promises.

The generated code calls `request`. Here the token is added, the whole exchange is bounded, and what is no
JSON object under a success status is raised as a `RequestError`.

A client and its copies share up to 40 connections: for all threads, or for each event loop, to its end. Each
is a transport by itself, since httpx's pool looks at all for each request (benchmarks/notes.md).
"""

from __future__ import annotations

import copy
import itertools
import os
import threading
import time
import warnings
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, closing, contextmanager, suppress
from functools import partial
from typing import ClassVar, Generic, Required, Self, TypedDict, TypeVar, Unpack, cast

import anyio
import anyio.lowlevel
import attrs
import httpx

from .._version import __version__
from ..errors import ClientUnusable, InvalidArgument, InvalidArgumentType
from ..rest import Client, JsonBody
from .access import Access
from .environment import client_options
from .exchange import Exchange
from .fetching import ByAsyncClient, ByClient, address, async_fetch, fetch, held
from .frames import Guarded
from .replies import Success, http_date, judged

AT_ONCE = 40  # the service takes no more requests at once
_KEPT = 30.0  # seconds that an idle connection is kept for
_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEPT)
_NUMBERS = itertools.count()
T = TypeVar("T", httpx.BaseTransport, httpx.AsyncBaseTransport)


@attrs.define(eq=False)
class _Pool(Generic[T]):
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
                # An interrupt falls between any two lines: it, or its lock, may be in use for ever.
                self.made.remove(one)
            else:
                self.idle.append((time.monotonic(), one))
            raise
        self.idle.append((time.monotonic(), one))

    def stale(self) -> Iterator[T]:
        """Those to be closed, since nobody has used them for long; they are no longer in the pool."""
        with suppress(IndexError):  # another thread has taken the last one
            while self.idle[0][0] < time.monotonic() - _KEPT:
                _, one = self.idle.pop(0)
                self.made.remove(one)
                yield one


@attrs.define(eq=False)
class _Shared(Generic[T]):
    """What a client and its copies share.

    Attributes:
        build: Makes a request.
        make: Makes a connection.
        is_given: Whether the client is the caller's own.
        has_connected: Whether that has sent something.
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
    pools: set[_Pool[T]] = attrs.field(factory=set)
    of_loop: anyio.lowlevel.RunVar[_Pool[T] | None] = attrs.field(
        factory=lambda: anyio.lowlevel.RunVar(f"pool-{next(_NUMBERS)}", None)
    )

    def __del__(self) -> None:
        is_open = not self.closed and not self.is_given and self.process == os.getpid()
        if is_open and any(pool.made for pool in self.pools):
            told = "an earthengine_export client was not closed: use it in a with block"
            warnings.warn(told, ResourceWarning, stacklevel=2, source=self)


class Asked(TypedDict, total=False):
    """What the generated endpoints ask for."""

    method: Required[str]
    url: Required[str]
    params: Mapping[str, str]
    json: Mapping[str, object]
    headers: Mapping[str, str]


class Http(Generic[T]):
    """What both kinds do alike."""

    _client: ClassVar[type[httpx.Client | httpx.AsyncClient]]
    _transport: Callable[..., T]
    _by_client: Callable[..., T]
    rest: Client
    """What the generated endpoints take as their client."""

    def __init__(self, access: Access, api_version: str, timeout: float, http_client: object = None) -> None:
        """Open nothing yet.

        Args:
            access: The host, and the credentials.
            api_version: The version in the URL.
            timeout: Seconds that a whole exchange may take.
            http_client: The caller's own client.

        Raises:
            InvalidArgument: `http_client` is closed, or a variable of the environment is wrong.
            InvalidArgumentType: It is of another kind.
        """
        self._access, self._timeout = access, timeout
        self._url = f"{access.base_url}/{api_version}"
        self._headers = {"Accept-Encoding": "gzip"}
        build: Callable[..., httpx.Request] = httpx.Request
        if http_client is None:
            self._headers["User-Agent"] = f"earthengine-export/{__version__}"
            make = partial(self._transport, limits=_ONE, **client_options(self._url))
        elif not isinstance(http_client, self._client):
            kind = f"httpx.{self._client.__name__}"
            raise InvalidArgumentType("http_client", http_client, f"It must be an {kind}.")
        elif http_client.is_closed:
            raise InvalidArgument("http_client", http_client, "It is closed.", "Give an open one.")
        else:
            make, build = partial(self._by_client, http_client), http_client.build_request
        self._shared: _Shared[T] = _Shared(build, make, is_given=http_client is not None)
        self._bind()

    def _bind(self) -> None:
        raise NotImplementedError

    def with_options(self, timeout: float | None = None, quota_project: str | None = None) -> Self:
        """A copy on the same connections."""
        made = copy.copy(self)
        made._timeout = self._timeout if timeout is None else timeout
        if quota_project is not None:
            made._access = self._access.charging(quota_project)
        made._bind()
        return made

    @property
    def access(self) -> Access:
        """How the service is reached, and as whom."""
        return self._access

    @property
    def ahead(self) -> float | None:
        """By how many seconds the service's clock is ahead of this one; None before a reply has told it."""
        text, heard = self._shared.dated
        date = http_date(text)
        return None if date is None else date + 0.5 - heard  # a Date is in whole seconds, rounded down

    def check_usable(self) -> None:
        """Raise `ClientUnusable` if nothing may be sent."""
        if self._shared.closed:
            raise ClientUnusable("This client is closed")
        if os.getpid() != self._shared.process:
            raise ClientUnusable(
                "This client was made before a fork, and its connections belong to the other process",
                "Make a client in each process.",
            )

    def _request(self, asked: Asked) -> httpx.Request:
        body = asked.get("json")
        content = body.content if isinstance(body, JsonBody) else None  # it is encoded already
        return self._shared.build(
            asked["method"],
            address(f"{self._url}{asked['url']}"),
            params=asked.get("params") or None,
            json=body if content is None else None,
            content=content,
            headers={**asked.get("headers", {}), **self._headers},
        )

    def _exchange(
        self, pool: _Pool[T], request: httpx.Request, scope: anyio.CancelScope | None = None
    ) -> Exchange:
        self.check_usable()  # it may have waited for a connection
        shared, seconds = self._shared, self._timeout + held(request)
        exchange = Exchange(self._access.host, seconds, lambda: shared.closed, pool.under_way, scope)
        request.extensions = {**request.extensions, **exchange.extensions}
        return exchange

    def _heard(self, response: httpx.Response) -> None:
        self._shared.dated = (response.headers.get("date", ""), time.time())


class SyncHttp(Http[httpx.BaseTransport]):
    """The blocking kind; threads share it."""

    _client, _transport, _by_client = httpx.Client, httpx.HTTPTransport, ByClient

    def _bind(self) -> None:
        self.rest = Client(base_url=self._url).set_httpx_client(cast("httpx.Client", self))
        if not self._shared.pools:
            self._shared.pools.add(_Pool(self._shared.make))

    def request(self, **asked: Unpack[Asked]) -> Success:
        """Send a request, with a token, and give the JSON object that came of it."""
        self.check_usable()
        with Guarded():
            return self._answer(self._request(asked))

    def _answer(self, request: httpx.Request) -> Success:
        (pool,) = self._shared.pools
        auth = self._access.auth or httpx.Auth()
        with closing(auth.sync_auth_flow(request)) as steps:
            request = next(steps)
            with suppress(StopIteration):
                while True:
                    with pool.threads, self._exchange(pool, request) as exchange, pool.lent() as transport:
                        response, content = fetch(transport, request, exchange)
                    self._heard(response)
                    for transport in pool.stale():
                        transport.close()
                    request = steps.send(response)
        return Success(content or b"", judged(response, content))

    def close(self) -> None:
        """Close the connections, and end what is under way."""
        self._shared.closed = True
        (pool,) = self._shared.pools
        for exchange in tuple(pool.under_way):
            exchange.interrupt()
        for transport in tuple(pool.made):
            transport.close()


class AsyncHttp(Http[httpx.AsyncBaseTransport]):
    """The kind that is awaited; tasks share it."""

    _client, _transport, _by_client = httpx.AsyncClient, httpx.AsyncHTTPTransport, ByAsyncClient

    def _bind(self) -> None:
        self.rest = Client(base_url=self._url).set_async_httpx_client(cast("httpx.AsyncClient", self))

    async def request(self, **asked: Unpack[Asked]) -> Success:
        """Send a request, with a token, and give the JSON object that came of it."""
        self.check_usable()
        with Guarded():
            return await self._answer(self._request(asked))

    async def _answer(self, request: httpx.Request) -> Success:
        pool = await self._pool()
        auth = self._access.auth or httpx.Auth()
        async with aclosing(auth.async_auth_flow(request)) as steps:
            request = await anext(steps)
            with suppress(StopAsyncIteration):
                while True:
                    async with pool.tasks:
                        response, content = await self._fetch(pool, request)
                    self._heard(response)
                    for transport in pool.stale():
                        await transport.aclose()
                    request = await steps.asend(response)
        return Success(content or b"", judged(response, content))

    async def _fetch(
        self, pool: _Pool[httpx.AsyncBaseTransport], request: httpx.Request
    ) -> tuple[httpx.Response, bytes | None]:
        scope = anyio.CancelScope()
        with self._exchange(pool, request, scope) as exchange:
            try:
                with scope, pool.lent() as transport:
                    return await async_fetch(transport, request, exchange)
            finally:
                self._shared.has_connected = self._shared.has_connected or exchange.sent is not None
            if exchange.overlong:
                return exchange.overlong, None
            raise httpx.ReadTimeout("the reply was not complete in time")

    async def _pool(self) -> _Pool[httpx.AsyncBaseTransport]:
        shared = self._shared
        if (pool := shared.of_loop.get()) is None:
            if shared.is_given and shared.has_connected:
                told = "The http_client has connections of another event loop"
                raise ClientUnusable(told, "Give each loop one of its own.")
            pool = _Pool(shared.make)
            shared.of_loop.set(pool)
            pool.keeper = _keep(shared.pools, pool)
            await anext(pool.keeper)
        return pool

    async def close(self) -> None:
        """Close the connections of this event loop, and end what is under way in it."""
        self._shared.closed = True
        if pool := self._shared.of_loop.get():
            for exchange in tuple(pool.under_way):
                exchange.interrupt()
            while pool.under_way:
                await anyio.lowlevel.checkpoint()
            if pool.keeper:
                await pool.keeper.aclose()


async def _keep(
    pools: set[_Pool[httpx.AsyncBaseTransport]], pool: _Pool[httpx.AsyncBaseTransport]
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
