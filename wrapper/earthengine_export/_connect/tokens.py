"""google-auth over httpx: making its credentials, and signing requests with them.

Imported when credentials are first needed. One adapter lets google-auth reach token endpoints and metadata
servers; one `httpx.Auth` keeps the token fresh, for threads and tasks alike.
"""

from __future__ import annotations

import copy
import os
import re
import threading
import warnings
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import closing, suppress
from importlib import import_module
from typing import Any, cast

import anyio
import anyio.to_thread
import attrs
import google.auth
import httpx
from google.auth import transport
from google.auth.credentials import Credentials, with_scopes_if_required
from google.auth.exceptions import GoogleAuthError, TransportError

from ..errors import ConnectionFailed, CredentialsError, EarthEngineError
from .faults import rule_for
from .hosts import is_private
from .http import Bounded, fault_of, retry_after, tls_context
from .identity import SCOPES, Identity, redact

_TIMEOUT = 30.0  # seconds, where google-auth names none
# Where programs on cloud machines ask who they are: plain http that does not leave the host.
_METADATA_HOSTS = {"metadata.google.internal", "169.254.169.254", "169.254.170.2", "fd00:ec2::254"}
# By the type in a credentials file: where google-auth makes an object of it.
_FACTORIES = {
    "authorized_user": ("google.oauth2.credentials", "from_authorized_user_info"),
    "service_account": ("google.oauth2.service_account", "from_service_account_info"),
    "impersonated_service_account": (
        "google.auth.impersonated_credentials",
        "from_impersonated_service_account_info",
    ),
    "external_account": ("google.auth.identity_pool", "from_info"),
    "external_account_authorized_user": ("google.auth.external_account_authorized_user", "from_info"),
}
_AWS = "urn:ietf:params:aws:token-type:aws4_request"
# What users of `earthengine authenticate` log in to where the file does not say. It is public.
_EARTHENGINE_APP = {
    "client_id": "517222506229-vsmmajv00ul0bs7p89v5m89qs8eb9359.apps.googleusercontent.com",
    "client_secret": "RUP0RZ6e0pPhDzsqIJ7KlNd1",
}
# What google-auth raises for a file that it cannot use.
UNUSABLE = (GoogleAuthError, ValueError, TypeError, AttributeError, LookupError)


@attrs.frozen
class _Response(transport.Response):
    status: int
    headers: Mapping[str, str]
    data: bytes = attrs.field(repr=False)


class HttpxRequest(transport.Request):
    """How google-auth sends its requests: over httpx, which checks certificates and knows proxies.

    A fault that passes is raised as TransportError, with the error to raise in the end as its cause.
    google-auth lets it through; after a bad status it would sleep and repeat by itself.
    """

    def __call__(  # type: ignore[override] # google-auth passes no more than this
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cert: tuple[str, str] | None = None,
    ) -> _Response:
        """Send one request; `cert` holds the paths of a client certificate and its key."""
        target = httpx.URL(url)
        own = os.environ.get("GCE_METADATA_HOST", "").partition(":")[0]
        if not is_private(target) and target.host not in {own, *_METADATA_HOSTS}:
            raise TransportError(f"Tokens are not asked for over plain http from {target.host}.")  # type: ignore[no-untyped-call]
        context = httpx.create_ssl_context() if cert else tls_context(url)
        if cert:
            context.load_cert_chain(*cert)
        # A proxy would read what plain http carries, and it does not reach metadata servers.
        proxies = target.scheme == "https"
        seconds = timeout or _TIMEOUT
        asked = None
        try:
            with (
                httpx.Client(verify=context, trust_env=proxies, timeout=seconds) as client,
                client.stream(method, target, content=body, headers=headers) as reply,
            ):
                reply.stream = Bounded(reply.stream, seconds)
                reply.read()
        except httpx.HTTPError as error:
            fault = fault_of(error)
        else:
            fault, asked = _wrong_with(reply, method), retry_after(reply)
            # A refusal of the credentials is google-auth's to judge.
            if not fault or rule_for(fault).token_raises is CredentialsError:
                return _Response(reply.status_code, reply.headers, reply.content)
        failure = ConnectionFailed(
            f"No token could be got from {target.host} ({fault}), so the request was not sent.",
            fault=fault,
            retry_after=asked,
        )
        failure.of_token = True
        raise TransportError(f"{target.host}: {fault}") from failure  # type: ignore[no-untyped-call]


def _wrong_with(reply: httpx.Response, method: str) -> str:
    """The policy's name for what is wrong with a reply, or ""."""
    status = reply.status_code
    if status >= 300:
        return "redirect" if status < 400 else str(status)
    # Every exchange of tokens is a POST that is answered by an object; the page of a café's Wi-Fi is not.
    try:
        return "" if method != "POST" or isinstance(reply.json(), dict) else "bad-reply"
    except ValueError:
        return "bad-reply"


