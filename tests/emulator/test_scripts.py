"""Forty kinds of scripts, written with the official client and exported by the emulator."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earthengine_emulator.assets import Assets
from earthengine_emulator.evaluator import Evaluator
from earthengine_emulator.grids import Grid, Projection, parse_crs
from earthengine_emulator.images import render

from .scripts import scenes
from .scripts.kinds import SCRIPTS, Script

GRID = Grid(Projection(parse_crs(scenes.CRS), scenes.TRANSFORM), scenes.WIDTH, scenes.HEIGHT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scenes")
    scenes.write(made)
    return made


def evaluated(ee: Any, value: Any, folder: Path) -> Any:
    """What the service would compute of a value of the client's."""
    return Evaluator(ee.serializer.encode(value, for_cloud_api=True), Assets(folder)).value()


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.name for script in SCRIPTS])
def test_a_kind_of_script(script: Script, earth_engine: Any, folder: Path) -> None:
    image = evaluated(earth_engine, script.write(earth_engine), folder)
    pixels = np.stack([np.ma.filled(band.astype(float), np.nan) for band in render(image.bands, GRID)])
    assert script.check(pixels), pixels


def test_there_are_forty_kinds() -> None:
    assert len(SCRIPTS) >= 40
