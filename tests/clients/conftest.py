"""Proves that other people's clients work as they are against the emulator; looks at its page.

`make test-clients` and `make test-browser` run it in an environment of its own; `make test` does not.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import rasterio
from affine import Affine

from earthengine_emulator import Emulator

PROJECT = "my-project"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One whose asset `grid` counts from 0 over 8 x 6 pixels."""
    assets = tmp_path_factory.mktemp("assets")
    with rasterio.open(
        assets / "grid.tif", "w", driver="GTiff", width=8, height=6, count=1, dtype="int16", crs="EPSG:32616",
        transform=Affine(10, 0, 500000, 0, -10, 4000000),
    ) as target:  # fmt: skip
        target.write(np.arange(48, dtype="int16").reshape(1, 6, 8))
    with Emulator(assets, tmp_path_factory.mktemp("output"), speed=50) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def ours(emulator: Emulator) -> bytes:
    """The file that a plain request of `Image("grid").add(1)` makes."""

    def call(name: str, **arguments: Any) -> dict[str, Any]:
        return {"functionInvocationValue": {"functionName": name, "arguments": arguments}}

    grid = call("Image.load", id={"constantValue": "grid"})
    one = call("Image.constant", value={"constantValue": 1})
    body = {
        "description": "ours",  # ee-client cannot read a list with an operation that has none
        "expression": {"values": {"0": call("Image.add", image1=grid, image2=one)}, "result": "0"},
        "fileExportOptions": {"fileFormat": "GEO_TIFF", "cloudStorageDestination": {"bucket": "ours"}},
    }
    with httpx.Client(base_url=f"{emulator.base_url}/v1beta") as client:
        reply = client.post(f"/projects/{PROJECT}/image:export", json=body)
        assert reply.status_code == 200, reply.text
        name = reply.json()["name"]
        while not client.get(f"/{name}").json().get("done"):
            time.sleep(0.02)
    return emulator.files(name)[0].read_bytes()


@pytest.fixture(scope="module")
def key_file(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service account whose tokens come from the emulator."""
    path = tmp_path_factory.mktemp("keys") / "key.json"
    path.write_text(httpx.get(f"{emulator.base_url}/emulator/service-account.json").text)
    return path


def run(script: str, *arguments: str, **environment: str) -> str:
    """The output of a Python script in a process of its own: clients keep state in theirs."""
    import os

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        env=os.environ | environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def as_json(text: str) -> Any:
    return json.loads(text.splitlines()[-1])
