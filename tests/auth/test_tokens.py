"""Tokens, got over real sockets by google-auth's own code: by whom, when, how often, and what fails."""

from __future__ import annotations

import datetime
import http.server
import json
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import trustme
from google.auth import _helpers, downscoped, impersonated_credentials
from google.auth.credentials import Credentials
from google.oauth2 import credentials as user_credentials
from google.oauth2 import service_account, sts

from earthengine_export._connect.access import resolve
from earthengine_export._connect.identity import SCOPES
from earthengine_export._run.policy import Retry
from earthengine_export.errors import ConnectionFailed, CredentialsError

OPERATION = "/v1beta/projects/p/operations/A"
MACHINE = "123-compute@developer.gserviceaccount.com"


def client_for(google: Any, credentials: object, **options: Any) -> httpx.Client:
    access = resolve(credentials, "p", base_url=google.url, **options)
    return httpx.Client(base_url=google.url, auth=access.auth)


def used_tokens(google: Any) -> list[str]:
    return [headers["authorization"] for path, headers, _ in google.seen if path.startswith("/v1beta")]


class Clock:
    """The time, for google-auth."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = datetime.datetime(2030, 1, 1)
        monkeypatch.setattr(_helpers, "utcnow", lambda: self.now)

    def forward(self, seconds: float) -> None:
        self.now += datetime.timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


# The ways to get a token


def test_a_user(google: Any, login: dict[str, Any]) -> None:
    with client_for(google, login) as client:
        assert client.get(OPERATION).json()["done"]
    (_, _, asked), (_, headers, _) = google.seen
    assert (asked["grant_type"], asked["refresh_token"]) == ("refresh_token", "a-refresh-token")
    assert asked["scope"] == SCOPES[0]
    assert headers["authorization"] == "Bearer token-1"


def test_a_service_account(google: Any, robot_key: dict[str, str]) -> None:
    from google.auth import jwt

    with client_for(google, robot_key) as client:
        client.get(OPERATION)
    claims = jwt.decode(google.seen[0][2]["assertion"], verify=False)
    assert (claims["iss"], claims["scope"]) == (robot_key["client_email"], " ".join(SCOPES))
    assert used_tokens(google) == ["Bearer token-1"]


def test_an_impersonated_service_account(google: Any, robot_key: dict[str, str]) -> None:
    credentials = impersonated_credentials.Credentials(
        service_account.Credentials.from_service_account_info(robot_key),
        "target@p.iam.gserviceaccount.com",
        list(SCOPES),
        iam_endpoint_override=f"{google.url}/v1/target:generateAccessToken",
    )
    access = resolve(credentials, "p", base_url=google.url)
    with httpx.Client(base_url=google.url, auth=access.auth) as client:
        client.get(OPERATION)
    assert used_tokens(google) == ["Bearer token-2"]  # the first is the impersonating account's
    assert access.source.startswith("impersonated service account target@p.iam.gserviceaccount.com, by")


def test_an_external_account(google: Any, tmp_path: Path) -> None:
    (tmp_path / "identity").write_text("an-identity-token")
    info = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{google.url}/sts",
        "credential_source": {"file": str(tmp_path / "identity")},
        "service_account_impersonation_url": f"{google.url}/v1/x@y.z:generateAccessToken",
    }
    with client_for(google, info) as client:
        client.get(OPERATION)
    assert google.seen[0][2]["subject_token"] == "an-identity-token"
    assert used_tokens(google) == ["Bearer token-2"]


def test_downscoped_credentials(google: Any, login: dict[str, Any]) -> None:
    rule = downscoped.AccessBoundaryRule("//storage.googleapis.com/projects/_/buckets/b", ["inRole:roles/x"])
    source = resolve(login, "p", base_url=google.url).identity.credentials
    credentials = downscoped.Credentials(source, downscoped.CredentialAccessBoundary([rule]))
    credentials._sts_client = sts.Client(
        f"{google.url}/sts"
    )  # Google's own, which has no other place to be named
    with client_for(google, credentials) as client:
        client.get(OPERATION)
    assert used_tokens(google) == ["Bearer token-2"]


def test_a_machine_of_googles(google: Any, tmp_path: Path) -> None:
    """In a process of its own, since google-auth reads the server's address when it is imported."""
    code = f"""
import json, httpx
from earthengine_export._connect.access import resolve
access = resolve(None, None, base_url={google.url!r})
before = access.source
with httpx.Client(base_url={google.url!r}, auth=access.auth) as client:
    client.get({OPERATION!r})
print(json.dumps([access.project, before, access.source]))
"""
    host = google.url.removeprefix("http://")
    environment = {"HOME": str(tmp_path), "GCE_METADATA_HOST": host, "GCE_METADATA_IP": host, "PATH": ""}
    environment["HTTP_PROXY"] = "http://127.0.0.1:1"  # metadata is not asked for through a proxy
    environment["NO_PROXY"] = "127.0.0.1"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        "machine-project",
        "service account of this machine default, by Application Default Credentials",
        f"service account of this machine {MACHINE}, by Application Default Credentials",
    ]
    asked = [fields for path, _, fields in google.seen if path.endswith("/token")]
    assert asked == [{"scopes": ",".join(SCOPES)}]  # Cloud Run gives what is asked for
    assert used_tokens(google) == ["Bearer token-1"]


