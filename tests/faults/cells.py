"""How each fault of the policy table is brought about, and how each method is called."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import trustme
from google.auth.credentials import Credentials

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export.rest import ApiMethod
from tests.worlds import World

TIMEOUT = 0.15  # seconds, of the clients that are to run into it
METHODS: tuple[ApiMethod, ...] = ("export", "get", "list", "wait", "cancel", "delete")
NAME = "projects/my-project/operations/X"


def export(description: str | None = "one", **options: Any) -> eex.ImageExport:
    options = {"to": eex.CloudStorage("bucket", filename_prefix="files"), "scale": 1000, **options}
    image = eex.load("USGS/SRTMGL1_003")
    return eex.ImageExport(image, description=description, region=(0, 0, 1, 1), **options)


def start(emulator: Emulator) -> str:
    """An operation that was started before any fault; its name."""
    with eex.Client("my-project", eex.anonymous(), emulator.base_url) as client:
        return client.submit(export("before")).name


def act(world: World, client: Any, method: str, name: str) -> Any:
    """Call one method as a user does; what it returns."""
    match method:
        case "export":
            return world.get(client.submit(export()))
        case "get":
            return world.get(client.operation(name).refresh())
        case "list":
            return list(world.each(client.operations()))
        case "wait":
            polling = eex.Polling(long_poll=TIMEOUT / 4)
            return world.get(client.operation(name).wait(timeout=1000, polling=polling))
        case "cancel":
            return world.get(client.operation(name).cancel())
        case _:
            return world.get(client.operation(name).delete())


def _refusal(status: int, message: str) -> dict[str, Any]:
    return {"kind": "status", "status": status, "body": {"error": {"code": status, "message": message}}}


def _later(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


# What the emulator is told to do, by the words of the policy table. Statuses need no words.
INJECTIONS: dict[str, Callable[[], dict[str, Any]]] = {
    "reset before the request is read": lambda: {"kind": "reset"},
    "reset after the work": lambda: {"kind": "reset", "work": True},
    "closed after the work": lambda: {"kind": "close"},
    "body shorter than its length": lambda: {"kind": "truncate"},
    "reply slower than the timeout": lambda: {"kind": "pass", "delay": 2 * TIMEOUT},
    "slow trickle": lambda: {"kind": "trickle", "seconds": 3 * TIMEOUT},
    "truncated JSON of the right length": lambda: {"kind": "cut-json"},
    "JSON that is no object": lambda: {"kind": "not-object"},
    "HTML": lambda: {"kind": "html"},
    "empty body": lambda: {"kind": "status", "status": 200, "body": "", "work": True},
    "redirect": lambda: {"kind": "redirect", "location": "https://elsewhere.invalid/"},
    "full queue": lambda: _refusal(
        429, "Too many tasks already in the queue (3000). Please wait for some of them to complete."
    ),
    "repeated requestId refused": lambda: {
        **_refusal(400, "A different Operation was already started with the given request_id."),
        "work": True,
    },
    "429 with Retry-After in seconds": lambda: {"status": 429, "headers": {"Retry-After": "30"}},
    "429 with Retry-After as a date": lambda: {
        "status": 429,
        "headers": {"Retry-After": _later(30), "Date": _later(0)},
    },
    "503 with Retry-After in seconds": lambda: {"status": 503, "headers": {"Retry-After": "30"}},
    "502 in HTML": lambda: {"status": 502, "body": "<html><h1>Bad Gateway</h1></html>"},
    "JSON labelled as text": lambda: {
        "status": 200,
        "headers": {"content-type": "text/plain"},
        "body": {"name": NAME, "done": True, "metadata": {"state": "SUCCEEDED"}},
    },
}


def injection(covered: str) -> dict[str, Any]:
    if covered.isdecimal():
        return {"kind": "status", "status": int(covered)}
    return INJECTIONS[covered]()


class Renewable(Credentials):
    """Credentials whose token is renewed without asking anybody."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "token-0"
        self.renewals = 0

    def refresh(self, request: object) -> None:
        self.renewals += 1
        self.token = f"token-{self.renewals}"


# Servers that cannot be reached


@contextmanager
def listening(serve: Callable[[socket.socket], None], backlog: int = 16) -> Iterator[str]:
    """Accept connections in a thread and hand them to `serve`; gives HOST:PORT."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as server:
        server.settimeout(0.02)
        ended = threading.Event()

        def accept() -> None:
            while not ended.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(5)
                    serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()


def _refused() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def _full(stack: ExitStack) -> str:
    """A port whose queue of connections is full: the kernel answers no more of them."""
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    for _ in range(4):
        waiting = stack.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(server.getsockname())
    return f"http://127.0.0.1:{server.getsockname()[1]}"


def _greet(connection: socket.socket) -> None:
    """TLS with a certificate of nobody's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    try:
        context.wrap_socket(connection, server_side=True).close()
    except OSError:
        return  # the client turns away


def _answer_in_plain(connection: socket.socket) -> None:
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def unreachable(covered: str) -> Iterator[str]:
    """A base_url that meets one of the faults of connecting."""
    with ExitStack() as stack:
        if covered == "name resolution fails":
            yield "https://earthengine.invalid"
        elif covered == "connection refused":
            yield _refused()
        elif covered == "no connection in time":
            yield _full(stack)
        else:
            serve = {
                "hung up while greeting": lambda connection: None,
                "untrusted certificate": _greet,
                "not TLS": _answer_in_plain,
            }[covered]
            yield f"https://{stack.enter_context(listening(serve))}"


UNREACHABLE = (
    "name resolution fails", "connection refused", "no connection in time", "hung up while greeting",
    "untrusted certificate", "not TLS",
)  # fmt: skip
