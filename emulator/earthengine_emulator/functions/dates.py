"""Dates and ranges of dates."""

import math
from typing import Any

from earthengine_emulator import calendars
from earthengine_emulator.calendars import MILLIS, unit_of
from earthengine_emulator.functions.table import row
from earthengine_emulator.values import Date, DateRange, parse_date


def _range(start: Any, end: Any, zone: str | None) -> DateRange:
    first = parse_date(start, zone)
    return DateRange(first, Date(first.millis + 1) if end is None else parse_date(end, zone))


def _from_parts(year: int, month: int, day: int, zone: str | None) -> Date:
    return parse_date(f"{year:04}-{month:02}-{day:02}", zone)


def _update(
    date: Date, year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any, zone: Any
) -> Date:
    fields = {"year": year, "month": month, "day": day, "hour": hour, "minute": minute, "second": second}
    return calendars.changed(date, fields, zone)


def _contains(span: DateRange, other: Any) -> bool:
    if isinstance(other, DateRange):
        return span.start.millis <= other.start.millis and other.end.millis <= span.end.millis
    return span.start.millis <= parse_date(other).millis < span.end.millis


def _shared(a: DateRange, b: DateRange) -> DateRange:
    start = max(a.start.millis, b.start.millis)
    return DateRange(Date(start), Date(max(start, min(a.end.millis, b.end.millis))))


def _empty(span: DateRange) -> bool:
    return span.end.millis <= span.start.millis


def _union(a: DateRange, b: DateRange) -> DateRange:
    return DateRange(Date(min(a.start.millis, b.start.millis)), Date(max(a.end.millis, b.end.millis)))


ROWS = [
    row(
        "Date(value: Object, timeZone: String = null) -> Date",
        "A date from milliseconds since 1970 or from text.",
        parse_date,
    ),
    row(
        "Date.fromYMD(year: Integer, month: Integer, day: Integer, timeZone: String = null) -> Date",
        "The beginning of a day.",
        _from_parts,
    ),
    row(
        "Date.parse(format: String, date: String, timeZone: String = null) -> Date",
        "The date of a text in a format.",
        calendars.parsed,
    ),
    row(
        "Date.advance(date: Date, delta: Float, unit: String, timeZone: String = null) -> Date",
        "So many units later.",
        calendars.advance,
    ),
    row(
        "Date.difference(date: Date, start: Date, unit: String) -> Float",
        "How many units later than a start.",
        calendars.difference,
    ),
    row(
        "Date.format(date: Date, format: String = null, timeZone: String = null) -> String",
        "The date as text, in a format.",
        calendars.formatted,
    ),
    row(
        "Date.get(date: Date, unit: String, timeZone: String = null) -> Long",
        "A part of the date: its year, month, day, ...",
        calendars.part,
    ),
    row(
        "Date.getFraction(date: Date, unit: String, timeZone: String = null) -> Float",
        "How much of a unit has passed.",
        calendars.fraction,
    ),
    row(
        "Date.getRange(date: Date, unit: String, timeZone: String = null) -> DateRange",
        "The whole unit that the date is in.",
        calendars.whole,
    ),
    row(
        "Date.getRelative(date: Date, unit: String, inUnit: String, timeZone: String = null) -> Long",
        "How many units of a larger one have passed, from 0.",
        calendars.relative,
    ),
    row("Date.millis(date: Date) -> Long", "Milliseconds since 1970.", lambda date: date.millis),
    row(
        "Date.unitRatio(numerator: String, denominator: String) -> Float",
        "How many of a unit another one has.",
        lambda a, b: MILLIS[unit_of(a)] / MILLIS[unit_of(b)],
    ),
    row(
        "Date.update(date: Date, year: Integer = null, month: Integer = null, day: Integer = null, hour: "
        "Integer = null, minute: Integer = null, second: Number = null, timeZone: String = null) -> Date",
        "With some parts changed.",
        _update,
    ),
    row(
        "DateRange(start: Object, end: Object = null, timeZone: String = null) -> DateRange",
        "From a date up to another one, or a millisecond of one.",
        _range,
    ),
    row("DateRange.start(dateRange: DateRange) -> Date", "The beginning.", lambda span: span.start),
    row(
        "DateRange.end(dateRange: DateRange) -> Date",
        "The end, which does not belong to it.",
        lambda span: span.end,
    ),
    row(
        "DateRange.contains(dateRange: DateRange, other: Object) -> Boolean",
        "Whether it contains a date or a range.",
        _contains,
    ),
    row(
        "DateRange.intersects(dateRange: DateRange, other: DateRange) -> Boolean",
        "Whether both have dates in common.",
        lambda a, b: not _empty(_shared(a, b)),
    ),
    row(
        "DateRange.intersection(dateRange: DateRange, other: DateRange) -> DateRange",
        "What both have in common.",
        _shared,
    ),
    row(
        "DateRange.union(dateRange: DateRange, other: DateRange) -> DateRange",
        "From the first beginning to the last end.",
        _union,
    ),
    row("DateRange.isEmpty(dateRange: DateRange) -> Boolean", "Whether it has no dates.", _empty),
    row(
        "DateRange.isUnbounded(dateRange: DateRange) -> Boolean",
        "Whether it has no end.",
        lambda span: math.isinf(span.end.millis),
    ),
    row(
        "DateRange.unbounded() -> DateRange", "All dates.", lambda: DateRange(Date(-math.inf), Date(math.inf))
    ),
]
