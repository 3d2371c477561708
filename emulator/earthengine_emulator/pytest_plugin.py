"""The pytest fixture `earthengine_emulator`, wherever the distribution is installed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from earthengine_emulator import Emulator


@pytest.fixture
def earthengine_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Emulator]":
    """A running emulator, a hundred times as fast as the wall clock.

    It loads assets from `tmp_path / "assets"` and writes to `tmp_path / "output"`. Within the test the
    environment leads clients to it (`Emulator.environment`): this repository's takes it without being told,
    and so do gcsfs, google-cloud-storage and GDAL. The extra `emulator` must be installed.
    """
    try:
        from earthengine_emulator.emulator import Emulator
    except ModuleNotFoundError as missing:
        pytest.fail(f"{missing.name} is missing: the extra `emulator` brings it.", pytrace=False)
    (tmp_path / "assets").mkdir(exist_ok=True)
    with Emulator(tmp_path / "assets", tmp_path / "output", speed=100) as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator
