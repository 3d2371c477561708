"""Each value as a plain int, float, str, bool, list or dict, or refused: what every argument goes through.

These functions refuse without saying which argument it was. `checked` adds the name, and refuses as well what
raises by its own code: an object can raise in any of its methods.
"""

from __future__ import annotations

import itertools
import math
import numbers
import operator
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import (
    Protocol,
    SupportsFloat,
    SupportsIndex,
    SupportsInt,
    TypeGuard,
    TypeVar,
    cast,
)

from .._errors.root import a
from ..errors import InvalidArgument, InvalidArgumentType

T = TypeVar("T")
V = TypeVar("V")
F = TypeVar("F", bound=Callable[..., object])

INT32, INT64 = 2**31 - 1, 2**63 - 1
EXACT = 2**53
"""Beyond it not every whole number is a double, which is what JSON's numbers are."""

_LONGEST_PATH = 60  # characters of where in a list or dict something stands
_MAX_DEPTH = 100  # of lists and dicts
_MAX_ITEMS = 1_000_000  # of a sequence of an own kind, which may have no end


def checked(argument: str, convert: Callable[[V], T], value: V) -> T:
    """The converted value of an argument.

    Raises:
        InvalidArgument, InvalidArgumentType: It is refused; the error names the argument.
    """
    try:
        return convert(_object(value))
    except (InvalidArgument, InvalidArgumentType) as error:
        path = error.argument if len(error.argument) < _LONGEST_PATH else f"{error.argument[:_LONGEST_PATH]}…"
        error.argument = argument + path
        raise
    except RecursionError:
        raise InvalidArgument(argument, value, "It nests too deep, or holds itself.") from None
    except Exception as error:
        rule = f"It cannot be read: that raises {a(type(error).__name__)}."
        raise InvalidArgumentType(argument, value, rule) from error


def _object(value: V) -> V:
    if isinstance(value, type):
        cure = f"Give {value.__name__[:_LONGEST_PATH]}(…)."
        raise InvalidArgumentType("", value, "It is a class, not an object.", cure)
    return value


def item_of(value: object) -> object:
    """What a scalar or an array of numpy holds, as Python's own; anything else as it is."""
    convert = getattr(type(value), "tolist", None)
    if not callable(convert) or isinstance(value, memoryview):
        return value
    if isinstance(size := getattr(value, "size", 1), int) and size > 10 * _MAX_ITEMS:
        raise InvalidArgument("", value, f"It holds more than {10 * _MAX_ITEMS:,} items.")
    if type(value).__module__ == "numpy" and (kind := getattr(value, "dtype").kind) in "mM":  # noqa: B009
        value = getattr(value, "astype")(f"{kind}8[us]")  # noqa: B009 - of nanoseconds it makes whole numbers
    return convert(value)


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Whether a value is a sequence of items, and no text."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


class _Real(SupportsFloat, SupportsInt, Protocol):
    """A number that is no complex one: also a Decimal or a Fraction."""


def is_number(value: object) -> TypeGuard[_Real]:
    """Whether a value is a number, and neither True nor False nor a complex one."""
    is_real = isinstance(value, numbers.Number) and hasattr(type(value), "__float__")
    return is_real and not isinstance(value, bool)


def as_float(number: _Real) -> float:
    """A number as a double, infinite where it is too large for one."""
    try:
        return float(number)
    except OverflowError:
        return math.inf


def number(value: object) -> int | float:
    """A finite number; one without a fraction as an int, so that 30 and 30.0 are the same."""
    found = item_of(value)
    if not is_number(found):
        raise InvalidArgumentType("", value, "It must be a number.")
    double = as_float(found)
    if not math.isfinite(double):
        raise InvalidArgument("", value, "It must be a finite number; JSON knows no other.")
    if isinstance(found, int) and -INT64 <= found <= INT64:
        return int.__pos__(found)
    is_whole = double.is_integer() and abs(double) < EXACT and str(double) != "-0.0"
    return int(double) if is_whole else double


def whole(value: object, low: int, high: int = INT64) -> int:
    """A whole number from `low` to `high`."""
    ends = (f"{end:,}" if abs(end) > 9999 else str(end) for end in (low, high))
    rule = f"It must be a whole number from {' to '.join(ends)}."
    found = item_of(value)
    if is_number(found) and not isinstance(found, int):  # 1e9 is how people write a number of pixels
        if not (low <= as_float(found) <= high and int(found) == found):
            raise InvalidArgument("", value, rule)
        found = int(found)
    if isinstance(found, bool) or not hasattr(type(found), "__index__"):
        raise InvalidArgumentType("", value, rule)
    number = int.__pos__(operator.index(cast(SupportsIndex, found)))
    if not low <= number <= high:
        raise InvalidArgument("", value, rule)
    return number


def text(value: object, pattern: str = "(?s).*", rule: str = "", cure: str = "") -> str:
    """A string that `pattern` matches from end to end; `rule` and `cure` say what is wrong otherwise."""
    if not isinstance(value, str):
        raise InvalidArgumentType("", value, "It must be a string.", cure if value is None else "")
    found = str.__str__(value)
    try:
        found.encode()
    except UnicodeEncodeError:
        raise InvalidArgument("", value, "It holds half a character (a lone surrogate).") from None
    if not re.fullmatch(pattern, found):
        raise InvalidArgument("", value, rule, cure)
    return found


