"""Proves what holds for connections: a client of the caller's own, copies, event loops, and closing."""

from __future__ import annotations

import asyncio
import gc
import os
import select
import socket
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest
from httpcore._sync.http11 import HTTP11Connection

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export._connect import pools
from tests.faults import cells
from tests.faults.cells import export, start
from tests.faults.test_wire import GOOD
from tests.worlds import World

NO_RETRY = eex.Retry(retries=0)


def own(world: World, **options: Any) -> Any:
    """An httpx client of the world, closed at its end."""
    made: Any = httpx.AsyncClient(**options) if world.is_async else httpx.Client(**options)
    world.at_end(made.aclose if world.is_async else made.close)
    return made


def hook(world: World, told: Callable[[Any], object]) -> Any:
    async def awaited(thing: Any) -> None:
        told(thing)

    return awaited if world.is_async else told


def answering(*replies: httpx.Response | Exception) -> httpx.MockTransport:
    left = list(replies)

    def answer(_: httpx.Request) -> httpx.Response:
        reply = left.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    return httpx.MockTransport(answer)


def good() -> httpx.Response:
    return httpx.Response(200, content=GOOD)


def test_a_client_of_ones_own(world: World, emulator: Emulator) -> None:
    """Its headers and hooks hold; our token, timeout and checks do too; its auth and base_url do not."""
    requests: list[httpx.Request] = []
    hooks = {"request": [hook(world, requests.append)]}
    given = own(
        world,
        headers={"x-mine": "1"},
        auth=("me", "secret"),
        base_url="https://elsewhere.invalid",
        timeout=0.001,
        follow_redirects=True,
        event_hooks=hooks,
    )
    client = world.client(emulator.base_url, credentials=cells.Renewable(), http_client=given)
    assert world.get(client.submit(export())).description == "one"
    (request,) = requests
    assert request.headers["x-mine"] == "1"
    assert request.headers["x-goog-user-project"] == "my-project"
    assert "authorization" not in request.headers  # and it was taken off again
    emulator.fail("get", "redirect", location=f"{emulator.base_url}/v1beta/projects/p/operations/X")
    with pytest.raises(eex.BadReply, match="not followed"):
        world.get(client.operation("A").refresh())
    world.get(client.close())
    assert not given.is_closed


@pytest.mark.parametrize(
    ("raised", "fault"),
    [
        (httpx.ConnectError("refused"), "connection-refused"),
        (httpx.ConnectTimeout("late"), "timeout"),
        (httpx.ProxyError("502 Bad Gateway"), "connection-refused"),
        (httpx.ReadError("broke"), "connection-broken"),
        (httpx.RemoteProtocolError("what?"), "connection-broken"),
        (httpx.ReadTimeout("late"), "timeout"),
    ],
)
def test_a_transport_of_ones_own_is_judged_by_what_it_raises(
    world: World, raised: Exception, fault: str
) -> None:
    given = own(world, transport=answering(raised, good()))
    client = world.client("http://127.0.0.1:1", http_client=given, retry=NO_RETRY)
    with pytest.raises(eex.ConnectionFailed) as caught:
        world.get(client.submit(export()))
    assert (caught.value.fault, caught.value.may_exist) == (fault, fault != "connection-refused")
    assert world.get(client.submit(export())).name.endswith("/X")


def test_a_hook_that_raises_for_a_status(world: World) -> None:
    """As in httpx's documentation; it is a reply like any other, and retried."""
    raising = hook(world, lambda response: response.raise_for_status())
    given = own(world, transport=answering(httpx.Response(503), good()), event_hooks={"response": [raising]})
    client = world.client("http://127.0.0.1:1", http_client=given, retry=eex.Retry(initial=0.01))
    assert world.get(client.submit(export())).name.endswith("/X")


def test_what_a_hook_raises_is_the_callers(world: World) -> None:
    def odd(_: object) -> None:
        raise KeyError("mine")

    given = own(world, transport=answering(good()), event_hooks={"request": [hook(world, odd)]})
    client = world.client("http://127.0.0.1:1", http_client=given)
    with pytest.raises(KeyError, match="mine") as caught:
        world.get(client.submit(export()))
    assert "odd" in [frame.name for frame in caught.traceback]


