"""What can go wrong with a request, and what is done about it: the policy, one row a fault.

The code obeys these rows, and docs/faults.md prints them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import attrs

from .. import errors
from ..errors import EarthEngineError, RequestError
from ..rest import ApiMethod

Action = Literal["retry", "raise", "accept", "reconcile", "poll", "look", "accept-repeated"]

# What the client does, in words; {error} is what it raises where it must.
_IN_WORDS: Mapping[Action, str] = {
    "retry": "retry, then {error}",
    "raise": "{error}",
    "accept": "accept",
    "reconcile": "find the operation by listing, or DuplicateRequest",
    "poll": "go on with get",
    "look": "get; {error} unless it has ended",
    "accept-repeated": "{error}; done if it was sent before",
}


@attrs.frozen
class FaultRule:
    """One row of the policy table.

    Attributes:
        fault: A fault's id: "timeout", "429", …; "4xx" and "5xx" stand for the statuses without a row.
        covers: What counts as this fault, in words.
        action: What the client does: "retry", "raise" or "accept" the reply.
        unlike: The methods for which it does another thing.
        raises: The error that ends the call, where nothing else does.
        token_raises: The same, where the fault befell the renewal of the token.
        may_exist: Whether the service may have done the work all the same.
        reason: Why.
    """

    fault: str
    covers: Sequence[str] = attrs.field(kw_only=True)
    action: Action = attrs.field(kw_only=True)
    raises: type[RequestError] = attrs.field(kw_only=True)
    may_exist: bool = attrs.field(kw_only=True)
    reason: str = attrs.field(kw_only=True)
    unlike: Mapping[ApiMethod, Action] = attrs.field(factory=dict, kw_only=True)
    token_raises: type[EarthEngineError] = attrs.field(default=errors.ConnectionFailed, kw_only=True)

    def action_for(self, method: ApiMethod) -> Action:
        """What the client does when `method` meets this fault."""
        return self.unlike.get(method, self.action)

    def in_words(self, method: ApiMethod) -> str:
        """The cell of the table that docs/faults.md prints."""
        error = self.token_raises if method == "token" else self.raises
        return _IN_WORDS[self.action_for(method)].format(error=error.__name__)


_ROWS = (
    FaultRule(
        "name-resolution",
        covers=("name resolution fails",),
        action="retry",
        raises=errors.ConnectionFailed,
        may_exist=False,
        reason="Nothing was sent; resolvers fail for moments, on laptops and in clusters alike.",
    ),
    FaultRule(
        "connection-refused",
        covers=("connection refused", "no connection in time", "hung up while greeting"),
        action="retry",
        raises=errors.ConnectionFailed,
        may_exist=False,
        reason="No connection came about, so nothing was sent; a proxy or the emulator may be starting.",
    ),
    FaultRule(
        "tls",
        covers=("untrusted certificate", "not TLS"),
        action="raise",
        raises=errors.ConnectionFailed,
        may_exist=False,
        reason=(
            "Nothing was sent, and a certificate that is not trusted now will not be trusted in a second."
        ),
    ),
    FaultRule(
        "connection-broken",
        covers=(
            "reset before the request is read",
            "reset after the work",
            "closed after the work",
            "body shorter than its length",
            "idle connection closed",
        ),
        action="retry",
        raises=errors.ConnectionFailed,
        may_exist=True,
        reason=(
            "The work may be done or not; every submit carries its requestId, and the other methods "
            "may be repeated."
        ),
    ),
    FaultRule(
        "timeout",
        covers=("reply slower than the timeout", "slow trickle"),
        action="retry",
        raises=errors.ConnectionFailed,
        may_exist=True,
        reason="As for a broken connection: the work may be done.",
    ),
    FaultRule(
        "bad-reply",
        covers=("truncated JSON of the right length", "JSON that is no object", "HTML", "empty body"),
        action="retry",
        raises=errors.BadReply,
        may_exist=True,
        reason="A success that cannot be read: the work may be done, and the repetition may be readable.",
    ),
    FaultRule(
        "wrong-content-type",
        covers=("JSON labelled as text",),
        action="accept",
        raises=errors.BadReply,
        may_exist=True,
        reason=(
            "The body is what counts; something between may have labelled it anew. If it is no JSON "
            "object, it is a bad-reply."
        ),
    ),
    FaultRule(
        "redirect",
        covers=("redirect",),
        action="raise",
        raises=errors.BadReply,
        may_exist=False,
        reason="The service does not redirect; credentials are not carried to where a stranger points.",
    ),
    FaultRule(
        "queue-full",
        covers=("full queue",),
        action="raise",
        raises=errors.QueueFull,
        token_raises=errors.CredentialsError,
        may_exist=False,
        reason=(
            "The queue empties in minutes or hours, not in seconds, and the requestId of a refused "
            "submit may be used up. Told by its text."
        ),
    ),
    FaultRule(
        "duplicate-request",
        covers=("repeated requestId refused",),
        action="raise",
        unlike={"export": "reconcile"},
        raises=errors.Conflict,
        token_raises=errors.CredentialsError,
        may_exist=True,
        reason=(
            "An earlier attempt was accepted; which operation it started is found through "
            "operations.list. Told by its text."
        ),
    ),
    FaultRule(
        "400",
        covers=("400",),
        action="raise",
        unlike={"cancel": "look"},
        raises=errors.InvalidRequest,
        token_raises=errors.CredentialsError,
        may_exist=False,
        reason=(
            "The same request gets the same answer. What has ended meanwhile cannot be cancelled, and "
            "need not be."
        ),
    ),
    FaultRule(
        "401",
        covers=("401 once", "401 for ever"),
        action="raise",
        raises=errors.Unauthenticated,
        token_raises=errors.CredentialsError,
        may_exist=False,
        reason=(
            "The token was already renewed and the request sent once more, below this policy; that "
            "one more try mends a 401 that comes once."
        ),
    ),
    FaultRule(
        "403",
        covers=("403",),
        action="raise",
        raises=errors.PermissionDenied,
        token_raises=errors.CredentialsError,
        may_exist=False,
        reason="A permission or scope does not appear by asking again.",
    ),
    FaultRule(
        "404",
        covers=("404",),
        action="raise",
        unlike={"wait": "poll", "delete": "accept-repeated"},
        raises=errors.NotFound,
        token_raises=errors.CredentialsError,
        may_exist=False,
        reason=(
            "A server may lack the wait method; a delete whose first reply was lost finds nothing the "
            "second time."
        ),
    ),
    FaultRule(
        "408",
        covers=("408",),
        action="retry",
        raises=errors.ApiError,
        may_exist=True,
        reason="The server gave up reading the request; it may be sent again.",
    ),
    FaultRule(
        "409",
        covers=("409",),
        action="raise",
        unlike={"cancel": "look"},
        raises=errors.Conflict,
        token_raises=errors.CredentialsError,
        may_exist=False,
        reason=(
            "The request does not fit the present state. What has ended meanwhile cannot be "
            "cancelled, and need not be."
        ),
    ),
    FaultRule(
        "412",
        covers=("412",),
        action="raise",
        raises=errors.ApiError,
        token_raises=errors.CredentialsError,
        may_exist=False,
        reason="A precondition does not become true by asking again.",
    ),
    FaultRule(
        "429",
        covers=("429", "429 with Retry-After in seconds", "429 with Retry-After as a date"),
        action="retry",
        raises=errors.RateLimited,
        may_exist=False,
        reason="The quota is per second; Retry-After is honoured.",
    ),
    FaultRule(
        "499",
        covers=("499",),
        action="retry",
        raises=errors.ApiError,
        may_exist=True,
        reason="A proxy saw the connection end before the reply; the client did not end it.",
    ),
    FaultRule(
        "4xx",
        covers=("418",),
        action="raise",
        raises=errors.ApiError,
        token_raises=errors.CredentialsError,
        may_exist=False,
        reason="Any other refusal is about the request.",
    ),
    FaultRule(
        "501",
        covers=("501",),
        action="raise",
        unlike={"wait": "poll"},
        raises=errors.ServerError,
        token_raises=errors.CredentialsError,
        may_exist=False,
        reason="The method is not there; waiting goes on with operations.get.",
    ),
    FaultRule(
        "5xx",
        covers=("500", "502", "502 in HTML", "503", "503 with Retry-After in seconds", "504", "520", "599"),
        action="retry",
        raises=errors.ServerError,
        may_exist=True,
        reason="The service or a proxy before it failed for now.",
    ),
)

POLICY: Mapping[str, FaultRule] = {rule.fault: rule for rule in _ROWS}
"""The whole table, by fault."""


def rule_for(fault: str) -> FaultRule:
    """The row for a fault, or for its hundred of statuses."""
    return POLICY.get(fault) or POLICY["4xx" if fault.startswith("4") else "5xx"]


def action_for(error: RequestError, method: ApiMethod) -> Action:
    """What the client does when a call of `method` ends with this error."""
    return rule_for(error.fault).action_for("token" if error.of_token else method)
