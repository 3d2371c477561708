"""The reference and the tables are complete."""

from __future__ import annotations

import re
from pathlib import Path

import earthengine_export as eex
from earthengine_export.rest import UNIONS
from tests.docs.pages import ROOT

DOCS = ROOT / "docs"


def test_every_public_name_is_in_the_reference() -> None:
    text = "".join(page.read_text("utf-8") for page in (DOCS / "reference").glob("*.md"))
    listed = set(re.findall(r"^\.\. auto\w+:: earthengine_export\.(\w+)$", text, re.MULTILINE))
    assert listed == {name for name in dir(eex) if name not in ("__version__", "errors")}


def test_every_page_is_on_the_site() -> None:
    trees = {
        index: re.findall(r"```{toctree}\n(.*?)```", index.read_text("utf-8"), re.DOTALL)
        for index in (DOCS / "index.md", DOCS / "reference" / "index.md")
    }
    linked = {
        (index.parent / f"{line}.md").resolve()
        for index, found in trees.items()
        for line in "\n".join(found).splitlines()
        if line and line[0] != ":"
    }
    assert {page.resolve() for page in DOCS.rglob("*.md")} - linked == {Path(DOCS / "index.md").resolve()}


def test_every_union_is_in_the_table() -> None:
    text = (DOCS / "unions.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")][2:]
    listed = {(row[0], row[1]): row[2].split(", ") for row in rows}
    assert listed == {
        (kind, union): list(names) for kind, unions in UNIONS.items() for union, names in unions.items()
    }


def test_behind_each_yes_of_the_comparison_is_a_test() -> None:
    rows = [line for line in (DOCS / "comparison.md").read_text("utf-8").splitlines() if "| yes | " in line]
    ours = [row for row in rows if row.split(" | ")[1] == "yes"]
    assert len(ours) > 10
    for row in ours:
        (named,) = re.findall(r"`(tests/[^`]+)`", row)
        path, _, name = named.partition("::")
        text = (ROOT / path).read_text("utf-8")
        assert f"def {name or 'test_'}" in text, named
