"""Functions that are not known: they fail, or a checkerboard on the exact grid stands in for the image."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from earthengine_emulator.functions import FUNCTIONS

from .conftest import GRID, Open, Session, call

LANDTRENDR = call("TemporalSegmentation.LandTrendr", timeSeries=1, maxSegments=3)


@pytest.fixture(scope="module")
def lenient(open_session: Open) -> Session:
    return open_session(unknown="placeholder")


def test_functions_are_listed_one_a_line() -> None:
    command = [sys.executable, "-m", "earthengine_emulator", "--list-functions"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert listed == sorted(FUNCTIONS)
    assert len(listed) > 700


def test_unknown_functions_fail_with_their_names(session: Session) -> None:
    message = session.error(LANDTRENDR, grid=GRID)
    assert "Function 'TemporalSegmentation.LandTrendr' is not supported by the emulator." in message
    assert "--unknown placeholder" in message


def test_a_placeholder_is_marked_and_on_the_exact_grid(lenient: Session, earth_engine: Any) -> None:
    ee = earth_engine
    segments = ee.Algorithms.TemporalSegmentation.LandTrendr(ee.ImageCollection([ee.Image("grid")]), 3)
    image = segments.select("LandTrendr").arraySlice(0, 0, 1).arrayFlatten([["a"], ["x", "y"]]).toInt16()
    task = ee.batch.Export.image.toCloudStorage(
        image=image.select(["a_x", "a_y"]), description="d", bucket="b", crs="EPSG:32616",
        crsTransform=[20, 0, 500000, 0, -20, 4000000], dimensions="33x21",
    )  # fmt: skip
    config = dict(task.config)
    (path,) = lenient.files(config.pop("expression"), **config)
    with rasterio.open(path) as source:
        assert source.tags()["EARTH_ENGINE_PLACEHOLDER_FOR"] == "TemporalSegmentation.LandTrendr"
        assert (source.width, source.height) == (33, 21)
        assert source.transform == Affine(20, 0, 500000, 0, -20, 4000000)
        assert source.descriptions == ("a_x", "a_y")
        squares = source.read(1)
        assert set(np.unique(squares)) == {0, 1}
        assert squares.mean() == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize(
    "graph",
    [
        call("Image.nonsense", image=call("Image.load", id="grid")),
        call("Terrain.slope", input=call("Strange.thing", x=1)),
        call("Image.classify", image=call("Image.load", id="grid"), classifier=call("Classifier.winnow")),
        call("Image.addBands", dstImg=call("Image.load", id="grid"), srcImg=call("Image.sldStyle", x=1)),
        call(
            "Image.reproject",
            image=call("Image.nonsense"),
            crs=call("Projection", crs="EPSG:32616"),
            scale=10,
        ),
    ],
)
def test_placeholders_of_any_kind(lenient: Session, graph: Any) -> None:
    data, profile = lenient.read(graph, grid=GRID)
    assert data.shape[1:] == (6, 8)
    assert profile["transform"] == Affine(10, 0, 500000, 0, -10, 4000000)
    assert set(np.unique(data)) <= {0, 1}


def test_what_is_known_is_computed_all_the_same(lenient: Session) -> None:
    data, _ = lenient.read(call("Image.load", id="grid"))
    assert (data[0] == np.arange(48).reshape(6, 8)).all()
    assert "Band pattern" in lenient.error(
        call("Image.select", input=call("Image.load", id="grid"), bandSelectors=["x"])
    )
