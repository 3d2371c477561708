"""Exports from files, with a journal."""

from __future__ import annotations

import csv
import json
import signal
import sqlite3

import pytest
import yaml

import earthengine_export as eex
from earthengine_export.cli import rows
from tests.cli.conftest import FAILURE, Line

EXPORTS: list[dict[str, object]] = [
    {
        "key": f"tile {number}",
        "source": "USGS/SRTMGL1_003",
        "to": f"gs://my-bucket/tiles/{number}",
        "region": [number, 0, number + 1, 1],
        "scale": 1000,
        "description": f"tile-{number}",
        "cloud-optimized": True,
        "metadata-keys": ["a", "b"],
    }
    for number in range(3)
]
WRITTEN = {
    "tiles.csv": "\ufeff"
    + "key;source;to;region;scale;description;cloud-optimized;metadata_keys;priority\r\n"
    + "".join(
        f"tile {n};USGS/SRTMGL1_003;gs://my-bucket/tiles/{n};{n} 0 {n + 1} 1;1000;tile-{n};yes;a,b;\r\n"
        for n in range(3)
    ),
    "tiles.jsonl": "\n".join(map(json.dumps, EXPORTS)) + "\n\n",
    "tiles.json": json.dumps(EXPORTS),
    "tiles.yaml": yaml.safe_dump(EXPORTS),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_formats_say_the_same(line: Line, name: str) -> None:
    path = line.folder / name
    path.write_text(WRITTEN[name], "utf-8", newline="")
    jobs = rows.jobs(path, {"workload-tag".replace("-", "_"): "tiles"})
    assert [job.key for job in jobs] == ["tile 0", "tile 1", "tile 2"]
    assert jobs[1].export == eex.ImageExport(
        eex.load("USGS/SRTMGL1_003"),
        to=eex.CloudStorage("my-bucket", "tiles/1"),
        file_format=eex.GeoTiff(cloud_optimized=True, metadata_keys=("a", "b")),
        region=(1, 0, 2, 1),
        scale=1000,
        description="tile-1",
        workload_tag="tiles",
    )


def test_a_batch_from_its_plan_to_its_retry(line: Line) -> None:
    (line.folder / "tiles.csv").write_text(WRITTEN["tiles.csv"])
    plan = line("batch", "tiles.csv", "--dry-run")
    assert plan.code == 0
    assert plan.lines[0].split() == ["KEY", "TO", "PIXELS", "CONFLICT"]
    assert plan.lines[1].split() == ["tile", "0", "gs://my-bucket/tiles/0", "12,391"]
    assert plan.err == "Exports: 3; pixels: about 37,173; conflicts: 0; nothing is sent.\n"
    assert line.emulator.requests()["requests"] == {}

    line.emulator.script(outcome=FAILURE)
    again = ("batch", "tiles.csv", "--journal", "tiles.sqlite")
    first = line(*again)
    assert first.code == 1
    found = {key: (state, name) for key, state, name in csv.reader(first.lines, delimiter="\t")}
    assert sorted(state for state, _ in found.values()) == ["FAILED", "SUCCEEDED", "SUCCEEDED"]
    (bad,) = (key for key, (state, _) in found.items() if state == "FAILED")
    assert f"tile-{bad[-1]}: FAILED: Export too large" in first.err
    assert "\n3 jobs: " in first.err

    created = line.emulator.requests()["operations_created"]
    resumed = line(*again, "--json")
    assert resumed.code == 1
    assert {one["key"]: (one["state"], one["operation"]) for one in map(json.loads, resumed.lines)} == found
    assert line.emulator.requests()["operations_created"] == created, "nothing is started twice"

    status = line("batch-status", "tiles.sqlite")
    assert (status.code, status.err) == (0, "")
    assert "1 times: Export too large" in status.out
    jobs = map(json.loads, line("batch-status", "tiles.sqlite", "--json").lines)
    assert {one["key"]: one["operation"] for one in jobs} == {key: name for key, (_, name) in found.items()}
    with line.start(
        "batch-status", "tiles.sqlite", "--csv", EARTHENGINE_EMULATOR_HOST="", GOOGLE_CLOUD_PROJECT=""
    ) as who:
        assert who.stdout
        assert who.stdout.readline().startswith("key,state,tries,"), "without a client"

    (line.folder / "changed.csv").write_text(WRITTEN["tiles.csv"].replace(";1000;tile-1;", ";500;tile-1;"))
    changed = line("batch", "changed.csv", "--journal", "tiles.sqlite", "--dry-run")
    assert changed.code == 2
    assert [one.endswith("the journal knows another export under its key") for one in changed.lines[1:]] == [
        False,
        True,
        False,
    ]

    retried = line("batch-retry", "tiles.sqlite")
    assert retried.code == 0
    assert [one.split("\t")[:2] for one in retried.lines] == [[bad, "SUCCEEDED"]]
    assert line("batch-retry", "tiles.sqlite").lines == []


def test_options_hold_for_all_that_say_nothing_else(line: Line) -> None:
    (line.folder / "keys.csv").write_text("filename_prefix,scale\na,\nb,200\n")
    line.emulator.script(run_seconds=1e9)
    words = (
        "--source",
        "USGS/SRTMGL1_003",
        "--to",
        "gs://my-bucket",
        "--scale",
        "100",
        "--region",
        "0 0 1 1",
    )
    plan = [json.loads(one) for one in line("batch", "keys.csv", "--dry-run", "--json", *words).lines]
    assert [one["to"] for one in plan] == ["gs://my-bucket/a", "gs://my-bucket/b"]
    assert plan[0]["pixels"] == pytest.approx(4 * plan[1]["pixels"], rel=0.01)
    sent = line("batch", "keys.csv", "--journal", "j.sqlite", "--no-wait", *words)
    assert (sent.code, sent.out) == (0, "")
    assert "2 submitted. Wait for all with: earthengine-export batch keys.csv --journal j.sqlite" in sent.err


def test_conflicts_are_told_before_anything_is_sent(line: Line) -> None:
    (line.folder / "tiles.csv").write_text(
        "key,source,to\na,X/Y,gs://my-bucket/y\nb,X/Y,gs://my-bucket/y\na,X/Y,gs://my-bucket/z\n"
    )
    plan = line("batch", "tiles.csv", "--dry-run", "--json")
    assert plan.code == 2
    told = [json.loads(one)["conflict"] for one in plan.lines]
    assert told == [None, "it writes the same as line 2", "its key is that of line 2"]
    done = line("batch", "tiles.csv", "--journal", "j.sqlite")
    assert (done.code, done.out) == (2, "")
    assert "line 3: it writes the same as line 2." in done.err
    assert not (line.folder / "j.sqlite").exists()


def test_an_interrupted_batch_is_gone_on_with_by_the_same_line(line: Line) -> None:
    (line.folder / "tiles.csv").write_text(WRITTEN["tiles.csv"])
    for _ in EXPORTS:
        line.emulator.script(run_seconds=1e9)
    with line.start("batch", "tiles.csv", "--journal", "my tiles.sqlite") as process:
        line.until(process, "tiles.csv: ")
        while line.emulator.requests()["operations_created"] < 3:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    (told,) = (one for one in err.splitlines() if "go on" in one)
    again = told.partition("by: ")[2]
    assert again == "earthengine-export batch tiles.csv --journal 'my tiles.sqlite'"
    with sqlite3.connect(line.folder / "my tiles.sqlite") as journal:
        names = [name for (name,) in journal.execute("SELECT operation FROM jobs") if name]
    journal.close()
    for name in names:
        assert line.state(name) in {"PENDING", "RUNNING"}
        line.emulator.script(name, run_seconds=0)
    assert line.shell(again).code == 0
    assert line.emulator.requests()["operations_created"] == 3


WRONG = {
    "empty.csv": ("", "It holds no exports"),
    "head.csv": ("source,to\n", "It holds no exports"),
    "empty.yaml": ("", "It holds no exports"),
    "empty.json": ("[]", "It holds no exports"),
    "column.csv": (
        "source,to,skale\nX/Y,gs://my-bucket/y,3\n",
        "line 2: --skale '3': There is no such option. Did",
    ),
    "cells.csv": ("source,to\nX/Y,gs://my-bucket/y,3\n", "line 2 has 3 cells, and the header 2"),
    "quote.csv": ('source,to\n"X/Y,gs://my-bucket/y\n', "cannot be read as CSV"),
    "twice.csv": ("to,to\na,b\n", "the column to is there twice"),
    "missing.csv": (
        "source,scale\nX/Y,3\n",
        "line 2: --to: It is missing. Fill in its column to, or give --to",
    ),
    "value.csv": (
        "source,to,scale\nX/Y,gs://my-bucket/y,ten\n",
        "line 2: --scale 'ten': It must be a number.",
    ),
    "nan.csv": ("source,to,scale\nX/Y,gs://my-bucket/y,nan\n", "line 2: --scale nan: "),
    "box.csv": ('source,to,region\nX/Y,gs://my-bucket/y,"1,2,3"\n', "There are 3 numbers and must be four"),
    "geo.csv": (
        "source,to,region\nX/Y,gs://my-bucket/y,none.geojson\n",
        "--region 'none.geojson': It is no file",
    ),
    "break.csv": ('source,to\nX/Y,"gs://my-bucket/a\nb"\n', "line 2: --filename-prefix 'a\\nb': It must"),
    "like.csv": ("source,to,like\nX/Y,gs://my-bucket/a,none.tif\n", "line 2: --like 'none.tif': It cannot"),
    "same.jsonl": ('{"to": "a", "to": "b"}\n', "to is there twice in one object"),
    "same.yaml": ("- source: X/Y\n  to: a\n  to: b\n", "to is there twice in the mapping at line 1."),
    "deep.yaml": (
        "- &a {to: a}\n- <<: *a\n  grid: {x: 1, x: 2}\n",
        "x is there twice in the mapping at line 3.",
    ),
    "dash.yaml": ("- {to: a, max-pixels: 5, max_pixels: 6}\n", "max_pixels is there twice in one object"),
    "dash.csv": ("to,max-pixels,max_pixels\na,5,6\n", "max_pixels is there twice in one object"),
    "tag.yaml": ("- !!python/name:os.system\n", "could not determine a constructor for the tag"),
    "lines.jsonl": ('{"source": "X/Y"\n', "line 1 is not JSON"),
    "number.jsonl": ("5\n", "an export is a mapping of options, not 5"),
    "nan.jsonl": (
        '{"source": "X/Y", "to": "gs://my-bucket/y", "scale": NaN}',
        "--scale nan: ",
    ),
    "object.json": ('{"source": {"a": 1}, "to": "gs://my-bucket/y"}', "line 1: --source"),
    "type.json": ('[{"source": 5, "to": ["x"], "scale": {}}]', "export 1: --to"),
    "map.yaml": ("source: X/Y\n", "it is not a list of exports"),
    "open.yaml": ("- a: [\n", "'<stream end>' at line 2, column 1."),
    "date.yaml": (
        "- {source: X/Y, to: gs://my-bucket/y, description: 2026-01-01}",
        "export 1: --description",
    ),
    "tiles.txt": ("source,to\n", "It is not known what it is. A name ends with .csv"),
}


def test_what_is_merged_in_yaml_may_be_given_anew(line: Line) -> None:
    path = line.folder / "merged.yaml"
    path.write_text(
        "- &a {source: X/Y, to: 'gs://my-bucket/a', scale: 30}\n- {<<: *a, to: 'gs://my-bucket/b'}\n"
    )
    assert [job.export.uri for job in rows.jobs(path, {})] == ["gs://my-bucket/a", "gs://my-bucket/b"]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_file_is_told_with_its_place(line: Line, name: str) -> None:
    text, told = WRONG[name]
    path = line.folder / name
    path.write_text(text)
    with pytest.raises(rows.BadFile) as caught:
        rows.jobs(path, {})
    assert str(caught.value).startswith(f"{path}: ")
    assert told in str(caught.value)
    assert str(caught.value).endswith(" Nothing was sent.")
