"""The types of pixels: a precision, the least and the greatest value, and the dimensions of an array."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from earthengine_emulator.errors import ExportError

DType = np.dtype[Any]
_INTEGERS = tuple(np.dtype(code) for code in ("u1", "i1", "u2", "i2", "i4", "u4", "i8"))
NAMES = {
    "uint8": "u1", "byte": "u1", "int8": "i1", "uint16": "u2", "int16": "i2", "short": "i2", "uint32": "u4",
    "int32": "i4", "int": "i4", "int64": "i8", "long": "i8", "float": "f4", "double": "f8",
}  # fmt: skip


@dataclass(frozen=True)
class PixelType:
    """The type of a band's pixels.

    Attributes:
        dtype: How they are stored.
        low: The least value there may be.
        high: The greatest.
        dimensions: How many axes the array in each pixel has; 0 for numbers.
    """

    dtype: DType
    low: float = -math.inf
    high: float = math.inf
    dimensions: int = 0

    @property
    def precision(self) -> str:
        """As the service calls it: int, float or double."""
        return "int" if self.dtype.kind in "iub" else "float" if self.dtype.itemsize == 4 else "double"

    @property
    def name(self) -> str:
        """As the service's messages call it: Byte, Int16, Float32, ..."""
        return self.dtype.name.capitalize().replace("Uint8", "Byte").replace("Uint", "UInt")


def of(code: Any, dimensions: int = 0) -> PixelType:
    """The type of a numpy type, with all the values that it can hold."""
    dtype = np.dtype(code)
    if dtype.kind == "b":
        return PixelType(np.dtype("u1"), 0, 1, dimensions)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return PixelType(dtype, int(limits.min), int(limits.max), dimensions)
    return PixelType(np.dtype("f4") if dtype == np.float32 else np.dtype("f8"), dimensions=dimensions)


def named(name: str) -> PixelType:
    """The type that the service calls so.

    Raises:
        ExportError: There is none.
    """
    if name not in NAMES:
        raise ExportError(f"PixelType: Unknown precision '{name}'.")
    return of(NAMES[name])


BOOLEAN = PixelType(np.dtype("u1"), 0, 1)
BYTE, FLOAT, DOUBLE, LONG = of("u1"), of("f4"), of("f8"), of("i8")


def holding(low: float, high: float, *preferred: DType) -> PixelType:
    """An integer type for a range: the first of those preferred that holds it, or the smallest that does.

    Where none does, double.
    """
    for dtype in (*(one for one in preferred if one.kind in "iu"), *_INTEGERS):
        limits = np.iinfo(dtype)
        if limits.min <= low and high <= limits.max:
            return PixelType(dtype, int(low), int(high))
    return DOUBLE


def of_number(value: float) -> PixelType:
    """The type of a constant."""
    if isinstance(value, bool | np.bool_):
        return replace(BOOLEAN, low=int(value), high=int(value))
    if isinstance(value, int | np.integer):
        return holding(int(value), int(value))
    return PixelType(np.dtype("f8"), float(value), float(value))


def union(types: Sequence[PixelType]) -> PixelType:
    """The type that holds what any of some types does."""
    dtype = np.result_type(*(one.dtype for one in types))
    low, high = min(one.low for one in types), max(one.high for one in types)
    dimensions = max(one.dimensions for one in types)
    if dtype.kind in "iu":
        return replace(holding(low, high, dtype), dimensions=dimensions)
    return PixelType(dtype, low, high, dimensions)


def real(types: Sequence[PixelType]) -> PixelType:
    """The type of a function whose values are real: float of floats, and double of others."""
    return FLOAT if all(one.dtype == np.float32 for one in types) else DOUBLE


def replace_dimensions(kind: PixelType, dimensions: int) -> PixelType:
    """The type of arrays of pixels of a type."""
    return replace(kind, dimensions=dimensions)
