"""That pixels are where they should be, of the right type and masked where they should be."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.warp
import shapely
from affine import Affine
from pyproj import CRS, Geod, Transformer

from earthengine_emulator.geotiff import parts

from .computing import computed, evaluate, grid, pixels
from .conftest import Session, write_tiff

UTM = Affine(10, 0, 500000, 0, -10, 4000000)
NOISE = np.random.default_rng(1).integers(0, 200, (40, 60)).astype("uint8")
RNG = np.random.default_rng(2)
LONGITUDES = np.arange(-180, 180, 2) + 1.0


@pytest.fixture(scope="module")
def folder(assets: Path) -> Path:
    """Assets beside those that all tests have."""
    write_tiff(assets / "noise.tif", NOISE, UTM, "EPSG:32616")
    smooth = np.add.outer(np.sin(np.arange(40) / 5), np.cos(np.arange(60) / 7)) * 100
    write_tiff(assets / "smooth.tif", smooth.astype("float32"), UTM, "EPSG:32616")
    write_tiff(assets / "southup.tif", NOISE, Affine(10, 0, 500000, 0, 10, 3999600), "EPSG:32616")
    # Around the earth: each pixel is its longitude.
    world = np.tile(LONGITUDES, (90, 1)).astype("float32")
    write_tiff(assets / "world.tif", world, Affine(2, 0, -180, 0, -2, 90), "EPSG:4326")
    write_tiff(assets / "turned.tif", NOISE, UTM @ Affine.rotation(30), "EPSG:32616")
    return assets


# --- grids ---


def test_crs_and_transform_and_dimensions(session: Session, earth_engine: Any, folder: Path) -> None:
    """The official client asks for a rectangle of the projection's pixels."""
    task = earth_engine.batch.Export.image.toCloudStorage(
        image=earth_engine.Image("noise"), description="d", bucket="b", crs="EPSG:32616",
        crsTransform=[20, 0, 500100, 0, -20, 3999900], dimensions="8x6",
    )  # fmt: skip
    config = dict(task.config)
    data, profile = session.read(config.pop("expression"), **config)
    assert data.shape == (1, 6, 8)
    assert profile["transform"] == Affine(20, 0, 500100, 0, -20, 3999900)
    means = NOISE[10:22, 10:26].reshape(6, 2, 8, 2).mean((1, 3))
    assert (data[0] == np.floor(means + 0.5)).all()


@pytest.mark.parametrize("name", ["southup", "turned"])
def test_rasters_that_are_not_north_up(earth_engine: Any, folder: Path, session: Session, name: str) -> None:
    with rasterio.open(folder / f"{name}.tif") as source:
        own = source.transform
        data, profile = session.read(earth_engine.Image(name))
        if name == "southup":
            assert (data[0] == source.read(1)).all()
            assert profile["transform"] == own
        # On a north-up grid each pixel is the one whose square its centre is in.
        on = grid(30, 20, Affine(7, 0, 500050, 0, -7, 3999900))
        found = pixels(earth_engine.Image(name), folder, on)[0]
        columns, rows = np.meshgrid(np.arange(30) + 0.5, np.arange(20) + 0.5)
        x, y = 500050 + 7 * columns, 3999900 - 7 * rows
        at = [np.floor(v).astype(int) for v in (~own) @ (x, y)]
        inside = (at[0] >= 0) & (at[0] < 60) & (at[1] >= 0) & (at[1] < 40)
        expected = np.where(inside, NOISE[np.clip(at[1], 0, 39), np.clip(at[0], 0, 59)], np.nan)
        assert inside.any()
        assert np.array_equal(found, expected, equal_nan=True)


def test_onto_a_south_up_grid(earth_engine: Any, folder: Path) -> None:
    found = pixels(earth_engine.Image("noise"), folder, grid(60, 40, Affine(10, 0, 500000, 0, 10, 3999600)))
    assert (found[0] == NOISE[::-1]).all()


# --- assets that were exported ---


