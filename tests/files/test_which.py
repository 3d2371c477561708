"""Which files an export wrote."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import rasterio

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export._files import naming
from tests.files.conftest import EXPORTS, FILES, SPLIT, Bucket, export
from tests.worlds import World

Find = Callable[..., Any]


def test_side_by_side_each_export_has_its_own(world: World, find: Find) -> None:
    for name, one in EXPORTS.items():
        found = world.get(find(name).files(one))
        assert found == [f"gs://bucket/{file}" for file in FILES[name]], name


def test_a_handle_that_submitted_knows_its_files(world: World, bucket: Bucket) -> None:
    client = world.client(bucket.emulator.base_url)
    operation = world.get(client.submit(export("own/dem", file_format=SPLIT)))
    assert (
        world.get(world.get(operation.wait()).files())[0] == f"gs://bucket/own/dem{'0' * 10}-{'0' * 10}.tif"
    )
    again = client.operation(pickle.loads(pickle.dumps(operation)))
    assert len(world.get(again.files(operation.export))) == 4
    told = client.operation_from_json(json.dumps(json.loads(operation.to_json())))
    assert len(world.get(told.files(operation.export))) == 4


def test_a_name_alone_is_enough_where_a_folder_holds_nothing_else(world: World, find: Find) -> None:
    for name in ("alone", "alone records", "folder"):
        assert world.get(find(name).files()) == [f"gs://bucket/{file}" for file in FILES[name]]


def test_a_name_alone_is_ambiguous_side_by_side(world: World, find: Find) -> None:
    with pytest.raises(eex.FilesAmbiguous, match=r"operation\.files\(export\)") as caught:
        world.get(find("dash").files())
    assert caught.value.candidates == [
        f"gs://bucket/side/{name}" for name in ("dem", "dem-2", "dem2", "dem20")
    ]
    assert pickle.loads(pickle.dumps(caught.value)).candidates == caught.value.candidates


def test_numbers_that_may_be_a_prefix_are_ambiguous(world: World, find: Find, bucket: Bucket) -> None:
    """A file of an export whose prefix ends like a tile is told from a tile where the tiles are complete."""
    stray = "alone/dem0000000064-0000000000.tif"
    bucket.put(stray, b"another export's")
    try:
        with pytest.raises(eex.FilesAmbiguous, match="no rectangle"):
            world.get(find("alone").files(EXPORTS["alone"]))
    finally:
        bucket.object(stray).unlink()


def test_what_an_earlier_export_left_is_not_among_them(world: World, bucket: Bucket) -> None:
    bucket.put("again/dem.tif", b"of a smaller region, by an earlier run")
    client = world.client(bucket.emulator.base_url)
    operation = world.get(client.submit(export("again/dem", file_format=SPLIT)))
    assert len(world.get(world.get(operation.wait()).files())) == 4


def test_an_earlier_export_is_told_apart_whatever_time_the_emulator_has(bucket: Bucket) -> None:
    with (
        Emulator(bucket.emulator.assets, speed=1000) as emulator,
        eex.Client("my-project", eex.anonymous(), base_url=emulator.base_url) as client,
    ):
        client.submit(export("again/dem")).wait()
        assert len(client.submit(export("again/dem", file_format=SPLIT)).wait().files()) == 4
        assert client.submit(export("again/dem")).wait().files() == ["gs://bucket/again/dem.tif"]


def test_before_the_end_it_says_to_wait(world: World, bucket: Bucket) -> None:
    bucket.emulator.script(run_seconds=1000)
    client = world.client(bucket.emulator.base_url)
    operation = world.get(client.submit(export("soon")))
    with pytest.raises(eex.FilesUnavailable, match=r"RUNNING.*wait\(\)"):
        world.get(operation.files())
    with pytest.raises(eex.FilesUnavailable, match=r"wait\(\)"):
        world.get(client.operation(operation.name).download("."))
    world.get(operation.cancel(wait=True))
    with pytest.raises(eex.OperationCancelled):
        world.get(operation.files())


@pytest.mark.parametrize(
    ("to", "says"),
    [
        (eex.Drive("maps"), r"Google Drive.*https://drive\.google\.com/#folders/"),
        (eex.Asset("projects/my-project/assets/dem"), r"eex\.load\('projects/my-project/assets/dem'\)"),
    ],
)
def test_drive_and_assets_say_what_to_do_instead(world: World, bucket: Bucket, to: Any, says: str) -> None:
    if isinstance(to, eex.Asset):
        to = eex.Asset(f"{to.name}-{world.name}")
    client = world.client(bucket.emulator.base_url)
    operation = world.get(client.submit(export(None, to)))
    with pytest.raises(eex.FilesUnavailable, match=r"folder 'maps'|eex\.load"):  # before the end too
        world.get(operation.files())
    world.get(operation.wait())
    for handle in (operation, client.operation(operation.name)):
        with pytest.raises(eex.FilesUnavailable, match=says.replace("/dem'", f"/dem-{world.name}'")):
            world.get(handle.files())


def test_an_export_that_failed_says_why(world: World, bucket: Bucket) -> None:
    bucket.emulator.script(outcome={"error": {"code": 3, "message": "No pixels."}})
    client = world.client(bucket.emulator.base_url)
    operation = world.get(client.submit(export("failed")))
    with pytest.raises(eex.OperationFailed):
        world.get(operation.wait())
    with pytest.raises(eex.OperationFailed, match="No pixels"):
        world.get(operation.files())


def test_files_that_are_gone_and_buckets_that_are_not_there(world: World, bucket: Bucket) -> None:
    client = world.client(bucket.emulator.base_url)
    operation = world.get(world.get(client.submit(export("gone/dem"))).wait())
    bucket.object("gone/dem.tif").unlink()
    with pytest.raises(eex.FilesUnavailable, match="moved or deleted"):
        world.get(operation.files())
    bucket.emulator.fail("storage.objects.list", status=404)
    with pytest.raises(eex.FilesUnavailable, match="no such bucket"):
        world.get(operation.files())


def test_another_export_is_refused(world: World, find: Find) -> None:
    elsewhere = export(None, eex.CloudStorage("elsewhere"))
    with pytest.raises(eex.InvalidArgument, match="'bucket'"):
        world.get(find("one").files(elsewhere))
    with pytest.raises(eex.InvalidArgumentType):
        world.get(find("one").files("dem"))


def test_all_masked_tiles_may_be_missing_only_where_that_was_asked(
    world: World, bucket: Bucket, find: Find
) -> None:
    tile = bucket.object(FILES["alone"][1])
    content = tile.read_bytes()
    tile.unlink()
    try:
        with pytest.raises(eex.FilesAmbiguous, match="missing"):
            world.get(find("alone").files(EXPORTS["alone"]))
        skipping = export("alone/dem", file_format=eex.GeoTiff(tile_size=16, skip_empty_files=True))
        assert len(world.get(find("alone").files(skipping))) == 3
    finally:
        tile.write_bytes(content)


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["x.tif", "x-1.tif", "x1.tif", "x.tif.tif", "x.tiff", "x"], ["x.tif"]),
        (["x-0000000000-0000000000.tif", "x-0000000000-0000000007.tif"], 2),  # with a dash, as on Drive
        (["x.tif", "x-0000000000-0000000000.tif"], ["x.tif"]),  # which is of the prefix "x-"
        (["x0000000000-0000000000.tif"] + [f"x0000000000-{n * 9:010}.tif" for n in range(1, 12)], 12),
    ],
)
def test_names(names: list[str], files: Any) -> None:
    found = naming.written(names, ["x"], naming.forms_of(None))
    assert not found.unclear
    assert len(found.names) == files if isinstance(files, int) else found.names == files
    assert found.names == sorted(found.names)


def test_the_files_open_where_they_are(bucket: Bucket) -> None:
    """As GDAL reads them, from the addresses that `files` gives."""
    with (
        eex.Client("my-project", eex.anonymous(), base_url=bucket.emulator.base_url) as client,
        rasterio.Env(CPL_GS_ENDPOINT=f"{bucket.emulator.base_url}/", GS_NO_SIGN_REQUEST="YES"),
    ):
        first, *_ = client.operation(bucket.names["one"]).files(EXPORTS["one"])
        with rasterio.open(first.replace("gs://", "/vsigs/")) as raster:
            assert raster.read(1)[1, 2] == 66
