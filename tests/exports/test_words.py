"""What is refused says what was wrong and what to do; what is known of an export beforehand is shown."""

import datetime
import json
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rioxarray  # noqa: F401 - brings array.rio
import shapely
import xarray
from odc.geo.geobox import GeoBox

import earthengine_export as eex
from earthengine_export.rest import ImageFileExportOptions

DEM = eex.load("USGS/SRTMGL1_003")
SQUARE = [[0, 0], [1, 0], [1, 1]]
TERMS = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")


def export(**arguments: Any) -> eex.ImageExport:
    return eex.ImageExport(**{"image": DEM, "to": eex.Drive(), **arguments})


def graph(**node: Any) -> dict[str, Any]:
    return {"result": "0", "values": {"0": node}}


@pytest.mark.parametrize(
    ("make", "argument", "says"),
    [
        (lambda: export(region=[[SQUARE], [SQUARE]]), "region", "'type': 'MultiPolygon'"),
        (lambda: export(region="aoi.geojson"), "region", "pathlib.Path('aoi.geojson')"),
        (lambda: export(region="POLYGON((0 0, 1 0, 1 1, 0 0))"), "region", "shapely.from_wkt"),
        (lambda: export(region="0101000000000000000000F03F0000000000000040"), "region", "shapely.from_wkb"),
        (lambda: export(region="-1.5, 0, 1,1"), "region", "(west, south, east, north)."),
        (lambda: export(region=shapely.box(5e5, 4e6, 6e5, 5e6)), "region", "'name': 'EPSG:…'"),
        (lambda: export(region=Path("missing.geojson")), "region", "cannot be read"),
        (lambda: export(maxPixels=5), "maxPixels", "Here it is max_pixels."),
        (lambda: export(crsTransform=5), "crsTransform", "Here it is crs_transform."),
        (lambda: export(descripton="a"), "descripton", "Here it is description."),
        (lambda: eex.Drive(fileNamePrefix="a"), "fileNamePrefix", "filename_prefix"),  # type: ignore[call-arg]
        (lambda: export(file_format="GeoTIFF"), "file_format", "Give GeoTiff()."),
        (lambda: export(file_format="TFRecord"), "file_format", "Give TfRecord()."),
        (lambda: export(dimensions="256X256"), "dimensions", "dimensions='256X256'"),
        (lambda: export(dimensions="0x5"), "dimensions", "dimensions='0x5'"),
        (lambda: eex.Asset("projects/p/assets/tile_10.5"), "name", "'projects/p/assets/tile_10_5' would do"),
        (
            lambda: eex.Asset("projects/p/assets/a", pyramiding_policy={".default": "mode"}),  # type: ignore[arg-type]
            "pyramiding_policy",
            "pyramiding_policy_overrides",
        ),
        (
            lambda: eex.GeoTiff(no_data=float("nan")),
            "no_data",
            "NaN in files of floating point numbers, and 0",
        ),
        (lambda: export(region=[[[[SQUARE]]]]), "region", "deeper than"),
        (lambda: export(region={"type": "Feature", "geometry": None}), "region", "has no geometry"),
        (lambda: export(region={"type": "FeatureCollection", "features": None}), "region", "features must"),
        (lambda: export(region=(0, 0, 1, 1), scale=5e-324), "max_pixels", "allowed by default"),
        (lambda: export(image=graph(integerValue=str(2**63))), "image", "integerValue"),
        (lambda: export(image=graph(bytesValue="abcde")), "image", "bytesValue"),
        (
            lambda: eex.Asset("users/me/tile 10"),
            "name",
            "'projects/earthengine-legacy/assets/users/me/tile_10'",
        ),
        (lambda: eex.Asset("projects/p/assets//dem/"), "name", "'projects/p/assets/dem' would do"),
        (lambda: eex.GeoTiff(no_data=Decimal("NaN")), "no_data", "masked pixels are NaN"),  # type: ignore[arg-type]
        (lambda: export(file_format=eex.TfRecord), "file_format", "Give TfRecord(…)."),
        (lambda: export(to=eex.CloudStorage), "to", "Give CloudStorage(…)."),
        (lambda: export(to="gs://my-bucket/dem"), "to", "Give CloudStorage("),
        (lambda: export(to="users/me/dem"), "to", "Give Asset('users/me/dem')."),
        (lambda: eex.CloudStorage("gs://my-bucket/dem"), "bucket", "'my-bucket' and filename_prefix='dem'"),
        (lambda: eex.CloudStorage("s3://my-bucket"), "bucket", "Give 'my-bucket'."),
        (lambda: eex.CloudStorage("192.168.5.4"), "bucket", "no IP address"),
        (lambda: eex.ImageExport(DEM), "to", "ImageExport needs this argument."),  # type: ignore[call-arg]
        (lambda: eex.ImageExport(DEM, eex.Drive()), "arguments", "takes only image"),  # type: ignore[call-arg]
        (lambda: eex.Drive("a", folder="b"), "folder", "given twice"),  # type: ignore[misc]
        (lambda: export(cloud_optimized=True), "cloud_optimized", "Here it is GeoTiff(cloud_optimized=…)."),
        (lambda: export(shardSize=5), "shardSize", "Asset(tile_size=…)"),
        (lambda: export(region=[shapely.box(0, 0, 1, 1)] * 2), "region", "shapely.union_all"),
        (lambda: export(region=shapely.Point(0, 0, 5)), "region", "shapely.force_2d"),
        (lambda: export(region=shapely.box(0, 0, 1, 1).__class__), "region", "a class, not an object"),
        (lambda: export(region=[0, 0, 1]), "region", "four numbers"),
        (lambda: export(region=("0", "0", "1", "1")), "region", "(west, south, east, north)"),
        (lambda: export(region=(37, -122, 38, -121)), "region", "swapped"),
        (lambda: export(region="users/me/aoi"), "region", "ee.FeatureCollection('users/me/aoi').geometry()"),
        (lambda: export(region=DEM), "region", "eex.call('Image.geometry', feature=…)"),
        (
            lambda: export(region={"type": "LineString", "coordinates": SQUARE, "geodesic": "false"}),
            "region['geodesic']",
            "True or False",
        ),
        (lambda: export(crs="EPSG:abc"), "crs", "well-known text"),
        (lambda: export(crs=rasterio.crs.CRS()), "crs", "well-known text"),
        (lambda: export(crs="+proj=utm +zone=10"), "crs", "pyproj.CRS(…)"),
        (lambda: export(crs={"init": "epsg:4326"}), "crs", "pyproj.CRS(…)"),
        (lambda: export(scale=np.timedelta64(5, "ns")), "scale", "a number"),
        (lambda: export(scale=DEM), "scale", "of type Image; it must be of type Number"),
        (lambda: export(max_pixels=Decimal("1e999999999")), "max_pixels", "9,223,372,036,854,775,807"),
        (lambda: export(max_pixels=float("nan")), "max_pixels", "whole number"),
        (lambda: eex.call("F", a=max), "a", "Wrap it"),
        (lambda: eex.call("F", a={1: 2}), "a", "This key must be a string."),
        (
            lambda: export(image=graph(functionInvocationValue={"functionName": "F", "arguments": []})),
            "image",
            "functionInvocationValue",
        ),
        (lambda: export(scale=10**400), "scale", "scale=a whole number of 401 digits"),
        (lambda: export(scale=10**5000), "scale", "scale=a whole number of 5,001 digits"),
        (lambda: export(extra_body={"priority": 5}, priority=6), "extra_body['priority']", "sets it to 6"),
        (lambda: export(extra_body={"priority": "high"}), "priority", "whole number"),
        (lambda: export(extra_body={"requestId": "a"}), "extra_body['requestId']", "Give request_id=…."),
        (lambda: export(extra_body={"a": {1, 2}}), "extra_body['a']", "what JSON can hold"),
        (
            lambda: eex.PixelGrid(4326, (1, 0, 0, 0, -1, 0), 5, extra_body={"crsWkt": "a"}),
            "grid",
            "Exactly one of crsCode and crsWkt",
        ),
        (
            lambda: eex.Asset(
                "projects/p/assets/a", extra_body={"earthEngineDestination": {"overwrite": "yes"}}
            ),
            "overwrite",
            "True or False",
        ),
        (lambda: export(extra_body={"expression": {}}), "extra_body", "expression"),
        (lambda: export(extra_body={"a": float("nan")}), "extra_body['a']", "finite"),
    ],
)
def test_words(make: Callable[[], object], argument: str, says: str) -> None:
    with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType)) as caught:
        make()
    assert caught.value.argument == argument
    assert says in str(caught.value)
    assert "Nothing was sent" not in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda ee: ee.ImageCollection("C"), ".mosaic() or .first()"),
        (lambda ee: ee.FeatureCollection("T"), "reduceToImage"),
        (lambda ee: ee.Number(5), "ee.Image.constant(number)"),
        (lambda ee: ee.List([1]), "one export for each"),
        (lambda ee: ee.Geometry.Point(1, 2), "region="),
        (lambda ee: ee.String("a"), "of type String"),
        (lambda ee: ee.PixelType.int8(), "of type PixelType"),
        (lambda _: eex.call("ImageCollection.load", id="C"), ".mosaic() or .first()"),
        (lambda _: eex.call("ImageCollection.load", id="C").to_dict(), ".mosaic() or .first()"),
        (lambda _: eex.call("Reducer.mean"), "of type Reducer"),
        (lambda _: eex.function(lambda image: image), "of type Function"),
        (lambda _: eex.geometry((0, 0, 1, 1)), "region="),
    ],
)
def test_what_is_no_image(official: Any, make: Callable[[Any], Any], says: str) -> None:
    with pytest.raises(eex.InvalidArgumentType, match=r"^image=") as caught:
        export(image=make(official))
    assert says in str(caught.value)


