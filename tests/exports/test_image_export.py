"""One export as a value: its request, its checks, how it reads, and how it travels."""

import json
import os
import pickle
import subprocess
import sys
from typing import Any

import attrs
import pytest

from earthengine_export._describe.destinations import Asset, CloudStorage, Drive
from earthengine_export._describe.expressions import call, load
from earthengine_export._describe.formats import GeoTiff, TfRecord
from earthengine_export._describe.grid import PixelGrid
from earthengine_export._describe.regions import geometry
from earthengine_export._describe.unions import which
from earthengine_export.errors import InvalidArgument, InvalidArgumentType
from earthengine_export.image_export import ImageExport
from earthengine_export.rest import (
    CloudStorageDestination,
    DriveDestination,
    ExportImageRequest,
    GeoTiffImageExportOptions,
    ImageAssetExportOptions,
    ImageFileExportOptions,
    TfRecordImageExportOptions,
)

IMAGE = load("USGS/SRTMGL1_003")
LOADED = {
    "result": "0",
    "values": {
        "0": {
            "functionInvocationValue": {
                "functionName": "Image.load",
                "arguments": {"id": {"constantValue": "USGS/SRTMGL1_003"}},
            }
        }
    },
}
EXPORTS = [
    ImageExport(IMAGE, to=Drive()),
    ImageExport(
        IMAGE,
        to=CloudStorage("my-bucket", "dem/", "PUBLIC", ["https://example.org"]),
        file_format=TfRecord(16, (2, 3), True, 10**9, -1.5, {"b": 3}, True, False, 0.5),
        description="dem",
        region=(-122.6, 37.2, -121.8, 37.9),
        scale=30,
        crs="EPSG:32610",
        max_pixels=1e10,
        priority=200,
        workload_tag="dem",
        request_id="abc-123",
    ),
    ImageExport(
        IMAGE,
        to=Drive("maps"),
        file_format=GeoTiff(True, (512, 256), True, 128, -9999, ["a", "b"]),
        grid=PixelGrid("EPSG:32610", (30, 0, 5e5, 0, -30, 4e6), 64),
    ),
    ImageExport(
        IMAGE,
        to=Asset("projects/p/assets/a", True, "mode", {"b1": "max"}, 256),
        description="asset",
        crs=4326,
        crs_transform=(0.1, 0, 5, 0, -0.1, 50),
        dimensions="64x32",
    ),
]


def test_request() -> None:
    assert EXPORTS[0].to_dict() == {
        "expression": LOADED,
        "fileExportOptions": {"fileFormat": "GEO_TIFF", "driveDestination": {}},
    }
    body = EXPORTS[1].to_dict()
    del body["expression"]
    assert body == {
        "description": "dem",
        "maxPixels": "10000000000",
        "requestId": "abc-123",
        "workloadTag": "dem",
        "priority": 200,
        "fileExportOptions": {
            "fileFormat": "TF_RECORD_IMAGE",
            "cloudStorageDestination": {
                "bucket": "my-bucket",
                "filenamePrefix": "dem/",
                "permissions": "PUBLIC",
                "bucketCorsUris": ["https://example.org"],
            },
            "tfRecordOptions": {
                "tileDimensions": {"width": 16, "height": 16},
                "marginDimensions": {"width": 2, "height": 3},
                "compress": True,
                "maxSizeBytes": "1000000000",
                "defaultValue": -1.5,
                "tensorDepths": {"b": 3},
                "sequenceData": True,
                "maxMaskedRatio": 0.5,
            },
        },
    }
    assert EXPORTS[3].to_dict()["assetExportOptions"] == {
        "earthEngineDestination": {"name": "projects/p/assets/a", "overwrite": True},
        "pyramidingPolicy": "MODE",
        "pyramidingPolicyOverrides": {"b1": "MAX"},
        "tileSize": 256,
    }


@pytest.mark.parametrize("export", EXPORTS, ids=repr)
def test_travels(export: ImageExport) -> None:
    for other in (
        pickle.loads(pickle.dumps(export)),
        ImageExport.from_json(export.to_json()),
        ImageExport.from_json(export.to_json().encode()),
        ImageExport.from_dict(export.to_dict()),
        ImageExport.from_dict(json.loads(json.dumps(export.to_dict(), sort_keys=True))),
    ):
        assert other == export
        assert hash(other) == hash(export)
        assert other.to_dict() == export.to_dict()
        assert (other.to, other.file_format, other.grid) != (None, None, None)
    assert repr(pickle.loads(pickle.dumps(export))) == repr(export)
    assert export != export.to_dict()


