"""The clients: one that blocks, one that is awaited, over the same flows."""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Iterator, Mapping
from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, ParamSpec, Self, TypeVar, cast
from urllib.request import getproxies

from . import rest
from ._connect import access
from ._connect.http import LIMITS, AsyncHttp, FastestTransport, SyncHttp, tls_context
from ._describe.destinations import Drive
from ._run import environment, listing, submitting, waiting_many
from ._run.drivers import AsyncDriver, SyncDriver
from ._run.flows import PAGE_SIZE, Context
from ._run.names import split_name
from ._run.policy import Polling, Retry, number
from ._run.twins import same_as
from ._run.waiting import Waiting
from ._run.waiting_many import Outcome
from ._version import __version__
from .errors import InvalidArgument, InvalidArgumentType
from .image_export import ImageExport
from .operation_state import OperationState
from .operations import AsyncOperation, Handle, Operation

if TYPE_CHECKING:
    import httpx
    from google.auth.credentials import Credentials

C = TypeVar("C")
P = ParamSpec("P")
R = TypeVar("R")


def _takes(
    constructor: Callable[P, ImageExport],
) -> Callable[[Callable[..., R]], Callable[Concatenate[C, P], R]]:
    """Give a method the arguments of `ImageExport`, for type checkers, `help` and editors."""

    def give(method: Callable[..., R]) -> Callable[Concatenate[C, P], R]:
        own, given = inspect.signature(method), inspect.signature(constructor)
        parameters = [own.parameters["self"], *given.parameters.values()]
        taken: Any = method
        taken.__signature__ = own.replace(parameters=parameters)
        arguments = str(ImageExport.__doc__).partition("\n    Args:\n")[2]
        taken.__doc__ = f"{method.__doc__}\n\n    Args:\n{arguments}"
        return cast("Callable[Concatenate[C, P], R]", taken)

    return give


