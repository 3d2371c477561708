"""Operations as a small HTML table, for notebooks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from html import escape

from .watched import Watched

_HEAD = ("description", "state", "progress", "attempt", "result", "name")
_LONG = ("result", "name")


def as_table(operations: Iterable[tuple[Watched, object]], caption: str) -> str:
    """A row for each operation, as it was last seen, with an error that is said in place of its own."""
    rows = [_HEAD, *(_row(operation, error) for operation, error in operations)]
    cells = ["".join(map(_cell, _HEAD, row)) for row in rows]
    cells[0] = cells[0].replace("<td", "<th").replace("</td", "</th")
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><caption>{escape(caption)}</caption>{body}</table>"


def _cell(head: str, text: str) -> str:
    """A cell with its text at the left, long texts in several lines: notebooks set it right, and cut it."""
    broken = "; overflow-wrap:anywhere" if head in _LONG else ""
    return f'<td style="text-align:left{broken}">{escape(text)}</td>'


def show_lists() -> None:
    """Let the notebook that this runs in, if any, show lists of operations as tables; other lists as before.

    A list is Python's own and has no say in how it is shown. What somebody else has set for it is left.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        formatter = shell.display_formatter.formatters["text/html"]
        if list not in formatter.type_printers:
            formatter.for_type(list, _as_list)


def _as_list(items: Sequence[object]) -> str | None:
    """The table, or None for a list of nothing or of anything else; kinds of lists may have their own."""
    if own := getattr(items, "_repr_html_", None):
        return str(own())
    operations = [(item, None) for item in items if isinstance(item, Watched)]
    whole = operations and len(operations) == len(items)
    return as_table(operations, f"{len(items):,} operations") if whole else None


def _row(operation: Watched, error: object) -> tuple[str, ...]:
    last = operation.last
    failure = error or (last.error.message if last.error else "")
    result = str(failure) if failure else " ".join(last.destination_uris)
    return last.description, last.state, f"{last.progress:.0%}", str(last.attempt or ""), result, last.name