class GoogleAuth(httpx.Auth):
    """Signs requests with the token of google-auth credentials, and renews it when it is needed.

    The token is renewed ahead of its end, and once when the service answers 401. However many threads and
    tasks wait for a new token, one of them gets it, and a failure is told to all who waited for it. A network
    that fails is raised as `ConnectionFailed`, which the client's `Retry` repeats; a refusal is final.

    Raises:
        CredentialsError: The credentials were refused, or the token may not go to the request's host.
        ConnectionFailed: The token endpoint gave no usable answer.
    """

    def __init__(self, identity: Identity, quota_project: str) -> None:
        self._identity = identity
        self._credentials: Credentials = identity.credentials
        self._quota_project = quota_project
        # How many renewals have ended, and how the last one did. Who saw fewer when it took its token
        # need not renew again.
        self._renewals = 0
        self._failure: EarthEngineError | None = None
        self._lock = threading.Lock()
        self._gate = anyio.Lock()

    def __repr__(self) -> str:
        return f"GoogleAuth({self._identity})"

    def __reduce__(self) -> str:
        raise TypeError("credentials are not pickled, since they are secret: make a client where it is used")

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """What httpx.Client runs around each request."""
        steps, answer = self._steps(request), None
        with closing(steps), suppress(StopIteration):
            while True:
                step, answer = steps.send(answer), None
                if isinstance(step, httpx.Request):
                    answer = yield step
                else:
                    self._renew(step)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """What httpx.AsyncClient runs around each request."""
        steps, answer = self._steps(request), None
        with closing(steps), suppress(StopIteration):
            while True:
                step, answer = steps.send(answer), None
                if isinstance(step, httpx.Request):
                    answer = yield step
                else:
                    await self._renew_in_thread(step)

    def _steps(self, request: httpx.Request) -> Generator[httpx.Request | int, httpx.Response | None, None]:
        """Yields a request, and is sent its response; or the renewals that it has seen, to have one more."""
        seen = self._renewals  # read first: a renewal that ends meanwhile is one that was waited for
        if not self._credentials.valid:
            yield seen
            self._raise_failure()
            seen = self._renewals
        try:
            self._sign(request)
            response = yield request
            if response is not None and response.status_code == 401:
                yield seen
                self._raise_failure()
                self._sign(request)
                yield request
        finally:
            # A request lives on in responses and errors, which may be pickled; its token does not.
            request.headers.pop("authorization", None)

    def _sign(self, request: httpx.Request) -> None:
        if not is_private(request.url):
            raise CredentialsError(f"The token is not sent to {request.url.host} over plain http. Use https.")
        headers = httpx.Headers()  # whose repr hides the token from reports that show local variables
        self._credentials.apply(headers)  # type: ignore[no-untyped-call]
        # As the official client does: the credentials' own quota project gives way to the client's.
        headers["x-goog-user-project"] = self._quota_project
        if not all(re.fullmatch(r"[!-~]([ -~]*[!-~])?", value) for value in headers.values()):
            # The HTTP library would quote the header in its error.
            raise CredentialsError(
                f"The token ({self._identity}) holds characters that no HTTP header can carry, such as a "
                "line end. Read it anew, and strip it."
            )
        request.headers.update(headers)

    def _renew(self, seen: int) -> None:
        with self._lock:
            if self._renewals == seen:
                self._failure = self._refresh()
                self._renewals += 1

    async def _renew_in_thread(self, seen: int) -> None:
        async with self._gate:
            if self._renewals == seen:
                # Left to itself when the task is cancelled, so that the caller's timeouts hold.
                await anyio.to_thread.run_sync(self._renew, seen, abandon_on_cancel=True)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise copy.copy(self._failure)

    def _refresh(self) -> EarthEngineError | None:
        """Get a new token; the error, if any, is free of google-auth's, whose parts may quote secrets."""
        try:
            self._credentials.refresh(HttpxRequest())  # type: ignore[no-untyped-call]
        except UNUSABLE as error:
            return _passing(error) or CredentialsError(
                f"The credentials ({self._identity}) were refused: {words(error)} {self._identity.cure}"
            )
        return None


def words(error: BaseException) -> str:
    """The message of an error of google-auth, without the reply and the secrets that it may quote."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return f"{redact(text).rstrip('.')}."


def _passing(error: BaseException | None) -> ConnectionFailed | None:
    """The fault of the network under an error of google-auth."""
    while error is not None and not isinstance(error, ConnectionFailed):
        error = error.__cause__
    return error


def application_default() -> tuple[Credentials, str | None]:
    """Application Default Credentials, and the project that google-auth found with them.

    Raises:
        CredentialsError: There are none, or they cannot be used.
        ConnectionFailed: A token endpoint that was asked for the project gave no usable answer.
    """
    try:
        with warnings.catch_warnings():
            # It warns of credentials without a quota project; the client always sends one.
            warnings.filterwarnings("ignore", message=".*quota project")
            return google.auth.default(scopes=SCOPES, request=HttpxRequest())
    except UNUSABLE as error:
        failure = _passing(error) or CredentialsError(
            f"No credentials were found: {words(error)} Run `earthengine authenticate` or `gcloud auth "
            "application-default login`, or give a service account: Client.from_service_account."
        )
    raise failure


def from_info(info: dict[str, Any]) -> Credentials:
    """The credentials for the content of a file; what it raises is among UNUSABLE.

    google-auth's own function for this warns that it is deprecated.
    """
    kind = info.get("type", "authorized_user" if "refresh_token" in info else None)
    if kind not in _FACTORIES:
        raise ValueError(f"its type, {kind!r}, is none of {', '.join(_FACTORIES)}.")
    module, factory = _FACTORIES[kind]
    if kind == "authorized_user":
        # The official client, too, takes its file's project as the quota project.
        quota_project = info.get("project") or info.get("quota_project_id")
        info = {**_EARTHENGINE_APP, **info, "quota_project_id": quota_project}
    elif kind == "external_account" and info.get("subject_token_type") == _AWS:
        module = "google.auth.aws"
    elif kind == "external_account" and "executable" in info["credential_source"]:
        module = "google.auth.pluggable"
    found = getattr(import_module(module).Credentials, factory)(info)
    if kind == "authorized_user" and "token_uri" in info:
        found = found.with_token_uri(info["token_uri"])
    return cast(Credentials, with_scopes_if_required(found, SCOPES))  # type: ignore[no-untyped-call]
