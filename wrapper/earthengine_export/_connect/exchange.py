"""One request on its way: bounded as a whole, known to be sent or not, and free of secrets when it fails.

httpx times each read, not the whole, and does not say whether it had begun to send. What is missing is
learned through httpcore's `trace` extension, which tells of each step and hands out the streams. A transport
that does not know the extension is judged by what it raises.
"""

from __future__ import annotations

import socket
import ssl
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, closing, suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, cast

import anyio
import httpx

from ..errors import ClientUnusable, ConnectionFailed, EarthEngineError

MOST = 64 * 2**20  # bytes of a reply, and of what it unpacks to; a page of 500 operations has 0.5 MB
_SLICE = 2**16  # bytes that are sent between two looks at the clock
_CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)
# Whose frames hold headers and bodies as they are sent. This package's own hold them for a moment, too.
_HERE = __name__.rpartition(".")[0]
_LIBRARIES = {
    *sys.stdlib_module_names,
    *("anyio", "cryptography", "google", "h11", "h2", "httpcore", "httpx", "outcome", "pyreqwest"),
    *("requests", "rsa", "sniffio", "socksio", "trio", "urllib3"),
}  # fmt: skip


class Exchange:
    """A context in which one request is sent and its reply is read.

    Args:
        host: Whom it goes to, for messages.
        seconds: How long the whole may take, from the moment when it has a connection or begins to make one.
        is_closed: Whether the client was closed meanwhile.
        under_way: Where it is found as long as it lasts.
        scope: What bounds it in an event loop; None where it blocks.

    Attributes:
        sent: Whether any of the request was sent; None where the transport does not tell.
        overlong: The head of a reply whose body was too long to be read in an event loop.

    Raises:
        ConnectionFailed: No reply came.
        ClientUnusable: The client was closed meanwhile.
    """

    def __init__(
        self,
        host: str,
        seconds: float,
        is_closed: Callable[[], bool] = lambda: False,
        under_way: set[Exchange] | None = None,
        scope: anyio.CancelScope | None = None,
    ) -> None:
        self.sent: bool | None = None
        self.overlong: httpx.Response | None = None
        self._host, self._seconds, self._is_closed, self._scope = host, seconds, is_closed, scope
        self._under_way = set() if under_way is None else under_way
        self._stream: Any = None  # httpcore's, of either world
        self._reads = 0
        self._older = sys.exception()
        self._begin()

    def _begin(self) -> None:
        """Start the clock: it has waited for a connection until now."""
        self._deadline = time.monotonic() + self._seconds
        if self._scope is not None:
            self._scope.deadline = anyio.current_time() + self._seconds

    def __enter__(self) -> Exchange:
        self._under_way.add(self)
        self._token = _CURRENT.set(self)
        return self

    def __exit__(self, _: object, error: BaseException | None, trace: TracebackType | None) -> None:
        _CURRENT.reset(self._token)
        self._under_way.discard(self)
        if isinstance(error, EarthEngineError) or not isinstance(error, Exception):
            return
        # What a hook or a transport of the caller's own raises is the caller's to see.
        if isinstance(error, (httpx.HTTPError, httpx.StreamError)) or not _without_libraries(trace):
            raise self._failure(error) from error

    @property
    def extensions(self) -> dict[str, Any]:
        """The extensions of the request. Waiting for a connection is no fault of the service: no bound."""
        timeout = {**dict.fromkeys(("connect", "read", "write"), self._seconds), "pool": None}
        return {"timeout": timeout, "trace": self._trace if self._scope is None else self._async_trace}

    def left(self, timeout: float | None = None) -> float:
        """The seconds that are left, or `timeout` if that is less.

        Raises:
            TimeoutError: There are none.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the reply was not complete in time")
        return left if timeout is None else min(left, timeout)

    def interrupt(self) -> None:
        """End it; from another thread, in that its reads and writes fail."""
        if self._scope is not None:
            self._scope.cancel()
        elif self._stream is not None:
            with suppress(OSError):
                # Not the method of an SSL socket, which forgets its state under the other thread.
                socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)

    async def _async_trace(self, event: str, info: Mapping[str, Any]) -> None:
        self._trace(event, info)

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if self.sent is None:  # the first step
            self.sent = False
            self._begin()
        step = event.partition(".")[2]
        if step in {"connect_tcp.started", "send_request_headers.started"} and self._is_closed():
            raise httpx.CloseError("the client was closed")
        match step:
            case "connect_tcp.complete" | "connect_unix_socket.complete" | "start_tls.complete":
                _bound(info["return_value"])
            case "send_request_headers.started":
                # A proxy that was asked to connect has passed nothing on yet.
                self.sent, self._reads = info["request"].method != b"CONNECT", 0
            case "receive_response_headers.complete" if event.startswith("http11") and not self._reads:
                raise httpx.RemoteProtocolError("the connection held a reply from before the request")

    def took(self, stream: Any) -> None:
        """A read of the stream is about to be made for it."""
        self._stream = stream
        self._reads += 1

    def _failure(self, error: Exception) -> EarthEngineError:
        if self._is_closed():
            closed = ClientUnusable("This client was closed while the request was under way")
            closed.may_exist = self.sent is not False
            return closed
        fault, status = fault_of(error, sent=self.sent, older=self._older)
        why = str(error).rstrip(".") or type(error).__name__
        return ConnectionFailed(f"No reply from {self._host} ({fault}): {why}.", fault=fault, status=status)


def _bound(stream: Any) -> None:
    """Let a connection look at the clock of the exchange that it is used for, in each read and write."""
    read, write = stream.read, stream.write

    def bounded_read(max_bytes: int, timeout: float | None = None) -> Any:  # bytes, or what to await for them
        if exchange := _CURRENT.get():
            exchange.took(stream)
            timeout = exchange.left(timeout)
        return read(max_bytes, timeout)

    def bounded_write(buffer: bytes, timeout: float | None = None) -> None:
        exchange = _CURRENT.get()
        for start in range(0, len(buffer), _SLICE):
            write(buffer[start : start + _SLICE], exchange.left(timeout) if exchange else timeout)

    stream.read = bounded_read
    if hasattr(stream, "close"):  # in an event loop the scope bounds it
        stream.write = bounded_write


def fault_of(
    error: BaseException, *, sent: bool | None, older: BaseException | None = None
) -> tuple[str, int | None]:
    """The policy's name for what was raised without a reply, and the status of a proxy's refusal.

    Args:
        error: What was raised.
        sent: Whether any of the request was sent, if that is known.
        older: What the caller was handling before, which is not this one's cause.
    """
    causes: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one is not older and one not in causes:
        causes.append(one)
        one = one.__cause__ or one.__context__

    def is_any(*types: type[BaseException]) -> bool:
        return any(isinstance(cause, types) for cause in causes)

    if sent is None:
        # Of another transport's timeouts none is believed: pyreqwest's say "connecting" of a late reply.
        sent = not is_any(httpx.ConnectError, httpx.ProxyError, httpx.PoolTimeout)
    if sent:
        is_late = is_any(TimeoutError, httpx.TimeoutException)
        return ("timeout" if is_late else "connection-broken"), None
    if isinstance(error, httpx.ProxyError):
        status = int(number) if (number := str(error)[:3]).isdecimal() else None
        return ("407" if status == 407 else "connection-refused"), status
    if is_any(socket.gaierror):
        return "name-resolution", None
    # Who hangs up while the two sides greet may do better the next time.
    is_tls = is_any(ssl.SSLError) and not is_any(ssl.SSLEOFError)
    return ("tls" if is_tls else "connection-refused"), None


class ByClient(httpx.BaseTransport):
    """A client of the caller's own, in place of a connection of ours; it is the caller's to close."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with the client's hooks and cookies, and without its auth."""
        try:
            return self._client.send(request, stream=True, auth=None, follow_redirects=False)
        except httpx.HTTPStatusError as error:  # from a hook that calls raise_for_status
            return error.response


