"""Each everyday reducer wherever reducers are applied: collections, bands, neighbourhoods and regions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy
from affine import Affine

from .computing import computed, grid, pixels
from .conftest import write_tiff

UTM = Affine(10, 0, 500000, 0, -10, 4000000)
LAYERS = np.random.default_rng(3).integers(1, 6, (5, 10, 12)).astype("int16")
HOLES = np.random.default_rng(4).random((5, 10, 12)) < 0.3
VALUES = np.where(HOLES, np.nan, LAYERS.astype(float))
GRID = grid(12, 10, UTM)


def mode(values: Any) -> float:
    return float(scipy.stats.mode(values).mode)


REDUCERS: dict[str, tuple[Callable[[Any], Any], list[Callable[[Any], float]]]] = {
    "mean": (lambda ee: ee.Reducer.mean(), [np.mean]),
    "median": (lambda ee: ee.Reducer.median(), [np.median]),
    "min": (lambda ee: ee.Reducer.min(), [np.min]),
    "max": (lambda ee: ee.Reducer.max(), [np.max]),
    "sum": (lambda ee: ee.Reducer.sum(), [np.sum]),
    "count": (lambda ee: ee.Reducer.count(), [len]),
    "mode": (lambda ee: ee.Reducer.mode(), [mode]),
    "product": (lambda ee: ee.Reducer.product(), [np.prod]),
    "first": (lambda ee: ee.Reducer.first(), [lambda v: v[0]]),
    "last": (lambda ee: ee.Reducer.last(), [lambda v: v[-1]]),
    "stdDev": (lambda ee: ee.Reducer.stdDev(), [np.std]),
    "variance": (lambda ee: ee.Reducer.variance(), [np.var]),
    "percentile": (
        lambda ee: ee.Reducer.percentile([10, 75]),
        [lambda v: np.percentile(v, 10), lambda v: np.percentile(v, 75)],
    ),
    "minMax": (lambda ee: ee.Reducer.minMax(), [np.min, np.max]),
    "combined": (
        lambda ee: ee.Reducer.mean().combine(ee.Reducer.stdDev(), None, True),
        [np.mean, np.std],
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("layers")
    for number in range(5):
        data = np.where(HOLES[number], -1, LAYERS[number]).astype("int16")
        write_tiff(made / "stack" / f"{number}.tif", data, UTM, "EPSG:32616", nodata=-1, names=["v"])
    return made


def along(values: Any, functions: list[Callable[[Any], float]]) -> Any:
    """Functions of the values along the first axis, without NaN; of none NaN, but a count of 0."""
    found = np.full((len(functions), *values.shape[1:]), np.nan)
    for at in np.ndindex(values.shape[1:]):
        column = values[(slice(None), *at)]
        known = column[~np.isnan(column)]
        for number, function in enumerate(functions):
            if len(known) or function is len:
                found[(number, *at)] = function(known)
    return found


@pytest.mark.parametrize("name", REDUCERS)
def test_over_images_and_bands(name: str, earth_engine: Any, folder: Path) -> None:
    reducer, functions = REDUCERS[name]
    stack = earth_engine.ImageCollection("stack")
    expected = along(VALUES, functions)
    for image in (stack.reduce(reducer(earth_engine)), stack.toBands().reduce(reducer(earth_engine))):
        assert np.allclose(pixels(image, folder, GRID), expected, equal_nan=True)


@pytest.mark.parametrize("name", REDUCERS)
@pytest.mark.parametrize("size", [1, 2])
def test_over_neighbourhoods(name: str, size: int, earth_engine: Any, folder: Path) -> None:
    reducer, functions = REDUCERS[name]
    image = earth_engine.ImageCollection("stack").first()
    padded = np.pad(VALUES[0], size, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * size + 1, 2 * size + 1))
    around = windows.reshape(10, 12, -1).transpose(2, 0, 1)
    expected = np.where(np.isnan(VALUES[0]), np.nan, along(around, functions))
    # Its weights are the samples': a kernel that adds up to 1 would make a mean of a sum.
    kernel = earth_engine.Kernel.square(size, normalize=False)
    found = pixels(image.reduceNeighborhood(reducer(earth_engine), kernel), folder, GRID)
    assert np.allclose(found, expected, equal_nan=True)


@pytest.mark.parametrize("name", REDUCERS)
def test_over_regions(name: str, earth_engine: Any, folder: Path) -> None:
    ee = earth_engine
    reducer, functions = REDUCERS[name]
    image = ee.ImageCollection("stack").first()
    corners = [500020, 3999930, 500090, 3999980]
    region = ee.Geometry.Rectangle(corners, "EPSG:32616", False)
    expected = along(VALUES[0, 2:7, 2:9].reshape(-1, 1), functions).ravel().tolist()
    values = computed(image.reduceRegion(reducer(ee), region, 10), folder)
    assert list(values.values()) == pytest.approx(expected)
    features = image.reduceRegions(ee.FeatureCollection([ee.Feature(region, {"k": 1})]), reducer(ee), 10)
    known = computed(features.first(), folder)["properties"]
    assert [known[key] for key in known if key not in ("k", "system:index")] == pytest.approx(expected)


def test_weights_are_shares_of_pixels(earth_engine: Any, folder: Path) -> None:
    """A weighted reducer takes each pixel for as much as lies in the region: here by many points in each."""
    import shapely

    ee = earth_engine
    corners = [[500013, 3999985], [500104, 3999961], [500071, 3999917]]
    region = ee.Geometry.Polygon([corners], "EPSG:32616", False)
    image = ee.ImageCollection("stack").first()
    y, x = (np.arange(10 * 40) + 0.5) / 4, (np.arange(12 * 40) + 0.5) / 4
    inside = shapely.contains_xy(shapely.Polygon(corners), *np.meshgrid(500000 + x, 4000000 - y))
    shares = inside.reshape(10, 40, 12, 40).mean((1, 3)) * ~HOLES[0]
    total = (shares * LAYERS[0]).sum()
    assert computed(image.reduceRegion(ee.Reducer.sum(), region, 10), folder)["v"] == pytest.approx(
        total, rel=2e-3
    )
    mean = computed(image.reduceRegion(ee.Reducer.mean(), region, 10), folder)["v"]
    assert mean == pytest.approx(total / shares.sum(), rel=2e-3)
    # One that is not weighted takes those whose centres do.
    centres = inside.reshape(10, 40, 12, 40)[:, 20, :, 20] & ~HOLES[0]
    count = computed(image.reduceRegion(ee.Reducer.count(), region, 10), folder)["v"]
    assert count == centres.sum()
    unweighted = computed(image.reduceRegion(ee.Reducer.mean().unweighted(), region, 10), folder)["v"]
    assert unweighted == pytest.approx(LAYERS[0][centres].mean())


def test_linear_fit_everywhere(earth_engine: Any, folder: Path) -> None:
    ee = earth_engine
    stack = ee.ImageCollection("stack")
    first, second = (ee.Image(stack.toList(1, n).get(0)) for n in (0, 1))
    pair = first.rename("x").addBands(second.rename("y"))
    x, y = VALUES[0], VALUES[1]
    there = ~np.isnan(x) & ~np.isnan(y)
    region = ee.Geometry.Rectangle([500000, 3999900, 500120, 4000000], "EPSG:32616", False)
    found = computed(pair.reduceRegion(ee.Reducer.linearFit(), region, 10), folder)
    assert [found["scale"], found["offset"]] == pytest.approx(np.polyfit(x[there], y[there], 1))
    around = pixels(pair.reduceNeighborhood(ee.Reducer.linearFit(), ee.Kernel.square(2)), folder, GRID)
    row, column = (int(at[0]) + 3 for at in np.nonzero(there[3:7, 3:9]))
    window = (slice(row - 2, row + 3), slice(column - 2, column + 3))
    kept = there[window]
    assert around[:, row, column] == pytest.approx(np.polyfit(x[window][kept], y[window][kept], 1))
