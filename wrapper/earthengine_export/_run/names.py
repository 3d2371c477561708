"""The names of operations."""

from __future__ import annotations

import re

from ..errors import InvalidArgument

MAX_IN_URL = 4_000  # characters: httpx takes 65,536 of a URL, of which one character may fill twelve
_NAME = re.compile(r"projects/([^/]+)/operations/([^/]+)")


def is_operation_name(name: object) -> bool:
    """Whether it is the full name of an operation."""
    if not isinstance(name, str) or len(name) > MAX_IN_URL or not name.isprintable():
        return False
    match = _NAME.fullmatch(name)
    # httpx folds dot segments, so that a DELETE of the operation ".." would hit the project.
    return match is not None and not {".", ".."} & set(match.groups())


def split_name(name: str) -> tuple[str, str]:
    """The project and the id of an operation's full name, as the generated client takes them.

    Raises:
        InvalidArgument: It is not of the form projects/PROJECT/operations/ID.
    """
    if not is_operation_name(name):
        raise InvalidArgument(
            "name",
            name,
            "An operation's name is projects/PROJECT/operations/ID.",
            "Take it from operation.name, or give the id alone.",
        )
    _, project, _, operation = name.split("/")
    return project, operation