def own(value: V) -> V:
    """A value that is checked later, as a plain str, int, dict or Path in place of a subclass of these."""
    found: object = value
    if isinstance(value, str):
        found = str.__str__(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        found = int.__pos__(value)
    elif isinstance(value, Mapping):
        found = dict(_ended(value, value.items()))
    elif isinstance(value, os.PathLike):
        found = Path(value)
    return cast(V, found)


def real(value: float) -> float:
    """As `number`, for a field: editors show the type of its argument as what the field takes."""
    return number(value)


def flag(value: bool) -> bool:
    """True or False."""
    found = item_of(value)
    if not isinstance(found, bool):
        raise InvalidArgumentType("", value, "It must be True or False.")
    return found


def callback(value: F) -> F:
    """A function."""
    if not callable(value):
        raise InvalidArgumentType("", value, "It must be a function.")
    return value


def one_of(*kinds: type[T], cure: str = "") -> Callable[[object], T]:
    """A check for an object of one of these classes; `cure` says what to give in place of another."""

    def check(value: object) -> T:
        if not isinstance(value, kinds):
            names = " or ".join(a(kind.__name__) for kind in kinds)
            raise InvalidArgumentType("", value, f"It must be {names}.", cure)
        return value

    return check


def count(value: float) -> int:
    """A number of things, 1 or more."""
    return whole(value, 1)


def side(value: float) -> int:
    """A number of pixels."""
    return whole(value, 1, INT32)


def pair(value: int | Sequence[int]) -> tuple[int, int]:
    """One number of pixels, or (width, height), as a pair."""
    found = sides(value, item_of(value), side, "It must be one number of pixels or a pair (width, height)")
    return found[0], found[-1]


def sides(value: object, found: object, convert: Callable[[V], T], rule: str) -> tuple[T, ...]:
    """One or two sides in pixels, converted; `found` is what was read of the value."""
    given = items(found) if is_list(found) else [found]
    rule = f"{rule}, each a whole number from 1 to {INT32:,}."
    if not 1 <= len(given) <= 2:
        raise InvalidArgument("", value, rule)
    try:
        return tuple(convert(cast(V, one)) for one in given)
    except (InvalidArgument, InvalidArgumentType) as error:
        raise type(error)("", value, rule) from None


def listed(value: object, rule: str) -> list[object]:
    """The items of anything that can be gone through, generators and sets too."""
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
        raise InvalidArgumentType("", value, rule)
    return _ended(value, value)


def items(value: object, rule: str = "It must be a list.") -> list[object]:
    """The items of a sequence or an array."""
    found = item_of(value)
    if not is_list(found):
        raise InvalidArgumentType("", value, rule)
    return list(found) if type(found) in (list, tuple) else listed(found, rule)


def _ended(value: object, given: Iterable[T]) -> list[T]:
    """What going through a value gives, as far as that has an end."""
    found = list(itertools.islice(given, _MAX_ITEMS + 1))
    if len(found) > _MAX_ITEMS:
        raise InvalidArgument("", value, f"It has no end, or more than {_MAX_ITEMS:,} items.")
    return found


def entries(value: object, convert: Callable[[object], T], rule: str = "It must be a dict.") -> dict[str, T]:
    """A mapping with names as keys, its values converted."""
    if not isinstance(value, Mapping):
        raise InvalidArgumentType("", value, rule)
    found: dict[str, T] = {}
    for key, item in _ended(value, value.items()):
        if not isinstance(key, str):
            raise InvalidArgumentType("", key, "This key must be a string.")
        found[text(key)] = checked(f"[{str.__str__(key)!r}]", convert, item)
    return found


def names(value: str | Sequence[str]) -> tuple[str, ...]:
    """One string or several, none empty."""
    rule = "It must be a string, or a list of strings, none of them empty."
    found = [value] if isinstance(value, str) else items(value, rule)
    if not all(isinstance(name, str) for name in found):
        raise InvalidArgumentType("", value, rule)
    return tuple(text(name, "(?s).+", rule) for name in found)


def json_value(value: object) -> object:
    """A value that JSON can hold: None, True, False, text, a number, or lists and dicts of these."""
    left = itertools.count(10 * _MAX_ITEMS, -1)

    def plain(value: object, depth: int) -> object:
        if depth > _MAX_DEPTH or next(left) < 0:
            raise InvalidArgument("", value, f"It nests deeper than {_MAX_DEPTH} lists, or has no end.")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return text(value)
        if isinstance(value, Mapping):
            return entries(value, lambda item: plain(item, depth + 1))
        found = item_of(value)
        if is_list(found):
            inner = enumerate(items(found))
            return [checked(f"[{index}]", lambda item: plain(item, depth + 1), item) for index, item in inner]
        if isinstance(found, bool):
            return found
        if not is_number(found):
            rule = "It must be what JSON can hold: numbers, text, True, False, None, lists and dicts."
            raise InvalidArgumentType("", value, rule)
        double = number(found)
        return int.__pos__(found) if isinstance(found, int) else double

    return plain(value, 0)
