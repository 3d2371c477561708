"""The table of functions: against the official list, and each function against another computation."""

import json
import math
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy

import emulator_functions
from earthengine_emulator.algebra import ALIASES, BINARY, UNARY
from earthengine_emulator.assets import Assets
from earthengine_emulator.evaluator import Evaluator
from earthengine_emulator.functions import FUNCTIONS
from earthengine_emulator.images import render
from earthengine_emulator.values import plain

from .cases import images, learning, places, values
from .computing import computed, evaluate, grid, pixels
from .conftest import call, write_tiff
from .scripts import kinds

GRID = grid(images.WIDTH, images.HEIGHT, images.UTM)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("small")
    for name, data in (("a", images.A), ("b", images.B), ("c", images.C)):
        write_tiff(made / f"{name}.tif", data, images.UTM, "EPSG:32616")
    return made


@pytest.fixture(scope="module")
def algorithms() -> dict[str, dict[str, Any]]:
    """The functions that the official client's own tests know."""
    found = json.loads((files("ee.tests") / "algorithms.json").read_text())["algorithms"]
    return {function["name"].removeprefix("algorithms/"): function for function in found}


def test_every_row_reads_as_in_the_official_list(algorithms: dict[str, dict[str, Any]]) -> None:
    for name, function in FUNCTIONS.items():
        official = algorithms[name]
        assert function.returns == official["returnType"], name
        ours = [
            (argument.name, argument.type, argument.optional, argument.default)
            for argument in function.arguments
        ]
        theirs = [
            (one["argumentName"], one["type"], one.get("optional", False), one.get("defaultValue"))
            for one in official.get("arguments", [])
        ]
        assert ours == theirs, name
        assert function.description.endswith("."), name


