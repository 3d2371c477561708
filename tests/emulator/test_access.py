"""Who may ask, and how much: hosts, origins, users, scopes, permissions, limits; requests that never end."""

import base64
import contextlib
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from earthengine_emulator import Emulator

from .conftest import GRID, Open, Session, call, request
from .test_api import refusal

LIST = "/v1/projects/p/operations"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:8085"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "[::1"},
        {"Origin": "http://["},
        {"Origin": "http://evil.example"},
        {"Origin": "https://127.0.0.1.evil.example"},
        {"Origin": "null"},
        {"Origin": "http://192.0.2.1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
@pytest.mark.parametrize("path", [LIST, "/emulator/requests", "/$discovery/rest", "/", "/storage/v1/b"])
def test_foreign_pages_are_refused(session: Session, path: str, headers: dict[str, str]) -> None:
    refusal(session.client.get(path, headers=headers), 403, "PERMISSION_DENIED")
    session.client.post("/v1/projects/p/image:export", json=request(), headers=headers)
    assert session.emulator.requests()["operations_created"] == 0


@pytest.mark.parametrize(
    "host", ["localhost:1", "127.0.0.1", "[::1]:8085", "emulator:8085", "app.localhost", "192.0.2.7"]
)
def test_our_own_names(session: Session, host: str) -> None:
    assert session.client.get(LIST, headers={"Host": host}).status_code == 200
    assert session.client.get(LIST, headers={"Origin": "http://localhost:3000"}).status_code == 200


def test_names_that_are_allowed(open_session: Open) -> None:
    session = open_session(allow_hosts=["ee.test.example"])
    assert session.client.get(LIST, headers={"Host": "ee.test.example:80"}).status_code == 200
    refusal(session.client.get(LIST, headers={"Host": "other.test.example"}), 403, "PERMISSION_DENIED")


def users(**entries: Any) -> dict[str, Any]:
    return {"users": entries}


def as_user(session: Session, token: str) -> httpx.Client:
    return httpx.Client(base_url=session.emulator.base_url, headers={"Authorization": f"Bearer {token}"})


def reason(reply: httpx.Response) -> str:
    return str(reply.json()["error"]["details"][0]["reason"])


def test_tokens_scopes_and_permissions(open_session: Open) -> None:
    session = open_session(
        **users(
            all={},
            reader={"scopes": ["https://www.googleapis.com/auth/devstorage.read_only"]},
            looker={"permissions": ["earthengine.operations.list"], "scopes": ["earthengine"]},
        )
    )
    reply = session.client.get(LIST)
    refusal(reply, 401, "UNAUTHENTICATED")
    assert reason(reply) == "CREDENTIALS_MISSING"
    with as_user(session, "unknown") as client:
        reply = client.get(LIST)
        refusal(reply, 401, "UNAUTHENTICATED")
        assert reason(reply) == "ACCESS_TOKEN_INVALID"
        assert client.get("/$discovery/rest?version=v1").status_code == 200
    with as_user(session, "all") as client:
        assert client.get(LIST).status_code == 200
    with as_user(session, "reader") as client:
        reply = client.get(LIST)
        assert refusal(reply, 403, "PERMISSION_DENIED") == "Request had insufficient authentication scopes."
        assert reason(reply) == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        assert client.get("/storage/v1/b").status_code == 200
    with as_user(session, "looker") as client:
        assert client.get(LIST).status_code == 200
        reply = client.post("/v1/projects/p/image:export", json=request())
        assert "Permission 'earthengine.exports.create' denied" in refusal(reply, 403, "PERMISSION_DENIED")
        assert reason(reply) == "IAM_PERMISSION_DENIED"


def test_each_token_has_a_queue_of_its_own(open_session: Open) -> None:
    session = open_session(users="any", queue_limit=1, running_limit=1, evaluate=False)
    export = "/v1/projects/p/image:export"
    with as_user(session, "one") as one, as_user(session, "two") as two:
        names = [client.post(export, json=request(requestId="same")).json()["name"] for client in (one, two)]
        assert names[0] != names[1]
        assert one.post(export, json=request()).status_code == 429
        session.emulator.advance(1)
        states = [one.get(f"/v1/{name}").json()["metadata"]["state"] for name in names]
        assert states == ["RUNNING", "RUNNING"]
        assert len(two.get(LIST).json()["operations"]) == 2  # the list is the project's


def test_users_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    path.write_text(json.dumps({"t": {"user": "ann@example.com"}}))
    with Emulator(users=str(path)) as emulator:
        assert httpx.get(f"{emulator.base_url}{LIST}").status_code == 401
        assert (
            httpx.get(f"{emulator.base_url}{LIST}", headers={"Authorization": "Bearer t"}).status_code == 200
        )
    mistakes: tuple[Any, ...] = ([], {"t": 1}, {"t": {"colour": "red"}})
    for wrong in mistakes:
        path.write_text(json.dumps(wrong))
        with pytest.raises(ValueError, match="users"):
            Emulator(users=str(path))


def test_a_service_account_gets_tokens_here(open_session: Open) -> None:
    session = open_session(**users(**{"": {"user": "ann@example.com", "permissions": []}}))
    info = session.client.get("/emulator/service-account.json?user=ann@example.com&project=p").json()
    scopes = ["https://www.googleapis.com/auth/devstorage.read_only"]
    for asked, status in ((["https://www.googleapis.com/auth/earthengine"], 403), (scopes, 403)):
        credentials = service_account.Credentials.from_service_account_info(info, scopes=asked)
        credentials.refresh(Request())
        with as_user(session, credentials.token) as client:
            reply = client.get(LIST)
            assert reply.status_code == status
            assert reason(reply) == (
                "IAM_PERMISSION_DENIED" if asked != scopes else "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
            )
    claims = base64.urlsafe_b64encode(json.dumps({"iss": "bob@example.com"}).encode()).decode()
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": f"a.{claims}.b"}
    token = session.client.post("/token", data=grant).json()["access_token"]
    with as_user(session, token) as client:
        assert client.get(LIST).status_code == 200
    assert session.client.post("/token", data={"grant_type": "refresh_token", "refresh_token": "r"}).json()[
        "access_token"
    ]
    for wrong in ({}, {"grant_type": grant["grant_type"], "assertion": "a.b"}):
        assert session.client.post("/token", data=wrong).json()["error"] == "invalid_grant"


def test_the_rate_limit(open_session: Open) -> None:
    session = open_session(rate_limit=5)
    statuses = [session.client.get(LIST).status_code for _ in range(8)]
    assert statuses[:5] == [200] * 5
    assert 429 in statuses
    reply = session.client.get(LIST)
    while reply.status_code == 200:
        reply = session.client.get(LIST)
    assert refusal(reply, 429, "RESOURCE_EXHAUSTED").startswith("Quota exceeded for quota metric")
    assert reason(reply) == "RATE_LIMIT_EXCEEDED"
    assert session.client.get("/emulator/requests").status_code == 200


def test_the_concurrency_limit(open_session: Open) -> None:
    session = open_session(concurrency_limit=2)
    name = session.start(call("Image.load", id="grid"))
    with ThreadPoolExecutor(2) as pool, httpx.Client(base_url=session.emulator.base_url) as client:
        waiting = [pool.submit(client.post, f"/v1/{name}:wait", json={}) for _ in range(2)]
        while session.emulator.requests()["requests"].get("projects.operations.wait", 0) < 2:
            pass
        while (reply := session.client.get(LIST)).status_code == 200:
            pass
        refusal(reply, 429, "RESOURCE_EXHAUSTED")
        session.emulator.advance(100)
        assert [one.result().status_code for one in waiting] == [200, 200]
    assert session.client.get(LIST).status_code == 200


def test_ageing_out(open_session: Open) -> None:
    session = open_session(max_age_days=10, running_limit=1)
    ended = session.start(call("Image.load", id="grid"), requestId="old")
    session.emulator.script(run_seconds=1e9)
    stuck = session.start(call("Image.load", id="grid"))
    waiting = session.start(call("Image.load", id="grid"), priority=1)
    session.emulator.advance(9.9 * 86400)
    assert [session.state(name) for name in (ended, stuck, waiting)] == ["SUCCEEDED", "RUNNING", "PENDING"]
    session.emulator.advance(0.2 * 86400)
    refusal(session.client.get(f"/v1/{ended}"), 404, "NOT_FOUND")
    for name in (stuck, waiting):
        assert session.get(name)["error"] == {"code": 4, "message": "The task has exceeded its lifetime."}
    assert session.start(call("Image.load", id="grid"), requestId="old") != ended
    session.emulator.advance(11 * 86400)
    assert session.client.get(LIST).json() == {}


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /v1/projects/p",
        b"GET /v1/projects/p/operations HTTP/1.1\r\nHost: x\r\n",
        b"POST /v1/projects/p/image:export HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
        b"GET /v1/projects/p/operations HTTP/1.1\r\nHost: x\r\n\r\nGET /v1",
    ],
)
def test_half_sent_requests_end(open_session: Open, sent: bytes) -> None:
    session = open_session(request_timeout=0.2)
    host, port = session.emulator.host.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(sent)
        answered = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answered.count(b"HTTP/1.1 200") == sent.count(b"\r\n\r\nGET")
    assert session.client.get(LIST).status_code == 200


