"""Lazy images: what a band holds is computed for the grid of pixels that somebody asks for.

As in Earth Engine, nothing has a resolution of its own until it is asked: an export asks for its grid, each
band asks its inputs for the grid that it needs, and only an asset or a reprojection turns to another grid.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import (
    WGS84,
    Box,
    Grid,
    Integers,
    Projection,
)
from earthengine_emulator.pixeltypes import PixelType, of_number

Pixels = np.ma.MaskedArray[Any, Any]


def _same(grid: Grid) -> Grid:
    return grid


@dataclass(frozen=True, eq=False)
class Band:
    """One band: how it is computed on a grid from its inputs on the grid that it demands.

    Attributes:
        name: The name.
        type: The type of its pixels.
        compute: Takes the grid, the demanded grid and each input's pixels on that; returns pixels.
        inputs: The bands that it is computed from.
        demand: The grid on which it needs them.
    """

    name: str
    type: PixelType
    compute: Callable[..., Pixels]
    inputs: tuple["Band", ...] = ()
    demand: Callable[[Grid], Grid] = _same

    @property
    def dtype(self) -> np.dtype[Any]:
        """How its pixels are stored."""
        return self.type.dtype


@dataclass(frozen=True, eq=False)
class Image:
    """Some bands.

    Attributes:
        bands: The bands.
        projection: What they come in by default.
        footprint: The bounds of their pixels, if any.
        properties: What is known of the image.
        id: The asset that it was loaded from.
        size: Width and height of an asset, in pixels.
    """

    bands: tuple[Band, ...]
    projection: Projection = WGS84
    footprint: Box | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    size: tuple[int, int] | None = None

    @property
    def names(self) -> list[str]:
        """The names of the bands."""
        return [band.name for band in self.bands]

    def renamed(self, names: Sequence[str]) -> "Image":
        """The same bands by other names.

        Raises:
            ExportError: There are not as many.
        """
        if len(names) != len(self.bands):
            raise ExportError(f"The number of names ({len(names)}) and bands ({len(self.bands)}) differ.")
        bands = (replace(band, name=name) for band, name in zip(self.bands, names, strict=True))
        return replace(self, bands=tuple(bands))

    def select(self, selectors: Sequence[Any]) -> "Image":
        """Bands by name, number or regular expression, in the order of the selectors.

        Raises:
            ExportError: One of them finds none.
        """
        found: list[Band] = []
        for selector in selectors:
            bands = [
                band
                for number, band in enumerate(self.bands)
                if selector in (number, band.name) or re.fullmatch(str(selector), band.name)
            ]
            if not bands:
                raise ExportError(
                    f"Image.select: Band pattern '{selector}' did not match any bands. Available bands: "
                    f"[{', '.join(self.names)}]."
                )
            found += bands
        return replace(self, bands=tuple(found))


def constant(value: float, name: str = "constant") -> Band:
    """A band that is the same everywhere, of the smallest type that holds it."""
    kind = of_number(value)

    def compute(grid: Grid, _: Grid) -> Pixels:
        return whole(np.full((grid.height, grid.width), value, kind.dtype))

    return Band(name, kind, compute)


def whole(data: npt.NDArray[Any]) -> Pixels:
    """Pixels of which none is masked."""
    return np.ma.MaskedArray(data, np.zeros(data.shape, bool))


def render(bands: Sequence[Band], grid: Grid) -> list[Pixels]:
    """Compute bands on a grid.

    Each band is computed once for each grid it is needed on, however many ask for it, and forgotten when the
    last has had it. Nothing recurses: a chain of ten thousand bands is no deeper than one of two.
    """
    order: list[tuple[Band, Grid]] = []
    demands: dict[tuple[Band, Grid], Grid] = {}
    uses = Counter((band, grid) for band in bands)
    todo = [((band, grid), False) for band in bands]
    while todo:
        key, inputs_ordered = todo.pop()
        if inputs_ordered:
            order.append(key)
        elif key not in demands:
            band, asked = key
            demands[key] = band.demand(asked)
            needed = [(source, demands[key]) for source in band.inputs]
            uses.update(needed)
            todo.append((key, True))
            todo.extend((need, False) for need in needed)
    pixels: dict[tuple[Band, Grid], Pixels] = {}
    for key in order:
        band, asked = key
        needed = [(source, demands[key]) for source in band.inputs]
        with np.errstate(all="ignore"):
            pixels[key] = band.compute(asked, demands[key], *(pixels[need] for need in needed))
        for need in needed:
            uses[need] -= 1
            if not uses[need]:
                del pixels[need]
    return [pixels[band, grid] for band in bands]


def pick(source: Pixels, rows: Integers, columns: Integers) -> Pixels:
    """The pixels at these positions; masked where they are outside."""
    height, width = source.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    at = np.where(inside, rows, 0), np.where(inside, columns, 0)
    return np.ma.MaskedArray(source.data[at], np.ma.getmaskarray(source)[at] | ~inside)