def test_what_is_exported_as_an_asset_is_read_again(
    session: Session, earth_engine: Any, folder: Path
) -> None:
    noise = earth_engine.Image("noise")
    several = (
        noise.updateMask(noise.gt(50)).rename("a")
        .addBands(noise.toInt16().subtract(300).updateMask(noise.lt(150)).rename("b"))
        .addBands(noise.toFloat().divide(3).updateMask(noise.gt(90)).rename("c"))
        .set("system:time_start", 86400000, "sensor", "x")
    )  # fmt: skip
    shared = noise.toFloat().updateMask(noise.gt(50)).addBands(noise.updateMask(noise.gt(50)))
    for name, image in (("several", several), ("shared", shared), ("whole", noise)):
        asset = f"projects/p/assets/{name}"
        session.files(image, assetExportOptions={"earthEngineDestination": {"name": asset}})
        stored = session.emulator.output / "assets"
        for number, on in enumerate((grid(60, 40, UTM), grid(70, 30, UTM @ Affine.translation(-5, 15)))):
            before, after = pixels(image, folder, on), pixels(earth_engine.Image(asset), stored, on)
            assert np.array_equal(before, after, equal_nan=True), (name, number)
        read = evaluate(earth_engine.Image(asset), stored)
        types = [band.dtype for band in evaluate(image, folder).bands]
        assert [band.dtype for band in read.bands] == types
    assert computed(earth_engine.Image("projects/p/assets/several").get("sensor"), stored) == "x"
    assert (
        computed(earth_engine.Image("projects/p/assets/several").date().format(), stored)
        == "1970-01-02T00:00:00"
    )
    with rasterio.open(stored / "projects/p/assets/shared.tif") as source:
        assert (source.dataset_mask() == np.where(NOISE > 50, 255, 0)).all()


def _mode(block: Any) -> float:
    values, counts = np.unique(block, return_counts=True)
    return float(values[counts.argmax()])


@pytest.mark.parametrize(
    ("policy", "reduce"),
    [
        ("MEAN", lambda block: math.floor(block.mean() + 0.5)),
        ("MIN", np.min),
        ("MAX", np.max),
        ("SAMPLE", lambda block: block[0, 0]),
        ("MODE", _mode),
        ("MEDIAN", lambda block: int(np.median(block))),
    ],
)
def test_pyramids(session: Session, earth_engine: Any, folder: Path, policy: str, reduce: Any) -> None:
    asset = f"projects/p/assets/{policy}"
    image = earth_engine.Image("noise").divide(60).toByte().rename("a").addBands(earth_engine.Image("noise"))
    session.files(
        image,
        assetExportOptions={
            "earthEngineDestination": {"name": asset},
            "pyramidingPolicy": "SAMPLE",
            "pyramidingPolicyOverrides": {"a": policy},
        },
    )
    on = grid(30, 20, Affine(20, 0, 500000, 0, -20, 4000000))
    first, second = pixels(earth_engine.Image(asset), session.emulator.output / "assets", on)
    coded = NOISE // 60
    expected = [[reduce(coded[2 * r : 2 * r + 2, 2 * c : 2 * c + 2]) for c in range(30)] for r in range(20)]
    assert (first == np.array(expected)).all()
    assert (second == NOISE[::2, ::2]).all()


# --- the antimeridian ---


@pytest.mark.parametrize(
    ("geometry", "width"),
    [
        (lambda ee: ee.Geometry.BBox(170, -10, -170, 10), 10),
        (lambda ee: ee.Geometry.Rectangle([170, -10, 190, 10], None, False), 10),
        (lambda ee: ee.Geometry.Polygon([[[170, -10], [-170, -10], [-170, 10], [170, 10]]]), 10),
        (
            lambda ee: ee.Geometry.Polygon([[[-190, -10], [-170, -10], [-170, 10], [-190, 10]]], None, False),
            10,
        ),
    ],
)
def test_boxes_over_the_antimeridian(
    session: Session, earth_engine: Any, folder: Path, geometry: Any, width: int
) -> None:
    region = geometry(earth_engine)
    config = dict(
        earth_engine.batch.Export.image.toCloudStorage(
            image=earth_engine.Image("world"), description="d", bucket="b", region=region, crs="EPSG:4326",
            crsTransform=[2, 0, -180, 0, -2, 90],
        ).config
    )  # fmt: skip
    data, profile = session.read(config.pop("expression"), **config)
    assert data.shape[2] == width
    assert data.shape[1] in (10, 12)  # geodesic sides bend
    assert data[0, 5].tolist() == [171, 173, 175, 177, 179, -179, -177, -175, -173, -171]
    assert abs(profile["transform"].c) in (170, 190)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32601", "EPSG:3832", "EPSG:4326"])
