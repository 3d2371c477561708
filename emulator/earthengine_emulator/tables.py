"""Features from files: GeoJSON and GeoPackage."""

import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import shapely

from earthengine_emulator.errors import ExportError
from earthengine_emulator.geometry import Geometry, from_geojson
from earthengine_emulator.grids import parse_crs
from earthengine_emulator.values import Feature


def read(path: Path) -> list[Feature]:
    """The features of a file.

    Raises:
        ExportError: It cannot be read.
    """
    try:
        return _geopackage(path) if path.suffix == ".gpkg" else _geojson(path)
    except (ValueError, KeyError, TypeError, sqlite3.Error, struct.error) as error:
        raise ExportError(f"Collection.loadTable: {path.name} cannot be read: {error}") from None


def _geojson(path: Path) -> list[Feature]:
    written = json.loads(path.read_text())
    found = written["features"] if written["type"] == "FeatureCollection" else [written]
    return [
        _feature(
            from_geojson(one["geometry"]) if one.get("geometry") else None,
            one.get("properties") or {},
            one.get("id", number),
        )
        for number, one in enumerate(found)
    ]


def _feature(geometry: Geometry | None, properties: dict[str, Any], name: Any) -> Feature:
    return Feature(geometry, {"system:index": str(name)} | properties, str(name))


def _geopackage(path: Path) -> list[Feature]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        table, column, reference = database.execute(
            "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"
        ).fetchone()
        authority, code = database.execute(
            "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
            (reference,),
        ).fetchone()
        crs = parse_crs(f"{authority}:{code}")
        rows = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name from the file itself
        names = [name for name, *_ in rows.description]
        keys = [name for _, name, _, _, _, key in database.execute(f'PRAGMA table_info("{table}")') if key]
        features = []
        for number, values in enumerate(rows):
            properties = dict(zip(names, values, strict=True))
            blob = properties.pop(column)
            index = next((properties.pop(key) for key in keys), number)
            geometry = None if blob is None else Geometry(_shape(blob), crs, geodesic=crs.is_geographic)
            features.append(_feature(geometry, properties, index))
    return features


def _shape(blob: bytes) -> Any:
    """The shape of a GeoPackage's binary: a header, a box of a size that the header's flags tell, and WKB."""
    flags = blob[3]
    box = (0, 32, 48, 48, 64)[flags >> 1 & 7]
    return shapely.force_2d(shapely.from_wkb(blob[8 + box :]))
