"""Filters and joins."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from earthengine_emulator.elements import geometry_of, property_of, with_properties
from earthengine_emulator.errors import ExportError
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.images import Image
from earthengine_emulator.values import Collection, Date, DateRange, Feature, parse_date


@dataclass(frozen=True, eq=False)
class Filter:
    """A condition on an element, or in a join on two of them.

    Attributes:
        test: Takes the element, and the other one or null.
        measure: How far apart two elements are by it, if it tells.
    """

    test: Callable[[Any, Any], bool]
    measure: Callable[[Any, Any], float] | None = None

    def __call__(self, left: Any, right: Any = None) -> bool:
        """Whether it holds."""
        return self.test(left, right)


def comparing(
    compare: Callable[[Any, Any], bool],
    field: str | None,
    value: Any,
    other_field: str | None,
    other_value: Any,
) -> Filter:
    """A filter that compares a property or a value with a value or a property of the other element."""

    def test(left: Any, right: Any) -> bool:
        a = _of(left, field) if field is not None else other_value
        b = _of(right if right is not None else left, other_field) if other_field is not None else value
        if a is None or b is None:
            return False
        return bool(compare(a, b))

    return Filter(test)


def _of(element: Any, field: str) -> Any:
    if isinstance(element, Image | Feature | Collection):
        return property_of(element, field)
    if isinstance(element, dict):
        return element.get(field)
    # In lists of other values a filter looks at the value itself.
    return element


def ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], bool]:
    """A comparison of numbers, dates or texts; of different kinds it does not hold."""

    def test(a: Any, b: Any) -> bool:
        a, b = (value.millis if isinstance(value, Date) else value for value in (a, b))
        try:
            return bool(np.all(compare(a, b)))
        except TypeError:
            return False

    return test


def number_of(value: Any) -> float:
    """A number or a date as a number."""
    return float(value.millis if isinstance(value, Date) else value)


def spatial(name: str) -> Callable[[Any, Any], bool]:
    """A comparison of geometries by shapely's predicate of this name, in longitudes and latitudes."""

    def test(a: Any, b: Any) -> bool:
        from earthengine_emulator import relations

        return relations.related(name, as_place(a), as_place(b))

    return test


def as_place(value: Any) -> Geometry:
    """The geometry of an element, a geometry or GeoJSON."""
    from earthengine_emulator.coercion import as_geometry

    return as_geometry(value) if not isinstance(value, Image | Feature | Collection) else geometry_of(value)


def date_range(field: Any, value: Any) -> bool:
    """Whether a date lies in a range."""
    ranges = field if isinstance(field, DateRange) else None
    if ranges is None:
        raise ExportError("Filter.dateRangeContains: The left value is no range of dates.")
    return bool(ranges.start.millis <= parse_date(value).millis < ranges.end.millis)


def calendar(start: int, end: int, field: str) -> Filter:
    """A filter by a part of the date, from start to end; over the year's end where end is less."""

    def test(element: Any, _: Any) -> bool:
        millis = property_of(element, "system:time_start")
        if millis is None:
            return False
        value = calendar_field(parse_date(millis), field)
        return start <= value <= end if start <= end else value >= start or value <= end

    return Filter(test)


def calendar_field(date: Date, field: str) -> int:
    """A part of a date, in UTC.

    Raises:
        ExportError: There is no such part.
    """
    moment = datetime.fromtimestamp(date.millis / 1000, UTC)
    fields: dict[str, Callable[[], int]] = {
        "year": lambda: moment.year,
        "month": lambda: moment.month,
        "day_of_month": lambda: moment.day,
        "day_of_year": lambda: moment.timetuple().tm_yday,
        "day_of_week": lambda: moment.isoweekday(),
        "week_of_year": lambda: moment.isocalendar().week,
        "hour": lambda: moment.hour,
        "minute": lambda: moment.minute,
    }
    if field not in fields:
        raise ExportError(f"Filter.calendarRange: Unknown field '{field}'.")
    return fields[field]()


@dataclass(frozen=True, eq=False)
class Join:
    """What is made of each element of a collection and those of another one that match it."""

    make: Callable[[Any, Sequence[Any], Callable[[Any, Any], Any]], Iterator[Any]]

    def apply(self, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
        """Join two collections."""
        found = []
        for left in primary:
            matches = [right for right in secondary if condition(left, right)]
            found += list(self.make(left, matches, condition.measure or (lambda *_: None)))
        return replace(primary, elements=found, id=None, images=all(isinstance(one, Image) for one in found))


def simple_join(*, inverted: bool) -> Join:
    """Those that have a match, or have none."""

    def make(left: Any, matches: Sequence[Any], _: Any) -> Iterator[Any]:
        if bool(matches) != inverted:
            yield left

    return Join(make)


def saving(key: str, order: str | None, ascending: bool, measure: str | None, outer: bool, how: str) -> Join:
    """Each with its first, best or all matches as a property.

    Args:
        key: The property.
        order: The property of the matches that they are ordered by.
        ascending: Whether the least is first.
        measure: The property of each match that the measure is put into.
        outer: Whether those without a match are kept.
        how: "first", "best" or "all".
    """

    def make(left: Any, matches: Sequence[Any], measured: Callable[[Any, Any], Any]) -> Iterator[Any]:
        found = list(matches)
        if order:
            found.sort(key=lambda one: property_of(one, order), reverse=not ascending)
        if how == "best":
            found.sort(key=lambda one: measured(left, one) or 0)
        if measure:
            found = [with_properties(one, {measure: measured(left, one)}) for one in found]
        if not found and not outer:
            return
        if not found:
            yield left
        else:
            yield with_properties(left, {key: found if how == "all" else found[0]})

    return Join(make)


def inner(primary: str, secondary: str, measure: str | None) -> Join:
    """A feature for each pair, with both as properties."""

    def make(left: Any, matches: Sequence[Any], measured: Callable[[Any, Any], Any]) -> Iterator[Any]:
        for right in matches:
            more = {measure: measured(left, right)} if measure else {}
            yield Feature(None, {primary: left, secondary: right} | more)

    return Join(make)
