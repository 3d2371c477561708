"""Each library as a user installs it, in a folder of its own: its size, and what it costs to import."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .measuring import Sample

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv" / "benchmarks"
SOURCES = {
    "earthengine-export": str(ROOT),
    "earthengine-api": "earthengine-api==1.7.50",
    "ee-client": "ee-client==3.3.1",
    "httpx": "httpx==0.28.1",
}
IMPORTS = {
    "earthengine-export": "import earthengine_export",
    "earthengine-export, and a client": (
        "import earthengine_export as eex; eex.Client('my-project', eex.anonymous(), 'http://127.0.0.1:9')"
    ),
    "earthengine-api": "import ee",
    "ee-client": "import eeclient.client",
    "httpx": "import httpx",
}
_PROBE = """
import sys, time
sys.path.append(sys.argv[1])
start = time.perf_counter(), time.process_time()
exec(sys.argv[2])
end = time.perf_counter(), time.process_time()
import json
try:
    # Not getrusage, which remembers how large the parent was.
    status = open("/proc/self/status").read()
    memory = int(status.partition("VmHWM:")[2].split()[0]) / 1024
except OSError:
    import resource
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
loaded = [name for name in ("google.auth", "requests", "aiohttp", "asyncio") if name in sys.modules]
print(json.dumps({"wall": end[0] - start[0], "cpu": end[1] - start[1], "memory": memory, "loaded": loaded}))
"""


def install() -> dict[str, float]:
    """Install each, unless it is there; the megabytes of each, with all that it needs, compiled."""
    sizes = {}
    for name, source in SOURCES.items():
        folder = FOLDER / name
        if source == str(ROOT):
            shutil.rmtree(folder, ignore_errors=True)  # it may have changed
        if not folder.exists():
            command = [sys.executable, "-m", "pip", "install", "-qq", "--target", str(folder), source]
            subprocess.run(command, check=True)
        sizes[name] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return sizes


def imports() -> dict[str, Callable[[], Sample]]:
    """What imports each library once, in a new interpreter without anything else installed."""

    def once(folder: Path, code: str) -> Sample:
        command = [sys.executable, "-I", "-S", "-c", _PROBE, str(folder), code]
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        return Sample(found["wall"], found["cpu"], found["memory"])

    return {name: partial(once, FOLDER / name.split(",")[0], code) for name, code in IMPORTS.items()}


def loaded_by(code: str) -> list[str]:
    """Which of the heavy modules an import of this library loads."""
    command = [sys.executable, "-I", "-S", "-c", _PROBE, str(FOLDER / "earthengine-export"), code]
    found: list[str] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["loaded"]
    return found
