"""Proves how operations are waited for, found, cancelled and shown, one and thousands.

Shared here: an emulator whose time stands still, and clients in fake time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.clocks import timed_client
from tests.worlds import World

EXPORT = eex.ImageExport(eex.load("dem"), to=eex.CloudStorage("bucket"), description="dem")
PENDING, RUNNING = 10.0, 100.0  # seconds that an operation is in each state
ENDS = PENDING + RUNNING


class Scene:
    """A client of one world, the emulator that it talks to, and the time of both."""

    def __init__(self, world: World, emulator: Emulator, *, holds: bool = False, **options: Any) -> None:
        self.world, self.emulator = world, emulator
        self.client, self.clock, self.held = timed_client(world, emulator, holds=holds, **options)

    def start(self, **script: Any) -> Any:
        """The handle of a new operation, with a life of its own."""
        if script:
            self.emulator.script(**script)
        return self.world.get(self.client.submit(EXPORT))

    def wait(self, operation: Any, **options: Any) -> Any:
        return self.world.get(operation.wait(**options))

    def wait_all(self, operations: Any, **options: Any) -> Any:
        return self.world.get(self.client.wait_all(operations, **options))

    def state(self, operation: Any) -> str:
        """How it really is."""
        return str(self.emulator.operation(operation.name)["metadata"]["state"])

    def count(self, method: str) -> int:
        """How many requests of a method the emulator has got."""
        return int(self.emulator.requests()["requests"].get(f"projects.operations.{method}", 0))

    @property
    def counts(self) -> dict[str, int]:
        return {
            method: number for method in ("get", "list", "wait", "cancel") if (number := self.count(method))
        }


@pytest.fixture(scope="session")
def shared_emulator() -> Iterator[Emulator]:
    with Emulator(
        evaluate=False,
        speed=0,
        wait="at-once",
        pending_seconds=PENDING,
        run_seconds=RUNNING,
        running_limit=1000,
    ) as emulator:
        yield emulator


@pytest.fixture
def emulator(shared_emulator: Emulator) -> Emulator:
    """An emulator that has seen nothing yet."""
    shared_emulator.reset()
    return shared_emulator


@pytest.fixture
def scene(world: World, emulator: Emulator) -> Scene:
    """A server that answers `:wait` at once."""
    return Scene(world, emulator)


@pytest.fixture
def patient(world: World, emulator: Emulator) -> Scene:
    """A server that holds `:wait`."""
    return Scene(world, emulator, holds=True)
