"""Write what docs/faults.md and docs/errors.md say from the policy table and from the error classes.

    python tools/fault_docs.py [--check]

The table stands between two marks in docs/faults.md; docs/errors.md is written whole.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path

from earthengine_export import errors
from earthengine_export._connect.faults import POLICY
from earthengine_export.rest import ApiMethod

DOCS = Path(__file__).parent.parent / "docs"
METHODS: tuple[ApiMethod, ...] = ("export", "get", "list", "wait", "cancel", "delete", "token")
_BETWEEN = re.compile(r"(?<=<!-- policy -->\n).*?(?=<!-- end of policy -->)", re.DOTALL)


def policy_table() -> str:
    """The policy as a Markdown table: methods with the same action share a cell's words."""
    lines = ["| fault | covers | what is done | may exist | why |", "| --- | --- | --- | --- | --- |"]
    for rule in POLICY.values():
        cells: dict[str, list[str]] = {}
        for method in METHODS:
            cells.setdefault(rule.in_words(method), []).append(method)
        most = max(cells, key=lambda words: len(cells[words]))
        done = [most, *(f"{', '.join(cells[words])}: {words}" for words in cells if words != most)]
        covers = ", ".join(words for words in rule.covers if words != rule.fault)
        exists = "yes" if rule.may_exist else "no"
        lines.append(f"| {rule.fault} | {covers} | {'<br>'.join(done)} | {exists} | {rule.reason} |")
    return "\n".join(lines) + "\n"


def error_classes() -> list[type[errors.EarthEngineError]]:
    """The public error classes, in the order of the tree."""
    tree = re.findall(r"^(?:[ │]*[├└]── | {4})(\w+)", str(errors.__doc__), re.MULTILINE)
    return [getattr(errors, name) for name in tree]


def errors_page() -> str:
    """All of docs/errors.md."""
    tree = inspect.cleandoc(str(errors.__doc__)).split("\n\n")
    parts = ["# Errors", tree[0], f"```\n{inspect.cleandoc(tree[1])}\n```", tree[2].strip()]
    parts.append("This page is written by `tools/fault_docs.py` from the classes.")
    for cls in error_classes():
        said, _, attributes = inspect.cleandoc(str(cls.__doc__)).partition("\n\nAttributes:\n")
        parents = [base.__name__ for base in cls.__mro__[1:] if base.__name__[0] != "_"]
        kind = f"\n\nA kind of {', '.join(parents[: parents.index('Exception')])}."
        parts.append(f"## {cls.__name__}" + (kind if parents[0] != "Exception" else ""))
        parts.append(said)
        items = re.sub(r"\n {8,}", " ", attributes).splitlines()
        parts += [
            "\n".join(f"- `{name.strip()}`:{text}" for name, _, text in (i.partition(":") for i in items))
        ]
        if cls._cure:
            parts.append(f"What to do, as its text says: {cls._cure}")
    return "\n\n".join(filter(None, parts)) + "\n"


def main() -> int:
    """Write both pages, or say which are not as they should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a page is out of date"
    )
    check = parser.parse_args().check
    faults, pages = DOCS / "faults.md", {}
    pages[faults] = _BETWEEN.sub(lambda _: policy_table(), faults.read_text("utf-8"))
    pages[DOCS / "errors.md"] = errors_page()
    stale = [page for page, text in pages.items() if not page.exists() or page.read_text("utf-8") != text]
    for page in stale:
        if check:
            print(f"{page} is out of date: run python tools/fault_docs.py")
        else:
            page.write_text(pages[page], "utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
