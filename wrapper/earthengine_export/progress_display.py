"""Progress for people: bars in terminals and notebooks, a line now and then everywhere else."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple, Self

from ._errors.root import harmless
from ._extras import how_to_install
from ._files.told import DownloadProgress
from .operation_state import OperationState

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.text import Text

    from .operations import AsyncOperation, Operation


def progress(
    title: str | None = None,
    *,
    total: int | None = None,
    each: bool | None = None,
    console: Console | None = None,
) -> ProgressDisplay:
    """Show people how exports get on, while a `with` block waits for them.

    with eex.progress() as progress:
        operation.wait(on_update=progress)

    In a terminal, and in a notebook that has ipywidgets, these are bars that move, as many as the screen
    holds; anywhere else, such as in the log of a job, a line is printed when the state, the attempt, or the
    tens of percent change.

    Args:
        title: What the exports are together, such as "300 tiles": they then share one bar. By default there
            is a bar for each.
        total: How many exports the shared bar stands for. Default: those that it was told of so far.
        each: Whether each export has a bar below the shared one, too; in a log, a line where it fails.
            Default: where there is no title.
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
    return ProgressDisplay(title, console or StandardConsole(stderr=True), total=total, each=each)


class ProgressDisplay:
    """An `on_update` that shows what it is called with; made by `progress`.

    It may be given to several waits, from several threads too.
    """

    def __init__(
        self,
        title: str | None,
        console: Console,
        clock: Callable[[], float] = time.monotonic,
        *,
        total: int | None = None,
        each: bool | None = None,
    ) -> None:
        """See `progress`."""
        self._title, self._total = title, total
        self._has_each = title is None if each is None else each
        self._lock = RLock()
        self._seen: dict[str, OperationState] = {}  # by name
        self._ended: set[str] = set()
        self._states: Counter[str] = Counter()
        self._parts = 0.0  # the sum over all operations
        self._rounds = 0  # that are under way
        can_draw = find_spec("ipywidgets") is not None if console.is_jupyter else console.is_interactive
        self._shown: _Bars | _Lines = _Bars(console, clock) if can_draw else _Lines(console, clock)

    def __call__(self, operation: Operation | AsyncOperation | DownloadProgress) -> None:
        """Show what is now known of an operation, or of a download, which has a bar of its own."""
        with self._lock:
            if isinstance(operation, DownloadProgress):
                self._show_download(operation)
                return
            last = operation.last
            if self._title is not None:
                self._note(last)
            if self._title is None or (self._has_each and (isinstance(self._shown, _Bars) or last.error)):
                self._show_one(last)
            if self._title is not None and not self._rounds:
                self._show_all(self._title)

    def _show_download(self, now: DownloadProgress) -> None:
        label, key = f"{harmless(now.label)}, download", f"{now.operation} files"
        self._shown.show(key, label, str(now), now.progress, now.files_done, ended=now.done)

    @contextmanager
    def round(self) -> Iterator[None]:
        """While many are told of at one time: they are shown when the states are of one moment."""
        with self._lock:
            self._rounds += 1
            self._shown.is_held = True
        try:
            yield
        finally:
            with self._lock:
                self._rounds -= 1
                self._shown.is_held = self._rounds > 0
                if self._title is not None and self._seen and not self._rounds:
                    self._show_all(self._title)

    def _show_one(self, last: OperationState) -> None:
        text = _word(last) + (f", attempt {last.attempt}" if last.attempt > 1 else "")
        why = last.error.message if last.error else ""
        if why.rstrip(".").upper() not in {"", last.state}:
            text += f": {harmless(why)}"
        label = harmless(last.description or last.id)
        self._shown.show(last.name, label, text, last.progress, text, ended=last.done)

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
        total = max(self._total or 0, len(self._seen))
        to_come = total - len(self._seen)
        ended = len(self._ended) == total
        text = _counted(self._states) + (f", {to_come} to come" if to_come else "")
        if not self._total and text.endswith((" PENDING", " asking")) and "," not in text:
            text = text.partition(" ")[2]  # it is not known how many there will be
        bad = self._states["FAILED"], self._states["CANCELLED"]
        part = 1.0 if ended else self._parts / total
        self._shown.show("", title, text, part, bad, ended=ended)

    def __enter__(self) -> Self:
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.stop()


