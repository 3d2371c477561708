"""The clients: one that blocks, one that is awaited, over the same flows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Self

from ._client import BaseClient
from ._connect.http import AsyncHttp, SyncHttp
from ._run import listing, submitting, waiting_many
from ._run.drivers import AsyncDriver, Awaited, SyncDriver
from ._run.twins import same_as, takes, takes_after
from ._run.waiting import Waiting
from ._run.waiting_many import Outcome, WaitingForAll
from .image_export import ImageExport
from .operation_state import OperationState
from .operations import AsyncOperation, Operation


class Client(BaseClient):
    """The service, for one project and one account; calls block. Share one among threads.

    with Client(project="my-project") as client:
        operation = client.export_image(image, to=CloudStorage("my-bucket"), region=…, scale=30)
        operation.wait()
    """

    _driver: SyncDriver
    _http: SyncHttp
    _kinds = SyncHttp, SyncDriver

    @takes(ImageExport)
    def export_image(self, export: ImageExport) -> Operation:
        """Start an export: short for `submit(ImageExport(image, …))`.

        Raises:
            InvalidArgument, InvalidArgumentType: An argument is refused, or some do not go together.
            EarthEngineError: As `submit`.
        """
        return self.submit(export)

    def submit(self, export: ImageExport, *, queue_timeout: float | None = None) -> Operation:
        """Start an export, exactly once whatever happens to the requests.

        Args:
            export: What to export.
            queue_timeout: Seconds to wait for a place where the project's queue is full; it empties in
                minutes to hours. Each try carries a new request_id, unless the export has one. Default: none.

        Returns:
            A handle on the operation; keep its `name`.

        Raises:
            QueueFull: Too many tasks are queued in the project.
            DuplicateRequest: The export's request_id belongs to another export, or it cannot be told which.
            RequestError: No usable answer came; says whether the export may exist, and how to find it.
            CredentialsError: The credentials were refused.

        Reference: projects.image.export.
        """
        queue_timeout = self._check(export, queue_timeout)
        return self._driver.run(submitting.submit, export, self._handle, queue_timeout)

    def operation(self, name: str | Operation | AsyncOperation) -> Operation:
        """A handle on an operation that was started anywhere; nothing is sent.

        Args:
            name: The full name, the id alone (which the official client calls a task id), or a handle, such
                as one that came from a pickle.

        Raises:
            InvalidArgument: It cannot be the name of an operation.
            InvalidArgumentType: It is neither a string nor a handle.
        """
        return self._handle(*self._found(name))

    def operation_from_json(self, text: str) -> Operation:
        """The handle that another process wrote with `operation.to_json()`.

        Args:
            text: What `to_json` gave.

        Raises:
            InvalidArgument: The text is not a handle's.
        """
        return self.operation(Operation.from_json(text))

    @takes(listing.Selection)
    def operations(self, selection: listing.Selection) -> Iterator[Operation]:
        """The project's operations, of all its users, page by page as they are asked for.

        Selection by `filter` is done by the service, whose grammar is not documented; the rest is done here.

        Raises:
            RequestError: No usable answer came, while iterating.
            InvalidArgument: `page_size` is below 1, there is no such state, or a time has no timezone.
            InvalidArgumentType: An argument has the wrong type.

        Reference: projects.operations.list.
        """
        return self._driver.iterate(listing.operations, self._handle, selection)

    @takes_after(Waiting[Operation])
    def as_completed(
        self, operations: Iterable[Operation], how: Waiting[Operation]
    ) -> Iterator[Outcome[Operation]]:
        """Each operation's outcome as it ends; one poller asks after all of them.

        A round of asking takes at most one request for each 500 operations, as long as they are among the
        newest of their project. One that has aged out of the list, or of which the list has told nothing new
        for long, is asked after by itself. `on_update` is called after each round, when the states of all
        are of one moment. Operations that have not ended when the time is up come last, with a `WaitTimeout`.

        Args:
            operations: Handles, of whatever client; they are asked after through this one.

        Raises:
            InvalidArgument: The timeout is negative, or `stalled_after` is not above 0.
            InvalidArgumentType: One is no operation, or one of the other kind of client.
            ClientUnusable: The client is closed.

        Reference: projects.operations.list, projects.operations.get.
        """
        handles = waiting_many.checked(operations, Operation)
        return self._driver.iterate(waiting_many.as_completed, handles, how)

    @takes_after(WaitingForAll[Operation])
    def wait_all(
        self, operations: Iterable[Operation], how: WaitingForAll[Operation]
    ) -> list[Outcome[Operation]]:
        """Wait until every operation has ended; all outcomes come back, in the order of the operations.

        They are asked after as `as_completed` does it.

        Args:
            operations: Handles, of whatever client; they are asked after through this one.

        Raises:
            ExceptionGroup: `raise_errors` is set, and an export did not succeed.
            InvalidArgument: The timeout is negative, or `stalled_after` is not above 0.
            InvalidArgumentType: One is no operation, or one of the other kind of client.
            ClientUnusable: The client is closed.

        Reference: projects.operations.list, projects.operations.get.
        """
        handles = waiting_many.checked(operations, Operation)
        outcomes = list(self._driver.iterate(waiting_many.as_completed, handles, how))
        return waiting_many.in_order(handles, outcomes, how)

    def close(self) -> None:
        """Close the connections; the client cannot be used after."""
        self._http.close()

    def _handle(self, last: OperationState, export: ImageExport | None = None) -> Operation:
        return Operation(last, self._driver, export)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(BaseClient):
    """The service, for one project and one account; the names and arguments of `Client`, awaited.

    Works under asyncio and trio. `operations()` and `as_completed()` are iterated over with `async for`.
    """

    _driver: AsyncDriver
    _http: AsyncHttp
    _kinds = AsyncHttp, AsyncDriver

    @takes(ImageExport)
    def export_image(self, export: ImageExport) -> Awaited[AsyncOperation]:
        """Start an export: short for `submit(ImageExport(image, …))`.

        Raises:
            InvalidArgument, InvalidArgumentType: An argument is refused, or some do not go together.
            EarthEngineError: As `submit`.
        """
        return self.submit(export)

    @same_as(Client.submit)
    def submit(self, export: ImageExport, *, queue_timeout: float | None = None) -> Awaited[AsyncOperation]:
        """As `Client.submit`."""
        queue_timeout = self._check(export, queue_timeout)
        return self._driver.run(submitting.submit, export, self._handle, queue_timeout)

    @same_as(Client.operation)
    def operation(self, name: str | Operation | AsyncOperation) -> AsyncOperation:
        """As `Client.operation`."""
        return self._handle(*self._found(name))

    @same_as(Client.operation_from_json)
    def operation_from_json(self, text: str) -> AsyncOperation:
        """As `Client.operation_from_json`."""
        return self.operation(AsyncOperation.from_json(text))

    @same_as(Client.operations)
    @takes(listing.Selection)
    def operations(self, selection: listing.Selection) -> AsyncIterator[AsyncOperation]:
        """As `Client.operations`, for `async for`."""
        return self._driver.iterate(listing.operations, self._handle, selection)

    @same_as(Client.as_completed)
    @takes_after(Waiting[AsyncOperation])
    def as_completed(
        self, operations: Iterable[AsyncOperation], how: Waiting[AsyncOperation]
    ) -> AsyncIterator[Outcome[AsyncOperation]]:
        """As `Client.as_completed`, for `async for`."""
        handles = waiting_many.checked(operations, AsyncOperation)
        return self._driver.iterate(waiting_many.as_completed, handles, how)

    @same_as(Client.wait_all)
    @takes_after(WaitingForAll[AsyncOperation])
    def wait_all(
        self, operations: Iterable[AsyncOperation], how: WaitingForAll[AsyncOperation]
    ) -> Awaited[list[Outcome[AsyncOperation]]]:
        """As `Client.wait_all`."""
        handles = waiting_many.checked(operations, AsyncOperation)
        outcomes = self._driver.iterate(waiting_many.as_completed, handles, how)

        async def gathered() -> list[Outcome[AsyncOperation]]:
            return waiting_many.in_order(handles, [one async for one in outcomes], how)

        return gathered()

    @same_as(Client.close)
    async def close(self) -> None:
        """As `Client.close`."""
        await self._http.close()

    def _handle(self, last: OperationState, export: ImageExport | None = None) -> AsyncOperation:
        return AsyncOperation(last, self._driver, export)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
