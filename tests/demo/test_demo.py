"""The main job, as `make demo` runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import rasterio

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(folder), "PATH": "", "NO_GCE_CHECK": "true"}
    return subprocess.run(
        [sys.executable, str(DEMO), *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_a_hillshade_comes_out_the_right_way_up(tmp_path: Path) -> None:
    demo = run(tmp_path)
    assert demo.returncode == 0, demo.stderr
    assert "demo-output/hillshade.tif: GTiff, EPSG:32616" in demo.stdout
    assert "demo-output/hillshade.png: PNG" in demo.stdout
    with rasterio.open(tmp_path / "demo-output" / "hillshade.tif") as raster:
        assert raster.crs.to_epsg() == 32616
        assert (raster.res, raster.count) == ((90, 90), 1)
        shade = raster.read(1)
        # Light comes from the west. A slope that faces it is bright; where the valley of the Clear Fork meets
        # the ridge of Pine Mountain (36.66 N, 84.25 W) the western slope is the bright one in a north-up raster.
        assert shade.std() > 20
    with rasterio.open(tmp_path / "demo-output" / "hillshade.png") as picture:
        assert np.array_equal(picture.read(1), shade)


def test_half_of_the_real_service_is_refused(tmp_path: Path) -> None:
    demo = run(tmp_path, "--project", "my-project")
    assert demo.returncode == 2
    assert "BUCKET is missing" in demo.stdout


def test_without_credentials_it_says_what_is_missing(tmp_path: Path) -> None:
    demo = run(tmp_path, "--project", "my-project", "--bucket", "my-bucket")
    assert demo.returncode == 1
    assert "No credentials were found" in demo.stdout
    assert "earthengine authenticate" in demo.stdout
    assert "Traceback" not in demo.stderr
