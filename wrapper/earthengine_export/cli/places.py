"""What is given as a text and stands for an image, a region or a grid."""

from __future__ import annotations

import importlib
import json
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from textwrap import shorten

from .._extras import how_to_install
from .._names import core as eex
from ..errors import InvalidArgument

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_WKT = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
    "GEOMETRYCOLLECTION": "GeometryCollection",
}
_OF_WKT = re.compile(rf"\s*(?:SRID=4326;)?\s*({'|'.join(_WKT)})\b\s*Z?\s*(.*)", re.DOTALL | re.IGNORECASE)


_RASTERS = {".tif", ".tiff", ".vrt", ".nc", ".jp2", ".img", ".png"}


def image(source: str) -> object:
    """The image that SOURCE stands for."""
    if source == "-":
        text = sys.stdin.read()
        if not text.strip():
            raise InvalidArgument(
                "source", source, "Standard input is empty.", "Let it be an expression as JSON."
            )
        return text
    if source.lstrip().startswith("{"):
        return source
    cure = "Give an asset's id, such as USGS/SRTMGL1_003, or a JSON file."
    if not source.strip(". /") or re.search(r"\s|//", source):
        raise InvalidArgument("source", source, "It names no image.", cure)
    path = Path(source)
    if path.suffix.lower() in _RASTERS:
        rule = "Earth Engine exports what it holds or computes, not a file on this machine."
        raise InvalidArgument("source", source, rule, cure)
    return path if source.endswith(".json") or path.is_file() else eex.load(source)


def computed(name: str) -> object:
    """What the function `module:function` returns; modules of the current folder are found."""
    module, colon, function = name.partition(":")
    if not colon or not module or not function or module.endswith(".py"):
        cure = f"Give {Path(module).stem or 'module'}:{function or 'function'}."
        raise InvalidArgument("python", name, "It is module:function.", cure)
    sys.path.insert(0, "")
    try:
        with redirect_stdout(sys.stderr):  # what programs read is this program's
            return getattr(importlib.import_module(module), function)()
    except (Exception, SystemExit) as error:
        rule = f"It raises {type(error).__name__}: {shorten(str(error), 500, placeholder=' …').rstrip('.')}."
        cure = "Is it in the current folder, and a function without arguments? --debug shows where it fails."
        raise InvalidArgument("python", name, rule, cure) from error


def region(text: str) -> object:
    """The region that a text stands for.

    Raises:
        InvalidArgument: It stands for none, and does not name the argument.
    """
    try:
        numbers = [float(word) for word in re.split(r"[\s,]+", text.strip(" \t()[]"))]
    except ValueError:
        numbers = []
    if len(numbers) == 4:
        return tuple(numbers)
    if numbers:
        raise InvalidArgument("", text, f"There are {len(numbers)} numbers and must be four.", _BOX)
    if text.lstrip().startswith(("{", "[")):
        return text
    if found := _OF_WKT.fullmatch(text):
        return _from_wkt(found[1].upper(), found[2], text)
    path = Path(text)
    if not path.is_file():
        rule = "It is no file, and neither four numbers nor WKT nor GeoJSON."
        raise InvalidArgument("", text, rule, _BOX)
    return path if path.suffix in {".json", ".geojson"} else _from_vectors(path)


_BOX = "A box is: west south east north, in degrees."


def _from_wkt(kind: str, coordinates: str, text: str) -> dict[str, object]:
    try:
        if kind == "GEOMETRYCOLLECTION":
            members = re.split(r",\s*(?=[A-Za-z])", coordinates.strip().removeprefix("(").removesuffix(")"))
            return {"type": "GeometryCollection", "geometries": list(map(region, members))}
        position = rf"{_NUMBER}(?:\s+{_NUMBER})+"  # whose height is left out: an image has none
        written = re.sub(position, lambda found: f"[{','.join(found[0].split()[:2])}]", coordinates)
        nested = json.loads(written.replace("(", "[").replace(")", "]"))
        if kind == "POINT":
            (nested,) = nested
        if kind == "MULTIPOINT":
            nested = [one[0] if isinstance(one[0], list) else one for one in nested]
    except (ValueError, TypeError) as error:
        rule = "It cannot be read as WKT."
        raise InvalidArgument("", text, rule, "Give such as POINT (86.9 27.9), or GeoJSON.") from error
    return {"type": _WKT[kind], "coordinates": nested}


def _from_vectors(path: Path) -> dict[str, object]:
    """The geometries of a vector file, in its own coordinates."""
    try:
        raw = importlib.import_module("pyogrio.raw")
        shapely = importlib.import_module("shapely")
    except ImportError as missing:
        rule = f"{missing.name} is needed to read what ends with {path.suffix or 'no suffix'}."
        cure = "Run `pip install pyogrio shapely`, or give GeoJSON."
        raise InvalidArgument("", str(path), rule, cure) from None
    try:
        meta, _, geometries, _ = raw.read(path, columns=[])
    except (ValueError, RuntimeError) as error:
        why = str(error).partition(";")[0].rstrip(".")  # what follows is about GDAL's drivers
        raise InvalidArgument("", str(path), f"It cannot be read: {why}.", "Give GeoJSON.") from None
    if geometries is None:
        raise InvalidArgument("", str(path), "It holds no geometry.", "Give a file of vectors.")
    flat = shapely.force_2d(shapely.from_wkb(geometries))
    found = [json.loads(text) for text in shapely.to_geojson(flat) if text]
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
        raise InvalidArgument("like", path, f"It cannot be read: {str(error).rstrip('.')}.") from None
