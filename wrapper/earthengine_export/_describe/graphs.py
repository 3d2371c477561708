"""Expressions as the API writes them: reading, checking and writing graphs that are there already.

A graph is `{"result": name, "values": {name: ValueNode}}`, a ValueNode a dict with one key that says its
kind. Nothing here recurses, so that depth is no limit, and a graph that is in order is walked once.
"""

from __future__ import annotations

import itertools
import json
import math
import os
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from ..errors import InvalidArgument, InvalidArgumentType
from ..rest import Expression

Json = dict[str, Any]

NESTING = 16
"""Calls that are written one inside the other before a reference is used instead. Each is three levels of
JSON; the service refuses more than about a hundred."""

MAX_DEPTH = 100_000  # nested calls; deeper ones are taken for a dict that holds itself
_LEAVES = {"constantValue", "integerValue", "bytesValue", "argumentReference", "valueReference"}
_HOLDERS = {"functionInvocationValue": "arguments", "arrayValue": "values", "dictionaryValue": "values"}
_KINDS = [*_LEAVES, *_HOLDERS, "functionDefinitionValue"]
_CURE = "Give {'result': …, 'values': {…}}, as `ee_object.serialize(for_cloud_api=True)` writes it."


def _plain(value: Any) -> Any:
    """What json cannot write as it is: numbers and arrays of numpy."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(type(value).__name__)


compact = json.JSONEncoder(
    check_circular=False,  # it costs a fifth of the time, and a circle is a RecursionError anyway
    allow_nan=False,
    separators=(",", ":"),
    default=_plain,
).encode
"""An object as JSON text."""


def read(image: Any) -> Json:
    """The graph that an object stands for, which may be the caller's own dict.

    Raises:
        InvalidArgument, InvalidArgumentType: It stands for none.
    """
    try:
        if hasattr(image, "serialize"):  # an ee.ComputedObject
            image = json.loads(image.serialize(for_cloud_api=True))
        elif isinstance(image, Expression):
            image = image.to_dict()
        elif isinstance(image, os.PathLike):
            image = json.loads(Path(image).read_bytes())
        elif isinstance(image, str | bytes):
            image = json.loads(image)
    except RecursionError:
        raise InvalidArgument(
            "image",
            type(image).__name__,
            "It nests too deep to be read: its own encoder, or Python's for JSON, gives up.",
            "Give it as a dict, or build it with eex.call, which knows no such limit.",
        ) from None
    except OSError as error:
        raise InvalidArgument("image", image, f"The file cannot be read: {error}.") from error
    except ValueError as error:
        cure = "Give the text or the path of a JSON file."
        if isinstance(image, str):
            cure = f"For an asset's id, give eex.load({image!r}); for a file, give pathlib.Path({image!r})."
        raise InvalidArgument("image", image, f"It is not JSON: {error}.", cure) from error
    if not isinstance(image, Mapping):
        raise InvalidArgumentType(
            "image",
            image,
            "It must be an ee.Image, what eex.load or eex.call returns, or an expression (dict, JSON text, "
            "a path-like to a JSON file, or an Expression).",
        )
    values, result = image.get("values"), image.get("result")
    if not isinstance(values, Mapping) or not isinstance(result, str):
        raise InvalidArgument("image", sorted(image)[:9], "These keys do not make an Expression.", _CURE)
    if result not in values:
        shown = ", ".join(map(repr, list(values)[:9])) or "none"
        raise InvalidArgument(
            "image",
            result,
            f"The expression's result names no value; there are {shown}.",
            "Let `result` be a key of `values`.",
        )
    return image if isinstance(image, dict) else dict(image)


def encoded(graph: Json) -> tuple[Json, str]:
    """The graph and its compact JSON; one that nests too deep for JSON is flattened with references first.

    Raises:
        InvalidArgument, InvalidArgumentType: It holds what JSON cannot; the message says where.
    """
    try:
        return graph, compact(graph)
    except RecursionError:
        graph = flattened(graph)
    except (TypeError, ValueError) as error:
        raise _unwritable(graph, error) from None
    try:
        return graph, compact(graph)
    except RecursionError:
        rule = "A constant in the expression nests too deep for JSON."
        raise InvalidArgument("image", "…", rule) from None
    except (TypeError, ValueError) as error:
        raise _unwritable(graph, error) from None


def write(graph: Json) -> str:
    """The graph as compact JSON, checked: all are ValueNodes, all references lead to one, none in a circle.

    Raises:
        InvalidArgument, InvalidArgumentType: It is not so; the message says where.
    """
    graph, text = encoded(graph)
    _check_references(graph["values"])
    return text


def nodes(values: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """Every ValueNode in `values`, nested ones included, each with the name of the value that it is part of.

    Raises:
        InvalidArgument: Something stands where a ValueNode must.
    """
    for name, root in values.items():
        stack = [root]
        while stack:
            node = stack.pop()
            try:
                for kind, content in node.items():
                    if kind in _HOLDERS:
                        children = content.get(_HOLDERS[kind], ())
                        stack.extend(children if kind == "arrayValue" else children and children.values())
            except (AttributeError, TypeError):
                raise InvalidArgument(
                    "image", name, f"values[{name!r}] holds something that is not a ValueNode.", _CURE
                ) from None
            yield name, node


def reference(node: Json) -> tuple[Json, str] | None:
    """Where a node refers to another value: the dict and its key that hold the other's name."""
    if "valueReference" in node:
        return node, "valueReference"
    if "functionDefinitionValue" in node:
        return node["functionDefinitionValue"], "body"
    if "functionReference" in node.get("functionInvocationValue", ()):
        return node["functionInvocationValue"], "functionReference"
    return None


