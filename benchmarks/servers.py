"""Static servers: they answer at once, always the same, and know nothing.

nginx where it is installed, else a small one of ours; and ours where a reply is to come late. Each runs in a
process of its own and counts the connections that were made to it.
"""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ee

OPERATIONS = 3_000
PAGE = 500
PROJECT = "my-project"
ROOT = Path(__file__).resolve().parent.parent


def operation(number: int) -> dict[str, Any]:
    """An operation that runs, about as large as the service's own."""
    return {
        "name": f"projects/{PROJECT}/operations/{number:024X}",
        "metadata": {
            "@type": "type.googleapis.com/google.earthengine.v1beta.OperationMetadata",
            "state": "RUNNING",
            "description": f"tile_{number:06}",
            "priority": 100,
            "createTime": f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.123456Z",
            "updateTime": "2026-01-01T02:00:00.123456Z",
            "startTime": "2026-01-01T01:00:00.123456Z",
            "type": "EXPORT_IMAGE",
            "attempt": 1,
            "progress": 0.25,
            "destinationUris": [
                f"https://console.developers.google.com/storage/browser/my-bucket/tile_{number:06}"
            ],
            "stages": [
                {
                    "displayName": name,
                    "completeWorkUnits": 3.5,
                    "totalWorkUnits": "14",
                    "description": "Work on the pixels of the image, one block after the other.",
                }
                for name in ("Create Local Files", "Write Files to Destination")
            ],
            "batchEecuUsageSeconds": 12.5,
        },
    }


_NUMBER = f"{0:024X}"


def started() -> dict[str, Any]:
    """The operation of a submit: not older than it. Each reply has another number in its name."""
    new = operation(0)
    new["metadata"]["createTime"] = "2099-01-01T00:00:00.123456Z"
    return new


def _files(operations: int) -> dict[str, bytes]:
    """Every reply, by the name of its file."""
    pages = {}
    for first in range(0, operations, PAGE):
        page: dict[str, Any] = {"operations": [operation(first + one) for one in range(PAGE)]}
        if first + PAGE < operations:
            page["nextPageToken"] = str(first + PAGE)
        # Written as the service does it, which for very many takes long.
        pages[f"page{first}"] = json.dumps(page, indent=1 if operations <= OPERATIONS else None).encode()
    published = Path(ee.__file__).with_name("tests")
    return {
        "operation": json.dumps(started(), indent=1).encode(),
        # What the official client reads before its first call.
        "discovery": (published / "cloud_api_discovery_document.json").read_bytes(),
        "algorithms": (published / "algorithms.json").read_bytes(),
        **pages,
    }


class _Static(asyncio.Protocol):
    """HTTP/1.1 as far as these clients use it."""

    made = 0
    started = 0
    listed = 0

    def __init__(self, replies: dict[str, bytes], delay: float, changing: bool) -> None:
        self._replies = replies
        self._delay = delay
        self._changing = changing
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        _Static.made += 1
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            length = re.search(rb"content-length: *(\d+)", self._received[:end], re.IGNORECASE)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < size:
                return
            target = self._received.split(b" ", 2)[1].decode()
            del self._received[:size]
            if target == "/connections":
                self._transport.write(_answer(b"accepts\n %d\n" % _Static.made))
            elif self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._transport.write, self._reply(target))
            else:
                self._transport.write(self._reply(target))

    def _reply(self, target: str) -> bytes:
        path, _, query = target.partition("?")
        if path.endswith("/operations"):
            token = re.search(r"pageToken=(\d+)", query)
            page = self._replies[f"page{token[1] if token else 0}"]
            if not self._changing:
                return page
            _Static.listed += 1
            return page.replace(b"T02:00:00.123456Z", b"T02:00:00.%06dZ" % _Static.listed)
        for name in ("discovery", "algorithms"):
            if name in path:
                return self._replies[name]
        _Static.started += 1
        return self._replies["operation"].replace(_NUMBER.encode(), f"{_Static.started:024X}".encode())


def _answer(content: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(content) + content


async def _serve(port: int, delay: float, changing: bool, operations: int) -> None:
    replies = {name: _answer(content) for name, content in _files(operations).items()}
    server = await asyncio.get_running_loop().create_server(
        lambda: _Static(replies, delay, changing), "127.0.0.1", port, backlog=1024
    )
    await server.serve_forever()


_NGINX = """
daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off; default_type application/json; sendfile on; tcp_nodelay on;
  keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_buffer_size 16m; client_max_body_size 16m;
  client_body_temp_path .; proxy_temp_path .; fastcgi_temp_path .; uwsgi_temp_path .; scgi_temp_path .;
  open_file_cache max=100; open_file_cache_valid 1h;
  map $arg_pageToken $page { default page0; "~^(?<token>[0-9]+)$" page$token; }
  server {
    listen 127.0.0.1:PORT backlog=1024;
    location = /connections { stub_status; }
    location ~ discovery { root files; try_files /discovery =404; }
    location ~ /algorithms$ { root files; try_files /algorithms =404; }
    location ~ /operations$ { root files; try_files /$page =404; }
    location / { return 200 'OPERATION'; }
  }
}
"""


def _nginx(folder: Path, port: int, operations: int) -> list[str]:
    files = folder / "files"
    files.mkdir()
    for name, content in _files(operations).items():
        (files / name).write_bytes(content)
    one_line = json.dumps(started()).replace(_NUMBER, "$request_id")  # nginx takes 4 kB to a word
    configuration = _NGINX.replace("PORT", str(port)).replace("OPERATION", one_line)
    configuration = configuration.replace("root files", f"root {files}")
    (folder / "nginx.conf").write_text(configuration, encoding="utf-8")
    return [nginx_path() or "", "-p", str(folder), "-c", "nginx.conf"]


def nginx_path() -> str | None:
    """Where nginx is, or None."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


@contextmanager
def running(delay: float = 0.0, *, changing: bool = False, operations: int = OPERATIONS) -> Iterator[str]:
    """A server in a process of its own; its URL.

    Args:
        delay: Seconds that each reply is held back.
        changing: Whether all operations have another `updateTime` in each list.
        operations: How many there are, a multiple of a page's.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        if nginx_path() and not delay and not changing:
            command = _nginx(Path(folder), port, operations)
        else:
            settings = [str(port), str(delay), str(int(changing)), str(operations)]
            command = [sys.executable, "-m", "benchmarks.servers", *settings]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            _await(url)
            yield url
        finally:
            process.terminate()
            process.wait()


def _await(url: str) -> None:
    for _ in range(1200):
        try:
            connections(url)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the static server did not start")


def connections(url: str) -> int:
    """How many connections the server has taken, this question's included."""
    with urllib.request.urlopen(f"{url}/connections") as reply:
        return int(re.findall(rb"accepts[^\d]*(\d+)", reply.read())[0])


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "1", int(sys.argv[4])))
