"""What exports leave on the disk, and where."""

import gzip
import json
import struct
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import pytest
import rasterio
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from .conftest import GRID, Session, call, pixel_grid

LOAD = call("Image.load", id="grid")
HOLES = call("Image.load", id="holes")
COUNTING = np.arange(48).reshape(6, 8)


def cloud(prefix: str = "", **options: Any) -> dict[str, Any]:
    destination = {"bucket": "bucket", **({"filenamePrefix": prefix} if prefix else {})}
    return {
        "fileExportOptions": {"fileFormat": "GEO_TIFF", "cloudStorageDestination": destination, **options}
    }


def names(session: Session, graph: Any, **fields: Any) -> list[str]:
    return [path.relative_to(session.emulator.output).as_posix() for path in session.files(graph, **fields)]


@pytest.mark.parametrize(
    ("prefix", "description", "file", "uri"),
    [
        ("dem", "d", "gs/bucket/dem.tif", "bucket/"),
        ("a/b/dem", "d", "gs/bucket/a/b/dem.tif", "bucket/a/b/"),
        ("a/", "d", "gs/bucket/a/d.tif", "bucket/a/"),
        ("", "d", "gs/bucket/d.tif", "bucket/"),
    ],
)
def test_cloud_storage(session: Session, prefix: str, description: str, file: str, uri: str) -> None:
    operation = session.done(LOAD, description=description, **cloud(prefix))
    assert session.emulator.files(operation["name"]) == [session.emulator.output / file]
    assert operation["metadata"]["destinationUris"] == [
        f"https://console.developers.google.com/storage/browser/{uri}"
    ]


def test_drive(session: Session) -> None:
    options = {"driveDestination": {"folder": "maps", "filenamePrefix": "dem"}, "fileFormat": "GEO_TIFF"}
    operation = session.done(LOAD, fileExportOptions=options)
    assert session.emulator.files(operation["name"]) == [
        session.emulator.output / "drive" / "maps" / "dem.tif"
    ]
    assert operation["metadata"]["destinationUris"][0].startswith("https://drive.google.com/#folders/")
    options = {"driveDestination": {}, "fileFormat": "GEO_TIFF"}
    assert names(session, LOAD, description="d", fileExportOptions=options) == ["drive/My Drive/d.tif"]


def test_assets_can_be_loaded_and_overwritten_on_request(session: Session) -> None:
    asset: dict[str, Any] = {"name": "projects/p/assets/folder/a"}
    operation = session.done(LOAD, assetExportOptions={"earthEngineDestination": asset})
    assert session.emulator.files(operation["name"]) == [
        session.emulator.output / "assets" / "projects" / "p" / "assets" / "folder" / "a.tif"
    ]
    uri = "https://code.earthengine.google.com/?asset=projects/p/assets/folder/a"
    assert operation["metadata"]["destinationUris"] == [uri]
    again = call(
        "Image.multiply", image1=call("Image.load", id=asset["name"]), image2=call("Image.constant", value=2)
    )
    message = session.error(again, assetExportOptions={"earthEngineDestination": asset})
    assert message == "Cannot overwrite asset 'projects/p/assets/folder/a'."
    data, _ = session.read(again, assetExportOptions={"earthEngineDestination": {**asset, "overwrite": True}})
    assert (data[0] == COUNTING * 2).all()


@pytest.mark.parametrize(
    "options",
    [
        cloud("../x"),
        cloud("a/../../x"),
        cloud("/x"),
        cloud("a//x"),
        cloud("a\\x"),
        cloud("a\0x"),
        {"fileExportOptions": {"driveDestination": {"folder": ".."}}},
        {"fileExportOptions": {"cloudStorageDestination": {"bucket": "../../x"}}},
        {"assetExportOptions": {"earthEngineDestination": {"name": "projects/p/assets/../../../../x"}}},
    ],
)
def test_nothing_is_written_outside(session: Session, options: dict[str, Any]) -> None:
    reply = session.export(LOAD, **options)
    assert reply.status_code == 400
    assert "Invalid name" in reply.json()["error"]["message"]


def test_a_description_that_is_no_file_name(session: Session) -> None:
    assert session.export(LOAD, description="..", **cloud()).status_code == 400


def test_cloud_optimized(session: Session, earth_engine: Any) -> None:
    options = cloud("cog", geoTiffOptions={"cloudOptimized": True})
    (path,) = session.files(
        earth_engine.Image("USGS/SRTMGL1_003"),
        **options,
        grid=pixel_grid(1100, 1030, 20, 0, 740000, 0, -20, 4060000),
    )
    with rasterio.open(path) as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.overviews(1)
        assert source.shape == (1030, 1100)
        assert source.read(1).max() > 0


def test_tiles(session: Session) -> None:
    options = cloud("t/dem-", geoTiffOptions={"tileDimensions": {"width": 5, "height": 4}})
    paths = session.files(LOAD, **options)
    assert [path.name for path in paths] == [
        "dem-0000000000-0000000000.tif",
        "dem-0000000000-0000000005.tif",
        "dem-0000000004-0000000000.tif",
        "dem-0000000004-0000000005.tif",
    ]
    with rasterio.open(paths[3]) as source:
        assert (source.read(1) == COUNTING[4:, 5:]).all()
        assert (source.transform.c, source.transform.f) == (500050, 3999960)


def test_empty_files_are_skipped_on_request(session: Session, earth_engine: Any) -> None:
    image = earth_engine.Image("grid")
    left = image.updateMask(image.mod(8).lt(4))
    tiles = {"tileDimensions": {"width": 4, "height": 6}}
    assert len(session.files(left, **cloud("s", geoTiffOptions=tiles))) == 2
    options = cloud("s", geoTiffOptions=tiles | {"skipEmptyFiles": True})
    assert names(session, left, **options) == ["gs/bucket/s0000000000-0000000000.tif"]


