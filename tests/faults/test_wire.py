"""Proves that whatever comes back, a submit ends in time, in little memory, with an honest error."""

from __future__ import annotations

import json
import re
import resource
import socket
import time
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest

import earthengine_export as eex
from tests.faults import cells
from tests.worlds import World

NAME = "projects/my-project/operations/X"
GOOD = json.dumps({"name": NAME, "metadata": {"state": "PENDING", "description": "one"}}).encode()
OK = b"HTTP/1.1 200 OK\r\n"
Serve = Callable[[socket.socket], None]


def sized(content: bytes, head: bytes = OK) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(content) + content


def received(connection: socket.socket) -> bool:
    """Whether a whole request has come, and not the end."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = connection.recv(65536)
        if not piece:
            return False
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return True


def replying(*pieces: bytes, again: bytes = b"", pause: float = 0) -> Serve:
    """Answers with the pieces and then with one of them for ever, until the client hangs up."""

    def serve(connection: socket.socket) -> None:
        try:
            received(connection)
            for piece in pieces:
                connection.sendall(piece)
            while again:
                connection.sendall(again)
                time.sleep(pause)
        except OSError:
            return

    return serve


def gzipped(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    spaces = b" " * 2**20
    return b"".join([*(packer.compress(spaces) for _ in range(megabytes)), packer.flush()])


# A reply, and what is raised; no byte of any of them says that nothing was done.
BROKEN: dict[str, tuple[Serve, type[eex.RequestError], str]] = {
    "102 for ever": (
        replying(again=b"HTTP/1.1 102 Processing\r\n\r\n", pause=0.02), eex.ConnectionFailed, "timeout"
    ),
    "a head that trickles": (replying(OK, again=b"A: b\r\n", pause=0.02), eex.ConnectionFailed, "timeout"),
    "an endless body": (
        replying(OK + b"Transfer-Encoding: chunked\r\n\r\n", again=b"100000\r\n" + b" " * 2**20 + b"\r\n"),
        eex.BadReply, "bad-reply",
    ),
    "10 GB": (
        replying(OK + b"Content-Length: 10000000000\r\n\r\n", again=b" " * 2**20), eex.BadReply, "bad-reply"
    ),
    "a bomb": (
        replying(sized(gzipped(300), OK + b"Content-Encoding: gzip\r\n")), eex.BadReply, "bad-reply"
    ),
    "HTTP/0.9": (replying(GOOD), eex.ConnectionFailed, "connection-broken"),
    "no HTTP": (replying(b"220 mail.example.com ESMTP\r\n"), eex.ConnectionFailed, "connection-broken"),
    "a length below 0": (
        replying(OK + b"Content-Length: -1\r\n\r\n" + GOOD), eex.ConnectionFailed, "connection-broken"
    ),
    "two lengths": (
        replying(OK + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\n" + GOOD),
        eex.ConnectionFailed, "connection-broken",
    ),
    "an odd transfer": (
        replying(OK + b"Transfer-Encoding: foo\r\n\r\n" + GOOD), eex.ConnectionFailed, "connection-broken"
    ),
    "a bad chunk": (
        replying(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + GOOD),
        eex.ConnectionFailed, "connection-broken",
    ),
    "an odd encoding": (replying(sized(GOOD, OK + b"Content-Encoding: br\r\n")), eex.BadReply, "bad-reply"),
    "no gzip": (replying(sized(GOOD, OK + b"Content-Encoding: gzip\r\n")), eex.BadReply, "bad-reply"),
    "half a gzip": (
        replying(sized(zlib.compress(GOOD)[:-9], OK + b"Content-Encoding: deflate\r\n")),
        eex.BadReply, "bad-reply",
    ),
    "101": (replying(b"HTTP/1.1 101 Other\r\n\r\n"), eex.ConnectionFailed, "connection-broken"),
    "304": (replying(b"HTTP/1.1 304 Same\r\n\r\n"), eex.BadReply, "redirect"),
    "302 to nowhere": (
        replying(b"HTTP/1.1 302 F\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n"),
        eex.BadReply, "redirect",
    ),
    "303 after the work": (
        replying(b"HTTP/1.1 303 F\r\nLocation: /done\r\nContent-Length: 0\r\n\r\n"), eex.BadReply, "redirect"
    ),
    "a head of 1 MB": (
        replying(OK + b"A: " + b"b" * 2**20 + b"\r\n\r\n"), eex.ConnectionFailed, "connection-broken"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_reply(world: World, name: str) -> None:
    serve, error, fault = BROKEN[name]
    # What needs seconds for its megabytes is not what should run into the timeout.
    timeout = 0.3 if fault == "timeout" else 30
    with cells.listening(serve) as host:
        client = world.client(f"http://{host}", timeout=timeout, retry=eex.Retry(retries=0))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(error) as caught:
            world.get(client.submit(cells.export()))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert type(caught.value) is error
    assert caught.value.fault == fault
    assert caught.value.may_exist
    assert f"request_id={caught.value.request_id!r}" in str(caught.value)
    assert "No export was started" not in str(caught.value)
    assert grown < 250  # MB


LONG = b"y" * 60_000
# Replies in which what the error shows has no end that a reader would reach, or holds a password.
BOOKS = {
    "reason": sized(b"{}", b"HTTP/1.1 503 " + LONG + b"\r\n"),
    "message": sized(b'{"error": {"message": "%s"}}' % LONG, b"HTTP/1.1 403 No\r\n"),
    "content-type": sized(b"<html>", OK + b"Content-Type: " + LONG + b"\r\n"),
    "description": sized(GOOD.replace(b"one", LONG)),
    "failure": sized(b'{"name": "%s", "done": true, "error": {"message": "%s"}}' % (NAME.encode(), LONG)),
    "location": sized(b"", b"HTTP/1.1 302 F\r\nLocation: https://me:PASSWORD@h/?k=PASSWORD\r\n"),
}


@pytest.mark.parametrize("name", BOOKS)
def test_what_others_say_is_cut_and_masked(name: str) -> None:
    """And what this library advises stands after it."""
    with (
        cells.listening(replying(BOOKS[name])) as host,
        eex.Client("my-project", eex.anonymous(), f"http://{host}", retry=eex.Retry(retries=0)) as client,
        pytest.raises(eex.EarthEngineError) as caught,
    ):
        client.submit(cells.export()).wait()
    assert len(str(caught.value)) < 4500
    assert "PASSWORD" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"x-gzip", b"deflate", b"identity", b""])
def test_what_is_packed_is_unpacked(world: World, encoding: bytes) -> None:
    packed = {b"gzip": zlib.compressobj(wbits=31), b"deflate": zlib.compressobj()}
    packer = packed.get(encoding.lower().removeprefix(b"x-"))
    content = packer.compress(GOOD) + packer.flush() if packer else GOOD
    with cells.listening(replying(sized(content, OK + b"Content-Encoding: " + encoding + b"\r\n"))) as host:
        client = world.client(f"http://{host}", retry=eex.Retry(retries=0))
        assert world.get(client.submit(cells.export())).name == NAME


def test_a_reply_that_is_sent_twice_is_no_answer_to_the_next_request(world: World) -> None:
    """The second of them lies in the connection before the next request is sent."""
    asked: list[int] = []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError):
            while received(connection):
                asked.append(len(asked))
                connection.sendall(sized(GOOD.replace(b"/X", b"/%d" % asked[-1])) * (1 + (len(asked) == 1)))

    with cells.listening(serve) as host:
        client = world.client(f"http://{host}", retry=eex.Retry(initial=0.01))
        names = [world.get(client.submit(cells.export())).name for _ in range(2)]
        world.get(client.close())
    assert [name.rpartition("/")[2] for name in names] == ["0", "2"]
    assert len(asked) == 3  # the second request was sent anew, over another connection


# httpx leaves the generator of a body whose sending is cancelled to be collected.
@pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")
def test_a_request_that_is_taken_in_drops_has_a_bound(world: World) -> None:
    """A receiver that takes a little now and then, so that no single write is too slow."""

    def serve(connection: socket.socket) -> None:
        try:
            for _ in range(30):
                connection.recv(20_000)
                time.sleep(0.05)
        except OSError:
            return

    image = {"result": "0", "values": {"0": {"constantValue": "x" * 8_000_000}}}
    export = eex.ImageExport(image, to=eex.CloudStorage("bucket"), description="large")
    with cells.listening(serve) as host:
        client = world.client(f"http://{host}", timeout=0.5, retry=eex.Retry(retries=0))
        with pytest.raises(eex.ConnectionFailed) as caught:
            world.get(client.submit(export))
        world.get(client.close())
    assert (caught.value.fault, caught.value.may_exist) == ("timeout", True)