def test_what_may_be_an_image(official: Any) -> None:
    collection = official.ImageCollection("C")
    for image in (collection.first(), collection.mosaic(), official.Image("A").get("a"), collection.get("a")):
        assert export(image=image)
    with pytest.raises(eex.InvalidArgumentType, match=r"ee\.Geometry\.Polygon\(list\)"):
        export(region=official.Geometry.Point(1, 2).coordinates())


WORLD = (-180, -60, 180, 60)
UTM = {"type": "name", "properties": {"name": "EPSG:32610"}}
ALBERS = {"type": "name", "properties": {"name": "EPSG:5070"}}
GEOGCS = rasterio.crs.CRS.from_string("+proj=longlat +R=6371000 +no_defs").to_wkt()
PLOT = {"type": "Polygon", "coordinates": [[[0, 0], [3000, 0], [3000, 600], [0, 600]]], "crs": UTM}


@pytest.mark.parametrize(
    ("arguments", "pixels", "error"),
    [
        ({"region": (0, 0, 1, 1), "scale": 111_319.49 / 1000, "crs": 4326}, 1_000_000, 0.01),
        (
            {"region": shapely.box(0, 0, 1, 1), "scale": 111_319.49 / 1000, "crs": "EPSG:4326"},
            1_000_000,
            0.01,
        ),
        ({"region": (170, 0, -170, 1), "scale": 111_319.49 / 100, "crs": 4326}, 200_000, 0.01),
        ({"region": (0, 60, 1, 61), "scale": 100, "crs": 3857}, 1113 * 2261, 0.01),
        ({"region": (-122.6, 37.2, -121.8, 37.9), "scale": 30, "crs": 32610}, 2343 * 2598, 0.1),
        ({"region": (0, 0, 1, 1), "scale": 100}, 1113 * 1113, 0.1),
        ({"region": PLOT, "scale": 30, "crs": 32610}, 2000, 0.01),
        ({"region": (0, 0, 1, 2), "dimensions": 100, "crs": 4326}, 5000, 0.01),
        ({"region": (0, 0, 1, 1), "dimensions": (20, 30)}, 600, 0),
        ({"region": (0, 0, 1, 2), "crs": 4326, "crs_transform": (0.1, 0, 0, 0, -0.1, 0)}, 200, 0.01),
        ({"region": (0, 60, 1, 61), "crs": "epsg:4326", "crs_transform": (0.1, 0, 0, 0, -0.1, 0)}, 100, 0.01),
        ({"region": (0, 60, 1, 61), "crs": GEOGCS, "crs_transform": (0.1, 0, 0, 0, -0.1, 0)}, 100, 0.01),
        ({"region": (0, 0, 1, 1), "crs": "EPSG:4171", "crs_transform": (0.001, 0, 0, 0, -0.001, 0)}, None, 0),
        (
            {"region": (0, 0, 1, 1), "crs": "EPSG:5070", "crs_transform": (100, 0, 0, 0, -100, 0)},
            1113**2,
            0.1,
        ),
        ({"grid": eex.PixelGrid(4326, (1, 0, 0, 0, -1, 0), 5)}, 25, 0),
        ({"region": PLOT, "scale": 30}, 2000, 0.1),
        ({"region": {**PLOT, "crs": ALBERS}, "scale": 30}, None, 0),
        ({"scale": 30}, None, 0),
        ({"dimensions": 100}, None, 0),
        ({}, None, 0),
    ],
)
def test_pixels_are_counted_or_estimated(arguments: dict[str, Any], pixels: int | None, error: float) -> None:
    made = export(**arguments)
    assert made.pixels == (None if pixels is None else pytest.approx(pixels, rel=error))
    assert ("size" in repr(made)) == ("size" in made._repr_html_()) == (pixels is not None)
    if pixels:
        with pytest.raises(eex.InvalidArgument, match=r"^max_pixels="):
            export(**arguments, max_pixels=max(1, int(pixels * 0.7)))
        assert export(**arguments, max_pixels=int(pixels * 1.2))


