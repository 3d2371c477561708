"""Proves that thousands of exports run once each: what the tests of it share."""

from __future__ import annotations

from collections.abc import Iterator
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
