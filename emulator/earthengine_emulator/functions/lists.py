"""Lists."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.collections import column, sort_key
from earthengine_emulator.functions.controls import equal
from earthengine_emulator.functions.table import row
from earthengine_emulator.predicates import Filter
from earthengine_emulator.reducing import Reducer

Values = list[Any]
_MOST = 2 * 10**7  # numbers of a sequence; more would take the machine's memory


def _position(values: Values, wanted: Any) -> int:
    return next((at for at, value in enumerate(values) if equal(value, wanted)), -1)


def _contains(values: Values, wanted: Any) -> bool:
    return _position(values, wanted) >= 0


def _get(values: Values, at: int) -> Any:
    if not -len(values) <= at < len(values):
        raise ExportError(f"List.get: Index {at} is out of the bounds of a list of {len(values)}.")
    return values[at]


def _different(values: Values) -> Values:
    found: Values = []
    for value in values:
        if not _contains(found, value):
            found.append(value)
    return found


def _flat(values: Values) -> Values:
    return [part for value in values for part in (_flat(value) if isinstance(value, list) else [value])]


def _mapped(values: Values, algorithm: Callable[[Any], Any], drop: bool) -> Values:
    found = [algorithm(value) for value in values]
    return [value for value in found if value is not None] if drop else found


def _iterate(values: Values, function: Callable[[Any, Any], Any], first: Any) -> Any:
    for value in values:
        first = function(value, first)
    return first


def _sequence(start: float, end: float | None, step: float, count: int | None) -> Values:
    if (count or 0) > _MOST:
        raise ExportError("User memory limit exceeded.", code=8)
    if count is not None:
        last = start + step * (count - 1) if end is None else end
        return [float(value) for value in np.linspace(start, last, count)] if count > 1 else [start][:count]
    if end is None or not step:
        raise ExportError("List.sequence: An end or a count, and a step that is not 0, are needed.")
    steps = np.floor((end - start) / step + 1e-9)
    if steps > _MOST:
        raise ExportError("User memory limit exceeded.", code=8)
    return [start + step * at for at in range(int(steps) + 1)]


def _sorted(values: Values, keys: Values | None) -> Values:
    if keys is None:
        return sorted(values, key=sort_key)
    return [value for _, value in sorted(zip(keys, values, strict=True), key=lambda pair: sort_key(pair[0]))]


def _splice(values: Values, start: int, count: int, other: Values | None) -> Values:
    start = start if start >= 0 else len(values) + start
    return values[:start] + (other or []) + values[start + count :]


def _swap(values: Values, first: int, second: int) -> Values:
    found = list(values)
    found[first], found[second] = found[second], found[first]
    return found


def _set(values: Values, at: int, value: Any) -> Values:
    _get(values, at)
    found = list(values)
    found[at] = value
    return found


def _insert(values: Values, at: int, value: Any) -> Values:
    found = list(values)
    found.insert(at if at >= 0 else len(values) + at, value)
    return found


def _replace(values: Values, old: Any, new: Any, *, every: bool) -> Values:
    found = list(values)
    for at, value in enumerate(values):
        if equal(value, old):
            found[at] = new
            if not every:
                break
    return found


def _remove(values: Values, wanted: Any) -> Values:
    at = _position(values, wanted)
    return values if at < 0 else values[:at] + values[at + 1 :]


def _rotate(values: Values, by: int) -> Values:
    """Positive distances turn to the left."""
    return values if not values else values[by % len(values) :] + values[: by % len(values)]


def _shuffle(values: Values, seed: Any) -> Values:
    found = list(values)
    random.Random(repr(seed)).shuffle(found)  # noqa: S311 - no secret
    return found


def _sublist(values: Values, target: Values, *, last: bool) -> int:
    places = [
        at for at in range(len(values) - len(target) + 1) if equal(values[at : at + len(target)], target)
    ]
    return -1 if not places else places[-1 if last else 0]


def _reduced(values: Values, reducer: Reducer) -> Any:
    columns = (
        [column(values)] if reducer.inputs == 1 else [column(part) for part in zip(*values, strict=True)]
    )
    found = reducer.one(columns)
    return next(iter(found.values())) if len(found) == 1 else found


def _filtered(values: Values, condition: Filter) -> Values:
    # Filters of lists name the values "item".
    return [value for value in values if condition(value)]


ROWS = [
    row(
        "List.add(list: List<Object>, element: Object) -> List<Object>",
        "The list with an element at its end.",
        lambda values, one: [*values, one],
    ),
    row(
        "List.cat(list: List<Object>, other: List<Object>) -> List<Object>",
        "Both lists after each other.",
        lambda a, b: a + b,
    ),
    row(
        "List.contains(list: List<Object>, element: Object) -> Boolean",
        "Whether it has an element.",
        _contains,
    ),
    row(
        "List.containsAll(list: List<Object>, other: List<Object>) -> Boolean",
        "Whether it has all of them.",
        lambda a, b: all(_contains(a, one) for one in b),
    ),
    row("List.distinct(list: List<Object>) -> List<Object>", "Without what was there before.", _different),
    row(
        "List.equals(list: List<Object>, other: List<Object>) -> Boolean", "Whether both are the same.", equal
    ),
    row(
        "List.filter(list: List<Object>, filter: Filter) -> List<Object>",
        "The elements that a filter holds for.",
        _filtered,
    ),
    row("List.flatten(list: List<Object>) -> List<Object>", "The elements of the lists in it.", _flat),
    row(
        "List.frequency(list: List<Object>, element: Object) -> Integer",
        "How often an element is in it.",
        lambda a, b: sum(equal(one, b) for one in a),
    ),
    row(
        "List.get(list: List<Object>, index: Integer) -> Object",
        "An element; negative numbers count from the end.",
        _get,
    ),
    row("List.getNumber(list: List<Object>, index: Integer) -> Number", "An element that is a number.", _get),
    row("List.getString(list: List<Object>, index: Integer) -> String", "An element that is text.", _get),
    row("List.getArray(list: List<Object>, index: Integer) -> Array", "An element that is an array.", _get),
    row(
        "List.getGeometry(list: List<Object>, index: Integer) -> Geometry",
        "An element that is a geometry.",
        _get,
    ),
    row(
        "List.indexOf(list: List<Object>, element: Object) -> Integer",
        "The place of an element, or -1.",
        _position,
    ),
    row(
        "List.indexOfSublist(list: List<Object>, target: List<Object>) -> Integer",
        "The first place of a list in it, or -1.",
        lambda a, b: _sublist(a, b, last=False),
    ),
    row(
        "List.lastIndexOfSubList(list: List<Object>, target: List<Object>) -> Integer",
        "The last place of a list in it, or -1.",
        lambda a, b: _sublist(a, b, last=True),
    ),
    row(
        "List.insert(list: List<Object>, index: Integer, element: Object) -> List<Object>",
        "The list with an element put in.",
        _insert,
    ),
    row(
        "List.iterate(list: List<Object>, function: Algorithm, first: Object) -> Object",
        "What a function makes of each element and its last result.",
        _iterate,
    ),
    row(
        'List.join(list: List<Object>, separator: String = "") -> String',
        "The elements as one text.",
        lambda values, sign: sign.join(str(one) for one in values),
    ),
    row("List.length(list: List<Object>) -> Integer", "How many elements there are.", len),
    row("List.size(list: List<Object>) -> Integer", "How many elements there are.", len),
    row(
        "List.map(list: List<Object>, baseAlgorithm: Algorithm, dropNulls: Boolean = false) -> List<Object>",
        "The results of a function for each element.",
        _mapped,
    ),
    row(
        "List.reduce(list: List<Object>, reducer: Reducer) -> Object",
        "What a reducer makes of the elements.",
        _reduced,
    ),
    row(
        "List.remove(list: List<Object>, element: Object) -> List<Object>",
        "Without the first of an element.",
        _remove,
    ),
    row(
        "List.removeAll(list: List<Object>, other: List<Object>) -> List<Object>",
        "Without the elements of another list.",
        lambda a, b: [one for one in a if not _contains(b, one)],
    ),
    row(
        "List.repeat(value: Object, count: Integer) -> List<Object>",
        "An element so many times.",
        lambda value, count: [value] * count,
    ),
    row(
        "List.replace(list: List<Object>, oldval: Object, newval: Object) -> List<Object>",
        "With another element for the first of one.",
        lambda a, b, c: _replace(a, b, c, every=False),
    ),
    row(
        "List.replaceAll(list: List<Object>, oldval: Object, newval: Object) -> List<Object>",
        "With another element for all of one.",
        lambda a, b, c: _replace(a, b, c, every=True),
    ),
    row(
        "List.reverse(list: List<Object>) -> List<Object>",
        "The other way about.",
        lambda values: values[::-1],
    ),
    row(
        "List.rotate(list: List<Object>, distance: Integer) -> List<Object>",
        "Turned to the left by so many places.",
        _rotate,
    ),
    row(
        "List.sequence(start: Number, end: Number = null, step: Number = 1, count: Integer = null) -> "
        "List<Object>",
        "Numbers from a start to an end by a step, or so many of them.",
        _sequence,
    ),
    row(
        "List.set(list: List<Object>, index: Integer, element: Object) -> List<Object>",
        "With another element at a place.",
        _set,
    ),
    row(
        "List.shuffle(list: List<Object>, seed: Object = null) -> List<Object>",
        "In a random order; the same for the same seed.",
        _shuffle,
    ),
    row(
        "List.slice(list: List<Object>, start: Integer, end: Integer = null, step: Integer = null) -> "
        "List<Object>",
        "From a place up to another one.",
        lambda values, start, end, step: values[start:end:step],
    ),
    row(
        "List.sort(list: List<Object>, keys: List<Object> = null) -> List<Object>",
        "In order, or in that of other values.",
        _sorted,
    ),
    row(
        "List.splice(list: List<Object>, start: Integer, count: Integer, other: List<Object> = null) -> "
        "List<Object>",
        "With some elements taken out and others put in.",
        _splice,
    ),
    row(
        "List.swap(list: List<Object>, pos1: Integer, pos2: Integer) -> List<Object>",
        "With two elements changed about.",
        _swap,
    ),
    row(
        "List.zip(list: List<Object>, other: List<Object>) -> List<List<Object>>",
        "Pairs of the elements of both.",
        lambda a, b: [list(pair) for pair in zip(a, b, strict=False)],
    ),
    row(
        "List.unzip(list: List<Object>) -> List<List<Object>>",
        "The firsts and the seconds of pairs.",
        lambda values: [list(part) for part in zip(*values, strict=True)],
    ),
]
