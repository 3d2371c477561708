"""An export on the grid of an existing raster aligns with it, pixel for pixel."""

from pathlib import Path
from typing import Any

import affine
import httpx
import numpy as np
import pytest
import rasterio

from earthengine_emulator import Emulator
from earthengine_export._describe.destinations import CloudStorage
from earthengine_export._describe.expressions import load
from earthengine_export._describe.grid import PixelGrid
from earthengine_export.image_export import ImageExport

TRANSFORM = affine.Affine(30, 0, 500_010, 0, -30, 4_100_020)
SHAPE = (40, 60)
VALUES = np.arange(SHAPE[0] * SHAPE[1], dtype="float32").reshape(SHAPE)


def write(path: Path, values: np.ndarray[Any, Any], transform: affine.Affine, crs: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = values.shape
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "height": height, "width": width}
    with rasterio.open(path, "w", crs=crs, transform=transform, **profile) as file:
        file.write(values, 1)


@pytest.mark.parametrize(
    ("crs", "transform", "shape"),
    [
        ("EPSG:32610", TRANSFORM, SHAPE),
        ("EPSG:32610", affine.Affine(30, 0, 500_010 + 300, 0, -30, 4_100_020 - 150), (20, 25)),
    ],
    ids=["the same", "a part"],
)
def test_export_aligns(tmp_path: Path, crs: str, transform: affine.Affine, shape: tuple[int, int]) -> None:
    write(tmp_path / "assets" / "dem.tif", VALUES, TRANSFORM, "EPSG:32610")
    raster = tmp_path / "existing.tif"
    write(raster, np.zeros(shape, "float32"), transform, crs)
    with rasterio.open(raster) as existing:
        grid = PixelGrid.like(existing)
        export = ImageExport(load("dem"), to=CloudStorage("bucket", "out"), grid=grid)
        with Emulator(assets=tmp_path / "assets", output=tmp_path / "output", speed=0) as emulator:
            url = f"{emulator.base_url}/v1beta/projects/p/image:export"
            reply = httpx.post(url, content=export.to_json(), headers={"content-type": "application/json"})
            reply.raise_for_status()
            emulator.advance(1e6)
            (path,) = emulator.files(reply.json()["name"])
        with rasterio.open(path) as made:
            assert made.crs == existing.crs
            assert made.transform == existing.transform
            assert made.shape == existing.shape
            assert made.bounds == existing.bounds
            column, row = (transform.c - TRANSFORM.c) / 30, (TRANSFORM.f - transform.f) / 30
            part = VALUES[round(row) : round(row) + shape[0], round(column) : round(column) + shape[1]]
            np.testing.assert_array_equal(made.read(1), part)
