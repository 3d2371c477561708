"""Proves that an export is the request that the official client would send, or is refused by name.

The official client is here offline: it builds requests, and none leaves the machine.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ee
import pytest
from ee import apitestcase


class _Offline(apitestcase.ApiTestCase):
    def runTest(self) -> None:  # noqa: N802 - unittest's name
        """Without a test of its own; its setUp is what is wanted."""


@pytest.fixture(scope="session")
def official() -> Iterator[Any]:
    """The module `ee`, initialised with the list of functions that it ships."""
    case = _Offline()
    case.setUp()
    yield ee
    case.doCleanups()


@pytest.fixture(scope="session")
def algorithms() -> dict[str, Any]:
    """The official list of functions."""
    path = Path(ee.__file__).parent / "tests" / "algorithms.json"
    return json.loads(path.read_bytes())  # type: ignore[no-any-return]
