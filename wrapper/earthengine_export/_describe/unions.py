"""Which field of a union is set."""

from __future__ import annotations

import attrs

from ..errors import InvalidArgument, InvalidArgumentType
from ..rest import UNIONS, is_set
from . import plain


def which(message: object, union: str) -> str | None:
    """The name of the field that is set in a union of a generated object.

        eex.which(request, "export_options")   # "file_export_options"

    Args:
        message: An object of the generated client (`earthengine_rest.models`), of a request or a reply.
        union: The union's name in the reference, such as "destination".

    Returns:
        The name of the attribute that is set, or None where none is.

    Raises:
        InvalidArgument: The object has no union of this name, or more than one field of it is set.
        InvalidArgumentType: The object is of a class without unions.
    """
    kind = next((base.__name__ for base in type(message).__mro__ if base.__name__ in UNIONS), None)
    if kind is None or not attrs.has(type(message)):
        raise InvalidArgumentType(
            "message", message, f"Objects with unions are of the classes {', '.join(sorted(UNIONS))}."
        )
    union = plain.checked("union", plain.text, union)
    if union not in UNIONS[kind]:
        raise InvalidArgument(
            "union", union, f"{kind} has no such union.", f"It has {', '.join(UNIONS[kind])}."
        )
    found = [name for name in UNIONS[kind][union] if is_set(getattr(message, name))]
    if len(found) > 1:
        raise InvalidArgument(
            union,
            found,
            f"{' and '.join(found)} are set, and only one field of {kind}'s union {union} can be.",
            "Set the others to UNSET.",
        )
    return found[0] if found else None