def test_what_was_given_is_shown_in_the_order_of_arguments() -> None:
    asset = eex.Asset("projects/p/assets/a", tile_size=64, extra_body={"a": 1})
    assert repr(asset) == "Asset(name='projects/p/assets/a', tile_size=64, extra_body={'a': 1})"
    assert eval(repr(asset), vars(eex)) == asset
    assert repr(eex.Drive()) == "Drive()"


def test_too_many_pixels(official: Any) -> None:
    for region in (
        WORLD,
        official.Geometry.BBox(*WORLD),
        official.Geometry.Rectangle(WORLD),
        shapely.box(*WORLD),
    ):
        with pytest.raises(
            eex.InvalidArgument, match=r"^max_pixels=None.*allowed by default.*larger scale"
        ) as caught:
            export(region=region, scale=30)
        cure = int(str(caught.value).partition("Give max_pixels=")[2].split()[0])
        assert export(region=region, scale=30, max_pixels=cure)
    # No max_pixels allows so many.
    with pytest.raises(eex.InvalidArgument, match=r"by default\. Give fewer pixels"):
        export(region=(0, 0, 1, 1), scale=1e-9)


def test_grid_of_a_raster(tmp_path: Path) -> None:
    box = GeoBox((20, 30), rasterio.Affine(30, 0, 5e5, 0, -30, 4e6), "EPSG:32610")
    path = tmp_path / "a.tif"
    profile = {"driver": "GTiff", "width": 30, "height": 20, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", crs="EPSG:32610", transform=box.transform, **profile) as file:
        file.write(np.zeros((1, 20, 30), "uint8"))
    with rasterio.open(path) as file:
        assert export(grid=file).grid == export(grid=box).grid == eex.PixelGrid.like(box)


def test_what_a_file_holds_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("ya29.secret", encoding="utf-8")
    for make in (lambda: export(region=path), lambda: export(image=path), lambda: eex.check_names(DEM, path)):
        with pytest.raises(eex.InvalidArgument, match="not JSON") as caught:
            make()
        assert "secret" not in repr(caught.value) + str(caught.value)


# rioxarray multiplies transforms in a way that affine 3 announces the end of.
@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
def test_what_is_right_in_another_form() -> None:
    affine = rasterio.Affine(1, 0, 0, 0, -1, 0)
    for transform in (tuple(affine), np.array(affine).reshape(3, 3), [[1, 0, 0], [0, -1, 0]]):
        assert export(crs=4326.0, crs_transform=transform) == export(crs="4326", crs_transform=affine)
    array = xarray.DataArray(
        np.zeros((2, 3)), dims=("y", "x"), coords={"y": [1.5, 0.5], "x": [0.5, 1.5, 2.5]}
    )
    raster = array.rio.write_crs(4326).to_dataset(name="a")
    assert export(grid=raster).grid == eex.PixelGrid(4326, (1, 0, 0, 0, -1, 2), (3, 2))
    assert export(scale=10**20, region=(0, 0, 1, 1)).scale == 1e20
    day = eex.call("F", a=datetime.datetime(2024, 1, 1)).to_dict()
    assert eex.call("F", a=np.datetime64("2024-01-01", "ns")).to_dict() == day
    assert eex.call("F", a=bytearray(b"ab")).to_dict() == eex.call("F", a=b"ab").to_dict()


def test_whole_numbers_are_exact() -> None:
    exact = Decimal(2**62 + 1)
    assert eex.TfRecord(max_size_bytes=exact).to_dict() == {"maxSizeBytes": str(exact)}  # type: ignore[arg-type]


def test_region_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "aoi.geojson"
    path.write_text(json.dumps(shapely.box(0, 0, 1, 1).__geo_interface__), encoding="utf-8")
    assert export(region=path) == export(region=shapely.box(0, 0, 1, 1))


@pytest.mark.parametrize(
    ("arguments", "uri"),
    [
        ({"to": eex.CloudStorage("my-bucket", "dem/hillshade")}, "gs://my-bucket/dem/hillshade"),
        ({"to": eex.CloudStorage("my-bucket"), "description": "dem"}, "gs://my-bucket/dem"),
        ({"to": eex.Asset("projects/p/assets/dem")}, "projects/p/assets/dem"),
        ({"to": eex.Drive("maps", "dem")}, "Google Drive, folder 'maps', prefix 'dem'"),
        ({"to": eex.Drive()}, "Google Drive"),
    ],
)
def test_uri(arguments: dict[str, Any], uri: str) -> None:
    made = export(**arguments)
    assert made.uri == uri
    assert uri in repr(made)


@pytest.mark.parametrize(
    "kind", [lambda name: eex.Drive("maps", name), lambda name: eex.CloudStorage("bucket", name)]
)
@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("dem.tif", r"dem\.tif\.tif"),
        ("dem.TIFF", r"dem\.TIFF\.tif"),
        ("dem.tfrecord.gz", r"dem\.tfrecord\.gz-00000\.tfrecord"),
    ],
)
def test_an_ending_is_warned_of(kind: Callable[[str], object], prefix: str, name: str) -> None:
    with pytest.warns(UserWarning, match=rf"'{name}'.*Give 'dem'\.") as caught:
        kind(prefix)
    assert caught[0].filename == __file__


