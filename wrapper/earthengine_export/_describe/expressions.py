"""Graphs of Earth Engine functions, built without `ee`.

    dem = eex.load("USGS/SRTMGL1_003")
    hills = eex.call("Terrain.hillshade", input=dem, azimuth=315)

Nothing is computed here: `call` notes which function the service shall call with what. Functions and
arguments have the service's own names; `check_names` compares them with the service's list.
"""

from __future__ import annotations

import datetime
import inspect
import math
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted
from types import FunctionType, MethodType
from typing import cast

from ..errors import InvalidArgument, InvalidArgumentType
from . import nodes, plain, reading, regions
from .nodes import Argument, Function, Item, Node
from .reading import ImageLike

_ID = r"(?!\s)[^\x00-\x1f\x7f]+(?<!\s)"


def load(id: str, version: int | None = None) -> Node:  # noqa: A002 - the service's own name
    """The image asset of this id.

    Args:
        id: The asset's id, such as "USGS/SRTMGL1_003" or "projects/my-project/assets/dem".
        version: The version of the asset. Default: the latest.

    Raises:
        InvalidArgument, InvalidArgumentType: The id is empty or not a string, the version not a whole number.
    """
    rule = "It must be the id of an asset, without control characters or spaces around it."
    name = plain.checked("id", lambda given: plain.text(given, _ID, rule), id)

    def newer(given: int) -> int:
        return plain.whole(given, -1)

    number = None if version is None else plain.checked("version", newer, version)
    return call("Image.load", id=name, version=number)


def call(function: str | Function, /, **arguments: object) -> Node:
    """A call of a function of the service.

    Args:
        function: The function's name, such as "Image.multiply", or what `function` returned.
        **arguments: The function's arguments by the service's names: numbers, strings, True and False,
            bytes, datetimes, lists and dicts of these, other calls, ee objects, geometries (GeoJSON, or
            anything with `__geo_interface__`), and callables, which become functions as by `function`. None
            stands for an argument that is not given.

    Raises:
        InvalidArgument, InvalidArgumentType: The name is empty, or an argument is none of these.
    """
    items: dict[str, Item] = {}
    for name, value in arguments.items():
        # Most arguments are of these kinds, and a graph has thousands: here they cost no further call.
        if issubclass(type(value), Node):
            items[name] = cast(Node, value)
        elif type(value) is str and value.isascii():
            items[name] = f'{{"constantValue":{quoted(value)}}}'
        elif (type(value) is int and -plain.EXACT < value < plain.EXACT) or (
            type(value) is float and not value.is_integer() and math.isfinite(value)
        ):
            items[name] = f'{{"constantValue":{value!r}}}'
        elif value is not None:
            items[name] = plain.checked(name, _item, value)
    for name in arguments:
        if not name.isascii():
            plain.checked("arguments", plain.text, name)
    if type(function) is str and _is_name(function):
        return nodes.invocation(function, items)
    called = plain.checked("function", _called, function)
    return nodes.invocation(called, items) if isinstance(called, str) else nodes.invocation_of(called, items)


_NAME = r"[A-Za-z_][\w./-]*"


def _called(value: object) -> str | Function:
    if isinstance(value, Function):
        return value
    if not isinstance(value, str):
        raise InvalidArgumentType("", value, "It must be a function's name, or what eex.function returned.")
    return plain.text(value, _NAME, "It must be the name of a function, such as 'Image.multiply'.")


@lru_cache
def _is_name(value: str) -> bool:
    return re.fullmatch(_NAME, value) is not None


def function(body: Callable[..., object]) -> Function:
    """A function for the service, from a Python one that is called once, with a stand-in for each argument.

        brighter = eex.function(lambda image: eex.call("Image.multiply", image1=image, image2=2))
        eex.call("Collection.map", collection=images, baseAlgorithm=brighter)

    Args:
        body: A callable whose positional parameters become the function's arguments. It returns a node or
            a constant.

    Raises:
        InvalidArgument, InvalidArgumentType: It has other parameters, or returns something else.
    """
    arguments = [Argument(()) for _ in range(plain.checked("function", _parameters, body))]
    if isinstance(body, FunctionType | MethodType):
        result = body(*arguments)  # an error of the caller's own function is the caller's own
    else:
        result = plain.checked("function", lambda given: given(*arguments), body)
    return Function(arguments, plain.checked("function", _result, result))


