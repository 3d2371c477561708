"""Proves that no frame of any exception holds a secret: reports that show local variables find none.

A token, a password of a proxy and a refresh token are planted; a request is then ended at each step.
"""

from __future__ import annotations

import asyncio
import base64
import io
import signal
import socket
import ssl
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import anyio
import pytest
from google.oauth2.credentials import Credentials
from httpcore._backends import anyio as anyio_backend
from httpcore._backends import sync
from httpcore._backends import trio as trio_backend

import earthengine_export as eex
from tests.faults.cells import export, listening

CANARY = "c4n4ry"
TOKEN = f"ya29.{CANARY}-access-token-a0AfB"
REFRESH = f"1//{CANARY}-refresh-token"


class Own(Exception):
    """The caller's."""


def shown(error: BaseException, *, briefly: bool) -> str:
    """What reports show of an exception, with all that hangs on it and all local variables."""
    out = io.StringIO()
    if briefly:  # as for a large graph, for which their tools take seconds, or frames of this file
        return _walked(error, out)
    traceback.TracebackException.from_exception(error, capture_locals=True).print(file=out)
    with suppress(ImportError):
        from rich.console import Console
        from rich.traceback import Traceback

        told = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
        Console(file=out, width=200).print(told)
    return _walked(error, out)


def _walked(error: BaseException, out: io.StringIO) -> str:
    todo: list[BaseException | None] = [error]
    seen: set[int] = set()
    while todo:  # TracebackException passes by a context that is suppressed
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        out.write(f"{one!r} {one.__dict__!r} {getattr(one, '__notes__', '')}\n")
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if frame.f_code.co_filename != __file__:
                out.write(f"{frame.f_code.co_qualname} {frame.f_locals!r}\n")
        todo += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return out.getvalue()


def check(error: BaseException, *, briefly: bool = False) -> None:
    text = shown(error, briefly=briefly)
    for secret in (CANARY, base64.b64encode(f"me:{CANARY}".encode()).decode()):
        place = text.find(secret)
        assert place < 0, f"…{text[max(0, place - 400) : place + 100]}…"


