"""The clients: one that blocks, one that is awaited, over the same flows."""

from __future__ import annotations

import re
import sys
import warnings
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, Self

import attrs

from ._connect import access
from ._connect.http import AsyncHttp, SyncHttp
from ._describe.destinations import Drive
from ._run import environment, listing, submitting, waiting_many
from ._run.drivers import AsyncDriver, SyncDriver
from ._run.flows import Context
from ._run.names import split_name
from ._run.policy import Retry, number
from ._run.twins import same_as, takes, takes_after
from ._run.waiting import Waiting
from ._run.waiting_many import Outcome, WaitingForAll
from .errors import InvalidArgument, InvalidArgumentType, instead_of_sending
from .image_export import ImageExport
from .operation_state import OperationState
from .operations import AsyncOperation, Handle, Operation

if TYPE_CHECKING:
    import httpx
    from google.auth.credentials import Credentials


class _Client(ABC):
    """What both clients tell and check without asking the service."""

    _context: Context
    _driver: SyncDriver | AsyncDriver
    _http: SyncHttp | AsyncHttp

    def __init__(
        self,
        project: str | None = None,
        credentials: Credentials | access.Anonymous | Mapping[str, Any] | str | PathLike[str] | None = None,
        base_url: str | None = None,
        api_version: str = "v1beta",
        timeout: float = 60.0,
        retry: Retry = Retry(),
        quota_project: str | None = None,
        http_client: httpx.Client | httpx.AsyncClient | None = None,
    ) -> None:
        """Find credentials, and open nothing yet: connections are made when they are needed.

        Args:
            project: The id or number of the Google Cloud project that the exports run in. By default the one
                of the credentials, or GOOGLE_CLOUD_PROJECT.
            credentials: A google-auth object, the path or the content of a key file, or `anonymous()`. By
                default they are looked for as docs/credentials.md says.
            base_url: The host without the version. By default the service's, or EARTHENGINE_EMULATOR_HOST.
            api_version: The version in the URL. Default "v1beta".
            timeout: Seconds that a request may take, from the connection to the last byte of the reply; a
                long poll may take longer. Default 60.
            retry: How one request is repeated after a fault.
            quota_project: The project whose quota is used, if it is another.
            http_client: An `httpx.Client` (for `AsyncClient` an `httpx.AsyncClient`) of your own, with its
                proxies, certificates, hooks and transport; docs/credentials.md says what it must keep. It
                stays yours to close.

        Raises:
            InvalidArgument: The project, the host, the version or the timeout cannot be right, `http_client`
                is closed, or a variable of the environment names a proxy or certificates of no use.
            InvalidArgumentType: An argument has the wrong type.
            CredentialsError: There are no credentials, or they cannot be read.
        """
        if not isinstance(api_version, str):
            raise InvalidArgumentType("api_version", api_version, "It is a version such as v1beta or v1.")
        if not re.fullmatch(r"v\d+(alpha|beta)?", api_version):
            raise InvalidArgument("api_version", api_version, "It is a version such as v1beta or v1.")
        timeout = number("timeout", timeout, above=True)
        retry = _checked_retry(retry)
        found = access.resolve(credentials, project, base_url=base_url, quota_project=quota_project)
        self._http = self._connect(found, api_version, timeout, http_client)
        self._context = Context(
            access=found,
            retry=retry,
            environment=environment.current(),
            clock_ahead=lambda: self._http.ahead,
        )
        self._driver = self._drive()

    @abstractmethod
    def _connect(self, *connection: Any) -> SyncHttp | AsyncHttp:
        """Make the HTTP client."""

    @abstractmethod
    def _drive(self) -> SyncDriver | AsyncDriver:
        """Make the driver."""

    def with_options(
        self, *, timeout: float | None = None, retry: Retry | None = None, quota_project: str | None = None
    ) -> Self:
        """A copy with other options, on the same connections: it is cheap, and closed with its original.

        Args:
            timeout: As for the client; by default what this one has, as with the others.
            retry: As for the client.
            quota_project: As for the client.

        Raises:
            InvalidArgument: An option cannot be right.
            InvalidArgumentType: An option has the wrong type.
        """
        timeout = None if timeout is None else number("timeout", timeout, above=True)
        retry = _checked_retry(self._context.retry if retry is None else retry)
        made = type(self).__new__(type(self))
        made._http = self._http.with_options(timeout, quota_project)
        made._context = attrs.evolve(self._context, access=made._http.access, retry=retry)
        made._driver = made._drive()
        return made

    @property
    def project(self) -> str:
        """The project that exports run in."""
        return self._context.access.project

    @property
    def credentials_source(self) -> str:
        """Where the credentials came from and for which account, in words."""
        return self._context.access.source

    @property
    def auth(self) -> httpx.Auth | None:
        """What signs the requests, for requests of one's own, such as `httpx.get(url, auth=client.auth)`.

        It gives the account's token to whatever host is asked, so ask Google's only. None where requests are
        anonymous.
        """
        return self._context.access.auth

    @classmethod
    def from_service_account(cls, key: str | PathLike[str] | Mapping[str, Any], **options: Any) -> Self:
        """A client for a service account.

        Args:
            key: The path of its key file, or the file's content.
            options: The other arguments of the constructor; the project is by default the account's own.

        Raises:
            CredentialsError: The key cannot be read, or is another kind of file.
        """
        return cls(credentials=access.service_account(key), **options)

    def _check(self, export: ImageExport, queue_timeout: float | None) -> None:
        with instead_of_sending():
            if not isinstance(export, ImageExport):
                cure = "Use export_image(image, to=…) to give an image."
                raise InvalidArgumentType("export", export, "It must be an ImageExport.", cure)
        if queue_timeout is not None:
            number("queue_timeout", queue_timeout)
        account = self._context.access.account or ""
        if isinstance(export.to, Drive) and account.endswith("gserviceaccount.com"):
            warnings.warn(
                f"Files go to the Drive of the service account {account}, where nobody sees them; "
                "export to Cloud Storage instead.",
                stacklevel=_users_level(),
            )

    def _found(self, name: object) -> tuple[OperationState, ImageExport | None]:
        """What is known of the operation that a caller means."""
        if isinstance(name, Handle):
            return name.last, name.export
        if isinstance(name, str) and "/" not in name:
            name = f"projects/{self.project}/operations/{name}"
        split_name(name)
        return OperationState.named(str(name)), None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(project={self.project!r}, {self.credentials_source})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"A {type(self).__name__} holds connections and cannot be pickled or copied. Make one in each "
            "process, and send operation.name or operation.to_json() there."
        )


