"""Each value as a plain int, float, str, bool, list or dict, or refused: what every argument goes through.

These functions refuse without saying which argument it was. `checked` adds the name, and refuses as well what
raises by its own code: an object can raise in any of its methods.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import math
import numbers
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, SupportsFloat, SupportsIndex, SupportsInt, TypeGuard, TypeVar

import attrs

from ..errors import InvalidArgument, InvalidArgumentType

T = TypeVar("T")
V = TypeVar("V")
C = TypeVar("C", bound=type)

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
        return convert(value)
    except (InvalidArgument, InvalidArgumentType) as error:
        path = error.argument if len(error.argument) < _LONGEST_PATH else f"{error.argument[:_LONGEST_PATH]}…"
        error.argument = argument + path
        raise
    except RecursionError:
        raise InvalidArgument(argument, value, "It nests too deep, or holds itself.") from None
    except Exception as error:
        rule = f"It cannot be read; it raises {type(error).__name__}."
        raise InvalidArgumentType(argument, value, rule) from error


def item_of(value: object) -> object:
    """What a scalar or an array of numpy holds, as Python's own; anything else as it is."""
    convert = getattr(type(value), "tolist", None)
    return convert(value) if callable(convert) else value


def number(value: object) -> int | float:
    """A finite number; one without a fraction as an int, so that 30 and 30.0 are the same."""
    found = item_of(value)
    if isinstance(found, bool) or not (isinstance(found, int | float) or _is_real(found)):
        raise InvalidArgumentType("", value, "It must be a number.")
    try:
        as_float = float(found)
    except OverflowError:
        as_float = math.inf
    if not math.isfinite(as_float):
        raise InvalidArgument("", value, "It must be a finite number; JSON knows no other.")
    if isinstance(found, int):
        return int.__pos__(found)
    is_whole = as_float.is_integer() and abs(as_float) < EXACT and str(as_float) != "-0.0"
    return int(as_float) if is_whole else as_float


class _Real(SupportsFloat, SupportsInt, Protocol):
    """A number that is no complex one: also a Decimal or a Fraction."""


def _is_real(value: object) -> TypeGuard[_Real]:
    return isinstance(value, numbers.Number) and hasattr(type(value), "__float__")


def whole(value: object, low: int, high: int = INT64) -> int:
    """A whole number from `low` to `high`."""
    rule = f"It must be a whole number from {low} to {high}."
    found = item_of(value)
    if not isinstance(found, int) and _is_real(found) and math.isfinite(found) and int(found) == found:
        found = int(found)  # 1e9 is how people write a number of pixels
    if isinstance(found, bool) or not isinstance(found, SupportsIndex):
        raise InvalidArgumentType("", value, rule)
    number = int.__pos__(operator.index(found))
    if not low <= number <= high:
        raise InvalidArgument("", value, rule)
    return number


def text(value: object, pattern: str = "(?s).*", rule: str = "", cure: str = "") -> str:
    """A string that `pattern` matches from end to end; `rule` and `cure` say what is wrong otherwise."""
    if not isinstance(value, str):
        raise InvalidArgumentType("", value, "It must be a string.")
    found = str.__str__(value)
    try:
        found.encode()
    except UnicodeEncodeError:
        raise InvalidArgument("", value, "It holds half a character (a lone surrogate).") from None
    if not re.fullmatch(pattern, found):
        raise InvalidArgument("", value, rule, cure)
    return found


def flag(value: bool | None) -> bool | None:
    """True or False."""
    if value is not None and not isinstance(item_of(value), bool):
        raise InvalidArgumentType("", value, "It must be True or False.")
    return None if value is None else bool(item_of(value))


def side(value: float | None) -> int | None:
    """A number of pixels."""
    return None if value is None else whole(value, 1, INT32)


def sides(value: int | Sequence[int] | None) -> tuple[int, int] | None:
    """One number of pixels, or (width, height), as a pair."""
    return None if value is None else pair(value)


def optional_number(value: float | None) -> float | None:
    """A finite number, or None."""
    return None if value is None else number(value)


def items(value: object, rule: str = "It must be a list.") -> list[object]:
    """The items of a sequence or an array."""
    found = item_of(value)
    if isinstance(found, str | bytes) or not isinstance(found, Sequence):
        raise InvalidArgumentType("", value, rule)
    if type(found) in (list, tuple):
        return list(found)
    listed = list(itertools.islice(found, _MAX_ITEMS + 1))
    if len(listed) > _MAX_ITEMS:
        raise InvalidArgument("", value, "It has no end.")
    return listed


def entries(value: object, convert: Callable[[object], T], rule: str = "It must be a dict.") -> dict[str, T]:
    """A mapping with names as keys, its values converted."""
    if not isinstance(value, Mapping):
        raise InvalidArgumentType("", value, rule)
    listed = itertools.islice(value.items(), _MAX_ITEMS)
    return {checked("", text, key): checked(f"[{str(key)!r}]", convert, item) for key, item in listed}