def alike(found: Any, expected: Any) -> bool:
    """Whether a value is the one expected, but for rounding."""
    if isinstance(expected, tuple):
        _, low, high = expected
        return bool(low <= found <= high)
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(alike(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(expected, int | float | np.number) and not isinstance(expected, bool):
        return math.isclose(found, expected, rel_tol=1e-5, abs_tol=1e-6)
    return bool(found == expected)


@pytest.mark.parametrize(
    "cases",
    [values.CASES, places.CASES, images.IN_REGION, learning.CASES],
    ids=["values", "places", "regions", "learning"],
)
def test_values(cases: Any, earth_engine: Any, folder: Path) -> None:
    wrong = []
    for number, (write, expected) in enumerate(cases):
        found = computed(write(earth_engine), folder)
        if not alike(found, expected):
            wrong.append((number, found, expected))
    assert wrong == []


def test_pixels(earth_engine: Any, folder: Path) -> None:
    wrong = []
    for number, (write, expected) in enumerate(images.PIXELS):
        found = pixels(write(earth_engine), folder, GRID)
        inner = (slice(None), images.INNER, images.INNER)
        if isinstance(expected, tuple):
            how, what = expected
            outside = np.full(images.A.shape, np.nan) if how == "inside" else images.A.astype(float)
            if how == "inner":
                found, expected = found[inner], np.broadcast_to(what, found.shape)[inner]
            else:
                outside[images.REGION] = what[images.REGION] if how == "inside" else what
                expected = outside
        if not np.allclose(found, expected, rtol=1e-5, atol=1e-6, equal_nan=True):
            wrong.append((number, np.asarray(found)[..., :2, :4], np.asarray(expected)[..., :2, :4]))
    assert not wrong


def test_kernels(earth_engine: Any, folder: Path) -> None:
    for write, expected in images.KERNELS:
        found = evaluate(write(earth_engine), folder).make(1)
        assert np.allclose(found, expected), found


# --- what is computed value by value ---

SPECIAL = {
    "abs": abs,
    "signum": lambda x: (x > 0) - (x < 0),
    "not": lambda x: x == 0,
    "bitwiseNot": lambda x: ~int(x),
    "bitCount": lambda x: (int(x) & 2**64 - 1).bit_count(),
    "cbrt": lambda x: x ** (1 / 3),
    "gamma": math.gamma,
    "digamma": scipy.special.psi,
    "erf": math.erf,
    "erfc": math.erfc,
    "erfInv": scipy.special.erfinv,
    "erfcInv": scipy.special.erfcinv,
    "round": lambda x: math.floor(x + 0.5),
}
OPERATORS = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y if y else 0,
    "mod": lambda x, y: math.fmod(x, y) if y else 0,
    "pow": lambda x, y: x**y,
    "min": min,
    "max": max,
    "atan2": lambda x, y: math.atan2(y, x),
    "hypot": math.hypot,
    "first": lambda x, _: x,
    "firstNonZero": lambda x, y: x or y,
    "lt": lambda x, y: x < y,
    "lte": lambda x, y: x <= y,
    "gt": lambda x, y: x > y,
    "gte": lambda x, y: x >= y,
    "eq": lambda x, y: x == y,
    "neq": lambda x, y: x != y,
    "and": lambda x, y: bool(x and y),
    "or": lambda x, y: bool(x or y),
    "bitwiseAnd": lambda x, y: int(x) & int(y),
    "bitwiseOr": lambda x, y: int(x) | int(y),
    "bitwiseXor": lambda x, y: int(x) ^ int(y),
    "leftShift": lambda x, y: int(x) << int(y),
    "rightShift": lambda x, y: int(x) >> int(y),
    "gammainc": scipy.special.gammainc,
}


def elementwise() -> Iterator[tuple[str, tuple[float, ...], float]]:
    """The name after the type, operands, and the result."""
    for name in (*UNARY, *(old for old, new in ALIASES.items() if new in UNARY)):
        new = ALIASES.get(name, name)
        compute = SPECIAL.get(new) or getattr(math, new)
        for x in (
            0.7,
            0.2,
            *((-3, 5, 0) if new in ("abs", "signum", "not", "bitwiseNot", "bitCount", "floor") else ()),
        ):
            yield name, (x,), float(compute(x))
    for name in (*BINARY, *(old for old, new in ALIASES.items() if new in BINARY)):
        for x, y in ((7, 3), (0, 2), (5, 5), (6.5, 2)):
            yield name, (x, y), float(OPERATORS[ALIASES.get(name, name)](x, y))
        if ALIASES.get(name, name) in ("divide", "mod"):
            yield name, (7, 0), 0.0
    for name, given, expected in (
        ("uint8", 300, 255),
        ("byte", -1.5, 0),
        ("int8", -200, -128),
        ("uint16", 70000, 65535),
        ("int16", -3.7, -3),
        ("short", 3.7, 3),
        ("uint32", 2**40, 2**32 - 1),
        ("int32", -(2**40), -(2**31)),
        ("int", 5.9, 5),
        ("int64", 1e30, 2.0**63),
        ("long", -2.5, -2),
        ("float", 0.1, float(np.float32(0.1))),
        ("double", 0.1, 0.1),
    ):
        yield name, (given,), float(expected)
        yield f"to{name.capitalize()}", (given,), float(expected)


def graph(kind: str, name: str, operands: tuple[float, ...]) -> dict[str, Any]:
    function = FUNCTIONS[f"{kind}.{name}"]
    wrap = {
        "Image": lambda x: call("Image.constant", value=x),
        "Number": lambda x: x,
        "Array": lambda x: call("Array", values=[x]),
    }
    names = (argument.name for argument in function.arguments)
    return call(function.name, **{key: wrap[kind](x) for key, x in zip(names, operands, strict=True)})


@pytest.mark.parametrize("kind", ["Image", "Number", "Array"])
def test_arithmetic(kind: str) -> None:
    point = grid(1, 1, images.UTM)
    tested = set()
    for name, operands, expected in elementwise():
        tested.add(f"{kind}.{name}")
        value = Evaluator({"values": {"0": graph(kind, name, operands)}, "result": "0"}, Assets()).value()
        if kind == "Image":
            value = render(value.bands, point)[0]
        found = float(np.ravel(np.asarray(plain(value) if kind == "Number" else value))[0])
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9), (name, operands)
    rows = {name for name in FUNCTIONS if name.startswith(f"{kind}.")}
    assert tested <= rows


def test_the_readme_is_printed_from_the_table() -> None:
    printed = emulator_functions.expected()
    assert emulator_functions.README.read_text() == printed, "run python tools/emulator_functions.py"


def test_every_function_is_tested(earth_engine: Any) -> None:
    """By a case, a script or another test: a new row needs one."""
    written: list[Any] = [
        write(earth_engine)
        for cases in (
            values.CASES,
            places.CASES,
            images.IN_REGION,
            images.PIXELS,
            images.KERNELS,
            learning.CASES,
        )
        for write, _ in cases
    ]
    written += [script.write(earth_engine) for script in kinds.SCRIPTS]
    names: set[str] = set()
    for value in written:
        find(earth_engine.serializer.encode(value, for_cloud_api=True), names)
    names |= {f"{kind}.{name}" for kind in ("Image", "Number", "Array") for name, *_ in elementwise()}
    names |= {"Terrain", "Terrain.products"}  # in test_images.py
    assert sorted(FUNCTIONS.keys() - names) == []


def find(node: Any, names: set[str]) -> None:
    if isinstance(node, dict):
        if "functionName" in node:
            names.add(node["functionName"])
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            find(part, names)
