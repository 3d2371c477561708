"""Exported assets as GeoTIFFs: their masks, types, properties and pyramiding policies survive.

Masks that all bands share are the file's own mask, which every reader knows. Where they differ, each band is
followed, behind the last one, by a band of its mask.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

from earthengine_emulator.assets import TAG
from earthengine_emulator.geotiff import blocks, profile, quiet
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Image, render
from earthengine_emulator.values import plain

_OWN = ("system:index", "system:id", "system:footprint", "system:asset_size")


def write_asset(
    folder: Path, image: Image, grid: Grid, options: dict[str, Any], tags: dict[str, str]
) -> Iterator[tuple[str, Path]]:
    """Compute pixels and write them.

    Args:
        folder: Where the file is made.
        image: What to compute.
        grid: Its pixels.
        options: The request's assetExportOptions.
        tags: What else the file says of itself.

    Yields:
        What is added to the asset's name, and the file.
    """
    count = len(image.bands)
    dtype = np.result_type(*(band.dtype for band in image.bands))
    pixels, masks = folder / "pixels.tif", folder / "masks.tif"
    shared, whole = True, True
    layout = profile(grid, tiled=256)
    with (
        quiet(grid),
        rasterio.open(pixels, "w", count=count, dtype=dtype.name, **layout) as data_file,
        rasterio.open(masks, "w", count=count, dtype="uint8", **layout) as mask_file,
    ):
        for row, column, block in blocks(grid):
            window = Window(column, row, block.width, block.height)
            rendered = render(image.bands, block)
            hidden = np.stack([np.ma.getmaskarray(part) for part in rendered])
            shared, whole = shared and bool((hidden == hidden[0]).all()), whole and not hidden.any()
            fill = np.array(np.nan if dtype.kind == "f" else 0).astype(dtype)
            data = np.stack([part.data.astype(dtype) for part in rendered])
            data_file.write(np.where(hidden, fill, data), window=window)
            mask_file.write(np.where(hidden, 0, 255).astype("uint8"), window=window)
        data_file.update_tags(**tags)
        _describe(data_file, image, options, masks=not shared)
    if not whole:
        finish = _own_mask if shared else _bands_of_masks
        with quiet(grid):
            pixels = finish(folder, pixels, masks, grid)
    yield ".tif", pixels


def _describe(target: Any, image: Image, options: dict[str, Any], *, masks: bool) -> None:
    properties = {name: plain(value) for name, value in image.properties.items() if name not in _OWN}
    policies = {
        name: options[name] for name in ("pyramidingPolicy", "pyramidingPolicyOverrides") if options.get(name)
    }
    known = {
        "properties": properties,
        "types": [[band.dtype.str, plain(band.type.low), plain(band.type.high)] for band in image.bands],
        "masks": masks,
    }
    target.update_tags(**{TAG: json.dumps(known | policies)})
    for index, name in enumerate(image.names, 1):
        target.set_band_description(index, name)


def _own_mask(_: Path, pixels: Path, masks: Path, grid: Grid) -> Path:
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(masks) as source,
        rasterio.open(pixels, "r+") as target,
    ):
        for row, column, block in blocks(grid):
            window = Window(column, row, block.width, block.height)
            target.write_mask(source.read(1, window=window), window=window)
    return pixels


def _bands_of_masks(folder: Path, pixels: Path, masks: Path, grid: Grid) -> Path:
    both = folder / "both.tif"
    with rasterio.open(pixels) as data_file, rasterio.open(masks) as mask_file:
        count, dtype = data_file.count, data_file.dtypes[0]
        with rasterio.open(both, "w", count=2 * count, dtype=dtype, **profile(grid, tiled=256)) as target:
            for row, column, block in blocks(grid):
                window = Window(column, row, block.width, block.height)
                hidden = (mask_file.read(window=window) > 0).astype(dtype)
                target.write(np.concatenate([data_file.read(window=window), hidden]), window=window)
            target.update_tags(**data_file.tags())
            for index, name in enumerate(data_file.descriptions, 1):
                target.set_band_description(index, name)
                target.set_band_description(count + index, f"{name}:mask")
    return both