class ByAsyncClient(httpx.AsyncBaseTransport):
    """The same, awaited."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with the client's hooks and cookies, and without its auth."""
        try:
            return await self._client.send(request, stream=True, auth=None, follow_redirects=False)
        except httpx.HTTPStatusError as error:
            return error.response


def fetch(
    transport: httpx.BaseTransport, request: httpx.Request, exchange: Exchange
) -> tuple[httpx.Response, bytes | None]:
    """Send a request and read its reply; None in place of a body that is too long or cannot be unpacked."""
    response = transport.handle_request(request)
    response.request = request
    with closing(response):
        if (content := _kept(response)) is not None:
            return response, content
        body = Body(response.headers.get("content-encoding", ""))
        for piece in cast(httpx.SyncByteStream, response.stream):
            exchange.left()
            if not body.take(piece):
                break
    return response, body.unpacked()


async def async_fetch(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, exchange: Exchange
) -> tuple[httpx.Response, bytes | None]:
    """The same, awaited; a body that is too long ends in `exchange.overlong` and a cancellation."""
    response = await transport.handle_async_request(request)
    response.request = request
    async with aclosing(response):
        if (content := _kept(response)) is not None:
            return response, content
        body = Body(response.headers.get("content-encoding", ""))
        async for piece in cast(httpx.AsyncByteStream, response.stream):
            if not body.take(piece):
                # Not left by a break: httpx would not end its generators, and trio would complain of that.
                exchange.overlong = response
                exchange.interrupt()
    return response, body.unpacked()


