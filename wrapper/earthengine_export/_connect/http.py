"""The HTTP clients under the generated layer: httpx's, or the caller's own, with this library's promises.

The generated code calls `request`. Here the token is added, the whole exchange is bounded, and what is no
JSON object under a success status is raised as a `RequestError`.

A client and its copies share the connections. A blocking client has one pool; an async one has a pool for
each event loop that it is used in, which is closed when the loop ends.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import threading
import time
import warnings
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, closing, contextmanager, suppress
from typing import Any, Generic, Self, TypeVar, cast

import anyio
import anyio.lowlevel
import attrs
import httpx

from .._version import __version__
from ..errors import ClientUnusable, InvalidArgument, InvalidArgumentType
from ..rest import Client, JsonBody
from .access import Access
from .environment import client_options
from .exchange import Exchange, Guarded, async_fetch, fetch
from .replies import Success, http_date, judged

AT_ONCE = 40  # the service takes no more requests at once
_LIMITS = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE, keepalive_expiry=30)
_NUMBERS = itertools.count()
C = TypeVar("C", httpx.Client, httpx.AsyncClient)


@attrs.define(eq=False)
class _Pool(Generic[C]):
    """The connections of one thread-safe client, or of one event loop.

    Attributes:
        client: What makes them.
        under_way: The exchanges that use or await one.
        free: What an exchange awaits before it asks for one.
        keeper: What closes them when the event loop ends.
    """

    client: C
    under_way: set[Exchange] = attrs.field(factory=set)
    free: anyio.Semaphore = attrs.field(factory=lambda: anyio.Semaphore(AT_ONCE))
    keeper: AsyncGenerator[None, None] | None = None


@attrs.define(eq=False)
class _Shared(Generic[C]):
    """What a client and its copies share."""

    make: Callable[[], C]
    is_given: bool
    has_connected: bool = False
    pools: set[_Pool[C]] = attrs.field(factory=set)
    closed: bool = False
    process: int = attrs.field(factory=os.getpid)
    dated: tuple[str, float] = ("", 0.0)  # the last Date header, and when it came
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    of_loop: anyio.lowlevel.RunVar[_Pool[C] | None] = attrs.field(
        factory=lambda: anyio.lowlevel.RunVar(f"pool-{next(_NUMBERS)}", None)
    )

    def __del__(self) -> None:
        if self.pools and not self.closed and not self.is_given and self.process == os.getpid():
            told = "an earthengine_export client was not closed: use it in a with block"
            warnings.warn(told, ResourceWarning, stacklevel=2, source=self)


class Http(Generic[C]):
    """What both kinds do alike."""

    kind: type[C]
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
        if http_client is not None and not isinstance(http_client, self.kind):
            kind = f"httpx.{self.kind.__name__}"
            raise InvalidArgumentType("http_client", http_client, f"It must be an {kind}.")
        if http_client is not None and http_client.is_closed:
            raise InvalidArgument("http_client", http_client, "It is closed.", "Give an open one.")
        self._access, self._timeout = access, timeout
        self._url = f"{access.base_url}/{api_version}"
        self._shared: _Shared[C] = _Shared(self._maker(http_client), http_client is not None)
        self._bind()

    def _maker(self, given: C | None) -> Callable[[], C]:
        if given is not None:
            return lambda: given
        options = client_options(self._url)
        headers = {"User-Agent": f"earthengine-export/{__version__}"}
        return lambda: self.kind(limits=_LIMITS, headers=headers, **options)

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

    def _request(self, client: C, asked: dict[str, Any]) -> httpx.Request:
        body, headers = asked.get("json"), {**asked.get("headers", {}), "Accept-Encoding": "gzip"}
        content = body.content if isinstance(body, JsonBody) else None
        if content is not None:  # it is encoded already
            headers["Content-Type"] = "application/json"
        return client.build_request(
            asked["method"],
            f"{self._url}{asked['url']}",
            params=asked.get("params") or None,
            json=body if content is None else None,
            content=content,
            headers=headers,
        )

    @contextmanager
    def _exchange(
        self, pool: _Pool[C], request: httpx.Request, scope: anyio.CancelScope | None = None
    ) -> Iterator[Exchange]:
        self.check_usable()
        shared = self._shared
        exchange = Exchange(self._access.host, self._timeout + _held(request), lambda: shared.closed)
        exchange.scope = scope
        request.extensions = {**request.extensions, **exchange.extensions}
        pool.under_way.add(exchange)
        try:
            with exchange:
                yield exchange
        finally:
            pool.under_way.discard(exchange)
            shared.has_connected = shared.has_connected or exchange.sent is not None

    def _heard(self, response: httpx.Response) -> None:
        self._shared.dated = (response.headers.get("date", ""), time.time())


class SyncHttp(Http[httpx.Client]):
    """The blocking kind; threads share it."""

    kind = httpx.Client

    def _bind(self) -> None:
        self.rest = Client(base_url=self._url).set_httpx_client(cast("httpx.Client", self))

    def request(self, **asked: Any) -> Success:
        """Send a request, with a token, and give the JSON object that came of it."""
        self.check_usable()
        with Guarded():
            return self._answer(asked)

    def _answer(self, asked: dict[str, Any]) -> Success:
        pool = self._pool()
        auth = self._access.auth or httpx.Auth()
        with closing(auth.sync_auth_flow(self._request(pool.client, asked))) as steps:
            request = next(steps)
            with suppress(StopIteration):
                while True:
                    with self._exchange(pool, request) as exchange:
                        response, content = fetch(pool.client, request, exchange)
                    self._heard(response)
                    request = steps.send(response)
        return Success(content or b"", judged(response, content))

    def _pool(self) -> _Pool[httpx.Client]:
        with self._shared.lock:
            if not self._shared.pools:
                self._shared.pools.add(_Pool(self._shared.make()))
            return next(iter(self._shared.pools))

    def close(self) -> None:
        """Close the connections, and end what is under way."""
        self._shared.closed = True
        for pool in self._shared.pools:
            for exchange in tuple(pool.under_way):
                exchange.interrupt()
            if not self._shared.is_given:
                pool.client.close()


class AsyncHttp(Http[httpx.AsyncClient]):
    """The kind that is awaited; tasks share it."""

    kind = httpx.AsyncClient

    def _bind(self) -> None:
        self.rest = Client(base_url=self._url).set_async_httpx_client(cast("httpx.AsyncClient", self))

    async def request(self, **asked: Any) -> Success:
        """Send a request, with a token, and give the JSON object that came of it."""
        self.check_usable()
        with Guarded():
            return await self._answer(asked)

    async def _answer(self, asked: dict[str, Any]) -> Success:
        pool = await self._pool()
        auth = self._access.auth or httpx.Auth()
        async with aclosing(auth.async_auth_flow(self._request(pool.client, asked))) as steps:
            request = await anext(steps)
            with suppress(StopAsyncIteration):
                while True:
                    response, content = await self._fetch(pool, request)
                    self._heard(response)
                    request = await steps.asend(response)
        return Success(content or b"", judged(response, content))

    async def _fetch(
        self, pool: _Pool[httpx.AsyncClient], request: httpx.Request
    ) -> tuple[httpx.Response, bytes | None]:
        with self._exchange(pool, request, anyio.CancelScope()) as exchange:
            exchange.sent = False
            with exchange.scope or anyio.CancelScope():
                async with pool.free:
                    exchange.sent = None
                    exchange.begin()
                    return await async_fetch(pool.client, request, exchange)
            if exchange.overlong:
                return exchange.overlong, None
            raise httpx.ReadTimeout("the reply was not complete in time")

    async def _pool(self) -> _Pool[httpx.AsyncClient]:
        shared = self._shared
        if (pool := shared.of_loop.get()) is None:
            if shared.is_given and shared.has_connected:
                raise ClientUnusable(
                    "The http_client has connections of another event loop", "Give each loop one of its own."
                )
            pool = _Pool(shared.make())
            shared.of_loop.set(pool)
            pool.keeper = _keep(shared, pool)
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
    shared: _Shared[httpx.AsyncClient], pool: _Pool[httpx.AsyncClient]
) -> AsyncGenerator[None, None]:
    """Close the connections of an event loop: when the client is closed, or else when the loop ends.

    An event loop closes the async generators that it has seen begin, and it can still await then.
    """
    shared.pools.add(pool)
    try:
        yield
    finally:
        shared.pools.discard(pool)
        if not shared.is_given:
            await pool.client.aclose()


def _held(request: httpx.Request) -> float:
    """The seconds that the server was asked to hold its reply."""
    if not request.url.raw_path.endswith(b":wait"):
        return 0.0
    return float(json.loads(request.content)["timeout"].removesuffix("s"))
