"""Ctrl-C and SIGTERM: the first stops in good order, the second leaves at once."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.batch.conftest import ROOT, jobs

SCRIPT = """
import sys, anyio
import earthengine_export as eex
from tests.batch.conftest import QUICK, jobs
world, url, path, cancel = sys.argv[1:]
options = dict(requests_per_second=None, polling=QUICK, max_queued=10, cancel_on_interrupt=bool(cancel))

async def main():
    async with eex.AsyncClient("my-project", eex.anonymous(), url) as client:
        async for outcome in eex.AsyncBatch(client, path, **options).run(jobs(60)):
            pass

if world == "sync":
    with eex.Client("my-project", eex.anonymous(), url) as client:
        for outcome in eex.Batch(client, path, **options).run(jobs(60)):
            pass
else:
    anyio.run(main, backend=world)
"""


def start(world: str, emulator: Emulator, path: Path, cancel: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, world, emulator.base_url, str(path), cancel]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    while emulator.requests()["operations_created"] < 12:
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)
    return process


@pytest.mark.parametrize("world", ["sync", "asyncio", "trio"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, (130, -2, 1)), (signal.SIGTERM, (143,))])
def test_the_first(tmp_path: Path, world: str, number: int, code: tuple[int, ...]) -> None:
    path = tmp_path / "journal.sqlite"
    with Emulator(evaluate=False, speed=20) as emulator:
        process = start(world, emulator, path)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert process.returncode in code
        assert "The batch was interrupted" in said
        assert f"journal={str(path)!r}" in said
        assert [one.name for one in tmp_path.iterdir()] == [path.name]  # closed
        states = [emulator.operation(one)["metadata"]["state"] for one in names(path)]
        assert "CANCELLED" not in states
        assert len(states) == emulator.requests()["operations_created"] < 60


@pytest.mark.parametrize("world", ["sync", "asyncio"])
def test_the_second(tmp_path: Path, world: str) -> None:
    path = tmp_path / "journal.sqlite"
    with Emulator(evaluate=False, speed=20) as emulator:
        process = start(world, emulator, path)
        emulator.fail("*", "pass", times=None, delay=30.0)  # the service does not answer any more
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)  # it waits for no reply
        assert process.returncode != 0
        emulator.watch.faults.clear()
        assert names(path)


def test_what_was_started_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Emulator(evaluate=False, speed=20) as emulator:
        process = start("sync", emulator, path, "cancel")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert "was asked to be cancelled" in said
        emulator.operations.advance(1)
        states = {emulator.operation(one)["metadata"]["state"] for one in names(path)}
        assert states <= {"SUCCEEDED", "CANCELLED", "CANCELLING"}
        assert "CANCELLED" in states


def test_while_it_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = BlockingPortal.start_task_soon

    def interrupted(portal: BlockingPortal, work: Any, *arguments: Any, **options: Any) -> Any:
        future = start(portal, work, *arguments, **options)
        if getattr(work, "__name__", "") == "main":
            signal.raise_signal(signal.SIGINT)
        return future

    monkeypatch.setattr(BlockingPortal, "start_task_soon", interrupted)
    with (
        Emulator(evaluate=False, speed=20) as emulator,
        eex.Client("my-project", eex.anonymous(), emulator.base_url) as client,
    ):
        batch = eex.Batch(client, tmp_path / "journal.sqlite")
        with pytest.raises(KeyboardInterrupt) as caught:
            list(batch.run(jobs(3)))
        assert "Run the batch again" in str(caught.value.__notes__)
        monkeypatch.undo()
        assert len(list(batch.run(jobs(3)))) == 3 == emulator.requests()["operations_created"]


SEVERAL = """
import asyncio, signal, sys
import earthengine_export as eex
from tests.batch.conftest import QUICK, jobs
world, url, number = sys.argv[1:]
options, counts = dict(requests_per_second=None, polling=QUICK), []

async def one(client, count, first):
    counts.append(len([one async for one in eex.AsyncBatch(client, **options).run(jobs(count, first))]))

async def main():
    async with eex.AsyncClient("my-project", eex.anonymous(), url) as client:
        await asyncio.gather(one(client, 3, 0), one(client, 60, 100))

def blocking():
    with eex.Client("my-project", eex.anonymous(), url) as client:
        short, long = (eex.Batch(client, **options).run(jobs(*of)) for of in ((3,), (60, 100)))
        next(short), next(long)
        counts.extend([1 + len(list(short)), 1 + len(list(long))])

blocking() if world == "sync" else asyncio.run(main())
assert counts == [3, 60], counts
signal.raise_signal(getattr(signal, number))
print("not stopped")
"""


@pytest.mark.parametrize("world", ["sync", "asyncio"])
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_after_several_at_once(world: str, number: str) -> None:
    """The one that began first has ended first, and signals do again what they did before."""
    with Emulator(evaluate=False, speed=1000, running_limit=50) as emulator:
        command = [sys.executable, "-c", SEVERAL, world, emulator.base_url, number]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert ran.returncode in {-signal.Signals[number], 130}, ran.stderr
    assert "not stopped" not in ran.stdout


def test_left_in_another_thread() -> None:
    with (
        Emulator(evaluate=False, speed=20) as emulator,
        eex.Client("my-project", eex.anonymous(), emulator.base_url) as client,
    ):
        both = (signal.SIGINT, signal.SIGTERM)
        before = [signal.getsignal(one) for one in both]
        running: Any = eex.Batch(client).run(jobs(60))
        next(running)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(running.close).result()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert [signal.getsignal(one) for one in both] == before


def test_several_at_once_are_stopped_together() -> None:
    with (
        Emulator(evaluate=False, speed=20) as emulator,
        eex.Client("my-project", eex.anonymous(), emulator.base_url) as client,
    ):
        runs = [eex.Batch(client, max_queued=3).run(jobs(60, first)) for first in (0, 100)]
        assert [next(one).error for one in runs] == [None, None]
        signal.raise_signal(signal.SIGINT)
        for one in runs:
            with pytest.raises(KeyboardInterrupt):
                list(one)


def names(path: Path) -> list[Any]:
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = [name for (name,) in db.execute("SELECT operation FROM jobs WHERE operation IS NOT NULL")]
    db.close()
    return found
