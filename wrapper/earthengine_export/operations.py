"""Operations: the handle on an export that runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Generator
from datetime import datetime
from typing import Any, Generic, Self, TypeVar

from . import rest
from ._run import flows, waiting
from ._run.drivers import AsyncDriver, SyncDriver
from ._run.names import split_name
from ._run.policy import Polling
from ._run.twins import same_as
from ._run.waiting import Waiting
from ._run.watched import Watched
from .errors import ClientUnusable, InvalidArgument
from .image_export import ImageExport
from .operation_state import Notification, OperationState, OperationStatus, Stage

D = TypeVar("D", bound=SyncDriver | AsyncDriver)


class Handle(Watched, Generic[D]):
    """What both kinds of operation tell without asking anybody: what was last seen.

    A handle can be pickled and written as JSON, without its client: `client.operation(handle)` gives it one
    again.
    """

    __slots__ = ("_driver_or_none",)

    def __init__(
        self, last: OperationState, driver: D | None = None, export: ImageExport | None = None
    ) -> None:
        """Handles are made by a client; see `Client.submit` and `Client.operation`."""
        super().__init__(last, export)
        self._driver_or_none: D | None = driver

    @property
    def name(self) -> str:
        """The full name, "projects/PROJECT/operations/ID"; all that another process needs to find it."""
        return self.last.name

    @property
    def id(self) -> str:
        """The last part of the name; what the Earth Engine task list shows."""
        return self.last.id

    @property
    def done(self) -> bool:
        """Whether the operation has ended, well or badly."""
        return self.last.done

    @property
    def state(self) -> str:
        """PENDING, RUNNING, CANCELLING, SUCCEEDED, CANCELLED, FAILED, a newer word, or STATE_UNSPECIFIED."""
        return self.last.state

    @property
    def progress(self) -> float:
        """How much of the current attempt is done, from 0 to 1; never goes backwards within an attempt."""
        return self.last.progress

    @property
    def attempt(self) -> int:
        """The number of the attempt, from 1; 0 before the first or where it is not said."""
        return self.last.attempt

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the latest attempt, in order."""
        return self.last.stages

    @property
    def description(self) -> str:
        """The name that a person gave the export, or ""."""
        return self.last.description

    @property
    def type(self) -> str:
        """What kind of work it is: EXPORT_IMAGE, …, or ""."""
        return self.last.type

    @property
    def priority(self) -> int | None:
        """The priority within the project, 0 to 9999, or None where it is not said."""
        return self.last.priority

    @property
    def create_time(self) -> datetime | None:
        """When it was submitted; timezone-aware, to the microsecond. The raw text is in `reply`."""
        return self.last.create_time

    @property
    def update_time(self) -> datetime | None:
        """When the service last changed it."""
        return self.last.update_time

    @property
    def start_time(self) -> datetime | None:
        """When it began to run; None while it is PENDING."""
        return self.last.start_time

    @property
    def end_time(self) -> datetime | None:
        """When it ended; None before."""
        return self.last.end_time

    @property
    def destination_uris(self) -> tuple[str, ...]:
        """Where the results are, once there are any."""
        return self.last.destination_uris

    @property
    def script_uri(self) -> str:
        """The script that asked for it, or ""."""
        return self.last.script_uri

    @property
    def notifications(self) -> tuple[Notification, ...]:
        """What the service has to say about it; new ones are logged as warnings."""
        return self.last.notifications

    @property
    def eecu_seconds(self) -> float | None:
        """The compute that was used, in EECU-seconds, or None where it is not said."""
        return self.last.eecu_seconds

    @property
    def error(self) -> OperationStatus | None:
        """Why it ended badly; None while it runs and after success."""
        return self.last.error

    @property
    def reply(self) -> rest.Operation:
        """The service's last reply, as the generated client parsed it, unknown fields included."""
        return self.last.reply

    def to_json(self) -> str:
        """The handle as JSON text, for another process; `client.operation_from_json` reads it."""
        return json.dumps(self.last.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The handle that `to_json` wrote, without a client: it tells what it knew.

        Args:
            text: What `to_json` gave.

        Raises:
            InvalidArgument: The text is not a handle's.
        """
        try:
            last = OperationState.from_dict(json.loads(text))
            split_name(last.name)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise InvalidArgument("text", text, "It is not the JSON of an operation.") from error
        return cls(last)

    @property
    def _driver(self) -> D:
        if self._driver_or_none is None:
            raise ClientUnusable(
                f"{self!r} came from a pickle or from JSON and has no client to ask through",
                "Give it one: client.operation(handle).",
            )
        return self._driver_or_none

    def __repr__(self) -> str:
        return repr(self.last).replace("OperationState", type(self).__name__, 1)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.last,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class Operation(Handle[SyncDriver]):
    """A handle on an export of a `Client`; its methods block.

    It holds what was last seen, as `last` and in the properties; only the methods `wait`, `refresh`, `cancel`
    and `delete` ask the service. It can be pickled and written as JSON, without its client:
    `client.operation(handle)` gives it one again.

    Attributes:
        last: What was last seen: an `OperationState`, which never changes.
        export: The `ImageExport` that was submitted, where this handle came from a submit; else None. It is
            not part of a pickle.
    """

    __slots__ = ()

    def wait(
        self,
        timeout: float | None = None,
        on_update: Callable[[Operation], object] | None = None,
        cancel_on_timeout: bool = False,
        polling: Polling = Polling(),
        *,
        stalled_after: float | None = None,
        on_stall: Callable[[Operation], object] | None = None,
        cancel_on_interrupt: bool = False,
    ) -> Operation:
        """Wait until the export has succeeded.

        Prefers the server's long poll, keeps the spacing that `polling` sets, and lets no passing fault end
        the wait; the last poll is made at the deadline.

        Args:
            timeout: Seconds to wait, or None (the default) for as long as it takes: an export may be queued
                for days and lives for ten. With 0 the service is asked once. A request that is under way
                when the time is up is given its own timeout.
            on_update: Called with this handle at the start, and whenever state, progress, stages or attempt
                have changed. An async function is awaited by `AsyncOperation`.
            cancel_on_timeout: Ask for the export to be cancelled when the time is up. Otherwise it goes on.
            polling: How often to ask. With `on_update` or `stalled_after` the server is asked to hold a long
                poll for no longer than the pause between two.
            stalled_after: Seconds without a move of progress or stages, while RUNNING, that count as a stall.
            on_stall: Called with this handle at a stall, again after each further such time. Without it a
                stall raises.
            cancel_on_interrupt: Ask for the export to be cancelled when the wait is interrupted: by Ctrl-C,
                or by the cancellation of the task that awaits. Otherwise it goes on.

        Returns:
            This handle, finished.

        Raises:
            OperationFailed: The service gave up on it.
            OperationCancelled: It was cancelled.
            OperationUnclear: It has ended, and the service does not say how.
            OperationStalled: It stalled, and there is no `on_stall`.
            WaitTimeout: The time was up; the export still runs.
            RequestError: The service refuses to say: 401, 403, 404 and the like.
            CredentialsError: The credentials were refused.
            ClientUnusable: The handle has no client, or one that is closed.
            InvalidArgument: `timeout` is below 0, or `stalled_after` is not above 0.
            InvalidArgumentType: One of them is not a number, or `polling` is not a `Polling`.

        Reference: projects.operations.wait, projects.operations.get.
        """
        how = Waiting(
            timeout, on_update, cancel_on_timeout, polling, stalled_after, on_stall, cancel_on_interrupt
        )
        return self._driver.run(waiting.wait, self, how)

    def result(self, timeout: float | None = None) -> Operation:
        """The same as `wait(timeout)`, under the name that google-api-core and concurrent.futures use."""
        return self.wait(timeout)

    def refresh(self) -> Operation:
        """Ask the service once how the operation is.

        Returns:
            This handle, brought up to date.

        Raises:
            NotFound: The service no longer knows it; operations age out of its memory.
            RequestError: No usable answer came.

        Reference: projects.operations.get.
        """
        return self._driver.run(flows.refresh, self)

    def cancel(self, *, wait: bool = False, timeout: float | None = None) -> Operation:
        """Ask for the export to be cancelled. Best effort: it may succeed or fail before that has an effect.

        Args:
            wait: Wait until it has ended, however it ends; look at `state` then.
            timeout: Seconds to wait, or None (the default) for as long as it takes.

        Returns:
            This handle, brought up to date.

        Raises:
            WaitTimeout: It had not ended when the time was up.
            RequestError: The service refuses.

        Reference: projects.operations.cancel.
        """
        how = Waiting[Operation](timeout, cancelled=True)
        return self._driver.run(waiting.cancel, self, how if wait else None)

    def delete(self) -> None:
        """Remove the operation from the project's list. This does not cancel it.

        Raises:
            NotFound: The service does not know it.
            RequestError: The service refuses.

        Reference: projects.operations.delete.
        """
        self._driver.run(flows.delete, self)


class AsyncOperation(Handle[AsyncDriver]):
    """A handle on an export of an `AsyncClient`: an `Operation` whose methods are awaited.

    It can itself be awaited, which is `wait()`.
    """

    __slots__ = ()

    @same_as(Operation.wait)
    def wait(
        self,
        timeout: float | None = None,
        on_update: Callable[[AsyncOperation], object] | None = None,
        cancel_on_timeout: bool = False,
        polling: Polling = Polling(),
        *,
        stalled_after: float | None = None,
        on_stall: Callable[[AsyncOperation], object] | None = None,
        cancel_on_interrupt: bool = False,
    ) -> Coroutine[Any, Any, AsyncOperation]:
        """As `Operation.wait`."""
        how = Waiting(
            timeout, on_update, cancel_on_timeout, polling, stalled_after, on_stall, cancel_on_interrupt
        )
        return self._driver.run(waiting.wait, self, how)

    @same_as(Operation.result)
    def result(self, timeout: float | None = None) -> Coroutine[Any, Any, AsyncOperation]:
        """As `Operation.result`."""
        return self.wait(timeout)

    @same_as(Operation.refresh)
    def refresh(self) -> Coroutine[Any, Any, AsyncOperation]:
        """As `Operation.refresh`."""
        return self._driver.run(flows.refresh, self)

    @same_as(Operation.cancel)
    def cancel(
        self, *, wait: bool = False, timeout: float | None = None
    ) -> Coroutine[Any, Any, AsyncOperation]:
        """As `Operation.cancel`."""
        how = Waiting[AsyncOperation](timeout, cancelled=True)
        return self._driver.run(waiting.cancel, self, how if wait else None)

    @same_as(Operation.delete)
    def delete(self) -> Coroutine[Any, Any, None]:
        """As `Operation.delete`."""
        return self._driver.run(flows.delete, self)

    def __await__(self) -> Generator[Any, Any, AsyncOperation]:
        return self.wait().__await__()
