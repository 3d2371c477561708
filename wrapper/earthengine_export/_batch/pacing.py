"""How fast a batch asks: requests in a second and at once, places in the queue, and pauses between lists."""

from __future__ import annotations

import math
from collections.abc import Callable

from .._run.flows import Call, Context, Flow, Sleep, T
from ..errors import ApiError, RequestError

_SLOWEST = 0.5  # requests a second
_CAUTION = 1.0  # seconds in which several 429 count as one


class Pace:
    """Requests in a second: halved by a 429, and back to the most within about ten seconds.

    Args:
        most: The most requests in a second; infinity for no limit.
        monotonic: The time in seconds.
    """

    def __init__(self, most: float, monotonic: Callable[[], float]) -> None:
        self._most, self._monotonic = most, monotonic
        self.rate = most
        self._next = self._slowed = -math.inf

    def reserve(self) -> float:
        """Take the next place in the line of requests; the seconds until it is there."""
        now = self._monotonic()
        self._next = max(self._next, now)
        pause, self._next = self._next - now, self._next + 1.0 / self.rate
        return pause

    def went_well(self) -> None:
        """A request was answered otherwise than by a 429."""
        self.rate = min(self._most, self.rate + min(self._most, 100.0) / 10 / self.rate)

    def was_refused(self, retry_after: float | None) -> None:
        """A request met a 429."""
        now = self._monotonic()
        if now - self._slowed > _CAUTION:
            # Without a limit of our own there is nothing to halve but what the service can have seen.
            self.rate, self._slowed = max(_SLOWEST, min(self.rate, 100.0) / 2), now
        self._next = max(self._next, now + (retry_after or 0.0))


def paced(context: Context, pace: Pace, flow: Callable[[Context], Flow[T]]) -> Flow[T]:
    """A flow, each of whose requests waits for its place, repetitions included."""
    running = flow(context)
    try:
        step = next(running)
        while True:
            if isinstance(step, Call) and (pause := pace.reserve()) > 0:
                yield Sleep(pause)
            try:
                reply = yield step
            except BaseException as error:  # noqa: BLE001 - the flow decides
                if isinstance(error, RequestError) and error.fault == "429":
                    pace.was_refused(error.retry_after)
                elif isinstance(error, ApiError):
                    pace.went_well()
                step = running.throw(error)
            else:
                if isinstance(step, Call):
                    pace.went_well()
                step = running.send(reply)
    except StopIteration as stop:
        value: T = stop.value
        return value
