"""The policy's column for the renewal of the token: what fails there, over real sockets."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest
from google.oauth2.credentials import Credentials

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export._connect import tokens
from earthengine_export._connect.faults import POLICY, FaultRule, rule_for
from earthengine_export._run.policy import Retry
from tests.clocks import timed_client
from tests.faults import cells
from tests.faults.cells import TIMEOUT, export
from tests.worlds import World

Reply = Callable[[socket.socket], object]
GOOD = json.dumps({"access_token": "a-token", "expires_in": 3600}).encode()


def reply(status: int, body: bytes, length: int | None = None, **headers: str) -> Reply:
    given = {"Content-Length": str(len(body) if length is None else length), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
    content = f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body
    return lambda connection: connection.sendall(content)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def late(connection: socket.socket) -> None:
    connection.settimeout(2 * TIMEOUT)
    try:
        connection.recv(1)  # until the client has given up
    except TimeoutError:
        good(connection)


def trickle(connection: socket.socket) -> None:
    reply(200, b"", len(GOOD))(connection)
    try:
        for byte in GOOD:
            connection.sendall(bytes([byte]))
            time.sleep(3 * TIMEOUT / len(GOOD))
    except OSError:
        return  # the client has given up


good = reply(200, GOOD)
REFUSED = b'{"error": "invalid_client"}'
FAULTS: dict[str, Reply] = {
    "reset before the request is read": reset,
    "reset after the work": reset,
    "closed after the work": lambda connection: None,
    "body shorter than its length": reply(200, GOOD[:9], len(GOOD)),
    "reply slower than the timeout": late,
    "slow trickle": trickle,
    "truncated JSON of the right length": reply(200, GOOD[:9]),
    "JSON that is no object": reply(200, b"[1]"),
    "HTML": reply(200, b"<html>Log in</html>"),
    "empty body": reply(200, b""),
    "JSON labelled as text": reply(200, GOOD, Content_Type="text/plain"),
    "redirect": reply(302, b"", Location="https://elsewhere.invalid/"),
    "401 for ever": reply(401, REFUSED),
    "429 with Retry-After in seconds": reply(429, REFUSED, Retry_After="30"),
    "429 with Retry-After as a date": reply(
        429, REFUSED, Date="Tue, 24 Nov 2026 12:00:00 GMT", Retry_After="Tue, 24 Nov 2026 12:00:30 GMT"
    ),
    "502 in HTML": reply(502, b"<html>"),
    "503 with Retry-After in seconds": reply(503, REFUSED, Retry_After="30"),
    **{
        status: reply(int(status), REFUSED)
        for rule in POLICY.values()
        for status in rule.covers
        if status.isdecimal()
    },
}
# Each renewal has a connection of its own, its 401 is not mended by another renewal, and the other two are
# texts of the service.
ELSEWHERE = {"idle connection closed", "401 once", "full queue", "repeated requestId refused"}
CELLS = [(rule, covered) for rule in POLICY.values() for covered in rule.covers if covered in FAULTS]


class Endpoint:
    """Gives one reply after the other, the last of them for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.left = list(replies)
        self.asked = 0

    def __call__(self, connection: socket.socket) -> None:
        received = b""
        while b"refresh_token=" not in received:
            received += connection.recv(65536)
        self.asked += 1
        if len(self.left) == 2:
            tokens._TIMEOUT = 20.0  # only the faulty reply is too slow, however busy this machine is
        (self.left.pop(0) if len(self.left) > 1 else self.left[0])(connection)


@pytest.fixture
def client(world: World, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes a client whose token comes from an endpoint, and its clock."""

    def make(endpoint: str, timeout: float = 20.0) -> tuple[Any, eex.PassingTime]:
        monkeypatch.setattr(tokens, "_TIMEOUT", timeout)
        credentials = Credentials(
            None, refresh_token="r", token_uri=f"{endpoint}/token", client_id="c", client_secret="s"
        )
        return timed_client(world, emulator, credentials=credentials, retry=Retry(retries=2))[:2]

    return make


def refused(world: World, emulator: Emulator, client: Any, error: type[Exception]) -> Any:
    """The error that ends a submit before it was sent."""
    with pytest.raises(error) as caught:
        world.get(client.submit(export()))
    assert type(caught.value) is error
    assert "No export was started." in str(caught.value)
    assert emulator.requests()["requests"] == {}
    return caught.value


def timeout_for(covered: str) -> float:
    return TIMEOUT if covered in {"reply slower than the timeout", "slow trickle"} else 20.0


@pytest.mark.parametrize(("rule", "covered"), CELLS, ids=lambda value: getattr(value, "fault", value))
def test_once(
    world: World, emulator: Emulator, client: Callable[..., Any], rule: FaultRule, covered: str
) -> None:
    endpoint = Endpoint(FAULTS[covered], good)
    with cells.listening(endpoint) as host:
        made, clock = client(f"http://{host}", timeout_for(covered))
        match rule.action_for("token"):
            case "retry":
                world.get(made.submit(export()))
                assert clock.sleeps == [30 if "Retry-After" in covered else 1]
                assert endpoint.asked == 2
            case "accept":
                world.get(made.submit(export()))
                assert (clock.sleeps, endpoint.asked) == ([], 1)
            case _:
                refused(world, emulator, made, rule.token_raises)
                assert (clock.sleeps, endpoint.asked) == ([], 1)


@pytest.mark.parametrize(
    ("rule", "covered"),
    [(rule, covered) for rule, covered in CELLS if rule.action_for("token") == "retry"],
    ids=lambda value: getattr(value, "fault", value),
)
def test_for_ever(
    world: World, emulator: Emulator, client: Callable[..., Any], rule: FaultRule, covered: str
) -> None:
    endpoint = Endpoint(FAULTS[covered])
    with cells.listening(endpoint) as host:
        made, _ = client(f"http://{host}", timeout_for(covered))
        error = refused(world, emulator, made, eex.ConnectionFailed)
        assert rule.token_raises is eex.ConnectionFailed
        assert rule_for(error.fault) is rule
        assert f"No token could be got from 127.0.0.1 ({error.fault})" in str(error)
        assert (error.attempts, endpoint.asked, error.may_exist) == (3, 3, False)


@pytest.mark.parametrize("covered", cells.UNREACHABLE)
def test_unreachable(world: World, emulator: Emulator, client: Callable[..., Any], covered: str) -> None:
    (rule,) = (rule for rule in POLICY.values() if covered in rule.covers)
    attempts = 3 if rule.action_for("token") == "retry" else 1
    with cells.unreachable(covered) as endpoint:
        made, clock = client(endpoint, 0.05 if covered == "no connection in time" else 5)
        error = refused(world, emulator, made, rule.token_raises)
        assert error.fault == rule.fault
        assert (error.attempts, clock.sleeps) == (attempts, [1.0, 2.0][: attempts - 1])


def test_the_column_is_whole() -> None:
    covered = {words for rule in POLICY.values() for words in rule.covers}
    assert covered == {*FAULTS, *cells.UNREACHABLE, *ELSEWHERE}