def test_slow_requests_end_and_idle_connections_stay(open_session: Open) -> None:
    session = open_session(request_timeout=0.3)
    assert session.client.get(LIST).status_code == 200
    host, port = session.emulator.host.split(":")
    stopped = threading.Event()
    with socket.create_connection((host, int(port)), timeout=20) as connection:

        def drip() -> None:
            connection.sendall(b"GET /v1/projects/p/operations HTTP/1.1\r\n")
            while not stopped.wait(0.05):
                try:
                    connection.sendall(b"X: y\r\n")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(100) == b""
        stopped.set()
        thread.join()
    made = session.emulator.requests()["connections"]["made"]
    assert session.client.get(LIST).status_code == 200
    assert session.emulator.requests()["connections"]["made"] == made


def test_what_is_no_http(session: Session) -> None:
    host, port = session.emulator.host.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
        answered = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answered.startswith(b"HTTP/1.1 400")
    assert json.loads(answered.partition(b"\r\n\r\n")[2])["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    "bucket",
    [
        "UPPER",
        "a..b",
        "-a",
        "a-",
        "my bucket",
        "192.168.0.1",
        "goog-x",
        "my-google-maps",
        "x" * 64,
        "ö",
        "a/b",
        "a\nb",
        ".",
    ],
)
def test_names_that_no_bucket_has(session: Session, bucket: str) -> None:
    options = {"fileFormat": "GEO_TIFF", "cloudStorageDestination": {"bucket": bucket}}
    refusal(session.export(fileExportOptions=options))


