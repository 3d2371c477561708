"""The HTTP clients under the generated layer: every bad reply becomes this library's error here.

The generated code parses what it gets and trips over HTML, over an empty body, and over a status that
`http.HTTPStatus` does not know. So `send`, which sits below it and above the auth flow, lets only one thing
through: a JSON object under a success status. All else is raised as a `RequestError`.
"""

from __future__ import annotations

import json
import math
import os
import re
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

import anyio
import httpx
import sniffio

from ..errors import (
    ApiError,
    BadReply,
    ClientUnusable,
    ConnectionFailed,
    RequestError,
)
from ..rest import KNOWN, JsonBody
from .faults import rule_for

# The service takes 40 concurrent requests.
LIMITS = httpx.Limits(max_connections=40, max_keepalive_connections=40, keepalive_expiry=30)
_SHOWN = 300  # characters of a foreign reply in a message
_SURROGATES = (b"\\ud", b"\\uD", b"\xed")  # how one begins, written in ASCII or as it is

QUEUE_FULL = "too many tasks already in the queue"
DUPLICATE_REQUEST = "already started with the given request_id"


class _NoCookies(httpx.Cookies):
    """Keeps nothing: the service sets no cookies, and to look for them takes a tenth of a request's time."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Find none."""


class _Usable:
    """Refuses to send when the client was closed, or came here through a fork with another's connections."""

    is_closed: bool

    def __init__(self, *, base_url: str, **options: Any) -> None:
        super().__init__(**options)
        # Not httpx's own, with which it parses each URL twice.
        self._root = base_url
        self._cookies: httpx.Cookies = _NoCookies()
        self._process = os.getpid()
        self._dated = ("", 0.0)

    @property
    def ahead(self) -> float | None:
        """By how many seconds the service's clock is ahead of this one; None before a reply has told it."""
        text, heard = self._dated
        date = _http_date(text)
        return None if date is None else date + 0.5 - heard  # a Date is in whole seconds, rounded down

    def _look_at_date(self, response: httpx.Response) -> None:
        self._dated = (response.headers.get("date", ""), time.time())

    def check_usable(self) -> None:
        """Raise `ClientUnusable` if nothing may be sent."""
        if self.is_closed:
            raise ClientUnusable("This client is closed")
        if os.getpid() != self._process:
            raise ClientUnusable(
                "This client was made before a fork, and its connections belong to the other process",
                "Make a client in each process.",
            )


class SyncHttp(_Usable, httpx.Client):
    """httpx.Client that returns JSON objects and raises `RequestError` for everything else."""

    def build_request(self, method: str, url: httpx.URL | str, **kwargs: Any) -> httpx.Request:
        return super().build_request(method, _parsed(f"{self._root}{url}"), **_ready(kwargs))

    def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        self.check_usable()
        limit = _prepare(request)
        with _translated(request):
            response = super().send(request, **{**kwargs, "stream": True})
            self._look_at_date(response)
            response.stream = Bounded(response.stream, limit)
            try:
                response.read()
            finally:
                response.close()
        return _checked(response)


class AsyncHttp(_Usable, httpx.AsyncClient):
    """httpx.AsyncClient that returns JSON objects and raises `RequestError` for everything else."""

    def build_request(self, method: str, url: httpx.URL | str, **kwargs: Any) -> httpx.Request:
        return super().build_request(method, _parsed(f"{self._root}{url}"), **_ready(kwargs))

    async def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:
        self.check_usable()
        limit = _prepare(request)
        with _translated(request):
            response = await super().send(request, **{**kwargs, "stream": True})
            self._look_at_date(response)
            try:
                with anyio.fail_after(limit):
                    await response.aread()
            finally:
                await response.aclose()
        return _checked(response)


class Bounded(httpx.SyncByteStream):
    """A reply's body that must be complete in some seconds: httpx times each read, not all of them."""

    def __init__(self, stream: Any, seconds: float) -> None:
        self._stream = stream
        self._deadline = time.monotonic() + seconds

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._deadline:
                raise httpx.ReadTimeout("the reply was not complete in time")
            yield chunk

    def close(self) -> None:
        self._stream.close()


