"""Thousands of exports end to end, beside `earthengine-api` in 40 threads; submits a second; memory.

    python -m benchmarks.batches [EXPORTS]

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
from typing import Any

import httpx

import earthengine_export as eex

from .serving import _emulator

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


def measured(contender: str, host: str, count: int, only_submit: bool = False) -> dict[str, float]:
    """What a contender took: seconds, its CPU and memory, and its requests by the emulator's count."""
    httpx.delete(f"http://{host}/emulator/requests").raise_for_status()
    command = [sys.executable, "-m", "benchmarks.batches", contender, f"http://{host}", str(count)]
    ran = subprocess.run([*command, str(int(only_submit))], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout)
    counters = httpx.get(f"http://{host}/emulator/requests").json()
    assert counters["operations_created"] == count, counters
    return found | {"requests": sum(counters["requests"].values())}


def end_to_end(count: int) -> Iterator[str]:
    """Everything, from the first submit to the last outcome."""
    for contender in ("with_batch", "with_official"):
        with tempfile.TemporaryDirectory() as folder, _emulator(Path(folder), *FAST) as (host, _pid, _ready):
            found = measured(contender, host, count)
        requests, cpu = found["requests"] / count, found["cpu"] / count * 1e3
        yield (
            f"{contender}: {count:,} exports in {found['wall']:.1f} s, {requests:.2f} requests and "
            f"{cpu:.2f} ms of CPU for each, {found['memory']:.0f} MiB at most"
        )


def submits_at_latency(count: int) -> Iterator[str]:
    """Submits a second against what so many at once can be."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _emulator(Path(folder), "--no-evaluate", "--queue-limit=100000") as (
            host,
            _pid,
            _ready,
        ),
    ):
        fault = {"method": "export", "kind": "pass", "times": None, "delay": LATENCY}
        httpx.post(f"http://{host}/emulator/faults", json=fault).raise_for_status()
        found = measured("with_batch", host, count, only_submit=True)
    rate, bound = count / found["wall"], AT_ONCE / LATENCY
    yield (
        f"submits at {LATENCY * 1e3:.0f} ms: {rate:.0f} a second, {rate / bound:.2f} of the bound "
        "(at least 0.9)"
    )


def memory(few: int, many: int) -> Iterator[str]:
    """What many jobs take beside few."""
    sizes = []
    for count in (few, many):
        with tempfile.TemporaryDirectory() as folder, _emulator(Path(folder), *FAST) as (host, _pid, _ready):
            sizes.append(measured("with_batch", host, count)["memory"])
    yield (
        f"memory: {many:,} jobs {sizes[1]:.0f} MiB, {few:,} jobs {sizes[0]:.0f} MiB, "
        f"{sizes[1] / sizes[0]:.2f} times (at most 1.2)"
    )


def main(count: int) -> None:
    """Print all figures."""
    for part in (
        end_to_end(count),
        submits_at_latency(max(400, count // 4)),
        memory(max(100, count // 10), count * 10),
    ):
        for line in part:
            print(line, flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        work: Any = {"with_batch": with_batch, "with_official": with_official}[sys.argv[1]]
        # The rate is of the work, not of starting Python.
        began, cpu = time.perf_counter(), time.process_time()
        work(sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
        took = time.perf_counter() - began, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"wall": took[0], "cpu": took[1], "memory": peak}))
    else:
        main(int(sys.argv[1]) if len(sys.argv) == 2 else 10_000)
