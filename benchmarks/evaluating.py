"""What the emulator can compute: the share of public scripts, and a median of many scenes by blocks."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .measuring import peak
from .servers import ROOT

PUBLIC = Path(__file__).with_name("public_scripts.json")


def share() -> tuple[int, int, dict[str, int]]:
    """How many public scripts need only functions that the emulator knows, of how many.

    Returns:
        Those, all of them, and how many scripts need each function that it does not know.
    """
    from earthengine_emulator.functions import FUNCTIONS

    known = json.loads(PUBLIC.read_text())
    names, scripts = known["functions"], known["scripts"]
    missing: dict[str, int] = {}
    whole = 0
    for script in scripts:
        lacking = [names[number] for number in script if names[number] not in FUNCTIONS]
        whole += not lacking
        for name in lacking:
            missing[name] = missing.get(name, 0) + 1
    return whole, len(scripts), dict(sorted(missing.items(), key=lambda item: -item[1]))


def median_of_scenes(scenes: int, side: int) -> tuple[float, float]:
    """Seconds, and the largest resident size in MiB, of an export of a median; in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.evaluating", folder, str(scenes), str(side)]
        found = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
        ).stdout.split()
    return float(found[0]), float(found[1])


def _write_scenes(folder: Path, scenes: int, side: int) -> None:
    import numpy as np
    import rasterio
    from affine import Affine

    generator = np.random.default_rng(0)
    (folder / "scenes").mkdir()
    for number in range(scenes):
        with rasterio.open(
            folder / "scenes" / f"{number:03}.tif", "w", driver="GTiff", width=side, height=side, count=1,
            dtype="uint16", crs="EPSG:32616", transform=Affine(10, 0, 500000, 0, -10, 4000000), nodata=0,
            tiled=True,
        ) as target:  # fmt: skip
            target.write(generator.integers(0, 4000, (1, side, side)).astype("uint16"))


def _export(folder: Path) -> None:
    from earthengine_emulator.writer import export

    def call(name: str, **arguments: object) -> dict[str, object]:
        return {"functionInvocationValue": {"functionName": name, "arguments": arguments}}

    collection = call("ImageCollection.load", id={"constantValue": "scenes"})
    graph = {"values": {"0": call("reduce.median", collection=collection)}, "result": "0"}
    destination = {"cloudStorageDestination": {"bucket": "bucket"}, "fileFormat": "GEO_TIFF"}
    request = {"fileExportOptions": destination}
    body = json.dumps(request | {"expression": graph}).encode()
    export(request, body, folder / "scratch", folder, folder / "output")


def main() -> None:
    """Make the scenes in the folder that is named, in another process, and export their median."""
    folder, scenes, side = Path(sys.argv[1]), *map(int, sys.argv[2:4])
    if len(sys.argv) == 5:
        return _write_scenes(folder, scenes, side)
    subprocess.run([sys.executable, "-m", "benchmarks.evaluating", *sys.argv[1:], "scenes"], check=True)
    before = time.perf_counter()
    _export(folder)
    print(f"{time.perf_counter() - before:.2f} {peak():.0f}")
    return None


if __name__ == "__main__":
    main()
