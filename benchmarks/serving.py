"""The emulator by itself: how soon it is ready, how many submits it takes, what large exports cost."""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import rasterio
from affine import Affine

AT_ONCE = 40
KINDS: dict[str, dict[str, Any]] = {
    "GeoTIFF": {},
    "COG": {"geoTiffOptions": {"cloudOptimized": True}},
    "TFRecord": {"fileFormat": "TF_RECORD_IMAGE"},
}


@contextmanager
def emulator(folder: Path, *options: str) -> Iterator[tuple[str, int, float]]:
    """Its host, its process, and the seconds until it has answered."""
    command = [sys.executable, "-m", "earthengine_emulator", "--port=0", f"--assets={folder}"]
    began = time.perf_counter()
    with subprocess.Popen(
        [*command, f"--output={folder / 'output'}", *options], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        host = process.stdout.readline().partition("=")[2].strip()
        httpx.get(f"http://{host}/v1/projects/p/operations").raise_for_status()
        try:
            yield host, process.pid, time.perf_counter() - began
        finally:
            process.terminate()


def ready(folder: Path, rounds: int) -> float:
    """Seconds from the command to the first answer, the median of some rounds."""
    found = []
    for _ in range(rounds):
        with emulator(folder) as (_, _, seconds):
            found.append(seconds)
    return statistics.median(found)


def _body(number: int, graph: dict[str, Any], **options: Any) -> bytes:
    files = {"fileFormat": "GEO_TIFF", "cloudStorageDestination": {"bucket": "bench"}} | options
    expression = {"values": {"0": graph}, "result": "0"}
    body = {"expression": expression, "description": f"bench-{number}", "fileExportOptions": files}
    return json.dumps(body | {"requestId": f"bench-{number}", "maxPixels": "1000000000"}).encode()


async def _submit(host: str, numbers: Iterator[int]) -> None:
    reader, writer = await asyncio.open_connection(*host.split(":"))
    for number in numbers:
        body = _body(number, {"constantValue": 1})
        head = f"POST /v1/projects/p/image:export HTTP/1.1\r\nHost: {host}\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200")
        await reader.readexactly(int(answer.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
    writer.close()


def rate(host: str, count: int) -> float:
    """Submits a second over 40 bare sockets."""

    async def all_of_them() -> float:
        numbers = iter(range(count))
        began = time.perf_counter()
        await asyncio.gather(*(_submit(host, numbers) for _ in range(AT_ONCE)))
        return count / (time.perf_counter() - began)

    return asyncio.run(all_of_them())


def submits(folder: Path, count: int) -> float:
    """The same of an emulator by itself, with nothing evaluated."""
    with emulator(folder, "--no-evaluate", "--queue-limit=1000000") as (host, _, _):
        return rate(host, count)


def _memory(process: int) -> float:
    """MiB that the emulator and its workers hold together."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            if entry.name == str(process) or parent == str(process):
                held = (entry / "smaps_rollup").read_text().partition("Pss:")[2].split()[0]
                total += int(held) / 1024
        except (OSError, IndexError):
            continue
    return total


def large(folder: Path, kind: str, side: int) -> tuple[float, float, float]:
    """Seconds that an export takes, the longest wait of a request, the most MiB."""
    with rasterio.open(
        folder / "large.tif", "w", driver="GTiff", width=side // 4, height=side // 4,
        count=3, dtype="float32",
        crs="EPSG:32616", transform=Affine(40, 0, 500000, 0, -40, 4000000),
    ) as target:  # fmt: skip
        target.write(np.random.default_rng(1).random((3, side // 4, side // 4), dtype="f4"))
    load: dict[str, Any] = {"functionName": "Image.load", "arguments": {"id": {"constantValue": "large"}}}
    body = json.loads(_body(0, {"functionInvocationValue": load}, **KINDS[kind]))
    body["grid"] = {
        "dimensions": {"width": side, "height": side},
        "affineTransform": {"scaleX": 10, "translateX": 500000, "scaleY": -10, "translateY": 4000000},
        "crsCode": "EPSG:32616",
    }
    began, longest, most = time.perf_counter(), 0.0, 0.0
    with (
        emulator(folder, "--speed=100") as (host, process, _),
        httpx.Client(base_url=f"http://{host}/v1", timeout=60) as client,
    ):
        name = client.post("/projects/p/image:export", json=body).raise_for_status().json()["name"]
        while True:
            asked = time.perf_counter()
            operation = client.get(f"/{name}").json()
            longest = max(longest, time.perf_counter() - asked)
            most = max(most, _memory(process))
            if operation.get("done"):
                assert "error" not in operation, operation["error"]
                return time.perf_counter() - began, longest, most
            time.sleep(0.05)
