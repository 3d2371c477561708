"""The clients: one that blocks, one that is awaited, over the same flows."""

from __future__ import annotations

import fnmatch
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterator, Mapping
from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, Unpack, overload
from urllib.request import getproxies

from . import rest
from ._connect import access
from ._connect.http import LIMITS, AsyncHttp, FastestTransport, SyncHttp, tls_context
from ._describe.destinations import Drive
from ._run import flows, submitting
from ._run.drivers import AsyncDriver, SyncDriver
from ._run.names import split_name
from ._run.policy import Retry
from ._version import __version__
from .errors import InvalidArgument, InvalidArgumentType
from .image_export import AssetArguments, FileArguments, ImageExport
from .operation_state import OperationState
from .operations import AsyncOperation, Handle, Operation

if TYPE_CHECKING:
    import httpx
    from google.auth.credentials import Credentials

    from ._describe.expressions import ImageLike

H = TypeVar("H", bound=Handle[Any, Any])
Started = TypeVar("Started")
Listed = TypeVar("Listed")


class _Client(ABC, Generic[H, Started, Listed]):
    """What both clients do alike, which is all but whether a call is awaited."""

    _handle: type[H]
    _driver: Any  # a SyncDriver or an AsyncDriver, which give a value or something to await
    _http: Any  # a SyncHttp or an AsyncHttp

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
            CredentialsError: There are no credentials, or they cannot be read.
        """
        if not re.fullmatch(r"v\d+(alpha|beta)?", api_version):
            raise InvalidArgument("api_version", api_version, "It is a version such as v1beta or v1.")
        if not timeout > 0:
            raise InvalidArgument("timeout", timeout, "It is a number of seconds above 0.")
        found = access.resolve(credentials, project, base_url=base_url, quota_project=quota_project)
        url = f"{found.base_url}/{api_version}"
        self._rest = rest.Client(base_url=url)
        self._connect(
            base_url=url,
            auth=found.auth,
            timeout=timeout,
            headers={"User-Agent": f"earthengine-export/{__version__}"},
            # Plain http goes to this machine, where no proxy has to read what is sent.
            trust_env=url.startswith("https:"),
        )
        clock = flows.Clock(lambda: self._http.ahead)
        self.context = flows.Context(access=found, retry=retry, clock=clock)

    @abstractmethod
    def _connect(self, **options: Any) -> None:
        """Make the HTTP client and the driver."""

    def run(self, flow: flows.Flow[Any]) -> Any:
        """Run a flow; its result, or something to await for it. For the handles' use."""
        return self._usable_driver().run(flow)

    def iterate(self, flow: flows.Flow[None]) -> Any:
        """Run a flow for what it emits; an iterator, or an async one. For the handles' use."""
        return self._usable_driver().iterate(flow)

    @property
    def project(self) -> str:
        """The project that exports run in."""
        return self.context.access.project

    @property
    def credentials_source(self) -> str:
        """Where the credentials came from and for which account, in words."""
        return self.context.access.source

    @property
    def auth(self) -> httpx.Auth | None:
        """What signs the requests, for requests of one's own, such as `httpx.get(url, auth=client.auth)`.

        It gives the account's token to whatever host is asked, so ask Google's only. None where requests are
        anonymous.
        """
        return self.context.access.auth

    @overload
    def export_image(self, image: ImageLike, **arguments: Unpack[FileArguments]) -> Started: ...
    @overload
    def export_image(self, image: ImageLike, **arguments: Unpack[AssetArguments]) -> Started: ...
    def export_image(self, image: ImageLike, **arguments: Any) -> Started:
        """Start an export: short for `submit(ImageExport(image, **arguments))`."""
        return self.submit(ImageExport(image, **arguments))

    def submit(self, export: ImageExport) -> Started:
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
        if not isinstance(export, ImageExport):
            raise InvalidArgumentType(
                "export", export, "It is an ImageExport.", "Use export_image(image, to=…) to give an image."
            )
        account = self.context.access.account or ""
        if isinstance(export.to, Drive) and account.endswith("gserviceaccount.com"):
            warnings.warn(
                f"Files go to the Drive of the service account {account}, where nobody sees them; "
                "export to Cloud Storage instead.",
                stacklevel=2,
            )
        return self.run(self._submit(export))  # type: ignore[no-any-return]

    def _submit(self, export: ImageExport) -> flows.Flow[H]:
        reply = yield from submitting.submit(self.context, export)
        return self._handle(OperationState(reply), self)

    def operation(self, name: str | Handle[Any, Any]) -> H:
        """A handle on an operation that was started anywhere; nothing is sent.

        Args:
            name: The full name, the id alone (which the official client calls a task id), or a handle, such
                as one that came from a pickle.

        Raises:
            InvalidArgument: It cannot be the name of an operation.
        """
        if isinstance(name, Handle):
            return self._handle(name.last, self)
        if isinstance(name, str) and "/" not in name:
            name = f"projects/{self.project}/operations/{name}"
        split_name(name)
        return self._handle(OperationState.named(name), self)

    def operation_from_json(self, text: str) -> H:
        """The handle that another process wrote with `operation.to_json()`.

        Raises:
            InvalidArgument: The text is not a handle's.
        """
        return self._handle.from_json(text, self)

    def operations(
        self,
        filter: str | None = None,  # noqa: A002 - the API's own name
        page_size: int = flows.PAGE_SIZE,
        *,
        states: Collection[str] | None = None,
        types: Collection[str] | None = None,
        description: str | re.Pattern[str] | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
    ) -> Listed:
        """The project's operations, of all its users, page by page as they are asked for.

        Selection by `filter` is done by the service, whose grammar is not documented; the rest is done here.

        Args:
            filter: Passed to the service as it is.
            page_size: Operations to a page, 1 or more; the service may give fewer. Default 500.
            states: Only operations in one of these states, such as {"PENDING", "RUNNING"}.
            types: Only operations of one of these types, such as {"EXPORT_IMAGE"}.
            description: Only operations whose whole description matches: a pattern with * and ?, or a
                compiled regular expression.
            created_after: Only operations created at this time or later; timezone-aware.
            created_before: Only operations created before this time; timezone-aware.

        Raises:
            RequestError: No usable answer came, while iterating.
            InvalidArgument: `page_size` is below 1, or a time has no timezone.

        Reference: projects.operations.list.
        """
        if page_size < 1:
            raise InvalidArgument("page_size", page_size, "A page holds 1 operation or more.")
        for argument, moment in (("created_after", created_after), ("created_before", created_before)):
            if moment is not None and moment.tzinfo is None:
                raise InvalidArgument(argument, moment, "It has no timezone.", "Add one, such as UTC.")
        if isinstance(description, str):
            description = re.compile(fnmatch.translate(description))

        def wanted(state: OperationState) -> bool:
            created = state.create_time
            return (
                (states is None or state.state in states)
                and (types is None or state.type in types)
                and (description is None or description.fullmatch(state.description) is not None)
                and (created_after is None or (created is not None and created >= created_after))
                and (created_before is None or (created is not None and created < created_before))
            )

        return self.iterate(self._list(wanted, page_size=page_size, filter=filter))  # type: ignore[no-any-return]

    def _list(self, wanted: Callable[[OperationState], bool], **options: Any) -> flows.Flow[None]:
        token, first = "", True
        while token or first:
            page = yield from flows.list_page(self.context, self.project, page_token=token, **options)
            token, first = page.next_token, False
            for reply in page.operations:
                if wanted(state := OperationState.from_dict(reply)):
                    yield flows.Emit(self._handle(state, self))

    def _usable_driver(self) -> Any:
        self._http.check_usable()
        return self._driver

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

    def __repr__(self) -> str:
        return f"{type(self).__name__}(project={self.project!r}, {self.credentials_source})"