def _kept(response: httpx.Response) -> bytes | None:
    """The body of a reply that was read already, as by a hook or by httpx.MockTransport."""
    try:
        return response.content
    except httpx.ResponseNotRead:
        return b"" if response.is_closed else None


class Body:
    """A reply's body as it comes, as far as it is wanted.

    Args:
        encoding: The content-encoding, "" for none.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._pieces: list[bytes] = []
        self._size = 0
        self.is_cut = False

    def take(self, piece: bytes) -> bool:
        """Add a piece; whether more is wanted."""
        self._size += len(piece)
        self.is_cut = self._size > MOST
        if not self.is_cut:
            self._pieces.append(piece)
        return not self.is_cut

    def unpacked(self) -> bytes | None:
        """The whole, or None where it cannot be unpacked, or not within the limit."""
        packed = b"".join(self._pieces)
        if self.is_cut or self._encoding in {"", "identity"}:
            return None if self.is_cut else packed
        if self._encoding not in {"gzip", "x-gzip", "deflate"}:
            return None
        unpacker = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)  # gzip or zlib, as it begins
        try:
            content = unpacker.decompress(packed, MOST)
        except zlib.error:
            return None
        return content if unpacker.eof else None


class Guarded:
    """Takes the frames that may hold a secret out of all that is raised in it, and leaves what is older.

    No generator with `contextlib`, which puts the frames back.
    """

    def __enter__(self) -> None:
        self._older = sys.exception()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        for one in _chain(error, self._older):
            one.__traceback__ = _without_libraries(one.__traceback__)


def _chain(error: BaseException | None, older: BaseException | None) -> Iterator[BaseException]:
    """An exception and all that hangs on it, up to one that was being handled before."""
    todo: list[BaseException | None] = [error]
    seen = {id(None), id(older)}
    while todo:
        one = todo.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__context__, one.__cause__, *getattr(one, "exceptions", ())]


def _is_library(trace: TracebackType) -> bool:
    name = str(trace.tb_frame.f_globals.get("__name__"))
    return name.partition(".")[0] in _LIBRARIES or f"{name}.".startswith(f"{_HERE}.")


def _without_libraries(trace: TracebackType | None) -> TracebackType | None:
    kept = []
    while trace is not None:
        if not _is_library(trace):
            kept.append(trace)
        trace = trace.tb_next
    rest = None
    for one in reversed(kept):
        rest = TracebackType(rest, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return rest
