"""`--region` takes what GDAL reads, where pyogrio is installed: it is too large for `make test`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

import earthengine_export as eex
from earthengine_export.cli import places

UTM = "POLYGON Z ((734000 4038000 9, 744000 4048000 9, 744000 4038000 9, 734000 4038000 9))"
TO = eex.CloudStorage("my-bucket", "dem")


@pytest.mark.parametrize(
    ("name", "driver"), [("a.gpkg", "GPKG"), ("a.shp", "ESRI Shapefile"), ("a.fgb", "FlatGeobuf")]
)
def test_a_vector_file_is_a_region_in_its_own_coordinates(tmp_path: Path, name: str, driver: str) -> None:
    """Whatever holds them, and though they have heights."""
    _write(tmp_path / name, UTM, driver)
    region: Any = places.region(str(tmp_path / name))
    flat = shapely.geometry.mapping(shapely.force_2d(shapely.from_wkt(UTM)))
    same = {**flat, "crs": {"type": "name", "properties": {"name": "EPSG:32616"}}}
    assert _export(region) == _export(same)


def test_what_is_no_vector_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "a.txt").write_text("words")
    for name, told in {"a.csv": "It holds no geometry", "a.txt": "It cannot be read"}.items():
        with pytest.raises(eex.InvalidArgument, match=told):
            places.region(str(tmp_path / name))


def _write(path: Path, wkt: str, driver: str) -> None:
    geometry = shapely.to_wkb(shapely.from_wkt([wkt]))
    pyogrio.raw.write(
        path, geometry, [np.array([1])], ["a"], driver=driver, geometry_type="Polygon Z", crs="EPSG:32616"
    )


def _export(region: Any) -> dict[str, Any]:
    return eex.ImageExport(eex.load("USGS/SRTMGL1_003"), to=TO, region=region).to_dict()
