"""Bands: formulas, masks, types, and images that come from nowhere."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from pyproj import CRS

from earthengine_emulator import expressions, layers
from earthengine_emulator.algebra import BINARY, CASTS, UNARY, Rule, as_image, cast, combined, elementwise
from earthengine_emulator.coercion import as_pixel_type
from earthengine_emulator.elements import property_of
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.arithmetic import of_numbers
from earthengine_emulator.functions.table import row
from earthengine_emulator.grids import WGS84, Grid, Projection, apply, converted
from earthengine_emulator.images import Band, Image, Pixels, constant, whole
from earthengine_emulator.pixeltypes import DOUBLE, FLOAT, PixelType, holding, of_number, union
from earthengine_emulator.values import Algorithm, Date

_RULES: dict[str, Rule] = BINARY | UNARY | {name.lower(): rule for name, rule in CASTS.items()}


def _call(name: str, operands: Sequence[Any]) -> Image:
    if name == "rename":
        return as_image(operands[0]).renamed([operands[1]])
    images = [as_image(operand) for operand in operands]
    if name == "where":
        return layers.where(*images)
    if name == "cat":
        return layers.concatenated(images)
    return elementwise(_RULES[name], *images)


def _parse(text: str, image: str, names: list[str], _: bool) -> Algorithm:
    node = expressions.parse(text, image, _call, lambda one, band: as_image(one).select([band]))

    def run(known: dict[str, Any]) -> Image:
        return as_image(node(known))

    return Algorithm(names, run)


def _number_expression(text: str, known: dict[str, Any] | None) -> Any:
    def call(name: str, operands: Sequence[Any]) -> Any:
        if name == "where":
            return operands[2] if operands[1] else operands[0]
        return of_numbers(_RULES[name], *operands)

    def select(container: Any, name: Any) -> Any:
        return container[name]

    return expressions.parse(text, "", call, select)(known or {})


def _normalized(image: Image, names: list[str] | None) -> Image:
    given: Sequence[Any] = names or [0, 1]
    first, second = (image.select([name]).bands[0] for name in given)

    def compute(_: Grid, __: Grid, a: Pixels, b: Pixels) -> Pixels:
        x, y = a.data.astype(float), b.data.astype(float)
        total = x + y
        mask = np.ma.getmaskarray(a) | np.ma.getmaskarray(b) | (x < 0) | (y < 0)
        found = np.where(total == 0, 0, (x - y) / np.where(total == 0, 1, total))
        return np.ma.MaskedArray(found.astype(np.float32), mask)

    kind = replace(FLOAT, low=-1, high=1)
    return replace(image, bands=(Band("nd", kind, compute, (first, second)),), properties={}, id=None)


def _mask(image: Image, mask: Image | None) -> Image:
    def own(band: Band) -> Band:
        def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
            return whole((~np.ma.getmaskarray(pixels)).astype(np.float32))

        return Band(band.name, replace(FLOAT, low=0, high=1), compute, (band,))

    if mask is None:
        return replace(image, bands=tuple(own(band) for band in image.bands))
    return layers.set_mask(image, mask)


def cast_bands(image: Image, types: dict[str, Any], order: list[str] | None) -> Image:
    """The image with bands of some types, in an order."""
    bands = {
        band.name: combined(band.name, cast(as_pixel_type(types[band.name])), [band])
        if band.name in types
        else band
        for band in image.bands
    }
    return replace(image, bands=tuple(bands[name] for name in (order or image.names)))


def _remap(image: Image, given: list[Any], wanted: list[Any], default: Any, name: str | None) -> Image:
    if len(given) != len(wanted):
        raise ExportError(f"Image.remap: {len(given)} values are mapped to {len(wanted)}.")
    band = image.select([name]).bands[0] if name else image.bands[0]
    order = np.argsort(np.array(given), kind="stable")
    keys, values = np.array(given)[order], np.array(wanted)[order]
    every = [*wanted, default] if default is not None else wanted
    kind = union([of_number(value) for value in every])

    def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
        at = np.clip(np.searchsorted(keys, pixels.data), 0, len(keys) - 1)
        found = keys[at] == pixels.data
        data = np.where(found, values[at], 0 if default is None else default)
        mask = np.ma.getmaskarray(pixels) | (~found if default is None else False)
        return np.ma.MaskedArray(data.astype(kind.dtype), mask)

    return replace(image, bands=(Band("remapped", kind, compute, (band,)),))


def _metadata(image: Image, name: str, band: str | None) -> Image:
    value = property_of(image, name)
    if isinstance(value, Date):
        value = value.millis
    if not isinstance(value, int | float):
        raise ExportError(f"Image.metadata: The property '{name}' is no number: {value!r}.")
    return Image((constant(float(value), band or name),), image.projection, image.footprint)


def _pixel_area() -> Image:
    def compute(grid: Grid, _: Grid) -> Pixels:
        """Corners in a projection of equal area, and the areas of the quadrangles between them."""
        columns, rows = np.meshgrid(np.arange(grid.width + 1.0), np.arange(grid.height + 1.0))
        x, y = apply(grid.transform, columns, rows)
        lon, lat = converted(grid.crs, WGS84.crs, x, y)
        middle = float(np.asarray(lon)[grid.height // 2, grid.width // 2])
        equal = CRS.from_proj4(f"+proj=cea +lon_0={middle} +datum=WGS84 +units=m")
        x, y = converted(WGS84.crs, equal, lon, lat)
        across = (x[1:, 1:] - x[:-1, :-1]) * (y[1:, :-1] - y[:-1, 1:])
        along = (x[1:, :-1] - x[:-1, 1:]) * (y[1:, 1:] - y[:-1, :-1])
        return whole(np.abs(across - along) / 2)

    return Image((Band("area", DOUBLE, compute),))


def _pixel_coordinates(projection: Projection) -> Image:
    def axis(number: int) -> Callable[[Grid, Grid], Pixels]:
        def compute(grid: Grid, _: Grid) -> Pixels:
            x, y = converted(grid.crs, projection.crs, *grid.centres())
            return whole(apply(~projection.transform, np.asarray(x), np.asarray(y))[number])

        return compute

    return Image(tuple(Band(name, DOUBLE, axis(n)) for n, name in enumerate("xy")), projection)


def _random(seed: int, distribution: str) -> Image:
    def compute(grid: Grid, _: Grid) -> Pixels:
        """A number for each place and seed: the same wherever a block begins."""
        x, y = (np.round(axis * 1e6).astype(np.int64).view(np.uint64) for axis in grid.centres())
        mixed = (
            x * np.uint64(0x9E3779B97F4A7C15)
            ^ y * np.uint64(0xC2B2AE3D27D4EB4F)
            ^ np.uint64(seed & 2**63 - 1)
        )
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
            mixed = (mixed ^ mixed >> np.uint64(shift)) * np.uint64(factor)
        uniform = (mixed >> np.uint64(11)).astype(float) / 2**53
        if distribution != "normal":
            return whole(uniform)
        import scipy

        return whole(scipy.special.ndtri(np.clip(uniform, 1e-16, 1 - 1e-16)))

    return Image((Band("random", DOUBLE, compute),))


def _polynomial(image: Image, factors: list[float]) -> Image:
    rule = Rule("", lambda _: DOUBLE, lambda data: np.polynomial.polynomial.polyval(data, factors))
    return elementwise(rule, image)


def _interpolate(image: Image, xs: list[float], ys: list[float], behaviour: str) -> Image:
    x, y = np.array(xs, float), np.array(ys, float)

    def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
        data = pixels.data.astype(float)
        found, low, high = np.interp(data, x, y), data < x[0], data > x[-1]
        if behaviour == "extrapolate":
            found = np.where(low, y[0] + (data - x[0]) * (y[1] - y[0]) / (x[1] - x[0]), found)
            found = np.where(high, y[-1] + (data - x[-1]) * (y[-1] - y[-2]) / (x[-1] - x[-2]), found)
        elif behaviour == "input":
            found = np.where(low | high, data, found)
        outside = (low | high) if behaviour == "mask" else False
        return np.ma.MaskedArray(found, np.ma.getmaskarray(pixels) | outside)

    return replace(image, bands=tuple(Band(band.name, DOUBLE, compute, (band,)) for band in image.bands))


def _regexp_rename(image: Image, pattern: str, replacement: str, every: bool) -> Image:
    target = re.sub(r"\$(\d)", r"\\\1", replacement)
    return image.renamed([re.sub(pattern, target, name, count=0 if every else 1) for name in image.names])


def _clamped(image: Image, low: float, high: float) -> Image:
    def kind(of: PixelType) -> PixelType:
        if of.precision != "int":
            return replace(of, low=low, high=high)
        return (
            holding(max(of.low, low), min(of.high, high), of.dtype)
            if low <= of.high and high >= of.low
            else of
        )

    return elementwise(Rule("", kind, lambda data: np.clip(data, low, high)), image)


ROWS = [
    row(
        "Image.parseExpression(expression: String, argName: String, vars: List<String>, "
        "mapFreeVarsToDefaultImageBands: Boolean = false) -> Algorithm",
        "A function from a formula of variables and of a default image's bands.",
        _parse,
    ),
    row(
        "Number.expression(expression: String, vars: Dictionary<Object> = null) -> Number",
        "A number from a formula of variables.",
        _number_expression,
    ),
    row(
        "Image.normalizedDifference(input: Image, bandNames: List<String> = null) -> Image",
        "(first - second) / (first + second) of two bands; masked where either is negative.",
        _normalized,
    ),
    row(
        "Image.mask(image: Image, mask: Image = null) -> Image",
        "The image's mask, 0 or 1; or the image with another mask instead of its own.",
        _mask,
    ),
    row(
        "Image.blend(bottom: Image, top: Image) -> Image",
        "An image over another one.",
        lambda bottom, top: layers.mosaic([bottom, top]),
    ),
    row(
        "Image.bandNames(image: Image) -> List<Object>",
        "The names of the bands.",
        lambda image: image.names,
    ),
    row(
        "Image.bandTypes(image: Image) -> Dictionary<Object>",
        "The types of the bands, by name.",
        lambda image: {band.name: band.type for band in image.bands},
    ),
    row(
        "Image.cast(image: Image, bandTypes: Dictionary<Object>, bandOrder: List<String> = null) -> Image",
        "The image with bands of some types, in an order.",
        cast_bands,
    ),
    row(
        "Image.slice(image: Image, start: Integer, end: Integer = null) -> Image",
        "The bands from one number up to another one.",
        lambda image, start, end: replace(image, bands=image.bands[start:end]),
    ),
    row(
        "Image.regexpRename(input: Image, regex: String, replacement: String, all: Boolean = true) -> Image",
        "The bands renamed by a regular expression.",
        _regexp_rename,
    ),
    row(
        "Image.remap(image: Image, from: List<Object>, to: List<Object>, defaultValue: Object = null, "
        "bandName: String = null) -> Image",
        "A band with other values for those of a list; others are masked, or get a default.",
        _remap,
    ),
    row(
        "Image.clamp(input: Image, low: Float, high: Float) -> Image",
        "The image with its pixels cut to a range.",
        _clamped,
    ),
    row(
        "Image.polynomial(image: Image, coefficients: List<Float>) -> Image",
        "A polynomial of the pixels, its coefficients from the constant on.",
        _polynomial,
    ),
    row(
        "Image.interpolate(image: Image, x: List<Float>, y: List<Float>, behavior: String = "
        '"extrapolate") -> Image',
        "The pixels on a line through points.",
        _interpolate,
    ),
    row(
        "Image.metadata(image: Image, property: String, name: String = null) -> Image",
        "An image of a property.",
        _metadata,
    ),
    row(
        "Image.pixelArea() -> Image",
        "The area of each pixel in square metres.",
        _pixel_area,
    ),
    row(
        "Image.pixelCoordinates(projection: Projection) -> Image",
        "The coordinates of each pixel in the pixels of a projection.",
        _pixel_coordinates,
    ),
    row(
        'Image.random(seed: Long = 0, distribution: String = "uniform") -> Image',
        "A random number at each pixel; the same for the same seed.",
        _random,
    ),
]
