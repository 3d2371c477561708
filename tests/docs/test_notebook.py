"""examples/quickstart.ipynb runs, and was committed with what it shows."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

import run_notebook
from tests.docs.pages import ROOT

NOTEBOOK = ROOT / "examples" / "quickstart.ipynb"


def shown(notebook: Any) -> str:
    return "\n".join(
        str(output.get("data", output.get("text", "")))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )


@pytest.mark.timeout(300)
def test_it_runs_and_shows_what_is_committed() -> None:
    committed = nbformat.read(NOTEBOOK, as_version=4)
    for text in (shown(committed), shown(run_notebook.run(NOTEBOOK))):
        assert "<caption>ImageExport</caption>" in text
        assert "<caption>Operation</caption>" in text
        assert "<caption>2 outcomes</caption>" in text
        assert "<caption>3 operations</caption>" in text
        assert "Terrain.hilshade" in text, "why one failed"
        assert "hillshade: SUCCEEDED, 100%" in text, "the last state of the progress"
        assert "image/png" in text
