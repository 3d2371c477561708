"""Proves that thousands of exports run once each: what the tests of it share."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.worlds import World

ROOT = Path(__file__).parents[2]
QUICK = eex.Polling(initial=0.05, maximum=0.5)


def export(name: str, **changes: Any) -> eex.ImageExport:
    """An export that no other test or job has."""
    to = changes.pop("to", eex.CloudStorage("bucket", filename_prefix=f"tiles/{name}"))
    options: dict[str, Any] = {"region": (0, 0, 1, 1), "scale": 1000, "description": name} | changes
    return eex.ImageExport(eex.load("dem"), to=to, **options)


def jobs(count: int, first: int = 0) -> list[tuple[str, eex.ImageExport]]:
    return [(f"job {number}", export(f"tile-{number}")) for number in range(first, first + count)]


class Scene:
    """A batch of one world, on an emulator."""

    def __init__(self, world: World, emulator: Emulator) -> None:
        self.world, self.emulator = world, emulator

    def batch(self, journal: Any = None, client: Any = None, **options: Any) -> Any:
        client = client or self.world.client(self.emulator.base_url)
        kind = eex.AsyncBatch if self.world.is_async else eex.Batch
        return kind(client, journal, **({"polling": QUICK, "requests_per_second": None} | options))

    def run(self, batch: Any, *arguments: Any) -> list[Any]:
        return list(self.world.each(batch.run(*arguments)))

    def submits(self) -> int:
        return int(self.emulator.requests()["requests"].get("projects.image.export", 0))

    def created(self) -> int:
        return int(self.emulator.requests()["operations_created"])


@pytest.fixture(scope="session")
def fast_emulator() -> Iterator[Emulator]:
    with Emulator(evaluate=False, speed=1000, running_limit=50) as emulator:
        yield emulator


@pytest.fixture
def emulator(fast_emulator: Emulator) -> Emulator:
    """An emulator in which exports take milliseconds."""
    fast_emulator.reset()
    return fast_emulator


@pytest.fixture
def scene(world: World, emulator: Emulator) -> Scene:
    return Scene(world, emulator)


class Process:
    """A batch in a process of its own."""

    def __init__(self, server: subprocess.Popen[str], output: Path, arguments: list[Any]) -> None:
        assert server.stdin
        assert server.stdout
        self._server, self._output = server, output
        server.stdin.write(json.dumps([*arguments, str(output)]) + "\n")
        server.stdin.flush()
        self.pid = int(server.stdout.readline())

    def wait(self) -> int:
        """How it has ended, once it has."""
        assert self._server.stdout
        return int(self._server.stdout.readline())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        assert self.wait() == -signal.SIGKILL

    def outcomes(self) -> list[list[str]]:
        """Key, operation and error of each job, once it has ended well."""
        assert self.wait() == 0
        return [line.split("\t") for line in self._output.read_text().splitlines()]


class Processes:
    """Starts batches in processes of their own, one at a time."""

    def __init__(self, output: Path) -> None:
        command = [sys.executable, "-m", "tests.batch.runner"]
        self._output = output
        self._server = subprocess.Popen(
            command, text=True, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(
        self, emulator: Emulator, journal: Path, count: int, max_queued: int = 2_500, die_at: str = ""
    ) -> Process:
        return Process(
            self._server, self._output, [emulator.base_url, str(journal), count, max_queued, die_at]
        )

    def close(self) -> None:
        with self._server:
            assert self._server.stdin
            self._server.stdin.close()


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    with closing(Processes(tmp_path_factory.mktemp("processes") / "output")) as processes:
        yield processes
