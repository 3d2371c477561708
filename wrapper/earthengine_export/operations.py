"""Operations: the handle on an export that runs."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from . import rest
from ._files.told import Download
from ._run import flows, waiting
from ._run.drivers import AsyncDriver, Awaited, SyncDriver
from ._run.names import split_name
from ._run.tables import as_table
from ._run.twins import same_as, takes
from ._run.waiting import Waiting
from ._run.watched import Watched
from .errors import ClientUnusable, InvalidArgument
from .image_export import ImageExport
from .operation_state import Notification, OperationState, OperationStatus, Stage

D = TypeVar("D", bound=SyncDriver | AsyncDriver)


def _seen(field: str) -> Any:
    """A property of the handle that is a field of its last state."""
    said = re.search(rf"\n {{8}}{field}: ((.|\n {{9,}})*)", str(OperationState.__doc__))
    doc = re.sub(r"\n +", " ", said[1]) if said else getattr(OperationState, field).__doc__
    return property(lambda handle: getattr(handle.last, field), doc=doc)


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

    name: str = _seen("name")
    id: str = _seen("id")
    done: bool = _seen("done")
    state: str = _seen("state")
    progress: float = _seen("progress")
    attempt: int = _seen("attempt")
    stages: tuple[Stage, ...] = _seen("stages")
    description: str = _seen("description")
    type: str = _seen("type")
    priority: int | None = _seen("priority")
    create_time: datetime | None = _seen("create_time")
    update_time: datetime | None = _seen("update_time")
    start_time: datetime | None = _seen("start_time")
    end_time: datetime | None = _seen("end_time")
    destination_uris: tuple[str, ...] = _seen("destination_uris")
    script_uri: str = _seen("script_uri")
    notifications: tuple[Notification, ...] = _seen("notifications")
    eecu_seconds: float | None = _seen("eecu_seconds")
    error: OperationStatus | None = _seen("error")
    reply: rest.Operation = _seen("reply")

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
        except Exception as error:
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

    def _repr_html_(self) -> str:
        return as_table([(self, None)], type(self).__name__)

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

    @takes(Waiting["Operation"])
    def wait(self, how: Waiting[Operation]) -> Operation:
        """Wait until the export has succeeded.

        Prefers the server's long poll, keeps the spacing that `polling` sets, and lets no passing fault end
        the wait; the last poll is made at the deadline.

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
        return self._driver.run(waiting.wait, self, how)

    def result(self, timeout: float | None = None) -> Operation:
        """The same as `wait(timeout)`, under the name that google-api-core and concurrent.futures use.

        Args:
            timeout: Seconds to wait, or None (the default) for as long as it takes.

        Raises:
            EarthEngineError: As `wait`.
        """
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
        return self._driver.run(waiting.cancel, self, wait=wait, timeout=timeout)

    def delete(self) -> None:
        """Remove the operation from the project's list. This does not cancel it.

        Raises:
            NotFound: The service does not know it.
            RequestError: The service refuses.

        Reference: projects.operations.delete.
        """
        self._driver.run(flows.delete, self)

    def files(self, export: ImageExport | None = None) -> list[str]:
        """The files in Cloud Storage that the export wrote, as `gs://…`, in the order of their tiles.

        Those of another export whose prefix is longer are not among them. Needs the extra `files`.

        Args:
            export: What was submitted. A handle that came from a submit knows it; one that was found by its
                name does not, and can tell only where the folder holds nothing else.

        Raises:
            FilesUnavailable: It has not ended, or its files are not in Cloud Storage, or no longer.
            FilesAmbiguous: Which they are, their names do not tell.
            OperationFailed: It failed. OperationCancelled, OperationUnclear: likewise.
            InvalidArgument: `export` is another one.
            RequestError: No usable answer came.

        Reference: docs/files.md.
        """
        from ._files import downloading  # with what it needs, which most programs do not

        return self._driver.run(downloading.files, self, export)

    @takes(Download)
    def download(self, how: Download) -> list[Path]:
        """Bring the files that the export wrote into a folder.

        Each has a temporary name until it is whole and its checksum is right. One that broke off is gone on
        with where it was, by a later call too, in any process; one that is there already is not fetched.
        Needs the extra `files`.

        Returns:
            The paths, in the order of `files`.

        Raises:
            TargetUnusable: There is no such folder, no space, or no permission.
            TargetExists: A file of the name has other content; nothing was fetched.
            ChecksumMismatch: What came is not what is stored.
            FilesUnavailable, FilesAmbiguous, OperationFailed, RequestError: As for `files`.

        Reference: docs/files.md.
        """
        from ._files import downloading

        return self._driver.run(downloading.download, self, how)


class AsyncOperation(Handle[AsyncDriver]):
    """A handle on an export of an `AsyncClient`: an `Operation` whose methods are awaited.

    It can itself be awaited, which is `wait()`.
    """

    __slots__ = ()

    @same_as(Operation.wait)
    @takes(Waiting["AsyncOperation"])
    def wait(self, how: Waiting[AsyncOperation]) -> Awaited[AsyncOperation]:
        """As `Operation.wait`."""
        return self._driver.run(waiting.wait, self, how)

    @same_as(Operation.result)
    def result(self, timeout: float | None = None) -> Awaited[AsyncOperation]:
        """As `Operation.result`."""
        return self.wait(timeout)

    @same_as(Operation.refresh)
    def refresh(self) -> Awaited[AsyncOperation]:
        """As `Operation.refresh`."""
        return self._driver.run(flows.refresh, self)

    @same_as(Operation.cancel)
    def cancel(self, *, wait: bool = False, timeout: float | None = None) -> Awaited[AsyncOperation]:
        """As `Operation.cancel`."""
        return self._driver.run(waiting.cancel, self, wait=wait, timeout=timeout)

    @same_as(Operation.delete)
    def delete(self) -> Awaited[None]:
        """As `Operation.delete`."""
        return self._driver.run(flows.delete, self)

    @same_as(Operation.files)
    def files(self, export: ImageExport | None = None) -> Awaited[list[str]]:
        """As `Operation.files`."""
        from ._files import downloading

        return self._driver.run(downloading.files, self, export)

    @same_as(Operation.download)
    @takes(Download)
    def download(self, how: Download) -> Awaited[list[Path]]:
        """As `Operation.download`."""
        from ._files import downloading

        return self._driver.run(downloading.download, self, how)

    def __await__(self) -> Generator[object, None, AsyncOperation]:
        return self.wait().__await__()
