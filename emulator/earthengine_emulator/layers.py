"""Images laid over each other: masks, choices between pixels, bands put together, and stacks of images."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from earthengine_emulator.algebra import matching
from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Box, Grid, converted
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.pixeltypes import union


def _over(image: Image, other: Image, compute: Callable[..., Pixels], *, keep_type: bool = False) -> Image:
    """An image whose bands are computed from its own and those of another."""
    bands = []
    for number, band in enumerate(image.bands):
        upper = matching(other, number, image)
        kind = band.type if keep_type else union((band.type, upper.type))
        bands.append(Band(band.name, kind, compute, (band, upper)))
    return replace(image, bands=tuple(bands))


def update_mask(image: Image, mask: Image) -> Image:
    """`Image.updateMask`: also masks where the mask is zero or masked."""

    def compute(_: Grid, __: Grid, pixels: Pixels, mask: Pixels) -> Pixels:
        return np.ma.MaskedArray(pixels.data, np.ma.getmaskarray(pixels) | (mask.filled(0) == 0))

    return _over(image, mask, compute, keep_type=True)


def set_mask(image: Image, mask: Image) -> Image:
    """`Image.mask` with a mask: it takes the place of the image's own; what was masked becomes 0."""

    def compute(_: Grid, __: Grid, pixels: Pixels, mask: Pixels) -> Pixels:
        data = np.where(np.ma.getmaskarray(pixels), np.zeros(1, pixels.dtype), pixels.data)
        return np.ma.MaskedArray(data, mask.filled(0) == 0)

    return _over(image, mask, compute, keep_type=True)


def unmask(image: Image, value: Image, same_footprint: bool | None = True) -> Image:
    """`Image.unmask`: a value where pixels are masked, within the image's footprint or everywhere."""
    footprint = image.footprint if same_footprint else None

    def compute(grid: Grid, __: Grid, pixels: Pixels, value: Pixels) -> Pixels:
        missing = np.ma.getmaskarray(pixels)
        taken = missing if footprint is None else missing & within(footprint, grid)
        data = np.where(taken, value.data, pixels.data)
        return np.ma.MaskedArray(data, missing & (~taken | np.ma.getmaskarray(value)))

    found = _over(image, value, compute)
    if same_footprint or image.footprint is None or value.footprint is None:
        return found if same_footprint else replace(found, footprint=None)
    return replace(found, footprint=image.footprint.union(value.footprint))


def within(box: Box, grid: Grid) -> npt.NDArray[np.bool_]:
    """The pixels of a grid whose centres lie in a box."""
    x, y = grid.centres()
    if grid.crs != box.crs:
        x, y = converted(grid.crs, box.crs, x, y)
    if box.crs.is_geographic:
        x = (x - box.west) % 360 + box.west
    return np.asarray((x >= box.west) & (x <= box.east) & (y >= box.south) & (y <= box.north))


def where(image: Image, test: Image, value: Image) -> Image:
    """`Image.where`: the value's pixels where the test is neither zero nor masked."""

    def compute(_: Grid, __: Grid, pixels: Pixels, chosen: Pixels) -> Pixels:
        missing = np.ma.getmaskarray(pixels)
        keep = missing | np.ma.getmaskarray(chosen)
        return np.ma.MaskedArray(np.where(keep, pixels.data, chosen.data), missing)

    return _over(image, update_mask(value, test), compute)


def add_bands(
    image: Image, source: Image, names: Sequence[str] | None = None, overwrite: bool | None = False
) -> Image:
    """`Image.addBands`: a name that is taken replaces that band, or gets `_1` and so on."""
    bands = list(image.bands)
    for band in source.select(names).bands if names else source.bands:
        taken = [one.name for one in bands]
        if band.name in taken and overwrite:
            bands[taken.index(band.name)] = band
            continue
        name, number = band.name, 0
        while name in taken:
            number += 1
            name = f"{band.name}_{number}"
        bands.append(replace(band, name=name))
    return replace(image if image.footprint is not None else source, bands=tuple(bands))


def concatenated(images: Sequence[Image]) -> Image:
    """`Image.cat`.

    Raises:
        ExportError: There are none.
    """
    if not images:
        raise ExportError("Image.cat: There are no images.")
    first, *others = images
    for other in others:
        first = add_bands(first, other)
    return first


def mosaic(images: Sequence[Image]) -> Image:
    """`ImageCollection.mosaic`: the last image on top, with the first one's bands; of none, without bands."""
    *below, result = images or [Image(())]
    for image in reversed(below):
        footprint = result.footprint
        if footprint is not None and image.footprint is not None:
            footprint = footprint.union(image.footprint)
        result = replace(unmask(result, image, same_footprint=False), footprint=footprint)
    return result
