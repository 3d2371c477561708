"""Stacks of images reduced pixel by pixel: collections, and an image's own bands."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator.algebra import stored
from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.pixeltypes import PixelType, union
from earthengine_emulator.reducing import Masked, Reducer, keys_of


def some(images: Sequence[Image]) -> Sequence[Image]:
    """The images.

    Raises:
        ExportError: There are none.
    """
    if not images:
        raise ExportError("The collection is empty.")
    return images


def around(images: Sequence[Image]) -> Image:
    """The first of some images that is not endless, with the footprint of all of them together."""
    bounded = [one for one in images if one.footprint is not None]
    base = (bounded or images)[0]
    footprint = base.footprint
    for one in bounded[1:]:
        if footprint is not None and one.footprint is not None and one.footprint != footprint:
            footprint = footprint.union(one.footprint)
    return replace(base, footprint=footprint, properties={}, id=None, size=None)


def stacked(columns: Sequence[Sequence[Band]], reducer: Reducer, names: Sequence[str]) -> tuple[Band, ...]:
    """What a reducer makes of stacks of bands, one for each of its inputs.

    Args:
        columns: The stacks. Those of one input have one layer each for a sample, and so have all others.
        reducer: The reducer.
        names: What its outputs are called.
    """
    types = reducer.types([union([band.type for band in column]) for column in columns])
    every = tuple(band for column in columns for band in column)
    whole = _Shared(reducer, [len(column) for column in columns])
    return tuple(
        Band(name, kind, whole.part(number, kind), every)
        for number, (name, kind) in enumerate(zip(names, types, strict=True))
    )


class _Shared:
    """A reducer's outputs, computed once for all the bands that are made of them."""

    def __init__(self, reducer: Reducer, sizes: Sequence[int]) -> None:
        self._reducer, self._sizes = reducer, sizes
        self._last: tuple[Any, Sequence[Masked]] = None, ()

    def part(self, number: int, kind: PixelType) -> Any:
        """What computes an output."""

        def compute(grid: Grid, _: Grid, *pixels: Pixels) -> Pixels:
            found = self._found(grid, pixels)[number]
            mask = np.ma.getmaskarray(found).reshape(grid.height, grid.width)
            data = np.ma.getdata(found).reshape(grid.height, grid.width)
            if kind.dimensions:
                return np.ma.MaskedArray(as_arrays(data, mask), mask)
            if self._reducer.empty is not None and mask.all():
                data = np.zeros(mask.shape)
            return np.ma.MaskedArray(stored(np.where(mask, 0, data).astype(_number(data)), kind), mask)

        return compute

    def _found(self, grid: Grid, pixels: Sequence[Pixels]) -> Sequence[Masked]:
        # The bands of one image ask one after the other for the same block.
        if self._last[0] is not grid:
            inputs, start = [], 0
            for size in self._sizes:
                inputs.append(stack(pixels[start : start + size]))
                start += size
            self._last = grid, self._reducer(inputs)
        return self._last[1]


def _number(data: Any) -> Any:
    return np.float64 if data.dtype == object else data.dtype


def as_arrays(data: Any, mask: Any) -> Any:
    """Lists in pixels, as arrays."""
    found = np.empty(data.shape, object)
    for at in zip(*np.nonzero(~mask), strict=True):
        found[at] = np.array(data[at])
    return found


def stack(pixels: Sequence[Pixels]) -> Masked:
    """Pixels of one grid over each other, as a masked array of shape (layers, pixels)."""
    data = np.stack([part.data.ravel() for part in pixels])
    return np.ma.MaskedArray(data, np.stack([np.ma.getmaskarray(part).ravel() for part in pixels]))


def reduce_collection(images: Sequence[Image], reducer: Reducer, *, plain: bool = False) -> Image:
    """A reducer applied to the images' bands of each name, or to all bands together where it has more inputs.

    Args:
        images: The images; the first one's bands are reduced. Of none, an image without bands is made.
        reducer: The reducer.
        plain: Whether a band's only output keeps its name.
    """
    if not images:
        return Image(())
    base, first = around(images), images[0]
    if reducer.inputs == 1:
        names = keys_of(reducer, first.names, always=not plain)
        size = len(reducer.outputs)
        bands: list[Band] = []
        for number, name in enumerate(first.names):
            column = [one.bands[one.names.index(name)] for one in images if name in one.names]
            bands += stacked([column], reducer, names[number * size : (number + 1) * size])
        return replace(base, bands=tuple(bands))
    if reducer.inputs != len(first.bands):
        raise ExportError(
            f"The reducer has {reducer.inputs} inputs; the images have {len(first.bands)} bands."
        )
    columns = [[one.select([name]).bands[0] for one in images] for name in first.names]
    return replace(base, bands=stacked(columns, reducer, reducer.outputs))


def reduce_bands(image: Image, reducer: Reducer) -> Image:
    """A reducer applied to the bands of each pixel: to all in turn, or each to one of its inputs."""
    if reducer.inputs == 1:
        columns: list[Sequence[Band]] = [image.bands]
    elif len(image.bands) == reducer.inputs:
        columns = [[band] for band in image.bands]
    else:
        raise ExportError(f"The reducer has {reducer.inputs} inputs; the image has {len(image.bands)} bands.")
    return replace(image, bands=stacked(columns, reducer, reducer.outputs), size=image.size)
