"""A batch from end to end beside the official client in threads; submits a second; memory.

Each contender runs in a process of its own, against an emulator in another.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

import earthengine_export as eex

from .servers import ROOT
from .serving import emulator

AT_ONCE, LATENCY = 40, 0.1
FAST = ("--no-evaluate", "--speed=2000", "--running-limit=20")


def exports(count: int) -> Iterator[eex.ImageExport]:
    """As many exports, none like another."""
    image = eex.load("dem")
    for number in range(count):
        yield eex.ImageExport(
            image,
            to=eex.CloudStorage("bucket", f"tiles/{number}"),
            description=f"tile-{number}",
            region=(0, 0, 1, 1),
            scale=1000,
        )


def with_batch(url: str, count: int, only_submit: bool) -> None:
    """This library's batch."""
    with eex.Client("my-project", eex.anonymous(), url) as client, tempfile.TemporaryDirectory() as folder:
        batch = eex.Batch(client, Path(folder) / "journal.sqlite", requests_per_second=None)
        if only_submit:
            batch.submit_only(exports(count))
        else:
            assert all(outcome.error is None for outcome in batch.run(exports(count)))


def with_official(url: str, count: int, _: bool) -> None:
    """The official client in threads, with the status calls that a task has."""
    import ee
    from google.auth.credentials import AnonymousCredentials

    ee.Initialize(credentials=AnonymousCredentials(), project="my-project", url=url)
    bodies = [export.to_dict() for export in exports(count)]

    def run(number: int) -> None:
        operation = ee.data.exportImage(f"bench-{number}", bodies[number])
        while not ee.data.getOperation(operation["name"]).get("done"):
            time.sleep(1.0)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(run, range(count)))


CONTENDERS = {"earthengine-export, Batch": with_batch, "earthengine-api, 40 threads": with_official}


def measured(contender: str, host: str, count: int, only_submit: bool = False) -> dict[str, float]:
    """What a contender took: seconds, its CPU and memory, and its requests by the emulator's count."""
    httpx.delete(f"http://{host}/emulator/requests").raise_for_status()
    command = [sys.executable, "-m", "benchmarks.batches", contender, f"http://{host}", str(count)]
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
            found[name] = measured(contender.__name__, host, count)
    return found


def submits_at_latency(count: int) -> float:
    """Submits a second, of what so many at once can be."""
    options = ("--no-evaluate", "--queue-limit=100000")
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder), *options) as (host, _pid, _ready):
        fault = {"method": "export", "kind": "pass", "times": None, "delay": LATENCY}
        httpx.post(f"http://{host}/emulator/faults", json=fault).raise_for_status()
        found = measured("with_batch", host, count, only_submit=True)
    return count / found["wall"] / (AT_ONCE / LATENCY)


def memory(*counts: int) -> list[float]:
    """The most MiB that batches of so many jobs hold."""
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder), *FAST) as (host, _pid, _ready):
        return [measured("with_batch", host, count)["memory"] for count in counts]


if __name__ == "__main__":
    contender = {one.__name__: one for one in CONTENDERS.values()}[sys.argv[1]]
    # The rate is of the work, not of starting Python.
    began, cpu = time.perf_counter(), time.process_time()
    contender(sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
    took = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": took[0], "cpu": took[1], "memory": peak}))
