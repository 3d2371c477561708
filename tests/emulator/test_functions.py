"""The table of functions against the official list."""

import json
from importlib.resources import files
from typing import Any

import pytest

from earthengine_emulator.functions import FUNCTIONS


@pytest.fixture(scope="module")
def algorithms() -> dict[str, dict[str, Any]]:
    """The functions that the official client's own tests know."""
    found = json.loads((files("ee.tests") / "algorithms.json").read_text())["algorithms"]
    return {function["name"].removeprefix("algorithms/"): function for function in found}


def test_every_row_reads_as_in_the_official_list(algorithms: dict[str, dict[str, Any]]) -> None:
    for name, function in FUNCTIONS.items():
        official = algorithms[name]
        assert function.returns == official["returnType"], name
        ours = [
            (argument.name, argument.type, argument.optional, argument.default)
            for argument in function.arguments
        ]
        theirs = [
            (one["argumentName"], one["type"], one.get("optional", False), one.get("defaultValue"))
            for one in official.get("arguments", [])
        ]
        assert ours == theirs, name
        assert function.description.endswith("."), name
