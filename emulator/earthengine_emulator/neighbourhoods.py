"""Pixels computed from those around them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.kernels import Kernel
from earthengine_emulator.pixeltypes import DOUBLE, FLOAT, LONG, PixelType, real
from earthengine_emulator.reducing import Masked, Reducer, keys_of, types_of
from earthengine_emulator.stacks import as_arrays

CHUNK = 2**22  # values that are looked at at a time, about


def padded_for(kernel: Kernel) -> Callable[[Grid], Grid]:
    """The grid with the pixels around that a kernel reaches."""

    def demand(grid: Grid) -> Grid:
        rows, columns = (size // 2 for size in kernel.on(grid).shape)
        return grid.window(-rows, -columns, grid.height + 2 * rows, grid.width + 2 * columns)

    return demand


def padded_by(count: int) -> Callable[[Grid], Grid]:
    """The grid with so many pixels more on each side."""
    return lambda grid: grid.window(-count, -count, grid.height + 2 * count, grid.width + 2 * count)


def convolve(image: Image, kernel: Kernel) -> Image:
    """The sum of the pixels around times the kernel turned about; masked pixels count as 0."""

    def filtered(band: Band) -> Band:
        kind = real([band.type])

        def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
            import scipy

            weights = kernel.on(grid)
            data = scipy.ndimage.convolve(pixels.filled(0).astype(float), weights, mode="constant")
            return inner(np.ma.MaskedArray(data, np.ma.getmaskarray(pixels)), weights.shape, kind)

        return Band(band.name, kind, compute, (band,), padded_for(kernel))

    return replace(image, bands=tuple(filtered(band) for band in image.bands))


def inner(pixels: Pixels, size: Sequence[int], kind: PixelType) -> Pixels:
    """The pixels without those around, in a type."""
    rows, columns = (length // 2 for length in size)
    found = pixels[rows : pixels.shape[0] - rows, columns : pixels.shape[1] - columns]
    return np.ma.MaskedArray(found.data.astype(kind.dtype, copy=False), np.ma.getmaskarray(found))


def reduce_neighbourhood(
    image: Image,
    reducer: Reducer,
    kernel: Kernel,
    *,
    skip: bool = True,
    weigh: str = "kernel",
    plain: bool = False,
) -> Image:
    """A reducer applied to the pixels around each one, where the kernel is not 0.

    Args:
        image: The image.
        reducer: The reducer; one that is weighted takes the kernel's weights.
        kernel: The kernel.
        skip: Whether pixels that are masked stay so.
        weigh: What the weights are: the "mask", the "kernel", or the lesser ("min").
        plain: Whether a band's only output keeps its name.
    """
    names = keys_of(reducer, image.names, always=not plain)
    types = types_of(reducer, [band.type for band in image.bands])
    groups = [(band,) for band in image.bands] if reducer.inputs == 1 else [image.bands]
    bands: list[Band] = []
    for group in groups:
        for output in range(len(reducer.outputs)):
            kind = types[len(bands)]
            compute = _reducing(reducer, kernel, output, kind, skip=skip, weigh=weigh)
            bands.append(Band(names[len(bands)], kind, compute, tuple(group), padded_for(kernel)))
    return replace(image, bands=tuple(bands))


def _reducing(
    reducer: Reducer, kernel: Kernel, output: int, kind: PixelType, *, skip: bool, weigh: str
) -> Any:
    def compute(grid: Grid, _: Grid, *pixels: Pixels) -> Pixels:
        weights = kernel.on(grid)
        kept = weights != 0
        count = max(1, int(kept.sum()))
        shares = np.ones(count) if weigh == "mask" else np.abs(weights[kept])
        lines = max(1, CHUNK // (count * grid.width))
        found = []
        for start in range(0, grid.height, lines):
            height = min(lines, grid.height - start)
            inputs = [_columns(part[start : start + height + weights.shape[0] - 1], kept) for part in pixels]
            given = np.repeat(shares[:, None], inputs[0].shape[1], axis=1)
            found.append(reducer(inputs, given)[output])
        data = np.concatenate([np.ma.getdata(part) for part in found]).reshape(grid.height, grid.width)
        mask = np.concatenate([np.ma.getmaskarray(part) for part in found]).reshape(grid.height, grid.width)
        if skip:
            middle = [inner(part, weights.shape, kind) if not kind.dimensions else part for part in pixels]
            if not kind.dimensions:
                mask = mask | np.logical_or.reduce([np.ma.getmaskarray(part) for part in middle])
        if kind.dimensions:
            return np.ma.MaskedArray(as_arrays(data, mask), mask)
        return np.ma.MaskedArray(np.where(mask, 0, data).astype(kind.dtype), mask)

    return compute


def _columns(pixels: Pixels, kept: Any) -> Masked:
    windows = np.lib.stride_tricks.sliding_window_view
    data = windows(pixels.data, kept.shape)[..., kept]
    mask = windows(np.ma.getmaskarray(pixels), kept.shape)[..., kept]
    count = data.shape[-1]
    return np.ma.MaskedArray(data.reshape(-1, count).T, mask.reshape(-1, count).T)


def focal(image: Image, name: str, kernel: Kernel, iterations: int, reducer: Reducer) -> Image:
    """A reducer of the pixels around each one, masked ones left out and filled, so many times.

    Args:
        image: The image.
        name: "min" and "max" are computed by scipy, which is faster.
        kernel: The kernel.
        iterations: How often.
        reducer: The reducer.
    """
    for _ in range(iterations):
        if name in ("min", "max"):
            image = replace(image, bands=tuple(_extreme(band, name, kernel) for band in image.bands))
        else:
            image = reduce_neighbourhood(image, reducer, kernel, skip=False, plain=True)
    return image


def _extreme(band: Band, name: str, kernel: Kernel) -> Band:
    def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
        import scipy

        kept = kernel.on(grid) != 0
        worst = np.inf if name == "min" else -np.inf
        run = scipy.ndimage.minimum_filter if name == "min" else scipy.ndimage.maximum_filter
        data = run(
            np.where(np.ma.getmaskarray(pixels), worst, pixels.data),
            footprint=kept,
            mode="constant",
            cval=worst,
        )
        return inner(
            np.ma.MaskedArray(np.where(np.isinf(data), 0, data), np.isinf(data)), kept.shape, band.type
        )

    return Band(band.name, band.type, compute, (band,), padded_for(kernel))


def distance_transform(image: Image, reach: int, units: str, metric: str) -> Image:
    """The distance from each pixel to the nearest that is not 0, if there is one so near.

    Args:
        image: The image; its first band is taken.
        reach: How far to look, in pixels.
        units: "pixels" or "meters".
        metric: "squared_euclidean", "manhattan" or "chebyshev".
    """

    def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
        import scipy

        away = pixels.filled(0) == 0
        if metric == "squared_euclidean":
            found = (
                scipy.ndimage.distance_transform_edt(away) ** 2
                if not away.all()
                else np.full(away.shape, np.inf)
            )
        else:
            how = {"manhattan": "taxicab", "chebyshev": "chessboard"}[metric]
            found = scipy.ndimage.distance_transform_cdt(away, how).astype(float)
            found = np.where(found < 0, np.inf, found)
        mask = found > (reach**2 if metric == "squared_euclidean" else reach)
        side = grid.projection.metres if units == "meters" else 1
        scaled = found * (side**2 if metric == "squared_euclidean" else side)
        size = (2 * reach + 1, 2 * reach + 1)
        return inner(np.ma.MaskedArray(np.where(mask, 0, scaled), mask), size, FLOAT)

    return replace(image, bands=(Band("distance", FLOAT, compute, (image.bands[0],), padded_by(reach)),))


def distance(image: Image, kernel: Kernel, *, skip: bool) -> Image:
    """The least weight of a kernel at a pixel around that is not 0."""

    def measured(band: Band) -> Band:
        def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
            weights = kernel.on(grid)
            height, width = grid.height, grid.width
            found = np.full((height, width), np.inf)
            there = pixels.filled(0) != 0
            middle = tuple(size // 2 for size in weights.shape)
            for row, column in np.ndindex(weights.shape):
                if weights[row, column] or (row, column) == middle:
                    here = there[row : row + height, column : column + width]
                    found = np.where(here, np.minimum(found, weights[row, column]), found)
            mask = np.isinf(found)
            if skip:
                mask |= np.ma.getmaskarray(inner(pixels, weights.shape, band.type))
            return np.ma.MaskedArray(np.where(mask, 0, found).astype(np.float32), mask)

        return Band(band.name, FLOAT, compute, (band,), padded_for(kernel))

    return replace(image, bands=tuple(measured(band) for band in image.bands))


def gradient(image: Image) -> Image:
    """Half the difference of the neighbours along columns and along rows, to the right and downwards."""

    def along(name: str, first: tuple[slice, slice], second: tuple[slice, slice]) -> Band:
        def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
            data = pixels.astype(float)
            found = (data[second] - data[first]) / 2
            return np.ma.MaskedArray(found.data, np.ma.getmaskarray(found))

        return Band(name, DOUBLE, compute, (image.bands[0],), lambda grid: grid.padded)

    middle, before, after = slice(1, -1), slice(None, -2), slice(2, None)
    return replace(
        image,
        bands=(along("x", (middle, before), (middle, after)), along("y", (before, middle), (after, middle))),
    )


def components(pixels: Pixels, *, eight: bool) -> tuple[Any, Any]:
    """The connected areas of equal pixels: the number of each one's area, and the areas' sizes."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    data, there = pixels.data, ~np.ma.getmaskarray(pixels)
    numbers = np.arange(data.size).reshape(data.shape)
    every = slice(None)
    links = [
        ((every, slice(None, -1)), (every, slice(1, None))),
        ((slice(None, -1), every), (slice(1, None), every)),
    ]
    if eight:
        links += [
            ((slice(None, -1), slice(None, -1)), (slice(1, None), slice(1, None))),
            ((slice(None, -1), slice(1, None)), (slice(1, None), slice(None, -1))),
        ]
    rows, columns = [], []
    for a, b in links:
        same = (data[a] == data[b]) & there[a] & there[b]
        rows.append(numbers[a][same])
        columns.append(numbers[b][same])
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = coo_array((np.ones(len(row), bool), (row, column)), (data.size, data.size))
    _, labels = connected_components(graph, directed=False)
    return labels.reshape(data.shape), np.bincount(labels)


