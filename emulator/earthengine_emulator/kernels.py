"""Kernels: weights around a pixel, of a size in pixels or in metres."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Floats, Grid

Shape = Callable[[Floats, Floats, float], Any]


@dataclass(frozen=True, eq=False)
class Kernel:
    """Weights around a pixel.

    Attributes:
        make: The weights where a pixel has so many metres on a side. There is an odd number of rows and of
            columns, and the pixel is in the middle.
    """

    make: Callable[[float], Floats]

    def on(self, grid: Grid) -> Floats:
        """The weights on a grid."""
        return self.make(grid.projection.metres)

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        weights = self.make(1)
        height, width = weights.shape
        return {
            "type": "Kernel.fixed",
            "width": width,
            "height": height,
            "weights": weights.tolist(),
            "center": [width // 2, height // 2],
        }


def shaped(
    shape: Shape, x_radius: float, y_radius: float, units: str, normalize: bool, magnitude: float
) -> Kernel:
    """A kernel that is a function of the distance along columns and rows.

    Args:
        shape: Takes the distances along columns and along rows and the radius; gives weights.
        x_radius: How far it reaches along columns.
        y_radius: How far it reaches along rows.
        units: "pixels" or "meters".
        normalize: Whether the weights are made to add up to 1.
        magnitude: What each is multiplied with.

    Raises:
        ExportError: The units are not known.
    """
    if units not in ("pixels", "meters"):
        raise ExportError(f"Kernel: The units are 'pixels' or 'meters', not '{units}'.")

    def make(metres: float) -> Floats:
        unit = metres if units == "meters" else 1.0
        columns, rows = (math.floor(radius / unit + 1e-9) for radius in (x_radius, y_radius))
        x, y = np.meshgrid(np.arange(-columns, columns + 1) * unit, np.arange(-rows, rows + 1) * unit)
        weights = np.asarray(shape(x.astype(float), y.astype(float), max(x_radius, y_radius)), float)
        return _finished(weights, normalize, magnitude)

    return Kernel(make)


def _finished(weights: Floats, normalize: bool, magnitude: float) -> Floats:
    total = weights.sum()
    if normalize and total:
        weights = weights / total
    return weights * magnitude


def fixed(
    weights: Sequence[Any], normalize: bool = False, magnitude: float = 1, x: int = -1, y: int = -1
) -> Kernel:
    """A kernel of given weights, its centre in the middle or where it is named.

    Raises:
        ExportError: The rows differ in length.
    """
    given = np.array(weights, float)
    if given.ndim != 2:
        raise ExportError("Kernel.fixed: The weights are no rows of the same length.")
    height, width = given.shape
    x, y = (width // 2 if x < 0 else x), (height // 2 if y < 0 else y)
    # Zeros around make the centre the middle.
    left, right = max(0, width - 1 - 2 * x), max(0, 2 * x - width + 1)
    top, bottom = max(0, height - 1 - 2 * y), max(0, 2 * y - height + 1)
    finished = _finished(np.pad(given, ((top, bottom), (left, right))), normalize, magnitude)
    return Kernel(lambda _: finished)


def rotated(kernel: Kernel, turns: int) -> Kernel:
    """The kernel turned clockwise by quarters."""
    return Kernel(lambda metres: np.rot90(kernel.make(metres), -turns))


def added(first: Kernel, second: Kernel, normalize: bool) -> Kernel:
    """Both kernels, their centres on each other."""

    def make(metres: float) -> Floats:
        a, b = first.make(metres), second.make(metres)
        size = [max(x, y) for x, y in zip(a.shape, b.shape, strict=True)]
        both = np.zeros(size)
        for part in (a, b):
            row, column = ((whole - own) // 2 for whole, own in zip(size, part.shape, strict=True))
            both[row : row + part.shape[0], column : column + part.shape[1]] += part
        return _finished(both, normalize, 1)

    return Kernel(make)


def inverse(kernel: Kernel) -> Kernel:
    """The kernel with each weight that is not 0 inverted."""

    def make(metres: float) -> Floats:
        weights = kernel.make(metres)
        return np.where(weights == 0, 0, 1 / np.where(weights == 0, 1, weights))

    return Kernel(make)


SHAPES: dict[str, tuple[str, Shape]] = {
    "square": ("A square.", lambda x, y, _: np.ones_like(x + y)),
    "circle": ("A disc.", lambda x, y, r: x**2 + y**2 <= r**2 + 1e-9),
    "diamond": ("A diamond.", lambda x, y, r: np.abs(x) + np.abs(y) <= r + 1e-9),
    "octagon": (
        "An octagon.",
        lambda x, y, r: np.abs(x) + np.abs(y) <= 2 * r - np.floor(r * (2 - math.sqrt(2))) + 1e-9,
    ),
    "plus": ("A plus.", lambda x, y, _: (x == 0) | (y == 0)),
    "cross": ("A cross along the diagonals.", lambda x, y, _: np.abs(x) == np.abs(y)),
}
DISTANCES: dict[str, tuple[str, Shape]] = {
    "euclidean": ("The Euclidean distance.", lambda x, y, r: _within(np.hypot(x, y), r)),
    "manhattan": ("The distance along rows and columns.", lambda x, y, r: _within(np.abs(x) + np.abs(y), r)),
    "chebyshev": ("The greater of the distances.", lambda x, y, _: np.maximum(np.abs(x), np.abs(y))),
}
EDGES: dict[str, tuple[str, list[list[float]]]] = {
    "laplacian4": ("The Laplacian of four neighbours.", [[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "laplacian8": ("The Laplacian of eight neighbours.", [[1, 1, 1], [1, -8, 1], [1, 1, 1]]),
    "sobel": ("Sobel's edges.", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "roberts": ("Roberts' edges.", [[0, 0, 0], [0, 1, 0], [0, 0, -1]]),
    "prewitt": ("Prewitt's edges.", [[1, 0, -1], [1, 0, -1], [1, 0, -1]]),
    "compass": ("Prewitt's compass.", [[1, 1, -1], [1, -2, -1], [1, 1, -1]]),
    "kirsch": ("Kirsch's compass.", [[5, -3, -3], [5, 0, -3], [5, -3, -3]]),
}


def _within(distance: Floats, radius: float) -> Floats:
    return np.where(distance <= radius + 1e-9, distance, 0)


def gaussian(sigma: float) -> Shape:
    """A bell of a standard deviation."""
    return lambda x, y, _: np.exp(-(x**2 + y**2) / (2 * sigma**2))
