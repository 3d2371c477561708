"""When a request is sent again, and how often an operation is asked after.

These are two policies. `Retry` is about one request: seconds, after a fault. `Polling` is about one
operation: minutes to days, although every request goes well. Which fault is retried for which method
is data: `retry_policy.json` beside this module, one row a fault, each with its reason.

Why not a retry library: httpx-retries and its like repeat inside the transport, before the body is read,
so a cut or unreadable reply passes them by; stamina and tenacity own the loop and the sleep, which here
belong to flows that know no I/O and serve sync and async alike. What remains to write is `Retry.pause`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

import attrs

from .. import errors
from ..errors import EarthEngineError, InvalidArgument, InvalidArgumentType, RequestError

ApiMethod = Literal["export", "get", "list", "wait", "cancel", "delete", "token"]
Action = Literal["retry", "raise", "accept", "reconcile", "poll", "look", "accept-repeated"]

# What the client does, in words; {error} is what it raises where it must.
_IN_WORDS: Mapping[Action, str] = {
    "retry": "retry, then {error}",
    "raise": "{error}",
    "accept": "accept",
    "reconcile": "find the operation by listing, or DuplicateRequest",
    "poll": "go on with get",
    "look": "get; {error} unless it has ended",
    "accept-repeated": "{error}; done if it was sent before",
}


@attrs.frozen(kw_only=True)
class FaultRule:
    """One row of the policy table.

    Attributes:
        fault: A fault's id: "timeout", "429", …; "4xx" and "5xx" stand for the statuses without a row.
        covers: What counts as this fault, in words.
        action: What the client does: "retry", "raise" or "accept" the reply.
        unlike: The methods for which it does another thing.
        raises: The error that ends the call, where nothing else does.
        token_raises: The same, where the fault befell the renewal of the token.
        may_exist: Whether the service may have done the work all the same.
        reason: Why.
    """

    fault: str
    covers: Sequence[str]
    action: Action
    raises: type[RequestError]
    may_exist: bool
    reason: str
    unlike: Mapping[ApiMethod, Action] = attrs.field(factory=dict)
    token_raises: type[EarthEngineError] = errors.ConnectionFailed

    def action_for(self, method: ApiMethod) -> Action:
        """What the client does when `method` meets this fault."""
        return self.unlike.get(method, self.action)

    def in_words(self, method: ApiMethod) -> str:
        """The cell of the table that docs/faults.md prints."""
        error = self.token_raises if method == "token" else self.raises
        return _IN_WORDS[self.action_for(method)].format(error=error.__name__)


@cache
def policy() -> Mapping[str, FaultRule]:
    """The whole table, by fault."""
    text = resources.files(__package__).joinpath("retry_policy.json").read_text("utf-8")
    rules = {}
    for row in json.loads(text):
        raised = {key: getattr(errors, row[key]) for key in ("raises", "token_raises") if key in row}
        rules[row["fault"]] = FaultRule(**{**row, **raised})
    return rules


def rule_for(fault: str) -> FaultRule:
    """The row for a fault, or for its hundred of statuses."""
    table = policy()
    return table.get(fault) or table["4xx" if fault.startswith("4") else "5xx"]


def action_for(error: RequestError, method: ApiMethod) -> Action:
    """What the client does when a call of `method` ends with this error."""
    return rule_for(error.fault).action_for("token" if error.of_token else method)


def _power(base: float, exponent: int) -> float:
    try:
        return base**exponent
    except OverflowError:  # where the pause has long reached its maximum
        return math.inf


def _at_least(limit: float) -> Callable[[object, Any, float], None]:
    def check(instance: object, attribute: Any, value: float) -> None:
        argument, rule = f"{type(instance).__name__}.{attribute.name}", f"It must be {limit:g} or more."
        if not isinstance(value, int | float):
            raise InvalidArgumentType(argument, value, "It must be a number.")
        if not value >= limit:
            raise InvalidArgument(argument, value, rule)

    return check


@attrs.frozen(kw_only=True)
class Retry:
    """How one request is repeated after a fault that passes.

    The pause before the n-th repetition is `initial` x 2^(n-1), at most `maximum`, times a random factor
    between 0.5 and 1. A Retry-After header of the reply takes the place of the pause where it is longer.

    Attributes:
        retries: The most repetitions of one request; 0 for none. Default 5.
        initial: The first pause, in seconds. Default 1.
        maximum: The longest pause, in seconds. Default 60.
        retry_after_limit: The most seconds of a Retry-After header that are honoured. Default 120.
        deadline: Seconds from the first attempt after which no repetition is begun. Default 600.

    Raises:
        InvalidArgument: A value is negative or NaN.
        InvalidArgumentType: A value is not a number.
    """

    retries: int = attrs.field(default=5, validator=_at_least(0))
    initial: float = attrs.field(default=1.0, validator=_at_least(0))
    maximum: float = attrs.field(default=60.0, validator=_at_least(0))
    retry_after_limit: float = attrs.field(default=120.0, validator=_at_least(0))
    deadline: float = attrs.field(default=600.0, validator=_at_least(0))

    def pause(
        self, error: RequestError, *, method: ApiMethod, attempt: int, elapsed: float, random: float
    ) -> float | None:
        """The seconds to sleep before the next attempt, or None where there should be none.

        Args:
            error: What ended the attempt.
            method: The method that was called.
            attempt: The number of the attempt that failed, from 1.
            elapsed: Seconds since the first attempt began.
            random: A number between 0 and 1, for the jitter.
        """
        if action_for(error, method) != "retry" or attempt > self.retries:
            return None
        step = min(self.maximum, self.initial * _power(2.0, attempt - 1)) * (0.5 + 0.5 * random)
        pause = max(step, min(error.retry_after or 0.0, self.retry_after_limit))
        return pause if elapsed + pause <= self.deadline else None


@attrs.frozen(kw_only=True)
class Polling:
    """How often a running operation is asked after.

    The pause between two polls grows by `growth` from `initial` to `maximum`, times a random factor between
    0.5 and 1; the time that the server held a long poll counts towards it.

    Attributes:
        initial: The first pause, in seconds. Default 2.
        maximum: The longest pause, in seconds. Default 30.
        growth: The factor from one pause to the next. Default 1.5.
        long_poll: Seconds that the server is asked to hold `operations.wait`; 0 to use `operations.get` only.
            Default 60.

    Raises:
        InvalidArgument: A value is negative or NaN, or `growth` is below 1.
        InvalidArgumentType: A value is not a number.
    """

    initial: float = attrs.field(default=2.0, validator=_at_least(0.001))
    maximum: float = attrs.field(default=30.0, validator=_at_least(0.001))
    growth: float = attrs.field(default=1.5, validator=_at_least(1))
    long_poll: float = attrs.field(default=60.0, validator=_at_least(0))

    def spacing(self, poll: int, random: float) -> float:
        """The seconds from the start of poll number `poll` (from 1) to the start of the next."""
        step = min(self.maximum, self.initial * _power(self.growth, poll - 1))
        return step * (0.5 + 0.5 * random)
