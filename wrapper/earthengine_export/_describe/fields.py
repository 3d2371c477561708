"""How the small descriptions (destinations, formats, grids) check their arguments and become JSON.

Each is a frozen attrs class. A field's validator refuses by the field's own name; its metadata says how
the value is written where that is not simply `camelCase: value`.
"""

from __future__ import annotations

import math
import numbers
import operator
import re
from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence, ValuesView
from functools import cache
from typing import Any, Self, TypeVar

import attrs

from ..errors import InvalidArgument, InvalidArgumentType

T = TypeVar("T")
Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


class FrozenMapping(Mapping[str, T]):
    """A mapping that cannot be changed, so that what holds it can be compared, hashed and pickled."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, T]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> T:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    # Mapping's own go through __getitem__, once for each item.
    def values(self) -> ValuesView[T]:
        return self._items.values()

    def items(self) -> ItemsView[str, T]:
        return self._items.items()

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


def strings(value: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """A converter: one string or several as a tuple."""
    if value is None:
        return None
    return (value,) if isinstance(value, str) else tuple(value)


def pair(value: int | Sequence[int] | None) -> tuple[int, int] | None:
    """A converter: one number of pixels, or (width, height), as a pair."""
    if value is None:
        return None
    sides: Any = tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    return sides * 2 if len(sides) == 1 else sides  # type: ignore[no-any-return]


def whole(argument: str, value: Any, low: int, high: int = 2**63 - 1) -> int:
    """The value as an int.

    Raises:
        InvalidArgumentType: It is not a whole number.
        InvalidArgument: It is not between `low` and `high`.
    """
    rule = f"It must be a whole number from {low} to {high}."
    # 1e9 is how people write a number of pixels.
    number: Any = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(value, bool) or not hasattr(number, "__index__"):
        raise InvalidArgumentType(argument, value, rule)
    if not low <= operator.index(number) <= high:
        raise InvalidArgument(argument, value, rule)
    return operator.index(number)


def real(argument: str, value: object) -> float:
    """The value as it is, if it is a finite number.

    Raises:
        InvalidArgumentType: It is not a number.
        InvalidArgument: It is NaN or infinite.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise InvalidArgumentType(argument, value, "It must be a number.")
    if not math.isfinite(value):
        raise InvalidArgument(argument, value, "It must be a finite number; JSON knows no other.")
    return value if isinstance(value, int | float) else float(value)


def sized(argument: str, value: Any, length: int) -> tuple[Any, ...]:
    """The value as a tuple, if it holds so many items.

    Raises:
        InvalidArgument, InvalidArgumentType: It does not.
    """
    rule = f"It must be {length} numbers."
    if not hasattr(value, "__len__") or isinstance(value, str):
        raise InvalidArgumentType(argument, value, rule)
    if len(value) != length:
        raise InvalidArgument(argument, value, rule)
    return tuple(value)


def text(argument: str, value: object, pattern: str, rule: str, cure: str = "") -> str:
    """The value, if it is a string that `pattern` matches from end to end.

    Raises:
        InvalidArgumentType: It is not a string.
        InvalidArgument: It does not match; `rule` says why, `cure` what to do.
    """
    if not isinstance(value, str):
        raise InvalidArgumentType(argument, value, "It must be a string.")
    if not re.fullmatch(pattern, value):
        raise InvalidArgument(argument, value, rule, cure)
    return value


def matches(pattern: str, rule: str, cure: str = "") -> Validator:
    """A validator: a string of this form."""

    def check(_: object, field: attrs.Attribute[Any], value: object) -> None:
        text(field.name, value, pattern, rule, cure)

    return check


def in_range(low: int, high: int = 2**63 - 1) -> Validator:
    """A validator: a whole number, or a tuple of them, in this range."""

    def check(_: object, field: attrs.Attribute[Any], value: object) -> None:
        if isinstance(value, tuple) and len(value) != 2:
            raise InvalidArgument(field.name, value, "It must be one number or a pair (width, height).")
        for number in value if isinstance(value, tuple) else (value,):
            whole(field.name, number, low, high)

    return check


def is_flag(_: object, field: attrs.Attribute[Any], value: object) -> None:
    """A validator: True or False."""
    if not isinstance(value, bool):
        raise InvalidArgumentType(field.name, value, "It must be True or False.")


def is_number(_: object, field: attrs.Attribute[Any], value: object) -> None:
    """A validator: a finite number."""
    real(field.name, value)


def are_strings(_: object, field: attrs.Attribute[Any], value: Any) -> None:
    """A validator: a tuple of strings, none empty."""
    if not isinstance(value, tuple) or not all(isinstance(item, str) and item for item in value):
        raise InvalidArgumentType(field.name, value, "It must be a list of strings.")


@cache
def camel_case(name: str) -> str:
    """`tile_size` as JSON spells it: `tileSize`."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


@attrs.frozen
class Wire:
    """How the value of a field is written to JSON and read back, as metadata {"wire": Wire(...)}."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


PLAIN = Wire(lambda value: value, lambda value: value)
GRID_DIMENSIONS = Wire(
    lambda size: {"width": size[0], "height": size[1]}, lambda size: (size["width"], size["height"])
)
INT64 = Wire(str, int)
# `false` is what the service assumes, and the official client leaves it out.
FLAG = Wire(lambda value: value or None, lambda value: value)


class Message:
    """A description that knows its JSON."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The object as the reference documents its JSON, without the fields that were not given."""
        return {
            camel_case(field.name): written
            for field in attrs.fields(type(self))  # type: ignore[arg-type]
            if (value := getattr(self, field.name)) is not None
            and (written := field.metadata.get("wire", PLAIN).write(value)) is not None
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The object from its JSON; wrapped numbers (`{"value": 5}`) are read as plain ones.

        Raises:
            InvalidArgument, InvalidArgumentType: A field is unknown, or has a value that the class refuses.
        """
        known = {camel_case(field.name): field for field in attrs.fields(cls)}  # type: ignore[arg-type]
        # What must be given is refused below, by its name, where it is not.
        arguments: dict[str, Any] = {
            field.name: None for field in known.values() if field.default is attrs.NOTHING
        }
        for name, value in json_object(cls.__name__, data).items():
            if name not in known:
                raise InvalidArgument(
                    name, value, f"{cls.__name__} has no such field.", f"It has {', '.join(known)}."
                )
            try:
                arguments[known[name].name] = known[name].metadata.get("wire", PLAIN).read(unwrapped(value))
            except (KeyError, TypeError, ValueError):
                rule = f"It is not what the reference documents for {cls.__name__}."
                raise InvalidArgument(name, value, rule) from None
        return cls(**arguments)


def json_object(argument: str, value: Any) -> Mapping[str, Any]:
    """The value, if it is a JSON object.

    Raises:
        InvalidArgumentType: It is not.
    """
    if not isinstance(value, Mapping):
        raise InvalidArgumentType(argument, value, "It must be a JSON object.")
    return value


def unwrapped(value: Any) -> Any:
    """The plain value of a wrapper as the official Python client writes it, `{"value": "5"}`."""
    return value["value"] if isinstance(value, Mapping) and value.keys() == {"value"} else value
