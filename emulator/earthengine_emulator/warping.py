"""Pixels mixed and counted in ways of their own: spectra, entropy, edges, areas."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.kernels import Kernel
from earthengine_emulator.neighbourhoods import components, inner, padded_by, padded_for
from earthengine_emulator.pixeltypes import BYTE, DOUBLE, FLOAT, replace_dimensions
from earthengine_emulator.reducing import Reducer


def unmixed(image: Image, members: Sequence[Sequence[float]], one: bool, positive: bool) -> Image:
    """How much of each of some spectra the bands of a pixel are made of, by least squares.

    Args:
        image: The image.
        members: The spectra, a number for each band.
        one: Whether the parts are made to add up to 1.
        positive: Whether they are made not to be negative.
    """
    matrix = np.array(members, float).T
    heavy = 1e6 * max(1.0, float(np.abs(matrix).max()))
    if one:
        matrix = np.vstack([matrix, np.full(len(members), heavy)])

    def part(number: int) -> Band:
        def compute(_: Grid, __: Grid, *pixels: Pixels) -> Pixels:
            mask = np.logical_or.reduce([np.ma.getmaskarray(band) for band in pixels])
            rows = np.stack([band.data.astype(float).ravel() for band in pixels])
            if one:
                rows = np.vstack([rows, np.full(rows.shape[1], heavy)])
            if positive:
                from scipy.optimize import nnls

                found = np.array([nnls(matrix, column)[0] for column in rows.T]).T
            else:
                found = np.linalg.lstsq(matrix, rows, rcond=None)[0]
            return np.ma.MaskedArray(found[number].reshape(mask.shape), mask)

        return Band(f"band_{number}", DOUBLE, compute, image.bands)

    return replace(image, bands=tuple(part(number) for number in range(len(members))))


def entropy(image: Image, kernel: Kernel) -> Image:
    """The entropy in nats of the whole numbers around each pixel, where the kernel is not 0."""

    def of(band: Band) -> Band:
        def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
            kept = kernel.on(grid) != 0
            windows = np.lib.stride_tricks.sliding_window_view
            data = windows(pixels.data, kept.shape)[..., kept].astype(np.int64)
            there = ~windows(np.ma.getmaskarray(pixels), kept.shape)[..., kept]
            same = (data[..., :, None] == data[..., None, :]) & there[..., None, :]
            count = there.sum(-1)
            share = same.sum(-1) / np.maximum(count, 1)[..., None]
            found = -np.where(there, np.log(np.where(share > 0, share, 1)), 0).sum(-1) / np.maximum(count, 1)
            mask = np.ma.getmaskarray(inner(pixels, kept.shape, band.type)) | (count == 0)
            return np.ma.MaskedArray(found.astype(np.float32), mask)

        return Band(band.name, FLOAT, compute, (band,), padded_for(kernel))

    return replace(image, bands=tuple(of(band) for band in image.bands))


def zero_crossing(image: Image) -> Image:
    """1 where a pixel is not negative and one of its four neighbours is, and 0 elsewhere."""

    def of(band: Band) -> Band:
        def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
            negative = np.ma.filled(pixels < 0, False)
            around = negative[:-2, 1:-1] | negative[2:, 1:-1] | negative[1:-1, :-2] | negative[1:-1, 2:]
            found = ~negative[1:-1, 1:-1] & around
            return np.ma.MaskedArray(found.astype(np.uint8), np.ma.getmaskarray(pixels)[1:-1, 1:-1])

        return Band(band.name, replace(BYTE, high=1), compute, (band,), lambda grid: grid.padded)

    return replace(image, bands=tuple(of(band) for band in image.bands))


def neighbours_as_bands(image: Image, kernel: Kernel) -> Image:
    """A band for each pixel around, where the kernel is not 0, named by its place to the right and below."""
    weights = kernel.make(1)
    middle = tuple(size // 2 for size in weights.shape)

    def at(band: Band, row: int, column: int) -> Band:
        down, right = row - middle[0], column - middle[1]

        def demand(grid: Grid) -> Grid:
            return grid.window(down, right, grid.height, grid.width)

        return Band(f"{band.name}_{right}_{down}", band.type, lambda _, __, pixels: pixels, (band,), demand)

    places = [tuple(map(int, place)) for place in np.argwhere(weights != 0)]
    return replace(image, bands=tuple(at(band, *place) for band in image.bands for place in places))


def neighbours_as_array(image: Image, kernel: Kernel, default: float) -> Image:
    """The pixels around each one as a matrix, as large as the kernel; a default where they are masked."""

    def of(band: Band) -> Band:
        def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
            size = kernel.on(grid).shape
            low, high = band.type.low, band.type.high
            filled = pixels.filled(np.clip(default, low, high).astype(band.dtype))
            windows = np.lib.stride_tricks.sliding_window_view(filled, size)
            data = np.empty((grid.height, grid.width), object)
            for at in np.ndindex(data.shape):
                data[at] = windows[at].copy()
            return np.ma.MaskedArray(data, np.ma.getmaskarray(inner(pixels, size, band.type)))

        return Band(band.name, replace_dimensions(band.type, 2), compute, (band,), padded_for(kernel))

    return replace(image, bands=tuple(of(band) for band in image.bands))


def derivative(image: Image) -> Image:
    """Half the difference of the neighbours, to the right and downwards, of each band."""

    def along(band: Band, axis: int) -> Band:
        def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
            ahead, behind = (
                (pixels[1:-1, 2:], pixels[1:-1, :-2]) if axis else (pixels[2:, 1:-1], pixels[:-2, 1:-1])
            )
            mask = np.logical_or.reduce([np.ma.getmaskarray(one) for one in (ahead, behind)])
            return np.ma.MaskedArray((ahead.data.astype(float) - behind.data) / 2, mask)

        name = f"{band.name}_{'x' if axis else 'y'}"
        return Band(name, DOUBLE, compute, (band,), lambda grid: grid.padded)

    return replace(image, bands=tuple(along(band, axis) for band in image.bands for axis in (1, 0)))


def directional_distance(image: Image, angle: float, most: int, label: str | None) -> Image:
    """How many pixels away the nearest pixel that is not 0 lies in a direction; masked where none does.

    Args:
        image: The image; one band is searched, and the others have their values where it found something.
        angle: The direction, in degrees from the right, upwards.
        most: How far to look, in pixels.
        label: The band that is searched; the only one by default.
    """
    searched = image.select([label] if label else [0]).bands[0]
    turn = math.radians(angle)
    steps = [(-round(k * math.sin(turn)), round(k * math.cos(turn))) for k in range(most + 1)]

    def found_at(searched_pixels: Pixels, shown: Pixels | None) -> Pixels:
        there = searched_pixels.filled(0) != 0
        height, width = (size - 2 * most for size in there.shape)
        data, mask = (
            np.zeros((height, width), shown.dtype if shown is not None else np.float32),
            np.ones((height, width), bool),
        )
        for down, right in steps:
            part = slice(most + down, most + down + height), slice(most + right, most + right + width)
            new = mask & there[part]
            data[new] = math.hypot(down, right) if shown is None else shown.data[part][new]
            mask &= ~new
        return np.ma.MaskedArray(data, mask)

    def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
        return found_at(pixels, None)

    def carried(_: Grid, __: Grid, pixels: Pixels, shown: Pixels) -> Pixels:
        return found_at(pixels, shown)

    bands = [
        Band(band.name, band.type, carried, (searched, band), padded_by(most))
        for band in image.bands
        if band is not searched
    ]
    return replace(image, bands=(*bands, Band("distance", FLOAT, compute, (searched,), padded_by(most))))


def reduced_components(image: Image, reducer: Reducer, label: str | None, most: int) -> Image:
    """What a reducer makes of the pixels of each connected area of equal labels; larger ones are masked."""
    name = label or image.names[-1]
    labels = image.select([name]).bands[0]
    others = [band for band in image.bands if band is not labels]

    def of(band: Band, number: int, output: str) -> Band:
        kind = reducer.types([band.type])[number]

        def compute(_: Grid, __: Grid, pixels: Pixels, marks: Pixels) -> Pixels:
            areas, sizes = components(marks, eight=True)
            found = np.zeros(areas.shape)
            mask = np.ma.getmaskarray(marks) | (sizes[areas] > most)
            core = inner(np.ma.MaskedArray(areas, mask), (2 * most + 1,) * 2, DOUBLE)
            for area in np.unique(core.compressed()):
                here = areas == area
                values: dict[str, Any] = reducer.one([pixels[here]])
                value = values[reducer.outputs[number]]
                found[here] = 0 if value is None else value
                mask |= here & (value is None)
            return inner(np.ma.MaskedArray(found, mask), (2 * most + 1,) * 2, kind)

        suffix = f"_{output}" if len(reducer.outputs) > 1 else ""
        return Band(f"{band.name}{suffix}", kind, compute, (band, labels), padded_by(most))

    bands = tuple(of(band, n, output) for band in others for n, output in enumerate(reducer.outputs))
    return replace(image, bands=bands)
