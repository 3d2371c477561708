"""A proxy before the emulator: it removes files and assets too, and bends what passes through."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from earthengine_emulator import Emulator


@dataclass
class Exchange:
    """A request, and the reply that it will get once `status` is set."""

    verb: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    anonymous: bool
    status: int = 0
    reply: Any = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Which export it submits: the last part of its requestId."""
        return str(self.body.get("requestId", "")).partition("-")[2] if self.path.endswith(":export") else ""

    def refuse(self, status: int, word: str, message: str = "No.") -> None:
        """Answer with an error of Google's form."""
        self.status = status
        self.reply = {"error": {"code": status, "status": word, "message": message}}


Twist = Callable[[Exchange], None]


class Bends:
    """What is done to a request before it is sent on, and to its reply after."""

    def before(self, exchange: Exchange) -> None:
        """Nothing."""

    def after(self, exchange: Exchange) -> None:
        """Nothing."""


@contextmanager
def proxy(emulator: Emulator, bends: Bends) -> Iterator[str]:
    """Host and port of a proxy."""
    onward = httpx.Client(base_url=emulator.base_url, timeout=60)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def answer(self) -> None:
            url = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            exchange = Exchange(
                self.command,
                url.path,
                dict(parse_qsl(url.query)),
                json.loads(raw) if raw else {},
                "authorization" not in self.headers,
            )
            bends.before(exchange)
            if not exchange.status:
                self.send_on(exchange)
            bends.after(exchange)
            content = exchange.reply
            if not isinstance(content, bytes):
                content = json.dumps(content).encode()
            self.send_response(exchange.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the base class names them

        def send_on(self, exchange: Exchange) -> None:
            store = emulator.output / "gs"
            if exchange.path.startswith("/storage/v1/b/"):
                bucket, _, name = exchange.path.removeprefix("/storage/v1/b/").partition("/o")
                file = store / bucket / unquote(name.removeprefix("/"))
                if not name.strip("/"):
                    names = [path.relative_to(file).as_posix() for path in file.rglob("*") if path.is_file()]
                    found = [one for one in names if one.startswith(exchange.query.get("prefix", ""))]
                    exchange.status, exchange.reply = 200, {"items": [{"name": one} for one in found]}
                else:
                    self.take(exchange, file)
            elif exchange.verb == "DELETE" and "/assets/" in exchange.path:
                name = exchange.path.removeprefix("/v1beta/")
                self.take(exchange, emulator.output / "assets" / f"{name}.tif")
            else:
                reply = onward.request(
                    exchange.verb, exchange.path, params=exchange.query, json=exchange.body or None
                )
                exchange.status, exchange.reply = reply.status_code, reply.json()

        def take(self, exchange: Exchange, file: Path) -> None:
            if not file.is_file():
                exchange.refuse(404, "NOT_FOUND")
            elif exchange.verb == "DELETE":
                file.unlink()
                exchange.status = 200
            else:
                exchange.status, exchange.reply = 200, file.read_bytes()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, onward:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
