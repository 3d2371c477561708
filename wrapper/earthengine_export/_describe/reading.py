"""What stands for an image: objects of `ee`, nodes, and expressions in every form."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol, TypeGuard

from ..errors import InvalidArgument, InvalidArgumentType
from ..rest import Expression
from . import graphs
from .graphs import Json, JsonObject
from .nodes import CALL, Function, Graph, Node


class SupportsSerialize(Protocol):
    """An ee.Image or another ee.ComputedObject."""

    def serialize(self, *, for_cloud_api: bool = True) -> str:
        """The object's expression as JSON text."""


ImageLike = Node | SupportsSerialize | JsonObject | str | bytes | os.PathLike[str] | Expression
"""What can be exported: an ee.Image, what `load` or `call` returns, or an expression as dict, JSON text,
path-like to a JSON file, or generated Expression."""

_NO_IMAGE = {
    "ImageCollection": "Give .mosaic() or .first(), or make one export for each image.",
    "FeatureCollection": "Make an image of it with .reduceToImage(…), or ee.Image().paint(features).",
    "Feature": "Make an image of it with ee.Image().paint(feature).",
    "Geometry": "Give the image, and the geometry as region=.",
    "Number": "Give ee.Image.constant(number).",
    "Array": "Give ee.Image.constant(array).",
    "List": "Give one image, or make one export for each.",
    "Dictionary": "Give dictionary.toImage().",
}
_FURTHER = """
    Blob Classifier Clusterer Collection ConfusionMatrix Date DateRange ErrorMargin Filter Function Image Join
    Kernel Model PixelType Projection Reducer SelectorSet String
"""
_KINDS = {*_NO_IMAGE, *_FURTHER.split()}
# What calls make: by the function's name, or by what stands before its dot.
_MADE = {
    "Image.load": "Image",
    "ImageCollection.load": "ImageCollection",
    "Collection.loadTable": "FeatureCollection",
    "Number.format": "String",
    "GeometryConstructors": "Geometry",
    **{kind: kind for kind in ("Filter", "Kernel", "Number", "Reducer")},
}


def is_ee(value: object) -> TypeGuard[SupportsSerialize]:
    """Whether a value is computed by `ee`, or is written as its objects are."""
    return not isinstance(value, type) and callable(getattr(value, "serialize", None))


def ee_name(value: object) -> str:
    """What an object of `ee` says it is: "Image", "Geometry", …; "" where it says nothing."""
    name = getattr(value, "name", None)
    found = name() if callable(name) else type(value).__name__
    return found if isinstance(found, str) else ""


def kind_of(value: object) -> str:
    """What a computed value certainly is: "Image", "Geometry", …; "" where that is not certain."""
    if isinstance(value, Function):
        return "Function"
    if isinstance(value, Node):
        head = value.pieces[0] if value.pieces else ""
        called = head[len(CALL) + 1 :].partition('"')[0] if head.startswith(CALL) else ""
        return _MADE.get(called) or _MADE.get(called.partition(".")[0], "")
    return name if is_ee(value) and (name := ee_name(value)) in _KINDS else ""


def typed(value: object, kinds: Collection[str], rule: str, cures: Mapping[str, str]) -> Node:
    """A computed value as a node, refused where it is certainly of none of these kinds.

    Raises:
        InvalidArgument, InvalidArgumentType: It is of another, or stands for no expression.
    """
    node = None if (kind := kind_of(value)) else computed(value)
    kind = kind or kind_of(node)
    if kind and kind not in kinds:
        raise InvalidArgumentType("", value, f"It is of type {kind}; {rule}", cures.get(kind, ""))
    return node or computed(value)


def image(value: ImageLike) -> Node:
    """What an image argument stands for.

    Raises:
        InvalidArgument, InvalidArgumentType: It stands for none, or the graph is not in order.
    """
    return typed(value, {"Image"}, "an export is of one image.", _NO_IMAGE)


def parsed(value: str | bytes | os.PathLike[str], cure: str = "") -> object:
    """What JSON text says, or the JSON file of a path.

    Raises:
        InvalidArgument: It cannot be read. What a file holds is not shown.
    """
    given = os.fspath(value) if isinstance(value, os.PathLike) else value
    try:
        text = Path(value).read_bytes() if isinstance(value, os.PathLike) else value
    except (OSError, ValueError) as error:
        rule = f"The file cannot be read: {getattr(error, 'strerror', None) or error}."
        raise InvalidArgument("", given, rule) from error
    try:
        found: object = json.loads(text)
    except ValueError as error:
        raise InvalidArgument("", given, f"It is not JSON: {error}.", cure) from None
    return found


def computed(value: object) -> Node:
    """A value that is computed, as a node: of `ee`, or an expression. It is copied."""
    if isinstance(value, Node):
        return value
    return Graph(*_graph(value))


def _graph(value: object) -> tuple[Json, bool]:
    """The graph that a value stands for, and whether it is known to be in order."""
    serializer = sys.modules.get("ee.serializer")
    try:
        if is_ee(value):
            if serializer and type(value).__module__.partition(".")[0] == "ee":
                # Without the detour over text; and what `ee` writes is in order.
                return serializer.encode(value, for_cloud_api=True), True
            found = parsed(value.serialize(for_cloud_api=True))
        elif isinstance(value, Expression):
            found = value.to_dict()
        elif isinstance(value, str | bytes | os.PathLike):
            cure = "Give the text or the path of a JSON file."
            if isinstance(value, str) and len(value) < 120:
                cure = (
                    f"For an asset's id, give eex.load({value!r}); for a file, give pathlib.Path({value!r})."
                )
            found = parsed(value, cure)
        else:
            found = value
    except RecursionError:
        raise InvalidArgument(
            "",
            value,
            "It nests too deep to be read: its own encoder, or Python's for JSON, gives up.",
            "Give it as a dict, or build it with eex.call, which knows no such limit.",
        ) from None
    if not isinstance(found, Mapping):
        rule = "It must be an ee.Image, what eex.load or eex.call returns, or an expression."
        raise InvalidArgumentType(
            "", value, rule, "An expression is a dict, JSON text, or a path to a JSON file."
        )
    values, result = found.get("values"), found.get("result")
    if not isinstance(values, Mapping) or not isinstance(result, str):
        rule = "Its keys do not make an Expression: `values` is a dict, and `result` the name of one of them."
        raise InvalidArgument("", value, rule, graphs.CURE)
    if result not in values:
        named = ", ".join(repr(name)[:40] for name in list(values)[:9]) or "none"
        rule = f"The expression's result names no value; there are {named}."
        raise InvalidArgument("", result, rule, "Let `result` be a key of `values`.")
    return {**found, "values": values if isinstance(values, dict) else dict(values)}, False