def connected_count(image: Image, most: int, *, eight: bool) -> Image:
    """How many pixels each one's connected area of equal pixels has, and the most if it has more."""

    def counted(band: Band) -> Band:
        def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
            labels, sizes = components(pixels, eight=eight)
            found = np.ma.MaskedArray(np.minimum(sizes[labels], most), np.ma.getmaskarray(pixels))
            return inner(found, (2 * most + 1, 2 * most + 1), LONG)

        return Band(band.name, replace(LONG, low=0, high=most), compute, (band,), padded_by(most))

    return replace(image, bands=tuple(counted(band) for band in image.bands))


def connected_components(image: Image, kernel: Kernel, most: int) -> Image:
    """The image with a number for each connected area of equal pixels of its first band."""
    eight = bool(kernel.make(1)[0, 0])

    def compute(_: Grid, padded: Grid, pixels: Pixels) -> Pixels:
        labels, sizes = components(pixels, eight=eight)
        # An area's number is that of the place of its first pixel, the same in each block.
        x, y = padded.centres()
        t = padded.transform
        places = np.round(y / t.e).astype(np.int64) * 2**31 + np.round(x / t.a).astype(np.int64)
        firsts = np.full(len(sizes), np.iinfo(np.int64).max)
        np.minimum.at(firsts, labels.ravel(), places.ravel())
        found = np.ma.MaskedArray(firsts[labels], np.ma.getmaskarray(pixels) | (sizes[labels] > most))
        return inner(found, (2 * most + 1, 2 * most + 1), LONG)

    label = Band("labels", LONG, compute, (image.bands[0],), padded_by(most))
    return replace(image, bands=(*image.bands, label))
