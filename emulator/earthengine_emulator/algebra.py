"""Arithmetic on images: matching bands, combining their pixels, and the types of what comes out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels, constant

Array = npt.NDArray[Any]
DType = np.dtype[Any]
# How a result's type follows from its operands', and the result itself.
Rule = tuple[Callable[..., Any], Callable[..., Any]]


def as_image(value: Any) -> Image:
    """An image from one, a number, or a list of numbers.

    Raises:
        ExportError: It is something else.
    """
    if isinstance(value, Image):
        return value
    if isinstance(value, bool | int | float):
        return Image((constant(value),))
    if isinstance(value, list) and value and all(isinstance(part, bool | int | float) for part in value):
        names = ["constant", *(f"constant_{number}" for number in range(1, len(value)))]
        return Image(tuple(constant(part, name) for part, name in zip(value, names, strict=True)))
    raise ExportError(f"Expected an image, found {type(value).__name__}.")


def elementwise(rule: Rule, image: Image, *others: Image) -> Image:
    """Combine the pixels of matching bands, masked where one of them is.

    Args:
        rule: The type of the result from the types of the bands, and its pixels from arrays of theirs. Those
            are converted first to a type that holds them and the result.
        image: The first image.
        others: More of them, with as many bands, or one.
    """
    every = (image, *others)
    longest = max(every, key=lambda one: len(one.bands))
    bands = []
    for number, name in enumerate(longest.names):
        sources = tuple(matching(one, number, longest) for one in every)
        bands.append(_combined(name, rule, sources))
    bounded = [one for one in every if one.footprint is not None]
    # A constant's own projection, whole degrees, would be of no use to anybody.
    base = (bounded or every)[0]
    footprint = base.footprint
    for one in bounded[1:]:
        if footprint is not None and one.footprint is not None:
            footprint = footprint.intersection(one.footprint)
    return replace(base, bands=tuple(bands), footprint=footprint)


def _combined(name: str, rule: Rule, sources: Sequence[Band]) -> Band:
    dtypes = [band.dtype for band in sources]
    result = np.dtype(rule[0](*dtypes))
    operand = np.result_type(result, *dtypes)

    def compute(_: Grid, __: Grid, *pixels: Pixels) -> Pixels:
        data = np.asarray(rule[1](*(part.data.astype(operand, copy=False) for part in pixels)))
        mask = np.logical_or.reduce([np.ma.getmaskarray(part) for part in pixels])
        return np.ma.MaskedArray(data.astype(result, copy=False), mask)

    return Band(name, result, compute, tuple(sources))


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


# Integer arithmetic is done in 32 bits at least, so that it does not wrap around.
def _wide(*dtypes: DType) -> Any:
    return (
        np.result_type(*dtypes, np.int32) if all(dtype.kind in "iub" for dtype in dtypes) else _real(*dtypes)
    )


def _real(*dtypes: DType) -> Any:
    return np.float32 if all(dtype == np.float32 for dtype in dtypes) else float


def _byte(*_: DType) -> Any:
    return np.uint8


def _divided(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b))


def _remainder(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, np.fmod(a, np.where(b == 0, 1, b)))


def _bitwise(operator: Callable[[Array, Array], Array]) -> Rule:
    return lambda *_: np.int64, lambda a, b: operator(a.astype(np.int64), b.astype(np.int64))


BINARY: dict[str, Rule] = {
    "add": (_wide, np.add),
    "subtract": (_wide, np.subtract),
    "multiply": (_wide, np.multiply),
    "divide": (_real, _divided),
    "mod": (_wide, _remainder),
    "pow": (_real, np.power),
    "min": (np.result_type, np.minimum),
    "max": (np.result_type, np.maximum),
    "atan2": (_real, lambda a, b: np.arctan2(b, a)),
    "hypot": (_real, np.hypot),
    "lt": (_byte, np.less),
    "lte": (_byte, np.less_equal),
    "gt": (_byte, np.greater),
    "gte": (_byte, np.greater_equal),
    "eq": (_byte, np.equal),
    "neq": (_byte, np.not_equal),
    "and": (_byte, np.logical_and),
    "or": (_byte, np.logical_or),
    "bitwiseAnd": _bitwise(np.bitwise_and),
    "bitwiseOr": _bitwise(np.bitwise_or),
    "bitwiseXor": _bitwise(np.bitwise_xor),
    "leftShift": _bitwise(np.left_shift),
    "rightShift": _bitwise(np.right_shift),
}
UNARY: dict[str, Rule] = {
    "abs": (_wide, np.abs),
    "floor": (_wide, np.floor),
    "ceil": (_wide, np.ceil),
    "round": (_wide, np.rint),
    "signum": (_wide, np.sign),
    "not": (_byte, np.logical_not),
    **{
        name: (_real, getattr(np, name))
        for name in ("sqrt", "cbrt", "exp", "log", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh")
    },
    **{name: (_real, getattr(np, name.replace("a", "arc", 1))) for name in ("asin", "acos", "atan")},
}
CASTS = {
    "Uint8": "u1", "Byte": "u1", "Int8": "i1", "Uint16": "u2", "Int16": "i2", "Short": "i2", "Uint32": "u4",
    "Int32": "i4", "Int": "i4", "Int64": "i8", "Long": "i8", "Float": "f4", "Double": "f8",
}  # fmt: skip


def cast(code: str) -> Rule:
    """The rule that turns pixels into a type: cut to its range, and towards zero."""
    dtype = np.dtype(code)

    def apply(data: Array) -> Array:
        if dtype.kind == "f":
            return data
        limits = np.iinfo(dtype)
        if data.dtype.kind != "f":
            return np.asarray(np.clip(data, limits.min, limits.max))
        # 2**63 - 1 is no float: as a float the limit itself would be out of range.
        top = np.nextafter(2.0**63, 0) if dtype.itemsize == 8 else limits.max
        return np.asarray(np.clip(np.trunc(np.nan_to_num(data)), limits.min, top))

    return lambda _: dtype, apply