def _check_references(values: Json) -> None:
    """Check the nodes of a graph and what they refer to."""
    # Most encoders write what is referred to first, some last; then there is no cycle: one walk shows it.
    if _is_in_order(values) or _is_in_order(dict(reversed(values.items()))):
        return
    edges: dict[str, list[str]] = {name: [] for name in values}
    for name, node in nodes(values):
        edges[name].extend(_reference_of(name, node))
    for name, targets in edges.items():
        for target in targets:
            if target not in edges:
                rule = f"values[{name!r}] refers to this name, and no value has it."
                raise InvalidArgument("image", target, rule)
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        circle = error.args[1]
        shown = " → ".join(circle if len(circle) < 9 else [*circle[:4], "…", *circle[-4:]])
        rule = f"The expression has a cycle and cannot be computed: {shown}."
        raise InvalidArgument("image", circle[0], rule) from None


def _is_in_order(values: Mapping[str, Any]) -> bool:
    """Whether all are ValueNodes that refer only to what stands before them.

    This is the walk that every export pays for: `nodes` would take twice the time.
    """
    seen: set[Any] = set()
    stack: list[Any] = []
    try:
        for name, root in values.items():
            stack.append(root)
            while stack:
                ((kind, content),) = stack.pop().items()
                if kind == "constantValue":
                    continue
                if kind == "functionInvocationValue":
                    if "functionReference" in content and content["functionReference"] not in seen:
                        return False
                    stack.extend(content.get("arguments", {}).values())
                elif kind == "valueReference":
                    if content not in seen:
                        return False
                elif kind == "arrayValue":
                    stack.extend(content.get("values", ()))
                elif kind == "dictionaryValue":
                    stack.extend(content.get("values", {}).values())
                elif kind == "functionDefinitionValue":
                    if content["body"] not in seen:
                        return False
                elif kind not in _LEAVES:
                    return False
            seen.add(name)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # the slow walk says what is wrong
    return True


def _reference_of(name: str, node: Json) -> list[str]:
    """The names that a node of the value `name` refers to: one or none."""
    if len(node) != 1 or next(iter(node)) not in _KINDS:
        rule = f"A ValueNode in values[{name!r}] must have one of these fields: {', '.join(_KINDS)}."
        raise InvalidArgument("image", list(node), rule)
    if (place := reference(node)) is None:
        return []
    target = place[0].get(place[1])
    if not isinstance(target, str):
        raise InvalidArgument("image", target, f"values[{name!r}] refers to what is no name.")
    return [target]


def _unwritable(graph: Json, error: Exception) -> InvalidArgument | InvalidArgumentType:
    """The error for the value that JSON cannot hold, with the place where it stands."""
    stack: list[tuple[str, Any]] = [("", graph)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, Mapping):
            stack.extend((f"{path}[{key!r}]", child) for key, child in value.items())
        elif isinstance(value, list | tuple):
            stack.extend((f"{path}[{index}]", child) for index, child in enumerate(value))
        elif hasattr(value, "tolist"):
            stack.append((path, value.tolist()))
        elif isinstance(value, float) and not math.isfinite(value):
            return InvalidArgument(
                "image", value, f"At {path[1:]}: NaN and infinity cannot be written as JSON.", "Mask instead."
            )
        elif value is not None and not isinstance(value, str | int | float):
            return InvalidArgumentType("image", value, f"At {path[1:]}: JSON has no such type.")
    return InvalidArgument("image", "…", f"The expression cannot be written as JSON: {error}.")


def flattened(graph: Json) -> Json:
    """A copy in which nothing nests deeper than `NESTING` calls."""
    values: Json = {}
    names = unused_names(graph["values"])
    stack = [(values, name, node, 0) for name, node in graph["values"].items()]
    while stack:
        into, key, node, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise InvalidArgument(
                "image", key, f"The expression nests deeper than {MAX_DEPTH} calls, or holds itself."
            )
        if depth % NESTING == NESTING - 1:
            into[key] = {"valueReference": (name := next(names))}
            into, key = values, name
        into[key] = copy = dict(node)
        for kind in copy.keys() & _HOLDERS.keys():
            children = copy[kind].get(_HOLDERS[kind], {})
            target = children.copy()
            copy[kind] = {**copy[kind], _HOLDERS[kind]: target}
            items = children.items() if isinstance(children, dict) else enumerate(children)
            stack.extend((target, place, child, depth + 1) for place, child in items)
    return {**graph, "values": values}


def renamed(text: str, names: Iterator[str]) -> Json:
    """A graph, given as JSON, with other names for its values."""
    graph = json.loads(text)
    new = dict(zip(graph["values"], names, strict=False))
    for _, node in nodes(graph["values"]):
        if (place := reference(node)) is not None:
            place[0][place[1]] = new[place[0][place[1]]]
    return {
        "result": new[graph["result"]],
        "values": {new[name]: node for name, node in graph["values"].items()},
    }


def unused_names(values: Mapping[str, Any]) -> Iterator[str]:
    """Names for further values: "0", "1", … without those that are taken."""
    return (name for number in itertools.count() if (name := str(number)) not in values)
