"""Every Python from 3.11 on that this machine has, one of each minor version."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

OLDEST = (3, 11)
_ASK = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"


def pythons() -> dict[str, Path]:
    """Where each is, by version: {"3.11": …}; those on the PATH first, then pyenv's."""
    names = [f"python3.{minor}" for minor in range(OLDEST[1], 30)]
    candidates = [Path(path) for name in names if (path := shutil.which(name))]
    candidates += sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3"))
    found: dict[str, Path] = {}
    for candidate in candidates:
        asked = subprocess.run([candidate, "-I", "-c", _ASK], capture_output=True, text=True)
        version, _, implementation = asked.stdout.strip().partition(" ")
        if asked.returncode or implementation != "cpython":
            continue
        if tuple(map(int, version.split("."))) >= OLDEST:
            found.setdefault(version, candidate)
    return dict(sorted(found.items(), key=lambda item: tuple(map(int, item[0].split(".")))))


if __name__ == "__main__":
    print("\n".join(f"{version}\t{path}" for version, path in pythons().items()))
