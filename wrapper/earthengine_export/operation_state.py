"""What was seen of an operation at one moment.

Reference: Operation, OperationMetadata. Every field of a reply may be missing, null or new; a property
then gives None, an empty tuple or the new value, and never raises.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self

import attrs

from . import rest


@attrs.frozen(kw_only=True)
class Stage:
    """One stage of the latest attempt. Reference: OperationMetadata, `stages`.

    Attributes:
        name: The stage's display name.
        description: What it does, or "".
        complete: Work units that are done, or None where it is not said.
        total: Work units in all, or None where it is not said.
    """

    name: str
    description: str = ""
    complete: float | None = None
    total: float | None = None


@attrs.frozen(kw_only=True)
class OperationStatus:
    """Why an operation ended badly. Reference: Status.

    Attributes:
        code: A google.rpc.Code, or None where none was given.
        message: The service's text, or "".
        details: The service's details, as they came.
    """

    code: int | None
    message: str
    details: Sequence[Any] = ()


class OperationFacts(ABC):
    """What can be said of an operation; read from its last reply whenever it is asked for."""

    __slots__ = ()

    @property
    @abstractmethod
    def reply(self) -> rest.Operation:
        """The service's last reply, as the generated client parsed it, unknown fields included."""

    @property
    def name(self) -> str:
        """The full name, "projects/PROJECT/operations/ID"; all that another process needs to find it."""
        return _text(self.reply.name)

    @property
    def id(self) -> str:
        """The last part of the name; what the Earth Engine task list shows."""
        return self.name.rpartition("/operations/")[2]

    @property
    def done(self) -> bool:
        """Whether the operation has ended, well or badly."""
        return self.reply.done is True

    @property
    def state(self) -> str:
        """PENDING, RUNNING, CANCELLING, SUCCEEDED, CANCELLED, FAILED, a newer word, or STATE_UNSPECIFIED."""
        return _text(self._metadata.state) or "STATE_UNSPECIFIED"

    @property
    def progress(self) -> float:
        """How much of the current attempt is done, from 0 to 1; never goes backwards within an attempt."""
        if self.state == "SUCCEEDED":
            return 1.0
        return min(1.0, max(0.0, _number(self._metadata.progress) or 0.0))

    @property
    def attempt(self) -> int:
        """The number of the attempt, from 1; 0 before the first or where it is not said."""
        return int(_number(self._metadata.attempt) or 0)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the latest attempt, in order."""
        return tuple(
            Stage(
                name=_text(stage.display_name),
                description=_text(stage.description),
                complete=_number(stage.complete_work_units),
                total=_number(stage.total_work_units),
            )
            for stage in _list(self._metadata.stages)
            if isinstance(stage, rest.OperationStage)
        )

    @property
    def description(self) -> str:
        """The name that a person gave the export, or ""."""
        return _text(self._metadata.description)

    @property
    def type(self) -> str:
        """What kind of work it is: EXPORT_IMAGE, …, or ""."""
        return _text(self._metadata.type_)

    @property
    def priority(self) -> int | None:
        """The priority within the project, 0 to 9999, or None where it is not said."""
        number = _number(self._metadata.priority)
        return None if number is None else int(number)

    @property
    def create_time(self) -> datetime | None:
        """When it was submitted; timezone-aware, to the microsecond. The raw text is in `reply`."""
        return _time(self._metadata.create_time)

    @property
    def update_time(self) -> datetime | None:
        """When the service last changed it."""
        return _time(self._metadata.update_time)

    @property
    def start_time(self) -> datetime | None:
        """When it began to run; None while it is PENDING."""
        return _time(self._metadata.start_time)

    @property
    def end_time(self) -> datetime | None:
        """When it ended; None before."""
        return _time(self._metadata.end_time)

    @property
    def destination_uris(self) -> tuple[str, ...]:
        """Where the results are, once there are any."""
        return tuple(uri for uri in _list(self._metadata.destination_uris) if isinstance(uri, str))

    @property
    def eecu_seconds(self) -> float | None:
        """The compute that was used, in EECU-seconds, or None where it is not said."""
        return _number(self._metadata.batch_eecu_usage_seconds)

    @property
    def error(self) -> OperationStatus | None:
        """Why it ended badly; None while it runs and after success."""
        status = self.reply.error
        if not isinstance(status, rest.Status):
            return None
        code = _number(status.code)
        return OperationStatus(
            code=None if code is None else int(code),
            message=_text(status.message),
            details=tuple(_list(status.to_dict().get("details"))),
        )

    @property
    def _metadata(self) -> rest.OperationMetadata:
        metadata = self.reply.metadata
        return metadata if isinstance(metadata, rest.OperationMetadata) else rest.OperationMetadata()

    def __repr__(self) -> str:
        described = f" {self.description!r}" if self.description else ""
        progress = f" {self.progress:.0%}" if self.state in {"RUNNING", "CANCELLING"} else ""
        attempt = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"<{type(self).__name__} {self.name}{described}: {self.state}{progress}{attempt}>"


class OperationState(OperationFacts):
    """What was seen of an operation at one moment; it never changes."""

    __slots__ = ("_reply",)

    def __init__(self, reply: rest.Operation) -> None:
        """Keep a reply."""
        self._reply = reply

    @property
    def reply(self) -> rest.Operation:
        """The service's reply."""
        return self._reply

    @classmethod
    def named(cls, name: str) -> Self:
        """The state of an operation of which nothing but the name is known."""
        return cls(rest.Operation(name=name))

    @classmethod
    def from_dict(cls, reply: dict[str, Any]) -> Self:
        """The state that a reply's JSON tells of."""
        return cls(rest.Operation.from_dict(reply))

    def __reduce__(self) -> tuple[Any, ...]:
        # As JSON: the mark of an unset field in generated objects does not survive a pickle.
        return type(self).from_dict, (self.reply.to_dict(),)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    """A number, also where it came as text, as JSON carries int64."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


_LEAP = re.compile(r"(?<=:\d\d):60")


def _time(value: object) -> datetime | None:
    """An RFC 3339 time with 0 to 9 fractional digits; None for the epoch, which stands for "not yet"."""
    try:
        # datetime knows no leap second.
        moment = datetime.fromisoformat(_LEAP.sub(":59", _text(value)))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment if moment.timestamp() > 0 else None
