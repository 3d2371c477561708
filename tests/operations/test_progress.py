"""What people see while they wait."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

import earthengine_export as eex
from earthengine_export import progress_display
from earthengine_export.operation_state import OperationState
from tests.operations.conftest import Scene

FAILURE = {"error": {"code": 3, "message": "Export too large"}}


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    with io.StringIO() as stream:
        yield stream


def terminal(out: io.StringIO) -> Console:
    return Console(file=out, force_terminal=True, width=110, color_system=None, _environ={"TERM": "xterm"})


def last_lines(out: io.StringIO, number: int) -> list[str]:
    """What remains on the terminal when all is over."""
    written = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "\n", out.getvalue())
    return [line for line in written.splitlines() if line][-number:]


def log_file(out: io.StringIO) -> Console:
    return Console(file=out, width=40)


def handle(name: str = "A", done: bool = False, **metadata: Any) -> Any:
    reply = {"name": f"projects/p/operations/{name}", "done": done, "metadata": metadata}
    return eex.Operation(OperationState.from_dict(reply))


def test_a_bar_for_each_in_a_terminal(scene: Scene, out: io.StringIO) -> None:
    good, bad = scene.start(), scene.start(outcome=FAILURE)
    scene.emulator.script(bad.id, reply={"metadata": {"description": "[red]bad", "attempt": 3}})
    with eex.progress(console=terminal(out)) as progress:
        outcomes = scene.wait_all([good, bad], on_update=progress)
    assert isinstance(outcomes[1].error, eex.OperationFailed)
    last = last_lines(out, 2)
    assert [line.split()[0] for line in last] == ["dem", "[red]bad"]
    assert "100%" in last[0]
    assert "SUCCEEDED" in last[0]
    assert "FAILED, attempt 3" in last[1]
    assert all("0:00:0" in line for line in last)


def test_one_bar_for_a_set(scene: Scene, out: io.StringIO) -> None:
    done = scene.wait(scene.start())  # all that is known at first has ended; more is to come
    operations = [done, *(scene.start() for _ in range(8)), scene.start(outcome=FAILURE)]
    with eex.progress("ten tiles", console=terminal(out)) as progress:
        scene.wait_all(operations, on_update=progress)
    (last,) = last_lines(out, 1)
    assert last.startswith("ten tiles")
    assert "100%" in last
    assert "9 SUCCEEDED, 1 FAILED" in last


def test_sparse_lines_without_a_terminal(scene: Scene, out: io.StringIO) -> None:
    display = progress_display.ProgressDisplay(None, log_file(out), clock=scene.clock.monotonic)
    with display as progress:
        scene.wait(scene.start(), on_update=progress, polling=eex.Polling(initial=1, maximum=1))
    lines = out.getvalue().splitlines()
    assert scene.count("get") > 90
    assert lines[:3] == ["0:00:00 dem: PENDING, 0%", "0:00:10 dem: RUNNING, 0%", "0:00:20 dem: RUNNING, 10%"]
    assert lines[-2:] == ["0:01:40 dem: RUNNING, 90%", "0:01:50 dem: SUCCEEDED, 100%"]
    assert len(lines) == 12


def test_sparse_lines_for_a_set(scene: Scene, out: io.StringIO) -> None:
    operations = [scene.start() for _ in range(300)]
    scene.emulator.script(operations[0].id, outcome=FAILURE)
    display = progress_display.ProgressDisplay("300 tiles", log_file(out), clock=scene.clock.monotonic)
    with display as progress:
        scene.wait_all(operations, on_update=progress, polling=eex.Polling(initial=10))
    lines = out.getvalue().splitlines()
    assert lines[0] == "0:00:00 300 tiles: PENDING, 0%"
    assert "300 RUNNING, 15%" in lines[1]
    assert lines[-1].startswith("0:02:17 ")
    assert re.search("299 SUCCEEDED.*, 100%", lines[-1])
    assert "1 FAILED" in lines[-1]
    assert len(lines) <= 14


def test_only_changes_that_matter_make_a_line(out: io.StringIO) -> None:
    progress = progress_display.ProgressDisplay(None, log_file(out), clock=lambda: 0.0)
    changes: list[dict[str, Any]] = [
        {"state": "RUNNING", "progress": 0.11, "attempt": 1},
        {"state": "RUNNING", "progress": 0.19, "attempt": 1},
        {"state": "RUNNING", "progress": 0.19, "attempt": 1, "stages": [{"displayName": "x"}]},
        {"state": "RUNNING", "progress": 0.2, "attempt": 1},
        {"state": "RUNNING", "progress": 0.2, "attempt": 2},
        {"state": "CANCELLING", "progress": 0.2, "attempt": 2},
    ]
    for metadata in changes:
        progress(handle(**metadata))
    assert out.getvalue().splitlines() == [
        "0:00:00 A: RUNNING, 11%",
        "0:00:00 A: RUNNING, 20%",
        "0:00:00 A: RUNNING, attempt 2, 20%",
        "0:00:00 A: CANCELLING, attempt 2, 20%",
    ]


def test_the_end_tells_what_is_new_since_the_last_line(out: io.StringIO) -> None:
    with progress_display.ProgressDisplay("tiles", log_file(out), clock=lambda: 0.0) as progress:
        for name in "ABC":
            progress(handle(name, done=True, state="SUCCEEDED"))
        assert out.getvalue() == "0:00:00 tiles: 1 SUCCEEDED, 100%\n"
    assert out.getvalue().splitlines()[1:] == ["0:00:00 tiles: 3 SUCCEEDED, 100%"]


def test_long_names_stay_on_their_line(out: io.StringIO) -> None:
    progress = progress_display.ProgressDisplay(None, log_file(out), clock=lambda: 0.0)
    progress(handle(description="[bold]" + "x" * 100))
    assert out.getvalue() == f"0:00:00 [bold]{'x' * 100}: asking, 0%\n"


@pytest.mark.parametrize("widgets", [True, False])
def test_notebooks(widgets: bool, monkeypatch: pytest.MonkeyPatch, out: io.StringIO) -> None:
    """Bars need ipywidgets there; without it rich would warn and show nothing."""
    monkeypatch.setattr(progress_display, "find_spec", lambda _: object() if widgets else None)
    display = progress_display.ProgressDisplay(None, Console(file=out, force_jupyter=True))
    assert isinstance(display._shown, progress_display._Bars if widgets else progress_display._Lines)


def test_by_default_people_read_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with eex.progress() as progress:
        progress(handle(state="RUNNING", progress=0.5))
    assert capsys.readouterr() == ("", "0:00:00 A: RUNNING, 50%\n")


def test_the_package_does_without_rich() -> None:
    code = "import sys; sys.modules['rich'] = None; import earthengine_export"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_rich_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "rich"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "rich", None)
    with pytest.raises(ImportError, match=r'pip install .*"[^"]*\[progress\]"'):
        eex.progress()


def test_sixty_stay_on_one_screen(scene: Scene, out: io.StringIO) -> None:
    """Long names that differ at their ends, on a terminal of 80 columns and 24 lines."""
    console = Console(file=out, force_terminal=True, width=80, height=24, color_system=None)
    with eex.progress(console=console) as progress:
        for number in range(60):
            state = "FAILED" if number == 59 else "RUNNING" if number % 3 else "PENDING"
            progress(
                handle(f"A{number}", state == "FAILED", state=state, progress=0.5, attempt=1,
                       description=f"sentinel-2-mosaic-of-northern-california-2026-tile-{number:02}")
            )  # fmt: skip
        out.seek(0)
        out.truncate(0)
    lines = [line.rstrip() for line in last_lines(out, 24)]
    assert len(lines) == 23
    assert re.fullmatch(r"… and 38 more: .*PENDING.*", lines[-1])
    assert all(len(line) <= 80 for line in lines)
    for line in lines[:-1]:
        assert re.search(r"^sentinel-2-m…-2026-tile-\d\d .*% (RUNNING|FAILED)", line)


def test_the_reason_of_a_failure(scene: Scene, out: io.StringIO) -> None:
    with eex.progress(console=log_file(out)) as progress:
        scene.wait_all([scene.start(outcome=FAILURE)], on_update=progress)
    assert "FAILED: Export too large" in out.getvalue().splitlines()[-1]


def test_one_line_each_poll_with_states_of_one_moment(scene: Scene, out: io.StringIO) -> None:
    operations = [scene.start(run_seconds=50 + 10 * number) for number in range(20)]
    display = progress_display.ProgressDisplay("20 tiles", log_file(out), clock=scene.clock.monotonic)
    with display as progress:
        scene.wait_all(operations, on_update=progress, polling=eex.Polling(initial=10, maximum=10))
    lines = out.getvalue().splitlines()
    assert len({line.split()[0] for line in lines}) == len(lines)
    for line in lines[1:]:
        counts = [int(number) for number in re.findall(r"(\d+) [A-Z]+", line)]
        assert sum(counts) == 20


def test_a_set_and_each_of_it_on_one_screen(out: io.StringIO) -> None:
    with eex.progress("tiles", total=40, each=True, console=terminal(out)) as progress:
        for number in range(30):
            progress(handle(f"A{number}", state="RUNNING", progress=0.5, description=f"tile-{number:02}"))
        progress(handle("A0", True, state="FAILED", description="tile-00"))
    lines = last_lines(out, 24)
    assert re.match(r"tiles .* 39% 29 RUNNING, 1 FAILED, 10 to come  ", lines[0])
    assert len(lines) == 24
    assert re.match(r"tile-00 .*FAILED", lines[1])
    assert re.match(r"… and \d+ more: \d+ RUNNING", lines[-1])


def test_a_log_of_a_set_tells_each_that_fails(out: io.StringIO) -> None:
    progress = progress_display.ProgressDisplay("tiles", log_file(out), clock=lambda: 0.0, total=3, each=True)
    with progress.round():
        progress(handle("A", state="RUNNING"))
        reply: dict[str, Any] = {
            "name": "projects/p/operations/B",
            "metadata": {"state": "FAILED", "description": "b"},
        }
        progress(eex.Operation(OperationState.from_dict(reply | FAILURE)))
    assert out.getvalue().splitlines() == [
        "0:00:00 b: FAILED: Export too large, 0%",
        "0:00:00 tiles: 1 RUNNING, 1 FAILED, 1 to come, 33%",
    ]


def test_nothing_is_drawn_between_two_moments(out: io.StringIO) -> None:
    """A screen is drawn by a clock of its own, also while some of a round are told of."""
    with eex.progress(console=terminal(out)) as progress:
        bars = progress._shown
        assert isinstance(bars, progress_display._Bars)
        progress(handle("A", state="PENDING"))
        with progress.round():
            progress(handle("A", state="RUNNING"))
            bars._live.refresh()
            assert "RUNNING" not in out.getvalue()
            progress(handle("B", state="PENDING"))
        bars._live.refresh()
        assert "RUNNING" in out.getvalue()


@pytest.mark.parametrize("columns", [1, 10, 30, 80])
def test_any_width_and_any_text(out: io.StringIO, columns: int) -> None:
    console = Console(file=out, force_terminal=True, width=columns, height=3, color_system=None)
    with eex.progress("ti\ttle\n2", each=True, console=console) as progress:
        for number in range(5):
            progress(handle(f"A{number}", state="RUNNING", description=f"高解像度\n{number} [red]\x1b[31m"))
    assert all(cell_len(line) <= columns for line in last_lines(out, 3))