def test_a_token_given_as_it_is(google: Any) -> None:
    with client_for(google, user_credentials.Credentials("given")) as client:
        assert client.get(OPERATION).status_code == 200
        google.accepts = "newest"
        with pytest.raises(CredentialsError, match=r"were refused: The credentials do not contain"):
            client.get(OPERATION)


# Headers


def test_the_project_is_charged_as_by_the_official_client(google: Any, login: dict[str, Any]) -> None:
    for options, charged in (({}, "p"), ({"quota_project": "other-project"}, "other-project")):
        with client_for(google, login, **options) as client:
            client.get(OPERATION)
        assert google.seen[-1][1]["x-goog-user-project"] == charged  # and not the login's own


@pytest.mark.parametrize("token", ["with-line-end\n", "space ", "umlaut-ü", "nul-\0"])
def test_a_token_that_no_header_can_carry_is_not_quoted(google: Any, token: str) -> None:
    with (
        client_for(google, user_credentials.Credentials(token)) as client,
        pytest.raises(CredentialsError, match="strip it") as caught,
    ):
        client.get(OPERATION)
    assert token.strip() not in str(caught.value)
    assert google.seen == []


def test_the_token_does_not_go_to_another_host_in_the_clear(google: Any, login: dict[str, Any]) -> None:
    access = resolve(login, "p", base_url=google.url)
    with (
        httpx.Client(auth=access.auth) as client,
        pytest.raises(CredentialsError, match=r"not sent to example\.com"),
    ):
        client.get("http://example.com/")


# When a token is renewed


def test_a_token_is_renewed_before_it_ends(google: Any, login: dict[str, Any], clock: Clock) -> None:
    with client_for(google, login) as client:
        for seconds in (0, 3000, 3300 - 3000, 3600 - 3300):
            clock.forward(seconds)
            client.get(OPERATION)
        assert google.tokens == 2
        clock.forward(3600 - 200)  # google-auth's margin is 225 s
        client.get(OPERATION)
    assert used_tokens(google) == [f"Bearer token-{number}" for number in (1, 1, 1, 2, 3)]


def test_a_401_renews_once(google: Any, login: dict[str, Any]) -> None:
    with client_for(google, login) as client:
        client.get(OPERATION)
        google.accepts = "newest"
        google.tokens += 1  # what was handed out before is revoked
        assert client.get(OPERATION).status_code == 200
        google.accepts = "none"
        google.seen.clear()
        assert client.get(OPERATION).status_code == 401
    assert [path for path, _, _ in google.seen] == [OPERATION, "/token", OPERATION]


def test_fifty_threads_share_one_renewal(google: Any, login: dict[str, Any], clock: Clock) -> None:
    start = threading.Barrier(50)
    with client_for(google, login) as client, ThreadPoolExecutor(50) as pool:

        def get(_: int) -> int:
            start.wait()
            return client.get(OPERATION).status_code

        assert list(pool.map(get, range(50))) == [200] * 50
        assert google.tokens == 1
        clock.forward(4000)
        assert list(pool.map(get, range(50))) == [200] * 50
        assert google.tokens == 2
        google.accepts = "newest"
        google.tokens = 10  # revoked: all get a 401 together
        assert list(pool.map(get, range(50))) == [200] * 50
        assert google.tokens == 11


