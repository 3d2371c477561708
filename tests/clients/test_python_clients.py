"""earthengine-api's command line, ee-client, geemap: each starts an export, sees it end, makes our file."""

import json
import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from earthengine_emulator import Emulator

from .conftest import PROJECT, as_json, run

INITIALIZE = """
import sys, time, warnings
warnings.simplefilter("ignore")
import ee
from google.auth.credentials import AnonymousCredentials
url = sys.argv[1]
ee.Initialize(credentials=AnonymousCredentials(), project="my-project", url=url)
image = ee.Image("grid").add(1)
Export = ee.batch.Export.image
def wait():
    deadline = time.monotonic() + 60
    while any(task.active() for task in ee.batch.Task.list()[:3]) and time.monotonic() < deadline:
        time.sleep(0.05)
"""


def test_the_command_line(emulator: Emulator, key_file: Path, tmp_path: Path, ours: bytes) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"url": emulator.base_url}))

    def earthengine(*arguments: str) -> str:
        command = Path(sysconfig.get_path("scripts")) / "earthengine"
        options = [f"--ee_config={config}", f"--service_account_file={key_file}", f"--project={PROJECT}"]
        done = subprocess.run(
            [command, *options, *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    start = "task = Export.toCloudStorage(image, 'cli', 'theirs', 'cli'); task.start(); print(task.id)"
    task = run(INITIALIZE + start, emulator.base_url).strip()
    assert task in earthengine("task", "list")
    earthengine("task", "wait", task)
    shown = earthengine("task", "info", task)
    assert "SUCCEEDED" in shown
    assert "cli" in shown
    assert (emulator.output / "gs" / "theirs" / "cli.tif").read_bytes() == ours
    emulator.script(run_seconds=1e6)
    long = run(INITIALIZE + start, emulator.base_url).strip()
    earthengine("task", "cancel", long)
    assert emulator.operation(long)["metadata"]["state"].startswith("CANCEL")
    assert "grid" in earthengine("ls", "projects/earthengine-public/assets")


EE_CLIENT = """
import asyncio, json
import eeclient.client
eeclient.client.EARTH_ENGINE_API_URL = f"{url}/v1alpha"

async def main():
    session = eeclient.client.EESession.from_service_account(sys.argv[2], project="my-project")
    task = await session.export.image_to_drive_async(
        image,
        description="ee-client",
        folder="theirs",
        filename_prefix="ee-client",
        region=ee.Geometry.Rectangle([500000, 3999940, 500080, 4000000], "EPSG:32616", False),  # all of it
    )
    while True:
        tasks = await session.tasks.get_tasks_async()
        (found,) = [one for one in tasks.operations if one.name == task.name]
        if found.done:
            break
        await asyncio.sleep(0.05)
    print(json.dumps([found.metadata.state, found.metadata.stages[-1].total_work_units]))

asyncio.run(main())
"""


def test_ee_client(emulator: Emulator, key_file: Path, ours: bytes) -> None:
    assert as_json(run(INITIALIZE + EE_CLIENT, emulator.base_url, str(key_file))) == ["SUCCEEDED", "1"]
    assert (emulator.output / "drive" / "theirs" / "ee-client.tif").read_bytes() == ours


GEEMAP = """
import geemap
geemap.ee_export_image_to_drive(image, description="geemap", folder="theirs", fileNamePrefix="geemap")
geemap.ee_export_image_to_cloud_storage(image, description="geemap", bucket="theirs", fileNamePrefix="geemap")
geemap.ee_export_image_to_asset(image, description="geemap", assetId="projects/my-project/assets/geemap")
wait()
"""


def test_geemap(emulator: Emulator, ours: bytes) -> None:
    run(INITIALIZE + GEEMAP, emulator.base_url, GEEMAP_DOWNLOAD="0")
    for theirs in ("drive/theirs/geemap.tif", "gs/theirs/geemap.tif"):
        assert (emulator.output / theirs).read_bytes() == ours
    assert (emulator.output / "assets" / "projects" / PROJECT / "assets" / "geemap.tif").is_file()


STORAGE_CLIENTS = {
    "gcsfs": """
import sys, gcsfs
fs = gcsfs.GCSFileSystem(token="anon", project="p")
assert fs.ls("theirs-files/maps") == ["theirs-files/maps/a b.tif"], fs.ls("theirs-files/maps")
assert fs.info("theirs-files/maps/a b.tif")["size"] == int(sys.argv[1])
content = fs.cat("theirs-files/maps/a b.tif")
with fs.open("theirs-files/maps/a b.tif") as file:
    file.seek(-10, 2)
    assert file.read() == content[-10:]
assert fs.glob("theirs-files/**/*.tif") == ["theirs-files/maps/a b.tif"]
assert not fs.exists("theirs-files/none")
open(sys.argv[2], "wb").write(content)
""",
    "google-cloud-storage": """
import sys
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
client = storage.Client(project="p", credentials=AnonymousCredentials())
assert [blob.name for blob in client.list_blobs("theirs-files", prefix="maps/")] == ["maps/a b.tif"]
blob = client.get_bucket("theirs-files").get_blob("maps/a b.tif")
assert blob.size == int(sys.argv[1])
content = blob.download_as_bytes(checksum="crc32c")
assert blob.download_as_bytes(checksum="md5") == content
assert blob.download_as_bytes(start=2, end=5) == content[2:6]
blob.download_to_filename(sys.argv[2])
""",
    "gdal": """
import sys, rasterio
with rasterio.open("/vsigs/theirs-files/maps/a b.tif") as source:
    assert source.read(1)[5, 7] == 48, source.read(1)
import rasterio.shutil
rasterio.shutil.copyfiles("/vsigs/theirs-files/maps/a b.tif", sys.argv[2])
""",
}


@pytest.mark.parametrize("client", STORAGE_CLIENTS)
def test_the_files_of_an_export(client: str, emulator: Emulator, tmp_path: Path, ours: bytes) -> None:
    start = "Export.toCloudStorage(image, 'files', 'theirs-files', 'maps/a b').start(); wait()"
    run(INITIALIZE + start, emulator.base_url)
    target = tmp_path / "read.tif"
    run(STORAGE_CLIENTS[client], str(len(ours)), str(target), **emulator.environment)
    assert target.read_bytes() == ours
