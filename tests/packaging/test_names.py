"""The public names: all of them and no other are listed, once, and as the package's own."""

import inspect
import pydoc
import subprocess
import sys

import pytest

import earthengine_export as eex
from earthengine_export._names import core, further


def test_public_names_and_no_other_are_listed() -> None:
    assert set(dir(eex)) == {"__version__", *eex.__all__}  # type: ignore[attr-defined] # star imports ask for it
    shown = pydoc.plain(pydoc.render_doc(eex))
    for name in eex.__all__:  # type: ignore[attr-defined]
        assert name in shown
        value = getattr(eex, name)
        assert not inspect.ismodule(value) or name == "errors"
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__module__ == "earthengine_export"
            assert value.__doc__


def test_each_name_stands_once() -> None:
    source = "".join(map(inspect.getsource, (core, further, eex.errors)))
    for name in set(eex.__all__) - {"errors"}:  # type: ignore[attr-defined]
        assert source.count(f" import {name} as {name}\n") == 1


@pytest.mark.parametrize("cls", [eex.Client, eex.AsyncClient])
def test_help_shows_all_arguments(cls: type) -> None:
    shown = pydoc.plain(pydoc.render_doc(cls))
    for name in inspect.signature(eex.ImageExport).parameters:
        assert f"{name}: " in shown
    for name, method in inspect.getmembers(cls, inspect.isfunction):
        if not name.startswith("_"):
            assert method.__doc__
            for argument in list(inspect.signature(method).parameters)[1:]:
                assert argument in method.__doc__, (name, argument)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Cleint'"):
        eex.Cleint  # type: ignore[attr-defined] # noqa: B018


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = """
import sys
import earthengine_export as eex
assert "httpx" not in sys.modules
eex.Client("my-project", eex.anonymous(), "http://127.0.0.1:9")
heavy = ("google.auth", "requests", "asyncio", "rasterio", "sqlite3", "earthengine_rest.models.value_node")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
