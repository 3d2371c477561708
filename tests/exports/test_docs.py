"""The Python of docs/exports.md runs, and its table of parameters is complete."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")


def test_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) > 4
    exec(compile("\n".join(blocks), "exports.md", "exec"), {})
    assert "Was 'Terrain.hillshade'" in capsys.readouterr().out


@pytest.mark.parametrize("function", ["toDrive", "toCloudStorage", "toAsset"])
def test_every_official_parameter_is_in_the_table(official: Any, function: str) -> None:
    parameters = inspect.signature(getattr(official.batch.Export.image, function)).parameters
    for name in parameters.keys() - {"image", "kwargs", "config"}:
        assert re.search(rf"`[^`]*\b{name}\b", TEXT), name
