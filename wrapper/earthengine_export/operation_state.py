"""What was seen of an operation at one moment.

Reference: Operation, OperationMetadata. Every field of a reply may be missing, null or new; what is read
from it is then None, an empty tuple or the new value, and nothing raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

import attrs

from . import rest

FINAL = frozenset({"SUCCEEDED", "CANCELLED", "FAILED"})
STATES = ("PENDING", "RUNNING", "CANCELLING", "SUCCEEDED", "CANCELLED", "FAILED", "STATE_UNSPECIFIED")


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
class Notification:
    """What the service has to say about an operation. Reference: OperationMetadata, `notifications`.

    Attributes:
        severity: "WARNING", "SEVERE", a newer word, or "".
        topic: What it is about, or "".
        detail: The service's text, or "".
    """

    severity: str
    topic: str
    detail: str


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
    details: Sequence[object] = attrs.field(default=(), hash=False)


@attrs.frozen(kw_only=True, repr=False)
class OperationState:
    """What was seen of an operation at one moment; it never changes.

    Attributes:
        name: The full name, "projects/PROJECT/operations/ID"; all that another process needs to find it.
        done: Whether the operation has ended, well or badly.
        state: PENDING, RUNNING, CANCELLING, SUCCEEDED, CANCELLED, FAILED, a newer word, or STATE_UNSPECIFIED.
        progress: How much of the current attempt is done, from 0 to 1; never goes back within an attempt.
        attempt: The number of the attempt, from 1; 0 before the first or where it is not said.
        stages: The stages of the latest attempt, in order.
        description: The name that a person gave the export, or "".
        type: What kind of work it is: EXPORT_IMAGE, …, or "".
        priority: The priority within the project, 0 to 9999, or None where it is not said.
        create_time: When it was submitted; timezone-aware, to the microsecond. The raw text is in `reply`.
        update_time: When the service last changed it.
        start_time: When it began to run; None while it is PENDING.
        end_time: When it ended; None before.
        destination_uris: Where the results are, once there are any.
        script_uri: The script that asked for it, or "".
        notifications: What the service has to say about it.
        eecu_seconds: The compute that was used, in EECU-seconds, or None where it is not said.
        error: Why it ended badly; None while it runs and after success.
        reply: The service's reply, as the generated client parsed it, unknown fields included.
    """

    name: str
    done: bool
    state: str
    progress: float
    attempt: int
    stages: tuple[Stage, ...]
    description: str
    type: str
    priority: int | None
    create_time: datetime | None
    update_time: datetime | None
    start_time: datetime | None
    end_time: datetime | None
    destination_uris: tuple[str, ...]
    script_uri: str
    notifications: tuple[Notification, ...]
    eecu_seconds: float | None
    error: OperationStatus | None
    reply: rest.Operation = attrs.field(eq=False)

    @classmethod
    def of(cls, reply: rest.Operation) -> Self:
        """The state that a reply tells of.

        Where it does not say `done`, a final state, an error or a response say so too.
        """
        metadata = reply.metadata
        if not isinstance(metadata, rest.OperationMetadata):
            metadata = rest.OperationMetadata()
        state = _text(metadata.state) or "STATE_UNSPECIFIED"
        error = _status(reply.error)
        return cls(
            name=_text(reply.name),
            done=reply.done is True or state in FINAL or error is not None or rest.is_set(reply.response),
            state=state,
            progress=1.0 if state == "SUCCEEDED" else min(1.0, max(0.0, _number(metadata.progress) or 0.0)),
            attempt=int(_number(metadata.attempt) or 0),
            stages=tuple(
                Stage(
                    name=_text(stage.display_name),
                    description=_text(stage.description),
                    complete=_number(stage.complete_work_units),
                    total=_number(stage.total_work_units),
                )
                for stage in _list(metadata.stages)
                if isinstance(stage, rest.OperationStage)
            ),
            description=_text(metadata.description),
            type=_text(metadata.type_),
            priority=_whole(metadata.priority),
            create_time=_time(metadata.create_time),
            update_time=_time(metadata.update_time),
            start_time=_time(metadata.start_time),
            end_time=_time(metadata.end_time),
            destination_uris=tuple(uri for uri in _list(metadata.destination_uris) if isinstance(uri, str)),
            script_uri=_text(metadata.script_uri),
            notifications=tuple(
                Notification(severity=_text(one.severity), topic=_text(one.topic), detail=_text(one.detail))
                for one in _list(metadata.notifications)
                if isinstance(one, rest.OperationNotification)
            ),
            eecu_seconds=_number(metadata.batch_eecu_usage_seconds),
            error=error,
            reply=reply,
        )

    @classmethod
    def named(cls, name: str) -> Self:
        """The state of an operation of which nothing but the name is known."""
        return cls.of(rest.Operation(name=name))

    @classmethod
    def from_dict(cls, reply: Mapping[str, object]) -> Self:
        """The state that a reply's JSON tells of."""
        return cls.of(rest.Operation.from_dict(reply))

    def to_dict(self) -> dict[str, Any]:
        """The reply's JSON, with what is known better here: the name, and the progress."""
        reply = {**self.reply.to_dict(), "name": self.name}
        if self.progress and isinstance(reply.get("metadata"), dict):
            reply["metadata"] = {**reply["metadata"], "progress": self.progress}
        return reply

    @property
    def id(self) -> str:
        """The last part of the name; what the Earth Engine task list shows."""
        return self.name.rpartition("/operations/")[2]

    @property
    def label(self) -> str:
        """The description and the name, as messages show them."""
        return f"{self.description!r} ({self.name})" if self.description else self.name

    def __repr__(self) -> str:
        described = f" {self.description!r}" if self.description else ""
        progress = f" {self.progress:.0%}" if self.state in {"RUNNING", "CANCELLING"} else ""
        attempt = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"<{type(self).__name__} {self.name}{described}: {self.state}{progress}{attempt}>"

    def __reduce__(self) -> tuple[object, ...]:
        # As JSON: the mark of an unset field in generated objects does not survive a pickle.
        return type(self).from_dict, (self.to_dict(),)


def _status(value: object) -> OperationStatus | None:
    if not isinstance(value, rest.Status):
        return None
    details = tuple(_list(value.to_dict().get("details")))
    return OperationStatus(code=_whole(value.code), message=_text(value.message), details=details)


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


def _whole(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _list(value: object) -> list[object]:
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
