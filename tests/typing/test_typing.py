"""mypy accepts what is right, and refuses each line that is wrong. `tests/node` asks pyright too."""

import json
import subprocess
import sys

from tests.typing.checking import FILES, HERE, ROOT, refused, wrong_lines


def test_wrong_lines_and_no_others_are_refused() -> None:
    command = [sys.executable, "-m", "mypy", "--output", "json", *(str(HERE / name) for name in FILES)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr + run.stdout
    reports = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert refused((one["file"], one["line"], one["severity"]) for one in reports) == wrong_lines()
