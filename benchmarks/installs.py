"""Each library as a user installs it, in a folder of its own: its size, and what it costs to import."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from .measuring import Sample
from .servers import ROOT

FOLDER = ROOT / ".venv" / "benchmarks"
BESIDE = "earthengine-export with rich, click and trio"
SOURCES = {
    "earthengine-export": str(ROOT),
    "earthengine-api": "earthengine-api==1.7.50",
    "ee-client": "ee-client==3.3.1",
    "httpx": "httpx==0.28.1",
    BESIDE: f"{ROOT}[cli,progress] trio",
}
CLIENT = "import earthengine_export as eex; eex.Client('my-project', eex.anonymous(), 'http://127.0.0.1:9')"
IMPORTS = {
    "earthengine-export": "import earthengine_export",
    "earthengine-export, and a client": CLIENT,
    f"{BESIDE}, and a client": CLIENT,
    "earthengine-api": "import ee",
    "ee-client": "import eeclient.client",
    "httpx": "import httpx",
    f"{BESIDE}, httpx": "import httpx",
}
_PROBE = """
import os, sys, time
sys.path += sys.argv[1].split(os.pathsep)
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
        if source.startswith(str(ROOT)):
            shutil.rmtree(folder, ignore_errors=True)  # it may have changed
        if not folder.exists():
            command = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "-qq",
                "--target",
                str(folder),
                *source.split(),
            ]
            subprocess.run(command, check=True)
        sizes[name] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return sizes


def imports(places: str | None = None) -> dict[str, Callable[[], Sample]]:
    """What imports each library once, in a new interpreter without anything else installed.

    Args:
        places: Where they all are, in place of the folder of each.
    """
    return {name: partial(_once, places or str(_folder_of(name)), code) for name, code in IMPORTS.items()}


def _folder_of(name: str) -> Path:
    return FOLDER / next(one for one in sorted(SOURCES, key=len, reverse=True) if name.startswith(one))


def _once(places: str, code: str) -> Sample:
    found = _probed(places, code)
    return Sample(found["wall"], found["cpu"], found["memory"])


def _probed(places: str, code: str) -> dict[str, Any]:
    command = [sys.executable, "-I", "-S", "-c", _PROBE, places, code]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def loaded_by(name: str, places: str | None = None) -> list[str]:
    """Which of the heavy modules one of `IMPORTS` loads."""
    loaded: list[str] = _probed(places or str(_folder_of(name)), IMPORTS[name])["loaded"]
    return loaded
