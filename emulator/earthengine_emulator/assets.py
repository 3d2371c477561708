"""Assets: files and folders under a folder, named as in Earth Engine's catalogue.

The asset `A/B` is the GeoTIFF `A/B.tif`, the folder of GeoTIFFs `A/B`, or the table `A/B.geojson` or
`A/B.gpkg`. What is known of an image stands in `A/B.json`: its properties, or a STAC item.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from earthengine_emulator import tables
from earthengine_emulator.destinations import inside, unlinked
from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Box, Grid, Projection, parse_crs
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.pixeltypes import PixelType, of
from earthengine_emulator.pyramids import POLICIES, reader
from earthengine_emulator.values import Collection, parse_date

TAG = "EARTH_ENGINE_IMAGE"  # the tag of an exported asset: JSON like a sidecar's
_TIMES = {
    "startTime": "system:time_start",
    "endTime": "system:time_end",
    "datetime": "system:time_start",
    "start_datetime": "system:time_start",
    "end_datetime": "system:time_end",
}


class Assets:
    """The folders in which assets are looked for, in order.

    In the first, which is the user's own, links lead where they do; in the others, which exports write to,
    they do not lead out.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders

    def image(self, asset_id: str, _version: float | None = None) -> Image:
        """`Image.load`: the GeoTIFF `FOLDER/<id>.tif`.

        Raises:
            ExportError: There is none, or it cannot be read.
        """
        for path in self._files(asset_id, ".tif", ".tiff"):
            return _open(path, asset_id)
        raise _missing("Image.load: Image", asset_id)

    def images(self, asset_id: str, _version: float | None = None) -> Collection:
        """`ImageCollection.load`: the GeoTIFFs in `FOLDER/<id>/`, by name.

        Raises:
            ExportError: There is no such folder, or one of them cannot be read.
        """
        for path in self.places(asset_id):
            if path.is_dir():
                files = sorted(file for file in path.iterdir() if file.suffix in (".tif", ".tiff"))
                members = [_open(file, f"{asset_id}/{file.stem}") for file in files]
                return Collection(members, _sidecar(path), asset_id, images=True)
        raise _missing("ImageCollection.load: ImageCollection", asset_id)

    def table(self, asset_id: str) -> Collection:
        """`Collection.loadTable`: the features of `FOLDER/<id>.geojson` or `FOLDER/<id>.gpkg`.

        Raises:
            ExportError: There is neither, or it cannot be read.
        """
        for path in self._files(asset_id, ".geojson", ".gpkg"):
            features = tables.read(path)
            return Collection(features, id=asset_id)
        raise _missing("Collection.loadTable: Collection", asset_id)

    def _files(self, asset_id: str, *suffixes: str) -> Iterator[Path]:
        for suffix in suffixes:
            yield from (path for path in self.places(f"{asset_id}{suffix}") if path.is_file())

    def places(self, name: str) -> Iterator[Path]:
        """Where a name may be, in order, whether it is there or not.

        Raises:
            ExportError: The name, or a link, would lead out of the folder.
        """
        for number, folder in enumerate(self._folders):
            path = inside(folder, name)
            yield unlinked(folder, path) if number else path


def _missing(kind: str, asset_id: str) -> ExportError:
    return ExportError(
        f"{kind} asset '{asset_id}' not found (does not exist or caller does not have access)."
    )


def _open(path: Path, asset_id: str) -> Image:
    sidecar = _beside(path)
    changed = sidecar.stat().st_mtime_ns if sidecar.is_file() else 0
    status = path.stat()  # that of its content is, for exported ones, the operations' time
    return _opened(path, asset_id, (status.st_mtime_ns, status.st_ctime_ns), changed)


@lru_cache(maxsize=4096)
def _opened(path: Path, asset_id: str, _changed: tuple[int, int], _sidecar_changed: int) -> Image:
    import rasterio

    with rasterio.open(path) as source:
        if source.crs is None:
            raise ExportError(f"Image.load: {path.name} has no coordinate reference system.")
        projection = Projection(parse_crs(source.crs.to_wkt()), source.transform)
        names, dtypes, size = source.descriptions, source.dtypes, (source.width, source.height)
        known = json.loads(source.tags().get(TAG, "{}"))
    written = _properties(known) | _sidecar(path)
    policies = {"": known.get("pyramidingPolicy")} | known.get("pyramidingPolicyOverrides", {})
    bands = []
    count = len(names) // 2 if known.get("masks") else len(names)
    for index, (given, dtype) in enumerate(zip(names[:count], dtypes, strict=False), 1):
        name = given or f"b{index}"
        policy = policies.get(name) or policies[""] or "MEAN"
        mask = count + index if known.get("masks") else None
        read = reader(path, index, projection, size, POLICIES[policy], mask)
        band = Band(name, of(np.dtype(dtype)), read)
        bands.append(_typed(band, known["types"][index - 1]) if "types" in known else band)
    corners = [projection.transform @ (x, y) for x in (0, size[0]) for y in (0, size[1])]
    xs, ys = zip(*corners, strict=True)
    footprint = Box(projection.crs, min(xs), min(ys), max(xs), max(ys))
    properties = {"system:index": asset_id.rpartition("/")[2], "system:id": asset_id} | written
    return Image(tuple(bands), projection, footprint, properties, asset_id, size)


def _typed(band: Band, written: list[Any]) -> Band:
    """A band whose file has a wider type than it, for the sake of other bands."""
    code, low, high = written
    kind = of(code) if low is None or high is None else PixelType(np.dtype(code), low, high)

    def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
        return np.ma.MaskedArray(pixels.data.astype(kind.dtype), np.ma.getmaskarray(pixels))

    return replace(band, type=kind) if band.dtype == kind.dtype else Band(band.name, kind, compute, (band,))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name if path.is_dir() else path.stem}.json")


def _sidecar(path: Path) -> dict[str, Any]:
    """The properties in the JSON beside a file or folder, if any.

    Raises:
        ExportError: It is no JSON object.
    """
    beside = _beside(path)
    if not beside.is_file():
        return {}
    try:
        return _properties(json.loads(beside.read_text()))
    except (ValueError, AttributeError) as error:
        raise ExportError(f"{beside.name} is no JSON object of properties: {error}") from None


def _properties(known: dict[str, Any]) -> dict[str, Any]:
    """The properties of a sidecar: flat, under `properties`, or those of a STAC item."""
    found = dict(known.get("properties", known) or {})
    stac = "stac_version" in known
    if stac:
        found["system:index"] = known.get("id")
        if known.get("geometry"):
            found["system:footprint"] = known["geometry"]
    for name, target in _TIMES.items():
        moment = known.get(name, found.get(name) if stac else None)
        if moment is not None:
            found.setdefault(target, parse_date(moment).millis)
    for name in ("system:time_start", "system:time_end"):
        if isinstance(found.get(name), str):
            found[name] = parse_date(found[name]).millis
    return {name: value for name, value in found.items() if name not in ("startTime", "endTime")}
