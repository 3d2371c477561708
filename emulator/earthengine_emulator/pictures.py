"""Small pictures of what was exported, for the page; this runs in a worker process."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.io import MemoryFile

from earthengine_emulator.errors import ExportError
from earthengine_emulator.tfrecord import read_patches

SIDE = 320  # pixels of the longer side
MAX_BANDS = 3


def picture(files: Sequence[Path]) -> bytes:
    """A PNG of the first bands of an export, whose files may be parts of one image.

    Args:
        files: GeoTIFFs, or TFRecords and their mixer.

    Raises:
        ExportError: They cannot be shown.
    """
    tiffs = [path for path in files if path.suffix == ".tif"]
    mixers = [path for path in files if path.name.endswith("-mixer.json")]
    if tiffs:
        bands = _of_tiffs(tiffs)
    elif mixers:
        records = [path for path in files if path not in mixers]
        bands = _of_records(records, json.loads(mixers[0].read_text()))
    else:
        raise ExportError("There is no picture of this export.", code=5)
    return _png(bands)


def _of_tiffs(files: Sequence[Path]) -> np.ma.MaskedArray[Any, Any]:
    """The first bands of images that share a grid, side by side and coarse."""
    places = []
    for path in files:
        with rasterio.open(path) as source:
            places.append((~source.transform, source.transform, source.width, source.height, source.count))
    inverse, count = places[0][0], min(places[0][4], MAX_BANDS)
    count = count if count == MAX_BANDS else 1
    # Columns and rows of each part in the grid of the first.
    corners = [inverse @ (transform.c, transform.f) for _, transform, *_ in places]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    width = max(x + place[2] for (x, _), place in zip(corners, places, strict=True)) - left
    height = max(y + place[3] for (_, y), place in zip(corners, places, strict=True)) - top
    step = max(width, height, SIDE) / SIDE
    shape = count, max(1, math.ceil(height / step)), max(1, math.ceil(width / step))
    whole = np.ma.masked_all(shape, "f4")
    for path, (x, y), place in zip(files, corners, places, strict=True):
        row, column = round((y - top) / step), round((x - left) / step)
        rows, columns = max(1, round(place[3] / step)), max(1, round(place[2] / step))
        with rasterio.open(path) as source:
            part = source.read(
                list(range(1, count + 1)),
                out_shape=(count, rows, columns),
                masked=True,
                resampling=Resampling.average,
            )
        target = whole[:, row : row + rows, column : column + columns]
        target[...] = np.ma.masked_invalid(part.astype("f4"))[:, : target.shape[1], : target.shape[2]]
    return np.ma.MaskedArray(whole.data, np.ma.getmaskarray(whole))


def _of_records(files: Sequence[Path], mixer: dict[str, Any]) -> np.ma.MaskedArray[Any, Any]:
    width, height = mixer["patchDimensions"]
    per_row = mixer["patchesPerRow"]
    total = max(mixer["totalPatches"], 1)
    rows = math.ceil(total / max(per_row, 1))
    step = math.ceil(max(per_row * width, rows * height, SIDE) / SIDE)
    lines: dict[int, list[Any]] = {}
    for number, patch in enumerate(read_patches(files)):
        bands = list(patch.values())[:MAX_BANDS]
        bands = bands if len(bands) == MAX_BANDS else bands[:1]
        margin = (
            math.isqrt(bands[0].size // (width * height)) - 1
        )  # patches with margins are cut to their middle
        if margin or bands[0].size != width * height:
            raise ExportError("There is no picture of patches with margins.", code=5)
        small = np.stack([band.reshape(height, width)[::step, ::step] for band in bands])
        lines.setdefault(number // per_row, []).append(small)
    if not lines:
        raise ExportError("There is no patch to be shown.", code=5)
    whole = np.concatenate([np.concatenate(line, axis=2) for line in lines.values()], axis=1)
    shown: np.ma.MaskedArray[Any, Any] = np.ma.MaskedArray(whole, ~np.isfinite(whole))
    return shown


def _png(bands: np.ma.MaskedArray[Any, Any]) -> bytes:
    shown = np.zeros((4, *bands.shape[1:]), "u1")
    shown[3] = np.where(np.ma.getmaskarray(bands).any(axis=0), 0, 255)
    for index in range(3):
        band = bands[index if len(bands) == MAX_BANDS else 0]
        known = band.compressed()
        low, high = np.percentile(known, (2, 98)) if known.size else (0.0, 1.0)
        scaled = (band.filled(low) - low) / ((high - low) or 1.0)
        shown[index] = np.clip(scaled * 255, 0, 255).astype("u1")
    with MemoryFile() as memory:
        profile = {"driver": "PNG", "dtype": "uint8", "count": 4}
        with memory.open(width=shown.shape[2], height=shown.shape[1], **profile) as target:
            target.write(shown)
        return bytes(memory.read())
