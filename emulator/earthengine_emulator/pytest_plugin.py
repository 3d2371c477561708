"""The pytest fixture `earthengine_emulator`, which every environment with this package installed has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from earthengine_emulator.emulator import Emulator


@pytest.fixture
def earthengine_emulator(tmp_path: Path) -> Iterator[Emulator]:
    """A running emulator, a hundred times as fast as the service.

    Assets go to `tmp_path / "assets"`, exports come to `emulator.output`.
    """
    (tmp_path / "assets").mkdir()
    with Emulator(tmp_path / "assets", tmp_path / "output", speed=100) as emulator:
        yield emulator
