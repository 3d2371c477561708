"""What all the suites share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.worlds import World, open_world

# No timing is asserted, and this machine's cores are noisy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# A shell's background jobs ignore Ctrl-C, and so would what the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """More workers than cores: half of the time, a test waits for a process, a socket or a second to pass."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


@pytest.fixture(params=["sync", "asyncio", "trio"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Each test that asks for it runs three times: blocking, under asyncio, and under trio."""
    with open_world(request.param) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_credentials_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests find no credentials and no emulator but those that they set up."""
    for name in (
        "EARTHENGINE_EMULATOR_HOST",
        "EARTHENGINE_TOKEN",
        "EE_CONFIG_FILE",
        "STORAGE_EMULATOR_HOST",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CLOUD_PROJECT",
    ):
        monkeypatch.delenv(name, raising=False)
