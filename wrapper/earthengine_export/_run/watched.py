"""What flows know of a handle: the last state that was seen, and what a reply changes about it."""

from __future__ import annotations

import logging

import attrs

from .. import rest
from ..errors import BadReply, OperationCancelled, OperationError, OperationFailed, OperationUnclear
from ..image_export import ImageExport
from ..operation_state import OperationState, OperationStatus

log = logging.getLogger("earthengine_export")
_CANCELLED_CODE = 1  # google.rpc.Code


class Watched:
    """A handle, as far as flows know it.

    Attributes:
        last: What was last seen: a snapshot that never changes.
        export: What was submitted, where this handle came from a submit; else None.
    """

    __slots__ = ("export", "last")

    def __init__(self, last: OperationState, export: ImageExport | None = None) -> None:
        self.last = last
        self.export = export


def take_in(handle: Watched, reply: rest.Operation) -> bool:
    """Bring a handle up to date; whether state, progress, stages or attempt have changed.

    The operation keeps the name that it is known by: a service may answer with the project's number for
    its id. Progress keeps from going backwards within an attempt. A reply without any news is ignored.

    Raises:
        BadReply: It is about another operation.
    """
    before, after = handle.last, OperationState.of(reply)
    if after.name and after.id != before.id:
        raise BadReply(
            f"The reply about {before.label} is about {after.name[:100]!r}.", fault="bad-reply", status=200
        )
    if not isinstance(reply.metadata, rest.OperationMetadata) and not after.done:
        return False
    progress = max(before.progress, after.progress) if after.attempt == before.attempt else after.progress
    handle.last = after = attrs.evolve(after, name=before.name, progress=progress)
    log_notes(after, before)
    if after.done and not before.done:
        log.info("%s has ended: %s", after.label, after.state)
    return _watched(after) != _watched(before)


def log_notes(state: OperationState, before: OperationState | None = None) -> None:
    """Log what the service notes about an operation and had not before."""
    for one in state.notifications:
        if before is None or one not in before.notifications:
            log.warning("%s: the service notes, %s: %s %s", state.label, one.severity, one.topic, one.detail)


def _watched(state: OperationState) -> tuple[object, ...]:
    """What counts as news for `on_update`."""
    return state.state, state.done, state.attempt, state.progress, state.stages


def is_unclear(state: OperationState) -> bool:
    """Whether the operation has ended, and nothing says how."""
    return state.done and isinstance(outcome_of(state), OperationUnclear)


def outcome_of(state: OperationState) -> OperationError | None:
    """Judge how a finished operation ended: None for success, else the error that a wait raises."""
    error, word = state.error, state.state
    if word == "CANCELLED" or (error is not None and error.code == _CANCELLED_CODE):
        return OperationCancelled(last=state)
    if error is not None or word == "FAILED":
        return OperationFailed(last=state, status=error or OperationStatus(code=None, message=""))
    if word == "SUCCEEDED" or rest.is_set(state.reply.response):
        return None
    return OperationUnclear(last=state)
