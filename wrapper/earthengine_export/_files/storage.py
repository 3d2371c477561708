"""Cloud Storage, read with google-cloud-storage as the account of an Earth Engine client. All of it blocks.

The library lists and reads; what is tried again, and when, stays with this package's `Retry`, and the token
with the client's own `auth`.
"""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeVar

import httpx

from .._connect.access import Access
from .._connect.environment import check_url, is_private
from .._connect.faults import rule_for
from .._extras import how_to_install
from ..errors import ApiError, BadReply, ConnectionFailed, EarthEngineError, RequestError

if TYPE_CHECKING:
    from google.auth import credentials

T = TypeVar("T")
GOOGLE = "https://storage.googleapis.com"
_EMULATOR = "STORAGE_EMULATOR_HOST"
_TIMEOUT = 60.0  # seconds without a byte
_FIELDS = "items(name,size,generation,crc32c,timeCreated),nextPageToken"


class Bucket(Protocol):
    """The library's bucket, as far as it is used here."""

    name: str

    def blob(self, blob_name: str, *, generation: int) -> Blob:
        """One of its objects; nothing is asked."""


class Blob(Protocol):
    """The library's object, as far as it is used here."""

    bucket: Bucket
    name: str
    size: int
    generation: int
    crc32c: str | None
    time_created: datetime | None

    def download_to_file(self, file_obj: Sink, **options: object) -> None:
        """Read it."""


class Sink(Protocol):
    """Where the bytes of an object go."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""


def endpoint(access: Access, environ: Mapping[str, str] = os.environ) -> str:
    """Where a client's files are: Google, STORAGE_EMULATOR_HOST, or the emulator that the client talks to."""
    if host := environ.get(_EMULATOR):
        return str(check_url(_EMULATOR, host if "://" in host else f"http://{host}")).rstrip("/")
    own = httpx.URL(access.base_url)
    # Plain http goes to an emulator, and so does what stays on this machine.
    return access.base_url if own.scheme == "http" or is_private(own.copy_with(scheme="http")) else GOOGLE


class Storage:
    """The buckets that an account can read.

    Args:
        access: Whose account it is.
        connections: How many threads will read at once.

    Raises:
        ImportError: google-cloud-storage is not installed; it is in the extra `files`.
    """

    def __init__(self, access: Access, connections: int = 1) -> None:
        try:
            # Untyped, all of them.
            AuthorizedSession = import_module("google.auth.transport.requests").AuthorizedSession  # noqa: N806
            HTTPAdapter = import_module("requests.adapters").HTTPAdapter  # noqa: N806
            storage = import_module("google.cloud.storage")
        except ImportError as error:
            raise ImportError(
                "files() and download() need the package google-cloud-storage: "
                f"{how_to_install('files', 'google-cloud-storage')}.",
                name="google.cloud.storage",
            ) from error
        url = endpoint(access)
        session = AuthorizedSession(_credentials(access.auth, url))
        session.trust_env = url.startswith("https:")  # no proxy for what stays here, as for other requests
        session.verify = os.environ.get("SSL_CERT_FILE") or True
        session.mount("https://", HTTPAdapter(pool_maxsize=connections))
        session.mount("http://", HTTPAdapter(pool_maxsize=connections))
        self.host = httpx.URL(url).host
        self._client = storage.Client(
            access.project,
            credentials=session.credentials,
            _http=session,
            client_options={"api_endpoint": url},
        )
        # It would ask after each bucket, for traces that nobody reads, by a permission that few have.
        self._client._bucket_metadata_cache = None

    def list(self, bucket: str, prefix: str) -> list[Blob]:
        """The objects whose names begin with the prefix, without those in folders below it.

        Raises:
            RequestError: No usable answer came.
        """

        def list_all() -> list[Blob]:
            found = self._client.list_blobs(
                bucket, prefix=prefix, delimiter="/", fields=_FIELDS, timeout=_TIMEOUT, retry=None
            )
            return [*found]

        return self._asked("storage.objects.list", f"gs://{bucket}", list_all)

    def read(self, blob: Blob, start: int, sink: Sink) -> None:
        """Send an object's bytes from `start` on, as they are stored, to the sink.

        Raises:
            RequestError: They did not all come.
        """
        where = f"gs://{blob.bucket.name}/{blob.name}"
        # Without the address that the list gave: of the host that was asked, whatever stands before it.
        bare = blob.bucket.blob(blob.name, generation=blob.generation)
        self._asked(
            "storage.objects.get",
            where,
            lambda: bare.download_to_file(
                sink,
                start=start or None,
                raw_download=True,
                if_generation_match=blob.generation,
                checksum=None,
                timeout=_TIMEOUT,
                retry=None,
            ),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _asked(self, method: str, where: str, ask: Callable[[], T]) -> T:
        import requests
        import urllib3
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError

        try:
            return ask()
        except EarthEngineError:
            raise
        except GoogleAPICallError as error:
            failure = _refusal(error.code or 500, str(error.message), where)
            asked = str(getattr(error.response, "headers", {}).get("retry-after", ""))
            failure.retry_after = float(asked) if asked.isdecimal() else None
        except (requests.exceptions.JSONDecodeError, AttributeError, KeyError, TypeError):
            # The library takes whatever JSON it gets for an object with the fields of one.
            failure = BadReply(f"{self.host} answered with no JSON object.", fault="bad-reply", status=200)
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            GoogleAuthError,
            ConnectionError,
        ) as error:
            fault = _fault(error)
            text = f"No whole reply from {self.host} ({fault}): {type(error).__name__}."
            failure = ConnectionFailed(text, fault=fault)
        # Raised out here, so that no exception that holds a request, and so the token, hangs on it.
        failure.api_method = method
        raise failure