@pytest.mark.parametrize(
    "name",
    [
        "projects/p/assets/a b",
        "projects/p/assets/ö",
        "projects/p/assets/a\n",
        "projects/p/assets/" + "x" * 300,
    ],
)
def test_names_that_no_asset_has(session: Session, name: str) -> None:
    refusal(session.export(assetExportOptions={"earthEngineDestination": {"name": name}}))


MISTAKES: list[tuple[Any, dict[str, Any]]] = [
    (1, {"fileExportOptions": {"driveDestination": {"filenamePrefix": "x" * 250}}}),
    (1, {"grid": {**GRID, "dimensions": {"width": 10**9, "height": 10**9}}, "maxPixels": "9" * 18}),
    (1, {"grid": {**GRID, "crsCode": "EPSG:0"}}),
    (1, {"grid": {"crsWkt": "nonsense", "dimensions": {"width": 1, "height": 1}}}),
    (call("Image.load", id="../../etc/passwd"), {}),
    (call("Image.load", id=["a"]), {}),
    (call("Image.load", id="\0"), {}),
    (call("Image.load", id="x" * 5000), {}),
    (call("Image.add", image1="a", image2={"constantValue": None}), {"grid": GRID}),
    (call("Image.select", input=1, bandSelectors=["("]), {"grid": GRID}),
    (call("Image.constant", value=10**400), {"grid": GRID}),
    (call("Image.reproject", image=1, crs="EPSG:4326", crsTransform=[0, 0, 0, 0, 0, 0]), {"grid": GRID}),
    (call("Number.add", left=1, right="x"), {}),
    ({"constantValue": {"a": 1}}, {"grid": GRID}),
    ({"constantValue": None}, {"grid": GRID}),
    ({"integerValue": "9" * 500}, {"grid": GRID}),
    ({"bytesValue": "AA=="}, {"grid": GRID}),
    (call("Collection.map", collection=[1], baseAlgorithm=3), {"grid": GRID}),
]


@pytest.mark.parametrize(("graph", "fields"), MISTAKES)
def test_a_users_mistake_is_never_an_internal_error(
    session: Session, graph: Any, fields: dict[str, Any]
) -> None:
    reply = session.export(graph, **fields)
    if reply.status_code != 200:
        assert reply.status_code == 400
        return
    session.emulator.advance(100)
    operation = session.get(reply.json()["name"])
    assert operation["metadata"]["state"] == "FAILED", operation
    assert operation["error"]["code"] not in (2, 13), operation["error"]
    assert session.emulator.watch.counters()["requests"]


def test_a_file_in_the_way_of_a_folder(session: Session) -> None:
    def options(prefix: str) -> dict[str, Any]:
        destination = {"bucket": "flat", "filenamePrefix": prefix}
        return {"fileExportOptions": {"fileFormat": "GEO_TIFF", "cloudStorageDestination": destination}}

    session.files(call("Image.load", id="grid"), **options("dem"))
    message = session.error(call("Image.load", id="grid"), **options("dem.tif/inner"))
    assert "a file stands where a folder is needed" in message
