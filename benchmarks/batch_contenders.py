"""Those who run thousands of exports: `python -m benchmarks.batch_contenders NAME URL COUNT ONLY_SUBMIT`.

Each in a process of its own, which has imported no other, prints what it took.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import earthengine_export as eex

from .measuring import peak

AT_ONCE = 40


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


@contextmanager
def _taking() -> Iterator[None]:
    """Print what the block takes; neither starting Python nor imports are in it."""
    began, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu, "memory": peak()}))


def with_batch(url: str, count: int, only_submit: bool) -> None:
    """This library's batch."""
    with eex.Client("my-project", eex.anonymous(), url) as client, tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.sqlite"
        queue = count if only_submit else 2_500
        batch = eex.Batch(client, journal, max_queued=queue, requests_per_second=None)
        list(client.operations())  # what is imported at the first request
        with _taking():
            if only_submit:
                batch.submit_only(exports(count))
            else:
                assert all(outcome.error is None for outcome in batch.run(exports(count)))


def with_official(url: str, count: int, _: bool) -> None:
    """The official client in threads, with the status calls that a task has."""
    import ee
    from google.auth.credentials import AnonymousCredentials

    ee.Initialize(credentials=AnonymousCredentials(), project="my-project", url=url)

    with _taking(), ThreadPoolExecutor(AT_ONCE) as pool:
        bodies = [export.to_dict() for export in exports(count)]

        def run(number: int) -> None:
            operation = ee.data.exportImage(f"bench-{number}", bodies[number])
            while not ee.data.getOperation(operation["name"]).get("done"):
                time.sleep(1.0)

        list(pool.map(run, range(count)))


if __name__ == "__main__":
    name, url, count, only_submit = sys.argv[1:]
    {"with_batch": with_batch, "with_official": with_official}[name](url, int(count), only_submit == "1")
