"""earthengine-api as it is, against a real port."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from earthengine_emulator import Emulator

from .conftest import call, request

# In a process of its own: the client's state is one for all of it.
SCRIPT = """
import sys, time, warnings
warnings.simplefilter("ignore")
import ee
from google.auth.credentials import AnonymousCredentials

ee.Initialize(credentials=AnonymousCredentials(), project="my-project", url=sys.argv[1])
image = ee.Image("grid").add(1)
region = ee.Geometry.Rectangle([500000, 3999940, 500080, 4000000], "EPSG:32616", False)
Export = ee.batch.Export.image
tasks = [
    Export.toCloudStorage(image, description="theirs", bucket="bucket", fileNamePrefix="a/theirs"),
    Export.toDrive(image, description="theirs", folder="maps"),
    Export.toAsset(image, description="theirs", assetId="projects/my-project/assets/theirs"),
]
for task in tasks:
    task.start()
assert {task.name for task in ee.batch.Task.list()} == {task.name for task in tasks}
while any(task.active() for task in tasks):
    time.sleep(0.02)
assert [task.status()["state"] for task in tasks] == ["COMPLETED"] * 3, tasks[0].status()
failing = Export.toDrive(ee.Image("missing"), description="failing")
failing.start()
while failing.active():
    time.sleep(0.02)
assert "'missing' not found" in failing.status()["error_message"]
cancelled = Export.toDrive(image, description="cancelled")
cancelled.start()
cancelled.cancel()
assert cancelled.status()["state"].startswith("CANCEL")
assert len(ee.data.listOperations()) == 5
ee.Image(1).reduceRegion(ee.Reducer.mean(), region, 10)  # what is not computed can be written down
try:
    ee.Image(1).getThumbURL({})
except ee.EEException as error:
    assert str(error) == "Method not found: POST /v1/projects/my-project/thumbnails", error
else:
    raise AssertionError
"""


@pytest.fixture(scope="module")
def emulator(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Emulator(assets, tmp_path_factory.mktemp("output"), speed=200) as emulator:
        yield emulator


def test_the_official_client_works_as_it_is(emulator: Emulator) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, emulator.base_url], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    asset = {"assetExportOptions": {"earthEngineDestination": {"name": "projects/my-project/assets/ours"}}}
    for theirs, options in (
        ("gs/bucket/a/theirs.tif", {}),
        ("drive/maps/theirs.tif", {}),
        ("assets/projects/my-project/assets/theirs.tif", asset),
    ):
        assert (emulator.output / theirs).read_bytes() == _ours(emulator, options)


def _ours(emulator: Emulator, options: dict[str, Any]) -> bytes:
    import httpx

    graph = call("Image.add", image1=call("Image.load", id="grid"), image2=call("Image.constant", value=1))
    body = request(graph, description="ours", **options)
    with httpx.Client(base_url=emulator.base_url) as client:
        name = client.post("/v1/projects/p/image:export", json=body).json()["name"]
        while not client.get(f"/v1/{name}").json().get("done"):
            pass
    return emulator.files(name)[0].read_bytes()
