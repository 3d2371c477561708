"""A batch from end to end beside the official client in threads; submits a second; memory.

Each contender runs in a process of its own, against an emulator in another.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from .servers import ROOT
from .serving import AT_ONCE, emulator, rate

LATENCY = 0.1
FAST = ("--no-evaluate", "--speed=2000", "--running-limit=20")
CONTENDERS = {"earthengine-export, Batch": "with_batch", "earthengine-api, 40 threads": "with_official"}


def measured(contender: str, host: str, count: int, only_submit: bool = False) -> dict[str, float]:
    """What a contender took: seconds, its CPU and memory, and its requests by the emulator's count."""
    httpx.delete(f"http://{host}/emulator/requests").raise_for_status()
    command = [sys.executable, "-m", "benchmarks.batch_contenders", contender, f"http://{host}", str(count)]
    ran = subprocess.run(
        [*command, str(int(only_submit))], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
    )
    found: dict[str, float] = json.loads(ran.stdout)
    counters = httpx.get(f"http://{host}/emulator/requests").json()
    assert counters["operations_created"] == count, counters
    return found | {"requests": sum(counters["requests"].values())}


def end_to_end(count: int) -> dict[str, dict[str, float]]:
    """Everything, from the first submit to the last outcome, by contender."""
    found = {}
    for name, contender in CONTENDERS.items():
        with tempfile.TemporaryDirectory() as folder, emulator(Path(folder), *FAST) as (host, _pid, _ready):
            found[name] = measured(contender, host, count)
    return found


def submits_at_latency(count: int) -> tuple[float, float]:
    """Submits a second of a batch and of as many bare sockets, of what so many at once can be."""
    options, bound = ("--no-evaluate", "--queue-limit=100000"), AT_ONCE / LATENCY
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder), *options) as (host, _pid, _ready):
        fault = {"method": "export", "kind": "pass", "times": None, "delay": LATENCY}
        httpx.post(f"http://{host}/emulator/faults", json=fault).raise_for_status()
        found = measured("with_batch", host, count, only_submit=True)
        return count / found["wall"] / bound, rate(host, count) / bound


def memory(*counts: int) -> list[float]:
    """The most MiB that batches of so many jobs hold."""
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder), *FAST) as (host, _pid, _ready):
        return [measured("with_batch", host, count)["memory"] for count in counts]