def test_replace() -> None:
    made = export(region=(0, 0, 1, 1), scale=30, description="a", extra_body={"new": 1})
    assert made.replace() == made
    changed = made.replace(scale=60, description=None, image=eex.load("A"))
    assert changed == export(image=eex.load("A"), region=(0, 0, 1, 1), scale=60, extra_body={"new": 1})
    assert made.replace(to=eex.Asset("projects/p/assets/a")).uri == "projects/p/assets/a"
    with pytest.raises(eex.InvalidArgumentType, match="scale"):
        made.replace(scale="30")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (eex.GeoTiff, {"cloudOptimized": False, "tileDimensions": {"width": 256, "height": 512, "depth": 3}}),
        (
            eex.GeoTiff,
            {"noData": {"floatValue": 0, "more": 1}, "pyramidOptions": {"resamplingMethod": "MIN"}},
        ),
        (
            eex.TfRecord,
            {"sequenceData": False, "maxSizeBytes": "5", "marginDimensions": {"width": 1, "height": 2}},
        ),
        (eex.Asset, {"earthEngineDestination": {"name": "projects/p/assets/a", "new": 1}, "new": 10**30}),
        (
            eex.PixelGrid,
            {
                "crsCode": "EPSG:4326",
                "dimensions": {"width": 1, "height": 2, "depth": 3},
                "affineTransform": dict(zip(TERMS, (1, 0, 0, 0, -1, 0), strict=True)) | {"new": [1]},
                "new": {"a": None},
            },
        ),
    ],
)
def test_what_is_read_is_kept(kind: Any, data: dict[str, Any]) -> None:
    assert kind.from_dict(data).to_dict() == data


