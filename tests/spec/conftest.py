"""Proves that spec, generated client, official clients and emulator agree with each other."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def spec_path() -> Path:
    return ROOT / "openapi" / "image_export.yaml"


@pytest.fixture(scope="session")
def spec(spec_path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(spec_path.read_text(encoding="utf-8"))
    return document


class Schemas:
    """Tells of each schema whether a value is valid."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._components = document["components"]
        self.by_name: dict[str, Any] = self._components["schemas"]

    def accept(self, name: str, value: Any) -> bool:
        schema = {"$ref": f"#/components/schemas/{name}", "components": self._components}
        return bool(jsonschema_rs.Draft202012Validator(schema).is_valid(value))


@pytest.fixture(scope="session")
def schemas(spec: dict[str, Any]) -> Schemas:
    return Schemas(spec)
