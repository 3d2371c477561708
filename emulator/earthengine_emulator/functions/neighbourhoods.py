"""Kernels, and what is computed from the pixels around."""

from collections.abc import Callable
from functools import partial
from typing import Any

from earthengine_emulator import kernels, neighbourhoods, reducers
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import Function, row
from earthengine_emulator.images import Image
from earthengine_emulator.kernels import Kernel
from earthengine_emulator.reducing import Reducer

_END = 'units: String = "pixels", normalize: Boolean = {}, magnitude: Float = 1.0) -> Kernel'


def _kernels() -> list[Function]:
    rows = []
    for name, (text, shape) in (kernels.SHAPES | kernels.DISTANCES).items():

        def round_kernel(radius: float, *rest: Any, shape: Any = shape) -> Kernel:
            return kernels.shaped(shape, radius, radius, *rest)

        end = _END.format("true" if name in kernels.SHAPES else "false")
        rows.append(row(f"Kernel.{name}(radius: Float, {end}", text, round_kernel))
    for name, (text, weights) in kernels.EDGES.items():

        def edge(magnitude: float, normalize: bool, weights: Any = weights) -> Kernel:
            return kernels.fixed(weights, normalize, magnitude)

        rows.append(
            row(f"Kernel.{name}(magnitude: Float = 1.0, normalize: Boolean = false) -> Kernel", text, edge)
        )
    return rows


def _fixed(_: int, __: int, weights: Any, x: int, y: int, normalize: bool) -> Kernel:
    return kernels.fixed(weights, normalize, 1, x, y)


def _focal(name: str, reducer: Callable[[], Reducer]) -> Callable[..., Image]:
    def apply(
        image: Image, radius: float, shape: str, units: str, iterations: int, kernel: Kernel | None
    ) -> Image:
        if kernel is None:
            if shape not in kernels.SHAPES:
                raise ExportError(f"Image.focal: Unknown kernel '{shape}'.")
            kernel = kernels.shaped(kernels.SHAPES[shape][1], radius, radius, units, False, 1)
        return neighbourhoods.focal(image, name, kernel, iterations, reducer())

    return apply


_FOCAL: dict[str, Callable[[], Reducer]] = {
    "min": partial(reducers.extreme, "min", 1),
    "max": partial(reducers.extreme, "max", 1),
    "median": reducers.median,
    "mode": reducers.mode,
    "mean": reducers.SIMPLE["mean"][1],
}
_FOCAL_ARGUMENTS = (
    'image: Image, radius: Float = 1.5, kernelType: String = "circle", units: String = "pixels", '
    "iterations: Integer = 1, kernel: Kernel = null"
)


def _focals() -> list[Function]:
    return [
        row(
            f"{spelling}({_FOCAL_ARGUMENTS}) -> Image",
            f"The {name} of the pixels around each one.",
            _focal(name, reducer),
        )
        for name, reducer in _FOCAL.items()
        for spelling in (f"Image.focal{name.capitalize()}", f"Image.focal_{name}", f"Window.{name}")
    ]


def _reduce(image: Image, reducer: Reducer, kernel: Kernel, weigh: str, skip: bool, _: str | None) -> Image:
    return neighbourhoods.reduce_neighbourhood(image, reducer, kernel, skip=skip, weigh=weigh)


def _distance(image: Image, kernel: Kernel | None, skip: bool) -> Image:
    shape = kernels.DISTANCES["euclidean"][1]
    chosen = kernel or kernels.shaped(shape, 100, 100, "meters", False, 1)
    return neighbourhoods.distance(image, chosen, skip=skip)


ROWS = [
    *_kernels(),
    *_focals(),
    row(
        'Kernel.rectangle(xRadius: Float, yRadius: Float, units: String = "pixels", normalize: Boolean = '
        "true, magnitude: Float = 1) -> Kernel",
        "A rectangle.",
        lambda *arguments: kernels.shaped(kernels.SHAPES["square"][1], *arguments),
    ),
    row(
        'Kernel.gaussian(radius: Float, sigma: Float = 1, units: String = "pixels", normalize: Boolean = '
        "true, magnitude: Float = 1) -> Kernel",
        "A bell.",
        lambda radius, sigma, *rest: kernels.shaped(kernels.gaussian(sigma), radius, radius, *rest),
    ),
    row(
        "Kernel.fixed(width: Integer = -1, height: Integer = -1, weights: List<List<Object>>, x: Integer "
        "= -1, y: Integer = -1, normalize: Boolean = false) -> Kernel",
        "Given weights.",
        _fixed,
    ),
    row(
        "Kernel.rotate(kernel: Kernel, rotations: Integer) -> Kernel",
        "The kernel turned clockwise by quarters.",
        kernels.rotated,
    ),
    row(
        "Kernel.add(kernel1: Kernel, kernel2: Kernel, normalize: Boolean = false) -> Kernel",
        "Both kernels added up.",
        kernels.added,
    ),
    row(
        "Kernel.inverse(kernel: Kernel) -> Kernel",
        "The kernel with its weights inverted.",
        kernels.inverse,
    ),
    row(
        "Image.convolve(image: Image, kernel: Kernel) -> Image",
        "The image convolved with a kernel.",
        neighbourhoods.convolve,
    ),
    row(
        "Image.reduceNeighborhood(image: Image, reducer: Reducer, kernel: Kernel, inputWeight: String = "
        '"kernel", skipMasked: Boolean = true, optimization: String = null) -> Image',
        "What a reducer makes of the pixels around each one.",
        _reduce,
    ),
    row(
        "Image.fastDistanceTransform(image: Image, neighborhood: Integer = 256, units: String = "
        '"pixels", metric: String = "squared_euclidean") -> Image',
        "The distance to the nearest pixel that is not 0.",
        neighbourhoods.distance_transform,
    ),
    row(
        "Image.distance(image: Image, kernel: Kernel = null, skipMasked: Boolean = true) -> Image",
        "The least weight of a kernel at a pixel that is not 0.",
        _distance,
    ),
    row(
        "Image.gradient(input: Image) -> Image",
        "Half the difference of the neighbours along columns and along rows.",
        neighbourhoods.gradient,
    ),
    row(
        "Image.connectedPixelCount(input: Image, maxSize: Integer = 100, eightConnected: Boolean = true) "
        "-> Image",
        "How many pixels each one's connected area of equal pixels has.",
        lambda image, most, eight: neighbourhoods.connected_count(image, most, eight=eight),
    ),
    row(
        "Image.connectedComponents(image: Image, connectedness: Kernel, maxSize: Integer) -> Image",
        "The image with a number for each connected area of equal pixels.",
        neighbourhoods.connected_components,
    ),
]
