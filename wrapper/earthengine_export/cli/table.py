"""The options of an export, as its classes have them: one table for the command line and for batch files."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import unquote

import attrs

from .._describe.graphs import JsonObject
from .._names import core as eex
from ..errors import InvalidArgument, InvalidArgumentType
from . import places

_FORMATS = {"GEO_TIFF": eex.GeoTiff, "TF_RECORD_IMAGE": eex.TfRecord}
_CLASSES: tuple[type, ...] = (eex.ImageExport, eex.Drive, eex.CloudStorage, eex.Asset, *_FORMATS.values())
_ELSEWHERE = {"image", "to", "bucket", "name"}  # what SOURCE and --to say


T = TypeVar("T")


class Option(NamedTuple):
    """An option of an export.

    Attributes:
        name: Its name, as the classes have it.
        metavar: What stands for its value in help.
        help: What the classes say of it.
        read: Makes its value of a text.
        owners: The classes that have it.
    """

    name: str
    metavar: str
    help: str
    read: Callable[[str], object]
    owners: tuple[type, ...]

    @property
    def is_flag(self) -> bool:
        """Whether it is one of two."""
        return self.read is _flag

    @property
    def is_many(self) -> bool:
        """Whether it may be given more than once."""
        return self.read in {_words, _pairs}


def _flag(text: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.strip().lower() not in words:
        raise InvalidArgument("", text, "It is true or false.")
    return words[text.strip().lower()]


def _number(text: str) -> float:
    try:
        found = float(text.replace("_", ""))
    except ValueError:
        raise InvalidArgument("", text, "It must be a number.") from None
    return int(text) if re.fullmatch(r"[+-]?\d+", text.strip()) else found


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _pairs(text: str) -> object:
    if text.lstrip().startswith("{"):
        return _json(text)
    pairs = [word.partition("=") for word in _words(text)]
    if not all(equals for _, equals, _ in pairs):
        raise InvalidArgument("", text, "It is NAME=VALUE, more of them with commas between.")
    return {name: int(value) if value.isdecimal() else value for name, _, value in pairs}


def _sides(text: str) -> list[float]:
    return [_number(side) for side in re.split(r"\s*[x,]\s*|\s+", text.strip())]


def _size(text: str) -> object:
    try:
        sides = _sides(text)
    except InvalidArgument:
        raise InvalidArgument("", text, "It is no size.", "Give such as 512, or 512x256.") from None
    return sides[0] if len(sides) == 1 else sides


def _json(text: str) -> JsonObject:
    try:
        source = Path(text).read_text("utf-8") if not text.lstrip().startswith(("{", "[")) else text
        found = json.loads(source)
    except OSError as error:
        raise InvalidArgument("", text, f"The file cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise InvalidArgument("", text, f"It is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise InvalidArgument("", text, "It is no JSON object.", "Give one in braces.")
    return found


def _crs(text: str) -> str | int:
    return int(text) if text.isdecimal() else text


def _transform(text: str) -> str:
    return ",".join(re.split(r"[\s,]+", text.strip()))


def _format(text: str) -> type:
    word = re.sub(r"[^a-z]", "", text.lower())
    for name, cls in _FORMATS.items():
        if word in {re.sub(r"[^a-z]", "", name.lower()), cls.__name__.lower()}:
            return cls
    raise InvalidArgument("", text, f"It is one of {', '.join(_FORMATS)}.")


_SPECIAL: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "crs": ("CRS", _crs),
    "crs_transform": ("6 NUMBERS", _transform),
    "dimensions": ("SIZE|WIDTHxHEIGHT", _size),
    "extra_body": ("JSON|FILE", _json),
    "file_format": ("|".join(_FORMATS), _format),
    "grid": ("JSON|FILE", lambda text: eex.PixelGrid.from_dict(_json(text))),
    "region": ("4 NUMBERS|FILE|WKT|JSON", places.region),
}
_BY_TYPE: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("bool", "", _flag),
    ("int", "NUMBER", _number),
    ("float", "NUMBER", _number),
    ("tuple[int, int]", "SIZE|WIDTHxHEIGHT", _size),
    ("tuple[str", "WORD", _words),
    ("Mapping[", "NAME=VALUE", _pairs),
)
# What the classes say of these in terms of Python.
_HELP = {
    "crs": "The coordinate reference system: a code such as EPSG:32645, or well-known text. Default: the "
    "image's.",
    "crs_transform": "scaleX shearX translateX shearY scaleY translateY; needs --crs. Default: the image's.",
    "dimensions": "The longer side in pixels, or both sides. With --crs and --crs-transform and without "
    "--region both are the exact rectangle that begins at the transform's origin. Excludes --scale.",
    "extra_body": "Fields of the request that there is no option for, as JSON or the path of a JSON file.",
    "file_format": "GEO_TIFF, the default, or TF_RECORD_IMAGE. Not for an asset.",
    "grid": "The exact pixels, a PixelGrid as JSON or the path of a JSON file; see --like too. Excludes the "
    "five before it.",
    "region": "The part of the world to export: west south east north in degrees, the path of a GeoJSON or "
    "other vector file, WKT, or GeoJSON. With scale or dimensions its bounding box in the CRS, without them "
    "masked to its shape. Default: all of the image.",
}


def _plain(text: str) -> str:
    """What a class says of an option, for who does not write Python."""
    words = " ".join(text.split()).replace("`", "").replace("(width, height) or one number", "one number")
    return re.sub(r"(?<=[a-z])_(?=[a-z])", "-", words)


@cache
def options() -> dict[str, Option]:
    """All options, by their names."""
    made: dict[str, Option] = {}
    for cls in _CLASSES:
        told = dict(re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", inspect.getdoc(cls) or "", re.MULTILINE))
        for field in attrs.fields(cls):
            name, kind = field.name, str(field.type)
            if not field.init or name in _ELSEWHERE or (name == "extra_body" and name in made):
                continue
            by_type = next((found[1:] for found in _BY_TYPE if kind.startswith(found[0])), ("TEXT", str))
            metavar, read = _SPECIAL.get(name, by_type)
            text = _HELP.get(name) or _plain(told.get(name, ""))
            before = made.get(name)
            owners = (*(before.owners if before else ()), cls)
            if cls is not eex.ImageExport:
                text = f"{cls.__name__}: {text}"
            made[name] = Option(name, metavar, f"{before.help} {text}" if before else text, read, owners)
    return made


def value(name: str, given: object) -> object:
    """The value of an option; what is no text is taken as it is."""
    option = options()[name]
    many = list(given) if isinstance(given, list | tuple) and option.is_many else [given]
    try:
        read = [option.read(one) if isinstance(one, str) else one for one in many]
    except (InvalidArgument, InvalidArgumentType) as error:
        error.argument = name
        raise
    if len(read) == 1:
        return read[0]
    if option.read is _pairs:
        return {key: word for one in read if isinstance(one, Mapping) for key, word in one.items()}
    return [word for one in read for word in (one if isinstance(one, list) else [one])]


def destination(text: object) -> tuple[type[eex.Destination], dict[str, object]]:
    """The class of a destination, and what its address says."""
    its: dict[str, object]
    if isinstance(text, str):
        scheme, found, rest = text.partition("://")
        first, _, prefix = rest.partition("/")
        if scheme == "gs" and found:
            its = {"bucket": first, "filename_prefix": prefix or None}
            return eex.CloudStorage, {name: one for name, one in its.items() if one is not None}
        if scheme == "drive":
            its = {"folder": unquote(first), "filename_prefix": prefix}
            return eex.Drive, {name: one for name, one in its.items() if one}
        if text.startswith(("projects/", "users/")):
            return eex.Asset, {"name": text}
    rule = "It is none of the three places."
    cure = "Give gs://BUCKET/PREFIX, drive://FOLDER/PREFIX or projects/PROJECT/assets/NAME."
    raise InvalidArgument("to", text, rule, cure)


def _made(cls: Callable[..., T], arguments: Mapping[str, object]) -> T:
    return cls(**arguments)


def export(image: object, to: object, given: Mapping[str, object]) -> eex.ImageExport:
    """The export that options ask for.

    Args:
        image: What to export.
        to: The address of its destination.
        given: The options that were given, texts or values; and `like`, the path of a raster file.

    Raises:
        InvalidArgument, InvalidArgumentType: One is refused, or some do not go together.
    """
    place, its = destination(to)
    rest = {name: value(name, one) for name, one in given.items() if name != "like"}
    if raster := given.get("like"):
        if "grid" in rest:
            raise InvalidArgument("like", raster, "--grid says the same.", "Give one of them.")
        rest["grid"] = places.like(str(raster))
    chosen = rest.pop("file_format", None if place is eex.Asset else eex.GeoTiff)
    arguments: dict[object, dict[str, object]] = {eex.ImageExport: {}, place: its}
    if chosen:
        arguments[chosen] = {}
    for name, one in rest.items():
        takers = [taker for cls, taker in arguments.items() if cls in options()[name].owners]
        if not takers:
            takers_of = " or ".join(cls.__name__ for cls in options()[name].owners)
            kinds = " and ".join(cls.__name__ for cls in (place, chosen) if isinstance(cls, type))
            raise InvalidArgument(name, one, f"It is an option of {takers_of}, and this is {kinds}.")
        for taker in takers:
            if name in taker:
                raise InvalidArgument(name, one, f"--to says {taker[name]!r}.", "Give it once.")
            taker[name] = one
    if place is eex.Asset and chosen:
        cure = "Leave it out, or export to files."
        raise InvalidArgument("file_format", given["file_format"], "An asset has no file format.", cure)
    try:
        own = {**arguments[eex.ImageExport], "to": _made(place, arguments[place])}
    except InvalidArgument as error:
        if error.argument not in options():
            raise InvalidArgument("to", to, *error.args) from None
        raise
    if isinstance(chosen, type):
        own["file_format"] = _made(chosen, arguments[chosen])
    try:
        return _made(eex.ImageExport, {"image": image, **own})
    except (InvalidArgument, InvalidArgumentType) as error:
        if error.argument == "image":
            error.argument = "source"
        if error.argument == "grid" and raster:
            raise InvalidArgument("like", raster, *error.args) from None
        raise
