"""Arithmetic: matching bands, combining their pixels, and the types of what comes out.

One table of rules serves images, numbers and arrays.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels, constant, whole
from earthengine_emulator.pixeltypes import BOOLEAN, LONG, NAMES, PixelType, holding, of, real, union

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Rule:
    """What a function does with pixels.

    Attributes:
        text: In words, for the table.
        type: The type of the result from the types of the operands.
        compute: The result from arrays, which are of int64 where operands and result are integers, and of
            float64 otherwise.
    """

    text: str
    type: Callable[..., PixelType]
    compute: Callable[..., Any]


def as_image(value: Any) -> Image:
    """An image from one, a number, a list of numbers or an array.

    Raises:
        ExportError: It is something else.
    """
    if isinstance(value, Image):
        return value
    if (isinstance(value, np.ndarray) and value.ndim == 0) or isinstance(value, np.number):
        value = value.item()
    if isinstance(value, bool | int | float):
        return Image((constant(value),))
    if isinstance(value, np.ndarray):
        return Image((_constant_array(value),))
    if isinstance(value, list) and value and all(isinstance(part, bool | int | float) for part in value):
        names = ["constant", *(f"constant_{number}" for number in range(1, len(value)))]
        return Image(tuple(constant(part, name) for part, name in zip(value, names, strict=True)))
    raise ExportError(f"Expected an image, found {type(value).__name__}.")


def _constant_array(value: Array) -> Band:
    def compute(grid: Grid, _: Grid) -> Pixels:
        data = np.empty((grid.height, grid.width), object)
        data.fill(value)
        return whole(data)

    return Band("constant", of(value.dtype, value.ndim), compute)


def elementwise(rule: Rule, image: Image, *others: Image) -> Image:
    """Combine the pixels of matching bands, masked where one of them is.

    Args:
        rule: The function.
        image: The first image; it gives projection, footprint and, where it is the only one, properties.
        others: More of them, with as many bands, or one.
    """
    every = (image, *others)
    longest = max(every, key=lambda one: len(one.bands))
    bands = []
    for number, name in enumerate(longest.names):
        sources = tuple(matching(one, number, longest) for one in every)
        bands.append(combined(name, rule, sources))
    base = placed(every)
    return replace(base, bands=tuple(bands), properties=image.properties if not others else {}, id=None)


def placed(images: Sequence[Image]) -> Image:
    """The first of some images that is not endless, with the footprint that all of them share.

    A constant's own projection, whole degrees, would be of no use to anybody.
    """
    bounded = [one for one in images if one.footprint is not None]
    base = (bounded or images)[0]
    footprint = base.footprint
    for one in bounded[1:]:
        if footprint is not None and one.footprint is not None and footprint != one.footprint:
            footprint = footprint.intersection(one.footprint)
    return replace(base, footprint=footprint)


def combined(name: str, rule: Rule, sources: Sequence[Band]) -> Band:
    """A band whose pixels are a function of those of others."""
    types = [band.type for band in sources]
    dimensions = max(kind.dimensions for kind in types)
    result = replace(rule.type(*types), dimensions=dimensions)
    operand = operand_type(result, *types)

    def compute(_: Grid, __: Grid, *pixels: Pixels) -> Pixels:
        mask = np.logical_or.reduce([np.ma.getmaskarray(part) for part in pixels])
        if dimensions:
            return _each_array(rule, result, operand, pixels, mask)
        data = np.asarray(rule.compute(*(part.data.astype(operand, copy=False) for part in pixels)))
        return np.ma.MaskedArray(stored(data, result), mask)

    return Band(name, result, compute, tuple(sources))


def _each_array(
    rule: Rule, result: PixelType, operand: np.dtype[Any], pixels: Sequence[Pixels], mask: Array
) -> Pixels:
    data = np.empty(mask.shape, object)
    for at in zip(*np.nonzero(~mask), strict=True):
        parts = (np.asarray(part.data[at]).astype(operand) for part in pixels)
        data[at] = stored(np.asarray(rule.compute(*parts)), result)
    return np.ma.MaskedArray(data, mask)


def operand_type(*types: PixelType) -> np.dtype[Any]:
    """What operands are converted to before they are computed with."""
    return np.dtype("i8" if all(kind.precision == "int" for kind in types) else "f8")


def stored(data: Array, kind: PixelType) -> Array:
    """Values in their type; what is no number becomes 0 in an integer type."""
    if kind.precision == "int" and data.dtype.kind == "f":
        data = np.nan_to_num(data)
    return data.astype(kind.dtype, copy=False)


def matching(image: Image, number: int, longest: Image) -> Band:
    """The band that goes with one of another image: the only one, of the same name, or at the same place.

    Raises:
        ExportError: It has another number of bands.
    """
    if len(image.bands) == 1:
        return image.bands[0]
    if len(image.bands) != len(longest.bands):
        raise ExportError(
            f"Images have {len(image.bands)} and {len(longest.bands)} bands; they must have as many, or one."
        )
    name = longest.names[number]
    return image.bands[image.names.index(name) if set(image.names) == set(longest.names) else number]


# --- the types of results ---


def _ranged(function: Callable[..., Any]) -> Callable[..., PixelType]:
    """The type of a function that is monotonic in each operand: of the union's precision, or wider."""

    def result(*types: PixelType) -> PixelType:
        both = union(types)
        ends = [function(*corner) for corner in product(*((kind.low, kind.high) for kind in types))]
        if both.precision == "int":
            return holding(min(ends), max(ends), np.result_type(*(kind.dtype for kind in types)))
        known = not any(math.isnan(end) for end in ends)
        return replace(both, low=min(ends), high=max(ends)) if known else of(both.dtype)

    return result