def test_equality() -> None:
    assert len(set(EXPORTS)) == len(EXPORTS)
    one, same = (ImageExport(IMAGE, to=Drive(), region=(0, 0, 1, 1), scale=scale) for scale in (30, 30.0))
    assert one == same
    assert hash(one) == hash(same)
    assert one != ImageExport(IMAGE, to=Drive(), region=(0, 0, 1, 1), scale=31)
    reordered = json.loads(json.dumps(LOADED, sort_keys=True))
    assert ImageExport({"values": reordered["values"], "result": "0"}, to=Drive()) == EXPORTS[0]


def test_digest() -> None:
    """It is the same for the same request, but for the request_id, and different for any other."""
    digests = {export.digest() for export in EXPORTS}
    assert len(digests) == len(EXPORTS)
    for export in EXPORTS:
        again = ImageExport.from_json(export.to_json())
        assert again.digest() == export.digest() != export.digest("second try")
        tied = export.with_request_id(export.digest())
        assert (tied.request_id, tied.digest()) == (export.digest(), export.digest())
        assert tied.to_dict() == {**export.to_dict(), "requestId": export.digest()}
        assert tied.with_request_id(export.request_id) == export
    one, same, other = (
        ImageExport(IMAGE, to=Drive(), region=(0, 0, 1, 1), scale=scale) for scale in (30, 30.0, 31)
    )
    assert one.digest() == same.digest() != other.digest()


