"""What outlives the emulator, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from earthengine_emulator import Emulator

from .conftest import GRID, call, request

# Some seconds of computing.
SLOW = {"grid": {**GRID, "dimensions": {"width": 2500, "height": 2500}}, "maxPixels": "1000000000"}


_started: list["subprocess.Popen[str]"] = []


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """A test that fails leaves no process."""
    yield
    while _started:
        process = _started.pop()
        process.kill()
        process.communicate()


class Process:
    """An emulator in a process of its own."""

    def __init__(self, assets: Path, output: Path, *options: str) -> None:
        command = [sys.executable, "-m", "earthengine_emulator", "--port", "0", f"--assets={assets}"]
        self.process = subprocess.Popen(
            [*command, f"--output={output}", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        _started.append(self.process)
        assert self.process.stdout is not None
        host = self.process.stdout.readline().partition("=")[2].strip()
        self.client = httpx.Client(base_url=f"http://{host}/v1/", timeout=20)

    def start(self, **fields: Any) -> str:
        reply = self.client.post(
            "projects/p/image:export", json=request(call("Image.load", id="grid"), **fields)
        )
        assert reply.status_code == 200, reply.text
        return str(reply.json()["name"])

    def get(self, name: str) -> dict[str, Any]:
        return dict(self.client.get(name).json())

    def until(self, name: str, *states: str) -> dict[str, Any]:
        while (operation := self.get(name))["metadata"]["state"] not in states:
            time.sleep(0.01)
        return operation

    def end(self, number: int) -> None:
        self.client.close()
        self.process.send_signal(number)
        self.process.communicate(timeout=20)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_operations_outlive_their_emulator(assets: Path, tmp_path: Path, number: int) -> None:
    state = f"--state={tmp_path / 'state'}"
    first = Process(assets, tmp_path / "out", state, "--speed=100", "--running-limit=1")
    done = first.start(description="done", requestId="done-1")
    ended = first.until(done, "SUCCEEDED")
    running = first.start(description="running", **SLOW)
    first.until(running, "RUNNING")
    waiting = first.start(description="waiting", requestId="waiting-1")
    deleted = first.start(description="deleted")
    first.client.delete(deleted)
    first.end(number)

    second = Process(assets, tmp_path / "out", state, "--speed=1000", "--running-limit=1")
    assert second.get(done) == ended
    assert second.start(description="done", requestId="done-1") == done
    assert second.start(description="waiting", requestId="waiting-1") == waiting
    assert [one["name"] for one in second.get("projects/p/operations")["operations"]] == [
        waiting,
        running,
        done,
    ]
    if number == signal.SIGKILL:
        assert len(list((tmp_path / "out").glob(".partial-*"))) == 1  # its own
    assert second.until(waiting, "SUCCEEDED")["metadata"]["createTime"] > ended["metadata"]["createTime"]
    assert second.until(running, "SUCCEEDED")["metadata"]["attempt"] == 2
    second.end(signal.SIGTERM)
    assert sorted(path.name for path in (tmp_path / "out" / "gs" / "b").iterdir()) == [
        "deleted.tif",
        "done.tif",
        "running.tif",
        "waiting.tif",
    ]
    assert not list((tmp_path / "out").glob(".partial-*"))


def test_an_asset_that_was_written_just_before_the_end_is_not_in_its_own_way(
    assets: Path, tmp_path: Path
) -> None:
    """The file was put in place, and the emulator was killed before it could note that."""
    export = {"assetExportOptions": {"earthEngineDestination": {"name": "projects/p/assets/a"}}}
    body = request(call("Image.load", id="grid"), **export)
    for expected, attempt in (("SUCCEEDED", 1), ("FAILED", 1)):
        with Emulator(assets, tmp_path, speed=0) as emulator:
            name = httpx.post(f"{emulator.base_url}/v1/projects/p/image:export", json=body).json()["name"]
            emulator.operations.find(name)[1].attempt = attempt
            emulator.advance(100)
            assert emulator.operation(name)["metadata"]["state"] == expected
    with Emulator(assets, tmp_path, speed=0) as emulator:
        name = httpx.post(f"{emulator.base_url}/v1/projects/p/image:export", json=body).json()["name"]
        emulator.operations.find(name)[1].attempt = 2
        emulator.advance(100)
        assert emulator.operation(name)["metadata"]["state"] == "SUCCEEDED"


def test_a_state_that_is_taken(tmp_path: Path) -> None:
    with Emulator(state=tmp_path / "state"), pytest.raises(ValueError, match="locked"):
        Emulator(state=tmp_path / "state")
    (tmp_path / "text").write_text("no database" * 100)
    with pytest.raises(ValueError, match="cannot be used to keep the state"):
        Emulator(state=tmp_path / "text")


def test_reset_is_kept_too(tmp_path: Path) -> None:
    for expected in (1, 0):
        with Emulator(state=tmp_path / "state", speed=0) as emulator:
            if expected:
                httpx.post(f"{emulator.base_url}/v1/projects/p/image:export", json=request())
                emulator.reset()
            listed = httpx.get(f"{emulator.base_url}/v1/projects/p/operations").json()
            assert listed == {}


def test_scratch_of_emulators_that_run_is_left_alone(tmp_path: Path) -> None:
    left = tmp_path / ".partial-left"
    left.mkdir()
    (left / "half.tif").write_bytes(b"half")
    with Emulator(output=tmp_path), Emulator(output=tmp_path):
        assert not left.exists()
        assert len(list(tmp_path.glob(".partial-*"))) == 2
    assert not list(tmp_path.iterdir())


def test_a_cancelled_computation_stops_and_leaves_nothing(assets: Path, tmp_path: Path) -> None:
    emulator = Process(assets, tmp_path / "out", "--speed=1")
    name = emulator.start(description="cancelled", **SLOW)
    emulator.until(name, "RUNNING")
    (scratch,) = (tmp_path / "out").glob(".partial-*")
    operation = scratch / name.rpartition("/")[2]
    while not operation.exists():
        time.sleep(0.01)
    workers = psutil.Process(emulator.process.pid).children()
    assert workers
    emulator.client.post(f"{name}:cancel")
    emulator.until(name, "CANCELLED")
    while operation.exists():
        time.sleep(0.01)
    while all(worker.is_running() for worker in workers):  # until the one that computed it is gone
        time.sleep(0.01)
    assert [path.name for path in scratch.iterdir()] == ["lock"]
    os.kill(emulator.process.pid, 0)
    emulator.end(signal.SIGTERM)


def test_files_appear_without_a_request(assets: Path, tmp_path: Path) -> None:
    emulator = Process(assets, tmp_path, "--speed=50")
    for number in range(4):
        emulator.start(description=f"alone-{number}")
    while len(list(tmp_path.glob("gs/b/alone-*.tif"))) < 4:
        time.sleep(0.01)
    counted = emulator.client.get(httpx.URL(str(emulator.client.base_url)).join("/emulator/requests")).json()[
        "requests"
    ]
    assert counted == {"projects.image.export": 4}, json.dumps(counted)
    emulator.end(signal.SIGTERM)