def test_fields_that_the_wrapper_lacks() -> None:
    made = export(
        to=eex.CloudStorage("my-bucket", extra_body={"a": {"b": [1, None]}}),
        file_format=eex.GeoTiff(tile_size=64, extra_body={"pyramidOptions": {"resamplingMethod": "AVERAGE"}}),
        extra_body={
            "fileExportOptions": {"geoTiffOptions": {"deep": True}, "more": 1},
            "costCentre": "forest",
        },
    )
    body = made.to_dict()
    assert body["costCentre"] == "forest"
    assert body["fileExportOptions"] == {
        "fileFormat": "GEO_TIFF",
        "cloudStorageDestination": {"bucket": "my-bucket", "a": {"b": [1, None]}},
        "geoTiffOptions": {"tileSize": 64, "pyramidOptions": {"resamplingMethod": "AVERAGE"}, "deep": True},
        "more": 1,
    }
    for again in (eex.ImageExport.from_dict(body), pickle.loads(pickle.dumps(made))):
        assert again == made
        assert again.to_dict() == body
    raw = ImageFileExportOptions.from_dict(body["fileExportOptions"])
    assert export(to=raw, extra_body={"costCentre": "forest"}) == made
    with pytest.raises(TypeError):
        made.extra_body["costCentre"] = 5  # type: ignore[index]


