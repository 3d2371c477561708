"""The libraries that are compared, each made to do the same: send one body, or learn how operations are."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import ee
import eeclient.client
import eeclient.providers
import eeclient.tasks
import httpx
from google.auth.credentials import AnonymousCredentials

import earthengine_export as eex

from .servers import PROJECT

AT_ONCE = 40  # what the service takes

EXPORT = eex.ImageExport(
    {
        "result": "0",
        "values": {
            "0": {
                "functionInvocationValue": {
                    "functionName": "Image.load",
                    "arguments": {"id": {"constantValue": "x" * 2_000}},
                }
            }
        },
    },
    to=eex.CloudStorage("my-bucket", filename_prefix="tile_000000"),
    description="tile_000000",  # as the static server answers
)
REQUEST_ID = "0d3c45f2-6a1b-4f0e-9d0e-0a1b2c3d4e5f"
BODY: dict[str, Any] = {**EXPORT.to_dict(), "requestId": REQUEST_ID}
CONTENT = json.dumps(BODY, separators=(",", ":")).encode()
PATH = f"/v1beta/projects/{PROJECT}/image:export"
HEADERS = {"Content-Type": "application/json"}
NAMES = {"ours": "earthengine-export", "ee": "earthengine-api", "eeclient": "ee-client"}

Work = Callable[[int], object]  # does something so many times


def initialize_official(url: str) -> None:
    """Point the official client at a server, over its public door."""
    ee.Initialize(credentials=AnonymousCredentials(), project=PROJECT, url=url)


def official_submit() -> object:
    """One submit through the official client."""
    return ee.data.exportImage(REQUEST_ID, BODY)


def in_threads(pool: ThreadPoolExecutor, one: Callable[[], object], count: int) -> None:
    """Do it `count` times, in the threads of a pool."""
    for done in [pool.submit(one) for _ in range(count)]:
        done.result()


async def _in_tasks(one: Callable[[], Coroutine[Any, Any, object]], tasks: int, count: int) -> None:
    async def worker() -> None:
        while left:
            left.pop()
            await one()

    left = [None] * count
    async with asyncio.TaskGroup() as group:
        for _ in range(tasks):
            group.create_task(worker())


@contextmanager
def _looped(opened: Any, one: Callable[[Any], Coroutine[Any, Any, object]], tasks: int) -> Iterator[Work]:
    """Work in an event loop of its own, over one client for the whole time."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        client = runner.run(stack.enter_async_context(opened()))
        try:
            yield lambda count: runner.run(_in_tasks(lambda: one(client), tasks, count))
        finally:
            runner.run(stack.aclose())


async def _bare(client: httpx.AsyncClient) -> object:
    return (await client.post(PATH, content=CONTENT, headers=HEADERS)).json()["name"]


async def _ours(client: eex.AsyncClient) -> object:
    return await client.submit(EXPORT)


async def _ee_client(session: Any) -> object:
    reply = await session.rest_call(
        "POST", "{earth_engine_api_url}/projects/{project}/image:export", data=BODY
    )
    return eeclient.tasks.Task.model_validate(reply)


class _Provider:
    """Credentials for ee-client that never expire."""

    auth_mode, user, verify_ssl = "anonymous", "nobody", True

    def initial_snapshot(self) -> object:
        expiry = int((time.time() + 1e6) * 1000)
        return eeclient.providers.CredentialSnapshot("token", PROJECT, expiry, object())


@asynccontextmanager
async def ee_client(url: str, limited: bool = False) -> AsyncIterator[Any]:
    """A session of ee-client; without its own limits of 60 requests a second and 30 at once."""
    eeclient.client.EARTH_ENGINE_API_URL = f"{url}/v1alpha"
    session = eeclient.client.EESession(_provider=_Provider())
    if not limited:
        session._rate.qps = None
        session._resources().inflight = asyncio.Semaphore(AT_ONCE)
    try:
        yield session
    finally:
        await session.aclose()


def _raw(sock: socket.socket, request: bytes, count: int) -> None:
    for _ in range(count):
        sock.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += sock.recv(65_536)
        head, _, content = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        while len(content) < length:
            content += sock.recv(65_536)
        json.loads(content)["name"]


def raw_request(url: str) -> bytes:
    """The same request as bytes of HTTP."""
    host = url.removeprefix("http://")
    head = f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: "
    return f"{head}{len(CONTENT)}\r\n\r\n".encode() + CONTENT


@contextmanager
def one_at_a_time(url: str) -> Iterator[dict[str, Work]]:
    """Submitters that wait for each reply before the next request."""
    with ExitStack() as stack:
        host, port = url.removeprefix("http://").split(":")
        sock = stack.enter_context(socket.create_connection((host, int(port))))
        bare = stack.enter_context(httpx.Client(base_url=url))
        ours = stack.enter_context(eex.Client(PROJECT, eex.anonymous(), url))
        looped = partial(_looped, tasks=1)

        def repeat(one: Callable[[], object], count: int) -> None:
            for _ in range(count):
                one()

        yield {
            "raw socket": partial(_raw, sock, raw_request(url)),
            "httpx.Client": partial(
                repeat, lambda: bare.post(PATH, content=CONTENT, headers=HEADERS).json()["name"]
            ),
            "earthengine-export, sync": partial(repeat, lambda: ours.submit(EXPORT)),
            "earthengine-export, async": stack.enter_context(
                looped(lambda: eex.AsyncClient(PROJECT, eex.anonymous(), url), _ours)
            ),
            "earthengine-api": partial(repeat, official_submit),
            "ee-client": stack.enter_context(looped(lambda: ee_client(url), _ee_client)),
        }


@contextmanager
def many_at_once(url: str) -> Iterator[dict[str, Work]]:
    """Submitters with 40 requests in flight, and one that has one, to compare with."""
    with ExitStack() as stack:
        pools = [stack.enter_context(ThreadPoolExecutor(AT_ONCE)) for _ in range(2)]
        bare = stack.enter_context(httpx.Client(base_url=url))
        ours = stack.enter_context(eex.Client(PROJECT, eex.anonymous(), url))
        looped = partial(_looped, tasks=AT_ONCE)

        def sequential(count: int) -> None:
            for _ in range(count):
                bare.post(PATH, content=CONTENT, headers=HEADERS).json()["name"]

        async def raw(request: bytes, count: int) -> None:
            async def worker() -> None:
                reader, writer = await asyncio.open_connection(*url.removeprefix("http://").split(":"))
                for _ in range(count // AT_ONCE):
                    writer.write(request)
                    head = (await reader.readuntil(b"\r\n\r\n")).lower()
                    length = head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]
                    json.loads(await reader.readexactly(int(length)))["name"]
                writer.close()

            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(worker())

        yield {
            "httpx.Client, one at a time": sequential,
            "raw sockets, asyncio": lambda count: asyncio.run(raw(raw_request(url), count)),
            "httpx.AsyncClient": stack.enter_context(
                looped(lambda: httpx.AsyncClient(base_url=url, timeout=60), _bare)
            ),
            "earthengine-export, async": stack.enter_context(
                looped(lambda: eex.AsyncClient(PROJECT, eex.anonymous(), url), _ours)
            ),
            "earthengine-export, sync, 40 threads": partial(
                in_threads, pools[0], lambda: ours.submit(EXPORT)
            ),
            "earthengine-api, 40 threads": partial(in_threads, pools[1], official_submit),
            "ee-client": stack.enter_context(looped(lambda: ee_client(url), _ee_client)),
        }