def test_fifty_threads_share_one_refusal(google: Any, login: dict[str, Any]) -> None:
    start, release = threading.Barrier(51), threading.Event()
    access = resolve(login, "p", base_url=google.url)
    credentials: Any = access.identity.credentials
    refresh = credentials.refresh

    def slow_refresh(request: object) -> None:
        release.wait(10)
        refresh(request)

    credentials.refresh = slow_refresh
    google.replies.append((400, {"error": "invalid_grant", "error_description": "Token has been revoked."}))
    with httpx.Client(base_url=google.url, auth=access.auth) as client, ThreadPoolExecutor(50) as pool:

        def get(_: int) -> str:
            start.wait()
            try:
                client.get(OPERATION)
            except CredentialsError as error:
                return str(error)
            return "no error"

        answers = pool.map(get, range(50))
        start.wait()
        release.set()
        # A thread that came after the end of the refused renewal tries for itself, and succeeds.
        assert sum("Token has been revoked" in answer for answer in answers) >= 1
    assert google.count["/token"] <= 2


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_five_hundred_tasks_share_one_renewal(
    google: Any, login: dict[str, Any], clock: Clock, backend: str
) -> None:
    revoked: set[str] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401 if request.headers["authorization"] in revoked else 200)

    async def main() -> None:
        auth = resolve(login, "p", base_url=google.url).auth
        async with httpx.AsyncClient(auth=auth, transport=httpx.MockTransport(answer)) as client:

            async def get() -> None:
                assert (await client.get("https://example.com")).status_code == 200

            async def five_hundred() -> int:
                async with anyio.create_task_group() as tasks:
                    for _ in range(500):
                        tasks.start_soon(get)
                return int(google.tokens)

            assert await five_hundred() == 1
            clock.forward(4000)
            assert await five_hundred() == 2
            revoked.add("Bearer token-2")
            assert await five_hundred() == 3

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_task_can_be_cancelled_while_it_waits_for_a_token(
    google: Any, login: dict[str, Any], backend: str
) -> None:
    access = resolve(login, "p", base_url=google.url)
    credentials: Any = access.identity.credentials
    release, refresh = threading.Event(), credentials.refresh

    def slow_refresh(request: object) -> None:
        release.wait(10)
        refresh(request)

    credentials.refresh = slow_refresh

    async def main() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200))
        async with httpx.AsyncClient(auth=access.auth, transport=transport) as client:
            with anyio.move_on_after(0.01) as scope:
                await client.get("https://example.com")
            assert scope.cancelled_caught
            release.set()
            assert (await client.get("https://example.com")).status_code == 200
        assert google.tokens == 1  # the thread that was left to itself got it

    anyio.run(main, backend=backend)


def test_clients_of_different_users_live_side_by_side(google: Any, login: dict[str, Any]) -> None:
    mine = resolve(user_credentials.Credentials("mine"), "my-project", base_url=google.url)
    yours = resolve(user_credentials.Credentials("yours"), "your-project", base_url=google.url)
    with httpx.Client(base_url=google.url) as client:
        for access in (mine, yours, mine):
            client.get(OPERATION, auth=access.auth)
    assert used_tokens(google) == ["Bearer mine", "Bearer yours", "Bearer mine"]
    assert [headers["x-goog-user-project"] for _, headers, _ in google.seen] == [
        "my-project",
        "your-project",
        "my-project",
    ]


# When a token cannot be had