def test_digests_are_the_same_in_every_process() -> None:
    script = "import sys, earthengine_export as e; print(e.ImageExport.from_json(sys.stdin.read()).digest())"
    for seed in "12":
        ran = subprocess.run(
            [sys.executable, "-c", script],
            input=EXPORTS[1].to_json(),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.strip() == EXPORTS[1].digest()


@pytest.mark.parametrize("request_id", ["", "a b", "x" * 61, 7])
def test_other_ids_that_are_refused(request_id: Any) -> None:
    with pytest.raises((InvalidArgument, InvalidArgumentType), match="request_id="):
        EXPORTS[0].with_request_id(request_id)


def test_cannot_be_changed() -> None:
    export = EXPORTS[1]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        export.priority = 5  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        export.other = 5  # type: ignore[attr-defined]
    body = export.to_dict()
    body["expression"]["values"].clear()
    assert export.to_dict() != body


def test_reads_well() -> None:
    assert repr(EXPORTS[0]) == "<ImageExport without a name: GeoTiff to Google Drive>"
    assert repr(EXPORTS[1]) == (
        "<ImageExport 'dem': TfRecord to gs://my-bucket/dem/, region given, scale 30 m, crs EPSG:32610, "
        "size about 6,113,090 pixels, max_pixels 10,000,000,000, priority 200, workload_tag dem, "
        "request_id abc-123>"
    )
    assert "64x64 pixels, EPSG:32610" in repr(EXPORTS[2])
    assert repr(EXPORTS[3]).startswith("<ImageExport 'asset': to projects/p/assets/a, crs EPSG:4326")
    for export in EXPORTS:
        assert len(repr(export)) < 250
    page = ImageExport(IMAGE, to=Drive("<b>&"))._repr_html_()
    assert "&lt;b&gt;&amp;" in page
    assert page.startswith("<table>")


def test_files_are_named_after_the_description() -> None:
    def destination(to: Drive | CloudStorage, **arguments: Any) -> Any:
        options = ImageExport(IMAGE, to=to, **arguments).to_dict()["fileExportOptions"]
        return options.get("driveDestination") or options.get("cloudStorageDestination")

    assert destination(Drive(), description="dem") == {"filenamePrefix": "dem"}
    assert destination(Drive(filename_prefix=""), description="dem") == {"filenamePrefix": ""}
    assert destination(CloudStorage("bucket", "x"), description="dem")["filenamePrefix"] == "x"


def test_generated_request() -> None:
    request = EXPORTS[1].to_request("id-1")
    body: Any = request.to_dict()
    assert isinstance(request, ExportImageRequest)
    sent = {**EXPORTS[1].to_dict(), "requestId": "id-1"}
    assert json.loads(body.content) == sent
    assert body == sent
    for whole in (dict(body), {**body}, json.loads(json.dumps(EXPORTS[1].to_request("id-1").to_dict()))):
        assert whole == sent
    assert request.request_id == "id-1"
    assert request.max_pixels == "10000000000"
    assert which(request, "export_options") == "file_export_options"
    assert request.expression.to_dict() == EXPORTS[1].to_dict()["expression"]
    assert request.expression.result in EXPORTS[1].to_dict()["expression"]["values"]
    for wrong in ("", "a_b", "x" * 61):
        with pytest.raises(InvalidArgument, match=r"^request_id="):
            EXPORTS[1].to_request(wrong)


def test_official_body_is_read(official: Any) -> None:
    task = official.batch.Export.image.toCloudStorage(
        official.Image("A"),
        "dem",
        "my-bucket",
        maxPixels=1e9,
        priority=5,
        shardSize=64,
        formatOptions={"noData": 0},
    )
    body = {**task.config, "expression": json.loads(task.config["expression"].serialize(for_cloud_api=True))}
    export = ImageExport.from_dict(body)
    assert (export.max_pixels, export.priority) == (10**9, 5)
    assert export.file_format == GeoTiff(tile_size=64, no_data=0)


GENERATED = ImageFileExportOptions(
    file_format="GEO_TIFF",
    drive_destination=DriveDestination(folder="maps"),
    geo_tiff_options=GeoTiffImageExportOptions(tile_size=64),
)


def test_generated_options() -> None:
    assert ImageExport(IMAGE, to=GENERATED) == ImageExport(
        IMAGE, to=Drive("maps"), file_format=GeoTiff(tile_size=64)
    )
    raw = ImageAssetExportOptions.from_dict({"earthEngineDestination": {"name": "projects/p/assets/a"}})
    assert ImageExport(IMAGE, to=raw).to == Asset("projects/p/assets/a")
    with pytest.raises(InvalidArgument, match="file_format"):
        ImageExport(IMAGE, to=GENERATED, file_format=GeoTiff())


def test_two_destinations() -> None:
    both: Any
    for both in ([Drive(), CloudStorage("bucket")], (Drive(),), {Drive()}):
        with pytest.raises(InvalidArgumentType, match=r"^to=.*one destination"):
            ImageExport(IMAGE, to=both)
    for both in (None, "gs://bucket", {"folder": "a"}, GeoTiff(), Drive):
        with pytest.raises(InvalidArgumentType, match=r"^to="):
            ImageExport(IMAGE, to=both)
    raw = attrs.evolve(GENERATED, cloud_storage_destination=CloudStorageDestination(bucket="bucket"))
    with pytest.raises(InvalidArgument, match="drive_destination and cloud_storage_destination"):
        ImageExport(IMAGE, to=raw)
    with pytest.raises(InvalidArgument, match="none is set"):
        ImageExport(IMAGE, to=ImageFileExportOptions(file_format="GEO_TIFF"))


def test_two_formats() -> None:
    wrong: Any
    for wrong in ([GeoTiff(), TfRecord()], "GeoTIFF", Drive()):
        with pytest.raises(InvalidArgumentType, match=r"^file_format="):
            ImageExport(IMAGE, to=Drive(), file_format=wrong)
    for wrong in (GeoTiff(), TfRecord()):
        with pytest.raises(InvalidArgument, match=r"^file_format=.*An asset"):
            ImageExport(IMAGE, to=asset("projects/p/assets/a"), file_format=wrong)
    both = attrs.evolve(GENERATED, tf_record_options=TfRecordImageExportOptions())
    with pytest.raises(InvalidArgument, match="geo_tiff_options and tf_record_options"):
        ImageExport(IMAGE, to=both)
    with pytest.raises(InvalidArgument, match="tfRecordOptions is set"):
        ImageExport(
            IMAGE,
            to=ImageFileExportOptions(
                file_format="GEO_TIFF",
                drive_destination=DriveDestination(),
                tf_record_options=TfRecordImageExportOptions(),
            ),
        )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (
            {"assetExportOptions": {"earthEngineDestination": {"name": "projects/p/assets/a"}}},
            "export_options",
        ),
        ({"fileExportOptions": {"fileFormat": "PNG", "driveDestination": {}}}, "file_format"),
        ({"fileExportOptions": {"driveDestination": {}}}, "file_format"),
        ({"expression": {}}, "image"),
        ({"priority": "high"}, "priority"),
        ({"maxPixels": "many"}, "max_pixels"),
        ({"grid": 5}, "grid"),
        ({"fileExportOptions": {"fileFormat": "GEO_TIFF", "cloudStorageDestination": {}}}, "bucket"),
        ({"fileExportOptions": 5}, "fileExportOptions"),
        ({"fileExportOptions": {"fileFormat": "GEO_TIFF", "driveDestination": 5}}, "Drive"),
        (
            {
                "fileExportOptions": {
                    "fileFormat": "GEO_TIFF",
                    "driveDestination": {},
                    "geoTiffOptions": {"noData": {"integerValue": "5"}},
                }
            },
            "noData",
        ),
    ],
)
def test_bodies_that_are_refused(change: dict[str, Any], name: str) -> None:
    with pytest.raises((InvalidArgument, InvalidArgumentType), match=rf"^{name}="):
        ImageExport.from_dict({**EXPORTS[0].to_dict(), **change})


