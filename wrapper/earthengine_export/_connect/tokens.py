"""google-auth over httpx: making its credentials, and signing requests with them.

Imported when credentials are first needed. One adapter lets google-auth reach token endpoints and metadata
servers; one `httpx.Auth` keeps the token fresh, for threads and tasks alike.
"""

# google-auth's functions have no types, and a vendored copy has no settings of ours.
# mypy: allow-untyped-calls

from __future__ import annotations

import copy
import os
import re
import threading
import warnings
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import closing, suppress
from importlib import import_module
from typing import cast

import anyio.to_thread
import attrs
import google.auth
import httpx
from google.auth import transport
from google.auth.credentials import Credentials, with_scopes_if_required
from google.auth.exceptions import GoogleAuthError, TransportError

from ..errors import ConnectionFailed, CredentialsError, EarthEngineError
from .environment import client_options, is_private
from .exchange import Exchange
from .faults import rule_for
from .fetching import fetch
from .identity import SCOPES, Identity, redact
from .replies import json_object, retry_after

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
# What google-auth raises for a file that it cannot use. The texts of these five speak of its code, not of
# the file.
_OF_CODE = (TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
UNUSABLE = (GoogleAuthError, httpx.InvalidURL, ValueError, *_OF_CODE)


@attrs.frozen
class _Response(transport.Response):
    status: int
    headers: Mapping[str, str]
    data: bytes = attrs.field(repr=False)


class HttpxRequest(transport.Request):
    """How google-auth sends its requests: over httpx, which checks certificates and knows proxies.

    Its own transport over requests follows redirects, sends loopback and metadata requests to proxies, has no
    bound for the whole, and does not know SSL_CERT_FILE.

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
        if not is_private(target) and target.host not in {own, *_METADATA_HOSTS} - {""}:
            host = target.host or "what is no address"
            raise TransportError(f"Tokens are not asked for over plain http from {host}.")
        options = client_options(url)
        if cert:
            options["verify"] = httpx.create_ssl_context()
            options["verify"].load_cert_chain(*cert)
        try:
            transport = httpx.HTTPTransport(**options)
            with transport, Exchange(target.host, timeout or _TIMEOUT) as exchange:
                asked_for = httpx.Request(
                    method, target, content=body, headers=headers, extensions=exchange.extensions
                )
                reply, content = fetch(transport, asked_for, exchange)
        except ConnectionFailed as error:
            failed = _no_token(target.host, error.fault, str(error.__cause__).rstrip("."), error.status)
        else:
            fault, status = _wrong_with(reply, content, method), reply.status_code
            # A refusal of the credentials is google-auth's to judge.
            if not fault or rule_for(fault).token_raises is CredentialsError:
                return _Response(status, reply.headers, content or b"")
            failed = _no_token(target.host, fault, reply.reason_phrase, status, retry_after(reply))
        raise TransportError(f"{target.host}: {failed.fault}") from failed


def _no_token(
    host: str, fault: str, why: str, status: int | None, asked: float | None = None
) -> ConnectionFailed:
    text = f"No token could be got from {host} ({fault}), so the request was not sent: {why}."
    failed = ConnectionFailed(text, fault=fault, status=status, retry_after=asked)
    failed.of_token = True
    return failed


def _wrong_with(reply: httpx.Response, content: bytes | None, method: str) -> str:
    """The policy's name for what is wrong with a reply, or ""."""
    status = reply.status_code
    if status >= 300:
        return "redirect" if status < 400 else str(status)
    # Every exchange of tokens is a POST that is answered by an object; the page of a café's Wi-Fi is not.
    return "" if method != "POST" or json_object(content or b"") is not None else "bad-reply"


class Renewals:
    """The renewals of one account's token, which all copies of a client share.

    However many threads and tasks wait for a new token, one of them gets it, and a failure is told to all.

    Attributes:
        count: How many have ended. Who has seen fewer has an older token, and only needs to take the new one.
    """

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.credentials = cast(Credentials, identity.credentials)
        self.count = 0
        self._failure: EarthEngineError | None = None
        self._lock = threading.Lock()

    def renew(self, seen: int) -> None:
        """Get a new token, unless that was done since `seen` was read."""
        with self._lock:
            if self.count == seen:
                self._failure = self._refresh()
                self.count += 1

    def raise_failure(self) -> None:
        """Raise what the last renewal failed with."""
        if self._failure is not None:
            raise copy.copy(self._failure)

    def _refresh(self) -> EarthEngineError | None:
        """Get a new token; the error, if any, is free of google-auth's, whose parts may quote secrets."""
        try:
            self.credentials.refresh(HttpxRequest())
            if isinstance(self.credentials.token, str | bytes) and self.credentials.token:
                return None
            why = "the reply holds no token."
        except EarthEngineError as error:
            return error.with_traceback(None)
        except UNUSABLE as error:
            if passing := _passing(error):
                return passing.with_traceback(None)
            why = words(error)
        return CredentialsError(f"The credentials ({self.identity}) were refused: {why} {self.identity.cure}")


class GoogleAuth(httpx.Auth):
    """Signs requests with the token of google-auth credentials, and renews it when it is needed.

    The token is renewed ahead of its end, and once when the service answers 401. A network that fails is
    raised as `ConnectionFailed`, which the client's `Retry` repeats; a refusal is final.

    Raises:
        CredentialsError: The credentials were refused, or the token may not go to the request's host.
        ConnectionFailed: The token endpoint gave no usable answer.
    """

    def __init__(self, renewals: Renewals, quota_project: str) -> None:
        self._renewals, self._quota_project = renewals, quota_project

    def charging(self, quota_project: str) -> GoogleAuth:
        """The same for another project that is charged; they share the token."""
        return GoogleAuth(self._renewals, quota_project)

    def __repr__(self) -> str:
        return f"GoogleAuth({self._renewals.identity})"

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
                    self._renewals.renew(step)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """What httpx.AsyncClient runs around each request."""
        steps, answer = self._steps(request), None
        with closing(steps), suppress(StopIteration):
            while True:
                step, answer = steps.send(answer), None
                if isinstance(step, httpx.Request):
                    answer = yield step
                else:
                    # Left to itself when the task is cancelled, so that the caller's timeouts hold.
                    await anyio.to_thread.run_sync(self._renewals.renew, step, abandon_on_cancel=True)

    def _steps(self, request: httpx.Request) -> Generator[httpx.Request | int, httpx.Response | None, None]:
        """Yields a request, and is sent its response; or the renewals that it has seen, to have one more."""
        seen = self._renewals.count  # read first: a renewal that ends meanwhile is one that was waited for
        if not self._renewals.credentials.valid:
            yield seen
            self._renewals.raise_failure()
            seen = self._renewals.count
        try:
            self._sign(request)
            response = yield request
            if response is not None and response.status_code == 401:
                yield seen
                self._renewals.raise_failure()
                self._sign(request)
                yield request
        finally:
            # A request lives on in responses and errors, which may be pickled; its token does not.
            request.headers.pop("authorization", None)

    def _sign(self, request: httpx.Request) -> None:
        if not is_private(request.url):
            raise CredentialsError(f"The token is not sent to {request.url.host} over plain http. Use https.")
        headers = httpx.Headers()  # whose repr hides the token from reports that show local variables
        try:
            self._renewals.credentials.apply(headers)
        except UNUSABLE:  # a token that is no ASCII text
            headers = httpx.Headers({"authorization": "\0"})
        # As the official client does: the credentials' own quota project gives way to the client's.
        headers["x-goog-user-project"] = self._quota_project
        if not all(re.fullmatch(r"[!-~]([ -~]*[!-~])?", value) for value in headers.values()):
            # The HTTP library would quote the header in its error.
            raise CredentialsError(
                f"The token ({self._renewals.identity}) holds characters that no HTTP header can carry, such "
                "as a line end. Read it anew, and strip it."
            )
        request.headers.update(headers)


def words(error: BaseException) -> str:
    """The message of an error of google-auth, without the reply and the secrets that it may quote."""
    said: object = error
    while isinstance(said, BaseException | tuple | list):  # it nests them
        parts = said.args if isinstance(said, BaseException) else said
        said = parts[0] if parts else type(error).__name__
    text = (
        f"its content is not what its type asks for ({said!r})" if isinstance(error, _OF_CODE) else str(said)
    )
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
            "application-default login`, in Colab `google.colab.auth.authenticate_user()`, or give a service "
            "account: Client.from_service_account."
        )
    raise failure