def _result(value: object) -> Item:
    if value is None:
        raise InvalidArgument("", value, "It returned None.", "Let it return what it computes.")
    return _item(value)


def _parameters(body: object) -> int:
    if not callable(body):
        raise InvalidArgumentType("", body, "It must be a function.")
    try:
        parameters = inspect.signature(body).parameters.values()
    except ValueError:
        cure = "Wrap it: lambda image: …"
        raise InvalidArgument("", body, "Its parameters are not known to Python.", cure) from None
    required = [parameter for parameter in parameters if parameter.default is parameter.empty]
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(parameter.kind not in positional for parameter in required):
        raise InvalidArgument("", body, "Its parameters must be positional ones.")
    return len(required)


def expression(image: ImageLike) -> Node:
    """What an image argument stands for, as a node that can be an argument of `call`.

    Args:
        image: An ee.Image or other ee.ComputedObject, a node, an Expression, or an expression as dict,
            JSON text or path-like to a JSON file. It is copied.

    Raises:
        InvalidArgument, InvalidArgumentType: It is none of these, or the graph is not in order.
    """
    return plain.checked("image", reading.computed, image)


def _item(value: object, depth: int = 0) -> Item:
    """An argument as a node, or as the JSON of a constant."""
    if depth > 100:
        raise InvalidArgument("", value, "It nests deeper than 100 lists.")
    if value is None or isinstance(value, bool):
        return nodes.constant(value)
    if isinstance(value, Node):
        return value
    if isinstance(value, str):
        return nodes.constant(plain.text(value))
    if isinstance(value, bytes | bytearray | memoryview):
        return Node([f'{{"bytesValue":"{b64encode(bytes(value)).decode()}"}}'])
    if reading.is_ee(value):
        return reading.computed(value)
    if isinstance(value, datetime.datetime):
        utc = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return call("Date", value=utc.timestamp() * 1000)
    if regions.is_geometry(value):
        return regions.from_geojson(value)
    found = plain.item_of(value)
    if isinstance(found, bool | datetime.datetime):
        return _item(found, depth + 1)
    if isinstance(found, Mapping):
        pairs = plain.entries(found, lambda item: _item(item, depth + 1))
        if all(isinstance(item, str) for item in pairs.values()):
            return (
                f'{{"constantValue":{{{",".join(f"{quoted(k)}:{_constant(v)}" for k, v in pairs.items())}}}}}'
            )
        return nodes.dictionary(pairs)
    if plain.is_list(found):
        listed = [
            plain.checked(f"[{index}]", lambda item: _item(item, depth + 1), item)
            for index, item in enumerate(plain.items(found))
        ]
        if all(isinstance(item, str) for item in listed):
            return f'{{"constantValue":[{",".join(map(_constant, listed))}]}}'
        return nodes.array(listed)
    if callable(found):
        try:
            return function(found)
        except (InvalidArgument, InvalidArgumentType) as error:
            error.argument = error.argument.removeprefix("function")
            raise
    return _number(value, found)


def _constant(item: Item) -> str:
    return str(item)[len('{"constantValue":') : -1]


def _number(value: object, found: object) -> Item:
    if not plain.is_number(found):
        rule = "It must be a number, a string, a list, a dict, a call, a geometry or a function."
        raise InvalidArgumentType("", value, rule)
    number = plain.whole(found, -(2**63)) if isinstance(found, int) else plain.number(found)
    if isinstance(number, int) and float(number) != number:  # a constant is a double, which would round it
        return Node([f'{{"integerValue":"{number}"}}'])
    return nodes.constant(number)
