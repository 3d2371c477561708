"""Grids of pixels, from numbers and from the rasters of three libraries."""

import json
import math
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import affine
import numpy as np
import pyproj
import pytest
import rasterio
import rioxarray
from odc.geo import crs as odc_crs
from odc.geo.geobox import GeoBox
from rasterio.crs import CRS

from earthengine_export._describe.destinations import Drive
from earthengine_export._describe.expressions import load
from earthengine_export._describe.grid import PixelGrid
from earthengine_export.errors import InvalidArgument, InvalidArgumentType
from earthengine_export.image_export import ImageExport
from earthengine_export.rest import PixelGrid as GeneratedGrid

TERMS = (30.0, 0.0, 500000.0, 0.0, -30.0, 4200000.0)
GRID = PixelGrid("EPSG:32610", TERMS, (200, 100))
BODY = {
    "dimensions": {"width": 200, "height": 100},
    "affineTransform": {
        "scaleX": 30.0,
        "shearX": 0.0,
        "translateX": 500000.0,
        "shearY": 0.0,
        "scaleY": -30.0,
        "translateY": 4200000.0,
    },
    "crsCode": "EPSG:32610",
}


@pytest.fixture
def raster(tmp_path: Path) -> Path:
    path = tmp_path / "raster.tif"
    profile = {"driver": "GTiff", "width": 200, "height": 100, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", crs="EPSG:32610", transform=affine.Affine(*TERMS), **profile) as file:
        file.write(np.zeros((1, 100, 200), "uint8"))
    return path


def test_body() -> None:
    assert GRID.to_dict() == BODY
    assert PixelGrid.from_dict(BODY) == GRID
    export = ImageExport(load("A"), to=Drive(), grid=GRID)
    assert export.to_dict()["grid"] == BODY
    assert "Image.load" in export.expression_json
    assert "reproject" not in export.expression_json
    assert pickle.loads(pickle.dumps(GRID)) == GRID
    assert hash(PixelGrid(32610, list(TERMS), [200, 100])) == hash(GRID)
    assert GRID.pixels == 20_000


def test_transforms_by_name() -> None:
    assert PixelGrid(32610, affine.Affine(*TERMS), (200, 100)) == GRID
    gdal = affine.Affine(*TERMS).to_gdal()
    assert PixelGrid.from_gdal(32610, gdal, (200, 100)) == GRID
    array: Any = np.array(TERMS)
    assert PixelGrid(32610, array, (200, 100)) == GRID
    with pytest.raises(InvalidArgument, match="GDAL's order"):
        PixelGrid(32610, gdal, (200, 100))
    rotated = PixelGrid.from_gdal(32610, (1.0, 0.0, 2.0, 3.0, 4.0, 0.0), 5)
    assert rotated.transform == (0.0, 2.0, 1.0, 4.0, 0.0, 3.0)


@pytest.mark.parametrize(
    ("crs", "field", "start"),
    [
        (32610, "crsCode", "EPSG:32610"),
        ("32610", "crsCode", "EPSG:32610"),
        (" EPSG:32610 ", "crsCode", "EPSG:32610"),
        ("SR-ORG:6974", "crsCode", "SR-ORG:6974"),
        (pyproj.CRS(32610), "crsCode", "EPSG:32610"),
        (CRS.from_epsg(32610), "crsCode", "EPSG:32610"),
        (CRS.from_wkt(pyproj.CRS(32610).to_wkt()), "crsCode", "EPSG:32610"),
        (odc_crs.CRS("EPSG:32610"), "crsCode", "EPSG:32610"),
        (pyproj.CRS("OGC:CRS84"), "crsCode", "OGC:CRS84"),
        (pyproj.CRS(32610).to_wkt("WKT1_GDAL"), "crsWkt", "PROJCS["),
        (pyproj.CRS("+proj=laea +lat_0=9"), "crsWkt", "PROJCS["),
        (CRS.from_string("+proj=laea +lat_0=9"), "crsWkt", "PROJCS["),
        (odc_crs.CRS("+proj=laea +lat_0=9"), "crsWkt", "PROJCS["),
        # Merely alike: EPSG:32610 has another axis order and name, so that this is no code.
        (pyproj.CRS("+proj=utm +zone=10 +datum=WGS84"), "crsWkt", "PROJCS["),
    ],
)
def test_crs(crs: Any, field: str, start: str) -> None:
    body = PixelGrid(crs, TERMS, 5).to_dict()
    assert body[field].startswith(start)
    assert PixelGrid.from_dict(body).to_dict() == body
    assert ImageExport(load("A"), to=Drive(), crs=crs, scale=30).crs == body[field]


@pytest.mark.parametrize(
    "crs", ["", "  ", "UTM", "+proj=utm +zone=10", 5.5, True, None, -1, [1], "EPSG:", ":1"]
)
def test_crs_that_is_refused(crs: Any) -> None:
    with pytest.raises((InvalidArgument, InvalidArgumentType), match=r"^crs="):
        PixelGrid(crs, TERMS, 5)


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        ("transform", ("EPSG:4326", (1, 2, 3), 5)),
        ("transform", ("EPSG:4326", (1, 0, 0, 1, 0, 0), 5)),
        ("transform", ("EPSG:4326", (0, 0, 0, 0, 0, 0), 5)),
        ("transform", ("EPSG:4326", (1, 0, 0, 0, -1, math.nan), 5)),
        ("transform", ("EPSG:4326", "1,0,0,0,-1,0", 5)),
        ("transform", ("EPSG:4326", (1, 0, 0, 0, -1, "0"), 5)),
        ("dimensions", ("EPSG:4326", TERMS, 0)),
        ("dimensions", ("EPSG:4326", TERMS, (5, -1))),
        ("dimensions", ("EPSG:4326", TERMS, (5, 5, 5))),
        ("dimensions", ("EPSG:4326", TERMS, (5, 2.5))),
        ("dimensions", ("EPSG:4326", TERMS, True)),
        ("dimensions", ("EPSG:4326", TERMS, "5x5")),
    ],
)
def test_grids_that_are_refused(argument: str, values: tuple[Any, ...]) -> None:
    with pytest.raises((InvalidArgument, InvalidArgumentType), match=f"^{argument}="):
        PixelGrid(*values)


