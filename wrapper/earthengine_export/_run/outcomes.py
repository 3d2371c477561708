"""What a reply means for an operation: what is news, and how one ended."""

from __future__ import annotations

from .. import rest
from ..errors import BadReply, OperationCancelled, OperationError, OperationFailed
from ..operation_state import OperationState, OperationStatus

_CANCELLED_CODE = 1  # google.rpc.Code
_BAD = frozenset({"FAILED", "CANCELLED"})


def _has_response(reply: rest.Operation) -> bool:
    return not isinstance(reply.response, rest.Unset) and reply.response is not None


def followed_by(state: OperationState, reply: rest.Operation) -> OperationState:
    """What is known once a later reply has come.

    The operation keeps the name that it is known by: a service may answer with the project's number for
    its id. Progress keeps from going backwards within an attempt. A reply without any news is ignored.

    Raises:
        BadReply: It is about another operation.
    """
    after = OperationState(reply)
    if after.name and after.id != state.id:
        raise BadReply(
            f"The reply about {state.name} is about {after.name[:100]!r}.", fault="bad-reply", status=200
        )
    if not isinstance(reply.metadata, rest.OperationMetadata):
        if not after.done:
            return state
    elif after.attempt == state.attempt and after.progress < state.progress:
        reply.metadata.progress = state.progress
    reply.name = state.name
    return after


def moved_since(state: OperationState, before: OperationState) -> bool:
    """Whether anything that a person watches has changed."""
    return _watched(state) != _watched(before)


def _watched(state: OperationState) -> tuple[object, ...]:
    return state.state, state.done, state.attempt, state.progress, state.stages


def outcome_of(state: OperationState) -> OperationError | None:
    """Judge how a finished operation ended: None for success, else the error that a wait raises."""
    error, word = state.error, state.state
    if error is None and (word == "SUCCEEDED" or (_has_response(state.reply) and word not in _BAD)):
        return None
    if word == "CANCELLED" or (error is not None and error.code == _CANCELLED_CODE):
        return OperationCancelled(
            f"The export {_shown(state)} was cancelled; it wrote nothing more after that. "
            "Submit it again if it is still wanted.",
            last=state,
        )
    error = error or OperationStatus(code=None, message="")
    why = error.message.rstrip(".") or f"the service gave no reason (state {word})"
    code = "" if error.code is None else f" (code {error.code})"
    tries = f"{state.attempt} attempts" if state.attempt > 1 else "one attempt"
    return OperationFailed(
        f"The export {_shown(state)} failed after {tries}: {why}{code}. "
        "The service does not try again; mend the cause, then submit it anew.",
        last=state,
        code=error.code,
        text=error.message,
        details=error.details,
    )


def _shown(state: OperationState) -> str:
    return f"{state.description!r} ({state.name})" if state.description else state.name
