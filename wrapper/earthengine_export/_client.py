"""What both clients tell and check without asking the service, and how they are made."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

import attrs

from ._connect import access
from ._connect.frames import Guarded
from ._connect.http import AsyncHttp, SyncHttp
from ._describe import plain
from ._describe.destinations import Drive
from ._errors.refusals import instead_of_sending, instead_of_showing
from ._errors.root import if_made
from ._run import environment, tables
from ._run.drivers import AsyncDriver, SyncDriver
from ._run.flows import Context
from ._run.names import split_name
from ._run.policy import Retry, number
from .errors import InvalidArgument, InvalidArgumentType
from .image_export import ImageExport
from .operation_state import OperationState
from .operations import Handle

if TYPE_CHECKING:
    import httpx
    from google.auth.credentials import Credentials

_PACKAGE = str(__package__)


class BaseClient:
    """What both clients tell and check without asking the service."""

    _context: Context
    _driver: SyncDriver | AsyncDriver
    _http: SyncHttp | AsyncHttp
    _kinds: ClassVar[tuple[type[SyncHttp | AsyncHttp], type[SyncDriver | AsyncDriver]]]

    def __init__(
        self,
        project: str | None = None,
        credentials: (
            Credentials | access.Anonymous | Mapping[str, object] | str | PathLike[str] | None
        ) = None,
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
        # A key may be given in any place, and the environment's variables may hold a proxy's password.
        with Guarded(_PACKAGE):
            with instead_of_showing():
                version = plain.checked("api_version", _version, api_version)
                timeout = number("timeout", timeout, above=True)
                retry = plain.checked("retry", _retry, retry)
            project = plain.checked("project", plain.own, project)
            credentials = plain.checked("credentials", plain.own, credentials)
            base_url = plain.checked("base_url", plain.own, base_url)
            quota_project = plain.checked("quota_project", plain.own, quota_project)
            http_client = plain.checked("http_client", plain.own, http_client)
            found = access.resolve(credentials, project, base_url=base_url, quota_project=quota_project)
            self._http = self._kinds[0](found, version, timeout, http_client)
        self._context = Context(
            access=found,
            retry=retry,
            environment=environment.current(),
            clock_ahead=lambda: self._http.ahead,
        )
        self._drive()
        tables.show_lists()

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
        with Guarded(_PACKAGE):
            with instead_of_showing():
                timeout = None if timeout is None else number("timeout", timeout, above=True)
                retry = plain.checked("retry", _retry, self._context.retry if retry is None else retry)
            made = type(self).__new__(type(self))
            quota_project = plain.checked("quota_project", plain.own, quota_project)
            made._http = self._http.with_options(timeout, quota_project)
        made._context = attrs.evolve(self._context, access=made._http.access, retry=retry)
        made._drive()
        return made

    def _drive(self) -> None:
        self._driver = self._kinds[1](self._context, self._http.rest, self._http.check_usable)

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
    def from_service_account(cls, key: str | PathLike[str] | Mapping[str, object], **options: Any) -> Self:
        """A client for a service account.

        Args:
            key: The path of its key file, or the file's content.
            options: The other arguments of the constructor; the project is by default the account's own.

        Raises:
            CredentialsError: The key cannot be read, or is another kind of file.
        """
        with Guarded(_PACKAGE):
            try:
                credentials = access.service_account(plain.checked("key", plain.own, key))
            except (InvalidArgument, InvalidArgumentType) as error:
                error.argument = "key"
                raise
            return cls(credentials=credentials, **options)

    def _check(self, export: ImageExport, queue_timeout: float | None) -> float | None:
        """Refuse what is no export; the queue_timeout as a number."""
        with instead_of_sending():
            plain.checked("export", _export, export)
        if queue_timeout is not None:
            queue_timeout = number("queue_timeout", queue_timeout)
        account = self._context.access.account or ""
        if isinstance(export.to, Drive) and account.endswith("gserviceaccount.com"):
            warnings.warn(
                f"Files go to the Drive of the service account {account}, where nobody sees them; "
                "export to Cloud Storage instead.",
                stacklevel=_users_level(),
            )
        return queue_timeout

    def _found(self, name: object) -> tuple[OperationState, ImageExport | None]:
        """What is known of the operation that a caller means."""
        known = plain.checked("name", _handle_or_text, name)
        if isinstance(known, Handle):
            return known.last, known.export
        full = known if "/" in known else f"projects/{self.project}/operations/{known}"
        split_name(full)
        return OperationState.named(full), None

    @if_made
    def __repr__(self) -> str:
        return f"{type(self).__name__}(project={self.project!r}, {self.credentials_source})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"A {type(self).__name__} holds connections and cannot be pickled or copied. Make one in each "
            "process, and send operation.name or operation.to_json() there."
        )


def _version(value: object) -> str:
    return plain.text(value, r"v[0-9]{1,9}(alpha|beta)?", "It must be a version such as v1beta or v1.")


_retry = plain.one_of(Retry, cure="Retry(retries=0) is for none.")
_export = plain.one_of(ImageExport, cure="Use export_image(image, to=…) to give an image.")


def _handle_or_text(value: object) -> Handle[Any] | str:
    return value if isinstance(value, Handle) else plain.text(value)


def _users_level() -> int:
    """The `stacklevel` of the first line that is not this package's."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and str(frame.f_globals.get("__name__")).startswith(f"{__package__}."):
        level, frame = level + 1, frame.f_back
    return level
