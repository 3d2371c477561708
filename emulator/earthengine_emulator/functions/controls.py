"""Choices, comparisons, and what a value is."""

from typing import Any

import numpy as np

from earthengine_emulator.functions.table import row
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.grids import Projection
from earthengine_emulator.images import Image
from earthengine_emulator.values import Collection, plain


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


ROWS = [
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
