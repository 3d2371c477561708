"""What is given as a text and stands for an image, a region or a grid."""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path

from .. import _names as eex
from .._extras import how_to_install
from ..errors import InvalidArgument

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_WKT = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
}


def image(source: str) -> object:
    """The image that SOURCE stands for."""
    if source == "-":
        return sys.stdin.read()
    if source.lstrip().startswith("{"):
        return source
    if source.endswith(".json") or Path(source).is_file():
        return Path(source)
    return eex.load(source)


def computed(name: str) -> object:
    """What the function `module:function` returns; modules of the current folder are found."""
    module, colon, function = name.partition(":")
    if not colon or not module or not function:
        raise InvalidArgument("python", name, "It is module:function.")
    sys.path.insert(0, "")
    try:
        made = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise InvalidArgument("python", name, f"{error}.", "Is it in the current folder?") from error
    return made()


def region(text: str) -> object:
    """The region that a text stands for."""
    numbers = re.split(r"[\s,]+", text.strip(" \t()[]"))
    if len(numbers) == 4 and all(re.fullmatch(_NUMBER, one) for one in numbers):
        return tuple(map(float, numbers))
    if text.lstrip().startswith(("{", "[")):
        return text
    if found := re.fullmatch(r"\s*(?:SRID=4326;)?\s*([A-Za-z]+)\s*Z?\s*(\(.*\))\s*", text, re.DOTALL):
        return _from_wkt(found[1].upper(), found[2], text)
    path = Path(text)
    if not path.exists():
        rule = "There is no such file, and it is neither four numbers nor WKT nor GeoJSON."
        raise InvalidArgument("region", text, rule, "Give west south east north in degrees.")
    return path if path.suffix in {".json", ".geojson"} else _from_vectors(path)


def _from_wkt(kind: str, coordinates: str, text: str) -> dict[str, object]:
    try:
        if kind == "GEOMETRYCOLLECTION":
            members = re.findall(r"([A-Za-z]+)\s*Z?\s*(\((?:[^A-Za-z])*\))", coordinates[1:-1])
            found = [_from_wkt(name.upper(), inner, text) for name, inner in members]
            return {"type": "GeometryCollection", "geometries": found}
        position = rf"{_NUMBER}(?:\s+{_NUMBER})+"
        written = re.sub(position, lambda found: f"[{','.join(found[0].split())}]", coordinates)
        nested = json.loads(written.replace("(", "[").replace(")", "]"))
        if kind == "POINT":
            (nested,) = nested
        if kind == "MULTIPOINT":
            nested = [one[0] if isinstance(one[0], list) else one for one in nested]
        return {"type": _WKT[kind.upper()], "coordinates": nested}
    except (ValueError, KeyError) as error:
        rule = "It cannot be read as WKT."
        raise InvalidArgument("region", text, rule, f"The types are {', '.join(_WKT)}.") from error


def _from_vectors(path: Path) -> dict[str, object]:
    """The geometries of a vector file, in its own coordinates."""
    try:
        raw = importlib.import_module("pyogrio.raw")
        shapely = importlib.import_module("shapely")
    except ImportError as missing:
        cure = "pip install pyogrio shapely"
        rule = f"{missing.name} is needed to read it."
        raise InvalidArgument("region", str(path), rule, f"Run `{cure}`, or give GeoJSON.") from None
    meta, _, geometries, _ = raw.read(path, columns=[])
    found = [json.loads(text) for text in shapely.to_geojson(shapely.from_wkb(geometries)) if text]
    features = [{"type": "Feature", "geometry": geometry, "properties": {}} for geometry in found]
    crs = {"crs": {"type": "name", "properties": {"name": meta["crs"]}}} if meta["crs"] else {}
    return {"type": "FeatureCollection", "features": features, **crs}


def like(path: str) -> eex.PixelGrid:
    """The grid of a raster file."""
    try:
        rasterio = importlib.import_module("rasterio")
    except ImportError:
        cure = f"Run `{how_to_install('emulator', 'rasterio')}`, or give --grid."
        raise InvalidArgument("like", path, "rasterio is needed to read it.", cure) from None
    try:
        with rasterio.open(path) as raster:
            return eex.PixelGrid.like(raster)
    except importlib.import_module("rasterio.errors").RasterioIOError as error:
        raise InvalidArgument("like", path, f"{error}.") from None
