"""The main job, as `make demo` runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import rasterio
from PIL import Image
from rasterio.warp import transform

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(folder), "PATH": "", "NO_GCE_CHECK": "true"}
    return subprocess.run(
        [sys.executable, str(DEMO), *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def lit_from_the_west(raster: Any) -> Any:
    """How bright each pixel is under a sun in the west, 45 degrees high, from matplotlib's model alone."""
    with np.load(Path(mpl.get_data_path(), "sample_data", "jacksboro_fault_dem.npz")) as dem:
        elevation, step = dem["elevation"].astype(float), float(dem["dx"])
        west, north = float(dem["xmin"]), float(dem["ymin"])
    metres = 111_320 * step
    down, right = np.gradient(elevation, metres, metres * np.cos(np.radians(north)))
    light = (1 + right) / np.sqrt(2 * (1 + right**2 + down**2))
    columns, rows = np.meshgrid(np.arange(raster.width), np.arange(raster.height))
    x, y = raster.transform @ (columns.ravel() + 0.5, rows.ravel() + 0.5)
    longitude, latitude = (np.array(axis) for axis in transform(raster.crs, "EPSG:4326", x, y))
    sampled = light[((north - latitude) / step).astype(int), ((longitude - west) / step).astype(int)]
    return sampled.reshape(raster.shape)


def test_a_hillshade_comes_out_the_right_way_up(tmp_path: Path) -> None:
    demo = run(tmp_path)
    assert demo.returncode == 0, demo.stderr
    assert "demo-output/hillshade.tif: GTiff, EPSG:32616" in demo.stdout
    assert "demo-output/hillshade.png: PNG" in demo.stdout
    with rasterio.open(tmp_path / "demo-output" / "hillshade.tif") as raster:
        assert raster.crs.to_epsg() == 32616
        assert (raster.res, raster.count) == ((90, 90), 1)
        shade = raster.read(1)
        expected = lit_from_the_west(raster)
    assert np.corrcoef(shade.ravel(), expected.ravel())[0, 1] > 0.9
    assert np.corrcoef(shade[::-1].ravel(), expected.ravel())[0, 1] < 0.2, (
        "upside down it must look different"
    )
    with Image.open(tmp_path / "demo-output" / "hillshade.png") as picture:
        assert np.array_equal(np.asarray(picture), shade)


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
