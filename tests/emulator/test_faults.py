"""Each kind of fault as a client sees it, and what the emulator counts."""

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from earthengine_emulator import Emulator

from .conftest import Open, Session, request

EXPORT = "/v1beta/projects/p/image:export"


def queue(session: Session, *faults: dict[str, Any]) -> None:
    reply = session.client.post("/emulator/faults", json=list(faults))
    assert reply.status_code == 200, reply.text


def consumed(session: Session) -> list[int]:
    return [fault["consumed"] for fault in session.client.get("/emulator/faults").json()["faults"]]


def created(session: Session) -> int:
    return int(session.client.get("/emulator/requests").json()["operations_created"])


@pytest.mark.parametrize(
    ("fault", "error", "acted"),
    [
        ({"kind": "reset"}, httpx.ReadError, 0),
        ({"kind": "reset", "work": True}, httpx.ReadError, 1),
        ({"kind": "close"}, httpx.RemoteProtocolError, 1),
        ({"kind": "close", "work": False}, httpx.RemoteProtocolError, 0),
        ({"kind": "truncate"}, httpx.RemoteProtocolError, 1),
        ({"kind": "pass", "delay": 30}, httpx.ReadTimeout, 0),
    ],
)
def test_broken_connections(
    session: Session, fault: dict[str, Any], error: type[Exception], acted: int
) -> None:
    queue(session, {"method": "export"} | fault)
    with (
        httpx.Client(base_url=session.emulator.base_url, timeout=0.3 if "delay" in fault else 20) as client,
        pytest.raises(error) as caught,
    ):
        client.post(EXPORT, json=request())
    if fault["kind"] == "reset":
        assert "reset" in str(caught.value).lower()
    assert consumed(session) == [1]
    assert created(session) == acted
    assert session.export().status_code == 200


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 408, 409, 412, 429, 499, 500, 501, 502, 503, 504, 520, 599]
)
def test_statuses(session: Session, status: int) -> None:
    queue(session, {"method": "export", "status": status, "headers": {"Retry-After": "7"}})
    reply = session.export()
    assert reply.status_code == reply.json()["error"]["code"] == status
    assert reply.headers["retry-after"] == "7"
    assert created(session) == 0


@pytest.mark.parametrize(
    ("fault", "content_type", "text"),
    [
        ({"status": 502, "body": "<html>"}, "text/html; charset=utf-8", "<html>"),
        ({"status": 200, "body": ""}, "text/html; charset=utf-8", ""),
        (
            {"status": 401, "body": {"error": "invalid_token"}},
            "application/json",
            '{"error": "invalid_token"}',
        ),
        ({"body": "x", "headers": {"Content-Type": "text/plain"}}, "text/plain", "x"),
        ({"kind": "not-object"}, "application/json", '["not","an","object"]'),
    ],
)
def test_bodies(session: Session, fault: dict[str, Any], content_type: str, text: str) -> None:
    queue(session, {"method": "projects.operations.list"} | fault)
    reply = session.client.get("/v1beta/projects/p/operations")
    assert reply.status_code == fault.get("status", 503 if "body" in fault else 200)
    assert reply.headers["content-type"] == content_type
    assert reply.text == text


def test_a_web_page_instead_of_the_answer(session: Session) -> None:
    queue(session, {"kind": "html"})
    reply = session.export()
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert created(session) == 1


def test_half_the_json_with_its_own_length(session: Session) -> None:
    queue(session, {"kind": "cut-json"})
    reply = session.export()
    assert reply.status_code == 200
    assert reply.text.startswith('{"name"')
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        reply.json()


def test_a_trickle(session: Session) -> None:
    queue(session, {"kind": "trickle", "seconds": 0.2})
    with session.client.stream("POST", EXPORT, json=request()) as reply:
        pieces = list(reply.iter_raw())
    assert len(pieces) > 5
    assert b"".join(pieces).endswith(b"}}")


