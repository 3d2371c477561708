"""What a reply is: a JSON object under a success status, or an error.

The generated code parses what it gets and trips over HTML, an empty body, or a status that `http.HTTPStatus`
does not know; it gets only what passes here.
"""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime

import attrs
import httpx

from ..errors import ApiError, BadReply, ConnectionFailed, RequestError
from .environment import masked
from .faults import rule_for
from .fetching import MOST

QUEUE_FULL = "too many tasks already in the queue"
DUPLICATE_REQUEST = "already started with the given request_id"
_SHOWN = 300  # characters of a foreign reply in a message
_KIND = 80  # and of what it says it is
_SURROGATES = (b"\\ud", b"\\uD", b"\xed")  # how half a character begins, written in ASCII or as it is
_OF_TRANSFER = re.compile(rb"(?i)(content-encoding|content-length|transfer-encoding)$")
_BEARER = re.compile(rb"""(?i)(\bbearer\s+)[^\s"'<>\\]+""")


@attrs.frozen
class Success:
    """As much of an `httpx.Response` as the generated code reads; to make a whole one takes longer.

    Its status is 200, the one success that the reference knows.
    """

    content: bytes
    body: dict[str, object]
    status_code: int = 200
    headers: httpx.Headers = attrs.field(factory=httpx.Headers)

    def json(self) -> dict[str, object]:
        """The JSON object, which was decoded once, to see that it is one."""
        return self.body


def judged(response: httpx.Response, content: bytes | None) -> dict[str, object]:
    """The JSON object of a reply.

    Args:
        response: The reply's status and headers.
        content: Its body; None where that is too long, or cannot be unpacked.

    Raises:
        RequestError: The reply is anything else; its class is what the policy says.
    """
    status, host = response.status_code, response.url.host
    if status >= 400:
        raise _api_error(response, _unsigned(content or b""))
    if 300 <= status < 400:
        to = response.headers.get("location")
        where = f"to {excerpt(masked(to).encode())}" if to else "without an address"
        raise BadReply(
            f"{host} answered {status}, a redirect {where}; it is not followed, since credentials go to the "
            "service only.",
            fault="redirect",
            status=status,
        )
    reply = json_object(content or b"")
    if reply is None or status < 200:
        kind = response.headers.get("content-type", "no content type")[:_KIND]
        size = f"{len(content)} bytes, {kind}" if content is not None else kind
        what = f"with something that is not a JSON object ({size}): {excerpt(content or b'')}"
        if content is None:
            what = f"with more than {MOST >> 20} MB, or with what cannot be unpacked ({size})"
        raise BadReply(f"{host} answered {status} {what}.", fault="bad-reply", status=status)
    return reply


def json_object(content: bytes) -> dict[str, object] | None:
    """The JSON object that the content is, if it is one."""
    try:
        reply = json.loads(content)
        if (b"\\" in content or b"\xed" in content) and any(sign in content for sign in _SURROGATES):
            # No log, file or terminal takes a text that holds half a character, which JSON can carry.
            reply = json.loads(json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return reply if isinstance(reply, dict) else None


def excerpt(content: bytes) -> str:
    """The beginning of a foreign text. Its charset is not asked for: Python takes some that are none."""
    text = " ".join(_unsigned(content[: 4 * _SHOWN]).decode("utf-8", "replace").split())
    return repr(text[:_SHOWN] + "…" if len(text) > _SHOWN else text)


def _unsigned(content: bytes) -> bytes:
    """The content without a token: a proxy's page may repeat the request's headers."""
    return _BEARER.sub(rb"\1[token]", content)


def _api_error(response: httpx.Response, content: bytes) -> RequestError:
    status = response.status_code
    error = (json_object(content) or {}).get("error")
    # OAuth-style replies ({"error": "invalid_token"}) and proxies do not follow google.rpc.Status.
    body: dict[str, object] = error if isinstance(error, dict) else {}
    message, reason, details = body.get("message"), body.get("status"), body.get("details")
    if not isinstance(message, str) or not message:
        said = f"{status} {response.reason_phrase}".strip()
        message = f"{response.url.host} answered {said}: {excerpt(content)}."
    fault = str(status)
    if QUEUE_FULL in message.lower():
        fault = "queue-full"
    elif DUPLICATE_REQUEST in message.lower():
        fault = "duplicate-request"
    cls = rule_for(fault).raises
    if not issubclass(cls, ApiError):  # a proxy's 407
        return ConnectionFailed(message, fault=fault, status=status)
    failure = cls(
        message,
        status=status,
        reason=reason if isinstance(reason, str) else "",
        details=details if isinstance(details, list) else (),
        retry_after=retry_after(response),
        response=httpx.Response(status, headers=_plain(response.headers), content=content),
    )
    failure.fault = fault
    return failure


def _plain(headers: httpx.Headers) -> list[tuple[bytes, bytes]]:
    """The headers of a body that is unpacked and whole."""
    return [(name, value) for name, value in headers.raw if not _OF_TRANSFER.match(name)]


def retry_after(response: httpx.Response) -> float | None:
    """The seconds of a Retry-After header, which holds seconds or an HTTP date."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    until = http_date(text)
    if until is None:
        return None
    # Against the sender's clock, which may differ from this machine's.
    now = http_date(response.headers.get("date", ""))
    return max(0.0, until - (time.time() if now is None else now))


def http_date(text: str) -> float | None:
    """An HTTP date in seconds since 1970, or None where the text is no date."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