def never_reads(connection: socket.socket) -> None:
    """The request fills the buffers, so that it is ended while it is sent."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    time.sleep(0.6)


def never_replies(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.recv(65536)
        time.sleep(0.6)


def resets(connection: socket.socket) -> None:
    connection.recv(10)


STEPS: dict[str, Callable[[socket.socket], None]] = {
    "while it is sent": never_reads,
    "while a reply is awaited": never_replies,
    "broken": resets,
}
LARGE = eex.ImageExport(
    {"result": "0", "values": {"0": {"constantValue": "x" * 6_000_000}}},
    to=eex.CloudStorage("bucket"),
    description="large",
)


def options(url: str, **others: Any) -> dict[str, Any]:
    return {
        "project": "my-project", "base_url": url, "retry": eex.Retry(retries=0), "timeout": 20,
        "credentials": Credentials(TOKEN), **others,
    }  # fmt: skip


@contextmanager
def interrupting(after: float) -> Iterator[None]:
    """Ctrl-C for this thread, once."""

    def strike(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, after)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def ended_by_ctrl_c(url: str, what: eex.ImageExport, **others: Any) -> BaseException | None:
    with eex.Client(**options(url, **others)) as client:
        try:
            with interrupting(0.2):
                client.submit(what)
        except BaseException as error:  # noqa: BLE001
            return error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
    return None


def ended_by_cancel(backend: str, url: str, what: eex.ImageExport, **others: Any) -> BaseException | None:
    caught: list[BaseException] = []

    async def main() -> None:
        async with eex.AsyncClient(**options(url, **others)) as client:
            with anyio.move_on_after(0.2):
                try:
                    await client.submit(what)
                except BaseException as error:
                    caught.append(error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))
                    raise

    with suppress(eex.EarthEngineError):
        anyio.run(main, backend=backend)
    return caught[0] if caught else None


@pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_a_submit_that_is_ended(kind: str, step: str) -> None:
    what = LARGE if step == "while it is sent" else export()
    with listening(STEPS[step]) as host:
        url = f"http://{host}"
        error = ended_by_ctrl_c(url, what) if kind == "sync" else ended_by_cancel(kind, url, what)
    assert error is not None
    assert isinstance(error, eex.EarthEngineError) is (step == "broken")
    check(error, briefly=what is LARGE)


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_a_submit_that_is_ended_while_its_head_is_sent(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head fills no buffer, so the moment is made long."""
    write, async_write = sync.SyncStream.write, anyio_backend.AnyIOStream.write

    def slow(self: Any, buffer: bytes, timeout: float | None = None) -> None:
        time.sleep(0.5)
        write(self, buffer, timeout)

    async def async_slow(self: Any, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await anyio.sleep(0.5)
        await async_write(self, buffer, timeout)

    monkeypatch.setattr(sync.SyncStream, "write", slow)
    for stream in (anyio_backend.AnyIOStream, trio_backend.TrioStream):
        monkeypatch.setattr(stream, "write", async_slow)
    with listening(never_replies) as host:
        url = f"http://{host}"
        error = ended_by_ctrl_c(url, export()) if kind == "sync" else ended_by_cancel(kind, url, export())
    assert error is not None
    check(error, briefly=True)


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
@pytest.mark.parametrize("step", ["while it is awaited", "broken"])
def test_a_proxy_with_a_password(kind: str, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended at CONNECT, for the request and for the token."""
    with listening(never_replies if step == "while it is awaited" else resets) as host:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{CANARY}@{host}")
        url = "https://earthengine.googleapis.com"
        error = ended_by_ctrl_c(url, export()) if kind == "sync" else ended_by_cancel(kind, url, export())
    assert error is not None
    if step == "broken":
        assert isinstance(error, eex.ConnectionFailed)
        assert (error.fault, error.may_exist) == ("connection-refused", False)  # nothing was passed on
        assert "No export was started." in str(error)
    check(error)


def test_ctrl_c_while_a_token_is_renewed() -> None:
    with listening(never_replies) as host:
        credentials = Credentials(
            None, refresh_token=REFRESH, token_uri=f"http://{host}/token", client_id="c",
            client_secret=f"{CANARY}-secret",
        )  # fmt: skip
        error = ended_by_ctrl_c("http://127.0.0.1:9", export(), credentials=credentials)
    assert isinstance(error, KeyboardInterrupt)
    check(error)


@pytest.mark.parametrize("kind", ["sync", "asyncio"])
def test_the_callers_own_exceptions_are_left_as_they_are(kind: str) -> None:
    """A submit fails while another exception is handled; that one keeps its frames, and is not judged."""

    def fail() -> None:
        raise Own("before")

    async def submit(url: str) -> None:
        async with eex.AsyncClient(**options(url)) as client:
            await client.submit(export())

    with listening(resets) as host, pytest.raises(eex.ConnectionFailed) as caught:  # noqa: PT012
        try:
            fail()
        except Own as error:
            own, before = error, traceback.extract_tb(error.__traceback__)
            if kind == "sync":
                with eex.Client(**options(f"http://{host}")) as client:
                    client.submit(export())
            else:
                asyncio.run(submit(f"http://{host}"))
    assert (caught.value.fault, caught.value.may_exist) == ("connection-broken", True)
    assert traceback.extract_tb(own.__traceback__) == before
    assert "fail" in [frame.name for frame in before]


def test_a_fault_that_is_being_handled_is_not_this_ones() -> None:
    """ "No export was started" would be said where one may have been."""
    refused = pytest.raises(eex.ConnectionFailed, match=r"connection-refused.*No export was started")
    lost = pytest.raises(eex.ConnectionFailed, match=r"connection-broken.*may have been started")
    with listening(resets) as host, refused, eex.Client(**options("http://127.0.0.1:9")) as first:
        try:
            first.submit(export())
        except eex.ConnectionFailed:
            with lost, eex.Client(**options(f"http://{host}")) as second:
                second.submit(export())
            raise


def test_few_frames_of_ours() -> None:
    with listening(never_replies) as host:
        error = ended_by_ctrl_c(f"http://{host}", export())
    assert error is not None
    names = [frame.f_globals["__name__"] for frame, _ in traceback.walk_tb(error.__traceback__)]
    assert not [name for name in names if name.partition(".")[0] in {"httpx", "httpcore", "h11", "anyio"}]
    assert len(names) < 12


@pytest.mark.parametrize("kind", ["sync", "asyncio", "trio"])
def test_a_refused_connection_is_one_inside_of_any_handler(kind: str) -> None:
    """Where the caller handles an error of TLS, a name or a timeout of its own."""

    async def submit(handled: OSError) -> None:
        async with eex.AsyncClient(**options("http://127.0.0.1:9")) as client:
            try:
                raise handled
            except OSError:
                await client.submit(export())

    def blocking(handled: OSError) -> None:
        with eex.Client(**options("http://127.0.0.1:9")) as client:
            try:
                raise handled
            except OSError:
                client.submit(export())

    for handled in (ssl.SSLError("mine"), socket.gaierror("mine"), TimeoutError("mine")):
        with pytest.raises(eex.ConnectionFailed) as caught:
            blocking(handled) if kind == "sync" else anyio.run(submit, handled, backend=kind)
        assert caught.value.fault == "connection-refused"


@pytest.mark.parametrize("kind", [eex.Client, eex.AsyncClient])
@pytest.mark.parametrize(
    "argument", ["project", "credentials", "base_url", "timeout", "retry", "http_client"]
)
def test_a_client_that_is_refused(kind: type[eex.Client], argument: str) -> None:
    """A key in the place of any argument, or beside one that is refused, is in no frame of ours."""
    key = {"private_key": CANARY}

    def refused(make: Callable[..., object], **options: object) -> None:
        with pytest.raises(eex.EarthEngineError) as caught:
            make(**options)
        trace = caught.value.__traceback__
        assert trace is not None
        inner = trace.tb_next  # without the frame of this test, which holds the key
        report = traceback.TracebackException(type(caught.value), caught.value, inner, capture_locals=True)
        assert CANARY not in "".join(report.format())
        assert isinstance(caught.value.__cause__ or caught.value, eex.EarthEngineError)

    refused(kind, **({"project": "p", "credentials": eex.anonymous()} | {argument: key}))
    refused(kind, project="p", credentials=key, timeout="x")
    refused(kind.from_service_account, key=key, timeout="x")
    refused(kind.from_service_account, key=key)
    if argument in {"timeout", "retry"}:
        refused(kind("p", eex.anonymous(), "http://127.0.0.1:9").with_options, **{argument: key})
        refused(kind("p", eex.anonymous(), "http://127.0.0.1:9").with_options, quota_project=key)


@pytest.mark.parametrize("url", [f"https://h?k={CANARY}", f"https://h#{CANARY}", f"https://u:{CANARY}@h"])
def test_an_address_in_place_of_a_project(url: str) -> None:
    for argument in ("project", "quota_project", "base_url"):
        rest: dict[str, Any] = {"project": "p", "credentials": eex.anonymous(), "base_url": "https://h"}
        with pytest.raises(eex.InvalidArgument) as caught:
            eex.Client(**rest | {argument: url})
        assert f"{argument}='https://" in str(caught.value)
        assert CANARY not in f"{caught.value}{vars(caught.value)}"
