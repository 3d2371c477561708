"""Proves where credentials come from, that tokens are renewed once, and that no secret shows anywhere.

Google's side is played on loopback: token endpoints, a metadata server and the API itself.
"""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter, deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ROBOT = "robot@key-project.iam.gserviceaccount.com"
MACHINE = "123-compute@developer.gserviceaccount.com"


class Google(ThreadingHTTPServer):
    """Hands out the tokens "token-1", "token-2", …, and answers requests that carry the newest one.

    Attributes:
        replies: What the token endpoints answer next: a status with a body, or None to hang up.
        tokens: How many tokens were handed out.
        seen: The requests: path, headers, and the body's fields.
        prefix: What tokens begin with.
        accepts: The tokens that the API takes: "all", "newest" or "none".
        api_reply: What the API answers in place of an operation, once it has taken the token.
    """

    request_queue_size = 128
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: deque[tuple[int, Any] | None] = deque()
        self.tokens = 0
        self.prefix = "token-"
        self.expires_in = 3600
        self.accepts = "all"
        operation = {"name": "projects/p/operations/A", "done": True, "metadata": {"state": "SUCCEEDED"}}
        self.api_reply: tuple[int, Any] | None = (200, operation)
        self.seen: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.count: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def token(self) -> str:
        with self.lock:
            self.tokens += 1
            return f"{self.prefix}{self.tokens}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no fault of the server."""


class _Handler(BaseHTTPRequestHandler):
    server: Google
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing goes to stderr."""

    def _answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        url, google = urlsplit(self.path), self.server
        if self.headers.get("content-type") == "application/x-www-form-urlencoded":
            fields: dict[str, Any] = {key: value[0] for key, value in parse_qs(raw.decode()).items()}
        else:
            fields = json.loads(raw or b"{}")
        fields.update((key, value[0]) for key, value in parse_qs(url.query).items())
        with google.lock:
            google.seen.append((url.path, dict(self.headers.items()), fields))
            google.count[url.path] += 1
        if url.path.startswith("/v1beta/"):
            self._api()
        elif google.replies:
            self._send(google.replies.popleft())
        elif url.path in {"/token", "/sts"}:
            self._send((200, {"access_token": google.token(), "expires_in": google.expires_in}))
        elif url.path.endswith(":generateAccessToken"):
            self._send((200, {"accessToken": google.token(), "expireTime": "2099-01-01T00:00:00Z"}))
        else:
            self._metadata(url.path)

    def _api(self) -> None:
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        newest = f"{self.server.prefix}{self.server.tokens}"
        if self.server.accepts == "all" or (self.server.accepts == "newest" and token == newest):
            self._send(self.server.api_reply)
        else:
            self._send(
                (401, {"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "Not accepted."}})
            )

    def _metadata(self, path: str) -> None:
        account = "/computeMetadata/v1/instance/service-accounts/{}/"
        if path == "/":
            self._send((200, "computeMetadata/"))
        elif path == "/computeMetadata/v1/project/project-id":
            self._send((200, "machine-project"))
        elif path in {account.format("default"), account.format(MACHINE)}:
            self._send((200, {"email": MACHINE, "scopes": [], "aliases": ["default"]}))
        elif path in {account.format("default") + "token", account.format(MACHINE) + "token"}:
            self._send(
                (200, {"access_token": self.server.token(), "expires_in": 3600, "token_type": "Bearer"})
            )
        else:
            self._send((404, "not found"))

    def _send(self, reply: tuple[int, Any] | None) -> None:
        self.close_connection = reply is None
        if reply is None:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, body = reply
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
        self.send_header("Metadata-Flavor", "Google")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the base class calls them so


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without credentials, and not one of Google's; gives its home folder."""
    from google.auth.compute_engine import _metadata

    # Read from the environment at import; before google-auth 2.48 there is none, and a search takes seconds.
    monkeypatch.setattr(_metadata, "_NO_GCE_CHECK", True, raising=False)
    for name in (
        "EARTHENGINE_EMULATOR_HOST",
        "EARTHENGINE_TOKEN",
        "EE_CONFIG_FILE",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CLOUD_PROJECT",
        "GCLOUD_PROJECT",
        "GOOGLE_CLOUD_QUOTA_PROJECT",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(home / "gcloud"))
    return home


@pytest.fixture(scope="session")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def robot_key(google: Google, private_key: str) -> dict[str, str]:
    """The content of a service account's key file."""
    return {
        "type": "service_account",
        "project_id": "key-project",
        "private_key_id": "key-id",
        "private_key": private_key,
        "client_email": ROBOT,
        "token_uri": f"{google.url}/token",
    }


@pytest.fixture
def login(google: Google) -> dict[str, Any]:
    """What `earthengine authenticate` writes, with a token endpoint of the test's own."""
    return {
        "client_id": "99-abc.apps.googleusercontent.com",
        "client_secret": "a-client-secret",
        "refresh_token": "a-refresh-token",
        "scopes": ["https://www.googleapis.com/auth/earthengine"],
        "project": "login-project",
        "token_uri": f"{google.url}/token",
    }