class _Client(ABC):
    """What both clients tell and check without asking the service."""

    _context: Context
    _driver: SyncDriver | AsyncDriver

    def __init__(
        self,
        project: str | None = None,
        credentials: Credentials | access.Anonymous | Mapping[str, Any] | str | PathLike[str] | None = None,
        base_url: str | None = None,
        api_version: str = "v1beta",
        timeout: float = 60.0,
        retry: Retry = Retry(),
        quota_project: str | None = None,
    ) -> None:
        """Find credentials, and open nothing yet: connections are made when they are needed.

        Args:
            project: The id or number of the Google Cloud project that the exports run in. By default the one
                of the credentials, or GOOGLE_CLOUD_PROJECT.
            credentials: A google-auth object, the path or the content of a key file, or `anonymous()`. By
                default they are looked for as docs/credentials.md says.
            base_url: The host without the version. By default the service's, or EARTHENGINE_EMULATOR_HOST.
            api_version: The version in the URL. Default "v1beta".
            timeout: Seconds that a reply may take; a long poll may take longer. Default 60.
            retry: How one request is repeated after a fault.
            quota_project: The project whose quota is used, if it is another.

        Raises:
            InvalidArgument: The project, the host, the version or the timeout cannot be right.
            InvalidArgumentType: An argument has the wrong type.
            CredentialsError: There are no credentials, or they cannot be read.
        """
        if not isinstance(api_version, str):
            raise InvalidArgumentType("api_version", api_version, "It is a version such as v1beta or v1.")
        if not re.fullmatch(r"v\d+(alpha|beta)?", api_version):
            raise InvalidArgument("api_version", api_version, "It is a version such as v1beta or v1.")
        timeout = number("timeout", timeout, above=True)
        if not isinstance(retry, Retry):
            raise InvalidArgumentType("retry", retry, "It is an eex.Retry.", "Retry(retries=0) is for none.")
        found = access.resolve(credentials, project, base_url=base_url, quota_project=quota_project)
        url = f"{found.base_url}/{api_version}"
        self._rest = rest.Client(base_url=url)
        ahead = self._connect(
            base_url=url,
            auth=found.auth,
            timeout=timeout,
            headers={"User-Agent": f"earthengine-export/{__version__}"},
            # Plain http goes to this machine, where no proxy has to read what is sent.
            trust_env=url.startswith("https:"),
        )
        self._context = Context(
            access=found, retry=retry, environment=environment.current(), clock_ahead=ahead
        )
        self._driver = self._drive()

    @abstractmethod
    def _connect(self, **options: Any) -> Callable[[], float | None]:
        """Make the HTTP client; gives what tells by how far the service's clock is ahead."""

    @abstractmethod
    def _drive(self) -> SyncDriver | AsyncDriver:
        """Make the driver."""

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

    def _checked(self, export: ImageExport) -> ImageExport:
        if not isinstance(export, ImageExport):
            raise InvalidArgumentType(
                "export", export, "It is an ImageExport.", "Use export_image(image, to=…) to give an image."
            )
        account = self._context.access.account or ""
        if isinstance(export.to, Drive) and account.endswith("gserviceaccount.com"):
            warnings.warn(
                f"Files go to the Drive of the service account {account}, where nobody sees them; "
                "export to Cloud Storage instead.",
                stacklevel=_users_level(),
            )
        return export

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

    def _connect(self, **options: Any) -> Callable[[], float | None]:
        self._http = SyncHttp(verify=tls_context(options["base_url"]), limits=LIMITS, **options)
        self._rest.set_httpx_client(self._http)
        return lambda: self._http.ahead

    def _drive(self) -> SyncDriver:
        return SyncDriver(self._context, self._rest, self._http.check_usable)

    @_takes(ImageExport)
    def export_image(self, *arguments: Any, **named: Any) -> Operation:
        """Start an export: short for `submit(ImageExport(image, …))`."""
        return self.submit(ImageExport(*arguments, **named))

    def submit(self, export: ImageExport) -> Operation:
        """Start an export, exactly once whatever happens to the requests.

        Returns:
            A handle on the operation; keep its `name`.

        Raises:
            QueueFull: Too many tasks are queued in the project; nothing was started.
            DuplicateRequest: The export's request_id belongs to another export, or it cannot be told which.
            RequestError: No usable answer came; says whether the export may exist, and how to find it.
            CredentialsError: The credentials were refused.

        Reference: projects.image.export.
        """
        return self._driver.run(submitting.submit, self._checked(export), self._handle)

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

    def operations(
        self,
        filter: str | None = None,  # noqa: A002 - the API's own name
        page_size: int = PAGE_SIZE,
        *,
        states: Collection[str] | None = None,
        types: Collection[str] | None = None,
        description: str | re.Pattern[str] | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
    ) -> Iterator[Operation]:
        """The project's operations, of all its users, page by page as they are asked for.

        Selection by `filter` is done by the service, whose grammar is not documented; the rest is done here.

        Args:
            filter: Passed to the service as it is.
            page_size: Operations to a page, 1 or more; the service may give fewer. Default 500.
            states: Only operations in one of these states, such as {"PENDING", "RUNNING"}, or in this one.
            types: Only operations of one of these types, such as {"EXPORT_IMAGE"}, or of this one.
            description: Only operations whose whole description matches: a pattern with * and ?, or a
                compiled regular expression.
            created_after: Only operations created at this time or later; timezone-aware.
            created_before: Only operations created before this time; timezone-aware.

        Raises:
            RequestError: No usable answer came, while iterating.
            InvalidArgument: `page_size` is below 1, there is no such state, or a time has no timezone.
            InvalidArgumentType: An argument has the wrong type.

        Reference: projects.operations.list.
        """
        selection = listing.Selection.of(
            filter, page_size, states, types, description, created_after, created_before
        )
        return self._driver.iterate(listing.operations, self._handle, selection)

    def as_completed(
        self,
        operations: Iterable[Operation],
        timeout: float | None = None,
        on_update: Callable[[Operation], object] | None = None,
        polling: Polling = Polling(),
        *,
        cancel_on_timeout: bool = False,
        stalled_after: float | None = None,
        on_stall: Callable[[Operation], object] | None = None,
        cancel_on_interrupt: bool = False,
    ) -> Iterator[Outcome[Operation]]:
        """Each operation's outcome as it ends; one poller asks after all of them.

        A round of asking takes at most one request for each 500 operations, as long as they are among the
        newest of their project. One that has aged out of the list, or of which the list has told nothing new
        for long, is asked after by itself.

        Args:
            operations: Handles, of whatever client; they are asked after through this one.
            timeout: Seconds to wait for all, from the first step of the iteration, or None (the default) for
                as long as it takes. Operations that have not ended by then come last, with a `WaitTimeout`.
            on_update: Called with each handle at the start, and whenever its state, progress, stages or
                attempt have changed; after each round of asking, so that all handles are of one moment.
            polling: How often to ask; `long_poll` has no part in it.
            cancel_on_timeout: Ask for those to be cancelled that have not ended when the time is up.
            stalled_after: Seconds without a move of progress or stages, while RUNNING, that count as a stall.
            on_stall: Called with the handle at a stall, again after each further such time. Without it, an
                operation that stalls comes with an `OperationStalled`, and is waited for no longer.
            cancel_on_interrupt: Ask for all to be cancelled when the wait is interrupted: by Ctrl-C, or by
                the cancellation of the task that awaits.

        Raises:
            InvalidArgument: The timeout is negative, or `stalled_after` is not above 0.
            InvalidArgumentType: One is no operation, or one of the other kind of client.
            ClientUnusable: The client is closed.

        Reference: projects.operations.list, projects.operations.get.
        """
        how = Waiting(
            timeout, on_update, cancel_on_timeout, polling, stalled_after, on_stall, cancel_on_interrupt
        )
        return self._driver.iterate(
            waiting_many.as_completed, waiting_many.checked(operations, Operation), how
        )

    def wait_all(
        self,
        operations: Iterable[Operation],
        timeout: float | None = None,
        on_update: Callable[[Operation], object] | None = None,
        polling: Polling = Polling(),
        *,
        raise_errors: bool = False,
        cancel_on_timeout: bool = False,
        stalled_after: float | None = None,
        on_stall: Callable[[Operation], object] | None = None,
        cancel_on_interrupt: bool = False,
    ) -> list[Outcome[Operation]]:
        """Wait until every operation has ended; all outcomes come back, in the order of the operations.

        Args:
            operations: Handles, of whatever client; they are asked after through this one.
            timeout: Seconds to wait for all, or None (the default) for as long as it takes.
            on_update: Called with each handle at the start, and whenever its state, progress, stages or
                attempt have changed; after each round of asking, so that all handles are of one moment.
            polling: How often to ask; `long_poll` has no part in it.
            raise_errors: Raise an ExceptionGroup of all errors, if there are any, in place of returning.
            cancel_on_timeout: Ask for those to be cancelled that have not ended when the time is up.
            stalled_after: Seconds without a move of progress or stages, while RUNNING, that count as a stall.
            on_stall: Called with the handle at a stall, again after each further such time. Without it, an
                operation that stalls has an `OperationStalled`, and is waited for no longer.
            cancel_on_interrupt: Ask for all to be cancelled when the wait is interrupted: by Ctrl-C, or by
                the cancellation of the task that awaits.

        Raises:
            ExceptionGroup: `raise_errors` is set, and an export did not succeed.
            InvalidArgument: The timeout is negative, or `stalled_after` is not above 0.
            InvalidArgumentType: One is no operation, or one of the other kind of client.
            ClientUnusable: The client is closed.

        Reference: projects.operations.list, projects.operations.get.
        """
        how = Waiting(
            timeout, on_update, cancel_on_timeout, polling, stalled_after, on_stall, cancel_on_interrupt
        )
        handles = waiting_many.checked(operations, Operation)
        outcomes = list(self._driver.iterate(waiting_many.as_completed, handles, how))
        return waiting_many.in_order(handles, outcomes, raise_errors=raise_errors)

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

    def _connect(self, **options: Any) -> Callable[[], float | None]:
        verify = tls_context(options["base_url"])
        # httpx sets up the proxies of the environment itself, unless it is given a transport.
        proxied = options["trust_env"] and getproxies()
        transport = None if proxied else FastestTransport(verify)
        self._http = AsyncHttp(verify=verify, limits=LIMITS, transport=transport, **options)
        self._rest.set_async_httpx_client(self._http)
        return lambda: self._http.ahead

    def _drive(self) -> AsyncDriver:
        return AsyncDriver(self._context, self._rest, self._http.check_usable)

    @_takes(ImageExport)
    def export_image(self, *arguments: Any, **named: Any) -> Coroutine[Any, Any, AsyncOperation]:
        """Start an export: short for `submit(ImageExport(image, …))`."""
        return self.submit(ImageExport(*arguments, **named))

    @same_as(Client.submit)
    def submit(self, export: ImageExport) -> Coroutine[Any, Any, AsyncOperation]:
        """As `Client.submit`."""
        return self._driver.run(submitting.submit, self._checked(export), self._handle)

    @same_as(Client.operation)
    def operation(self, name: str | Handle[Any]) -> AsyncOperation:
        """As `Client.operation`."""
        return self._handle(*self._found(name))

    @same_as(Client.operation_from_json)
    def operation_from_json(self, text: str) -> AsyncOperation:
        """As `Client.operation_from_json`."""
        return self.operation(AsyncOperation.from_json(text))

    @same_as(Client.operations)
    def operations(
        self,
        filter: str | None = None,  # noqa: A002
        page_size: int = PAGE_SIZE,
        *,
        states: Collection[str] | None = None,
        types: Collection[str] | None = None,
        description: str | re.Pattern[str] | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
    ) -> AsyncIterator[AsyncOperation]:
        """As `Client.operations`, for `async for`."""
        selection = listing.Selection.of(
            filter, page_size, states, types, description, created_after, created_before
        )
        return self._driver.iterate(listing.operations, self._handle, selection)

    @same_as(Client.as_completed)
    def as_completed(
        self,
        operations: Iterable[AsyncOperation],
        timeout: float | None = None,
        on_update: Callable[[AsyncOperation], object] | None = None,
        polling: Polling = Polling(),
        *,
        cancel_on_timeout: bool = False,
        stalled_after: float | None = None,
        on_stall: Callable[[AsyncOperation], object] | None = None,
        cancel_on_interrupt: bool = False,
    ) -> AsyncIterator[Outcome[AsyncOperation]]:
        """As `Client.as_completed`, for `async for`."""
        how = Waiting(
            timeout, on_update, cancel_on_timeout, polling, stalled_after, on_stall, cancel_on_interrupt
        )
        return self._driver.iterate(
            waiting_many.as_completed, waiting_many.checked(operations, AsyncOperation), how
        )

    @same_as(Client.wait_all)
    def wait_all(
        self,
        operations: Iterable[AsyncOperation],
        timeout: float | None = None,
        on_update: Callable[[AsyncOperation], object] | None = None,
        polling: Polling = Polling(),
        *,
        raise_errors: bool = False,
        cancel_on_timeout: bool = False,
        stalled_after: float | None = None,
        on_stall: Callable[[AsyncOperation], object] | None = None,
        cancel_on_interrupt: bool = False,
    ) -> Coroutine[Any, Any, list[Outcome[AsyncOperation]]]:
        """As `Client.wait_all`."""
        how = Waiting(
            timeout, on_update, cancel_on_timeout, polling, stalled_after, on_stall, cancel_on_interrupt
        )
        handles = waiting_many.checked(operations, AsyncOperation)
        outcomes = self._driver.iterate(waiting_many.as_completed, handles, how)

        async def gathered() -> list[Outcome[AsyncOperation]]:
            return waiting_many.in_order(handles, [one async for one in outcomes], raise_errors=raise_errors)

        return gathered()

    @same_as(Client.close)
    async def close(self) -> None:
        """As `Client.close`."""
        await self._http.aclose()

    def _handle(self, last: OperationState, export: ImageExport | None = None) -> AsyncOperation:
        return AsyncOperation(last, self._driver, export)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
