"""`make release-check` finds what stands in the way of a release, and only that."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import earthengine_export as eex
import release_check
from pythons import pythons
from tests.packaging.conftest import ROOT, run

CHANGELOG = "CHANGELOG.md"
INIT = "wrapper/earthengine_export/__init__.py"
VERSION = "wrapper/earthengine_export/_version.py"


class Clone:
    """A clone that can be released as it is."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        run("git", "-C", self.root, *identity, *arguments)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")

    def change(self, path: str, pattern: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        changed, times = re.subn(pattern, new, text, flags=re.MULTILINE | re.DOTALL)
        assert times, f"{pattern} is not in {path}"
        (self.root / path).write_text(changed, "utf-8")

    def said(self, *names: str) -> tuple[str, str]:
        """What stands in the way, and what was said beside it, by the named checks or by all."""
        release = release_check.Release(self.root, release_check.claimed(self.root))
        checks = [check for check in release_check.CHECKS if not names or check.__name__ in names]
        found = [found for check in checks for found in check(release)]
        problems, notes = (
            "\n".join(one.said for one in found if one.stops is stops) for stops in (True, False)
        )
        return problems, notes


@pytest.fixture
def clone(tmp_path: Path, distributions: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    root = tmp_path / "clone"
    shutil.copytree(ROOT / "wrapper", root / "wrapper", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(distributions, root / "dist")
    for name in (".gitignore", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    (root / CHANGELOG).write_text("# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-11-25\n\n- All of it.\n")
    (root / "site").mkdir()
    (root / "site" / "index.html").write_text("<title>earthengine-export 0.1.0</title>")
    monkeypatch.setattr(release_check, "pythons", lambda: dict.fromkeys(("3.11", "3.12", "3.13"), Path()))
    made = Clone(root)
    made.git("init", "--quiet")
    made.commit()
    return made


def test_what_is_ready_is_said_to_be(clone: Clone) -> None:
    problems, notes = clone.said()
    assert not problems
    public = {name for name in dir(eex) if name[0] != "_"} - {"errors"}  # which is a module
    assert f"{len(public)} public names; there is no tag to compare them with" in notes
    assert "git tag v0.1.0" in notes


def remove_a_name(clone: Clone) -> None:
    clone.git("tag", "v0.0.9")
    clone.change("wrapper/earthengine_export/image_export.py", r"def with_request_id\(", "def with_id(")
    clone.change(VERSION, r"0\.1\.0", "0.0.10")


@pytest.mark.parametrize(
    ("check", "change", "words"),
    [
        (
            "changelog",
            lambda c: c.change(CHANGELOG, "## Unreleased\n", "## Unreleased\n- New.\n"),
            "under Unreleased",
        ),
        (
            "changelog",
            lambda c: c.change(CHANGELOG, r"## 0\.1\.0 - 2026-11-25", "## 0.0.9"),
            "a section ## 0.1.0",
        ),
        ("changelog", lambda c: c.change(CHANGELOG, " - 2026-11-25", ""), "has no date"),
        ("version", lambda c: c.change(VERSION, r"0\.1\.0", "0.1.0-beta"), "is written 0.1.0b0"),
        ("version", lambda c: c.change(VERSION, r"0\.1\.0", "next"), "no version by PEP 440"),
        ("tag", lambda c: (c.root / INIT).write_text(""), "not committed"),
        ("version", lambda c: c.git("tag", "v0.2.0"), "not newer than v0.2.0"),
        ("tag", lambda c: (c.git("tag", "v0.1.0"), c.commit()), "v0.1.0 is another commit"),
        ("distributions", lambda c: (c.root / "dist" / "more.whl").touch(), "dist/ holds"),
        ("site", lambda c: (c.root / "site" / "index.html").unlink(), "make docs"),
        ("site", lambda c: (c.root / "site" / "index.html").write_text("0.0.9"), "site/ is not of 0.1.0"),
        (
            "classifiers",
            lambda c: c.change("pyproject.toml", r"Python :: 3\.13", "Python :: 3.29"),
            "tried: Python 3.29",
        ),
        ("names", remove_a_name, "ImageExport.with_request_id"),
    ],
)
def test_what_stands_in_the_way_is_named(
    clone: Clone, check: str, change: Callable[[Clone], object], words: str
) -> None:
    change(clone)
    assert words in clone.said(check)[0]


def test_what_breaks_may_break_in_a_minor_version_of_0(clone: Clone) -> None:
    remove_a_name(clone)
    clone.change(VERSION, r"0\.0\.10", "0.1.0")
    clone.commit()
    problems, notes = clone.said("names")
    assert not problems
    assert "compared with v0.0.9: 1 break" in notes


def test_the_pythons_of_this_machine_are_found() -> None:
    found = pythons()
    assert found
    for version, path in found.items():
        assert run(path, "-V").startswith(f"Python {version}.")
