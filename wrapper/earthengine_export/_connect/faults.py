"""What can go wrong with a request, and what is done about it: the policy, one row a fault.

The code obeys these rows, and docs/faults.md prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

import attrs

from ..errors import (
    ApiError,
    BadReply,
    Conflict,
    ConnectionFailed,
    CredentialsError,
    EarthEngineError,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    QueueFull,
    RateLimited,
    RequestError,
    ServerError,
    Unauthenticated,
)
from ..rest import ApiMethod

Action = Literal["retry", "raise", "accept", "reconcile", "poll", "look", "accept-repeated"]


@attrs.frozen
class FaultRule:
    """One row of the policy table.

    Attributes:
        fault: A fault's id: "timeout", "429", …; "4xx" and "5xx" stand for the statuses without a row.
        raises: The error that ends the call, where nothing else does.
        covers: What counts as this fault, in words; by default its id.
        action: What the client does: "retry", "raise" or "accept" the reply.
        may_exist: Whether the service may have done the work all the same.
        token_raises: The error where the fault befell the renewal of the token.
        unlike: The methods for which it does another thing.
        reason: Why.
    """

    fault: str
    raises: type[RequestError]
    covers: tuple[str, ...] = attrs.Factory(lambda row: (row.fault,), takes_self=True)
    action: Action = attrs.field(kw_only=True)
    may_exist: bool = attrs.field(kw_only=True)
    token_raises: type[EarthEngineError] = attrs.field(default=ConnectionFailed, kw_only=True)
    unlike: Mapping[ApiMethod, Action] = attrs.field(factory=dict, kw_only=True)
    reason: str = attrs.field(default="", kw_only=True)

    def because(self, reason: str) -> FaultRule:
        """The row with its reason, which reads best at its end."""
        return attrs.evolve(self, reason=reason)

    def action_for(self, method: ApiMethod) -> Action:
        """What the client does when `method` meets this fault."""
        return self.unlike.get(method, self.action)


_unsent = partial(FaultRule, raises=ConnectionFailed, may_exist=False)
_passing = partial(FaultRule, action="retry", may_exist=True)
_refused = partial(FaultRule, action="raise", may_exist=False, token_raises=CredentialsError)

_ROWS = (
    _unsent("name-resolution", covers=("name resolution fails",), action="retry").because(
        "Nothing was sent; resolvers fail for moments, on laptops and in clusters alike."
    ),
    _unsent(
        "connection-refused",
        covers=("connection refused", "no connection in time", "hung up while greeting"),
        action="retry",
    ).because("No connection came about, so nothing was sent; a proxy or the emulator may be starting."),
    _unsent("tls", covers=("untrusted certificate", "not TLS"), action="raise").because(
        "Nothing was sent, and a certificate that is not trusted now will not be trusted in a second."
    ),
    _passing(
        "connection-broken",
        ConnectionFailed,
        (
            "reset before the request is read",
            "reset after the work",
            "closed after the work",
            "body shorter than its length",
            "idle connection closed",
        ),
    ).because("The work may be done; each submit carries its requestId, and the rest may be repeated."),
    _passing("timeout", ConnectionFailed, ("reply slower than the timeout", "slow trickle")).because(
        "As for a broken connection: the work may be done."
    ),
    _passing(
        "bad-reply",
        BadReply,
        ("truncated JSON of the right length", "JSON that is no object", "HTML", "empty body"),
    ).because("A success that cannot be read: the work may be done, and the repetition may be readable."),
    FaultRule(
        "wrong-content-type", BadReply, ("JSON labelled as text",), action="accept", may_exist=True
    ).because("The body is what counts; something between may have labelled it anew."),
    FaultRule("redirect", BadReply, action="raise", may_exist=True).because(
        "The service does not redirect; credentials are not carried to where a stranger points."
    ),
    _refused("queue-full", QueueFull, ("full queue",)).because(
        "The queue empties in minutes or hours, and the requestId may be used up. Told by its text."
    ),
    _refused(
        "duplicate-request",
        Conflict,
        ("repeated requestId refused",),
        may_exist=True,
        unlike={"export": "reconcile"},
    ).because("An earlier attempt started an operation, which operations.list may tell. Told by its text."),
    _refused("400", InvalidRequest, unlike={"cancel": "look"}).because(
        "The same request gets the same answer. What has ended meanwhile need not be cancelled."
    ),
    _refused("401", Unauthenticated, ("401 once", "401 for ever")).because(
        "The token was renewed and the request sent once more, below this policy; that mends a 401 once."
    ),
    _refused("403", PermissionDenied).because("A permission or scope does not appear by asking again."),
    _refused("404", NotFound, unlike={"wait": "poll", "delete": "accept-repeated"}).because(
        "A server may lack the wait method; a repeated delete whose first reply was lost finds nothing."
    ),
    _passing("408", ApiError).because("The server gave up reading the request; it may be sent again."),
    _unsent("407", action="raise").because(
        "A proxy wants a name and a password, and passes nothing on until it has them."
    ),
    _refused("409", Conflict, unlike={"cancel": "look"}).because(
        "The request does not fit the present state. What has ended meanwhile need not be cancelled."
    ),
    _refused("412", ApiError).because("A precondition does not become true by asking again."),
    FaultRule(
        "429",
        RateLimited,
        ("429", "429 with Retry-After in seconds", "429 with Retry-After as a date"),
        action="retry",
        may_exist=False,
    ).because("The quota is per second; Retry-After is honoured."),
    _passing("499", ApiError).because(
        "A proxy saw the connection end before the reply; the client did not end it."
    ),
    _refused("4xx", ApiError, ("418",)).because("Each other refusal is about the request."),
    _refused("501", ServerError, unlike={"wait": "poll"}).because(
        "The method is not there; waiting goes on with operations.get."
    ),
    _passing(
        "5xx",
        ServerError,
        ("500", "502", "502 in HTML", "503", "503 with Retry-After in seconds", "504", "520", "599"),
    ).because("The service or a proxy before it failed for now."),
)

POLICY: Mapping[str, FaultRule] = {rule.fault: rule for rule in _ROWS}
"""The whole table, by fault."""


def rule_for(fault: str) -> FaultRule:
    """The row for a fault, or for its hundred of statuses."""
    return POLICY.get(fault) or POLICY["4xx" if fault.startswith("4") else "5xx"]


def action_for(error: RequestError, method: ApiMethod) -> Action:
    """What the client does when a call of `method` ends with this error."""
    return rule_for(error.fault).action_for("token" if error.of_token else method)