@pytest.mark.parametrize(
    ("no_data", "says"),
    [
        ({"floatValue": 1e9}, "cannot be represented in int16"),
        ({"floatValue": 0.5}, "cannot be represented in int16"),
        ({"integerValue": "1"}, "only a floatValue"),
    ],
)
def test_no_data_that_does_not_fit(session: Session, no_data: dict[str, Any], says: str) -> None:
    assert says in session.error(LOAD, **cloud(geoTiffOptions={"noData": no_data}))


def test_bands_of_several_types(session: Session, earth_engine: Any) -> None:
    image = earth_engine.Image("grid")
    message = session.error(image.toFloat().addBands(image.toByte().rename("b")))
    assert message == (
        "Exported bands must have compatible data types; found inconsistent types: Float32 and Byte."
    )


def test_too_many_pixels(session: Session) -> None:
    message = session.error(LOAD, maxPixels="47")
    assert message == (
        "Export too large: specified 48 pixels (max: 47). "
        "Specify higher maxPixels value if you intend to export a large area."
    )
    assert "(max: 100000000)" in session.error(1, grid=pixel_grid(100_000, 100_000))


def test_formats_that_are_not_for_exports(session: Session) -> None:
    options = {"fileFormat": "PNG", "cloudStorageDestination": {"bucket": "b"}}
    assert "PNG" in session.error(LOAD, fileExportOptions=options)


def test_a_grid_that_cannot_be_inverted(session: Session) -> None:
    assert "cannot be inverted" in session.error(1, grid=pixel_grid(1, 1, 0, 0, 0, 0, 0, 0))


def test_single_units(session: Session) -> None:
    _, profile = session.read(1, grid=pixel_grid(2, 2, 1, 0, 0, 0, -1, 0))
    assert tuple(profile["transform"][:6]) == (1, 0, 0, 0, -1, 0)


def examples(path: Path) -> list[dict[str, list[float]]]:
    """A TFRecord file's examples, read by protobuf and not by ourselves."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    found = []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        body = data[12 : 12 + length]
        for part, at in ((data[:8], 8), (body, 12 + length)):
            crc = google_crc32c.value(part)
            masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
            assert struct.unpack("<I", data[at : at + 4]) == (masked,)
        example = example_class()()
        example.ParseFromString(body)
        found.append({entry.key: list(entry.value.float_list.value) for entry in example.features.feature})
        data = data[16 + length :]
    return found


def example_class() -> Any:
    """tf.train.Example, as far as it is used here."""
    file = descriptor_pb2.FileDescriptorProto(name="example.proto", syntax="proto3")
    shapes = {
        "FloatList": [("value", 1, 2, 3, "")],
        "Feature": [("float_list", 2, 11, 1, ".FloatList")],
        "Entry": [("key", 1, 9, 1, ""), ("value", 2, 11, 1, ".Feature")],
        "Features": [("feature", 1, 11, 3, ".Entry")],
        "Example": [("features", 1, 11, 1, ".Features")],
    }
    for name, fields in shapes.items():
        message = file.message_type.add(name=name)
        for field, number, kind, label, type_name in fields:
            message.field.add(name=field, number=number, type=kind, label=label, type_name=type_name or None)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("Example"))


def records(**options: Any) -> dict[str, Any]:
    return {
        "fileExportOptions": {
            "fileFormat": "TF_RECORD_IMAGE",
            "cloudStorageDestination": {"bucket": "bucket", "filenamePrefix": "tf"},
            "tfRecordOptions": {"tileDimensions": {"width": 3, "height": 2}, **options},
        }
    }


def test_tfrecord(session: Session) -> None:
    first, mixer = session.files(LOAD, **records())
    assert (first.name, mixer.name) == ("tf-00000.tfrecord", "tf-mixer.json")
    patches = examples(first)
    assert len(patches) == 6
    assert patches[3]["b1"] == COUNTING[2:4, 3:6].ravel().tolist()
    assert json.loads(mixer.read_text()) == {
        "projection": {"crs": "EPSG:32616", "affine": {"doubleMatrix": [10, 0, 500000, 0, -10, 4000000]}},
        "patchDimensions": [3, 2],
        "patchesPerRow": 2,
        "totalPatches": 6,
    }


def test_tfrecord_options(session: Session) -> None:
    paths = session.files(
        HOLES,
        **records(
            compress=True, maxSizeBytes="100", defaultValue=7.5, marginDimensions={"width": 1, "height": 1}
        ),
    )
    assert [path.name for path in paths[:2]] == ["tf-00000.tfrecord.gz", "tf-00001.tfrecord.gz"]
    assert len(paths) == 7
    patch = np.array(examples(paths[0])[0]["b1"]).reshape(4, 5)
    assert patch[0].tolist() == [7] * 5  # above the image
    assert patch[1].tolist() == [7, 7, 1, 7, 3]
    only = session.files(HOLES, **records(maxMaskedRatio=0.4))
    assert [path.name for path in only] == ["tf-00000.tfrecord"]
    assert len(examples(only[0])) == 3  # where one column of three is masked, not two
    assert "collapseBands" in session.error(LOAD, **records(collapseBands=True))


def test_a_grid_of_constants(session: Session) -> None:
    data, _ = session.read(call("Image.constant", value=[1, 2]), grid=GRID)
    assert data.shape == (2, 6, 8)
