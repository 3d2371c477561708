"""What a terminal shows of sixty exports with long names, in columns that are few and many."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.cli.conftest import Line, Terminal

NAME = "sentinel-2-mosaic-of-northern-california-2026-summer-tile-{:04}"
REASON = "Export too large: specified 123456789 pixels (max: 100000000)."
BAR = re.compile(r"\d+% ")


def of_sixty(line: Line) -> None:
    """A file of sixty exports, of which six fail."""
    rows = [f"{NAME.format(n)},{NAME.format(n)},USGS/SRTMGL1_003,gs://my-bucket/{n}" for n in range(60)]
    (line.folder / "sixty.csv").write_text("\n".join(["key,description,source,to", *rows]))
    for number in range(60):
        failure: dict[str, Any] = (
            {"outcome": {"error": {"code": 3, "message": REASON}}} if number % 10 == 7 else {}
        )
        line.emulator.script(run_seconds=200 + 10 * number, **failure)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 50)])
def test_sixty_exports_stay_one_screen(line: Line, columns: int, rows: int) -> None:
    of_sixty(line)
    terminal = Terminal(line, "batch", "sixty.csv", "--journal", "j.sqlite", columns=columns, rows=rows)
    assert terminal.code == 1
    assert len(terminal.out.splitlines()) == 60
    drawn = [frame for frame in terminal.frames if frame[0].startswith("sixty.csv ")]
    assert len(drawn) > 2
    for frame in drawn:
        bars = [text for text in frame if BAR.search(text)]
        assert len(bars) <= rows - 2
        assert all(re.search(r" \d+:\d\d:\d\d$", text) for text in bars), "none wraps"
        assert all(re.match(r"\S+-tile-\d{4} ", text) for text in bars[1:]), (
            "the number that tells tiles apart"
        )
        counted = [int(number) for number in re.findall(r"(\d+) (?:[A-Z]{3,}|asking|to come)", bars[0])]
        assert sum(counted) == 60 or bars[0].find("…") > 0, "states of one moment"
    everything = "\n".join(terminal.scrolled + terminal.screen)
    assert everything.count("FAILED: Export too large: spec") == 6
    assert re.search(r"… and \d+ more: \d+ SUCCEEDED", everything)
    assert not [text for text in terminal.scrolled if "RUNNING" in text or "PENDING" in text], (
        "no bar scrolls"
    )
    assert everything.count("sixty.csv ") == 1


def test_a_table_is_as_wide_as_the_terminal(line: Line) -> None:
    line.export(NAME.format(7), outcome={"error": {"code": 3, "message": REASON}})
    line.export(NAME.format(8))
    narrow = [text for text in on_screen(line, 80) if text]
    assert len(narrow) == 4
    assert re.match(r"\w{24}  SUCCEEDED  100%  sentinel…ile-0008  20\d\d-\d\d-\d\d ", narrow[1])
    assert re.match(r"\w{24}  FAILED .*  sentinel…ile-0007  ", narrow[2])
    assert narrow[3] == f"  {REASON}"
    wide = [text for text in on_screen(line, 240) if text]
    assert len(wide) == 3
    assert wide[2].endswith(REASON)
    assert NAME.format(7) in wide[2]


def on_screen(line: Line, columns: int) -> list[str]:
    return Terminal(line, "ops", "list", columns=columns, is_all=True).screen
