"""The six methods over real sockets."""

import json
import threading
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import Open, Session, call, request


def refusal(reply: Any, code: int = 400, status: str = "INVALID_ARGUMENT") -> str:
    error = reply.json()["error"]
    assert (reply.status_code, error["code"], error["status"]) == (code, code, status)
    return str(error["message"])


def test_a_new_operation(session: Session) -> None:
    operation = session.export(description="dem", priority=7).json()
    prefix, _, operation_id = operation["name"].rpartition("/")
    assert prefix == "projects/p/operations"
    assert len(operation_id) == 24
    assert set(operation_id) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert "done" not in operation
    metadata = operation["metadata"]
    assert metadata["@type"].endswith(".OperationMetadata")
    assert (metadata["state"], metadata["type"]) == ("PENDING", "EXPORT_IMAGE")
    assert (metadata["description"], metadata["priority"]) == ("dem", 7)
    assert metadata["startTime"] == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_any_version(session: Session, version: str) -> None:
    reply = session.client.post(f"/{version}/projects/p/image:export", json=request())
    name = reply.json()["name"]
    assert session.client.get(f"/{version}/{name}").json()["name"] == name


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/v1beta/projects/p/nonsense"),
        ("GET", "/nonsense/projects/p/operations"),
        ("GET", "/v1beta/x:y"),
        ("GET", "/v1beta/projects/p/operations/"),
        ("DELETE", "/v1/projects/p/operations"),
        ("POST", "/v1/projects/p/image:computePixels"),
        ("GET", "/v1/" + "x" * 5000),
    ],
)
def test_unknown_methods_are_named(session: Session, verb: str, path: str) -> None:
    reply = session.client.request(verb, path)
    assert refusal(reply, 404, "NOT_FOUND").startswith(f"Method not found: {verb} {path[:100]}")
    assert reply.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"priority": 10000}, "priority"),
        ({"requestId": "a_b"}, "requestId"),
        ({"requestId": "a" * 61}, "requestId"),
        ({"maxPixels": "many"}, "maxPixels"),
        ({"workloadTag": ""}, "workloadTag"),
        ({"scale": 30}, "Unknown name"),
        ({"assetExportOptions": {"earthEngineDestination": {"name": "projects/p/assets/a"}}}, "union"),
        ({"fileExportOptions": {"fileFormat": "GEO_TIFF"}}, "fileExportOptions"),
        (
            {"fileExportOptions": {"driveDestination": {}, "cloudStorageDestination": {"bucket": "b"}}},
            "union",
        ),
        ({"expression": {"values": {"0": {"constantValue": 1}}, "result": "1"}}, "names no value"),
        ({"expression": {"values": {"0": {}}, "result": "0"}}, "union"),
        ({"expression": {"result": "0"}}, "expression"),
        ({"grid": {"crsCode": "EPSG:4326", "crsWkt": "x"}}, "union"),
    ],
)
def test_requests_that_the_spec_forbids(session: Session, change: dict[str, Any], says: str) -> None:
    reply = session.client.post("/v1beta/projects/p/image:export", json=request() | change)
    assert says in refusal(reply)
    assert session.emulator.requests()["operations_created"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b"\xff",
        b'{"maxPixels": NaN}',
        b"[" * 100_000,
        b'{"grid": ' + b"[" * 900 + b"]" * 900 + b"}",
        b" " * (10 * 2**20 + 1),
    ],
)
def test_bodies_that_are_no_request(session: Session, body: bytes) -> None:
    refusal(session.client.post("/v1beta/projects/p/image:export", content=body))


NAMES = st.sampled_from(["expression", "values", "result", "grid", "requestId", "fileExportOptions", "value"])
SCALARS = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(SCALARS, lambda x: st.lists(x) | st.dictionaries(NAMES, x), max_leaves=8))
@settings(max_examples=60, deadline=None)
def test_any_json_is_refused_in_order(module_session: Session, body: Any) -> None:
    refusal(module_session.client.post("/v1beta/projects/p/image:export", json=body))


def test_wrapper_values_of_the_official_client(session: Session) -> None:
    assert session.export(maxPixels={"value": "10"}).status_code == 200
    message = session.error(call("Image.load", id="grid"), maxPixels={"value": "10"})
    assert message.startswith("Export too large: specified 48 pixels (max: 10).")


@pytest.mark.timeout(60)  # a slow validator would take minutes
def test_a_large_graph_is_taken_at_once(session: Session) -> None:
    values = {
        str(n): call("Image.add", image1={"valueReference": str(n + 1)}, image2=1) for n in range(33_000)
    }
    values["33000"] = {"constantValue": 1}
    body = json.dumps(request({"values": values, "result": "0"}))
    assert session.client.post("/v1beta/projects/p/image:export", content=body).status_code == 200


