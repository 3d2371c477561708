"""Outcomes as the journal keeps them: the operation's last reply, or the error where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable

from .. import errors as errors_of_exports
from .._run.flows import H
from .._run.watched import outcome_of
from ..errors import EarthEngineError
from ..image_export import ImageExport
from ..operation_state import OperationState
from . import errors as errors_of_batches
from .jobs import JobOutcome
from .journal import Record


def error_json(error: EarthEngineError) -> str:
    """An error, as far as JSON can hold it."""
    kept = {name: value for name, value in vars(error).items() if _is_plain(value)}
    return json.dumps({"type": type(error).__name__, "args": [str(one) for one in error.args], "kept": kept})


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | int | float | None)


def error_of(text: str) -> EarthEngineError:
    """The error that `error_json` wrote."""
    written = json.loads(text)
    name = str(written["type"])
    home = errors_of_batches if hasattr(errors_of_batches, name) else errors_of_exports
    kind: type[EarthEngineError] = getattr(home, name, EarthEngineError)
    error = kind.__new__(kind, *written["args"])
    error.__dict__.update(written["kept"])
    return error


def state_of(record: Record) -> OperationState | None:
    """What was last seen of a job's operation; None where it has none."""
    if record.reply is not None:
        return OperationState.from_dict(json.loads(record.reply))
    return None if record.job.operation is None else OperationState.named(record.job.operation)


def failure_of(record: Record) -> EarthEngineError | None:
    """Why a job that has ended has no result; None after success."""
    if record.error is not None:
        return error_of(record.error)
    state = state_of(record)
    return None if state is None or not state.done else outcome_of(state)


def outcome_from(record: Record, make: Callable[[OperationState, ImageExport], H]) -> JobOutcome[H]:
    """The outcome of a job that has ended."""
    export, state = ImageExport.from_json(record.export), state_of(record)
    operation = None if state is None else make(state, export)
    return JobOutcome(key=record.job.key, export=export, operation=operation, error=failure_of(record))
