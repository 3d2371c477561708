"""Every refused value ends in one paragraph that names its option, with the documented code."""

from __future__ import annotations

import io
import logging
import shlex
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from earthengine_export.cli import app, common
from tests.cli.conftest import Line

Run = Callable[..., tuple[int, str]]
EXPORT = ("image", "USGS/SRTMGL1_003", "--to", "gs://my-bucket/dem", "--description", "dem")


@pytest.fixture
def run(line: Line, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a line in this process, which saves the start of one for each."""
    (line.folder / "latin.json").write_bytes(b'{"a": "\xe9"}')
    (line.folder / "broken.geojson").write_text('{"type": "Point", ')
    (line.folder / "empty.json").write_text("")
    (line.folder / "table.csv").write_text("a,b\n")
    (line.folder / "folder").mkdir()
    (line.folder / "mine.py").write_text(
        "def fails():\n    raise LookupError('no such band')\nimage = 5\n"
        "def none(): pass\ndef exits(): raise SystemExit(3)\n"
    )
    monkeypatch.chdir(line.folder)
    for name, value in line.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr(logging.getLogger("earthengine_export"), "handlers", [])
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["earthengine-export", *words])
        with pytest.raises(SystemExit) as caught:
            app.run()
        out, err = capsys.readouterr()
        assert out == ""
        return int(caught.value.code or 0), err

    return run


REFUSED = {
    "--region 1 2 3 4 5": "--region '1,2,3,4,5': There are 5 numbers and must be four.",
    "--region nan 0 1 1": "--region nan: ",
    "--region 0 91 1 92": "--region 91: ",
    "--region none.shp": "--region 'none.shp': It is no file",
    "--region folder": "--region 'folder': It is no file",
    "--region ''": "--region '': It is no file",
    "--region broken.geojson": "--region",
    "--region latin.json": "--region",
    '--region \'{"type": "Point"}\'': '--region \'{"type": ',
    "--region 'POLYGON ((1 2, 3 4'": "--region 'POLYGON ((1 2, 3 4': It cannot be read as WKT.",
    "--region 'POLYGON EMPTY'": "--region 'POLYGON EMPTY': It cannot be read as WKT.",
    "--region 'CIRCLE (1 2)'": "--region 'CIRCLE (1 2)': It is no file",
    "--scale ten": "--scale 'ten': It must be a number.",
    "--scale nan": "--scale nan: ",
    "--scale -1": "--scale -1: ",
    "--crs nonsense": "--crs 'nonsense': ",
    "--crs '+proj=utm +zone=16'": "--crs '+proj=utm +zone=16': ",
    "--crs-transform 1 0 0 0 1 0": "--crs-transform (1, 0, 0, 0, 1, 0): It needs a crs. Give --crs …",
    "--crs-transform 1 2": "--crs-transform",
    "--dimensions 0": "--dimensions",
    "--dimensions 3x": "--dimensions '3x': It is no size.",
    "--grid '{}'": "--grid {}: ",
    "--grid none.json": "--grid 'none.json': The file cannot be read: No such file",
    "--grid latin.json": "--grid 'latin.json': ",
    "--like none.tif": "--like 'none.tif': It cannot be read",
    "--like table.csv": "--like 'table.csv': It cannot be read",
    "--like none.tif --grid '{}'": "--grid {}: ",
    "--file-format PNG": "--file-format 'PNG': It is one of GEO_TIFF, TF_RECORD_IMAGE.",
    "--tile-dimensions 5": "--tile-dimensions (5, 5): ",
    "--pyramiding-policy MEAN": "--pyramiding-policy 'MEAN': It is an option of Asset",
    "--compress": "--compress True: It is an option of TfRecord",
    "--permissions nobody": "--permissions 'nobody': ",
    "--tensor-depths x --file-format TF_RECORD_IMAGE": "--tensor-depths 'x': It is NAME=VALUE",
    "--extra-body '[1]'": "--extra-body '[1]': It is no JSON object.",
    "--extra-body '{'": "--extra-body '{': ",
    "--max-pixels 0": "--max-pixels 0",
    "--priority 10000": "--priority 10000: ",
    "--description 'a b'": "--description 'a b': ",
    "--workload-tag 'a b'": "--workload-tag 'a b': ",
    "--request-id 'a b'": "--request-id 'a b': ",
    "--filename-prefix twice": "--filename-prefix 'twice': --to says 'dem'. Give it once.",
    "--timeout -1 --wait": "--timeout -1.0: It must be at least 0.",
    "--timeout 60": "--timeout 60.0: Nothing waits. Give --wait as well.",
    "--download table.csv": "--download 'table.csv': It cannot be made a folder: File exists.",
    "--download there --no-wait": "--download 'there': It waits, and --no-wait says not to.",
    "--queue-timeout -1": "--queue-timeout -1.0: ",
    "--timeout x": "Invalid value for '--timeout'",
    "--skale 3": "No such option: --skale",
    "more": "Got unexpected extra argument",
    "--python mine:fails": "SOURCE 'USGS/SRTMGL1_003': One image is exported. Give SOURCE or --python.",
    "--project 'a b'": "--project 'a b': ",
    "--base-url ftp://x": "--base-url 'ftp://x': ",
    "--credentials none.json": "--credentials 'none.json': ",
}
TO = "--to gs://my-bucket/dem"
LINES = {
    f"image {TO}": "SOURCE: One image is exported. Give SOURCE or --python.",
    "image x": "Missing option '--to'.",
    f"image '' {TO}": "SOURCE '': It names no image.",
    f"image - {TO}": "SOURCE '-': Standard input is empty.",
    f"image none.json {TO}": "SOURCE 'none.json': ",
    f"image latin.json {TO}": "SOURCE 'latin.json': ",
    f"image empty.json {TO}": "SOURCE",
    f"image table.csv {TO}": "SOURCE 'table.csv': ",
    f"image dem.tif {TO}": "SOURCE 'dem.tif': Earth Engine exports what it holds or computes",
    f"image 'USGS/SRTM GL' {TO}": "SOURCE 'USGS/SRTM GL': It names no image.",
    "image x --to s3://b": "--to 's3://b': It is none of the three places.",
    "image x --to drive://a/b --download there": "--download 'there': Files are brought from Cloud",
    "image x --to projects/p/assets/a --file-format GEO_TIFF": "--file-format 'GEO_TIFF': An asset has",
    "image x --to gs://": "--to 'gs://': A bucket's name",
    "image x --to projects/p": "--to 'projects/p': An asset's name",
    f"image --python mine {TO}": "--python 'mine': It is module:function. Give mine:function.",
    f"image --python mine.py:fails {TO}": "--python 'mine.py:fails': It is module:function. Give mine:fails.",
    f"image --python mine:none {TO}": "--python 'mine:none': What it returns is no image: ",
    f"image --python mine:exits {TO}": "--python 'mine:exits': It raises SystemExit: 3.",
    f"image --python none:x {TO}": "--python 'none:x': It raises ModuleNotFoundError: No module",
    f"image --python mine:fails {TO}": "--python 'mine:fails': It raises LookupError: no such band.",
    f"image --python mine:image {TO}": "--python 'mine:image': It raises TypeError",
    f"image --python os:getcwd {TO}": "--python 'os:getcwd': What it returns is no image: ",
    "ops list --state GONE": "--state 'GONE': ",
    "ops list --created-after noon": "--created-after 'noon': It is no time of ISO 8601.",
    "ops list --page-size 0": "--page-size 0: ",
    "ops list --limit -1": "Invalid value for '--limit'",
    "ops list --json --csv": "--csv: --json asks for another form.",
    "ops wait ''": "OPERATION '': It names no operation.",
    "ops cancel ../x": "OPERATION '../x': ",
    "ops wait": "Missing argument 'OPERATION...'.",
    "ops none": "No such command 'none'.",
    "download x": "Missing argument 'FOLDER'.",
    "completion ksh": "Invalid value for 'SHELL': 'ksh' is not one of 'bash', 'zsh', 'fish'.",
    "completion": "Missing argument 'SHELL'. Choose from: bash, zsh, fish.",
    "emulate": "No such command 'emulate'",
}


@pytest.mark.parametrize(
    ("words", "told"),
    [*LINES.items(), *((f"{shlex.join(EXPORT)} {words}", told) for words, told in REFUSED.items())],
)
def test_bad_arguments(run: Run, line: Line, words: str, told: str) -> None:
    code, err = run(*shlex.split(words))
    assert code == 2
    assert err.count("\n") == 1
    assert err.startswith(told)
    assert line.emulator.requests()["requests"] == {}
    for python in ("eex.", "pathlib", "client.", "__geo_interface__"):
        assert python not in err


def test_bad_arguments_for_what_is_there(run: Run, line: Line) -> None:
    line.export()
    for words, told in {
        ("ops", "wait", "dem", "--timeout", "-1"): "--timeout -1.0: ",
        ("download", "dem", "table.csv"): "FOLDER 'table.csv': It cannot be made a folder: File exists.",
        ("download", "dem", "there", "--parallel", "0"): "--parallel 0: ",
    }.items():
        code, err = run(*words)
        assert code == 2
        assert err.startswith(told)


def test_files_and_journals(run: Run, line: Line) -> None:
    (line.folder / "latin.csv").write_bytes(b"source,to\nX/\xe9,gs://my-bucket/y\n")
    (line.folder / "no.sqlite").write_text("no journal, though long enough for a header of SQLite" * 9)
    (line.folder / "tiles.csv").write_text("source,to\nX/Y,gs://my-bucket/y\n")
    (line.folder / "folder.csv").mkdir()
    for words, told in {
        "batch none.csv --journal j": "none.csv: It cannot be read: No such file or directory.",
        "batch folder.csv --journal j": "folder.csv: It cannot be read: Is a directory.",
        "batch latin.csv --journal j": "latin.csv: It is not UTF-8 at byte 12.",
        "batch tiles.csv": "--journal: Without a journal nobody could go on with the batch. Give",
        "batch tiles.csv --journal no.sqlite": "--journal 'no.sqlite': It is no journal of a batch.",
        "batch tiles.csv --journal folder": "The journal /",
        "batch tiles.csv --journal none/j.sqlite": "The journal /",
        "batch tiles.csv --journal j --max-queued 0": "--max-queued 0: ",
        "batch-status none.sqlite": "JOURNAL 'none.sqlite': There is no journal.",
        "batch-status no.sqlite": "The journal /",
        "batch-retry folder.csv": "JOURNAL 'folder.csv': It is no journal, but a folder.",
    }.items():
        code, err = run(*shlex.split(words))
        assert (code, err.count("\n")) == (2, 1), words
        assert err.startswith(told)
    assert line.emulator.requests()["requests"] == {}


def test_the_emulator_says_in_one_line_what_is_wrong_with_its_options(line: Line) -> None:
    for words, told in {
        ("--prot", "1"): "No such option: --prot. Did you mean --port?",
        ("--port", "x"): "--port: 'x' is no number.",
        ("--port", "70000"): "--port: '70000' is not from 0 to 65535.",
        ("--speed", "nan"): "--speed: 'nan' is no number from 0 on.",
        ("more",): "Got an unexpected word: more.",
        ("--assets",): "--assets: it needs a value.",
    }.items():
        more = "`earthengine-export emulator --help` tells more."
        assert line("emulator", *words) == (2, "", f"{told} {more}\n")


def test_a_bug_is_told_as_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("no bands")

    monkeypatch.setattr("earthengine_export.cli.places.image", broken)
    assert run(*EXPORT) == (1, "ZeroDivisionError: no bands. --debug shows where.\n")


def test_the_line_to_run_again_repeats_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.touch()
    words = ["p", "--credentials", "SECRET", "--credentials=SECRET", "--credentials", str(key), "a b"]
    monkeypatch.setattr(sys, "argv", words)
    again = f"earthengine-export --credentials '…' '--credentials=…' --credentials {key} 'a b'"
    assert common.again() == again
    session = common.Session()
    session.given = {"credentials": "SECRET", "project": "p"}
    assert session.line("ops") == "earthengine-export ops --credentials '…' --project p"
