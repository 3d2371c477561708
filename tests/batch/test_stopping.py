"""Ctrl-C and SIGTERM: the first stops in good order, the second leaves at once."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from earthengine_emulator import Emulator
from tests.batch.conftest import ROOT

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


def names(path: Path) -> list[Any]:
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = [name for (name,) in db.execute("SELECT operation FROM jobs WHERE operation IS NOT NULL")]
    db.close()
    return found
