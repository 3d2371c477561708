"""The two ways in which the service says no: a refused request, and an export that fails later."""

import json
from typing import Any

# The names of google.rpc.Code, by the HTTP status that Google's REST front end maps them to.
STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class Refusal(Exception):
    """A request that is answered with an error.

    Args:
        message: What is wrong, in Google's words where they are known.
        code: The HTTP status.
        details: The error body's `details`.
    """

    def __init__(self, message: str, code: int = 400, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        self.message, self.code, self.details = message, code, details

    def body(self) -> dict[str, Any]:
        """The JSON body of the reply."""
        return error_body(self.code, self.message, self.details)

    def json(self) -> bytes:
        """The body as it is sent."""
        return json.dumps(self.body()).encode()


def error_body(code: int, message: str, details: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Google's error body for an HTTP status."""
    error: dict[str, Any] = {
        "code": code,
        "message": message,
        "status": STATUS_NAMES.get(code, "UNKNOWN"),
    }
    if details:
        error["details"] = details
    return {"error": error}


class ExportError(Exception):
    """Why an export fails, as its operation's `error` says it.

    Args:
        message: The reason.
        code: The google.rpc.Code; 3 (INVALID_ARGUMENT) by default.
    """

    def __init__(self, message: str, code: int = 3) -> None:
        super().__init__(message)
        self.message, self.code = message, code
