"""The pytest fixture `earthengine_emulator`, wherever the distribution is installed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from earthengine_emulator import Emulator


@pytest.fixture
def earthengine_emulator(tmp_path: Path) -> "Iterator[Emulator]":
    """A running emulator, a hundred times as fast as the wall clock.

    It loads assets from `tmp_path / "assets"` and writes to `tmp_path / "output"`. The extra `emulator` must
    be installed.
    """
    from earthengine_emulator import Emulator

    (tmp_path / "assets").mkdir()
    with Emulator(tmp_path / "assets", tmp_path / "output", speed=100) as emulator:
        yield emulator