# What is shown first where there are more than a screen holds.
_RANK = {"RUNNING": 0, "CANCELLING": 0, "FAILED": 0, "PENDING": 2, "asking": 2, "SUCCEEDED": 3}
_STYLES = {"SUCCEEDED": "green", "FAILED": "red"}  # readable on light and on dark


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


class _Row(NamedTuple):
    """A bar."""

    label: str
    text: str
    part: float
    began: float
    ended: float | None

    @property
    def word(self) -> str:
        """The state."""
        return self.text.partition(":")[0].partition(",")[0]


class _Bars:
    """Bars that move; no more of them than the screen has lines, each on a line of its own."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        from rich.live import Live

        self.is_held = False  # while states of different moments are there
        self._console, self._clock = console, clock
        self._rows: dict[str, _Row] = {}
        self._drawn: list[tuple[str, _Row]] = []
        # What goes to a file or a pipe must not end up on the screen.
        redirected = [
            console.is_jupyter or bool(stream and stream.isatty()) for stream in (sys.stdout, sys.stderr)
        ]
        self._live = Live(
            console=console,
            get_renderable=self._screen,
            redirect_stdout=redirected[0],
            redirect_stderr=redirected[1],
        )

    def start(self) -> None:
        self._live.start(refresh=True)

    def stop(self) -> None:
        self._live.stop()

    def show(self, key: str, label: str, text: str, part: float, _: object, *, ended: bool) -> None:
        now, before = self._clock(), self._rows.get(key)
        end = None if not ended else before.ended if before and before.ended is not None else now
        label, text = " ".join(label.split()), " ".join(text.split())  # a line each
        self._rows[key] = _Row(label, text, part, before.began if before else now, end)

    def _screen(self) -> Group:
        """The screen, as it was at one moment."""
        from rich.console import Group

        if not self.is_held:
            self._drawn = list(self._rows.items())
        width, room = self._console.width - 3, max(3, self._console.height - 2)
        ranked = sorted(self._drawn, key=lambda one: (one[0] != "", _RANK.get(one[1].word, 1)))
        keys = {key for key, _ in ranked[:room]}
        rest = Counter(row.word for _, row in ranked[room:])
        rows = [row for key, row in self._drawn if key in keys and key]
        names = max((len(row.label) for row in rows), default=0)
        lines = [self._line(row, names, width) for row in rows]
        if "" in keys:
            lines.insert(0, self._line(ranked[0][1], len(ranked[0][1].label), width))
        if rest:
            lines.append(self._text(f"… and {rest.total()} more: {_counted(rest)}"))
        return Group(*lines)

    def _line(self, row: _Row, names: int, width: int) -> Text:
        """A row: its name, a bar, the percent, the state and what else is to say, the time."""
        bar = min(40, max(8, width // 8))
        names = max(3, min(names, (width + 3) // 3))
        is_bad = row.word == "FAILED"
        room = width - names - bar - len("  100%  00:00:00")
        texts = max(1, room + (bar + 1 if is_bad else 0))  # the reason is worth more than a bar
        sign = "-" if self._console.options.ascii_only else "━"
        filled = "" if is_bad else f"{sign * round(bar * row.part):<{bar}} "
        text = row.text if len(row.text) <= texts else f"{row.text[: texts - 1]}…"
        seconds = int((self._clock() if row.ended is None else row.ended) - row.began)
        line = self._text(f"{cut(row.label, names):<{names}} ")
        line.append(filled, "green" if row.text == "SUCCEEDED" else "")
        line.append(f"{row.part:>4.0%} ")
        line.append(f"{text:<{texts}}", _STYLES.get(row.word, ""))
        return line.append(f" {seconds // 3600:>2}:{seconds // 60 % 60:02}:{seconds % 60:02}")

    @staticmethod
    def _text(text: str) -> Text:
        from rich.text import Text

        return Text(text, no_wrap=True, overflow="ellipsis")


class _Lines:
    """A line when something that matters has changed, and one at the end for what is new since the last."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self.is_held = False  # lines of a set are printed after a round; others tell of one export each
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
        line = self._latest[key] = f"{label}: {text.removesuffix('.')}, {part:.0%}"
        now = (matters, int(part * 10), ended)
        if key not in self._printed or self._printed[key][0] != now:
            self._printed[key] = now, line
            self._print(line)

    def _print(self, line: str) -> None:
        elapsed = timedelta(seconds=int(self._clock() - self._began))
        self._console.print(f"{elapsed} {line}", markup=False, highlight=False, soft_wrap=True)
