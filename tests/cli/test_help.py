"""The example of each command's help runs as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from earthengine_emulator import Emulator
from earthengine_export.cli.app import app
from tests.cli.conftest import IMAGE, Line
from tests.emulator.conftest import write_dem

# Commands whose example is left for the last: they take away what others need.
LAST = ("ops cancel", "ops delete")


@pytest.fixture
def computing(line: Line) -> Iterator[Line]:
    """With an emulator that writes files."""
    write_dem(line.folder / "assets" / "USGS" / "SRTMGL1_003.tif")
    with Emulator(line.folder / "assets", line.folder / "output", speed=100) as emulator:
        there = Line(emulator, line.folder)
        region = ("--region", "-84.40", "36.46", "-84.30", "36.56", "--scale", "300", "--wait")
        assert there(*IMAGE, *region).code == 0
        there.export("dem-2", run_seconds=1e9)
        row = "dem-3,USGS/SRTMGL1_003,gs://my-bucket/tiles/3,-84.40 36.46 -84.30 36.56,300"
        (there.folder / "tiles.csv").write_text(f"description,source,to,region,scale\n{row}\n")
        yield there


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The help of a command, read in this process, which saves the start of one for each."""

    def told(*words: str) -> str:
        app([*words, "--help"], prog_name="earthengine-export", standalone_mode=False)
        return capsys.readouterr().out

    return told


def commands(told: Callable[..., str], *group: str) -> Iterator[str]:
    """The names of all commands, as the help tells them."""
    listed = told(*group).partition("\nCommands:\n")[2].partition("\n\n")[0]
    for name in re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE):
        if name == "ops":
            yield from commands(told, *group, name)
        else:
            yield " ".join((*group, name))


def test_each_example_runs(computing: Line, told: Callable[..., str]) -> None:
    names = list(commands(told))
    assert len(names) > 12
    for name in sorted(names, key=LAST.__contains__):
        text = told(*name.split())
        assert not re.search(r"--[A-Z]|<str>", text), "a metavar that equals its option's name renames it"
        example = re.split(r"\n *Example:\n", text)[1]
        lines = re.sub(r"\\\n\s+", "", example).strip().splitlines()
        assert lines, name
        for text in map(str.strip, lines):
            assert text.startswith(f"earthengine-export {name}"), text
            if name == "emulator":
                text = f"timeout --signal INT 5 {text.replace('8085', '0')} | head -1"
            if name == "ops wait":
                text = text.replace("3600", "0.1") + " || test $? = 5"  # one of them runs for ever
            done = computing.shell(text)
            assert done.code == 0, (text, done)
            assert done.out or name == "batch-retry", text
    assert (computing.folder / "results" / "dem.tif").is_file()


def test_the_first_lines(line: Line) -> None:
    told = line("--help")
    assert (told.code, told.err) == (0, "")
    assert max(map(len, told.lines[:-1])) <= 80
    assert line().code == 2
    assert line().err.splitlines() == told.lines
