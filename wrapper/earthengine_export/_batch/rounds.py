"""What a batch waits for and looks for, and what a round of asking after it has brought."""

from __future__ import annotations

from typing import Generic

import attrs

from .._run.flows import H
from .._run.waiting import StallWatch
from ..errors import EarthEngineError, RequestError
from ..image_export import ImageExport
from ..operation_state import OperationState
from .journal import Job


@attrs.define
class Live(Generic[H]):
    """A job that has become an operation, which has not ended as far as is known."""

    job: Job
    handle: H
    stall: StallWatch
    checked: float
    begun: int
    seen: object = None
    asked_alone: bool = False
    missed: float | None = None


@attrs.define
class Unclear:
    """A job that may have been started with a request id that gives no operation, so that it is looked for.

    Attributes:
        refusal: What ends the job if it was not started; None where that takes another request id.
        is_ours: Whether an attempt for this job may have used the id; else somebody did so before.
        since: When the last attempt was refused.
        begun: How many submits were begun by then.
        moment: The same by the service's clock; infinity where that is not known.
        looks: How many lists were read since.
        candidates: The operations that it may be, by the last of them.
    """

    job: Job
    export: ImageExport
    refusal: EarthEngineError | None
    is_ours: bool
    since: float
    begun: int
    moment: float
    looks: int = 0
    candidates: list[str] = attrs.field(factory=list)

    @property
    def cause(self) -> str:
        """In words, why it is not clear what the job has become."""
        why = (
            "its request id is refused as used"
            if self.refusal is None
            else f"an attempt had no answer, and the next was refused ({self.refusal.args[0]})"
        )
        several = "no single operation in the list is surely it" if self.candidates else "no list has it"
        return f"{why}, and {several}."


@attrs.define
class Round(Generic[H]):
    """What a round of asking has brought.

    Attributes:
        ended: Jobs whose operation has ended.
        lost: Jobs that are waited for no longer, with the reason.
        found: Jobs whose operation was found in the list.
        not_started: Jobs that were not started, as the list proves.
        given_up: Jobs of which it cannot be told.
        requests: How many requests it took.
        fault: The fault that passes which has ended the round early, or None.
    """

    ended: list[Live[H]] = attrs.field(factory=list)
    lost: list[tuple[Live[H], EarthEngineError]] = attrs.field(factory=list)
    found: list[tuple[Job, OperationState]] = attrs.field(factory=list)
    not_started: list[Unclear] = attrs.field(factory=list)
    given_up: list[Unclear] = attrs.field(factory=list)
    requests: int = 0
    fault: RequestError | None = None
