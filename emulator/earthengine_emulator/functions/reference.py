"""The table of functions as Markdown: the names by subject."""

from itertools import groupby

from earthengine_emulator.functions import SUBJECTS
from earthengine_emulator.functions.table import Function


def names() -> str:
    """A line for each subject, with the names of its functions."""
    return "\n".join(f"- **{subject}**: {_listed(rows)}" for subject, rows in SUBJECTS.items())


def _listed(rows: list[Function]) -> str:
    ordered = sorted(
        (row.name.rpartition(".")[::2] for row in rows), key=lambda pair: (pair[0], pair[1].lower())
    )
    parts = []
    for prefix, group in groupby(ordered, key=lambda pair: pair[0]):
        found = ", ".join(name for _, name in group)
        parts.append(f"`{prefix}.` {found}" if prefix else found)
    return "; ".join(parts)
