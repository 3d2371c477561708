"""Expressions as the API writes them: checking and writing graphs that are there already.

A graph is `{"result": name, "values": {name: ValueNode}}`, a ValueNode a dict with one key that says its
kind. Nothing here recurses, so that depth is no limit, and a graph that is in order is walked once.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Container, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ..errors import InvalidArgument, InvalidArgumentType

Json = dict[str, Any]
JsonObject = Mapping[str, Any]
"""JSON of the caller's own: what its values are is not known before they are checked."""

NESTING = 16
"""Calls that are written one inside the other before a reference is used instead. Each is three levels of
JSON; the service refuses more than about a hundred."""

MAX_DEPTH = 100_000  # nested calls; deeper ones are taken for a dict that holds itself
_INTEGER = re.compile("-?[0-9]{1,19}")
_BASE64 = re.compile("([A-Za-z0-9+/_-]{4})*([A-Za-z0-9+/_-]{2}(==)?|[A-Za-z0-9+/_-]{3}=?)?")
_LEAVES = {"constantValue", "integerValue", "bytesValue", "argumentReference", "valueReference"}
_HOLDERS = {"functionInvocationValue": "arguments", "arrayValue": "values", "dictionaryValue": "values"}
_KINDS = [*_LEAVES, *_HOLDERS, "functionDefinitionValue"]
CURE = "Give {'result': …, 'values': {…}}, as `ee_object.serialize(for_cloud_api=True)` writes it."


def _plain(value: object) -> object:
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


def encoded(graph: Json) -> tuple[Json, str, str]:
    """A graph with its values and its further fields as compact JSON; what nests too deep is flattened first.

    Raises:
        InvalidArgument, InvalidArgumentType: It holds what JSON cannot; the message says where.
    """
    further = {name: value for name, value in graph.items() if name not in ("values", "result")}
    try:
        values, more = compact(graph["values"]), compact(further)
    except RecursionError:
        graph = flattened(graph)
        try:
            values, more = compact(graph["values"]), compact(further)
        except RecursionError:
            rule = "A constant in the expression nests too deep for JSON."
            raise InvalidArgument("", "…", rule) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise _unwritable(graph, error) from None
    if "\\ud" in values or "\\ud" in more:  # an escape; nearly always a whole character of two halves
        try:
            json.dumps(graph, ensure_ascii=False, default=_plain).encode()
        except UnicodeEncodeError:
            rule = "The expression holds half a character (a lone surrogate)."
            raise InvalidArgument("", "…", rule) from None
    return graph, values, f",{more[1:-1]}" if further else ""


def nodes(values: JsonObject) -> Iterator[tuple[str, Json]]:
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
                    "", name, f"values[{name!r}] holds something that is not a ValueNode.", CURE
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


def check_references(values: Json) -> None:
    """Check the nodes of a graph and what they refer to."""
    # Most encoders write a value before the values that refer to it, some write it after them. In either
    # case there can be no cycle, and one walk is enough to see that.
    if _is_in_order(values) or _is_in_order(dict(reversed(values.items()))):
        return
    edges: dict[str, list[str]] = {name: [] for name in values}
    for name, node in nodes(values):
        edges[name].extend(_reference_of(name, node))
    for name, targets in edges.items():
        for target in targets:
            if target not in edges:
                rule = f"values[{name!r}] refers to this name, and no value has it."
                raise InvalidArgument("", target, rule)
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        circle = error.args[1]
        shown = " → ".join(circle if len(circle) < 9 else [*circle[:4], "…", *circle[-4:]])
        rule = f"The expression has a cycle and cannot be computed: {shown}."
        raise InvalidArgument("", circle[0], rule) from None


