"""How a request ends that gets no usable answer, and a submit that gets none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .root import EarthEngineError

if TYPE_CHECKING:
    import httpx


class RequestError(EarthEngineError):
    """A request to the service got no usable answer.

    Attributes:
        fault: What went wrong, as a row of the retry policy names it ("connection-refused", "503", …).
        api_method: The method that was called ("projects.image.export", …), or "" where it is unknown.
        status: The reply's HTTP status, or None without a reply.
        retry_after: The seconds that a Retry-After header asked to wait, or None.
        of_token: Whether it befell the renewal of the token, so that the request itself was not sent.
        attempts: How often the call was tried.
    """

    def __init__(
        self,
        message: str,
        *,
        fault: str,
        api_method: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.api_method = api_method
        self.status = status
        self.retry_after = retry_after
        self.of_token = False
        self.attempts = 1

    def _fate(self) -> str:
        attempts = f"({self.attempts} attempts were made.)" if self.attempts > 1 else ""
        return " ".join(filter(None, (attempts, super()._fate())))


class ConnectionFailed(RequestError):
    """No reply came: the host was not reached, the connection broke, or the time was up."""

    _cure = "Check the network, base_url, any proxy (HTTPS_PROXY) and the certificates (SSL_CERT_FILE)."
    _again = "Then try again."


class BadReply(RequestError):
    """A reply came that is not the service's: a redirect, or a success that is not a JSON object."""

    _cure = "Check base_url and any proxy."


class ApiError(RequestError):
    """The service, or something in front of it, answered with an error status.

    Attributes:
        status: The HTTP status.
        message: The service's text, or what stands in its place.
        response: The reply, without what was asked; None where there is none.
        reason: The service's own word for it: `error.status` of the reply ("INVALID_ARGUMENT", …), or "".
        details: `error.details` of the reply, as it came.
    """

    status: int

    def __init__(
        self,
        message: str,
        *,
        status: int,
        api_method: str = "",
        reason: str = "",
        details: Sequence[object] = (),
        retry_after: float | None = None,
        response: httpx.Response | None = None,
    ) -> None:
        super().__init__(
            message, fault=str(status), api_method=api_method, status=status, retry_after=retry_after
        )
        self.message = message
        self.response = response
        self.reason = reason
        self.details = list(details)


class InvalidRequest(ApiError):
    """400: the service refuses what was asked."""

    _again = "Correct the request: the same one would get the same answer."


class Unauthenticated(ApiError):
    """401: the credentials were not accepted, a fresh token included."""


class PermissionDenied(ApiError):
    """403: the account lacks a permission or the token a scope; the message names it."""


class NotFound(ApiError):
    """404: no such operation or project, or one that this account may not see."""

    _cure = (
        "Check the names of the project, and of the assets or the operation; client.operations() lists the "
        "operations that the service still knows."
    )


class Conflict(ApiError):
    """409: the request does not fit the present state, such as a requestId that was used before."""

    _again = "Look at how things are with client.operations(), and ask anew."


class RateLimited(ApiError):
    """429: too many requests; the retries that the policy allows are used up."""

    _cure = "Send fewer requests at once."
    _again = "Or try again later."


class QueueFull(ApiError):
    """Too many tasks are queued in the project; the refused submit started none."""

    _again = "Wait until some tasks have ended, and submit with a new request_id: this one may be used up."


class ServerError(ApiError):
    """5xx: the service or a proxy failed; the retries that the policy allows are used up."""

    _again = "Try again later."


class DuplicateRequest(EarthEngineError):
    """The request id was used before, by another export or by one that cannot be told.

    Attributes:
        request_id: The id.
        candidates: Names of the operations that may be the one; empty where none fits.
        may_exist: Whether one of them may be this export, or it may have been started and is not listed.
    """

    def __init__(
        self, message: str, *, request_id: str, candidates: Sequence[str] = (), may_exist: bool = True
    ) -> None:
        super().__init__(message)
        self.request_id = request_id
        self.candidates = list(candidates)
        self.may_exist = may_exist

    def _fate(self) -> str:
        if not self.may_exist:
            return "This one was not started; submit it with a request_id of its own, or with none."
        if not self.candidates:
            return (
                "None that is listed can be it. It was started at most once: look for it with "
                "client.operations() in a moment; submit it with a new request_id only if it is not there."
            )
        return (
            f"It may be one of these: {', '.join(self.candidates)}. It was started at most once: look at "
            "them with client.operation(name); submit it with a new request_id only if none of them is it."
        )
