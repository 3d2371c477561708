"""Prints the oldest allowed version of each dependency, for pip: httpx==0.28 for `httpx>=0.28,<0.29`.

These are the dependencies that a user gets, and those of the extras that a user chooses.
"""

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

EXTRAS = ("emulator", "files", "progress")

text = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
project = tomllib.loads(text)["project"]
extras = project["optional-dependencies"]
for requirement in map(
    Requirement, project["dependencies"] + [line for extra in EXTRAS for line in extras[extra]]
):
    bounds = [part.version for part in requirement.specifier if part.operator == ">="]
    if not bounds:
        sys.exit(
            f"{requirement} in pyproject.toml has no lower bound: give it the oldest version that passes."
        )
    print(f"{requirement.name}=={bounds[0]}")
