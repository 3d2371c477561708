"""Values of every kind that people, notebooks and data frames hand over, and some that nobody should."""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import importlib
import importlib.util
import json
import math
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import earthengine_export as eex


class Word(str, enum.Enum):  # noqa: UP042 - as many write it
    """A text that is a member of an Enum."""

    MEAN = "MEAN"


class Mark(enum.Enum):
    """A member of an Enum that is nothing else."""

    A = 1


class Count(enum.IntEnum):
    """A number that is one."""

    TWO = 2


class Text(str):
    """A text with a representation of its own."""

    __slots__ = ()

    def __str__(self) -> str:
        return "other"

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Whole(int):
    """A whole number that lies."""

    def __int__(self) -> int:
        return 7

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Share(float):
    """A number that lies."""

    def __float__(self) -> float:
        return math.nan


def hostile(*methods: str, base: type = object, result: Any = None) -> Any:
    """An object of which these methods raise, or return what they must not."""

    def method(*_: Any, **__: Any) -> Any:
        if result is None:
            raise RuntimeError("from an object's own code")
        return result

    return type("Hostile", (base,), dict.fromkeys(methods, method))()


def cyclic(depth: int = 0) -> list[Any]:
    """A list that holds itself, or one that nests so deep."""
    value: list[Any] = []
    inner = value
    for _ in range(depth):
        inner = [inner]
    value.append(value if not depth else 1)
    return inner if depth else value


def cyclic_dict() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["values"] = value
    value["result"] = "values"
    return value


def of_pandas() -> list[Any]:
    if not importlib.util.find_spec("pandas"):
        return []
    pd: Any = importlib.import_module("pandas")
    frames = [pd.Series([1, 2]), pd.DataFrame({"a": [1]}), pd.Index([1])]
    return [pd.NA, pd.NaT, pd.Timestamp("2024-01-01"), *frames]


DUNDERS: tuple[str, ...]
DUNDERS = ("__repr__", "__eq__", "__hash__", "__len__", "__iter__", "__getattr__", "__index__", "__float__")
DUNDERS += ("__array__", "__str__", "__bool__", "__getitem__", "__int__", "__fspath__", "__getattribute__")

VALUES: list[Any] = [
    *(True, False, 0, 1, -1, 2, 255, 2**31, 2**53 + 1, 2**63, -(2**64), 10**400),
    *(0.0, -0.0, 0.5, 1e9, 30.0, 1e30, 5e-324, math.nan, math.inf, -math.inf, 1j),
    *("", " ", "a", "MEAN", "mode", "EPSG:4326", "5", "0x5", "256x256", "256X256", "٣", "²", "a\n", "\x00"),
    *("\ud800", "a\udfff", "😀", "é" * 50, "x" * 2000, "[1, 2, 3, 4]", "{}", "null", "POLYGON((0 0, 1 1))"),
    *("gs://bucket/x", "projects/p/assets/a", "dem.tif", "__class__", "..", "ya29." + "s" * 500),
    *(b"", b"ab", b"\xff", bytearray(b"ab"), memoryview(b"ab")),
    *([], [1], [1, 2], [1, 2, 3, 4], [0.5, "a"], [None], [[]], [[1, 2], [3, 4]], [[[0, 0], [1, 0], [1, 1]]]),
    *(
        (1, 2),
        (256, 512),
        (1, 0, 0, 0, -1, 0),
        {1},
        frozenset({1}),
        range(4),
        {},
        {"a": 1},
        {1: 2},
        {"a": None},
    ),
    *({"b": "MEAN"}, {".default": "mean"}, {None: 1}, {"\ud800": 1}, {"type": "Point"}, {"type": []}),
    {"type": "Point", "coordinates": [1, 2]},
    {"type": "FeatureCollection", "features": [None, {"type": "Feature", "geometry": None}]},
    {"type": "GeometryCollection", "geometries": 5},
    {"result": "0", "values": {"0": {"constantValue": math.nan}}},
    {"result": "0", "values": {"0": {"integerValue": "abc"}}},
    {"result": "0", "values": {"0": {"constantValue": "\ud800"}}},
    {"result": "0", "values": {"0": {"functionInvocationValue": {"functionName": 5}}}},
    {"result": "0", "values": {"0": {"functionInvocationValue": {}}}},
    {"result": "0", "values": {"0": {"constantValue": cyclic()}}},
    {"result": "0", "values": {0: 1}},
    *(np.uint8(255), np.int64(3), np.float32(0.5), np.float64(30), np.float32(math.nan), np.bool_(True)),
    *(np.str_("a"), np.datetime64("2024-01-01"), np.array(5), np.array([256, 512]), np.array([[1.5, 2]])),
    *(np.array([]), np.array(["a"]), np.array([None], object), np.zeros((2, 2, 2)), np.ma.masked),
    *(np.broadcast_to(1.5, (10**5, 10**5)), 10**5000, type("x" * 5000, (), {})),
    *("gs://my-bucket/" + "a" * 60_000, "projects/p/assets/" + "a." * 30_000, "a." * 35_000),
    *("projects/p/operations/" + "a" * 70_000, "v" + "1" * 70_000),
    *of_pandas(),
    *(decimal.Decimal(5), decimal.Decimal("0.1"), decimal.Decimal("NaN"), decimal.Decimal("sNaN")),
    *(decimal.Decimal("1e999"), fractions.Fraction(1, 3), fractions.Fraction(4), fractions.Fraction(10**400)),
    *(Word.MEAN, Count.TWO, Text("a"), Whole(2), Share(0.5), Mark.A),
    *(datetime.datetime(2024, 1, 1), datetime.date(2024, 1, 1), datetime.timedelta(1), uuid.UUID(int=5)),
    *(Path("missing.json"), Path("."), Path("a\x00b"), cyclic(), cyclic(5000), cyclic(90), cyclic_dict()),
    *(
        int,
        str,
        dict,
        object,
        type,
        Exception,
        json,
        math,
        max,
        len,
        print,
        lambda: 1,
        lambda *a: a,
        iter([1]),
    ),
    *(
        (number for number in [1, 2]),
        object(),
        NotImplemented,
        ...,
        Exception("a"),
        eex.Drive,
        eex.ImageExport,
    ),
    *(eex.Drive(), eex.GeoTiff(), eex.load("a"), eex.geometry((0, 0, 1, 1)), eex.function(lambda a: a)),
    eex.PixelGrid(4326, (1, 0, 0, 0, -1, 0), 5),
    *(hostile(name) for name in DUNDERS),
    *(hostile(name, base=base) for name in DUNDERS[:-1] for base in (str, int, float, list, dict)),
    *(
        hostile("__index__", result="a"),
        hostile("__len__", result=-5, base=list),
        hostile("serialize", result=5),
    ),
    *(
        hostile("serialize"),
        hostile("to_wkt"),
        hostile("to_wkt", result=5),
        hostile("tolist", result=hostile),
    ),
    *(hostile("items", base=dict), hostile("__iter__", base=list, result=iter(int, 1)), hostile("__call__")),
    hostile("__class__"),
    type("Geo", (), {"__geo_interface__": 5})(),
    type("Geo", (), {"__geo_interface__": property(lambda _: 1 / 0)})(),
    type("Grid", (), {"crs": 4326, "transform": "a", "width": 1, "height": 1})(),
    type("Liar", (), {"__class__": property(lambda _: str)})(),
]


def values() -> Iterator[Any]:
    """Each by itself, and inside of a list and of a dict."""
    for value in VALUES:
        yield value
        yield [value, value]
        yield {"a": value}
