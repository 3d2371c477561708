"""The flow that lists operations."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime

import attrs

from ..errors import InvalidArgument, InvalidArgumentType
from ..operation_state import STATES, OperationState
from .flows import Context, Emit, Flow, H, Pages

_MOST = 2**31 - 1
_OFFICIAL = {  # what the official client calls them
    "UNSUBMITTED": "PENDING",
    "READY": "PENDING",
    "RUNNING": "RUNNING",
    "COMPLETED": "SUCCEEDED",
    "FAILED": "FAILED",
    "CANCEL_REQUESTED": "CANCELLING",
    "CANCELED": "CANCELLED",
}


@attrs.frozen(kw_only=True)
class Selection:
    """Which operations are wanted; `Client.operations` documents the fields."""

    filter: str | None
    page_size: int
    states: frozenset[str] | None
    types: frozenset[str] | None
    description: re.Pattern[str] | None
    created_after: datetime | None
    created_before: datetime | None

    @classmethod
    def of(
        cls,
        filter: str | None,  # noqa: A002
        page_size: int,
        states: Collection[str] | None,
        types: Collection[str] | None,
        description: str | re.Pattern[str] | None,
        created_after: datetime | None,
        created_before: datetime | None,
    ) -> Selection:
        """The selection, if it can be one."""
        if not isinstance(filter, str | None):
            raise InvalidArgumentType("filter", filter, "It is a text, which the service reads.")
        if isinstance(page_size, bool) or not isinstance(page_size, int):
            raise InvalidArgumentType("page_size", page_size, "It is a whole number.")
        if not 1 <= page_size <= _MOST:
            raise InvalidArgument("page_size", page_size, f"A page holds 1 to {_MOST:,} operations.")
        words = None if states is None else _words("states", states)
        for word in (words or frozenset()) - set(STATES):
            official = _OFFICIAL.get(word.upper().replace("CANCELLED", "CANCELED"))
            raise InvalidArgument(
                "states",
                word,
                f"No operation is in such a state; there are {', '.join(STATES)}.",
                f"What the official client calls {word.upper()} is {official}." if official else "",
            )
        if isinstance(description, str):
            description = re.compile(fnmatch.translate(description))
        if not isinstance(description, re.Pattern | None) or isinstance(
            description and description.pattern, bytes
        ):
            raise InvalidArgumentType(
                "description", description, "It is a pattern with * and ?, or a re.Pattern."
            )
        for argument, moment in (("created_after", created_after), ("created_before", created_before)):
            if not isinstance(moment, datetime | None):
                raise InvalidArgumentType(argument, moment, "It is a datetime with a timezone.")
            if moment is not None and moment.tzinfo is None:
                raise InvalidArgument(argument, moment, "It has no timezone.", "Add one, such as UTC.")
        return cls(
            filter=filter,
            page_size=page_size,
            states=words,
            types=None if types is None else _words("types", types),
            description=description,
            created_after=created_after,
            created_before=created_before,
        )

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


def _words(argument: str, value: Collection[str]) -> frozenset[str]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, Iterable) or not all(isinstance(word, str) for word in words):
        raise InvalidArgumentType(argument, value, "It is a set of words.")
    return frozenset(words)


def operations(context: Context, make: Callable[[OperationState], H], selection: Selection) -> Flow[None]:
    """Emit a handle for each operation of the project that is wanted, page by page."""
    pages = Pages(context, context.access.project, selection.page_size, selection.filter)
    while pages.more:
        for reply in (yield from pages.read()):
            if selection.holds(state := OperationState.of(reply)):
                yield Emit(make(state))
