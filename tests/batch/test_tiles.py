"""Tiles of a region fit together without seam or overlap, in geographic and in projected coordinates."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.merge import merge

import earthengine_export as eex
from earthengine_emulator import Emulator

SHAPE = {"type": "Polygon", "coordinates": [[[9.01, 45.02], [9.93, 45.11], [9.08, 45.9], [9.01, 45.02]]]}


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # rasterio's, of affine
@pytest.mark.parametrize(
    ("region", "crs", "skips"),
    [
        ((9.0, 45.0, 9.5, 45.4), "EPSG:4326", False),
        ((9.0, 45.0, 9.5, 45.4), "EPSG:32632", False),
        (SHAPE, "EPSG:4326", True),
        (SHAPE, "EPSG:32632", True),
    ],
)
def test_their_files_are_a_mosaic(tmp_path: Path, region: Any, crs: str, skips: bool) -> None:
    # Longitude and latitude: each pixel says where it is.
    image = eex.call("Image.pixelLonLat")
    tiles = eex.tiles(
        region,
        image=image,
        scale=1000,
        crs=crs,
        to=eex.CloudStorage("bucket", "mosaic/"),
        dimensions=(20, 16),
    )
    with (
        Emulator(output=tmp_path, speed=1000, running_limit=4) as emulator,
        eex.Client("my-project", eex.anonymous(), emulator.base_url) as client,
    ):
        outcomes = list(eex.Batch(client, polling=eex.Polling(initial=0.2)).run(tiles))
    assert [outcome.error for outcome in outcomes] == [None] * len(tiles)
    files = sorted(tmp_path.rglob("mosaic/*.tif"))
    assert [file.stem for file in files] == sorted(tiles.names)
    opened = [rasterio.open(file) for file in files]
    # Every pixel is in one file: the counts of all add up to one where a tile is, and to zero elsewhere.
    size = opened[0].transform.a
    covered: dict[tuple[int, int], int] = {}
    for one in opened:
        assert one.crs == rasterio.crs.CRS.from_user_input(crs)
        column, row = one.transform.c / size, -one.transform.f / size
        assert column == pytest.approx(round(column), abs=1e-6)  # all on one grid, which begins at the origin
        assert row == pytest.approx(round(row), abs=1e-6)
        for x in range(one.width):
            for y in range(one.height):
                place = round(column) + x, round(row) + y
                covered[place] = covered.get(place, 0) + 1
    assert set(covered.values()) == {1}
    values, transform = merge(opened)
    # The mosaic says everywhere what its place is, across the seams too.
    if crs == "EPSG:4326":
        inside = [(x, y) for x, y in covered]
        left, top = min(x for x, _ in inside), min(y for _, y in inside)
        longitudes = transform.c + (np.arange(values.shape[2]) + 0.5) * size
        for x, y in inside:
            assert values[0, y - top, x - left] == pytest.approx(longitudes[x - left], abs=1e-4)
    for one in opened:
        one.close()
    rows, columns = (max(int(name[a:b]) for name in tiles.names) + 1 for a, b in ((1, 5), (7, 11)))
    assert (len(tiles) < rows * columns) == skips


@st.composite
def polygons(draw: st.DrawFn) -> Any:
    points = draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=7))
    return shapely.Polygon([(x / 4 + 0.01, y / 4 + 0.02) for x, y in points])


@settings(max_examples=60)
@given(polygons())
def test_those_that_miss_the_shape_are_left_out(shape: Any) -> None:
    if not shape.is_valid or shape.area == 0:
        return
    metres = 111_319.49079327358
    tiles = eex.tiles(
        shape, image=eex.load("dem"), scale=metres / 10, crs=4326, to=eex.CloudStorage("b-1"), dimensions=10
    )
    boxes = {}
    for name, grid in zip(tiles.names, tiles.grids, strict=True):
        (a, _, x, _, e, y), (width, height) = grid.transform, grid.dimensions
        boxes[name] = shapely.box(x, y + height * e, x + width * a, y)
    assert shapely.union_all(list(boxes.values())).buffer(1e-6).covers(shape)
    for box in boxes.values():
        assert box.distance(shape) < 1e-6


def test_what_they_are_called() -> None:
    region = (0.0, 0.0, 1.0, 0.5)
    options: dict[str, Any] = {"image": eex.load("dem"), "scale": 1000, "crs": "EPSG:4326", "dimensions": 60}
    tiles = eex.tiles(region, to=eex.Drive("maps", "dem"), description="dem", **options)
    assert len(tiles) == 2 == len(list(tiles))
    assert tiles[1].description == "dem_r0000_c0001"
    assert tiles[1].to == eex.Drive("maps", "dem_r0000_c0001")
    assert tiles[-1] == tiles[1:][0]
    assets = eex.tiles(region, to=eex.Asset("projects/p-roject/assets/dem"), **options)
    assert assets[0].uri == "projects/p-roject/assets/dem_r0000_c0000"
    assert sum(grid.pixels for grid in tiles.grids) == math.ceil(111.32) * math.ceil(55.66)
    large = eex.tiles(
        (0, 0, 40, 40), image=eex.load("dem"), scale=30, crs=4326, to=eex.Drive(), max_pixels=1e6
    )
    assert large[0].grid is not None
    assert large[0].grid.dimensions == (768, 768)


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"region": {"type": "Point"}}, "region"),
        ({"region": eex.load("dem")}, "region"),
        ({"scale": 0}, "scale"),
        ({"scale": "fine"}, "scale"),
        ({"crs": "nonsense"}, "crs"),
        ({"max_pixels": 0}, "max_pixels"),
        ({"dimensions": (10, 10, 10)}, "dimensions"),
        ({"dimensions": 20_000}, "dimensions"),
        ({"origin": 3}, "origin"),
        ({"to": "bucket"}, "to"),
    ],
)
def test_arguments_that_cannot_be(changes: dict[str, Any], argument: str) -> None:
    options: dict[str, Any] = {
        "image": eex.load("dem"),
        "scale": 1000,
        "crs": 4326,
        "to": eex.Drive(),
    } | changes
    region: Any = options.pop("region", (0, 0, 1, 1))
    with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType)) as caught:
        eex.tiles(region, **options)
    assert caught.value.argument.startswith(argument)
