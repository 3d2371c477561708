"""Proves with what needs Node that prism, another server of the spec, and pyright agree with us.

`make test-node` runs this folder; `make test` needs neither Node nor npm.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture(scope="session")
def spec() -> dict[str, Any]:
    path = Path(__file__).resolve().parents[2] / "openapi" / "image_export.yaml"
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document