def _is_in_order(values: JsonObject) -> bool:
    """Whether all are ValueNodes that refer only to what stands before them.

    This is the walk that every export pays for: `nodes` would take twice the time.
    """
    seen: set[object] = set()
    stack: list[Json] = []
    try:
        for name, root in values.items():
            stack.append(root)
            while stack:
                ((kind, content),) = stack.pop().items()
                if kind == "constantValue":
                    continue
                if kind == "functionInvocationValue":
                    if "functionName" in content:
                        if type(content["functionName"]) is not str or "functionReference" in content:
                            return False
                    elif content["functionReference"] not in seen:
                        return False
                    stack.extend(content.get("arguments", {}).values())
                elif kind == "valueReference":
                    if content not in seen:
                        return False
                elif kind == "arrayValue":
                    if type(content.get("values", [])) not in (list, tuple):
                        return False
                    stack.extend(content.get("values", ()))
                elif kind == "dictionaryValue":
                    stack.extend(content.get("values", {}).values())
                elif kind == "functionDefinitionValue":
                    if content["body"] not in seen or not _are_names(content.get("argumentNames", [])):
                        return False
                elif not _is_leaf(kind, content):
                    return False
            if type(name) is not str:
                return False
            seen.add(name)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # the slow walk says what is wrong
    return True


def _is_leaf(kind: object, content: object) -> bool:
    """Whether a node that holds no others is one that the reference knows, with a value of the right form."""
    if kind == "constantValue":
        return True
    if kind not in _LEAVES or not isinstance(content, str):
        return False
    if kind == "integerValue":
        return bool(_INTEGER.fullmatch(content)) and -(2**63) <= int(content) < 2**63
    return kind != "bytesValue" or bool(_BASE64.fullmatch(content))


def _are_names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)


def _reference_of(name: str, node: Json) -> list[str]:
    """The names that a node of the value `name` refers to: one or none."""
    kind, content = next(iter(node.items()), ("", Json()))
    if len(node) != 1 or kind not in _KINDS:
        rule = f"A ValueNode in values[{name!r}] must have one of these fields: {', '.join(_KINDS)}."
        raise InvalidArgument("", list(node), rule)
    if not isinstance(name, str):
        raise InvalidArgument("", name, "A name of a value must be text.")
    call: Json | None = node.get("functionInvocationValue")
    place = reference(node)
    is_call = call is None or ("functionName" in call) != ("functionReference" in call)
    is_named = call is None or isinstance(call.get("functionName", ""), str)
    holder, wanted = _HOLDERS.get(kind), list | tuple if kind == "arrayValue" else Mapping
    is_list = holder is None or holder not in content or isinstance(content[holder], wanted)
    is_definition = kind != "functionDefinitionValue" or _are_names(content.get("argumentNames", []))
    is_leaf = kind not in _LEAVES or kind == "valueReference" or _is_leaf(kind, content)
    if not (is_call and is_named and is_list and is_definition and is_leaf):
        rule = f"The {kind} in values[{name!r}] is not as the reference has it."
        raise InvalidArgument("", content, rule, CURE)
    if place is None:
        return []
    target = place[0].get(place[1])
    if not isinstance(target, str):
        raise InvalidArgument("", target, f"values[{name!r}] refers to what is no name.")
    return [target]


def _unwritable(graph: Json, error: Exception) -> InvalidArgument | InvalidArgumentType:
    """The error for the value that JSON cannot hold, with the place where it stands."""
    stack: list[tuple[str, object]] = [("", graph)]
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
                "", value, f"At {path}: NaN and infinity cannot be written as JSON.", "Mask instead."
            )
        elif value is not None and not isinstance(value, str | int | float):
            return InvalidArgumentType("", value, f"At {path}: JSON has no such type.")
    return InvalidArgument("", "…", f"The expression cannot be written as JSON: {error}.")


def flattened(graph: Json) -> Json:
    """A copy in which nothing nests deeper than `NESTING` calls."""
    values: Json = {}
    names = unused_names(graph["values"])
    stack = [(values, name, node, 0) for name, node in graph["values"].items()]
    while stack:
        into, key, node, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise InvalidArgument(
                "", key, f"The expression nests deeper than {MAX_DEPTH} calls, or holds itself."
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


def renamed(text: str, result: str, names: Iterator[str]) -> Json:
    """A graph, its values given as JSON, with other names for them."""
    values: Json = json.loads(text)
    new = dict(zip(values, names, strict=False))
    for _, node in nodes(values):
        if (place := reference(node)) is not None:
            place[0][place[1]] = new[place[0][place[1]]]
    return {"result": new[result], "values": {new[name]: node for name, node in values.items()}}


def unused_names(values: Container[str]) -> Iterator[str]:
    """Names for further values: "0", "1", … without those that are taken."""
    return (name for number in itertools.count() if (name := str(number)) not in values)