class Client(_Client[Operation, Operation, Iterator[Operation]]):
    """The service, for one project and one account; calls block. Share one among threads.

    with Client(project="my-project") as client:
        operation = client.export_image(image, to=CloudStorage("my-bucket"), region=…, scale=30)
        operation.wait()
    """

    _handle = Operation

    def _connect(self, **options: Any) -> None:
        self._http = SyncHttp(verify=tls_context(options["base_url"]), limits=LIMITS, **options)
        self._rest.set_httpx_client(self._http)
        self._driver = SyncDriver(self._rest)

    def close(self) -> None:
        """Close the connections; the client cannot be used after."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient(
    _Client[AsyncOperation, Coroutine[Any, Any, AsyncOperation], AsyncIterator[AsyncOperation]]
):
    """The service, for one project and one account; the names and arguments of `Client`, awaited.

    Works under asyncio and trio. `operations()` is iterated over with `async for`.
    """

    _handle = AsyncOperation

    def _connect(self, **options: Any) -> None:
        verify = tls_context(options["base_url"])
        # httpx sets up the proxies of the environment itself, unless it is given a transport.
        proxied = options["trust_env"] and getproxies()
        transport = None if proxied else FastestTransport(verify)
        self._http = AsyncHttp(verify=verify, limits=LIMITS, transport=transport, **options)
        self._rest.set_async_httpx_client(self._http)
        self._driver = AsyncDriver(self._rest)

    async def close(self) -> None:
        """Close the connections; the client cannot be used after."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