@pytest.mark.parametrize(
    "options",
    [{}, {"earthEngineDestination": 5}, {"earthEngineDestination": {}}, {"pyramidingPolicy": "MEAN"}, 5],
)
def test_asset_options_that_are_refused(options: Any) -> None:
    body = {"expression": LOADED, "assetExportOptions": options}
    with pytest.raises((InvalidArgument, InvalidArgumentType)):
        ImageExport.from_dict(body)
    with pytest.raises(InvalidArgumentType, match=r"^request="):
        ImageExport.from_dict(options if isinstance(options, int) else 5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("argument", "value", "says"),
    [
        ("description", "", ""),
        ("description", "My dem (Élévation)", "'My_dem_Elevation_'"),
        ("description", "x" * 101, "x" * 100),
        ("description", "日本", "another"),
        ("description", 5, "string"),
        ("priority", 10000, "from 0 to 9999"),
        ("priority", -1, "from 0 to 9999"),
        ("priority", True, "whole number"),
        ("priority", 1.5, "whole number"),
        ("priority", "high", "whole number"),
        ("max_pixels", 0, "from 1"),
        ("max_pixels", 1e30, "from 1"),
        ("max_pixels", float("nan"), "whole number"),
        ("workload_tag", "", "63"),
        ("workload_tag", "x" * 64, "63"),
        ("workload_tag", "a b", "63"),
        ("request_id", "", "60"),
        ("request_id", "a" * 61, "60"),
        ("request_id", "a_b", "60"),
        ("request_id", "a\n", "60"),
        ("scale", 0, "positive"),
        ("scale", -5, "positive"),
        ("scale", float("inf"), "finite"),
        ("scale", "30", "number"),
        ("scale", True, "number"),
        ("crs_transform", (1, 0, 0, 0, -1, 0), "needs a crs"),
        ("dimensions", 0, "from 1"),
        ("dimensions", (5, -5), "from 1"),
        ("dimensions", (1, 2, 3), "pair"),
        ("dimensions", "ax5", "WIDTHxHEIGHT"),
        ("dimensions", "5x", "WIDTHxHEIGHT"),
        ("dimensions", "", "WIDTHxHEIGHT"),
        ("dimensions", 5.5, "WIDTHxHEIGHT"),
        ("dimensions", (), "pair"),
        ("grid", {"crsCode": "EPSG:4326"}, "PixelGrid"),
        ("crs", "", "EPSG"),
    ],
)
def test_arguments_that_are_refused(argument: str, value: Any, says: str) -> None:
    arguments: dict[str, Any] = {argument: value}
    with pytest.raises((InvalidArgument, InvalidArgumentType)) as caught:
        ImageExport(IMAGE, to=Drive(), **arguments)
    message = str(caught.value)
    assert message.startswith(f"{argument}=")
    assert says in message
    assert "Nothing was sent" not in message  # since nothing would have been


