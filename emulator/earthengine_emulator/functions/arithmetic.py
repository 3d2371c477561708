"""`Image.add`, `Number.add`, `Array.add` and all the others that take values one by one."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from earthengine_emulator.algebra import (
    ALIASES,
    BINARY,
    CASTS,
    UNARY,
    Rule,
    elementwise,
    operand_type,
    stored,
)
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import Function, row
from earthengine_emulator.pixeltypes import of, of_number

Array = np.ndarray[Any, Any]


def of_numbers(rule: Rule, *numbers: float) -> float:
    """A rule for numbers."""
    types = [of_number(number) for number in numbers]
    result = rule.type(*types)
    operand = operand_type(result, *types)
    with np.errstate(all="ignore"):
        found = stored(np.asarray(rule.compute(*(np.asarray(n).astype(operand) for n in numbers))), result)
    return found.item()  # type: ignore[no-any-return]


def of_arrays(rule: Rule, *arrays: Array) -> Array:
    """A rule for arrays of one shape, or of which one is a single number.

    Raises:
        ExportError: Their shapes differ.
    """
    shapes = {array.shape for array in arrays if array.size != 1}
    if len(shapes) > 1:
        raise ExportError(f"Array: The shapes {' and '.join(map(str, sorted(shapes)))} do not match.")
    types = [of(array.dtype) for array in arrays]
    result = rule.type(*types)
    operand = operand_type(result, *types)
    with np.errstate(all="ignore"):
        return stored(np.asarray(rule.compute(*(array.astype(operand) for array in arrays))), result)


def _rows(kind: str, names: tuple[str, str, str], call: Callable[..., Any]) -> list[Function]:
    left, right, only = names
    rows = []
    for name, rule in (BINARY | {old: BINARY[new] for old, new in ALIASES.items() if new in BINARY}).items():
        signature = f"{kind}.{name}({left}: {kind}, {right}: {kind}) -> {kind}"
        rows.append(row(signature, f"{rule.text}.", partial(call, rule)))
    casts = {
        f"{prefix}{name if prefix else name.lower()}": rule
        for name, rule in CASTS.items()
        for prefix in ("to", "")
    }
    unary = UNARY | {old: UNARY[new] for old, new in ALIASES.items() if new in UNARY} | casts
    for name, rule in unary.items():
        rows.append(row(f"{kind}.{name}({only}: {kind}) -> {kind}", f"{rule.text}.", partial(call, rule)))
    return rows


ROWS = [
    *_rows("Image", ("image1", "image2", "value"), elementwise),
    *_rows("Number", ("left", "right", "input"), of_numbers),
    *_rows("Array", ("left", "right", "input"), of_arrays),
]
