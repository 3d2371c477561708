"""The table of parameters in docs/exports.md is complete."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("function", ["toDrive", "toCloudStorage", "toAsset"])
def test_every_official_parameter_is_in_the_table(official: Any, function: str) -> None:
    parameters = inspect.signature(getattr(official.batch.Export.image, function)).parameters
    for name in parameters.keys() - {"image", "kwargs", "config"}:
        assert re.search(rf"`[^`]*\b{name}\b", TEXT), name
