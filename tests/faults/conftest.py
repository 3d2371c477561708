"""Proves that whatever goes wrong on the wire, an export has one operation and the caller knows its name.

Shared here: one emulator that is emptied for each test, and exports to submit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from earthengine_emulator import Emulator


@pytest.fixture(scope="session")
def shared_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("faults")
    with Emulator(folder, folder, evaluate=False, speed=0) as emulator:
        yield emulator


@pytest.fixture
def emulator(shared_emulator: Emulator) -> Emulator:
    """An emulator without operations, whose time stands still."""
    while shared_emulator.watch.in_flight:
        time.sleep(0.01)  # a reply that was too slow for the test before
    shared_emulator.reset()
    return shared_emulator
