"""`files` and `download`, and what is said where files do not come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from earthengine_emulator import Emulator
from tests.cli.conftest import IMAGE, Line
from tests.emulator.conftest import write_dem


@pytest.fixture(name="line")
def writing(line: Line) -> Iterator[Line]:
    """With an emulator that writes files."""
    write_dem(line.folder / "assets" / "USGS" / "SRTMGL1_003.tif")
    with Emulator(line.folder / "assets", line.folder / "output", speed=100) as emulator:
        yield Line(emulator, line.folder)


def test_files_are_told_apart_by_the_place_of_their_export(line: Line) -> None:
    one, other = line.export("dem"), line.export("dem-2")
    assert line("ops", "wait", one, other).code == 0
    done = line("files", one)
    assert done.code == 1
    assert done.err.endswith(" Give --to and the place that the export was given.\n")
    told = line("files", one, "--to", "gs://my-bucket/dem")
    assert (told.code, told.lines) == (0, ["gs://my-bucket/dem.tif"])
    assert line("download", one, "there", "--to", "gs://my-bucket/dem").lines == ["there/dem.tif"]
    done = line("files", one, "--to", "drive://a/dem")
    assert (done.code, done.lines) == (2, [])
    assert done.err.startswith("--to 'drive://a/dem': Files are brought from Cloud Storage alone.")


def test_what_is_done_is_said_where_its_files_do_not_come(line: Line) -> None:
    (line.folder / "there").mkdir()
    (line.folder / "there" / "dem.tif").write_text("mine")
    done = line(*IMAGE, "--download", "there")
    assert done.code == 1
    name = done.lines[0].rpartition("/")[2]
    again = f"earthengine-export download {name} there --to gs://my-bucket/dem"
    assert f"The export is done; bring its files with: {again}\n" in done.err
    assert "Give --overwrite to `earthengine-export download`" in done.err
    assert line.shell(f"{again} --overwrite").lines == ["there/dem.tif"]
