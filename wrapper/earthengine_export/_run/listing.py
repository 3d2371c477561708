"""The flow that lists operations."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection
from datetime import datetime

import attrs

from .._describe import plain
from .._describe.fields import guarded, optional
from ..errors import InvalidArgument, InvalidArgumentType
from ..operation_state import STATES, OperationState
from .flows import PAGE_SIZE, Context, Emit, H, Pages, Stream
from .names import MAX_IN_URL

_OFFICIAL = {  # what the official client calls them
    "UNSUBMITTED": "PENDING",
    "READY": "PENDING",
    "COMPLETED": "SUCCEEDED",
    "CANCEL_REQUESTED": "CANCELLING",
    "CANCELED": "CANCELLED",
}


def _words(value: Collection[str]) -> frozenset[str]:
    words = [value] if isinstance(value, str) else plain.listed(value, "It must be a set of words.")
    return frozenset(map(plain.text, words))


def _states(value: Collection[str]) -> frozenset[str]:
    words = _words(value)
    for word in sorted(words.difference(STATES)):
        official = _OFFICIAL.get(word.upper(), word.upper())
        cure = f"What the official client calls {word.upper()} is {official}."
        cure = f"Give {official}." if official == word.upper() else cure
        rule = f"No operation is in such a state; there are {', '.join(STATES)}."
        raise InvalidArgument("", word, rule, cure if official in STATES else "")
    return words


def _pattern(value: str | re.Pattern[str]) -> re.Pattern[str]:
    if isinstance(value, str):
        return re.compile(fnmatch.translate(plain.text(value)))
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        return value
    raise InvalidArgumentType("", value, "It must be a pattern with * and ?, or a re.Pattern of text.")


def _moment(value: datetime) -> datetime:
    if not isinstance(value, datetime):
        raise InvalidArgumentType("", value, "It must be a datetime with a timezone.")
    if value.utcoffset() is None:
        raise InvalidArgument("", value, "It has no timezone.", "Add one, such as UTC.")
    return value


def _filter(value: str) -> str:
    rule = f"It must have at most {MAX_IN_URL:,} characters: more than that no URL holds."
    return plain.text(value, f"(?s).{{0,{MAX_IN_URL}}}", rule)


def _page_size(value: int) -> int:
    return plain.whole(value, 1, plain.INT32)


@attrs.frozen(repr=False, field_transformer=guarded)
class Selection:
    """Which operations are wanted.

    Args:
        filter: Passed to the service as it is; at most 4,000 characters.
        page_size: Operations to a page, 1 or more; the service may give fewer. Default 500.
        states: Only operations in one of these states, such as {"PENDING", "RUNNING"}, or in this one.
        types: Only operations of one of these types, such as {"EXPORT_IMAGE"}, or of this one.
        description: Only operations whose whole description matches: a pattern with * and ?, or a
            compiled regular expression.
        created_after: Only operations created at this time or later; timezone-aware.
        created_before: Only operations created before this time; timezone-aware.
    """

    filter: str | None = attrs.field(default=None, converter=optional(_filter))
    page_size: int = attrs.field(default=PAGE_SIZE, converter=_page_size)
    states: frozenset[str] | None = attrs.field(default=None, converter=optional(_states), kw_only=True)
    types: frozenset[str] | None = attrs.field(default=None, converter=optional(_words), kw_only=True)
    description: re.Pattern[str] | None = attrs.field(
        default=None, converter=optional(_pattern), kw_only=True
    )
    created_after: datetime | None = attrs.field(default=None, converter=optional(_moment), kw_only=True)
    created_before: datetime | None = attrs.field(default=None, converter=optional(_moment), kw_only=True)

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