@pytest.mark.parametrize(
    ("credentials", "cure"),
    [
        (lambda login, _: login, r"Run `earthengine authenticate` again"),
        (
            lambda login, _: {**login, "type": "authorized_user"},
            "`gcloud auth application-default login` again",
        ),
        (lambda _, key: key, "`gcloud iam service-accounts keys create`"),
    ],
)
def test_a_refusal_is_final_and_says_what_to_do(
    google: Any,
    login: dict[str, Any],
    robot_key: dict[str, str],
    credentials: Callable[[object, object], object],
    cure: str,
) -> None:
    google.replies.append((400, {"error": "invalid_grant", "error_description": "Token has been revoked."}))
    with client_for(google, credentials(login, robot_key)) as client:
        with pytest.raises(
            CredentialsError, match=rf"invalid_grant: Token has been revoked\. .*{cure}"
        ) as caught:
            client.get(OPERATION)
        assert client.get(OPERATION).status_code == 200  # the next call is a new try
    assert google.count["/token"] == 2
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_the_variable_and_the_file_are_named_in_the_cure(
    google: Any, login: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARTHENGINE_TOKEN", json.dumps(login))
    google.replies.append((401, {"error": "invalid_client"}))
    with (
        client_for(google, None) as client,
        pytest.raises(
            CredentialsError, match=r"authenticate` again and put the text .* into EARTHENGINE_TOKEN"
        ),
    ):
        client.get(OPERATION)


@pytest.mark.parametrize(
    "reply", [None, (500, "oops"), (503, {}), (429, {}), (200, "<html>Log in</html>"), (200, [])]
)
def test_a_network_that_fails_is_for_the_retry_policy(
    google: Any, login: dict[str, Any], reply: tuple[int, Any] | None
) -> None:
    """One request for one attempt: google-auth does not sleep and repeat by itself."""
    google.replies.append(reply)
    with client_for(google, login) as client:
        with pytest.raises(ConnectionFailed, match=r"No token could be got from 127\.0\.0\.1") as caught:
            client.get(OPERATION)
        assert google.count == {"/token": 1}
        assert client.get(OPERATION).status_code == 200
    pause = Retry().pause(caught.value, method="export", attempt=1, elapsed=0, random=1)
    assert pause == 1
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_redirect_is_not_followed(google: Any, login: dict[str, Any]) -> None:
    google.replies.append((302, ""))
    with client_for(google, login) as client, pytest.raises(ConnectionFailed, match="redirect") as caught:
        client.get(OPERATION)
    assert Retry().pause(caught.value, method="export", attempt=1, elapsed=0, random=1) is None


def test_a_token_endpoint_that_is_not_there(google: Any, login: dict[str, Any]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        login["token_uri"] = f"http://127.0.0.1:{unused.getsockname()[1]}/token"
        with client_for(google, login) as client, pytest.raises(ConnectionFailed, match="connection-refused"):
            client.get(OPERATION)


def test_secrets_are_not_posted_over_plain_http(google: Any, login: dict[str, Any]) -> None:
    login["token_uri"] = "http://example.com/token"
    with (
        client_for(google, login) as client,
        pytest.raises(CredentialsError, match=r"plain http from example\.com"),
    ):
        client.get(OPERATION)


def test_certificates_are_checked_with_the_usual_variable(
    google: Any, login: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import ssl

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    google.socket = context.wrap_socket(google.socket, server_side=True)
    url = f"https://localhost:{google.server_port}"
    login["token_uri"] = f"{url}/token"
    access = resolve(login, "p", base_url=url)
    with (
        httpx.Client(auth=access.auth) as client,
        pytest.raises(ConnectionFailed, match=r"\(tls\).*SSL_CERT_FILE") as caught,
    ):
        client.get(url + OPERATION)
    assert caught.value.fault == "tls"

    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with httpx.Client(auth=access.auth) as client:
        assert client.get(url + OPERATION).status_code == 200


class _Proxy(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        self.send_error(502)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing goes to stderr."""


def test_proxies_are_used_for_https_alone(
    google: Any, login: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    handler = type("Proxy", (_Proxy,), {"asked": asked})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        threading.Thread(target=partial(proxy.serve_forever, 0.01), daemon=True).start()
        for name in ("HTTPS_PROXY", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        access = resolve(login, "p", base_url=google.url)
        with httpx.Client(base_url=google.url, auth=access.auth, trust_env=False) as client:
            client.get(OPERATION)
        assert (asked, google.tokens) == ([], 1)
        del login["token_uri"]
        access = resolve(login, "p", base_url=google.url)
        with (
            httpx.Client(base_url=google.url, auth=access.auth, trust_env=False) as client,
            pytest.raises(ConnectionFailed),
        ):
            client.get(OPERATION)
        assert asked == ["oauth2.googleapis.com:443"]
        proxy.shutdown()


def test_credentials_are_not_pickled(login: dict[str, Any]) -> None:
    access = resolve(login, "p", base_url=None)
    assert "Credentials object" not in repr(access)  # whose class, a user's own, may show anything
    for thing in (access, access.auth):
        with pytest.raises(TypeError, match="make a client where it is used"):
            pickle.dumps(thing)


class _Own(Credentials):
    """Somebody's own subclass, with an error that nobody foresaw."""

    def __init__(self) -> None:
        super().__init__()

    def refresh(self, request: object) -> None:
        raise OSError("the vault is closed")


def test_an_error_that_is_not_google_auths_passes_through(google: Any) -> None:
    with client_for(google, _Own()) as client, pytest.raises(OSError, match="vault"):
        client.get(OPERATION)