class FastestTransport(httpx.AsyncBaseTransport):
    """aiohttp's connections where they can be had, which serve 40 requests at once several times faster.

    httpx-aiohttp is an extra, knows asyncio only, and is given no proxies; otherwise httpx's own are used.
    Which it is shows when the first request is sent: a client may be made before there is an event loop.
    """

    def __init__(self, verify: ssl.SSLContext) -> None:
        self._verify = verify
        self._chosen: httpx.AsyncBaseTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._chosen is None:
            self._chosen = self._choose()
        return await self._chosen.handle_async_request(request)

    def _choose(self) -> httpx.AsyncBaseTransport:
        if sniffio.current_async_library() != "asyncio" or not find_spec("httpx_aiohttp"):
            return _Lanes(self._verify)
        import aiohttp
        from httpx_aiohttp import AiohttpTransport

        def session() -> aiohttp.ClientSession:
            connector = aiohttp.TCPConnector(limit=LIMITS.max_connections or 0, ssl=self._verify)
            made = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
            # It would repeat a DELETE whose connection broke, unseen by the policy. There is no public way.
            made._retry_connection = False
            return made

        return AiohttpTransport(client=session, verify=self._verify, limits=LIMITS)

    async def aclose(self) -> None:
        if self._chosen is not None:
            await self._chosen.aclose()


class _Lanes(httpx.AsyncBaseTransport):
    """Pools of one connection each, as many as there may be connections.

    httpcore looks at every connection of a pool for every request: with 40 at once, for milliseconds.
    """

    def __init__(self, verify: ssl.SSLContext) -> None:
        count = LIMITS.max_connections or 1
        limits = httpx.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=LIMITS.keepalive_expiry
        )
        self._idle = [httpx.AsyncHTTPTransport(verify=verify, limits=limits) for _ in range(count)]
        self._lanes = tuple(self._idle)
        self._free = anyio.Semaphore(count)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with self._free:
            lane = self._idle.pop()  # the one used last: no more connections than requests
            try:
                response = await lane.handle_async_request(request)
                try:
                    with anyio.fail_after(request.extensions["timeout"]["read"]):
                        await response.aread()  # after which the lane is free
                finally:
                    await response.aclose()
            finally:
                self._idle.append(lane)
        return response

    async def aclose(self) -> None:
        for lane in self._lanes:
            await lane.aclose()


