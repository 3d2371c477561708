"""Progress for people: bars in terminals and notebooks, a line now and then everywhere else."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from importlib.util import find_spec
from threading import RLock
from typing import TYPE_CHECKING, Any, Self

from earthengine_export.operation_state import OperationState

if TYPE_CHECKING:
    from rich.console import Console

    from earthengine_export.operations import Handle


def progress(title: str | None = None, *, console: Console | None = None) -> ProgressDisplay:
    """Show people how exports get on, while a `with` block waits for them.

    with eex.progress() as progress:
        operation.wait(on_update=progress)

    In a terminal, and in a notebook that has ipywidgets, these are bars that move; anywhere else, such as in
    the log of a job, a line is printed when the state, the attempt, or the tens of percent change.

    Args:
        title: What the exports are together, such as "300 tiles": they then share one bar. By default there
            is a bar for each.
        console: The `rich.console.Console` to show it on. By default standard error.

    Raises:
        ImportError: rich is not installed; it is in the extra `progress`.
    """
    try:
        from rich.console import Console as StandardConsole
    except ImportError as error:
        raise ImportError(
            'eex.progress() needs the package rich: pip install "earthengine-export[progress]". '
            "Exports can be waited for without it: pass on_update=print, or nothing.",
            name="rich",
        ) from error
    return ProgressDisplay(title, console or StandardConsole(stderr=True))


class ProgressDisplay:
    """An `on_update` that shows what it is called with; made by `progress`.

    It may be given to several waits, from several threads too.
    """

    def __init__(
        self, title: str | None, console: Console, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """See `progress`."""
        self._title = title
        self._lock = RLock()
        self._seen: dict[str, OperationState] = {}  # by name
        widgets = not console.is_jupyter or find_spec("ipywidgets") is not None
        moves = widgets and (console.is_interactive or console.is_jupyter)
        self._shown: _Bars | _Lines = _Bars(console) if moves else _Lines(console, clock)

    def __call__(self, operation: Handle[Any, Any]) -> None:
        """Show what is now known of an operation."""
        with self._lock:
            self._seen[operation.name] = last = operation.last
            if self._title is None:
                label = last.description or last.id
                self._shown.show(last.name, label, _in_words(last), last.progress, ended=last.done)
                return
            parts = [1.0 if one.done else one.progress for one in self._seen.values()]
            ended = all(one.done for one in self._seen.values())
            self._shown.show(
                "", self._title, _summary(self._seen.values()), sum(parts) / len(parts), ended=ended
            )

    def __enter__(self) -> Self:
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()