def _credentials(auth: httpx.Auth | None, url: str) -> credentials.Credentials:
    from google.auth import credentials

    if auth is None or not is_private(httpx.URL(url)):
        anonymous: Callable[[], credentials.Credentials] = credentials.AnonymousCredentials
        return anonymous()
    client = auth

    class OfClient(credentials.Credentials):
        """The client's own token, kept fresh by the client, and its quota project."""

        def before_request(self, _: object, method: str, url: str, headers: dict[str, str]) -> None:
            signing = client.sync_auth_flow(httpx.Request(method, url))
            signed = next(signing).headers
            headers.update({name: value for name, value in signed.items() if name != "host"})
            signing.close()

        def refresh(self, _: object) -> None:
            signing = client.sync_auth_flow(httpx.Request("GET", url))
            next(signing)
            signing.send(httpx.Response(401))
            signing.close()

    of_client: Callable[[], credentials.Credentials] = OfClient
    return of_client()


def _refusal(status: int, message: str, where: str) -> RequestError:
    """The error for a status of 400 or more."""
    cls = rule_for(str(status)).raises
    cure = {
        401: "Log in anew, as docs/credentials.md says.",
        403: "The account needs storage.objects.list and storage.objects.get on the bucket: grant it "
        "roles/storage.objectViewer.",
        404: "There is no such bucket or object, or it was deleted or written anew meanwhile.",
        412: "It was written anew meanwhile: call again for the new one.",
    }.get(status, "")
    said = message.rpartition(": ")[2].strip().rstrip(".") or "no reason given"
    if "HTTPStatus" in message:  # the library's words on statuses, where it read no body
        said = http.client.responses.get(status, "no reason given")
    text = f"{where}: Cloud Storage answered {status}: {said}. {cure}".rstrip()
    if issubclass(cls, ApiError):
        return cls(text, status=status)
    return BadReply(text, fault="redirect", status=status)


def _fault(error: BaseException | None) -> str:
    """The policy's name for what was raised without a reply."""
    import requests
    from urllib3 import exceptions as lower

    causes = [error, *getattr(error, "args", ()), getattr(getattr(error, "args", [None])[0], "reason", None)]

    def is_any(*types: type[BaseException]) -> bool:
        return any(isinstance(cause, types) for cause in causes)

    if is_any(lower.NameResolutionError):
        return "name-resolution"
    if is_any(requests.exceptions.SSLError, lower.SSLError):
        return "tls"
    if is_any(requests.Timeout, lower.TimeoutError) and not is_any(lower.ConnectTimeoutError):
        return "timeout"
    if is_any(lower.NewConnectionError, lower.ConnectTimeoutError):
        return "connection-refused"
    return "connection-broken"