def names(value: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """One string or several, none empty."""
    if value is None:
        return None
    listed = [value] if isinstance(value, str) else items(value, "It must be a list of strings.")
    if not all(isinstance(name, str) and name for name in listed):
        raise InvalidArgumentType("", value, "It must be a list of strings.")
    return tuple(map(text, listed))


def pair(value: object, high: int = INT32) -> tuple[int, int]:
    """One number of pixels, or (width, height), as a pair."""
    found = item_of(value)
    sides = items(found) if isinstance(found, Sequence) and not isinstance(found, str | bytes) else [found]
    if not 1 <= len(sides) <= 2:
        raise InvalidArgument("", value, "It must be one number or a pair (width, height).")
    return whole(sides[0], 1, high), whole(sides[-1], 1, high)


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
        if isinstance(found, Sequence) and not isinstance(found, str | bytes):
            inner = enumerate(items(found))
            return [checked(f"[{index}]", lambda item: plain(item, depth + 1), item) for index, item in inner]
        return found if isinstance(found, bool) else number(found)

    return plain(value, 0)


def guarded(cls: type, fields: list[attrs.Attribute[object]]) -> list[attrs.Attribute[object]]:
    """A field_transformer of attrs: errors of a field's converter carry the field's name."""

    def named(argument: str, convert: Callable[..., object]) -> Callable[[object], object]:
        @functools.wraps(convert)
        def call(value: object) -> object:
            return checked(argument, convert, value)

        return call

    inherited = {field.name for base in cls.__mro__[1:] if attrs.has(base) for field in attrs.fields(base)}
    return [
        field.evolve(converter=named(field.name, field.converter))
        if callable(field.converter) and field.name not in inherited
        else field
        for field in fields
    ]


OFFICIAL_NAMES = {
    "assetId": "Asset(name)",
    "bucketCorsUris": "CloudStorage(bucket_cors_uris=)",
    "cloudOptimized": "GeoTiff(cloud_optimized=)",
    "collapseBands": "TfRecord(collapse_bands=)",
    "compressed": "TfRecord(compress=)",
    "crsTransform": "crs_transform",
    "defaultValue": "TfRecord(default_value=)",
    "driveFileNamePrefix": "Drive(filename_prefix=)",
    "driveFolder": "Drive(folder=)",
    "fileDimensions": "GeoTiff(tile_dimensions=)",
    "fileFormat": "file_format",
    "fileNamePrefix": "filename_prefix of Drive or CloudStorage",
    "formatOptions": "the arguments of GeoTiff or TfRecord",
    "kernelSize": "TfRecord(margin_dimensions=)",
    "maskedThreshold": "TfRecord(max_masked_ratio=)",
    "maxFileSize": "TfRecord(max_size_bytes=)",
    "maxPixels": "max_pixels",
    "metadataKeys": "GeoTiff(metadata_keys=)",
    "noData": "GeoTiff(no_data=)",
    "outputBucket": "CloudStorage(bucket)",
    "outputPrefix": "CloudStorage(filename_prefix=)",
    "patchDimensions": "TfRecord(tile_dimensions=)",
    "pyramidingPolicy": "Asset(pyramiding_policy=, pyramiding_policy_overrides=)",
    "sequenceData": "TfRecord(sequence_data=)",
    "shardSize": "tile_size of GeoTiff or Asset",
    "skipEmptyTiles": "GeoTiff(skip_empty_files=)",
    "tensorDepths": "TfRecord(tensor_depths=)",
    "tiffFileDimensions": "GeoTiff(tile_dimensions=)",
    "workloadTag": "workload_tag",
    "writePublicTiles": 'CloudStorage(permissions="PUBLIC")',
    "bucket": "CloudStorage(bucket)",
    "folder": "Drive(folder=)",
    "overwrite": "Asset(overwrite=)",
}
"""What the official client calls an argument, and its place here."""


def explained(cls: C) -> C:
    """A decorator: arguments that the class does not have are refused with the name that they have here."""
    made = vars(cls)["__init__"]
    fields = sorted(attrs.fields(cls), key=lambda field: field.kw_only)
    known = [field.name for field in fields if field.init]

    @functools.wraps(made)
    def init(self: object, *args: object, **arguments: object) -> None:
        for name in arguments.keys() - known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
            meant = OFFICIAL_NAMES.get(name) or "".join(close)
            rule = f"{cls.__name__} has no such argument."
            cure = f"Here it is {meant}." if meant else f"It has {', '.join(known)}."
            raise InvalidArgumentType(name, arguments[name], rule, cure)
        made(self, *args, **arguments)

    setattr(cls, "__init__", init)  # noqa: B010 - which type checkers would not allow
    return cls
