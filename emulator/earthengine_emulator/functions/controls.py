"""Choices, comparisons, and what a value is."""

from functools import partial
from typing import Any

import numpy as np

from earthengine_emulator.coercion import as_pixel_type
from earthengine_emulator.functions.table import row
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.grids import Projection
from earthengine_emulator.images import Image
from earthengine_emulator.pixeltypes import PixelType, named
from earthengine_emulator.values import Collection, ErrorMargin, plain


def truth(value: Any) -> bool:
    """Whether a value counts as true: what is empty, 0 or null does not."""
    if isinstance(value, np.ndarray):
        return bool(value.any())
    if isinstance(value, Collection):
        return True
    return bool(value)


def kind_of(value: Any) -> str:
    """What the service calls the type of a value."""
    match value:
        case bool():
            return "Boolean"
        case int() | np.integer():
            return "Integer"
        case float() | np.floating():
            return "Float"
        case str():
            return "String"
        case list() | tuple():
            return "List"
        case dict():
            return "Dictionary"
        case np.ndarray():
            return "Array"
        case Image() | Geometry() | Projection():
            return type(value).__name__
        case Collection():
            return "ImageCollection" if value.images else "FeatureCollection"
        case None:
            return "Null"
    return str(getattr(value, "type", type(value).__name__))


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same."""
    return left is right or bool(plain(left) == plain(right))


def _pixel_type(precision: Any, low: float | None, high: float | None, dimensions: int) -> PixelType:
    found = as_pixel_type(precision)
    return PixelType(
        found.dtype, found.low if low is None else low, found.high if high is None else high, dimensions
    )


ROWS = [
    *(
        row(f"PixelType.{name}() -> PixelType", f"The type {name}.", partial(named, name))
        for name in ("double", "float", "int16", "int32", "int64", "int8", "uint16", "uint32", "uint8")
    ),
    row(
        "PixelType(precision: Object, minValue: Number = null, maxValue: Number = null, dimensions: Integer "
        "= 0) -> PixelType",
        "A type of pixels: int, float or double, or any of the sizes of integers, with bounds.",
        _pixel_type,
    ),
    row(
        "PixelType.precision(pixelType: PixelType) -> String",
        "int, float or double.",
        lambda kind: kind.precision,
    ),
    row("PixelType.minValue(pixelType: PixelType) -> Number", "The least value.", lambda kind: kind.low),
    row("PixelType.maxValue(pixelType: PixelType) -> Number", "The greatest value.", lambda kind: kind.high),
    row(
        "PixelType.dimensions(pixelType: PixelType) -> Integer",
        "How many axes an array in a pixel has.",
        lambda kind: kind.dimensions,
    ),
    row(
        'ErrorMargin(value: Float = null, unit: String = "meters") -> ErrorMargin',
        "How far a geometry may be off.",
        ErrorMargin,
    ),
    row(
        "If(condition: Object = null, trueCase: Object = null, falseCase: Object = null) -> Object",
        "One of two values, by a condition; only that one is computed.",
        lambda condition, yes, no: yes if truth(condition) else no,
    ),
    row(
        "IsEqual(left: Object = null, right: Object = null) -> Boolean",
        "Whether two values are equal.",
        equal,
    ),
    row(
        "ObjectType(value: Object = null) -> String",
        "The name of the type of a value.",
        kind_of,
    ),
    row(
        "Describe(input: Object) -> Object",
        "A value as JSON.",
        plain,
    ),
]