def tls_context(base_url: str) -> ssl.SSLContext:
    """The certificates to trust, read once for all clients: it takes longer than most requests."""
    if httpx.URL(base_url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and is not used
    return _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _trusted(*_: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()  # which reads these variables


def _prepare(request: httpx.Request) -> float:
    """Set the timeouts, and give the seconds in which the body must have come."""
    body = request.content
    timeout: dict[str, float | None] = {**request.extensions["timeout"], "pool": None}
    if request.url.raw_path.endswith(b":wait"):
        asked = float(json.loads(body)["timeout"].removesuffix("s"))
        timeout["read"] = (timeout["read"] or 0.0) + asked
    # Waiting for one of the connections is no fault of the service, and has no end but the caller's.
    request.extensions["timeout"] = timeout
    return timeout["read"] or math.inf


@lru_cache(maxsize=128)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)  # which takes a tenth of a request's time, and most requests have the same


def _ready(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `build_request`, with a body that is encoded already sent as it is."""
    # With an empty dict httpx would parse the URL once more.
    kwargs["params"] = kwargs.get("params") or None
    body = kwargs.get("json")
    if isinstance(body, JsonBody):
        headers = {**(kwargs.get("headers") or {}), "Content-Type": "application/json"}
        kwargs |= {"json": None, "content": body.content, "headers": headers}
    return kwargs


@contextmanager
def _translated(request: httpx.Request) -> Iterator[None]:
    """Turn what is raised without a reply into `ConnectionFailed`, with the policy's name for the fault."""
    try:
        yield
    except _broken() as error:
        fault = fault_of(error)
        why = str(error).rstrip(".") or type(error).__name__
        for cause in _causes(error):
            # aiohttp's frames hold the headers, and a report that shows local variables would show the token.
            cause.__traceback__ = None
        raise ConnectionFailed(f"No reply from {request.url.host} ({fault}): {why}.", fault=fault) from error


def _broken() -> tuple[type[Exception], ...]:
    """What may be raised where no reply comes; httpx-aiohttp does not translate all of aiohttp's own."""
    aiohttp = sys.modules.get("aiohttp")
    return (httpx.HTTPError, httpx.StreamError, OSError, *((aiohttp.ClientError,) if aiohttp else ()))


def fault_of(error: BaseException) -> str:
    """The policy's name for what was raised without a reply."""
    causes = list(_causes(error))

    def caused_by(*types: type[BaseException]) -> bool:
        return any(isinstance(cause, types) for cause in causes)

    aiohttp = sys.modules.get("aiohttp")
    own = [cause for cause in causes if aiohttp and isinstance(cause, aiohttp.ClientError)]
    if aiohttp and own:  # httpx-aiohttp calls most of them a ConnectTimeout
        connecting = isinstance(own[0], (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
    else:
        connecting = caused_by(httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
    if connecting:
        if caused_by(socket.gaierror):
            return "name-resolution"
        # Who hangs up while the two sides greet may do better the next time.
        is_tls = caused_by(ssl.SSLError) and not caused_by(ssl.SSLEOFError)
        return "tls" if is_tls else "connection-refused"
    if caused_by(TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout):
        return "timeout"
    return "connection-broken"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _checked(response: httpx.Response) -> httpx.Response:
    """The reply, if it is a JSON object under a success status; the generated code can parse that."""
    status = response.status_code
    if status >= 400:
        raise _api_error(response)
    known = response.request.extensions.get(KNOWN)
    reply = known.body if known and known.content == response.content else _json_object(response.content)
    if status >= 300:
        where = _excerpt(response.headers.get("location", "?").encode())
        raise BadReply(
            f"{response.url.host} answered {status}, a redirect to {where}; it is not followed, since "
            "credentials go to the service only.",
            fault="redirect",
            status=status,
        )
    if reply is None or status < 200:
        kind = response.headers.get("content-type", "no content type")
        raise BadReply(
            f"{response.url.host} answered {status} with something that is not a JSON object "
            f"({len(response.content)} bytes, {kind}): {_excerpt(response.content)}.",
            fault="bad-reply",
            status=status,
        )
    response.status_code = 200  # the one success that the reference knows; the generated code ignores others
    response.json = lambda **_: reply  # type: ignore[method-assign] # a page of 500 is not parsed twice
    return response


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        reply = json.loads(content)
        if any(sign in content for sign in _SURROGATES):
            # Half a character, which JSON can carry: no log, file or terminal takes a text that holds one.
            reply = json.loads(json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return reply if isinstance(reply, dict) else None


def _excerpt(content: bytes) -> str:
    """The beginning of a foreign text. Its charset is not asked for: Python takes some that are none."""
    text = " ".join(_unsigned(content[: 4 * _SHOWN]).decode("utf-8", "replace").split())
    return repr(text[:_SHOWN] + "…" if len(text) > _SHOWN else text)


_BEARER = re.compile(rb"""(?i)(\bbearer\s+)[^\s"'<>\\]+""")


def _unsigned(content: bytes) -> bytes:
    """The content without a token: a proxy's page may repeat the request's headers."""
    return _BEARER.sub(rb"\1[token]", content)


def _api_error(response: httpx.Response) -> RequestError:
    """The error for a status of 400 or more; its class is what the policy's table says."""
    status = response.status_code
    content = _unsigned(response.content)
    error = (_json_object(content) or {}).get("error")
    # OAuth-style replies ({"error": "invalid_token"}) and proxies do not follow google.rpc.Status.
    body: dict[str, Any] = error if isinstance(error, dict) else {}
    message, reason, details = body.get("message"), body.get("status"), body.get("details")
    if not isinstance(message, str) or not message:
        said = f"{status} {response.reason_phrase}".strip()
        message = f"{response.url.host} answered {said}: {_excerpt(content)}."
    fault = str(status)
    if QUEUE_FULL in message.lower():
        fault = "queue-full"
    elif DUPLICATE_REQUEST in message.lower():
        fault = "duplicate-request"
    cls = rule_for(fault).raises
    if not issubclass(cls, ApiError):
        raise TypeError(f"the retry policy gives {cls.__name__} for the status {status}")
    failure = cls(
        message,
        status=status,
        reason=reason if isinstance(reason, str) else "",
        details=details if isinstance(details, list) else (),
        retry_after=retry_after(response),
    )
    failure.fault = fault
    return failure


def retry_after(response: httpx.Response) -> float | None:
    """The seconds of a Retry-After header, which holds seconds or an HTTP date."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    until = _http_date(text)
    if until is None:
        return None
    # Against the sender's clock, which may differ from this machine's.
    now = _http_date(response.headers.get("date", ""))
    return max(0.0, until - (time.time() if now is None else now))


def _http_date(text: str) -> float | None:
    """Seconds since 1970."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
