"""Submit exports through a proxy that breaks three requests in ten, and count what came of them.

    python tools/chaos.py [--exports 10000] [--at-once 20] [--seed 1] [--share 0.3]

Each of the four runs (threads or tasks, a repeated requestId returned or refused) prints its figures; the
exit code is 1 if any export has none or two operations, a caller holds a wrong name, or an error does not
say whether its export may exist and how to find it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import socket
import struct
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import anyio
import attrs

import earthengine_export as eex
from earthengine_emulator import Emulator

# Quick, so that thousands of exports take seconds; a few go through all six attempts and fail.
RETRY = eex.Retry(initial=0.01, maximum=0.05)
TIMEOUT = 1.0  # seconds of a client; "too slow" is longer
# Each break, and how often it comes beside the others; what takes a whole timeout is rare.
BREAKS = {
    "reset before": 4, "reset after": 4, "closed after": 4, "cut reply": 4, "cut head": 2, "sent twice": 2,
    "no HTTP": 2, "bad length": 2, "no gzip": 2, "303": 0.3, "429": 4, "502 in HTML": 4, "503": 4, "delay": 4,
    "too slow": 0.3, "102 for ever": 0.2, "head trickles": 0.2,
}  # fmt: skip
# In place of the reply, once the work is done; the connection is closed after it.
SPOILT = {
    "no HTTP": b"220 mail.example.com ESMTP\r\n",
    "bad length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
    "no gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "303": b"HTTP/1.1 303 See Other\r\nLocation: /done\r\nContent-Length: 0\r\n\r\n",
}
ENDLESS = {"102 for ever": b"HTTP/1.1 102 Processing\r\n\r\n", "head trickles": b"A: b\r\n"}
CANNED = {
    "429": b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\nRetry-After: 0\r\n\r\n{}",
    "502 in HTML": b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
    "503": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
}


class Proxy:
    """A proxy before a server on this machine, which breaks a share of the requests at random.

    Args:
        target: HOST:PORT of the server.
        seed: What the breaks are drawn from.
        share: The share of requests that are broken.

    Attributes:
        broken: How many requests were broken, by kind.
        requests: How many came.
    """

    def __init__(self, target: str, seed: int, share: float) -> None:
        self._host, port = target.split(":")
        self._port, self._share = int(port), share
        self._random = random.Random(seed)
        self.broken: Counter[str] = Counter()
        self.requests = 0
        # asyncio itself forgets a task whose client has hung up, and complains of it.
        self._serving: set[asyncio.Task[None] | None] = set()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve in a thread; gives the proxy's URL."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        start = asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=200)
        server = asyncio.run_coroutine_threadsafe(start, loop).result()
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            asyncio.run_coroutine_threadsafe(self._stop(server), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _stop(self, server: asyncio.Server) -> None:
        server.close()
        while serving := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in serving:
                task.cancel()
            await asyncio.wait(serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        above: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._serving.add(asyncio.current_task())
        try:
            while request := await _message(reader):
                self.requests += 1
                fate = self._fate()
                if fate == "reset before":
                    _reset(writer)
                    return
                if fate in CANNED:
                    writer.write(CANNED[fate])
                    continue
                if fate in {"delay", "too slow"}:
                    await asyncio.sleep(1.5 * TIMEOUT if fate == "too slow" else 0.02)
                above = above or await asyncio.open_connection(self._host, self._port)
                above[1].write(request)
                reply = await _message(above[0])
                if fate == "reset after":
                    _reset(writer)
                    return
                if fate == "closed after":
                    return
                if fate == "head trickles":
                    writer.write(b"HTTP/1.1 200 OK\r\n")
                while fate in ENDLESS:
                    writer.write(ENDLESS[fate])
                    await writer.drain()
                    await asyncio.sleep(0.05)
                ends = {"cut reply": len(reply) * 2 // 3, "cut head": 20}
                writer.write(SPOILT.get(fate, reply[: ends.get(fate)] * (2 if fate == "sent twice" else 1)))
                if fate in {*ends, *SPOILT}:
                    return
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # one of the two sides hung up, or the proxy is stopped
        finally:
            self._serving.discard(asyncio.current_task())
            writer.close()
            if above:
                above[1].close()

    def _fate(self) -> str:
        if self._random.random() >= self._share:
            return ""
        (fate,) = self._random.choices(list(BREAKS), list(BREAKS.values()))
        self.broken[fate] += 1
        return fate


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A whole request or reply; empty where the other side has ended."""
    with suppress(asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        return head + await reader.readexactly(length)
    return b""


def _reset(writer: asyncio.StreamWriter) -> None:
    # With a linger time of zero the kernel sends a reset instead of an orderly end.
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


@attrs.define
class Figures:
    """What came of a run. All of `wrong` must be zero."""

    exports: int
    requests: int = 0
    broken: Counter[str] = attrs.field(factory=Counter)
    operations: int = 0
    held: int = 0  # names that callers hold
    errors: Counter[str] = attrs.field(factory=Counter)
    found_again: int = 0  # exports whose submit raised, and which the error led to
    never_started: int = 0
    seconds: float = 0.0
    wrong: list[str] = attrs.field(factory=list)


def run(exports: int, at_once: int, seed: int, *, duplicate: str, tasks: bool, share: float = 0.3) -> Figures:
    """Submit exports through the proxy, and compare what the callers hold with what the server has.

    Args:
        exports: How many.
        at_once: How many at a time.
        seed: What the breaks are drawn from.
        duplicate: What the server does with a repeated requestId: "return" or "reject".
        tasks: Submit from tasks of one AsyncClient, not from threads with one Client.
        share: The share of requests that are broken.
    """
    figures = Figures(exports)
    with (
        tempfile.TemporaryDirectory() as folder,
        Emulator(
            folder, folder, evaluate=False, queue_limit=10**6, duplicate_request_id=duplicate
        ) as emulator,
    ):
        proxy = Proxy(emulator.host, seed, share)
        wanted = [_export(f"chaos-{number}") for number in range(exports)]
        began = time.monotonic()
        with proxy.running() as url:
            outcomes = (
                asyncio.run(_in_tasks(url, wanted, at_once)) if tasks else _in_threads(url, wanted, at_once)
            )
        figures.seconds = time.monotonic() - began
        figures.requests, figures.broken = proxy.requests, proxy.broken
        with eex.Client("my-project", eex.anonymous(), emulator.base_url, retry=RETRY) as client:
            _judge(figures, client, wanted, outcomes)
    return figures


def _export(description: str, request_id: str | None = None) -> eex.ImageExport:
    to = eex.CloudStorage("bucket")
    image = eex.load("dem")
    return eex.ImageExport(
        image, to=to, description=description, region=(0, 0, 1, 1), scale=1000, request_id=request_id
    )


Outcome = str | eex.EarthEngineError  # the name of an operation, or what was raised


def _in_threads(url: str, wanted: list[eex.ImageExport], at_once: int) -> list[Outcome]:
    with (
        eex.Client("my-project", eex.anonymous(), url, timeout=TIMEOUT, retry=RETRY) as client,
        ThreadPoolExecutor(at_once) as threads,
    ):

        def submit(export: eex.ImageExport) -> Outcome:
            try:
                return client.submit(export).name
            except eex.EarthEngineError as error:
                return error

        return list(threads.map(submit, wanted))


async def _in_tasks(url: str, wanted: list[eex.ImageExport], at_once: int) -> list[Outcome]:
    outcomes: list[Outcome] = [""] * len(wanted)
    waiting = iter(enumerate(wanted))
    async with eex.AsyncClient("my-project", eex.anonymous(), url, timeout=TIMEOUT, retry=RETRY) as client:

        async def work() -> None:
            for number, export in waiting:
                try:
                    outcomes[number] = (await client.submit(export)).name
                except eex.EarthEngineError as error:
                    outcomes[number] = error

        async with anyio.create_task_group() as group:
            for _ in range(at_once):
                group.start_soon(work)
    return outcomes


def _judge(
    figures: Figures, client: eex.Client, wanted: list[eex.ImageExport], outcomes: list[Outcome]
) -> None:
    made: dict[str, list[str]] = {}
    for operation in client.operations():
        made.setdefault(operation.description, []).append(operation.name)
    figures.operations = sum(map(len, made.values()))
    for export, outcome in zip(wanted, outcomes, strict=True):
        names = made.get(str(export.description), [])
        if len(names) > 1:
            figures.wrong.append(f"{export.description} has {len(names)} operations")
        elif isinstance(outcome, str):
            figures.held += 1
            if names != [outcome]:
                figures.wrong.append(f"the caller of {export.description} holds {outcome}, not {names}")
        else:
            figures.errors[f"{type(outcome).__name__}, may exist: {outcome.may_exist}"] += 1
            _find_again(figures, client, export, outcome, names)


def _find_again(
    figures: Figures,
    client: eex.Client,
    export: eex.ImageExport,
    error: eex.EarthEngineError,
    names: list[str],
) -> None:
    """Do what the error says."""
    told = str(error)
    if repr(error.request_id) not in told and "No export was started." not in told:
        figures.wrong.append(f"{export.description}: the error does not say what became of it: {told}")
    if not error.may_exist:
        figures.never_started += 1
        if names:
            figures.wrong.append(f"{export.description} exists, and its error says that it does not: {told}")
        return
    try:
        found = [client.submit(_export(str(export.description), error.request_id)).name]
    except eex.DuplicateRequest as unclear:  # to another client, an id of one's own tells no operation
        found = unclear.candidates
    figures.found_again += 1
    if names not in ([], found):
        figures.wrong.append(f"the error of {export.description} led to {found}, not to {names}")


def main() -> int:
    """Run all four, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--exports", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.3)
    options = parser.parse_args()
    logging.getLogger("earthengine_export").setLevel(logging.ERROR)  # it tells of every retry
    wrong = 0
    for duplicate in ("return", "reject"):
        for tasks in (False, True):
            figures = run(
                options.exports,
                options.at_once,
                options.seed,
                duplicate=duplicate,
                tasks=tasks,
                share=options.share,
            )
            wrong += len(figures.wrong)
            print(f"\n{options.at_once} {'tasks' if tasks else 'threads'}, a repeated requestId: {duplicate}")
            for key, value in attrs.asdict(figures).items():
                print(f"  {key:13} {dict(value) if isinstance(value, Counter) else value}")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
