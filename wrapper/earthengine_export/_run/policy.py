"""When a request is sent again, and how often an operation is asked after.

These are two policies. `Retry` is about one request: seconds, after a fault. `Polling` is about one
operation: minutes to days, although every request goes well. Which fault is retried for which method
is data: `_connect.faults`, one row a fault, each with its reason.

Why not a retry library: httpx-retries and its like repeat inside the transport, before the body is read,
so a cut or unreadable reply passes them by; stamina and tenacity own the loop and the sleep, which here
belong to flows that know no I/O and serve sync and async alike. What remains to write is `Retry.pause`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import attrs

from .._connect.faults import action_for
from .._describe import plain
from ..errors import InvalidArgument, InvalidArgumentType, RequestError
from ..rest import ApiMethod

N = TypeVar("N", bound=float)


def _power(base: float, exponent: int) -> float:
    try:
        return base**exponent
    except OverflowError:  # where the pause has long reached its maximum
        return math.inf


def number(argument: str, value: object, least: float = 0.0, *, above: bool = False) -> float:
    """The value, if it is a number of at least `least`, or above it.

    Raises:
        InvalidArgument: It is smaller, or NaN.
        InvalidArgumentType: It is no number.
    """

    def convert(given: object) -> float:
        found = plain.item_of(given)
        if not plain.is_number(found):
            raise InvalidArgumentType("", given, "It must be a number.")
        double = plain.as_float(found)
        if not (double > least if above else double >= least):
            raise InvalidArgument("", given, f"It must be {'above' if above else 'at least'} {least:g}.")
        return found if type(found) is int and double < plain.EXACT else double

    return plain.checked(argument, convert, value)


def _at_least(limit: float) -> Callable[[object, attrs.Attribute[N], N], None]:
    def check(instance: object, attribute: attrs.Attribute[N], value: N) -> None:
        number(f"{type(instance).__name__}.{attribute.name}", value, limit)

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
