"""Proves that a variable that is wrong is named, with its cure, and that right ones hold."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

import earthengine_export as eex
from tests.faults.cells import export, listening
from tests.worlds import World

PASSWORD = "c4n4ry"
SERVICE = "https://earthengine.googleapis.com"
NO_RETRY = eex.Retry(retries=0)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("variable", "value", "shows", "cure"),
    [
        ("ALL_PROXY", "socks://127.0.0.1:7891/", "'socks://127.0.0.1:7891/'", "socks5://"),
        ("HTTPS_PROXY", f"socks://me:{PASSWORD}@127.0.0.1:7891", "'socks://…@127.0.0.1:7891'", "socks5://"),
        ("https_proxy", f"ftp://me:{PASSWORD}@proxy", "'ftp://…@proxy'", "unset"),
        ("HTTPS_PROXY", f"http://me:{PASSWORD}@[::1", "'http://…@[::1'", "unset"),
        ("HTTPS_PROXY", "http://proxy:port", "'http://proxy:port'", "unset"),
        ("HTTPS_PROXY", "http://", "'http://'", "unset"),
        ("SSL_CERT_FILE", "/nonexistent.pem", "'/nonexistent.pem'", "PEM file"),
        ("SSL_CERT_FILE", "https://me:secret@host/a.pem#secret", "'https://…@host/a.pem…'", "PEM file"),
        ("SSL_CERT_DIR", "/nonexistent", "'/nonexistent'", "PEM file"),
        ("REQUESTS_CA_BUNDLE", "/nonexistent.pem", "'/nonexistent.pem'", "PEM file"),
        ("REQUESTS_CA_BUNDLE", __file__, repr(__file__), "PEM file"),
    ],
)
def test_a_variable_of_no_use(
    world: World, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, shows: str, cure: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(eex.InvalidArgument) as caught:
        world.client(SERVICE)
    assert str(caught.value).startswith(f"{variable}={shows}: ")
    assert cure in str(caught.value)
    assert PASSWORD not in f"{caught.value} {caught.value.__dict__}"
    assert caught.value.__cause__ is caught.value.__context__ is None
    frames = [one.frame for one in caught.traceback if "earthengine_export" in str(one.path)]
    assert PASSWORD not in repr([frame.f_locals for frame in frames])
    world.client("http://127.0.0.1:1")  # where neither is used


def test_socks_needs_a_package(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from earthengine_export._connect import environment

    monkeypatch.setattr(environment, "find_spec", lambda _: None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:7891")
    with pytest.raises(eex.InvalidArgument, match=r"ALL_PROXY=.*pip install 'httpx\[socks\]'"):
        world.client(SERVICE)


@pytest.mark.parametrize("entries", ["[::1],127.0.0.1,*.googleapis.com:,earthengine.googleapis.com", "*"])
def test_entries_of_no_proxy_that_cannot_be_read_are_skipped(
    world: World, monkeypatch: pytest.MonkeyPatch, entries: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks://nonsense")  # which is then of no concern
    monkeypatch.setenv("NO_PROXY", entries)
    world.client(SERVICE)


def proxy(asked: list[str], answer: bytes, passes: Callable[[], str] | None = None) -> Any:
    """A proxy that answers a CONNECT with some bytes, or passes what comes on to a host."""

    def serve(connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        asked.append(head.decode())
        if passes is None:
            connection.sendall(answer)
            return
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        host, port = passes().split(":")
        with socket.create_connection((host, int(port))) as above:
            back = threading.Thread(target=pump, args=(above, connection))
            back.start()
            pump(connection, above)
            back.join()

    return serve


def pump(source: socket.socket, target: socket.socket) -> None:
    source.settimeout(None)
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def secure(google: Any, monkeypatch: pytest.MonkeyPatch, folder: Path, variable: str) -> Iterator[str]:
    """Google behind TLS as `localhost`, trusted by a variable; its port."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    google.socket = context.wrap_socket(google.socket, server_side=True)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    monkeypatch.setenv(variable, str(folder / "authority.pem"))
    yield f"https://localhost:{google.server_port}"


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_certificates(
    world: World, google: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    """For the service and for tokens alike."""
    with secure(google, monkeypatch, tmp_path, variable) as url:
        login = {
            "client_id": "c", "client_secret": "s", "refresh_token": "r", "token_uri": f"{url}/token"
        }  # fmt: skip
        client = world.client(url, credentials=login)
        assert world.get(client.operation("A").refresh()).done
        world.get(client.close())
    assert google.tokens == 1


def test_a_proxy_with_a_password_that_passes_things_on(
    world: World, google: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []
    serve = proxy(asked, b"", lambda: f"127.0.0.1:{google.server_port}")
    with secure(google, monkeypatch, tmp_path, "SSL_CERT_FILE") as url, listening(serve) as host:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@{host}")
        client = world.client(url)
        assert world.get(client.operation("A").refresh()).done
        world.get(client.close())
    secret = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    assert f"Proxy-Authorization: Basic {secret}" in asked[0]


@pytest.mark.parametrize(
    ("answer", "status", "fault", "attempts"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", 407, "407", 1),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", 502, "connection-refused", 3),
        (b"", None, "connection-refused", 3),
        (b"HTTP", None, "connection-refused", 3),
    ],
)
@pytest.mark.parametrize("of_token", [False, True])
def test_a_proxy_that_refuses_has_passed_nothing_on(
    world: World, monkeypatch: pytest.MonkeyPatch, answer: bytes, status: Any, fault: str, attempts: int,
    of_token: bool,
) -> None:  # fmt: skip
    asked: list[str] = []
    login = {"client_id": "c", "client_secret": "s", "refresh_token": "r", "token_uri": "https://a.test/t"}
    with listening(proxy(asked, answer)) as host:
        monkeypatch.setenv("HTTPS_PROXY", host)  # without a scheme, as curl takes it
        world.hurry()
        options: Any = {"credentials": login} if of_token else {}
        client = world.client(SERVICE, retry=eex.Retry(retries=2), **options)
        with pytest.raises(eex.ConnectionFailed) as caught:
            world.get(client.submit(export()))
        world.get(client.close())
    error = caught.value
    assert (error.fault, error.status, error.may_exist, error.of_token) == (fault, status, False, of_token)
    assert error.attempts == attempts == len(asked)
    assert "No export was started." in str(error)
    assert status is None or str(status) in str(error)
