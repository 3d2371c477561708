"""Proves how the files of an export are found and fetched.

Shared here: an emulator that has written exports side by side, and clients of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.emulator.conftest import write_tiff
from tests.worlds import World

SPLIT = eex.GeoTiff(tile_size=16, tile_dimensions=32)
RECORDS = eex.TfRecord(tile_dimensions=32, compress=True, max_size_bytes=4500)
TILES = ["0000000000-0000000000", "0000000000-0000000032", "0000000032-0000000000", "0000000032-0000000032"]


def export(prefix: str | None, to: Any = None, **more: Any) -> eex.ImageExport:
    """64 x 64 pixels."""
    target = to or eex.CloudStorage("bucket", filename_prefix=prefix)
    return eex.ImageExport(eex.load("dem"), to=target, description="d", **more)


# What has been exported, by a name for the tests; and what the bucket holds of it.
EXPORTS = {
    "one": export("side/dem", file_format=SPLIT),
    "dash": export("side/dem-2"),
    "digit": export("side/dem2"),
    "digits": export("side/dem20", file_format=SPLIT),
    "records": export("side/dem", file_format=RECORDS),
    "plain": export("side/dem", file_format=eex.TfRecord(tile_dimensions=32)),
    "alone": export("alone/dem", file_format=SPLIT),
    "alone records": export("records/dem", file_format=RECORDS),
    "folder": export("folder/"),
    "below": export("side/dem/deeper"),
    "unnamed": export(None),
}
FILES = {
    "one": [f"side/dem{tile}.tif" for tile in TILES],
    "dash": ["side/dem-2.tif"],
    "digit": ["side/dem2.tif"],
    "digits": [f"side/dem20{tile}.tif" for tile in TILES],
    "records": [f"side/dem-{number:05}.tfrecord.gz" for number in range(4)] + ["side/dem-mixer.json"],
    "plain": ["side/dem-00000.tfrecord", "side/dem-mixer.json"],
    "alone": [f"alone/dem{tile}.tif" for tile in TILES],
    "alone records": [f"records/dem-{number:05}.tfrecord.gz" for number in range(4)]
    + ["records/dem-mixer.json"],
    "folder": ["folder/d.tif"],
    "below": ["side/dem/deeper.tif"],
    "unnamed": ["d.tif"],
}


class Bucket:
    """An emulator that has ended the exports of `EXPORTS`.

    Attributes:
        emulator: The emulator.
        names: The operations' names, by the export's.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        with eex.Client("my-project", eex.anonymous(), base_url=emulator.base_url) as client:
            self.names = {name: client.submit(one).name for name, one in EXPORTS.items()}
            for name in self.names.values():
                client.operation(name).wait()

    def object(self, name: str) -> Path:
        """Where the emulator keeps an object."""
        return self.emulator.output / "gs" / "bucket" / name

    def put(self, name: str, content: bytes) -> None:
        """Write an object, as nobody does over HTTP."""
        path = self.object(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def ranges(self) -> list[str]:
        """Of each request for an object's bytes, the range that it asked for."""
        return [
            str(entry["headers"].get("range", ""))
            for entry in self.emulator.watch.log
            if entry["method"] == "storage.objects.get"
        ]


@pytest.fixture(scope="session")
def shared_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bucket]:
    assets = tmp_path_factory.mktemp("assets")
    pixels = np.arange(64 * 64, dtype="int16").reshape(64, 64)
    write_tiff(assets / "dem.tif", pixels, Affine(10, 0, 500000, 0, -10, 4000000), "EPSG:32616")
    with Emulator(assets, running_limit=20, pending_seconds=0, run_seconds=0) as emulator:
        yield Bucket(emulator)


@pytest.fixture
def bucket(shared_bucket: Bucket) -> Iterator[Bucket]:
    """With no faults, and an empty log."""
    shared_bucket.emulator.watch.faults.clear()
    shared_bucket.emulator.watch.reset()
    yield shared_bucket
    shared_bucket.emulator.watch.faults.clear()


@pytest.fixture
def find(world: World, bucket: Bucket) -> Callable[..., Any]:
    """The handle of an export that has ended, found by its name in another process."""
    clients: dict[str, Any] = {}

    def found(name: str, **options: Any) -> Any:
        key = repr(options)
        if key not in clients:
            clients[key] = world.client(bucket.emulator.base_url, **options)
        return clients[key].operation(bucket.names[name])

    return found