@pytest.mark.parametrize(
    "transform", [(1, 2), "1,2,a", "1,0,0,0,-1", 5, (1, 0, 0, 1, 0, 0), (5e5, 30, 0, 4e6, 0, -30)]
)
def test_transforms_that_are_refused(transform: Any) -> None:
    with pytest.raises((InvalidArgument, InvalidArgumentType), match=r"^crs_transform="):
        ImageExport(IMAGE, to=Drive(), crs=4326, crs_transform=transform)


def test_scale_and_dimensions() -> None:
    with pytest.raises(InvalidArgument, match="exclude each other"):
        ImageExport(IMAGE, to=Drive(), scale=30, dimensions=100)


def test_pixels() -> None:
    grid = PixelGrid(4326, (0.1, 0, 0, 0, -0.1, 0), (20_000, 10_000))
    with pytest.raises(
        InvalidArgument, match=r"^max_pixels=None.*200,000,000 pixels; 100,000,000 .* by default"
    ):
        ImageExport(IMAGE, to=Drive(), grid=grid)
    assert ImageExport(IMAGE, to=Drive(), grid=grid, max_pixels=2e8)
    arguments: dict[str, Any]
    either: tuple[dict[str, Any], ...] = (
        {"region": (0, 0, 1, 1)},
        {"crs": 4326, "crs_transform": (1, 0, 0, 0, -1, 0)},
    )
    for arguments in either:
        with pytest.raises(InvalidArgument, match="max_pixels=6"):
            ImageExport(IMAGE, to=Drive(), dimensions=(2, 3), max_pixels=5, **arguments)
    assert ImageExport(IMAGE, to=Drive(), dimensions=10**6, max_pixels=5)  # the shorter side is not known


def constant() -> Any:
    return call("Image.add", image1=call("Image.constant", value=1), image2=call("Image.pixelLonLat"))


def test_unbounded_image(official: Any) -> None:
    for image in (
        constant(),
        official.Image(1),
        official.Image(1).add(2).toFloat(),
        official.Image.constant([1, 2]),
    ):
        unplaced: list[dict[str, Any]] = [{}, {"scale": 30}, {"crs": 4326}, {"dimensions": 5}]
        for arguments in unplaced:
            with pytest.raises(InvalidArgument, match=r"^region=None.*no bounds"):
                ImageExport(image, to=Drive(), **arguments)
    clipped = call("Image.clipToBoundsAndScale", input=constant(), geometry=geometry((0, 0, 1, 1)), scale=9)
    assert ImageExport(clipped, to=Drive(), scale=30)
    grid = PixelGrid(4326, (0.1, 0, 0, 0, -0.1, 0), 5)
    assert ImageExport(constant(), to=Drive(), region=(0, 0, 1, 1))
    assert ImageExport(constant(), to=Drive(), grid=grid)
    assert ImageExport(constant(), to=Drive(), crs=4326, crs_transform=grid.transform, dimensions=(5, 5))
    assert ImageExport(official.Image(1).clip(official.Geometry.Point(1, 2).buffer(5)), to=Drive())
    assert ImageExport(official.Image("A").add(1), to=Drive())


# What type checkers refuse too; see tests/typing.
drive: Any = Drive
storage: Any = CloudStorage
asset: Any = Asset
tiff: Any = GeoTiff
record: Any = TfRecord


