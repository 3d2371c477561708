"""Textures after Haralick: how often grey levels lie beside each other around each pixel."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.kernels import Kernel
from earthengine_emulator.neighbourhoods import padded_by
from earthengine_emulator.pixeltypes import DOUBLE

NAMES = (
    "asm", "contrast", "corr", "var", "idm", "savg", "svar", "sent", "ent", "dvar", "dent", "imcorr1",
    "imcorr2", "maxcorr", "diss", "inertia", "shade", "prom",
)  # fmt: skip
_FOUR = [(-1, -1), (-1, 0), (-1, 1), (0, -1)]


def glcm(image: Image, size: int, kernel: Kernel | None, average: bool) -> Image:
    """The measures of each band: the matrix counts pairs both ways around, in a square of pixels.

    Args:
        image: Whole numbers.
        size: How far the square reaches; both pixels of a pair lie in it.
        kernel: Where the other pixel of a pair lies; the eight neighbours by default.
        average: Whether the directions are averaged, rather than bands of their own.
    """
    offsets = _offsets(kernel.make(1)) if kernel else _FOUR
    bands = []
    for band in image.bands:
        groups = [offsets] if average else [[offset] for offset in offsets]
        for group in groups:
            suffix = "" if average else f"_{group[0][1]}_{group[0][0]}"
            shared = _Shared(size, group)
            bands += [
                Band(f"{band.name}_{name}{suffix}", DOUBLE, shared.part(number), (band,), padded_by(size))
                for number, name in enumerate(NAMES)
            ]
    return replace(image, bands=tuple(bands))


def _offsets(weights: Any) -> list[tuple[int, int]]:
    """Rows and columns from the middle, each direction once."""
    found: list[tuple[int, int]] = []
    for row, column in np.argwhere(weights != 0):
        offset = int(row) - weights.shape[0] // 2, int(column) - weights.shape[1] // 2
        if offset != (0, 0) and (-offset[0], -offset[1]) not in found:
            found.append(offset)
    return found


class _Shared:
    """All measures of a band, computed once for the bands that are made of them."""

    def __init__(self, size: int, offsets: Sequence[tuple[int, int]]) -> None:
        self._size, self._offsets = size, offsets
        self._last: tuple[Any, Any] = None, None

    def part(self, number: int) -> Any:
        """What computes a measure."""

        def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
            if self._last[0] is not grid:
                self._last = grid, self._measured(pixels)
            data = self._last[1][number]
            inside = slice(self._size, -self._size)
            mask = np.ma.getmaskarray(pixels)[inside, inside] | np.isnan(data)
            return np.ma.MaskedArray(np.nan_to_num(data), mask)

        return compute

    def _measured(self, pixels: Pixels) -> Any:
        data, there = pixels.data.astype(np.int64), ~np.ma.getmaskarray(pixels)
        side = 2 * self._size + 1
        height, width = (length - side + 1 for length in data.shape)
        found = np.full((len(NAMES), height, width), np.nan)
        for row, column in np.ndindex(height, width):
            square = slice(row, row + side), slice(column, column + side)
            runs = []
            for down, right in self._offsets:
                first, second = _beside(down, right, side), _beside(-down, -right, side)
                kept = there[square][first] & there[square][second]
                if kept.any():
                    runs.append(measures(data[square][first][kept], data[square][second][kept]))
            if runs:
                found[:, row, column] = np.mean(runs, axis=0)
        return found


def _beside(down: int, right: int, side: int) -> tuple[slice, slice]:
    """The pixels of a square that have another one of it so far away."""
    return slice(max(0, -down), side - max(0, down)), slice(max(0, -right), side - max(0, right))


def measures(first: Any, second: Any) -> list[float]:
    """The measures of pairs of grey levels, in the order of `NAMES`."""
    i, j = np.concatenate([first, second]), np.concatenate([second, first])
    pairs, counts = np.unique(np.stack([i, j]), axis=1, return_counts=True)
    p = counts / counts.sum()
    i, j = pairs.astype(float)
    mean, spread = (p * i).sum(), (p * i * i).sum() - (p * i).sum() ** 2
    marginal = _shares(i, p)
    entropy, own = _entropy(p), _entropy(marginal[1])
    levels = dict(zip(*marginal, strict=True))
    alone = np.array([levels[a] * levels[b] for a, b in zip(i, j, strict=True)])
    crossed = float(-(p * np.log(alone)).sum())
    (sums, of_sums), (gaps, of_gaps) = _shares(i + j, p), _shares(np.abs(i - j), p)
    average, gap = (sums * of_sums).sum(), (gaps * of_gaps).sum()
    inertia, deviation = (p * (i - j) ** 2).sum(), i + j - 2 * mean
    return [
        (p**2).sum(),
        inertia,
        (p * (i - mean) * (j - mean)).sum() / spread if spread > 0 else 0.0,
        (p * (i - mean) ** 2).sum(),
        (p / (1 + (i - j) ** 2)).sum(),
        average,
        ((sums - average) ** 2 * of_sums).sum(),
        _entropy(of_sums),
        entropy,
        ((gaps - gap) ** 2 * of_gaps).sum(),
        _entropy(of_gaps),
        (entropy - crossed) / own if own > 0 else 0.0,
        float(np.sqrt(max(0.0, 1 - np.exp(-2 * (2 * own - entropy))))),
        0.0,
        gap,
        inertia,
        (p * deviation**3).sum(),
        (p * deviation**4).sum(),
    ]


def _shares(values: Any, weights: Any) -> tuple[Any, Any]:
    levels, at = np.unique(values, return_inverse=True)
    return levels, np.bincount(at.ravel(), weights)


def _entropy(shares: Any) -> float:
    return float(-(shares * np.log(shares)).sum())
