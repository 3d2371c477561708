"""Names of functions and arguments, compared with the service's own list."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from ..errors import InvalidArgument, InvalidArgumentType
from . import graphs, plain, reading
from .graphs import JsonObject
from .reading import ImageLike


@runtime_checkable
class SupportsExpression(Protocol):
    """An ImageExport."""

    @property
    def expression_json(self) -> str:
        """Its expression as JSON."""


_Signature = Mapping[str, tuple[str, bool]]
"""By the name of an argument, its type, and whether it may be left out."""


def check_names(
    image: ImageLike | SupportsExpression, algorithms: JsonObject | str | os.PathLike[str]
) -> None:
    """Compare the functions that an image calls, and their arguments, with the official list.

    A wrong name is found here at once, and by the service only when the export runs. `earthengine-api` ships
    the list as `ee/tests/algorithms.json`; the API's `projects.algorithms.list` answers with the same.

    Args:
        image: An ImageExport, or what can be exported.
        algorithms: The list, as dict or the path of its JSON file.

    Raises:
        InvalidArgument: A function is not in the list, an argument is none of the function's, one that it
            needs is missing, or a number is given where it needs an image; the message says what may be
            meant.
        InvalidArgumentType: `algorithms` is no such list.
    """
    signatures = plain.checked("algorithms", _signatures, algorithms)
    graph = plain.checked("image", _graph, image)
    for _, node in graphs.nodes(graph["values"]):
        invocation = node.get("functionInvocationValue", {})
        name = invocation.get("functionName")
        if name is not None:
            if name not in signatures:
                raise InvalidArgument(
                    "function", name, "Earth Engine has no such function.", _meant(name, signatures)
                )
            _check_arguments(name, signatures[name], invocation.get("arguments", {}))


def _graph(image: ImageLike | SupportsExpression) -> graphs.Json:
    given = image.expression_json if isinstance(image, SupportsExpression) else image
    return reading.image(given).to_dict()


def _check_arguments(function: str, signature: _Signature, arguments: JsonObject) -> None:
    for name, value in arguments.items():
        if name not in signature:
            raise InvalidArgument(
                "argument", name, f"{function} has no such argument.", _meant(name, signature)
            )
        constant = value.get("constantValue")
        if (
            signature[name][0].startswith("Image<")
            and isinstance(constant, int | float)
            and not isinstance(constant, bool)
        ):
            raise InvalidArgument(
                name,
                constant,
                f"{function} needs an image here.",
                f"Give eex.call('Image.constant', value={constant}).",
            )
    required = {name for name, (_, is_optional) in signature.items() if not is_optional}
    if missing := required - arguments.keys():
        raise InvalidArgument(
            "function", function, f"It needs the argument {' and '.join(map(repr, sorted(missing)))}."
        )


def _signatures(algorithms: JsonObject | str | os.PathLike[str]) -> dict[str, _Signature]:
    listed: object = algorithms
    if isinstance(algorithms, str | os.PathLike):
        listed = reading.parsed(Path(algorithms))
    try:
        entries: list[JsonObject] = cast(JsonObject, listed)["algorithms"]
        return {
            entry["name"].removeprefix("algorithms/"): {
                one["argumentName"]: (one["type"], bool(one.get("optional")))
                for one in entry.get("arguments", ())
            }
            for entry in entries
        }
    except (KeyError, TypeError, AttributeError):
        rule = "It must be {'algorithms': [{'name': …, 'arguments': …}, …]}."
        raise InvalidArgumentType("", algorithms, rule) from None


def _meant(name: str, names: Iterable[str]) -> str:
    names = list(names)
    by_lower = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=3)
    if close:
        return f"Was {' or '.join(repr(by_lower[match]) for match in close)} meant?"
    # A function by the name of its last part, whatever it was called on.
    last = name.rpartition(".")[2].lower()
    alike = [candidate for candidate in names if candidate.rpartition(".")[2].lower() == last]
    return (
        f"Was {' or '.join(map(repr, alike[:3]))} meant?" if alike else f"There are {', '.join(names[:9])}."
    )
