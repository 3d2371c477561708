"""One export: the line asks for what the library's arguments would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import earthengine_export as eex
from earthengine_export.cli import table
from tests.cli.conftest import Line

DEM = eex.load("USGS/SRTMGL1_003")
GS = eex.CloudStorage("my-bucket", "dem")


def body(line: Line, *words: str, stdin: str = "") -> Any:
    done = line("image", *words, "--dry-run", "--json", stdin=stdin)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_every_option_of_the_library_is_one_of_the_line() -> None:
    fields = {"filename_prefix", "permissions", "folder", "overwrite", "tile_dimensions", "max_masked_ratio"}
    fields |= {"region", "scale", "crs", "crs_transform", "dimensions", "grid", "max_pixels", "extra_body"}
    assert fields <= table.options().keys()
    for name, option in table.options().items():
        assert option.help, name
        for python in ("ee.", "affine", "`", "None", "(…)"):
            assert python not in option.help, f"{name} speaks Python"


def test_options_come_to_the_request(line: Line) -> None:
    words = (
        "USGS/SRTMGL1_003 --to gs://my-bucket/dem --region -84.4 36.46 -84.1 36.72 --crs EPSG:32616 "
        "--crs-transform 30 0 600000 0 -30 4100000 --file-format tf-record --margin-dimensions 8 8 "
        "--tile-dimensions 64 --tensor-depths a=1,b=2 --compress --no-sequence-data --max-masked-ratio 0.5 "
        "--max-pixels 1e9 --priority 200 --workload-tag dem --request-id id-1 --description dem"
    )
    assert (
        body(line, *words.split(), "--extra-body", '{"newField": 1}')
        == eex.ImageExport(
            DEM,
            to=GS,
            region=(-84.4, 36.46, -84.1, 36.72),
            crs="EPSG:32616",
            crs_transform=(30, 0, 600000, 0, -30, 4100000),
            file_format=eex.TfRecord(
                margin_dimensions=(8, 8),
                tile_dimensions=64,
                tensor_depths={"a": 1, "b": 2},
                compress=True,
                sequence_data=False,
                max_masked_ratio=0.5,
            ),
            max_pixels=10**9,
            priority=200,
            workload_tag="dem",
            request_id="id-1",
            description="dem",
            extra_body={"newField": 1},
        ).to_dict()
    )


def test_sources(line: Line) -> None:
    graph = json.dumps(eex.ImageExport(DEM, to=GS).to_dict()["expression"])
    (line.folder / "graph.json").write_text(graph)
    (line.folder / "mine.py").write_text(
        "import earthengine_export as eex\n"
        "def slope():\n    print('not for programs')\n"
        "    return eex.call('Terrain.slope', input=eex.load('USGS/SRTMGL1_003'))\n"
    )
    to = ("--to", "gs://my-bucket/dem")
    plain = eex.ImageExport(DEM, to=GS).to_dict()
    assert body(line, "graph.json", *to) == plain
    assert body(line, "-", *to, stdin=graph) == plain
    slope = eex.ImageExport(eex.call("Terrain.slope", input=DEM), to=GS).to_dict()
    assert body(line, "--python", "mine:slope", *to) == slope
    told = line("image", "graph.json", *to, "--dry-run", "--download", "there")
    assert not (line.folder / "there").exists()
    assert told.lines[0] == "POST /v1beta/projects/my-project/image:export"
    assert json.loads("\n".join(told.lines[1:])) == plain
    assert "nothing is sent" in told.err
    assert line.emulator.requests()["requests"] == {}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("gs://my-bucket", eex.CloudStorage("my-bucket")),
        ("gs://my-bucket/a/b", eex.CloudStorage("my-bucket", "a/b")),
        ("drive://", eex.Drive()),
        ("drive://my%20folder/dem", eex.Drive("my folder", "dem")),
        ("drive:///dem", eex.Drive(filename_prefix="dem")),
        ("projects/p/assets/dem", eex.Asset("projects/p/assets/dem")),
    ],
)
def test_places(text: str, place: Any) -> None:
    assert table.export(DEM, text, {}) == eex.ImageExport(DEM, to=place)


SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
LINE = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("1 2 3 4", (1, 2, 3, 4)),
        ("-1.5e0,2,3.25,+4", (-1.5, 2, 3.25, 4)),
        ("[1, 2, 3, 4]", (1, 2, 3, 4)),
        (json.dumps(SQUARE), SQUARE),
        ("POLYGON((0 0, 1 0, 1 1, 0 0))", SQUARE),
        ("SRID=4326;polygon ((0 0,1 0,1 1,0 0))", SQUARE),
        ("POINT (1 2)", {"type": "Point", "coordinates": [1, 2]}),
        ("LINESTRING (1 2, 3 4)", LINE),
        ("LINESTRING Z (1 2 9, 3 4 9)", LINE),
        ("MULTIPOINT (1 2, 3 4)", {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
        ("MULTIPOINT ((1 2), (3 4))", {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
        (
            "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))",
            {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"]]},
        ),
        (
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))",
            {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}, LINE]},
        ),
    ],
)
def test_regions(text: str, region: Any) -> None:
    assert table.export(DEM, "gs://my-bucket/dem", {"region": text}) == eex.ImageExport(
        DEM, to=GS, region=region
    )


def test_a_region_and_a_grid_of_files(line: Line, tmp_path: Path) -> None:
    from tests.emulator.conftest import write_dem

    write_dem(tmp_path / "like.tif")
    (tmp_path / "aoi.geojson").write_text(
        json.dumps({"type": "Feature", "geometry": SQUARE, "properties": {}})
    )
    to = ("--to", "gs://my-bucket/dem")
    assert (
        body(line, "USGS/SRTMGL1_003", *to, "--region", "aoi.geojson")
        == eex.ImageExport(DEM, to=GS, region=SQUARE).to_dict()
    )
    assert body(line, "USGS/SRTMGL1_003", *to, "--like", "like.tif")["grid"]["dimensions"] == {
        "width": 403,
        "height": 344,
    }