def from_info(info: dict[str, object]) -> Credentials:
    """The credentials for the content of a file; what it raises is among UNUSABLE.

    google-auth's own function for this warns that it is deprecated.
    """
    kind = info.get("type", "authorized_user" if "refresh_token" in info else None)
    if not isinstance(kind, str) or kind not in _FACTORIES:
        said = "it has no type, which is one of" if kind is None else f"its type, {kind!r}, is none of"
        raise ValueError(f"{said} {', '.join(_FACTORIES)}.")
    if "\\n" in str(info.get("private_key")):
        raise ValueError(
            "its private_key has backslash-n in place of line ends, as when text is escaped twice. Put line "
            "ends in their place."
        )
    module, factory = _FACTORIES[kind]
    if kind == "authorized_user":
        # The official client, too, takes its file's project as the quota project.
        quota_project = info.get("project") or info.get("quota_project_id")
        info = {**_EARTHENGINE_APP, **info, "quota_project_id": quota_project}
    elif kind == "external_account" and info.get("subject_token_type") == _AWS:
        module = "google.auth.aws"
    elif kind == "external_account" and "executable" in cast(
        "Mapping[str, object]", info["credential_source"]
    ):
        module = "google.auth.pluggable"
    found = getattr(import_module(module).Credentials, factory)(info)
    if kind == "authorized_user" and "token_uri" in info:
        found = found.with_token_uri(info["token_uri"])
    return cast(Credentials, with_scopes_if_required(found, SCOPES))