@pytest.mark.parametrize("change", [{"other": 1}, {"grid": {"crsCode": "EPSG:4326", "new": 1}}])
def test_unknown_fields_of_a_body_are_kept(change: dict[str, Any]) -> None:
    grid = eex.PixelGrid(4326, (1, 0, 0, 0, -1, 0), 5).to_dict()
    change = {name: {**grid, **value} if name == "grid" else value for name, value in change.items()}
    body = {**export().to_dict(), **change}
    assert eex.ImageExport.from_dict(body).to_dict() == body


def test_equal_texts_of_any_kind_are_one(official: Any) -> None:
    import enum

    class Band(str, enum.Enum):  # noqa: UP042 - as many write it
        A = "a"

    one, two = (eex.call("Image.select", input=DEM, bandSelectors=[name]) for name in (Band.A, "a"))
    both = eex.call("Image.add", image1=one, image2=two)
    assert json.dumps(both.to_dict()).count("Image.select") == 1
    other = eex.call("Image.add", image1=one, image2=eex.call("F", a=True, b=1, c=1.0, d="1"))
    arguments = json.loads(json.dumps(other.to_dict()))
    assert '"a": {"constantValue": true}, "b": {"constantValue": 1}, "c": {"constantValue": 1}' in json.dumps(
        arguments
    )
    assert repr(eex.load("a")) == "<Image.load(id='a')>"
