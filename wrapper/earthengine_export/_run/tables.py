"""Operations as a small HTML table, for notebooks."""

from collections.abc import Iterable
from html import escape

from .watched import Watched

_HEAD = ("description", "state", "progress", "attempt", "result", "name")


def as_table(operations: Iterable[tuple[Watched, object]], caption: str) -> str:
    """A row for each operation, as it was last seen, with an error that is said in place of its own."""
    rows = [_HEAD, *(_row(operation, error) for operation, error in operations)]
    cells = ["".join(f"<td>{escape(text)}</td>" for text in row) for row in rows]
    cells[0] = cells[0].replace("td>", "th>")
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><caption>{escape(caption)}</caption>{body}</table>"


def _row(operation: Watched, error: object) -> tuple[str, ...]:
    last = operation.last
    failure = error or (last.error.message if last.error else "")
    result = str(failure) if failure else " ".join(last.destination_uris)
    return last.description, last.state, f"{last.progress:.0%}", str(last.attempt or ""), result, last.name