def test_what_is_no_client_is_refused(world: World) -> None:
    other: Any = httpx.Client() if world.is_async else httpx.AsyncClient()
    for wrong in (other, 5, httpx.MockTransport(lambda _: good())):
        with pytest.raises(eex.InvalidArgumentType, match=r"http_client=.*httpx"):
            world.client("http://127.0.0.1:1", http_client=wrong)
    closed = own(world)
    world.get(closed.aclose() if world.is_async else closed.close())
    with pytest.raises(eex.InvalidArgument, match=r"http_client=.*closed"):
        world.client("http://127.0.0.1:1", http_client=closed)


def test_copies_share_the_connections(world: World, emulator: Emulator) -> None:
    credentials = cells.Renewable()
    client = world.client(emulator.base_url, credentials=credentials)
    seen: list[str] = []
    for one in (client, client.with_options(quota_project="other", timeout=5), client):
        world.get(one.submit(export()))
        seen.append(one._http.access.quota_project)
    assert seen == ["my-project", "other", "my-project"]
    assert emulator.requests()["connections"]["made"] == 1
    slow = client.with_options(timeout=0.1, retry=NO_RETRY)
    emulator.fail("get", "pass", delay=0.4)
    with pytest.raises(eex.ConnectionFailed, match="timeout"):
        world.get(slow.operation(start(emulator)).refresh())
    world.get(client.close())
    with pytest.raises(eex.ClientUnusable):
        world.get(slow.submit(export()))
    for wrong in ({"timeout": "5"}, {"retry": 3}, {"quota_project": {"a": 1}}):
        with pytest.raises(eex.EarthEngineError, match=next(iter(wrong))):
            client.with_options(**wrong)


# Closing


def sockets(url: str = "") -> set[str]:
    """The TCP connections that this process holds, all or those to a server."""
    port = f":{int(url.rpartition(':')[2]):04X}" if url else ""
    with open("/proc/net/tcp") as table:
        lines = [line.split() for line in list(table)[1:]]
    inodes = {line[9] for line in lines if line[2].endswith(port)}
    held = set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            link = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue
        held.add(link.removeprefix("socket:[").rstrip("]"))
    return {inode for inode in held if inode in inodes}


class Holding:
    """A server that takes requests in and answers none of them."""

    def __init__(self) -> None:
        self.connections: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections.append(connection)

    def heard(self) -> int:
        """On how many connections a whole request has come, with the JSON that is its body."""
        readable, _, _ = select.select(self.connections, [], [], 0)
        return sum(one.recv(65536, socket.MSG_PEEK).endswith(b"}") for one in readable)

    def open(self) -> int:
        """How many connections the client has not closed."""
        number = 0
        for connection in self.connections:
            connection.settimeout(0.05)
            try:
                while connection.recv(65536):
                    continue
            except TimeoutError:
                number += 1
            except OSError:
                continue
        return number

    def close(self) -> None:
        for one in (self._server, *self.connections):
            one.close()


@pytest.fixture
def holding() -> Any:
    server = Holding()
    yield server
    server.close()


def _outcome(error: BaseException | None) -> tuple[str, bool, bool]:
    assert isinstance(error, eex.ClientUnusable), error
    text = str(error)
    assert ("may have been started" in text) is error.may_exist
    assert ("No export was started" in text) is not error.may_exist
    return type(error).__name__, error.request_id is not None, error.may_exist


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_closed_while_tasks_submit(holding: Holding, backend: str) -> None:
    outcomes: list[BaseException | None] = []

    async def main() -> None:
        client = eex.AsyncClient("my-project", eex.anonymous(), holding.url)

        async def submit() -> None:
            try:
                await client.submit(export())
            except eex.EarthEngineError as error:
                outcomes.append(error)

        async with anyio.create_task_group() as tasks:
            for _ in range(160):
                tasks.start_soon(submit)
            while holding.heard() < 40:  # noqa: ASYNC110 - of another thread
                await anyio.sleep(0.01)
            await client.close()
        with pytest.raises(eex.ClientUnusable):
            await client.submit(export())

    anyio.run(main, backend=backend)
    told = [_outcome(error) for error in outcomes]
    assert len(told) == 160
    assert {name_id[:2] for name_id in told} == {("ClientUnusable", True)}
    assert sum(may for *_, may in told) == 40  # the others waited for a connection
    assert (len(holding.connections), holding.open()) == (40, 0)


