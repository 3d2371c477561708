"""Numbers and texts."""

import json
import re
from typing import Any

from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.controls import equal
from earthengine_emulator.functions.table import row
from earthengine_emulator.values import plain


def _pattern(text: str, flags: str) -> re.Pattern[str]:
    known = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
    found = re.RegexFlag(0)
    for flag in flags:
        found |= known.get(flag, re.RegexFlag(0))
    try:
        return re.compile(text, found)
    except re.error as error:
        raise ExportError(f"String: {text!r} is no regular expression: {error}.") from None


def _match(text: str, regex: str, flags: str) -> list[Any]:
    if "g" in flags:
        return [found.group(0) for found in _pattern(regex, flags).finditer(text)]
    first = _pattern(regex, flags).search(text)
    return [first.group(0), *first.groups()] if first else []


def _replace(text: str, regex: str, new: str, flags: str) -> str:
    replacement = re.sub(r"\$(\d)", r"\\\1", new)
    return _pattern(regex, flags).sub(replacement, text, count=0 if "g" in flags else 1)


def _split(text: str, regex: str, flags: str) -> list[str]:
    if not regex:
        return list(text)
    parts = _pattern(regex, flags).split(text)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


def format_number(number: float, pattern: str) -> str:
    """A number in one of Java's formats.

    Raises:
        ExportError: It is none.
    """
    number = (
        int(number)
        if float(number).is_integer() and not re.search(r"%[-+0 ,#\d.]*[eEfgG]", pattern)
        else number
    )
    grouped = re.sub(r"%([-+0 #\d.]*)s", r"%\1s", pattern)
    try:
        if "," in pattern:
            found = re.search(r"%([-+0 ,#]*)(\d*)((?:\.\d+)?)([dfeg])", pattern)
            if found:
                shown = format(number, f"{',' if ',' in found[1] else ''}{found[3]}{found[4]}")
                return pattern.replace(found[0], shown.rjust(int(found[2] or 0)))
        return grouped % number
    except (TypeError, ValueError) as error:
        raise ExportError(f"Number.format: Cannot format {number} by {pattern!r}: {error}.") from None


def _parse(text: str, radix: int) -> float:
    try:
        return int(text, radix)
    except ValueError:
        return float(text)


def as_string(value: Any) -> str:
    """Any value as text."""
    found = plain(value)
    return found if isinstance(found, str) else json.dumps(found)


ROWS = [
    row(
        "Number.clamp(number: Number, min: Float, max: Float) -> Number",
        "The number, cut to a range.",
        lambda number, low, high: min(max(number, low), high),
    ),
    row(
        "Number.unitScale(number: Number, min: Float, max: Float) -> Number",
        "The number scaled so that a range becomes 0 to 1.",
        lambda n, low, high: (n - low) / (high - low),
    ),
    row(
        'Number.format(number: Number, pattern: String = "%s") -> String',
        "The number as text, by a format.",
        format_number,
    ),
    row("Number.parse(input: String, radix: Integer = 10) -> Number", "The number of a text.", _parse),
    row("String(input: Object) -> String", "A value as text.", as_string),
    row(
        "String.cat(string1: String, string2: String) -> String",
        "Both texts after each other.",
        lambda a, b: a + b,
    ),
    row(
        "String.compareTo(string1: String, string2: String) -> Integer",
        "-1, 0 or 1 by the order of the texts.",
        lambda a, b: (a > b) - (a < b),
    ),
    row("String.decodeJSON(string: String) -> Object", "The value of JSON.", json.loads),
    row(
        "String.encodeJSON(object: Object) -> String",
        "A value as JSON.",
        lambda value: json.dumps(plain(value), separators=(",", ":"), sort_keys=True, ensure_ascii=False),
    ),
    row("String.equals(reference: String, target: Object) -> Boolean", "Whether both are the same.", equal),
    row(
        "String.index(target: String, pattern: String) -> Integer",
        "The first place of a text in it, or -1.",
        lambda text, part: text.find(part),
    ),
    row(
        "String.rindex(target: String, pattern: String) -> Integer",
        "The last place of a text in it, or -1.",
        lambda text, part: text.rfind(part),
    ),
    row("String.length(string: String) -> Integer", "How many letters it has.", len),
    row(
        'String.match(input: String, regex: String, flags: String = "") -> List<String>',
        "What a regular expression finds and its groups, or with 'g' all that it finds.",
        _match,
    ),
    row(
        'String.replace(input: String, regex: String, replacement: String, flags: String = "") -> String',
        "With what a regular expression finds replaced; with 'g' everywhere.",
        _replace,
    ),
    row(
        "String.slice(string: String, start: Integer, end: Integer = null) -> String",
        "From a place up to another one.",
        lambda text, start, end: text[start:end],
    ),
    row(
        'String.split(string: String, regex: String, flags: String = "") -> List<String>',
        "The parts between what a regular expression finds.",
        _split,
    ),
    row("String.toLowerCase(string: String) -> String", "In small letters.", lambda text: text.lower()),
    row("String.toUpperCase(string: String) -> String", "In capitals.", lambda text: text.upper()),
    row("String.trim(string: String) -> String", "Without spaces at its ends.", lambda text: text.strip()),
]
