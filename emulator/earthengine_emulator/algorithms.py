"""The list of functions in the official client's form, by which it builds its classes."""

import json
from typing import Any

from earthengine_emulator.discovery import wheel_file


def own_algorithms() -> list[dict[str, Any]]:
    """The functions that the evaluator knows, by name; this runs in a worker process."""
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


def official_algorithms() -> list[dict[str, Any]] | None:
    """The official client's own list, where that is installed.

    It has ours, with more words on them, and the functions that the emulator does not know, so that they can
    be written down too; and nobody waits for a worker.
    """
    found = wheel_file("algorithms.json")
    return json.loads(found.read_bytes())["algorithms"] if found else None