# rioxarray multiplies transforms in a way that affine 3 announces the end of.
@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
def test_like_a_dataset(raster: Path) -> None:
    with rasterio.open(raster) as dataset:
        assert PixelGrid.like(dataset) == GRID
    array: Any = rioxarray.open_rasterio(raster)
    with array:
        assert PixelGrid.like(array) == GRID
    assert PixelGrid.like(GRID) is GRID
    box = GeoBox((100, 200), affine.Affine(*TERMS), "EPSG:32610")
    assert PixelGrid.like(box) == GRID
    assert PixelGrid.like(SimpleNamespace(odc=SimpleNamespace(geobox=box))) == GRID


def test_like_nothing(tmp_path: Path) -> None:
    for raster in (np.zeros((2, 2)), "path.tif", None):
        with pytest.raises(InvalidArgumentType, match="rasterio"):
            PixelGrid.like(raster)
    path = tmp_path / "bare.tif"
    profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", transform=affine.Affine(*TERMS), **profile):
        pass
    with rasterio.open(path) as dataset, pytest.raises(InvalidArgument, match="no coordinate reference"):
        PixelGrid.like(dataset)


@pytest.mark.parametrize(
    ("bounds", "scale", "dimensions", "terms"),
    [
        ((0, 0, 90, 60), 30, (3, 2), (30, 0, 0, 0, -30, 60)),
        ((0, 0, 91, 60), 30, (4, 2), (30, 0, 0, 0, -30, 60)),
        ((10.1, 0, 10.4, 0.3), 0.1, (3, 3), (0.1, 0, 10.1, 0, -0.1, 0.3)),
        ((0, 0, 90, 60), (45, 30), (2, 2), (45, 0, 0, 0, -30, 60)),
    ],
)
def test_from_bounds(bounds: Any, scale: Any, dimensions: Any, terms: Any) -> None:
    assert PixelGrid.from_bounds(bounds, scale, 4326) == PixelGrid(4326, terms, dimensions)


@pytest.mark.parametrize(
    ("argument", "bounds", "scale"),
    [
        ("bounds", (0, 0, 0, 1), 1),
        ("bounds", (0, 5, 9, 1), 1),
        ("bounds", (0, 0, 9), 1),
        ("bounds", (0, 0, 9, math.inf), 1),
        ("scale", (0, 0, 9, 9), 0),
        ("scale", (0, 0, 9, 9), -1),
        ("scale", (0, 0, 9, 9), math.nan),
        ("scale", (-122, 37, -121, 38), 30),  # metres, where the CRS has degrees
        ("scale", (0, 0, 9, 9), (1, 2, 3)),
    ],
)
def test_bounds_that_are_refused(argument: str, bounds: Any, scale: Any) -> None:
    with pytest.raises(InvalidArgument, match=f"^{argument}="):
        PixelGrid.from_bounds(bounds, scale, 4326)


def test_generated_grid() -> None:
    assert ImageExport(load("A"), to=Drive(), grid=GeneratedGrid.from_dict(BODY)).grid == GRID
    both = GeneratedGrid.from_dict({**BODY, "crsWkt": "PROJCS[]"})
    with pytest.raises(InvalidArgument, match="crs_code and crs_wkt"):
        ImageExport(load("A"), to=Drive(), grid=both)
    with pytest.raises(InvalidArgument, match="crsCode and crsWkt"):
        PixelGrid.from_dict(json.loads(json.dumps({**BODY, "crsWkt": "PROJCS[]"})))
    with pytest.raises(InvalidArgument, match="crsCode and crsWkt"):
        PixelGrid.from_dict({})


@pytest.mark.parametrize(
    "other", [{"region": (0, 0, 1, 1)}, {"scale": 30}, {"crs": 4326}, {"dimensions": 5}], ids=repr
)
def test_grid_and_what_it_says_already(other: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=r"^grid="):
        ImageExport(load("A"), to=Drive(), grid=GRID, **other)
