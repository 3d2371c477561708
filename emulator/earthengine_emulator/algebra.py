"""Arithmetic on images: matching bands, combining pixels, and the types of what comes out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from earthengine_emulator.images import Band, Grid, Image, Pixels, constant
from earthengine_emulator.operations import ExportError

Array = npt.NDArray[Any]


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


def elementwise(
    image: Image, others: Sequence[Image], dtype: Callable[..., Any], apply: Callable[..., Any]
) -> Image:
    """Combine the pixels of matching bands, masked where one of them is.

    Args:
        image: The first image.
        others: More of them, with as many bands, or one.
        dtype: The type of the result's pixels from the types of the bands.
        apply: The result's pixels from arrays of theirs.
    """
    every = (image, *others)
    longest = max(every, key=lambda one: len(one.bands))
    for one in every:
        if len(one.bands) not in (1, len(longest.bands)):
            raise ExportError(
                f"Image.binary: Images have {len(one.bands)} and {len(longest.bands)} bands; "
                "they must have the same number, or one."
            )
    bands = []
    for number, name in enumerate(longest.names):
        sources = tuple(matching(one, number, name, longest) for one in every)
        result = np.dtype(dtype(*(band.dtype for band in sources)))

        def compute(_: Grid, __: Grid, *pixels: Pixels, result: np.dtype[Any] = result) -> Pixels:
            data = np.asarray(apply(*(part.data for part in pixels)))
            mask = np.logical_or.reduce([np.ma.getmaskarray(part) for part in pixels])
            return np.ma.MaskedArray(data.astype(result, copy=False), mask)

        bands.append(Band(name, result, compute, sources))
    bounded = [one for one in every if one.footprint is not None]
    footprint = bounded[0].footprint if bounded else None
    for one in bounded[1:]:
        footprint = footprint and footprint.intersection(one.footprint)  # type: ignore[arg-type]
    # A constant's own projection, whole degrees, would be of no use to anybody.
    return replace((bounded or every)[0], bands=tuple(bands), footprint=footprint)


def matching(image: Image, number: int, name: str, longest: Image) -> Band:
    if len(image.bands) == 1:
        return image.bands[0]
    if set(image.names) == set(longest.names):
        return image.bands[image.names.index(name)]
    return image.bands[number]


# Types of results. Integer arithmetic is done in 32 bits at least, so that it does not wrap around.
def _wide(*dtypes: np.dtype[Any]) -> Any:
    return np.result_type(*dtypes, np.int32) if all(dtype.kind in "iub" for dtype in dtypes) else float


def _real(*dtypes: np.dtype[Any]) -> Any:
    return np.float32 if all(dtype == np.float32 for dtype in dtypes) else float


def _byte(*_: np.dtype[Any]) -> Any:
    return np.uint8


def _divide(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b).astype(float))


def _wider(ufunc: Callable[..., Any]) -> Callable[..., Any]:
    """The function on 64-bit operands: the narrow types of constants would overflow."""

    def apply(*arrays: Array) -> Any:
        return ufunc(*(array.astype(np.int64) if array.dtype.kind in "iub" else array for array in arrays))

    return apply


BINARY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "add": (_wide, np.add),
    "subtract": (_wide, np.subtract),
    "multiply": (_wide, np.multiply),
    "divide": (_real, _divide),
    "mod": (_wide, lambda a, b: np.where(b == 0, 0, np.fmod(a, np.where(b == 0, 1, b)))),
    "pow": (_real, lambda a, b: np.power(a.astype(float), b)),
    "min": (np.result_type, np.minimum),
    "max": (np.result_type, np.maximum),
    "first": (np.result_type, lambda a, b: a),
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
    "bitwiseAnd": (_wide, lambda a, b: a.astype(np.int64) & b.astype(np.int64)),
    "bitwiseOr": (_wide, lambda a, b: a.astype(np.int64) | b.astype(np.int64)),
    "leftShift": (_wide, lambda a, b: a.astype(np.int64) << b.astype(np.int64)),
    "rightShift": (_wide, lambda a, b: a.astype(np.int64) >> b.astype(np.int64)),
}
UNARY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "abs": (_wide, np.abs),
    "floor": (_wide, np.floor),
    "ceil": (_wide, np.ceil),
    "round": (_wide, np.rint),
    "signum": (_wide, np.sign),
    "not": (_byte, np.logical_not),
    **{
        name: (_real, getattr(np, numpy_name))
        for name, numpy_name in {
            "sqrt": "sqrt", "exp": "exp", "log": "log", "log10": "log10", "cbrt": "cbrt",
            "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
            "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
        }.items()
    },
}  # fmt: skip
CASTS = {
    "Uint8": "u1", "Byte": "u1", "Int8": "i1", "Uint16": "u2", "Int16": "i2", "Short": "i2", "Uint32": "u4",
    "Int32": "i4", "Int": "i4", "Int64": "i8", "Long": "i8", "Float": "f4", "Double": "f8",
}  # fmt: skip


def cast(code: str) -> Callable[[Any], Image]:
    """The function that turns pixels into a type: cut to its range, and towards zero."""
    dtype = np.dtype(code)

    def body(value: Any) -> Image:
        def apply(data: Array) -> Array:
            if dtype.kind == "f":
                return data.astype(dtype)
            limits = np.iinfo(dtype)
            if data.dtype.kind == "f":
                # 2**63 - 1 is no float: the limit itself would be above the range.
                data = np.trunc(np.nan_to_num(data))
                top = np.nextafter(float(limits.max) + 1, 0) if dtype.itemsize == 8 else limits.max
                return np.clip(data, limits.min, top).astype(dtype)
            return np.clip(data, limits.min, limits.max).astype(dtype)

        return elementwise(as_image(value), (), lambda _: dtype, apply)

    return body
