"""Faults that are queued per method, and the protocol that lets them act on the connection itself."""

import asyncio
import json
import socket
import struct
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from earthengine_emulator.errors import Refusal, error_body

# What each kind does, and whether the request is acted on first unless the fault says otherwise.
KINDS = {
    "pass": True,  # nothing but its delay
    "status": False,  # answer with `status`, `headers` and `body`
    "redirect": False,  # answer with `status` (307) and `location`
    "reset": False,  # break the connection with a TCP reset
    "close": True,  # end the connection in order, without a reply
    "truncate": True,  # half the reply, then the end of the connection: shorter than its Content-Length
    "cut-json": True,  # half the reply's JSON, with the Content-Length of that half
    "not-object": True,  # JSON that is not an object
    "html": True,  # a 200 that is a web page
    "trickle": True,  # the reply piece by piece, over `seconds`
    "idle-close": True,  # the reply, and `seconds` later the end of the idle connection, unannounced
}
_PIECES = 1000  # of a reply that trickles
HTML = "<!DOCTYPE html><html><title>Error (Server Error)!!1</title><p>The server encountered an error.</html>"


@dataclass
class Fault:
    """One thing that goes wrong, `times` times.

    Attributes:
        method: The method that it waits for: its operationId, or the last word of it; "*" is any.
        kind: A key of `KINDS`.
        times: How often it happens; None is for ever.
        delay: Seconds of wall-clock time before anything else.
        work: Whether the request is acted on before the fault; None is the kind's own.
        status: The HTTP status of "status" and "redirect".
        headers: Headers of that reply.
        body: Its body: JSON, or text to be sent as it is; None is Google's error body.
        location: Where "redirect" points.
        seconds: How long "trickle" takes and "idle-close" waits.
        consumed: How often it has happened.
    """

    method: str = "*"
    kind: str = "status"
    times: int | None = 1
    delay: float = 0.0
    work: bool | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    location: str = ""
    seconds: float = 0.0
    consumed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise Refusal(f"Unknown kind of fault {self.kind!r}. There are: {', '.join(KINDS)}.")
        if self.work is None:
            self.work = KINDS[self.kind]

    def waits_for(self, method: str) -> bool:
        """Whether it is to happen to a request of this method."""
        resource, _, verb = method.rpartition(".")
        short = verb if resource in ("projects.image", "projects.operations") else method
        return self.method in ("*", method, short) and self.consumed != self.times


class Watch:
    """What goes wrong, and what was asked: fault queue, counters and a log. Used in the server's thread."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.open_connections = self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Set every counter to zero and forget the log."""
        self.requests: Counter[str] = Counter()
        self.log: deque[dict[str, Any]] = deque(maxlen=1000)
        self.connections = 0
        self.most_connections = self.open_connections
        self.most_in_flight = self.in_flight

    def see(self, method: str, request: Request) -> None:
        """Count and log a request."""
        self.requests[method] += 1
        self.log.append(
            {
                "method": method,
                "path": request.scope["path"],
                "query": request.scope["query_string"].decode("latin-1"),
                "headers": dict(request.headers),
            }
        )

    def next_fault(self, method: str) -> Fault | None:
        """The first fault that waits for this method; it counts as consumed."""
        for fault in self.faults:
            if fault.waits_for(method):
                fault.consumed += 1
                return fault
        return None

    def connection(self, change: int) -> None:
        """Count a connection that was made (1) or lost (-1)."""
        self.open_connections += change
        self.connections += max(change, 0)
        self.most_connections = max(self.most_connections, self.open_connections)

    def counters(self) -> dict[str, Any]:
        """The counters as the admin route shows them."""
        return {
            "requests": dict(self.requests),
            "connections": {
                "made": self.connections,
                "open": self.open_connections,
                "most_open": self.most_connections,
            },
            "most_in_flight": self.most_in_flight,
        }

    def fault_list(self) -> list[dict[str, Any]]:
        """The faults as the admin route shows them."""
        return [asdict(fault) for fault in self.faults]


async def respond(
    fault: Fault, act: Callable[[], Awaitable[Response]], scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer one request with a fault.

    Args:
        fault: What goes wrong.
        act: Acts on the request and makes the true reply.
        scope: The request, with its `transport`.
        receive: Where the request's messages come from.
        send: Where the reply goes.
    """
    transport = cast(asyncio.Transport, scope["transport"])
    await asyncio.sleep(fault.delay)
    response = await act() if fault.work else Response()
    body = bytes(response.body)
    match fault.kind:
        case "pass":
            await response(scope, receive, send)
        case "status" | "redirect":
            await _scripted_reply(fault)(scope, receive, send)
        case "cut-json":
            await Response(body[: len(body) // 2], media_type="application/json")(scope, receive, send)
        case "not-object":
            await JSONResponse(["not", "an", "object"])(scope, receive, send)
        case "html":
            await Response(HTML, media_type="text/html")(scope, receive, send)
        case "trickle":
            await _begin(response, send)
            size = max(1, len(body) // _PIECES)
            for start in range(0, len(body), size):
                piece = body[start : start + size]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                await asyncio.sleep(fault.seconds * len(piece) / len(body))
            await send({"type": "http.response.body"})
        case "idle-close":
            await response(scope, receive, send)
            asyncio.get_running_loop().call_later(fault.seconds, transport.close)
        case "truncate":
            await _begin(response, send)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            transport.close()
            await _disconnected(receive)
        case "close":
            transport.close()
            await _disconnected(receive)
        case _:
            # With a linger time of zero the kernel sends a reset instead of an orderly end.
            linger = struct.pack("ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
            await _disconnected(receive)


def _scripted_reply(fault: Fault) -> Response:
    status = fault.status or (307 if fault.kind == "redirect" else 503)
    headers = dict(fault.headers)
    if fault.kind == "redirect":
        headers["location"] = fault.location
    body = (
        error_body(status, f"A fault of status {status} was asked for.") if fault.body is None else fault.body
    )
    if isinstance(body, str):
        return Response(body, status, {"content-type": "text/html; charset=utf-8"} | _lower(headers))
    return Response(json.dumps(body), status, {"content-type": "application/json"} | _lower(headers))


def _lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


async def _begin(response: Response, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    )


async def _disconnected(receive: Receive) -> None:
    # uvicorn answers 500 for an app that ends without a reply, unless the connection is known to be gone.
    message: Message = {}
    while message.get("type") != "http.disconnect":
        message = await receive()
