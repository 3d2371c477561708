"""The HTTP clients under the generated layer: httpx's, or the caller's own, with this library's promises.

The generated code calls `request`. Here the token is added, the whole exchange is bounded, and what is no
JSON object under a success status is raised as a `RequestError`.
"""

from __future__ import annotations

import copy
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import aclosing, closing, suppress
from functools import partial
from typing import ClassVar, Generic, Required, Self, TypedDict, Unpack, cast

import anyio
import anyio.lowlevel
import httpx

from .._errors.root import a
from .._version import __version__
from ..errors import ClientUnusable, InvalidArgument, InvalidArgumentType
from ..rest import Client, JsonBody
from .access import Access
from .environment import Unseen, client_options
from .exchange import Exchange
from .fetching import ByAsyncClient, ByClient, address, async_fetch, fetch, held
from .frames import Guarded
from .pools import ONE, Pool, Shared, T, keep
from .replies import Success, http_date, judged


class Asked(TypedDict, total=False):
    """What the generated endpoints ask for."""

    method: Required[str]
    url: Required[str]
    params: Mapping[str, str]
    json: Mapping[str, object]
    headers: Mapping[str, str]


class Http(ABC, Generic[T]):
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
        self.access, self._timeout = access, timeout
        self._url = f"{access.base_url}/{api_version}"
        self._headers = {"Accept-Encoding": "gzip"}
        build: Callable[..., httpx.Request] = httpx.Request
        if http_client is None:
            self._headers["User-Agent"] = f"earthengine-export/{__version__}"
            make = partial(self._transport, limits=ONE, **client_options(self._url))
        elif not isinstance(http_client, self._client):
            kind = f"httpx.{self._client.__name__}"
            given = Unseen(a(type(http_client).__name__))
            raise InvalidArgumentType("http_client", given, f"It must be an {kind}.")
        elif http_client.is_closed:
            raise InvalidArgument("http_client", http_client, "It is closed.", "Give an open one.")
        else:
            make, build = partial(self._by_client, http_client), http_client.build_request
        self._shared: Shared[T] = Shared(build, make, is_given=http_client is not None)
        self._bind()

    @abstractmethod
    def _bind(self) -> None:
        """Hand the generated endpoints this copy as their HTTP client."""

    def with_options(self, timeout: float | None = None, quota_project: str | None = None) -> Self:
        """A copy on the same connections."""
        made = copy.copy(self)
        made._timeout = self._timeout if timeout is None else timeout
        if quota_project is not None:
            made.access = self.access.charging(quota_project)
        made._bind()
        return made

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
        self, pool: Pool[T], request: httpx.Request, scope: anyio.CancelScope | None = None
    ) -> Exchange:
        self.check_usable()  # it may have waited for a connection
        shared, seconds = self._shared, self._timeout + held(request)
        exchange = Exchange(self.access.host, seconds, lambda: shared.closed, pool.under_way, scope)
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
            self._shared.pools.add(Pool(self._shared.make))

    def request(self, **asked: Unpack[Asked]) -> Success:
        """Send a request, with a token, and give the JSON object that came of it."""
        self.check_usable()
        with Guarded():
            return self._answer(self._request(asked))

    def _answer(self, request: httpx.Request) -> Success:
        (pool,) = self._shared.pools
        auth = self.access.auth or httpx.Auth()
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
        auth = self.access.auth or httpx.Auth()
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
        self, pool: Pool[httpx.AsyncBaseTransport], request: httpx.Request
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

    async def _pool(self) -> Pool[httpx.AsyncBaseTransport]:
        shared = self._shared
        if (pool := shared.of_loop.get()) is None:
            if shared.is_given and shared.has_connected:
                told = "The http_client has connections of another event loop"
                raise ClientUnusable(told, "Give each loop one of its own.")
            pool = Pool(shared.make)
            shared.of_loop.set(pool)
            pool.keeper = keep(shared.pools, pool)
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
