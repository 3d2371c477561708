"""Progress for people: bars in terminals and notebooks, a line now and then everywhere else."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from threading import RLock
from typing import TYPE_CHECKING, Self

from ._extras import how_to_install
from ._files.progress import DownloadProgress
from .operation_state import OperationState

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import TaskID

    from .operations import AsyncOperation, Operation


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
            f"eex.progress() needs the package rich: {how_to_install('progress', 'rich')}. "
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
        self._ended: set[str] = set()
        self._states: Counter[str] = Counter()
        self._parts = 0.0  # the sum over all operations
        self._in_round = False
        can_draw = find_spec("ipywidgets") is not None if console.is_jupyter else console.is_interactive
        self._shown: _Bars | _Lines = _Bars(console) if can_draw else _Lines(console, clock)

    def __call__(self, operation: Operation | AsyncOperation | DownloadProgress) -> None:
        """Show what is now known of an operation, or of a download, which has a bar of its own."""
        with self._lock:
            if isinstance(operation, DownloadProgress):
                self._show_download(operation)
            elif self._title is None:
                self._show_one(operation.last)
            else:
                self._note(operation.last)
                if not self._in_round:
                    self._show_all(self._title)

    def _show_download(self, now: DownloadProgress) -> None:
        label, key = f"{now.label}, download", f"{now.operation} files"
        self._shown.show(key, label, str(now), now.progress, now.files_done, ended=now.done)

    @contextmanager
    def round(self) -> Iterator[None]:
        """While many are told of at one time: a set is shown once, when the states are of one moment."""
        self._in_round = True
        try:
            yield
        finally:
            self._in_round = False
            if self._title and self._seen:
                self._show_all(self._title)

    def _show_one(self, last: OperationState) -> None:
        text = _word(last) + (f", attempt {last.attempt}" if last.attempt > 1 else "")
        if last.error is not None and last.error.message:
            text += f": {last.error.message}"
        self._shown.show(last.name, last.description or last.id, text, last.progress, text, ended=last.done)

    def _note(self, last: OperationState) -> None:
        if before := self._seen.get(last.name):
            self._states[_word(before)] -= 1
            self._parts -= _part(before)
        self._seen[last.name] = last
        self._states[_word(last)] += 1
        self._parts += _part(last)
        if last.done:
            self._ended.add(last.name)

    def _show_all(self, title: str) -> None:
        ended = len(self._ended) == len(self._seen)
        text = _counted(self._states)
        if text.endswith((" PENDING", " asking")) and "," not in text:
            text = text.partition(" ")[2]  # it is not known how many there will be
        bad = self._states["FAILED"], self._states["CANCELLED"]
        part = 1.0 if ended else self._parts / len(self._seen)
        self._shown.show("", title, text, part, bad, ended=ended)

    def __enter__(self) -> Self:
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()


# What is shown first where there are more than a screen holds.
_RANK = {"RUNNING": 0, "CANCELLING": 0, "FAILED": 0, "PENDING": 2, "asking": 2, "SUCCEEDED": 3}


def _counted(states: Counter[str]) -> str:
    return ", ".join(f"{number} {word}" for word, number in states.items() if number)


def _word(last: OperationState) -> str:
    return "asking" if last.state == "STATE_UNSPECIFIED" else last.state


def _part(last: OperationState) -> float:
    return 1.0 if last.done else last.progress


def cut(text: str, room: int) -> str:
    """The text in the room there is, without its middle: long names differ at their ends."""
    if len(text) <= room:
        return text
    head = (room - 1) // 2
    return f"{text[:head]}…{text[len(text) - (room - 1 - head) :]}"


class _Bars:
    """Bars that move, by rich; no more of them than the screen has lines."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        class Screen(Progress):
            def get_renderables(self) -> Iterator[RenderableType]:
                room = max(3, console.size.height - 2)
                tasks = sorted(self.tasks, key=lambda one: _RANK.get(one.fields["word"], 1))
                yield self.make_tasks_table(sorted(tasks[:room], key=lambda one: one.id))
                if rest := Counter(one.fields["word"] for one in tasks[room:]):
                    yield f"… and {rest.total()} more: {_counted(rest)}"

        self._width = console.width
        self._progress = Screen(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=max(8, self._width // 8)),
            TaskProgressColumn(),
            TextColumn("{task.fields[text]}", markup=False),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()

    def start(self) -> None:
        self._progress.start()

    def stop(self) -> None:
        self._progress.stop()

    def show(self, key: str, label: str, text: str, part: float, _: object, *, ended: bool) -> None:
        if key in self._ended and not ended:  # a set to which more was added; its time goes on
            self._ended.remove(key)
            self._progress.remove_task(self._tasks.pop(key))
        label, word = cut(label, self._width // 3), text.partition(":")[0].partition(",")[0]
        text = text if len(text) <= self._width // 3 else f"{text[: self._width // 3 - 1]}…"
        if key not in self._tasks:
            self._tasks[key] = self._progress.add_task(label, total=1.0, text=text, word=word)
        self._progress.update(self._tasks[key], description=label, completed=part, text=text, word=word)
        if ended and key not in self._ended:
            self._ended.add(key)
            self._progress.stop_task(self._tasks[key])


class _Lines:
    """A line when something that matters has changed, and one at the end for what is new since the last."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self._console = console
        self._clock = clock
        self._began = clock()
        self._printed: dict[str, tuple[object, str]] = {}  # what mattered in the last line, and that line
        self._latest: dict[str, str] = {}

    def start(self) -> None:
        self._began = self._clock()

    def stop(self) -> None:
        for key, line in self._latest.items():
            if line != self._printed[key][1]:
                self._print(line)

    def show(self, key: str, label: str, text: str, part: float, matters: object, *, ended: bool) -> None:
        line = self._latest[key] = f"{label}: {text}, {part:.0%}"
        now = (matters, int(part * 10), ended)
        if key not in self._printed or self._printed[key][0] != now:
            self._printed[key] = now, line
            self._print(line)

    def _print(self, line: str) -> None:
        elapsed = timedelta(seconds=int(self._clock() - self._began))
        self._console.print(f"{elapsed} {line}", markup=False, highlight=False, soft_wrap=True)