def _checked_retry(retry: object) -> Retry:
    if isinstance(retry, Retry):
        return retry
    raise InvalidArgumentType("retry", retry, "It is an eex.Retry.", "Retry(retries=0) is for none.")


def _users_level() -> int:
    """The `stacklevel` of the first line that is not this package's."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and str(frame.f_globals.get("__name__")).startswith(f"{__package__}."):
        level, frame = level + 1, frame.f_back
    return level


class Client(_Client):
    """The service, for one project and one account; calls block. Share one among threads.

    with Client(project="my-project") as client:
        operation = client.export_image(image, to=CloudStorage("my-bucket"), region=…, scale=30)
        operation.wait()
    """

    _driver: SyncDriver
    _http: SyncHttp

    def _connect(self, *connection: Any) -> SyncHttp:
        return SyncHttp(*connection)

    def _drive(self) -> SyncDriver:
        return SyncDriver(self._context, self._http.rest, self._http.check_usable)

    @takes(ImageExport)
    def export_image(self, *arguments: Any, **named: Any) -> Operation:
        """Start an export: short for `submit(ImageExport(image, …))`."""
        with instead_of_sending():
            export = ImageExport(*arguments, **named)
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
        self._check(export, queue_timeout)
        return self._driver.run(submitting.submit, export, self._handle, queue_timeout)

    def operation(self, name: str | Handle[Any]) -> Operation:
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

        Raises:
            InvalidArgument: The text is not a handle's.
        """
        return self.operation(Operation.from_json(text))

    @takes(listing.Selection)
    def operations(self, *arguments: Any, **named: Any) -> Iterator[Operation]:
        """The project's operations, of all its users, page by page as they are asked for.

        Selection by `filter` is done by the service, whose grammar is not documented; the rest is done here.

        Raises:
            RequestError: No usable answer came, while iterating.
            InvalidArgument: `page_size` is below 1, there is no such state, or a time has no timezone.
            InvalidArgumentType: An argument has the wrong type.

        Reference: projects.operations.list.
        """
        selection = listing.Selection(*arguments, **named)
        return self._driver.iterate(listing.operations, self._handle, selection)

    @takes_after(Waiting[Operation])
    def as_completed(
        self, operations: Iterable[Operation], *arguments: Any, **named: Any
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
        how, handles = Waiting(*arguments, **named), waiting_many.checked(operations, Operation)
        return self._driver.iterate(waiting_many.as_completed, handles, how)

    @takes_after(WaitingForAll[Operation])
    def wait_all(
        self, operations: Iterable[Operation], *arguments: Any, **named: Any
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
        how, handles = WaitingForAll(*arguments, **named), waiting_many.checked(operations, Operation)
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


class AsyncClient(_Client):
    """The service, for one project and one account; the names and arguments of `Client`, awaited.

    Works under asyncio and trio. `operations()` and `as_completed()` are iterated over with `async for`.
    """

    _driver: AsyncDriver
    _http: AsyncHttp

    def _connect(self, *connection: Any) -> AsyncHttp:
        return AsyncHttp(*connection)

    def _drive(self) -> AsyncDriver:
        return AsyncDriver(self._context, self._http.rest, self._http.check_usable)

    @takes(ImageExport)
    def export_image(self, *arguments: Any, **named: Any) -> Coroutine[Any, Any, AsyncOperation]:
        """Start an export: short for `submit(ImageExport(image, …))`."""
        with instead_of_sending():
            export = ImageExport(*arguments, **named)
        return self.submit(export)

    @same_as(Client.submit)
    def submit(
        self, export: ImageExport, *, queue_timeout: float | None = None
    ) -> Coroutine[Any, Any, AsyncOperation]:
        """As `Client.submit`."""
        self._check(export, queue_timeout)
        return self._driver.run(submitting.submit, export, self._handle, queue_timeout)

    @same_as(Client.operation)
    def operation(self, name: str | Handle[Any]) -> AsyncOperation:
        """As `Client.operation`."""
        return self._handle(*self._found(name))

    @same_as(Client.operation_from_json)
    def operation_from_json(self, text: str) -> AsyncOperation:
        """As `Client.operation_from_json`."""
        return self.operation(AsyncOperation.from_json(text))

    @same_as(Client.operations)
    @takes(listing.Selection)
    def operations(self, *arguments: Any, **named: Any) -> AsyncIterator[AsyncOperation]:
        """As `Client.operations`, for `async for`."""
        selection = listing.Selection(*arguments, **named)
        return self._driver.iterate(listing.operations, self._handle, selection)

    @same_as(Client.as_completed)
    @takes_after(Waiting[AsyncOperation])
    def as_completed(
        self, operations: Iterable[AsyncOperation], *arguments: Any, **named: Any
    ) -> AsyncIterator[Outcome[AsyncOperation]]:
        """As `Client.as_completed`, for `async for`."""
        how, handles = Waiting(*arguments, **named), waiting_many.checked(operations, AsyncOperation)
        return self._driver.iterate(waiting_many.as_completed, handles, how)

    @same_as(Client.wait_all)
    @takes_after(WaitingForAll[AsyncOperation])
    def wait_all(
        self, operations: Iterable[AsyncOperation], *arguments: Any, **named: Any
    ) -> Coroutine[Any, Any, list[Outcome[AsyncOperation]]]:
        """As `Client.wait_all`."""
        how, handles = WaitingForAll(*arguments, **named), waiting_many.checked(operations, AsyncOperation)
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
