"""Dates: parts of them, steps from them, and their formats."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from earthengine_emulator.errors import ExportError
from earthengine_emulator.values import Date, DateRange, time_zone

# What a unit has of milliseconds; months and years are means.
MILLIS = {
    "second": 1000.0,
    "minute": 60e3,
    "hour": 3600e3,
    "day": 86400e3,
    "week": 7 * 86400e3,
    "month": 365.25 / 12 * 86400e3,
    "year": 365.25 * 86400e3,
}
# A letter of Joda's formats by how often it stands: what it means.
_FORMATS: dict[str, Callable[[datetime, int], str]] = {
    "Y": lambda t, n: _year(t.year, n),
    "y": lambda t, n: _year(t.year, n),
    "M": lambda t, n: t.strftime("%B") if n > 3 else t.strftime("%b") if n == 3 else f"{t.month:0{n}}",
    "d": lambda t, n: f"{t.day:0{n}}",
    "D": lambda t, n: f"{t.timetuple().tm_yday:0{n}}",
    "E": lambda t, n: t.strftime("%A") if n > 3 else t.strftime("%a"),
    "e": lambda t, n: f"{t.isoweekday():0{n}}",
    "w": lambda t, n: f"{t.isocalendar().week:0{n}}",
    "x": lambda t, n: f"{t.isocalendar().year:0{n}}",
    "H": lambda t, n: f"{t.hour:0{n}}",
    "h": lambda t, n: f"{t.hour % 12 or 12:0{n}}",
    "a": lambda t, _: t.strftime("%p"),
    "m": lambda t, n: f"{t.minute:0{n}}",
    "s": lambda t, n: f"{t.second:0{n}}",
    "S": lambda t, n: f"{t.microsecond // 1000:03}"[:n],
    "Z": lambda t, n: t.strftime("%z") if n == 1 else f"{t.strftime('%z')[:3]}:{t.strftime('%z')[3:]}",
    "z": lambda t, _: t.strftime("%Z"),
}


def _year(year: int, count: int) -> str:
    return f"{year % 100:02}" if count == 2 else f"{year:0{count}}"


def unit_of(name: str) -> str:
    """A unit's name, in the singular.

    Raises:
        ExportError: There is no such unit.
    """
    found = name.lower().rstrip("s")
    if found not in MILLIS:
        raise ExportError(
            f"Date: '{name}' is no unit of time; use year, month, week, day, hour, minute or second."
        )
    return found


def moment(date: Date, zone: str | None = None) -> datetime:
    """A date on the clock of a time zone."""
    epoch = datetime.fromtimestamp(0, time_zone("UTC"))
    return (epoch + timedelta(milliseconds=date.millis)).astimezone(time_zone(zone))


def date_of(when: datetime) -> Date:
    """The date of a moment."""
    epoch = datetime.fromtimestamp(0, time_zone("UTC"))
    return Date(round((when - epoch) / timedelta(milliseconds=1)))


def advance(date: Date, delta: float, unit: str, zone: str | None = None) -> Date:
    """So many units later; months and years as the calendar has them."""
    name = unit_of(unit)
    if name not in ("month", "year"):
        return Date(date.millis + delta * MILLIS[name])
    months = delta * (12 if name == "year" else 1)
    whole = int(months // 1)
    here = moment(date, zone)
    total = here.year * 12 + here.month - 1 + whole
    year, month = divmod(total, 12)
    moved = date_of(here.replace(year=year, month=month + 1, day=min(here.day, _days(year, month + 1))))
    return Date(moved.millis + round((months - whole) * MILLIS["month"]))


def _days(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=time_zone(None))
    return (following - timedelta(days=1)).day


def difference(date: Date, start: Date, unit: str) -> float:
    """How many units later than a start."""
    return (date.millis - start.millis) / MILLIS[unit_of(unit)]


def formatted(date: Date, pattern: str | None, zone: str | None = None) -> str:
    """A date as text.

    Args:
        date: The date.
        pattern: One of Joda's formats; ISO 8601 by default.
        zone: The time zone; UTC by default.

    Raises:
        ExportError: A letter of the pattern is not known.
    """
    when = moment(date, zone)
    if pattern is None:
        return when.strftime("%Y-%m-%dT%H:%M:%S")
    found, at = "", 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "'":
            end = pattern.find("'", at + 1)
            end = len(pattern) if end < 0 else end
            found += pattern[at + 1 : end] or "'"
            at = end + 1
            continue
        count = len(pattern[at:]) - len(pattern[at:].lstrip(letter))
        if letter.isalpha():
            if letter not in _FORMATS:
                raise ExportError(f"Date.format: The letter '{letter}' of {pattern!r} is not known.")
            found += _FORMATS[letter](when, count)
        else:
            found += letter * count
        at += count
    return found


_DIRECTIVES = [
    ("YYYY", "%Y"), ("yyyy", "%Y"), ("YY", "%y"), ("yy", "%y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"),
    ("M", "%m"), ("DDD", "%j"), ("dd", "%d"), ("d", "%d"), ("HH", "%H"), ("H", "%H"), ("mm", "%M"),
    ("ss", "%S"),
]  # fmt: skip


def parsed(pattern: str, text: str, zone: str | None = None) -> Date:
    """The date of a text in one of Joda's formats.

    Raises:
        ExportError: The text is not in that format.
    """
    directives, at = "", 0
    while at < len(pattern):
        for joda, directive in _DIRECTIVES:
            if pattern.startswith(joda, at):
                directives += directive
                at += len(joda)
                break
        else:
            directives += pattern[at].strip("'")
            at += 1
    try:
        return date_of(datetime.strptime(text, directives).replace(tzinfo=time_zone(zone)))
    except ValueError:
        raise ExportError(f"Date.parse: {text!r} is not in the format {pattern!r}.") from None


def part(date: Date, unit: str, zone: str | None = None) -> int:
    """A part of a date, counted as calendars do: months and days from 1."""
    when = moment(date, zone)
    name = unit_of(unit)
    if name == "week":
        return when.isocalendar().week
    return int(getattr(when, name))


def start_of(date: Date, unit: str, zone: str | None = None) -> Date:
    """When the unit began that a date is in."""
    when, name = moment(date, zone), unit_of(unit)
    when = when.replace(microsecond=0)
    if name == "week":
        monday = when - timedelta(days=when.weekday())
        return date_of(monday.replace(hour=0, minute=0, second=0))
    resets: dict[str, dict[str, int]] = {
        "second": {},
        "minute": {"second": 0},
        "hour": {"second": 0, "minute": 0},
        "day": {"second": 0, "minute": 0, "hour": 0},
        "month": {"second": 0, "minute": 0, "hour": 0, "day": 1},
        "year": {"second": 0, "minute": 0, "hour": 0, "day": 1, "month": 1},
    }
    return date_of(when.replace(**resets[name]))  # type: ignore[arg-type]


def whole(date: Date, unit: str, zone: str | None = None) -> DateRange:
    """The whole unit that a date is in."""
    start = start_of(date, unit, zone)
    return DateRange(start, advance(start, 1, unit, zone))


def fraction(date: Date, unit: str, zone: str | None = None) -> float:
    """How much of the unit that a date is in has passed."""
    span = whole(date, unit, zone)
    return (date.millis - span.start.millis) / (span.end.millis - span.start.millis)


def relative(date: Date, unit: str, within: str, zone: str | None = None) -> int:
    """How many units of a larger one have passed, from 0."""
    start = start_of(date, within, zone)
    name = unit_of(unit)
    if name == "month":
        return moment(date, zone).month - moment(start, zone).month
    local = moment(date, zone).replace(tzinfo=None) - moment(start, zone).replace(tzinfo=None)
    return int(local / timedelta(milliseconds=MILLIS[name]))


def changed(date: Date, fields: dict[str, Any], zone: str | None = None) -> Date:
    """A date with some of its parts changed."""
    given = {name: int(value) for name, value in fields.items() if value is not None}
    return date_of(moment(date, zone).replace(**given))  # type: ignore[arg-type]