def test_clips_over_the_antimeridian(earth_engine: Any, folder: Path, crs: str) -> None:
    """In any projection, what is left is what lies between the meridians."""
    image = earth_engine.Image("world").clip(earth_engine.Geometry.BBox(176, -3, -178, 3))
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform([175, 179.9], [0, 0])
    side = (x[1] - x[0]) / 50
    on = grid(100, 60, Affine(side, 0, x[0], 0, -side, y[0] + 30 * side), crs)
    found = pixels(image, folder, on)[0]
    columns, rows = np.meshgrid(np.arange(100) + 0.5, np.arange(60) + 0.5)
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(x[0] + columns * side, y[0] + (30 - rows) * side)
    turned = np.asarray(lon) % 360
    inside = (turned >= 176) & (turned <= 182) & (np.abs(lat) <= 3)
    assert inside.sum() > 500
    expected = np.where(inside, LONGITUDES[np.floor((turned + 180) % 360 / 2).astype(int)], np.nan)
    assert np.array_equal(found, expected, equal_nan=True)


# --- edges ---


def test_edges_of_polygons_are_geodesics(earth_engine: Any, folder: Path) -> None:
    """A gnomonic projection shows great circles as straight lines; on the ellipsoid they are near."""
    corners = [[-120, 30], [-60, 30], [-60, 55], [-120, 55]]
    on = grid(400, 300, Affine(0.2, 0, -130, 0, -0.2, 75), "EPSG:4326")
    image = earth_engine.Image(1)
    geodesic = pixels(image.clip(earth_engine.Geometry.Polygon([corners])), folder, on)[0] == 1
    planar = pixels(image.clip(earth_engine.Geometry.Polygon([corners], None, False)), folder, on)[0] == 1
    lon, lat = np.meshgrid(-130 + (np.arange(400) + 0.5) * 0.2, 75 - (np.arange(300) + 0.5) * 0.2)
    assert (planar == ((lon > -120) & (lon < -60) & (lat > 30) & (lat < 55))).all()
    gnomonic: Any = Transformer.from_crs(
        "EPSG:4326", CRS.from_proj4("+proj=gnom +lat_0=45 +lon_0=-90 +R=6371000"), always_xy=True
    )
    ring = shapely.Polygon(np.column_stack(gnomonic.transform(*zip(*corners, strict=True))))
    expected = shapely.contains_xy(ring, *gnomonic.transform(lon, lat))
    assert (geodesic != planar).sum() > 2000
    assert (geodesic != expected).sum() < 100  # the sphere is no ellipsoid: less than a pixel along the edges
    # The middle of the northern edge, by the ellipsoid's own geodesic.
    middle = Geod(ellps="WGS84").npts(-120, 55, -60, 55, 1)[0]
    column = geodesic[:, 200]
    assert abs(75 - 0.2 * np.argmax(column) - middle[1]) <= 0.2


def test_bounds_follow_geodesics(earth_engine: Any, folder: Path) -> None:
    polygon = earth_engine.Geometry.Polygon([[[-120, 30], [-60, 30], [-60, 55], [-120, 55]]])
    north = max(y for _, y in computed(polygon.bounds(), folder)["coordinates"][0])
    assert north == pytest.approx(Geod(ellps="WGS84").npts(-120, 55, -60, 55, 1)[0][1], abs=1e-4)
    assert computed(polygon.area(), folder) == pytest.approx(
        abs(Geod(ellps="WGS84").polygon_area_perimeter([-120, -60, -60, -120], [30, 30, 55, 55])[0]), rel=1e-6
    )


# --- resampling ---


@pytest.mark.parametrize(("mode", "method"), [("bilinear", "bilinear"), ("bicubic", "cubic")])
@pytest.mark.parametrize("crs", ["EPSG:32616", "EPSG:4326", "EPSG:3857"])
def test_interpolation_is_as_gdals(earth_engine: Any, folder: Path, mode: str, method: str, crs: str) -> None:
    x, y = rasterio.warp.transform("EPSG:32616", crs, [500100], [3999900])
    side = {"EPSG:32616": 4.3, "EPSG:4326": 0.00005, "EPSG:3857": 5.0}[crs]
    transform = Affine(side, 0, x[0], 0, -side, y[0])
    found = pixels(earth_engine.Image("smooth").resample(mode), folder, grid(50, 30, transform, crs))[0]
    with rasterio.open(folder / "smooth.tif") as source:
        expected = np.zeros((30, 50))
        rasterio.warp.reproject(
            source.read(1).astype(float), expected, src_transform=source.transform, src_crs=source.crs,
            dst_transform=transform, dst_crs=crs, resampling=rasterio.warp.Resampling[method], tolerance=0,
            error_threshold=0,
        )  # fmt: skip
    assert np.allclose(found, expected, atol=0.02)
    nearest = pixels(earth_engine.Image("smooth"), folder, grid(50, 30, transform, crs))[0]
    assert np.abs(nearest - expected).max() > 1