@pytest.mark.parametrize(
    ("make", "argument", "says"),
    [
        (lambda: drive(folder=""), "folder", "blank"),
        (lambda: drive(folder="a\nb"), "folder", "line breaks"),
        (lambda: drive(folder=5), "folder", "string"),
        (lambda: drive(filename_prefix="a\x00"), "filename_prefix", "control"),
        (lambda: storage("gs://bucket/dem/x"), "bucket", "'bucket' and filename_prefix='dem/x'"),
        (lambda: storage("Bucket"), "bucket", "3 to 63"),
        (lambda: storage("ab"), "bucket", "3 to 63"),
        (lambda: storage("a" * 64), "bucket", "3 to 63"),
        (lambda: storage("-abc"), "bucket", "3 to 63"),
        (lambda: storage("a..b"), "bucket", "3 to 63"),
        (lambda: storage("google"), "bucket", "goog"),
        (lambda: storage(""), "bucket", "3 to 63"),
        (lambda: storage("bucket", "x" * 1025), "filename_prefix", "1000"),
        (lambda: storage("bucket", "x\n"), "filename_prefix", "line breaks"),
        (lambda: storage("bucket", "x", "PRIVATE"), "permissions", "PUBLIC"),
        (lambda: storage("bucket", bucket_cors_uris=[5]), "bucket_cors_uris", "strings"),
        (lambda: asset("users/me/dem"), "name", "'projects/earthengine-legacy/assets/users/me/dem'"),
        (lambda: asset("dem"), "name", "projects/my-project/assets"),
        (lambda: asset("projects/p/assets/"), "name", "PATH"),
        (lambda: asset("projects/p/assets/a//b"), "name", "PATH"),
        (lambda: asset("projects/p/assets/../b"), "name", "PATH"),
        (lambda: asset("projects/p/assets/a b"), "name", "PATH"),
        (lambda: asset("projects//assets/a"), "name", "PATH"),
        (lambda: asset("projects/../assets/a"), "name", "PATH"),
        (lambda: asset(5), "name", "string"),
        (lambda: asset("projects/p/assets/a", overwrite=1), "overwrite", "True or False"),
        (lambda: asset("projects/p/assets/a", pyramiding_policy="best"), "pyramiding_policy", "MEAN"),
        (
            lambda: asset("projects/p/assets/a", pyramiding_policy_overrides={"b": "best"}),
            r"pyramiding_policy_overrides['b']",
            "MEAN",
        ),
        (
            lambda: asset("projects/p/assets/a", pyramiding_policy_overrides={".default": "mode"}),
            "pyramiding_policy_overrides",
            "pyramiding_policy='MODE'",
        ),
        (lambda: asset("projects/p/assets/a", tile_size=0), "tile_size", "from 1"),
        (lambda: tiff(tile_dimensions=100), "tile_dimensions", "multiples of tile_size, 256 by default"),
        (lambda: tiff(tile_dimensions=(512, 100), tile_size=512), "tile_dimensions", "(512, 512)"),
        (lambda: tiff(tile_dimensions=0), "tile_dimensions", "from 1"),
        (lambda: tiff(tile_dimensions=(1, 2, 3)), "tile_dimensions", "pair"),
        (lambda: tiff(tile_dimensions="512"), "tile_dimensions", "whole number"),
        (lambda: tiff(tile_size=-1), "tile_size", "from 1"),
        (lambda: tiff(tile_size=True), "tile_size", "whole number"),
        (lambda: tiff(cloud_optimized="yes"), "cloud_optimized", "True or False"),
        (lambda: tiff(no_data=float("nan")), "no_data", "finite"),
        (lambda: tiff(no_data="0"), "no_data", "number"),
        (lambda: tiff(metadata_keys=[1]), "metadata_keys", "strings"),
        (lambda: record(margin_dimensions=-1), "margin_dimensions", "from 1"),
        (lambda: record(max_size_bytes=0), "max_size_bytes", "from 1"),
        (lambda: record(max_masked_ratio=1.1), "max_masked_ratio", "0 to 1"),
        (lambda: record(tensor_depths=[1]), "tensor_depths", "map"),
        (lambda: record(tensor_depths={"b": 0}), "tensor_depths['b']", "from 1"),
        (lambda: record(default_value=float("inf")), "default_value", "finite"),
    ],
)
def test_options_that_are_refused(make: Any, argument: str, says: str) -> None:
    with pytest.raises((InvalidArgument, InvalidArgumentType)) as caught:
        make()
    assert str(caught.value).startswith(f"{argument}=")
    assert says in str(caught.value)


@pytest.mark.parametrize("bucket", ["abc", "a-b_c.9", "a" * 63, "my.bucket.example.org"])
def test_buckets(bucket: str) -> None:
    assert CloudStorage(bucket).bucket == bucket


@pytest.mark.parametrize(
    "name", ["projects/p/assets/a", "projects/example.com:p/assets/a/B-c_9", "projects/5/assets/a"]
)
def test_assets(name: str) -> None:
    assert Asset(name).name == name
