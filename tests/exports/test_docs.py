"""The table of parameters in docs/howto/migrating.md is complete."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from earthengine_export._describe.fields import RENAMED, place_of

TEXT = (Path(__file__).parents[2] / "docs" / "howto" / "migrating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("function", ["toDrive", "toCloudStorage", "toAsset"])
def test_every_official_parameter_is_in_the_table(official: Any, function: str) -> None:
    parameters = inspect.signature(getattr(official.batch.Export.image, function)).parameters
    for name in parameters.keys() - {"image", "kwargs", "config"}:
        assert re.search(rf"`[^`]*\b{name}\b", TEXT), name


@pytest.mark.parametrize("name", RENAMED)
def test_every_official_name_is_in_the_table(name: str) -> None:
    """With the place that a refusal names."""
    head, *tail = name.split("_")
    official = head + "".join(part.capitalize() for part in tail)
    (row,) = [line for line in TEXT.splitlines() if re.match(rf"\|[^|]*\b{official}\b[^|]*\|", line)][:1]
    places = place_of(official).split(" or ")
    words = [re.findall(r"[a-z]+_[a-z_]+|[A-Z]\w+(?=\()", place) for place in places]
    assert any(all(word in row for word in place) for place in words), row
