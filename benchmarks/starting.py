"""What the command line costs to start, beside an import of httpx in the same environment."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .measuring import Sample

HELP, HTTPX = "earthengine-export --help", 'python -c "import httpx"'
COMMANDS = {
    HTTPX: [sys.executable, "-c", "import httpx"],
    HELP: [str(Path(sys.executable).parent / "earthengine-export"), "--help"],
}


def starts() -> dict[str, Callable[[], Sample]]:
    """What runs each command once, from its start to its end."""

    def once(command: list[str]) -> Sample:
        before, began = os.times(), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall, after = time.perf_counter() - began, os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return Sample(wall, cpu)

    return {name: partial(once, command) for name, command in COMMANDS.items()}
