"""The list of functions in the official client's form, by which it builds its classes."""

import json
from collections.abc import Iterable
from typing import Any

from earthengine_emulator.discovery import wheel_file


def own_algorithms() -> list[dict[str, Any]]:
    """The functions that the evaluator knows; this runs in a worker process."""
    from earthengine_emulator.functions import FUNCTIONS

    return [_algorithm(function) for _, function in sorted(FUNCTIONS.items())]


def _algorithm(function: Any) -> dict[str, Any]:
    arguments = []
    for argument in function.arguments:
        shown = {"argumentName": argument.name, "type": argument.type}
        if argument.optional:
            shown |= {"optional": True, "defaultValue": argument.default}
        arguments.append(shown)
    return {
        "name": f"algorithms/{function.name}",
        "description": function.description,
        "returnType": function.returns,
        "arguments": arguments,
    }


def completed(own: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The reply of `algorithms.list`.

    Where the official client is installed, its list completes ours: it has the functions that the emulator
    does not know too, so that they can be written down, and more words on those that it does.
    """
    algorithms = {algorithm["name"]: algorithm for algorithm in own}
    found = wheel_file("algorithms.json")
    if found:
        official = json.loads(found.read_bytes())["algorithms"]
        algorithms |= {algorithm["name"]: algorithm for algorithm in official}
    return {"algorithms": [algorithms[name] for name in sorted(algorithms)]}
