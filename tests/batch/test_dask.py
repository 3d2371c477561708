"""Exports that workers of dask submit: one operation for each, though a worker is killed in the middle."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_worker_is_killed() -> None:
    """In a process of its own: dask changes how every exception of its process is pickled."""
    command = [sys.executable, "-m", "tests.batch.dask_check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
