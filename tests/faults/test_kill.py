"""A process that is killed while it submits, and started again, ends with one operation for each id."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from earthengine_emulator import Emulator

EXPORTS, KILLS = 120, 4


@pytest.mark.parametrize("duplicate", ["return", "reject"])
def test_killed_and_started_again(tmp_path: Path, duplicate: str) -> None:
    rng = random.Random(3)
    script = Path(__file__).with_name("submitter.py")
    with Emulator(tmp_path, tmp_path, evaluate=False, speed=0, duplicate_request_id=duplicate) as emulator:
        command = [sys.executable, str(script), emulator.base_url, str(EXPORTS)]
        seen = [0]
        for _ in range(KILLS):
            until = submits(emulator) + rng.randint(1, EXPORTS // 2)
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                while submits(emulator) < until:
                    assert process.poll() is None
                    time.sleep(0.001)
                process.send_signal(signal.SIGKILL)
            assert process.returncode == -signal.SIGKILL
            seen.append(emulator.requests()["operations_created"])
        assert 0 < seen[-1] < EXPORTS  # the last one was killed in the middle of it
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        names = ran.stdout.split()
        assert emulator.requests()["operations_created"] == EXPORTS == len(set(names))
        for number, name in enumerate(names):
            assert emulator.operation(name)["metadata"]["description"] == f"export-{number}"


def submits(emulator: Emulator) -> int:
    return int(emulator.requests()["requests"].get("projects.image.export", 0))
