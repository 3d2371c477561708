"""Graphs of Earth Engine functions, built without `ee`.

    dem = eex.load("USGS/SRTMGL1_003")
    hills = eex.call("Terrain.hillshade", input=dem, azimuth=315)

Nothing is computed here: `call` notes which function the service shall call with what. Functions and
arguments have the service's own names; `check_names` compares them with the service's list.
"""

from __future__ import annotations

import datetime
import inspect
import json
import os
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from attrs import field, frozen

from ..errors import InvalidArgument, InvalidArgumentType
from ..rest import Expression
from . import fields, graphs
from .fields import FrozenMapping
from .graphs import Json


class SupportsSerialize(Protocol):
    """An ee.Image or another ee.ComputedObject."""

    def serialize(self, *, for_cloud_api: bool = True) -> Any:
        """The object's expression as JSON text."""


_MAX_LIST_DEPTH = 100  # of lists and dicts given as an argument


class Node:
    """A value that the service will compute; `load`, `call`, `function` and `geometry` make them.

    It cannot be changed, and can be used in any number of places: it is sent once.
    """

    __slots__ = ()

    level: int
    """How deep functions are nested inside, which makes the names of their arguments unique."""

    def to_dict(self) -> Json:
        """The Expression as the reference documents its JSON.

        Raises:
            InvalidArgument: An argument of a mapped function is used outside of it.
        """
        return encode(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # As JSON, which knows no limit to the depth of a graph; pickle does.
        return _unpickle, (graphs.encoded(encode(self))[1],)


def _unpickle(text: str) -> Graph:
    return Graph(json.loads(text))


ImageLike = Node | SupportsSerialize | Mapping[str, Any] | str | bytes | os.PathLike[str] | Expression
"""What can be exported: an ee.Image, what `load` or `call` returns, or an expression as dict, JSON text,
path-like to a JSON file, or generated Expression."""


@frozen(eq=False, repr=False)
class Call(Node):
    """A call of a function of the service.

    Reference: FunctionInvocation.

    Attributes:
        function: The function's name, or a function made with `function`.
        arguments: The arguments by name.
    """

    function: str | Function
    arguments: Mapping[str, Any]
    level: int

    def __repr__(self) -> str:
        return f"<{self.function}({', '.join(self.arguments)})>"


@frozen(eq=False, repr=False)
class Argument(Node):
    """What a mapped function is given for each element."""

    name: str | None = None
    level: int = 0

    def __repr__(self) -> str:
        return f"<argument {self.name}>"


@frozen(eq=False, repr=False)
class Function(Node):
    """A function for the service to call, such as one that is mapped over a collection.

    Reference: FunctionDefinition.
    """

    parameters: tuple[Argument, ...]
    body: Any
    level: int

    def __repr__(self) -> str:
        return f"<function of {len(self.parameters)}>"


@frozen(eq=False, repr=False)
class Graph(Node):
    """An expression that was there already, as a value."""

    graph: Json
    level: int = field(default=0, init=False)

    def __repr__(self) -> str:
        return f"<expression of {len(self.graph['values'])} values>"


def load(id: str, version: int | None = None) -> Call:  # noqa: A002 - the service's own name
    """The image asset of this id.

    Args:
        id: The asset's id, such as "USGS/SRTMGL1_003" or "projects/my-project/assets/dem".
        version: The version of the asset. Default: the latest.

    Raises:
        InvalidArgument, InvalidArgumentType: The id is empty or not a string, the version not a whole number.
    """
    fields.text("id", id, r"\S(.*\S)?", "It must be the id of an asset.")
    if version is not None:
        version = fields.whole("version", version, -1)
    return call("Image.load", id=id, version=version)


def call(function: str | Function, /, **arguments: Any) -> Call:
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
    if not isinstance(function, Function):
        fields.text("function", function, r"[A-Za-z_][\w./-]*", "It must be the name of a function.")
    frozen = {name: _freeze(name, value) for name, value in arguments.items() if value is not None}
    return Call(function, FrozenMapping(frozen), max(map(_level, (function, *frozen.values()))))


def function(body: Callable[..., Any]) -> Function:
    """A function for the service, from a Python one that is called once, with a stand-in for each argument.

        brighter = eex.function(lambda image: eex.call("Image.multiply", image1=image, image2=2))
        eex.call("Collection.map", collection=images, baseAlgorithm=brighter)

    Args:
        body: A callable whose positional parameters become the function's arguments. It returns a node or
            a constant.

    Raises:
        InvalidArgument, InvalidArgumentType: It has other parameters, or returns something else.
    """
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [p for p in inspect.signature(body).parameters.values() if p.default is p.empty]
    if any(parameter.kind not in positional for parameter in parameters):
        raise InvalidArgument("function", body, "Its parameters must be positional ones.")
    arguments = tuple(Argument() for _ in parameters)
    result = body(*arguments)
    if result is None:
        raise InvalidArgument("function", body, "It returned None.", "Let it return what it computes.")
    frozen = _freeze("function", result)
    level = _level(frozen)
    for index, argument in enumerate(arguments):
        # The name, which depends on what is inside as in the official client, is known only now.
        object.__setattr__(argument, "name", f"_MAPPING_VAR_{level}_{index}")
    return Function(arguments, frozen, level + 1)


def expression(image: ImageLike) -> Node:
    """What an image argument stands for, as a node that can be an argument of `call`.

    Args:
        image: An ee.Image or other ee.ComputedObject, a node, an Expression, or an expression as dict,
            JSON text or path-like to a JSON file. It is copied.

    Raises:
        InvalidArgument, InvalidArgumentType: It is none of these, or the graph is not in order.
    """
    return image if isinstance(image, Node) else Graph(json.loads(graphs.write(graphs.read(image))))


def _level(value: Any) -> int:
    if isinstance(value, Node):
        return value.level
    return max(map(_level, _children(value)), default=0)


def _freeze(argument: str, value: Any, depth: int = 0) -> Any:
    """An argument as a constant, a node, or a tuple or FrozenMapping of these."""
    if value is None or isinstance(value, Node | bool | str | bytes):
        return value
    if isinstance(value, int):
        return fields.whole(argument, value, -(2**63))
    if isinstance(value, float):
        return fields.real(argument, value)
    from . import regions  # which builds its geometries with `call`

    if depth > _MAX_LIST_DEPTH:
        raise InvalidArgument(argument, "…", f"It nests deeper than {_MAX_LIST_DEPTH} lists.")
    if hasattr(value, "serialize"):
        return Graph(graphs.read(value))
    if isinstance(value, datetime.datetime):
        utc = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return call("Date", value=utc.timestamp() * 1000)
    if regions.is_geometry(value):
        return regions.from_geojson(argument, value)
    if hasattr(value, "tolist"):  # a number or an array of numpy
        return _freeze(argument, value.tolist(), depth + 1)
    if isinstance(value, Mapping):
        return FrozenMapping(
            {key: _freeze(f"{argument}[{key!r}]", item, depth + 1) for key, item in value.items()}
        )
    if isinstance(value, Sequence):
        return tuple(_freeze(f"{argument}[{index}]", item, depth + 1) for index, item in enumerate(value))
    if callable(value):
        return function(value)
    raise InvalidArgumentType(
        argument, value, "It must be a number, a string, a list, a dict, a call, a geometry or a function."
    )


def encode(root: Node) -> Json:
    """The graph of a node, in which what is used more than once, or nests deep, is written by reference.

    Raises:
        InvalidArgument: An argument of a mapped function is used outside of it.
    """
    if isinstance(root, Graph):
        return root.graph
    return _Encoder().encode(root)


class _Encoder:
    """Writes each value once, after what it needs, and then moves what is used once into its place."""

    def __init__(self) -> None:
        self.names: Iterator[str] = iter(())
        self.scope: Json = {}  # the calls and functions written so far; each refers to what stands before it
        self.known: dict[str, str] = {}  # the name of what was written, by its text
        self.written: dict[int, Json] = {}  # how a value is referred to, by its id

    def encode(self, root: Node) -> Json:
        order = _children_first(root)
        _check_arguments(order)
        given_graphs = [value.graph for value in order if isinstance(value, Graph)]
        # The largest graph goes in as it is; the names of the others give way.
        given: Json = max(given_graphs, key=lambda graph: len(graph["values"]), default={"values": {}})
        self.names = graphs.unused_names(given["values"])
        values = dict(given["values"])
        for value in order:
            self.written[id(value)] = (
                self._insert(value.graph, given, values) if isinstance(value, Graph) else self._write(value)
            )
        result = self._name(self.written[id(root)])
        return {"result": result, "values": {**values, **_nested(self.scope)}}

    def _insert(self, graph: Json, given: Json, values: Json) -> Json:
        """A reference to the result of a graph, which is added to the values unless it is there."""
        if graph is given:
            return {"valueReference": given["result"]}
        _, text = graphs.encoded(graph)
        if text not in self.known:
            copy = graphs.renamed(text, self.names)
            values.update(copy["values"])
            self.known[text] = copy["result"]
        return {"valueReference": self.known[text]}

    def _refer(self, value: Any) -> Json:
        known = self.written.get(id(value))
        return _constant(value) if known is None else dict(known)

    def _name(self, node: Json) -> str:
        """The name of a value with this content."""
        if "valueReference" in node:
            return str(node["valueReference"])
        text = repr(node)
        if text not in self.known:
            self.known[text] = next(self.names)
            self.scope[self.known[text]] = node
        return self.known[text]

    def _write(self, value: Any) -> Json:
        """A node that stands for the value: a reference for a call or a function."""
        match value:
            case Argument():
                return {"argumentReference": value.name}
            case tuple():
                items = [self._refer(item) for item in value]
                if all("constantValue" in item for item in items):
                    return {"constantValue": [item["constantValue"] for item in items]}
                return {"arrayValue": {"values": items}}
            case FrozenMapping():
                entries = {key: self._refer(item) for key, item in value.items()}
                if all("constantValue" in entry for entry in entries.values()):
                    return {"constantValue": {key: entry["constantValue"] for key, entry in entries.items()}}
                return {"dictionaryValue": {"values": entries}}
            case Function():
                names = [parameter.name for parameter in value.parameters]
                definition = {"argumentNames": names, "body": self._name(self._refer(value.body))}
                return {"valueReference": self._name({"functionDefinitionValue": definition})}
        arguments = {name: self._refer(item) for name, item in value.arguments.items()}
        if isinstance(value.function, str):
            invocation: Json = {"functionName": value.function}
        else:
            invocation = {"functionReference": self._name(self._refer(value.function))}
        return {
            "valueReference": self._name({"functionInvocationValue": {**invocation, "arguments": arguments}})
        }


def _constant(value: Any) -> Json:
    if isinstance(value, bytes):
        return {"bytesValue": b64encode(value).decode()}
    if isinstance(value, int) and float(value) != value:
        return {"integerValue": str(value)}  # a constant is stored as a double, which would round it
    return {"constantValue": value}


def _children(value: Any) -> Iterable[Any]:
    match value:
        case Call():
            return (value.function, *value.arguments.values())
        case Function():
            return (value.body,)
        case tuple():
            return value
        case FrozenMapping():
            return value.values()
    return ()


def _children_first(root: Node) -> list[Any]:
    """All that is not a constant in `root`, each once and after what it needs."""
    order: list[Any] = []
    seen: set[int] = set()
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        value, ready = stack.pop()
        if ready:
            order.append(value)
        elif isinstance(value, Node | tuple | FrozenMapping) and id(value) not in seen:
            seen.add(id(value))
            stack.append((value, True))
            stack.extend((child, False) for child in _children(value))
    return order


def _check_arguments(order: Sequence[Any]) -> None:
    """Refuse a graph that needs the argument of a function from outside of the function."""
    free: dict[int, set[Any]] = {}
    if not any(isinstance(value, Argument) for value in order):
        return
    for value in order:
        inner = [free[id(child)] for child in _children(value) if id(child) in free]
        outside = {value} if isinstance(value, Argument) else set().union(*inner)
        if isinstance(value, Function):
            outside -= set(value.parameters)
        if outside:
            free[id(value)] = outside
    if id(order[-1]) in free:
        rule = "It uses an argument of a mapped function outside of the function."
        raise InvalidArgument("image", order[-1], rule)


def _nested(scope: Json) -> Json:
    """The values with each that is used once moved to where it is used, as deep as the service takes."""
    uses: Counter[str] = Counter()
    for _, node in graphs.nodes(scope):
        if (place := graphs.reference(node)) is not None:
            uses[place[0][place[1]]] += 1 if "valueReference" in node else 2  # a function refers by name only
    depth: dict[str, int] = {}
    for name in list(scope):
        depth[name] = 0
        for _, node in list(graphs.nodes({name: scope[name]})):
            target = node.get("valueReference", "")
            if uses[target] == 1 and depth.get(target, graphs.NESTING) < graphs.NESTING - 1:
                depth[name] = max(depth[name], depth[target] + 1)
                node.clear()
                node.update(scope.pop(target))
    return scope