def test_closed_while_threads_submit(holding: Holding) -> None:
    client = eex.Client("my-project", eex.anonymous(), holding.url, timeout=600)  # which nobody waits for

    def submit(_: int) -> BaseException | None:
        try:
            client.submit(export())
        except eex.EarthEngineError as error:
            return error
        return None

    with ThreadPoolExecutor(60) as threads:
        outcomes = [threads.submit(submit, number) for number in range(60)]
        while holding.heard() < 40:
            time.sleep(0.01)
        client.close()
        told = [_outcome(one.result()) for one in outcomes]
    assert sum(may for *_, may in told) == 40
    assert (len(holding.connections), holding.open()) == (40, 0)


def test_connections_of_a_busy_time_are_closed_after_it(
    world: World, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the next request has been answered; the one that is used is kept."""
    client = world.client(emulator.base_url)
    operation = client.operation(start(emulator))
    emulator.fail("get", "pass", times=5, delay=0.6)

    async def together() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(operation.refresh)

    if world.is_async:
        world.get(together())
    else:
        with ThreadPoolExecutor(5) as threads:
            for _ in range(5):
                threads.submit(operation.refresh)
    assert len(sockets(emulator.base_url)) == 5
    monkeypatch.setattr(pools, "KEPT", -1.0)
    world.get(operation.refresh())
    assert not sockets(emulator.base_url)
    monkeypatch.undo()
    world.get(operation.refresh())
    world.get(operation.refresh())
    assert len(sockets(emulator.base_url)) == 1


def test_ctrl_c_leaves_no_connection_in_use(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """It falls where httpcore gives the connection back; the next call must not wait for that one."""
    give_back = HTTP11Connection._response_closed
    interrupts = [KeyboardInterrupt]

    def interrupted(connection: HTTP11Connection) -> None:
        if interrupts:
            raise interrupts.pop()
        give_back(connection)

    monkeypatch.setattr(HTTP11Connection, "_response_closed", interrupted)
    with eex.Client("my-project", eex.anonymous(), emulator.base_url) as client:
        with pytest.raises(KeyboardInterrupt):
            client.submit(export("one"))
        with ThreadPoolExecutor() as threads:
            assert threads.submit(client.submit, export("two")).result(20).description == "two"


# Event loops


@pytest.mark.parametrize("backends", [("asyncio", "asyncio"), ("trio", "trio"), ("asyncio", "trio")])
def test_one_client_in_two_event_loops(emulator: Emulator, backends: tuple[str, str]) -> None:
    """As in notebooks and Celery; the connections of a loop end with it, and nothing warns."""
    client = eex.AsyncClient("my-project", eex.anonymous(), emulator.base_url)

    async def submit() -> str:
        return (await client.submit(export())).name

    before = sockets()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for backend in backends:
            assert anyio.run(submit, backend=backend)
            assert sockets() <= before
        anyio.run(client.close)
    assert emulator.requests()["connections"]["made"] == 2
    assert emulator.requests()["operations_created"] == 2


def test_a_client_of_ones_own_stays_in_its_loop(emulator: Emulator) -> None:
    given = httpx.AsyncClient()
    client = eex.AsyncClient("my-project", eex.anonymous(), emulator.base_url, http_client=given)

    async def submit() -> None:
        await client.submit(export())

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        asyncio.run(submit())
        with pytest.raises(eex.ClientUnusable, match="another event loop") as caught:
            asyncio.run(submit())
        assert not caught.value.may_exist
        assert emulator.requests()["operations_created"] == 1
        given = httpx.AsyncClient()  # the other is collected here, with what it had open
        gc.collect()


def test_a_client_that_is_left_open_warns(emulator: Emulator) -> None:
    client = eex.Client("my-project", eex.anonymous(), emulator.base_url)
    client.submit(export())
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        del client
        gc.collect()
    assert "earthengine_export client was not closed" in "".join(str(one.message) for one in told)
    eex.Client("my-project", eex.anonymous(), emulator.base_url)  # which has opened nothing
