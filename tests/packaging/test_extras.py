"""What an error says to install is right for this copy: from an index, a folder, a clone, or vendored."""

from __future__ import annotations

import json
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

import vendor
from earthengine_export import _extras
from earthengine_export._extras import how_to_install
from tests.packaging.conftest import ROOT, make_environment, run

ASK = "from {package}._extras import how_to_install; print(how_to_install('progress', 'rich'))"


def test_of_a_clone_it_names_the_clone() -> None:
    assert how_to_install("progress", "rich") == f'pip install --editable "{ROOT}[progress]"'


def test_of_a_wheel_it_names_the_wheel(wheel: Path, tmp_path: Path) -> None:
    python = make_environment(tmp_path / "env", wheel)
    said = run(python, "-I", "-c", ASK.format(package="earthengine_export")).strip()
    assert said == f'pip install "earthengine-export[progress] @ {wheel.as_uri()}"'


def test_of_a_vendored_copy_it_names_the_packages(bare_python: Path, tmp_path: Path) -> None:
    vendor.vendor(tmp_path / "their" / "_vendor")
    ask = ASK.format(package="their._vendor.earthengine_export")
    said = run(bare_python, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {ask}")
    assert said.strip() == "pip install rich"


@pytest.mark.parametrize(
    ("record", "command"),
    [
        (None, 'pip install "earthengine-export[progress]"'),
        (
            {"url": "https://example.com/eex.git", "vcs_info": {"vcs": "git", "commit_id": "0"}},
            'pip install "earthengine-export[progress] @ git+https://example.com/eex.git"',
        ),
    ],
)
def test_of_an_index_or_a_repository(
    record: dict[str, object] | None, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "METADATA").write_text("Name: earthengine-export\n")
    if record:
        (tmp_path / "direct_url.json").write_text(json.dumps(record))
    monkeypatch.setattr(_extras, "distribution", lambda _: PathDistribution(tmp_path))
    assert how_to_install("progress", "rich") == command