def _union(*types: PixelType) -> PixelType:
    return union(types)


def _real(*types: PixelType) -> PixelType:
    return real(types)


def _boolean(*_: PixelType) -> PixelType:
    return BOOLEAN


def _bits(*types: PixelType) -> PixelType:
    both = union(types)
    return of(both.dtype) if both.precision == "int" else LONG


def _shifted(value: PixelType, by: PixelType) -> PixelType:
    if value.precision != "int" or by.precision != "int" or by.low < 0 or by.high > 62:
        return LONG
    ends = [int(end) << int(by.high) for end in (value.low, value.high)]
    return holding(min(*ends, int(value.low)), max(*ends, int(value.high)), value.dtype)


def _remaining(value: PixelType, by: PixelType) -> PixelType:
    both = union((value, by))
    if both.precision != "int":
        return of(both.dtype)
    most = max(abs(by.low), abs(by.high))
    return holding(max(min(value.low, 0), -most), min(max(value.high, 0), most), value.dtype, by.dtype)


def _fixed(low: int, high: int) -> Callable[[PixelType], PixelType]:
    def result(kind: PixelType) -> PixelType:
        return (
            holding(low, high, kind.dtype) if kind.precision == "int" else replace(kind, low=low, high=high)
        )

    return result


def _absolute(kind: PixelType) -> PixelType:
    high = max(abs(kind.low), abs(kind.high))
    low = 0 if kind.low <= 0 <= kind.high else min(abs(kind.low), abs(kind.high))
    return holding(low, high, kind.dtype) if kind.precision == "int" else replace(kind, low=low, high=high)


# --- the results ---


def _divided(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b))


def _remainder(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, np.fmod(a, np.where(b == 0, 1, b)))


def _bitwise(operator: Callable[..., Array]) -> Callable[..., Array]:
    return lambda *operands: operator(*(part.astype(np.int64) for part in operands))


def _special(name: str) -> Callable[..., Array]:
    def compute(*operands: Array) -> Any:
        import scipy

        return getattr(scipy.special, name)(*operands)

    return compute


def _rounded(data: Array) -> Array:
    # Halves go up, as in Java.
    return data if data.dtype.kind == "i" else np.floor(data + 0.5)


