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
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, cast

import anyio
import httpx

from ..errors import ClientUnusable, ConnectionFailed, EarthEngineError
from .frames import without_libraries

if TYPE_CHECKING:
    import httpcore

    Stream = httpcore.NetworkStream | httpcore.AsyncNetworkStream

_SLICE = 2**16  # bytes that are sent between two looks at the clock
_CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


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
        self._stream: Stream | None = None
        self._reads = 0
        self._older = sys.exception()
        self._begin()

    def _begin(self) -> None:
        """Start the clock. Before this the request may have waited for a free connection."""
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
        if error is not None and self._scope is None and self._stream is not None:
            self._stream.get_extra_info("socket").close()  # nobody uses the connection again
        if isinstance(error, EarthEngineError) or not isinstance(error, Exception):
            return
        # What a hook or a transport of the caller's own raises is the caller's to see.
        if isinstance(error, (httpx.HTTPError, httpx.StreamError)) or not without_libraries(trace):
            raise self._failure(error) from error

    @property
    def extensions(self) -> dict[str, object]:
        """The extensions of the request. To wait for a free connection has no bound: it is no fault."""
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

    async def _async_trace(self, event: str, info: Mapping[str, object]) -> None:
        self._trace(event, info)

    def _trace(self, event: str, info: Mapping[str, object]) -> None:
        if self.sent is None:  # the first step
            self.sent = False
            self._begin()
        step = event.partition(".")[2]
        if step in {"connect_tcp.started", "send_request_headers.started"} and self._is_closed():
            raise httpx.CloseError("the client was closed")
        match step:
            case "connect_tcp.complete" | "connect_unix_socket.complete" | "start_tls.complete":
                _bound(cast("Stream", info["return_value"]))
            case "send_request_headers.started":
                # A proxy that was asked to connect has passed nothing on yet.
                self.sent, self._reads = cast("httpcore.Request", info["request"]).method != b"CONNECT", 0
            case "receive_response_headers.complete" if event.startswith("http11") and not self._reads:
                raise httpx.RemoteProtocolError("the connection held a reply from before the request")

    def took(self, stream: Stream) -> None:
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
        if fault == "connection-refused" and "EMULATOR" in self._host:
            why += ". Does the emulator run there? `python -m earthengine_emulator --port …` starts it"
        return ConnectionFailed(f"No reply from {self._host} ({fault}): {why}.", fault=fault, status=status)


def _bound(stream: Stream) -> None:
    """Let a connection look at the clock of the exchange that it is used for, in each read and write."""
    read, write = stream.read, stream.write

    # It gives bytes, or an awaitable of them.
    def bounded_read(max_bytes: int, timeout: float | None = None) -> object:
        if exchange := _CURRENT.get():
            exchange.took(stream)
            timeout = exchange.left(timeout)
        return read(max_bytes, timeout)

    def bounded_write(buffer: bytes, timeout: float | None = None) -> None:
        exchange = _CURRENT.get()
        for start in range(0, len(buffer), _SLICE):
            write(buffer[start : start + _SLICE], exchange.left(timeout) if exchange else timeout)

    vars(stream)["read"] = bounded_read
    if hasattr(stream, "close"):  # in an event loop the scope bounds it
        vars(stream)["write"] = bounded_write


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
