"""Tables for people, as wide as their terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import typer

from .._errors.root import harmless

_LEAST = 8  # characters that a cell keeps of its text
_STYLES = {"SUCCEEDED": "green", "FAILED": "red"}


def print_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    cut: Collection[str] = (),
    right: Collection[str] = (),
) -> None:
    """Print a table; its last column is a remark, which stands below its row where a terminal is narrow.

    Args:
        heads: The names of the columns.
        rows: The cells.
        cut: The columns whose texts lose their middle where a terminal is narrow.
        right: The columns of numbers.
    """
    from rich.console import Console
    from rich.text import Text

    from ..progress_display import cut as without_middle

    console, cells = Console(highlight=False), [list(map(harmless, row)) for row in rows]
    columns = range(len(heads) - 1)
    widths = [max([len(heads[at]), *(len(row[at]) for row in cells)]) for at in columns]
    remark = max((len(row[-1]) for row in cells), default=0)
    is_below = False
    if console.is_terminal:
        flexible = sorted((at for at in columns if heads[at] in cut), key=widths.__getitem__)
        room = console.width - sum(widths) - 2 * len(columns) + sum(widths[at] for at in flexible)
        is_below = remark > room - sum(widths[at] for at in flexible)
        for rank, at in enumerate(flexible):
            widths[at] = max(_LEAST, min(widths[at], room // (len(flexible) - rank)))
            room -= widths[at]
    with console.capture() as printed:
        for row in [list(heads), *cells]:
            shown = [without_middle(text, width) for text, width in zip(row, widths, strict=False)]
            line = Text("  ").join(
                Text(text.rjust(width) if head in right else text.ljust(width), _STYLES.get(text, ""))
                for head, text, width in zip(heads, shown, widths, strict=False)
            )
            if row[-1] and not is_below:
                line.append(f"  {row[-1]}")
            line.rstrip()
            console.print(line, soft_wrap=True)
            if row[-1] and is_below and row in cells:
                console.print(Text(f"  {row[-1]}"), no_wrap=True, overflow="ellipsis")
    typer.echo(printed.get(), nl=False)  # which rich would turn into an exit where the pipe is closed
