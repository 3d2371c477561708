"""Run examples/quickstart.ipynb in an empty folder, and write it with what it shows.

python tools/run_notebook.py examples/quickstart.ipynb
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient


def run(path: Path) -> Any:
    """The notebook, run in an empty folder."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times
    notebook.metadata.pop("language_info", None)
    return notebook


if __name__ == "__main__":
    target = Path(sys.argv[1])
    text = nbformat.writes(run(target))  # type: ignore[no-untyped-call]
    target.write_text(re.sub(r"/[^\s\"]*/(?=quickstart)", "", text) + "\n", "utf-8")