def test_unknown_operations(session: Session) -> None:
    session.start()
    for verb, path in [("GET", ""), ("POST", ":wait"), ("POST", ":cancel"), ("DELETE", "")]:
        reply = session.client.request(
            verb, f"/v1beta/projects/p/operations/NONE{path}", json={} if path else None
        )
        assert refusal(reply, 404, "NOT_FOUND") == "Operation not found."


def test_operations_belong_to_a_project(session: Session) -> None:
    operation_id = session.start().rpartition("/")[2]
    refusal(session.client.get(f"/v1beta/projects/other/operations/{operation_id}"), 404, "NOT_FOUND")
    assert session.client.get("/v1beta/projects/other/operations").json() == {}


def test_pages_from_the_newest(session: Session) -> None:
    names = [session.start() for _ in range(7)]
    seen, token, pages = [], "", 0
    while pages == 0 or token:
        reply = session.client.get(
            "/v1beta/projects/p/operations", params={"pageSize": 3} | ({"pageToken": token} if token else {})
        ).json()
        seen += [operation["name"] for operation in reply["operations"]]
        token, pages = reply.get("nextPageToken", ""), pages + 1
        if pages == 1:
            # Neither what is new nor what is gone moves a page.
            session.start()
            session.client.delete(f"/v1beta/{names[3]}")
    assert seen == [names[6], names[5], names[4], names[2], names[1], names[0]]
    assert pages == 2


def test_page_sizes(open_session: Open) -> None:
    session = open_session(evaluate=False, page_size=5, max_page_size=10)
    for _ in range(12):
        session.start()

    def count(**parameters: Any) -> int:
        reply = session.client.get("/v1beta/projects/p/operations", params={"filter": "x", **parameters})
        return len(reply.json()["operations"])

    assert count() == count(pageSize=0) == 5
    assert count(pageSize=500) == 10
    assert count(pageSize=12, pageToken="1") == 2
    for wrong in ({"pageSize": "-1"}, {"pageSize": "x"}, {"pageToken": "x"}):
        refusal(session.client.get("/v1beta/projects/p/operations", params=wrong))


def test_delete_forgets_and_does_not_cancel(session: Session) -> None:
    operation = session.start(call("Image.load", id="grid"), description="kept")
    assert session.client.delete(f"/v1beta/{operation}").json() == {}
    refusal(session.client.get(f"/v1beta/{operation}"), 404, "NOT_FOUND")
    session.emulator.advance(100)
    assert (session.emulator.output / "gs" / "b" / "kept.tif").exists()


def test_a_repeated_request_id_returns_the_operation(session: Session) -> None:
    first = session.start(requestId="id-1")
    assert session.start(requestId="id-1") == first
    assert session.start(requestId="id-1", description="another") == first
    assert session.start(requestId="id-2") != first
    assert session.start() != session.start()
    assert session.emulator.requests()["operations_created"] == 4


def test_a_repeated_request_id_is_rejected(open_session: Open) -> None:
    session = open_session(duplicate_request_id="reject")
    session.start(requestId="id-1")
    text = "A different Operation was already started with the given request_id."
    assert refusal(session.export(requestId="id-1")) == text


def test_the_queue_is_full(open_session: Open) -> None:
    session = open_session(queue_limit=2, evaluate=False)
    session.start(), session.start()
    message = refusal(session.export(requestId="late"), 429, "RESOURCE_EXHAUSTED")
    assert message == ("Too many tasks already in the queue (2). Please wait for some of them to complete.")
    # Running tasks are not in the queue; the refused requestId stays burnt.
    session.emulator.advance(1)
    assert "already started" in refusal(session.export(requestId="late"))
    session.start(requestId="fresh")


@pytest.mark.parametrize(("option", "status"), [("at-once", 200), ("unimplemented", 501)])
def test_wait_that_does_not(open_session: Open, option: str, status: int) -> None:
    session = open_session(wait=option)
    reply = session.client.post(f"/v1beta/{session.start()}:wait", json={"timeout": "60s"})
    assert reply.status_code == status
    assert "done" not in reply.json()


def test_wait_until_the_end(session: Session) -> None:
    name = session.start()
    timer = threading.Timer(0.1, session.emulator.advance, [1000])
    timer.start()
    assert session.client.post(f"/v1beta/{name}:wait", json={"timeout": "15.5s"}).json()["done"]
    timer.join()


def test_wait_until_the_timeout(session: Session) -> None:
    name = session.start()
    for timeout in ("0s", "0.05s"):
        assert "done" not in session.client.post(f"/v1beta/{name}:wait", json={"timeout": timeout}).json()
    refusal(session.client.post(f"/v1beta/{name}:wait", json={"timeout": 5}))


def test_stopping_ends_long_polls(open_session: Open) -> None:
    session = open_session()
    name, replies = session.start(), []

    def wait() -> None:
        replies.append(session.client.post(f"/v1beta/{name}:wait", json={}))

    thread = threading.Thread(target=wait)
    thread.start()
    while not session.emulator.requests()["requests"].get("projects.operations.wait"):
        time.sleep(0.001)
    session.emulator.stop()
    thread.join()
    assert replies[0].status_code == 200