def test_interpolation_beside_masked_pixels(earth_engine: Any, folder: Path) -> None:
    """What is masked takes no part; where the nearest pixel is masked, so is the result."""
    noise = earth_engine.Image("noise")
    masked = noise.updateMask(noise.gt(60)).resample("bilinear")
    found = pixels(masked, folder, grid(58, 38, UTM @ Affine.translation(1.25, 1.25)))[0]
    valid = (NOISE > 60).astype(float)
    near = valid[1:39, 1:59] > 0
    # A quarter to the right and below of the corners: the centre is 3/4 - 1/2 of a pixel from its own.
    shares = {(0, 0): 0.75**2, (0, 1): 0.75 * 0.25, (1, 0): 0.25 * 0.75, (1, 1): 0.25**2}
    total = sum(w * (NOISE * valid)[1 + dy : 39 + dy, 1 + dx : 59 + dx] for (dy, dx), w in shares.items())
    weight = sum(w * valid[1 + dy : 39 + dy, 1 + dx : 59 + dx] for (dy, dx), w in shares.items())
    assert np.allclose(found, np.where(near, total / np.where(near, weight, 1), np.nan), equal_nan=True)


# --- types ---


@pytest.mark.parametrize(
    ("image", "dtype"),
    [
        (lambda n, ee: n.add(n), "uint16"),
        (lambda n, ee: n.subtract(n), "int16"),
        (lambda n, ee: n.multiply(n), "uint16"),
        (lambda n, ee: n.multiply(n).multiply(n), "int32"),
        (lambda n, ee: n.add(1000), "uint16"),
        (lambda n, ee: n.toInt16().bitwiseAnd(3), "int16"),
        (lambda n, ee: n.leftShift(3), "uint16"),
        (lambda n, ee: n.rightShift(3), "uint8"),
        (lambda n, ee: n.mod(7), "uint8"),
        (lambda n, ee: n.toFloat().multiply(2), "float32"),
        (lambda n, ee: n.toFloat().multiply(0.5), "float64"),
        (lambda n, ee: n.divide(2), "float64"),
        (lambda n, ee: n.gt(3).add(n.gt(5)), "uint8"),
        (lambda n, ee: n.where(n.gt(3), 1000), "uint16"),
        (lambda n, ee: n.where(n.gt(3), -1), "int16"),
        (lambda n, ee: n.unmask(-9999), "int16"),
        (lambda n, ee: n.max(300), "uint16"),
        (lambda n, ee: n.remap([1, 2], [10, 70000]), "int32"),
        (lambda n, ee: ee.ImageCollection([n, n.toInt16()]).max(), "int16"),
        (lambda n, ee: ee.ImageCollection([n, n]).mean(), "float64"),
        (lambda n, ee: ee.Image(-5).abs(), "int8"),
        (lambda n, ee: n.normalizedDifference([0, 0]), "float32"),
    ],
)
def test_types_hold_what_there_may_be(earth_engine: Any, folder: Path, image: Any, dtype: str) -> None:
    made = image(earth_engine.Image("noise"), earth_engine)
    assert evaluate(made, folder).bands[0].dtype == dtype


# --- files ---


@pytest.mark.parametrize(("depth", "side"), [(1, 46592), (2, 32768), (4, 23296), (12, 13568)])
def test_large_files_are_split_as_by_the_service(depth: int, side: int) -> None:
    """These sides stand in the names of files that the service wrote."""
    large = grid(side + 1, side, UTM)
    found = list(parts(large, {}, depth))
    assert [suffix for suffix, _ in found] == ["0000000000-0000000000", f"0000000000-{side:010}"]
    assert [(part.width, part.height) for _, part in found] == [(side, side), (1, side)]
    assert found[1][1].transform.c == 500000 + 10 * side
    assert [suffix for suffix, _ in parts(grid(side - 600, side - 600, UTM), {}, depth)] == [""]
