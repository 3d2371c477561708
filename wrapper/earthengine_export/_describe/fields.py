"""What attrs classes of arguments share: errors that name the field, and names that people bring along."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

import attrs

from ..errors import InvalidArgumentType
from . import plain

C = TypeVar("C", bound=type)
A = TypeVar("A")
B = TypeVar("B")
V = TypeVar("V")

MYPY = False  # true where mypy reads this: it knows attrs' own converter by its name, and takes no other
if MYPY:
    from attrs.converters import optional as optional
else:  # pyright and editors read attrs' own as one that takes Any

    def optional(convert: Callable[[A], B]) -> Callable[[A | None], B | None]:
        """The converter of a field whose default is None; `guarded` lets None pass."""
        return cast("Callable[[A | None], B | None]", convert)


def guarded(cls: type, fields: list[attrs.Attribute[object]]) -> list[attrs.Attribute[object]]:
    """A field_transformer of attrs: errors of a field's converter carry the field's name.

    Where the default is None, None passes.
    """

    def named(field: attrs.Attribute[object], convert: Callable[..., object]) -> Callable[[object], object]:
        def call(value: object) -> object:
            return None if value is None is field.default else plain.checked(field.name, convert, value)

        takes = next(iter(convert.__annotations__.values()))
        is_plain = field.default is attrs.NOTHING or takes.endswith("None")
        call.__annotations__ = {"value": takes if is_plain else f"{takes} | None"}
        return call

    inherited = {field.name for base in cls.__mro__[1:] if attrs.has(base) for field in attrs.fields(base)}
    return [
        field.evolve(converter=named(field, field.converter))
        if callable(field.converter) and field.name not in inherited
        else field
        for field in fields
    ]


def valid(check: Callable[..., object]) -> Callable[[object, attrs.Attribute[V], V], None]:
    """A validator of attrs: the value is refused where `check` refuses it, and stays as it was given.

    Where the default is None, None passes.
    """

    def validate(_: object, field: attrs.Attribute[V], value: V) -> None:
        if value is not None or field.default is not None:
            plain.checked(field.name, check, value)

    return validate


RENAMED = {
    "asset_id": "name",
    "compressed": "compress",
    "drive_file_name_prefix": "filename_prefix",
    "drive_folder": "folder",
    "file_dimensions": "tile_dimensions",
    "file_name_prefix": "filename_prefix",
    "format_options": "the arguments of GeoTiff and TfRecord",
    "kernel_size": "margin_dimensions",
    "masked_threshold": "max_masked_ratio",
    "max_file_size": "max_size_bytes",
    "output_bucket": "bucket",
    "output_prefix": "filename_prefix",
    "patch_dimensions": "tile_dimensions",
    "shard_size": "tile_size",
    "skip_empty_tiles": "skip_empty_files",
    "tiff_file_dimensions": "tile_dimensions",
    "write_public_tiles": 'CloudStorage(permissions="PUBLIC")',
}
"""What the official client calls an argument, in snake_case, and its name here where that is another."""
_PLACES: dict[str, list[str]] = {}  # the classes that have an argument of this name


def place_of(name: str, known: Sequence[str] = ()) -> str:
    """Where an argument stands that a class with the arguments `known` was given, or ""."""
    snake = re.sub("([A-Z])", r"_\1", name).lower()
    ours = RENAMED.get(snake, snake)
    if ours in known or not ours.isidentifier():
        return ours
    places = " or ".join(f"{cls}({ours}=…)" for cls in _PLACES.get(ours, ()))
    return places or "".join(difflib.get_close_matches(ours, known, n=1, cutoff=0.7))


def explained(cls: C) -> C:
    """A decorator: arguments that the class does not have are refused with the name that they have here.

    So are those that are missing or given twice, in place of Python's own TypeError.
    """
    made = vars(cls)["__init__"]
    fields = [field for field in attrs.fields(cls) if field.init]
    known = [field.name for field in sorted(fields, key=lambda field: field.kw_only)]
    unnamed = [field.name for field in fields if not field.kw_only]
    needed = [field.name for field in fields if field.default is attrs.NOTHING]
    for name in known:
        _PLACES.setdefault(name, []).append(cls.__name__)

    @functools.wraps(made)
    def init(self: object, *args: object, **arguments: object) -> None:
        for name in arguments.keys() - known:
            place = place_of(name, known)
            rule = f"{cls.__name__} has no such argument."
            cure = f"Here it is {place}." if place else f"It has {', '.join(known)}."
            raise InvalidArgumentType(name, arguments[name], rule, cure)
        if len(args) > len(unnamed):
            rule = f"{cls.__name__} takes only {' and '.join(unnamed)} without a name."
            raise InvalidArgumentType("arguments", args, rule, f"The names are {', '.join(known)}.")
        given = unnamed[: len(args)]
        for name in arguments.keys() & given:
            raise InvalidArgumentType(name, arguments[name], "It is given twice, with its name and without.")
        for name in needed:
            if name not in (*given, *arguments):
                raise InvalidArgumentType(name, None, f"{cls.__name__} needs this argument.")
        made(self, *args, **arguments)

    setattr(cls, "__init__", init)  # noqa: B010 - which type checkers would not allow
    return cls