BINARY: dict[str, Rule] = {
    "add": Rule("Adds the first value to the second", _ranged(lambda a, b: a + b), np.add),
    "subtract": Rule("Subtracts the second value from the first", _ranged(lambda a, b: a - b), np.subtract),
    "multiply": Rule("Multiplies the first value by the second", _ranged(lambda a, b: a * b), np.multiply),
    "divide": Rule("Divides the first value by the second, 0 for division by 0", _real, _divided),
    "mod": Rule("The remainder of the first value divided by the second", _remaining, _remainder),
    "pow": Rule("Raises the first value to the power of the second", _real, np.power),
    "min": Rule("The lesser of the values", _ranged(min), np.minimum),
    "max": Rule("The greater of the values", _ranged(max), np.maximum),
    "atan2": Rule("The angle of the vector [x, y]", _real, lambda x, y: np.arctan2(y, x)),
    "hypot": Rule("The length of the vector [x, y]", _real, np.hypot),
    "first": Rule("The first value", _union, lambda a, _: a),
    "firstNonZero": Rule(
        "The first value unless it is 0, then the second", _union, lambda a, b: np.where(a, a, b)
    ),
    "lt": Rule("1 where the first value is less than the second", _boolean, np.less),
    "lte": Rule("1 where the first value is less than or equal to the second", _boolean, np.less_equal),
    "gt": Rule("1 where the first value is greater than the second", _boolean, np.greater),
    "gte": Rule("1 where the first value is greater than or equal to the second", _boolean, np.greater_equal),
    "eq": Rule("1 where the values are equal", _boolean, np.equal),
    "neq": Rule("1 where the values differ", _boolean, np.not_equal),
    "and": Rule("1 where both values are not 0", _boolean, np.logical_and),
    "or": Rule("1 where either value is not 0", _boolean, np.logical_or),
    "bitwiseAnd": Rule("The bitwise AND of the values", _bits, _bitwise(np.bitwise_and)),
    "bitwiseOr": Rule("The bitwise OR of the values", _bits, _bitwise(np.bitwise_or)),
    "bitwiseXor": Rule("The bitwise XOR of the values", _bits, _bitwise(np.bitwise_xor)),
    "leftShift": Rule("The first value shifted left by so many bits", _shifted, _bitwise(np.left_shift)),
    "rightShift": Rule("The first value shifted right by so many bits", _bits, _bitwise(np.right_shift)),
    "gammainc": Rule("The regularized lower incomplete gamma function", _real, _special("gammainc")),
}
UNARY: dict[str, Rule] = {
    "abs": Rule("The absolute value", _absolute, np.abs),
    "floor": Rule("The greatest whole number that is not greater", _union, np.floor),
    "ceil": Rule("The least whole number that is not less", _union, np.ceil),
    "round": Rule("The nearest whole number", _union, _rounded),
    "signum": Rule("The sign: -1, 0 or 1", _fixed(-1, 1), np.sign),
    "not": Rule("1 where the value is 0, and 0 otherwise", _boolean, np.logical_not),
    "bitwiseNot": Rule("The bitwise NOT", _ranged(lambda a: -1 - a), _bitwise(np.bitwise_not)),
    "bitCount": Rule(
        "The number of one-bits in 64 bits", lambda _: holding(0, 64),
        lambda data: np.bitwise_count(data.astype(np.int64).view(np.uint64)),
    ),
    "sqrt": Rule("The square root", _real, np.sqrt),
    "cbrt": Rule("The cube root", _real, np.cbrt),
    "exp": Rule("e to the power of the value", _real, np.exp),
    "log": Rule("The natural logarithm", _real, np.log),
    "log10": Rule("The logarithm of base 10", _real, np.log10),
    "sin": Rule("The sine of an angle in radians", _real, np.sin),
    "cos": Rule("The cosine of an angle in radians", _real, np.cos),
    "tan": Rule("The tangent of an angle in radians", _real, np.tan),
    "asin": Rule("The arcsine, in radians", _real, np.arcsin),
    "acos": Rule("The arccosine, in radians", _real, np.arccos),
    "atan": Rule("The arctangent, in radians", _real, np.arctan),
    "sinh": Rule("The hyperbolic sine", _real, np.sinh),
    "cosh": Rule("The hyperbolic cosine", _real, np.cosh),
    "tanh": Rule("The hyperbolic tangent", _real, np.tanh),
    "gamma": Rule("The gamma function", _real, _special("gamma")),
    "digamma": Rule("The digamma function", _real, _special("digamma")),
    "erf": Rule("The error function", _real, _special("erf")),
    "erfc": Rule("The complementary error function", _real, _special("erfc")),
    "erfInv": Rule("The inverse error function", _real, _special("erfinv")),
    "erfcInv": Rule("The inverse complementary error function", _real, _special("erfcinv")),
}  # fmt: skip
# The names of old.
ALIASES = {
    "first_nonzero": "firstNonZero", "bitwise_and": "bitwiseAnd", "bitwise_or": "bitwiseOr",
    "bitwise_xor": "bitwiseXor", "left_shift": "leftShift", "right_shift": "rightShift",
    "bitwise_not": "bitwiseNot",
}  # fmt: skip


def cast(kind: PixelType) -> Rule:
    """The rule that turns pixels into a type: cut to its range, and towards zero."""

    def apply(data: Array) -> Array:
        if kind.precision != "int":
            return data
        if data.dtype.kind != "f":
            return np.asarray(np.clip(data, int(kind.low), int(kind.high)))
        # 2**63 - 1 is no float: as a float the limit itself would be out of range.
        top = np.nextafter(2.0**63, 0) if kind.dtype.itemsize == 8 else kind.high
        return np.asarray(np.clip(np.trunc(np.nan_to_num(data)), kind.low, top))

    def result(source: PixelType) -> PixelType:
        if source.precision == kind.precision == "int":
            low, high = max(source.low, kind.low), min(source.high, kind.high)
            return replace(kind, low=low, high=high) if low <= high else kind
        return kind

    return Rule(f"Casts the value to {kind.dtype.name}, cut to its range", result, apply)


CASTS = {
    **{name.capitalize(): cast(of(code)) for name, code in NAMES.items()},
}
