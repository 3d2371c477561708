"""The public names, which are imported when they are first used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import earthengine_export as eex


def test_each_name_that_type_checkers_see_is_there_and_no_other() -> None:
    source = ast.parse(Path(str(eex.__file__)).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(source) if isinstance(node, ast.ImportFrom)]
    seen = {
        alias.asname: (node.module, alias.name)
        for node in imports
        for alias in node.names
        if alias.asname is not None
    }
    assert set(dir(eex)) == set(seen)
    for name, (module, original) in seen.items():
        home = sys.modules[f"{eex.__name__}.{module}"] if module and getattr(eex, name) else eex
        assert getattr(eex, name) is getattr(home, original)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Cleint'"):
        eex.Cleint  # type: ignore[attr-defined] # noqa: B018


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = """
import sys
import earthengine_export as eex
assert "httpx" not in sys.modules
eex.Client("my-project", eex.anonymous(), "http://127.0.0.1:9")
print([name for name in ("google.auth", "requests", "asyncio", "aiohttp", "rasterio") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
