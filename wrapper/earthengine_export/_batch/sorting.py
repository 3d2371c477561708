"""Which failures are worth another try: the policy, one row a kind; the first that fits counts."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

import attrs

from ..errors import OperationCancelled, OperationError, OperationFailed

Verdict = Literal["again", "smaller", "no"]
_CANCELLED, _DEADLINE, _EXHAUSTED, _ABORTED, _INTERNAL, _UNAVAILABLE = 1, 4, 8, 10, 13, 14  # google.rpc.Code


@attrs.frozen
class Kind:
    """A kind of failure.

    Attributes:
        verdict: "again" as it is, "smaller", or "no".
        reason: Why.
        text: What the service's text holds, as a regular expression; "" for any.
        codes: The google.rpc.Codes that it comes with; none for any.
        states: The states of the operation that it comes with.
    """

    verdict: Verdict
    reason: str
    text: str = attrs.field(default="", kw_only=True)
    codes: Collection[int] = attrs.field(default=(), kw_only=True)
    states: Collection[str] = attrs.field(default=("FAILED",), kw_only=True)

    def fits(self, state: str, code: int | None, text: str) -> bool:
        """Whether a failure is of this kind."""
        return (
            state in self.states
            and (not self.codes or code in self.codes)
            and re.search(self.text, text, re.IGNORECASE) is not None
        )


KINDS = (
    Kind(
        "smaller",
        "The computation does not fit; a part of it may.",
        text=r"memory limit|out of memory|memory capacity|too many pixels in memory|"
        r"output of image computation is too large",
    ),
    Kind("smaller", "It took too long; a part of it may not.", text=r"timed out|time limit|took too long"),
    Kind("no", "max_pixels guards against it; give a larger one if it is meant.", text="export too large"),
    Kind(
        "again",
        "The service cancelled it: what a person cancels is in the state CANCELLED.",
        codes=(_CANCELLED,),
    ),
    Kind(
        "again",
        "The service cancelled it, and says so.",
        text=r"cancell?ed by (the )?(system|service|server)",
        states=("FAILED", "CANCELLED"),
    ),
    Kind(
        "again",
        "The service had a fault that passes, and says so.",
        text=r"internal (server )?error|please (try again|retry)|temporar|unavailable|backend error|"
        r"too many concurrent|rate limit|quota exceeded",
    ),
    Kind("smaller", "The time was up; a part may take less.", codes=(_DEADLINE,)),
    Kind("again", "A fault of the service.", codes=(_ABORTED, _INTERNAL, _UNAVAILABLE)),
    Kind("again", "Something of the service's was used up for the moment.", codes=(_EXHAUSTED,)),
)
NO = Kind("no", "The same export would fail again; mend its cause.", states=())


def kind_of(error: OperationError) -> Kind:
    """What kind of failure ended an operation."""
    code, text = None, ""
    if error.last.error is not None:
        code, text = error.last.error.code, error.last.error.message
    if not isinstance(error, OperationFailed | OperationCancelled):
        return NO
    state = error.last.state if error.last.state == "CANCELLED" else "FAILED"
    return next((kind for kind in KINDS if kind.fits(state, code, text)), NO)