def test_a_redirect(session: Session) -> None:
    queue(session, {"kind": "redirect", "location": "http://127.0.0.1:1/"})
    reply = session.export()
    assert (reply.status_code, reply.headers["location"]) == (307, "http://127.0.0.1:1/")


def test_the_idle_connection_is_closed(session: Session) -> None:
    queue(session, {"kind": "idle-close"})
    host, port = session.emulator.host.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /v1beta/projects/p/operations HTTP/1.1\r\nHost: x\r\n\r\n")
        data = b"".join(iter(lambda: connection.recv(4096), b""))
    assert data.startswith(b"HTTP/1.1 200")
    assert b"connection: close" not in data.lower()


def test_in_order_per_method(session: Session) -> None:
    queue(
        session,
        {"method": "get", "kind": "status", "status": 500},
        {"method": "export", "kind": "pass"},
        {"method": "export", "status": 503, "times": 2},
        {"method": "*", "status": 429, "times": None},
    )
    assert [session.export().status_code for _ in range(4)] == [200, 503, 503, 429]
    assert consumed(session) == [0, 1, 2, 1]
    session.client.delete("/emulator/faults")
    assert session.export().status_code == 200
    assert consumed(session) == []


def test_faults_that_are_none(session: Session) -> None:
    for wrong in ({"kind": "odd"}, {"colour": "red"}, 1):
        assert session.client.post("/emulator/faults", json=wrong).status_code == 400
    assert consumed(session) == []


def test_from_python(session: Session) -> None:
    fault = session.emulator.fail("list", "status", status=418, times=2)
    assert session.client.get("/v1beta/projects/p/operations").status_code == 418
    assert fault.consumed == 1


def test_counters(open_session: Open) -> None:
    session = open_session(evaluate=False)
    session.emulator.fail("get", "pass", delay=0.2, times=None)
    name = session.start()
    with httpx.Client(base_url=session.emulator.base_url) as client, ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: client.get(f"/v1beta/{name}"), range(5)))
        counters = session.client.get("/emulator/requests").json()
    assert counters["requests"] == {"projects.image.export": 1, "projects.operations.get": 5}
    assert counters["operations_created"] == 1
    assert counters["most_in_flight"] == 5
    assert counters["connections"]["most_open"] == 6
    counters = session.client.delete("/emulator/requests").json()
    assert counters["requests"] == {}
    assert (
        counters["operations_created"] == counters["most_in_flight"] == counters["connections"]["made"] == 0
    )
    assert counters["connections"]["most_open"] == counters["connections"]["open"] > 0


def test_the_log(session: Session) -> None:
    session.client.get(
        "/v1beta/projects/p/operations?pageSize=3",
        headers={"Authorization": "Bearer t", "X-Goog-User-Project": "quota"},
    )
    (entry,) = session.client.get("/emulator/log").json()["log"]
    assert (entry["method"], entry["path"]) == ("projects.operations.list", "/v1beta/projects/p/operations")
    assert entry["query"] == "pageSize=3"
    assert entry["headers"]["authorization"] == "Bearer t"
    assert entry["headers"]["x-goog-user-project"] == "quota"


def test_reset(session: Session) -> None:
    session.emulator.fail()
    session.export(), session.export()
    assert session.client.post("/emulator/reset").json() == {}
    assert consumed(session) == []
    assert created(session) == 0
    assert session.client.get("/v1beta/projects/p/operations").json() == {}


@pytest.mark.timeout(30)  # it waits for no client that keeps its connection
def test_the_end_is_clean(open_session: Open) -> None:
    emulator = open_session().emulator
    url = emulator.base_url
    with httpx.Client(base_url=url) as client:
        client.get("/emulator/requests")
        emulator.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/emulator/requests")


def test_a_port_that_is_taken(session: Session) -> None:
    port = int(session.emulator.host.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Emulator(port=port)
