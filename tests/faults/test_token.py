"""The policy's column for the renewal of the token: what fails there, over real sockets."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable

import pytest
from google.oauth2.credentials import Credentials

from earthengine_emulator import Emulator
from earthengine_export.retries import FaultRule, policy, rule_for
from tests.clocks import FakeClock
from tests.faults.cells import export, listening
from tests.worlds import World

GOOD = json.dumps({"access_token": "a-token", "expires_in": 3600}).encode()


def reply(status: int, body: bytes, length: int | None = None, headers: str = "") -> bytes:
    length = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{headers}\r\n".encode() + body


FAULTS: dict[str, bytes | None] = {
    "reset before the request is read": None,
    "closed after the work": b"",
    "body shorter than its length": reply(200, GOOD[:9], len(GOOD)),
    "truncated JSON of the right length": reply(200, GOOD[:9]),
    "JSON that is no object": reply(200, b"[1]"),
    "HTML": reply(200, b"<html>Log in</html>"),
    "empty body": reply(200, b""),
    "redirect": reply(302, b"", headers="Location: https://elsewhere.invalid/\r\n"),
    "502 in HTML": reply(502, b"<html>"),
    **{
        status: reply(int(status), b'{"error": "invalid_client"}')
        for rule in policy().values()
        for status in rule.covers
        if status.isdecimal()
    },
}
CELLS = [
    (rule, covered)
    for covered in FAULTS
    for rule in policy().values()
    if covered in rule.covers or (covered == "401" and rule.fault == "401")
]


def endpoint(replies: list[bytes | None]) -> Callable[[socket.socket], None]:
    """Answers with one reply after the other, the last of them for ever; None resets the connection."""

    def serve(connection: socket.socket) -> None:
        received = connection.recv(65536)
        while b"refresh_token=" not in received:
            received += connection.recv(65536)
        answer = replies.pop(0) if len(replies) > 1 else replies[0]
        if answer is None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            connection.sendall(answer)

    return serve


@pytest.mark.parametrize(("rule", "covered"), CELLS, ids=lambda value: getattr(value, "fault", value))
def test_token(world: World, emulator: Emulator, rule: FaultRule, covered: str) -> None:
    replies = [FAULTS[covered], reply(200, GOOD)]
    with listening(endpoint(replies)) as host:
        credentials = Credentials(
            None, refresh_token="r", token_uri=f"http://{host}/token", client_id="c", client_secret="s"
        )
        client = world.client(emulator.base_url, credentials=credentials)
        clock = FakeClock(client, emulator)
        if rule.action_for("token") == "retry":
            world.get(client.submit(export()))
            assert clock.sleeps == [1]
        else:
            with pytest.raises(rule.token_raises) as caught:
                world.get(client.submit(export()))
            assert type(caught.value) is rule.token_raises
            assert "No export was started." in str(caught.value)
            assert emulator.requests()["operations_created"] == 0
        assert len(replies) == 1  # the fault was met


def test_the_column_is_whole() -> None:
    assert {rule.fault for rule, _ in CELLS} >= {"connection-broken", "bad-reply", "redirect", "5xx", "4xx"}
    assert rule_for("401").action_for("token") == "raise"
