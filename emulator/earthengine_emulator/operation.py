"""One operation: where it is in its life, and how the API shows it."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

ACTIVE = ("PENDING", "RUNNING", "CANCELLING")
DEFAULT_PRIORITY = 100
METADATA_TYPE = "type.googleapis.com/google.earthengine.v1beta.OperationMetadata"


@dataclass(frozen=True)
class Outcome:
    """What a computed export leaves: `publish` puts its files in place, as of a time, and names them."""

    publish: Callable[[float], list[str]]
    eecu_seconds: float = 0.0


@dataclass(eq=False)
class Operation:
    """One export and where it is in its life. Times are seconds since 1970; None is not yet."""

    project: str
    id: str
    number: int
    request: dict[str, Any]  # without the expression, which may be large
    destination_uris: list[str]
    created: float
    run_seconds: float
    state: str = "PENDING"
    started: float | None = None
    due: float | None = None
    ended: float | None = None
    error: dict[str, Any] | None = None
    work: "Future[Outcome] | None" = None
    files: list[str] = field(default_factory=list)
    eecu_seconds: float = 0.0
    outcome: dict[str, Any] | None = None
    listed: bool = True
    script: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    body: bytes = b""  # the request as it came
    user: str = ""
    attempt: int = 1
    deleted: bool = False

    @property
    def name(self) -> str:
        """The name that the API knows it by."""
        return f"projects/{self.project}/operations/{self.id}"

    @property
    def priority(self) -> int:
        """The request's priority, 100 by default."""
        return int(self.request.get("priority", DEFAULT_PRIORITY))

    def progress(self, now: float) -> float:
        """The part of the run that has passed, 0 to 1; 1 only after a good end."""
        if self.state == "SUCCEEDED":
            return 1.0
        if self.started is None:
            return 0.0
        passed = (min(now, self.ended or now) - self.started) / max(self.run_seconds, 1e-9)
        return round(min(max(passed, 0.0), 0.99), 4)

    def reply(self, now: float) -> dict[str, Any]:
        """The operation as the API shows it, with what its script lays over it.

        As in the service's JSON, what is zero, false or empty is left out.
        """
        progress = self.progress(now)
        metadata = {
            "@type": METADATA_TYPE,
            "state": self.state,
            "description": self.request.get("description"),
            "type": "EXPORT_IMAGE",
            "priority": self.priority,
            "createTime": timestamp(self.created),
            "updateTime": timestamp(
                self.ended or (min(now, self.due or now) if self.started else self.created)
            ),
            # The service says 1970 for a task that was not started.
            "startTime": timestamp(self.started or 0, digits=3),
            "endTime": self.ended and timestamp(self.ended, digits=9),
            "progress": progress,
            "stages": self.started and _stages(progress),
            "attempt": self.started and self.attempt,
            "destinationUris": self.state == "SUCCEEDED" and self.destination_uris,
            "batchEecuUsageSeconds": self.ended and self.eecu_seconds,
        }
        reply: dict[str, Any] = {
            "name": self.name,
            "metadata": {key: value for key, value in metadata.items() if value},
        }
        if self.state not in ACTIVE:
            reply["done"] = True
            if self.error is None:
                reply["response"] = {"@type": "type.googleapis.com/google.protobuf.Empty"}
            else:
                reply["error"] = self.error
        for after, patch in self.script:
            if now - self.created >= after:
                reply = merged(reply, patch)
        return reply

    def change(self, patch: Mapping[str, Any]) -> None:
        """Script this operation's life: see the admin route `/emulator/operations/{id}`."""
        self.run_seconds = float(patch.get("run_seconds", self.run_seconds))
        self.outcome = patch.get("outcome", self.outcome)
        self.listed = bool(patch.get("listed", self.listed))
        reply = patch.get("reply")
        if reply is not None:
            steps = reply if isinstance(reply, list) else [{"after": 0, "reply": reply}]
            self.script = [(float(step.get("after", 0)), dict(step["reply"])) for step in steps]


def timestamp(seconds: float, digits: int = 6) -> str:
    """RFC 3339 in UTC, with as many fractional digits as protobuf's JSON would give: none, 3, 6 or 9."""
    whole, fraction = divmod(round(seconds * 10**6), 10**6)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    if not fraction:
        return f"{text}Z"
    return f"{text}.{f'{fraction:06}000'[:digits]}Z"


def merged(base: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396): null removes."""
    if not isinstance(patch, dict):
        return patch
    result = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def _stages(progress: float) -> list[dict[str, Any]]:
    names = (
        ("Create Local Files", "Computation and writing of temporary files."),
        ("Write Files to Destination", "Uploading of files to their destination."),
    )
    stages = []
    for number, (name, description) in enumerate(names):
        complete = round(min(max(progress * 2 - number, 0), 1), 4)
        stage = {
            "displayName": name,
            "completeWorkUnits": complete,
            "totalWorkUnits": "1",  # an int64, which is text in Google's JSON
            "description": description,
        }
        if not complete:
            # A stage that has not begun comes without numbers.
            del stage["completeWorkUnits"], stage["totalWorkUnits"]
        stages.append(stage)
    return stages
