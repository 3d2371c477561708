"""Filters and joins."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from earthengine_emulator import expressions, predicates
from earthengine_emulator.elements import geometry_of, property_of
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.controls import equal
from earthengine_emulator.functions.table import Function, row
from earthengine_emulator.predicates import Filter
from earthengine_emulator.relations import distance

_SIDES = (
    "leftField: String = null, rightValue: Object = null, rightField: String = null, leftValue: Object = null"
)
_MARGIN = 'maxError: ErrorMargin = {"type": "ErrorMargin", "unit": "meters", "value": 0.1}'


def _not(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda a, b: not test(a, b)


_less, _more = predicates.ordered(operator.lt), predicates.ordered(operator.gt)
_least, _most = predicates.ordered(operator.le), predicates.ordered(operator.ge)
_COMPARISONS: list[tuple[tuple[str, ...], str, Callable[[Any, Any], bool]]] = [
    (("eq", "equals"), "is equal to the right one", equal),
    (("neq", "notEquals"), "differs from the right one", _not(equal)),
    (("lt", "lessThan"), "is less than the right one", _less),
    (("lte", "lessThanOrEquals"), "is less than the right one or equal to it", _least),
    (("gt", "greaterThan"), "is greater than the right one", _more),
    (("gte", "greaterThanOrEquals"), "is greater than the right one or equal to it", _most),
    (("stringStartsWith",), "begins with the right one", lambda a, b: str(a).startswith(b)),
    (("stringEndsWith",), "ends with the right one", lambda a, b: str(a).endswith(b)),
    (("stringContains",), "contains the right one's text", lambda a, b: str(b) in str(a)),
    (("inList",), "is in the list on the right", lambda a, b: any(equal(a, one) for one in b)),
    (
        ("listContains",),
        "is a list that contains the right one",
        lambda a, b: any(equal(b, one) for one in a),
    ),
    (("dateRangeContains",), "is a range of dates that contains the right one", predicates.date_range),
]
_TESTS = {names[0]: test for names, _, test in _COMPARISONS}
_PLACES = {
    "intersects": "meets the right one",
    "disjoint": "does not meet the right one",
    "contains": "contains the right one",
    "isContained": "lies in the right one",
}


def _rows() -> list[Function]:
    rows = []
    for names, text, test in _COMPARISONS:

        def compare(*sides: Any, test: Callable[[Any, Any], bool] = test) -> Filter:
            return predicates.comparing(test, *sides)

        rows += [
            row(f"Filter.{name}({_SIDES}) -> Filter", f"Where the left value {text}.", compare)
            for name in names
        ]
    for name, text in _PLACES.items():
        test = predicates.spatial({"isContained": "within"}.get(name, name))

        def place(*sides: Any, test: Callable[[Any, Any], bool] = test) -> Filter:
            return predicates.comparing(test, *sides[:-1])

        signature = f"Filter.{name}({_SIDES}, {_MARGIN}) -> Filter"
        rows.append(row(signature, f"Where the left geometry {text}.", place))
    return rows


def _difference(most: float, *sides: Any) -> Filter:
    def apart(a: Any, b: Any) -> float:
        a, b = (predicates.number_of(value) for value in (a, b))
        return float(abs(a - b))

    found = predicates.comparing(lambda a, b: apart(a, b) <= most, *sides)
    left, _, right, _ = sides
    return Filter(found.test, lambda a, b: apart(property_of(a, left), property_of(b, right)))


def _within(most: float, *sides: Any) -> Filter:
    def apart(a: Any, b: Any) -> float:
        return distance(predicates.as_place(a), predicates.as_place(b))

    left, value, right, other = sides[:-1]
    found = predicates.comparing(lambda a, b: apart(a, b) <= most, left, value, right, other)
    return Filter(found.test, lambda a, b: apart(geometry_of(a), geometry_of(b)))


class _Fields(dict[str, Any]):
    """The properties of an element by name, as a formula asks for them."""

    def __init__(self, element: Any) -> None:
        self._element = element

    def __contains__(self, name: object) -> bool:
        return name not in ("true", "false")

    def __getitem__(self, name: str) -> Any:
        return property_of(self._element, name.replace("system__", "system:"))


def _written_call(name: str, operands: Sequence[Any]) -> bool:
    match name, operands:
        case "and" | "or", (a, b):
            return bool(a and b if name == "and" else a or b)
        case "not", (a,):
            return not a
        case _, (a, b) if name in _TESTS:
            return a is not None and b is not None and _TESTS[name](a, b)
    raise ExportError(f"Filter.expression: '{name}' is no operator of filters.")


def written(text: str) -> Filter:
    """The filter of a text such as `CLOUD_COVER < 20 && SENSOR == "OLI"`.

    Raises:
        ExportError: It cannot be understood.
    """

    def part(_: Any, name: Any) -> Any:
        raise ExportError(f"Filter.expression: Cannot take a part, {name!r}, of a property.")

    # Colons belong to choices in formulas, so that names are without them until their values are taken.
    node = expressions.parse(text.replace("system:", "system__"), "", _written_call, part)
    return Filter(lambda one, _: bool(node(_Fields(one))))


def _area(low: float, high: float, _: Any, selector: str | None) -> Filter:
    def test(one: Any, _: Any) -> bool:
        geometry = geometry_of(one) if selector in (None, "", ".geo") else property_of(one, str(selector))
        return geometry is not None and low <= predicates.as_place(geometry).area <= high

    return Filter(test)


def _range(field: str, low: Any, high: Any) -> Filter:
    return predicates.comparing(
        lambda value, _: _most(value, low) and _least(value, high), field, low, None, None
    )


ROWS = [
    *_rows(),
    row(
        "Filter.and(filters: List<Filter>) -> Filter",
        "Where all filters hold.",
        lambda filters: Filter(
            lambda a, b: all(one(a, b) for one in filters), filters[0].measure if filters else None
        ),
    ),
    row(
        "Filter.or(filters: List<Filter>) -> Filter",
        "Where any filter holds.",
        lambda filters: Filter(
            lambda a, b: any(one(a, b) for one in filters), filters[0].measure if filters else None
        ),
    ),
    row(
        "Filter.not(filter: Filter) -> Filter",
        "Where the filter does not hold.",
        lambda one: Filter(lambda a, b: not one(a, b)),
    ),
    row(
        "Filter.always() -> Filter",
        "Everywhere.",
        lambda: Filter(lambda *_: True),
    ),
    row(
        "Filter.never() -> Filter",
        "Nowhere.",
        lambda: Filter(lambda *_: False),
    ),
    row(
        "Filter.notNull(properties: List<String>) -> Filter",
        "Where all of the properties are known.",
        lambda names: Filter(lambda one, _: all(property_of(one, name) is not None for name in names)),
    ),
    row(
        "Filter.hasGeometry() -> Filter",
        "Where there is a geometry.",
        lambda: Filter(lambda one, _: not geometry_of(one).shape.is_empty),
    ),
    row(
        "Filter.expression(expression: String) -> Filter",
        "Where a formula of properties holds, as in `CLOUD_COVER < 20 && SENSOR == 'OLI'`.",
        written,
    ),
    row(
        "Filter.area(min: Float, max: Float, maxError: ErrorMargin = null, geometrySelector: String = null) "
        "-> Filter",
        "Where the geometry's area lies between two, in square metres.",
        _area,
    ),
    row(
        "Filter.rangeContains(field: String, minValue: Object, maxValue: Object) -> Filter",
        "Where a property lies between two values, both included.",
        _range,
    ),
    row(
        'Filter.calendarRange(start: Integer, end: Integer = null, field: String = "day_of_year") -> Filter',
        "Where a part of the date lies between two values, both included.",
        lambda start, end, field: predicates.calendar(start, start if end is None else end, field),
    ),
    row(
        "Filter.dayOfYear(start: Integer, end: Integer) -> Filter",
        "Where the day of the year lies between two, the second one excluded.",
        lambda start, end: predicates.calendar(start, end - 1, "day_of_year"),
    ),
    row(
        "Filter.maxDifference(difference: Float, leftField: String = null, rightValue: Object = null, "
        "rightField: String = null, leftValue: Object = null) -> Filter",
        "Where the values are no further apart than a difference.",
        _difference,
    ),
    row(
        "Filter.withinDistance(distance: Float, leftField: String = null, rightValue: Object = null, "
        'rightField: String = null, leftValue: Object = null, maxError: ErrorMargin = {"type": '
        '"ErrorMargin", "unit": "meters", "value": 0.1}) -> Filter',
        "Where the geometries are no further apart than a distance in metres.",
        _within,
    ),
    row(
        "Join.simple() -> Join",
        "Joins: the elements that have a match.",
        lambda: predicates.simple_join(inverted=False),
    ),
    row(
        "Join.inverted() -> Join",
        "Joins: the elements that have no match.",
        lambda: predicates.simple_join(inverted=True),
    ),
    row(
        "Join.saveFirst(matchKey: String, ordering: String = null, ascending: Boolean = true, "
        "measureKey: String = null, outer: Boolean = false) -> Join",
        "Joins: the elements, each with its first match as a property.",
        lambda key, order, ascending, measure, outer: predicates.saving(
            key, order, ascending, measure, outer, "first"
        ),
    ),
    row(
        "Join.saveBest(matchKey: String, measureKey: String, outer: Boolean = false) -> Join",
        "Joins: the elements, each with its nearest match as a property.",
        lambda key, measure, outer: predicates.saving(key, None, True, measure, outer, "best"),
    ),
    row(
        "Join.saveAll(matchesKey: String, ordering: String = null, ascending: Boolean = true, "
        "measureKey: String = null, outer: Boolean = false) -> Join",
        "Joins: the elements, each with all its matches as a property.",
        lambda key, order, ascending, measure, outer: predicates.saving(
            key, order, ascending, measure, outer, "all"
        ),
    ),
    row(
        'Join.inner(primaryKey: String = "primary", secondaryKey: String = "secondary", measureKey: '
        "String = null) -> Join",
        "Joins: a feature for each pair that matches.",
        predicates.inner,
    ),
    row(
        "Join.apply(join: Join, primary: FeatureCollection, secondary: FeatureCollection, condition: "
        "Filter) -> FeatureCollection",
        "What a join makes of two collections.",
        lambda join, primary, secondary, condition: join.apply(primary, secondary, condition),
    ),
]
