"""The flow that lists operations."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

import attrs

from ..errors import InvalidArgument, InvalidArgumentType
from ..operation_state import STATES, OperationState
from .flows import PAGE_SIZE, Context, Emit, H, Pages, Stream

_MOST = 2**31 - 1
_OFFICIAL = {  # what the official client calls them
    "UNSUBMITTED": "PENDING",
    "READY": "PENDING",
    "COMPLETED": "SUCCEEDED",
    "CANCEL_REQUESTED": "CANCELLING",
    "CANCELED": "CANCELLED",
}


def _words(argument: str, value: Collection[str] | None) -> frozenset[str] | None:
    if value is None:
        return None
    words = [value] if isinstance(value, str) or not isinstance(value, Iterable) else list(value)
    if not all(isinstance(word, str) for word in words):
        raise InvalidArgumentType(argument, value, "It is a set of words.")
    return frozenset(words)


def _types(value: Collection[str] | None) -> frozenset[str] | None:
    return _words("types", value)


def _states(value: Collection[str] | None) -> frozenset[str] | None:
    words = _words("states", value)
    for word in sorted(words or ()):
        if word not in STATES:
            official = _OFFICIAL.get(word.upper(), word.upper())
            cure = f"What the official client calls {word.upper()} is {official}." if word != official else ""
            raise InvalidArgument(
                "states", word, f"No operation is in such a state; there are {', '.join(STATES)}.",
                cure if official in STATES else "",
            )  # fmt: skip
    return words


def _pattern(value: str | re.Pattern[str] | None) -> re.Pattern[str] | None:
    if isinstance(value, str):
        return re.compile(fnmatch.translate(value))
    if value is None or (isinstance(value, re.Pattern) and isinstance(value.pattern, str)):
        return value
    raise InvalidArgumentType("description", value, "It is a pattern with * and ?, or a re.Pattern of text.")


def _moment(_: object, attribute: attrs.Attribute[datetime | None], value: datetime | None) -> None:
    if not isinstance(value, datetime | None):
        raise InvalidArgumentType(attribute.name, value, "It is a datetime with a timezone.")
    if value is not None and value.utcoffset() is None:
        raise InvalidArgument(attribute.name, value, "It has no timezone.", "Add one, such as UTC.")


@attrs.frozen
class Selection:
    """Which operations are wanted.

    Args:
        filter: Passed to the service as it is.
        page_size: Operations to a page, 1 or more; the service may give fewer. Default 500.
        states: Only operations in one of these states, such as {"PENDING", "RUNNING"}, or in this one.
        types: Only operations of one of these types, such as {"EXPORT_IMAGE"}, or of this one.
        description: Only operations whose whole description matches: a pattern with * and ?, or a
            compiled regular expression.
        created_after: Only operations created at this time or later; timezone-aware.
        created_before: Only operations created before this time; timezone-aware.
    """

    filter: str | None = None
    page_size: int = PAGE_SIZE
    states: frozenset[str] | None = attrs.field(default=None, converter=_states, kw_only=True)
    types: frozenset[str] | None = attrs.field(default=None, converter=_types, kw_only=True)
    description: re.Pattern[str] | None = attrs.field(default=None, converter=_pattern, kw_only=True)
    created_after: datetime | None = attrs.field(default=None, validator=_moment, kw_only=True)
    created_before: datetime | None = attrs.field(default=None, validator=_moment, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.filter, str | None):
            raise InvalidArgumentType("filter", self.filter, "It is a text, which the service reads.")
        if isinstance(self.page_size, bool) or not isinstance(self.page_size, int):
            raise InvalidArgumentType("page_size", self.page_size, "It is a whole number.")
        if not 1 <= self.page_size <= _MOST:
            raise InvalidArgument("page_size", self.page_size, f"A page holds 1 to {_MOST:,} operations.")

    def holds(self, state: OperationState) -> bool:
        """Whether an operation is wanted."""
        created = state.create_time
        return (
            (self.states is None or state.state in self.states)
            and (self.types is None or state.type in self.types)
            and (self.description is None or self.description.fullmatch(state.description) is not None)
            and (self.created_after is None or (created is not None and created >= self.created_after))
            and (self.created_before is None or (created is not None and created < self.created_before))
        )


def operations(context: Context, make: Callable[[OperationState], H], selection: Selection) -> Stream[H]:
    """Emit a handle for each operation of the project that is wanted, page by page."""
    pages = Pages(context, context.access.project, selection.page_size, selection.filter)
    while pages.more:
        for reply in (yield from pages.read()):
            if selection.holds(state := OperationState.of(reply)):
                yield Emit(make(state))
