"""The reference is made of docstrings: their examples run, and they name the errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import docs_examples
import earthengine_export as eex
from earthengine_emulator import Emulator

REGION = (-84.3, 36.5, -84.2, 36.6)
# Nothing that a caller gives or that befalls the service can make these raise.
NEVER_RAISE = {
    *("anonymous", "fake_time", "Client.close", "AsyncClient.close", "Polling.spacing", "Retry.pause"),
    *("Asset.to_dict", "CloudStorage.to_dict", "Drive.to_dict", "GeoTiff.to_dict", "TfRecord.to_dict"),
    *("PixelGrid.to_dict", "PixelGrid.of_raster", "ImageExport.to_dict", "ImageExport.to_json"),
    *("Operation.to_json", "AsyncOperation.to_json"),
    *("OperationState.from_dict", "OperationState.named", "OperationState.of", "OperationState.to_dict"),
    *("ProgressDisplay.round", "Report.of", "Report.to_csv", "Report.to_json", "ReportRow.of"),
}


def documented() -> Iterator[tuple[str, Any]]:
    """What the reference shows: the public names, their constructors and their public methods."""
    for name in dir(eex):
        thing = getattr(eex, name)
        if inspect.ismodule(thing) or isinstance(thing, str):
            continue
        yield name, thing
        for member, value in inspect.getmembers(thing) if isinstance(thing, type) else ():
            ours = (getattr(value, "__module__", None) or "").startswith("earthengine_export")
            if callable(value) and ours and (member[0] != "_" or member == "__init__"):
                yield f"{name}.{member}", value


EXAMPLES = {
    f"{name}-{number}": example
    for name, thing in documented()
    for number, example in enumerate(docs_examples.examples(inspect.getdoc(thing) or ""))
}


def test_examples_are_found() -> None:
    assert {"Client-0", "Batch-0", "which-0", "function-0", "fake_time-0", "progress-0"} <= set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    image, to = eex.load("USGS/SRTMGL1_003"), eex.CloudStorage("my-bucket")
    export = eex.ImageExport(image, to=to, description="one", region=REGION, scale=90)
    with Emulator(tmp_path / "assets", tmp_path / "output", evaluate=False, speed=1e4) as emulator:
        for key, value in emulator.environment.items():
            monkeypatch.setenv(key, value)
        with eex.Client("my-project") as client:
            given = {"eex": eex, "Client": eex.Client, "CloudStorage": eex.CloudStorage, "client": client}
            given |= {"emulator": emulator, "operation": client.submit(export), "region": REGION}
            given |= {"image": image, "images": image, "exports": [export], "my_pipeline": id}
            given |= {
                "request": export.to_request("an-id"),
                "aoi": {"type": "Point", "coordinates": [15, 46]},
            }
            exec(EXAMPLES[name].replace("region=…", "region=region"), given)


def test_the_reference_names_the_errors() -> None:
    """Of each public function and method that can raise, and of what is made of arguments."""
    told = {name for name, thing in documented() if "Raises:" in (inspect.getdoc(thing) or "")}
    silent = {
        name
        for name, thing in documented()
        if inspect.isroutine(thing) and not name.startswith("PassingTime.") and not name.endswith("__init__")
    }
    assert silent - told <= NEVER_RAISE
    assert {f"{name}.__init__" for name in ("Client", "AsyncClient", "Batch", "AsyncBatch")} <= told
