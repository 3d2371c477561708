"""Whatever bytes a server sends, what comes out is an answer or an error of this library."""

from __future__ import annotations

import json
import os
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export._connect.replies import http_date
from tests.faults import cells
from tests.worlds import World

# Replies for each world; `make chaos` gives twenty times as many.
IN_PROCESS = int(os.environ.get("FUZZ_REPLIES", "1000"))
OVER_SOCKETS = IN_PROCESS // 5
ODD: list[Any] = [
    None, True, 0, -1, 2**70, 1e308, float("nan"), "", "x", "\ud800", "1e999", "9" * 5000, [], {}, [None],
    [[]], {"": None}, {"name": 1}, "9999-99-99T99:99:99Z", "0001-01-01T00:00:00+23:59",
    "projects/../operations/..",
]  # fmt: skip
HEADERS = [
    {}, {}, {}, {"Content-Type": "text/html; charset=zlib"}, {"Content-Type": "text/plain; charset=\xff"},
    {"Content-Encoding": "gzip"}, {"Content-Encoding": "br, deflate"}, {"Retry-After": "\xb2"},
    {"Retry-After": "Thu, 01 Jan 1970 00:00:00"}, {"Location": "http://[::1"}, {"Location": "//\xff:x"},
    {"Set-Cookie": "=\x7f;;"}, {"Date": "yesterday", "Retry-After": "Sun, 06 Nov 2094 08:49:37 GMT"},
]  # fmt: skip
STATUSES = [
    *[200] * 16, 201, 204, 206, 300, 301, 304, 307, 399, 400, 401, 404, 409, 418, 429, 499, 500, 501, 599,
    600, 999,
]  # fmt: skip


# Where a body cannot be decoded, httpx leaves its generators to be collected, of which trio complains.
in_spite_of_httpx = pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")


@pytest.fixture(scope="module")
def replies(shared_emulator: Emulator) -> list[bytes]:
    """Real replies: of a new operation, a failed one, one that has succeeded, a page, an error, and {}."""
    shared_emulator.reset()
    url = f"{shared_emulator.base_url}/v1beta/"
    shared_emulator.script("next", outcome={"error": {"code": 3, "message": "no", "details": [{}]}})
    names = [cells.start(shared_emulator), cells.start(shared_emulator)]
    with httpx.Client(base_url=url) as client:
        found = [client.get(names[0]).content]
        shared_emulator.advance(1e6)
        found += [client.get(path).content for path in (*names, "projects/my-project/operations", "nowhere")]
    for name in names:
        found = [reply.replace(name.encode(), cells.NAME.encode()) for reply in found]
    return [*found, b"{}"]


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(child, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


def mutated(rng: random.Random, real: bytes) -> bytes:
    """A reply with a few of its values exchanged, or a few of its bytes, or no reply at all."""
    kind = rng.random()
    if kind < 0.5:
        value = json.loads(real) if real.startswith(b"{") else {}
        for _ in range(rng.randint(1, 4)):
            value = replaced(value, rng.choice(list(paths(value))), rng.choice(ODD))
        return json.dumps(value).encode()
    if kind < 0.6:
        return rng.randbytes(rng.randint(0, 300))
    if kind < 0.63:
        return b'{"metadata":' * 50_000
    data = bytearray(real)
    for _ in range(rng.randint(1, 8)):
        at = rng.randint(0, len(data))
        end = rng.randint(at, min(len(data), at + 40))
        data[at:end] = rng.choice([b"", rng.randbytes(3), data[at:end] * 2, b"\x00", b"\xff", b"}", b'["'])
    return bytes(data)


def is_handled(world: World, client: Any, method: str) -> bool:
    """Call a method; whether an answer came. Anything else than an answer or an error of ours is raised."""
    try:
        answer, text = answer_of(world, client, method), None
    except eex.EarthEngineError as error:
        answer, text = None, str(error)
    if text is not None:
        assert text.encode()  # half a character can be neither printed nor logged
        return False
    for one in answer if isinstance(answer, list) else [answer] if answer is not None else []:
        assert repr(one.last)
        assert repr(one)
        assert one.to_json()
        (one.name + one.description).encode()
    return True


def answer_of(world: World, client: Any, method: str) -> Any:
    if method == "wait":
        return world.get(client.operation(cells.NAME).wait(timeout=0))
    return cells.act(world, client, method, cells.NAME)


@in_spite_of_httpx
def test_in_process(world: World, replies: list[bytes]) -> None:
    rng = random.Random(7)

    def answer(request: httpx.Request) -> httpx.Response:
        headers = [(key.encode(), value.encode("latin-1")) for key, value in rng.choice(HEADERS).items()]
        content = mutated(rng, rng.choice(replies))
        return httpx.Response(rng.choice(STATUSES), headers=headers, stream=httpx.ByteStream(content))

    kind = httpx.AsyncClient if world.is_async else httpx.Client
    own = kind(transport=httpx.MockTransport(answer))
    client = world.client("http://127.0.0.1:1", retry=eex.Retry(retries=0), http_client=own)
    handled = [is_handled(world, client, cells.METHODS[n % 6]) for n in range(IN_PROCESS)]
    assert 0.1 < sum(handled) / len(handled) < 0.9


@in_spite_of_httpx
def test_over_sockets(world: World, replies: list[bytes]) -> None:
    rng = random.Random(8)

    def reply() -> bytes:
        body = mutated(rng, rng.choice(replies))[:20_000]
        length = len(body) + rng.choice([0, 0, 0, 0, -1, 1, 10**9])
        lines = [f"HTTP/1.1 {rng.choice(STATUSES)} Fine", f"Content-Length: {length}", "Connection: close"]
        lines += [f"{key}: {value}" for key, value in rng.choice(HEADERS).items()]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        return mutated(rng, head) + body if rng.random() < 0.3 else head + body

    def serve(connection: socket.socket) -> None:
        try:
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536) or b"\r\n\r\n"
            connection.sendall(reply())
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                continue
        except OSError:
            return  # the client has seen enough

    with ExitStack() as stack:
        host = stack.enter_context(cells.listening(serve))
        client = world.client(f"http://{host}", retry=eex.Retry(retries=0), timeout=5)
        handled = [is_handled(world, client, cells.METHODS[n % 6]) for n in range(OVER_SOCKETS)]
    assert 0.03 < sum(handled) / len(handled) < 0.9


def test_headers_of_no_date_are_no_dates() -> None:
    rng = random.Random(9)
    dates = ["Sun, 06 Nov 2094 08:49:37 GMT", "06 Nov 94 08:49 -0000", "Nov", ",", "1 1 1 1:1:1:1 +99999"]
    for _ in range(3000):
        text = "".join(rng.choice([one, one, "", "9", " ", ":"]) for one in rng.choice(dates))
        seconds = http_date(text)
        assert seconds is None or isinstance(seconds, float)
