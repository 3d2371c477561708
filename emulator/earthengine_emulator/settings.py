"""How the emulator behaves, and the time that its operations live in."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal


class Clock:
    """The time that operations live in, in seconds since 1970.

    Args:
        speed: How many of its seconds pass in one of the source's. 0 stands still but for `advance`.
        source: Where time comes from; the wall clock by default.
    """

    def __init__(self, speed: float = 1.0, source: Callable[[], float] = time.time) -> None:
        self.speed, self._source, self._origin, self._shift = speed, source, source(), 0.0

    def __call__(self) -> float:
        """Now."""
        return self._origin + (self._source() - self._origin) * self.speed + self._shift

    def advance(self, seconds: float) -> None:
        """Jump ahead, or back when negative."""
        self._shift += seconds


@dataclass(frozen=True)
class Settings:
    """How the emulator behaves; each is an option of the command line and an argument of `Emulator`.

    Attributes:
        duplicate_request_id: What a repeated requestId gets: "return" the operation that has it, whatever the
            request says, or "reject" it with the service's text.
        queue_limit: The most PENDING operations of a project.
        queue_full_status: The HTTP status of the refusal when the queue is full; the service's is not known.
        running_limit: The most operations of a project that run at a time.
        pending_seconds: The least time an operation is PENDING, in emulated seconds.
        run_seconds: The time an operation is RUNNING at least, in emulated seconds.
        cancel_seconds: The time from CANCELLING to CANCELLED, in emulated seconds.
        wait: What `:wait` does: "long-poll", answer "at-once", or be "unimplemented" (501).
        wait_limit: The longest long poll, in wall-clock seconds.
        page_size: The default page of `list`.
        max_page_size: The largest page of `list`.
        workers: The most processes that compute exports at a time.
        rate_limit: The most requests in a second of a user and of a project; 0 is no limit, the service's is
            100.
        concurrency_limit: The most requests at once of a user and of a project; 0 is no limit, the
            service's is 40.
        users: Who may ask: "" is anybody, and nobody in particular; "any" makes each token a user with a
            queue of its own; else the path of a JSON file of tokens, or such a mapping.
        max_age_days: How long operations live, in emulated days: what has not ended by then fails, and what
            has is forgotten. 0 is for ever, the service's is 10.
        request_timeout: The longest that a request may take to arrive, in wall-clock seconds.
        evaluate: Whether images are computed and written. Without it every operation ends well, and at once.
        unknown: What functions that the emulator does not know do to an export: it must "fail", or it becomes
            a "placeholder", a checkerboard on the grid that was asked for.
    """

    duplicate_request_id: Literal["return", "reject"] = "return"
    queue_limit: int = 3000
    queue_full_status: int = 429
    running_limit: int = 2
    pending_seconds: float = 1.0
    run_seconds: float = 4.0
    cancel_seconds: float = 0.5
    wait: Literal["long-poll", "at-once", "unimplemented"] = "long-poll"
    wait_limit: float = 60.0
    page_size: int = 100
    max_page_size: int = 500
    workers: int = 2
    rate_limit: float = 0.0
    concurrency_limit: int = 0
    users: str | Mapping[str, Any] = ""
    max_age_days: float = 0.0
    request_timeout: float = 30.0
    evaluate: bool = True

    def __post_init__(self) -> None:
        for name, least in (("workers", 1), ("running_limit", 1), ("rate_limit", 0), ("request_timeout", 0)):
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} is {getattr(self, name)}; it is at least {least}.")

    unknown: Literal["fail", "placeholder"] = "fail"
