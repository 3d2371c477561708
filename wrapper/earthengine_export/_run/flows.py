"""What the library does, as generators that know no I/O.

A flow yields steps and is sent what came of them:

    Call     call a method of the service; sent the parsed reply, or the error is thrown in
    Sleep    sleep; sent None
    Tell     call back with an operation, awaiting the callback in the async world; sent None
    Emit     hand a value to whoever iterates over the flow; sent None when the next one is wanted

and returns its result. `_drivers` runs a flow: one driver blocks, the other awaits. Time comes from the
`Clock` in the `Context`, so that tests run whole waits in an instant.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from .. import rest
from .._connect.access import Access
from .._connect.denials import explain_denial
from .._connect.faults import action_for, rule_for
from ..errors import ApiError, BadReply, EarthEngineError, RequestError
from .names import split_name
from .policy import Retry

if TYPE_CHECKING:
    from ..operations import Handle

log = logging.getLogger("earthengine_export")
PAGE_SIZE = 500  # what the official clients ask for
# Seconds by which a time at the service may be earlier than it is thought to be here.
_KNOWN_CLOCK, _UNKNOWN_CLOCK = 10.0, 300.0
T = TypeVar("T")
H = TypeVar("H", bound="Handle[Any, Any]")


@attrs.frozen
class Call:
    """One request: a method of the generated client and its arguments."""

    method: rest.Method
    arguments: dict[str, Any]


@attrs.frozen
class Sleep:
    """Do nothing for some seconds."""

    seconds: float


@attrs.frozen
class Tell:
    """Call the user's callback."""

    callback: Callable[[Any], object]
    value: object


@attrs.frozen
class Emit:
    """A value for whoever iterates over the flow."""

    value: Any


Flow = Generator[Call | Sleep | Tell | Emit, Any, T]


class Clock:
    """Where flows read the time; tests put a fake one in its place.

    Args:
        ahead: By how many seconds the service's clock is ahead of this machine's, if that is known.
    """

    def __init__(self, ahead: Callable[[], float | None] = lambda: None) -> None:
        self._ahead = ahead

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()

    def service_time(self, moment: float) -> float:
        """The earliest that it can have been at the service, in seconds since 1970.

        Args:
            moment: When, as `monotonic` told it.
        """
        ahead = self._ahead()
        known = _UNKNOWN_CLOCK if ahead is None else _KNOWN_CLOCK
        return time.time() + (ahead or 0.0) - (self.monotonic() - moment) - known


@attrs.define
class Use:
    """What a request_id of the caller's own was used for.

    Attributes:
        content: The export that was submitted with it, as its digest.
        name: The operation that came of it, "" where that is not known.
    """

    content: str
    name: str = ""


@attrs.frozen(kw_only=True)
class Context:
    """What flows of one client share.

    Attributes:
        access: How the service is reached, and as whom.
        retry: How one request is repeated.
        clock: Where the time is read.
        random: Gives numbers from 0 to 1, for jitter.
        new_request_id: Makes the id of a submit that was given none.
        used: The caller's own request_ids that may have started an export.
    """

    access: Access
    retry: Retry
    clock: Clock = attrs.field(factory=Clock)
    random: Callable[[], float] = random.random
    new_request_id: Callable[[], str] = lambda: str(uuid.uuid4())
    used: dict[str, Use] = attrs.field(factory=dict, repr=False)


def call(
    context: Context, method: rest.Method, check: Callable[[Any], str] = lambda _: "", **arguments: object
) -> Flow[Any]:
    """Call a method, again after each fault that the policy lets pass.

    Args:
        context: The client's.
        method: The method.
        check: Says what is wrong with a parsed reply, or ""; a reply that is wrong is a fault like any other.
        arguments: The method's arguments.

    Raises:
        RequestError: The last attempt's, with `attempts`, and `may_exist` if any attempt may have done the
            work.
    """
    began = context.clock.monotonic()
    attempt, may_exist = 1, False
    while True:
        try:
            reply = yield Call(method, arguments)
            if wrong := check(reply):
                raise BadReply(f"The reply of {method.name} {wrong}.", fault="bad-reply", status=200)
        except EarthEngineError as error:
            if isinstance(error, RequestError):
                may_exist = may_exist or (rule_for(error.fault).may_exist and not error.of_token)
            error.may_exist = may_exist
            if not isinstance(error, RequestError):
                raise
            error.api_method, error.attempts = method.name, attempt
            elapsed = context.clock.monotonic() - began
            pause = context.retry.pause(
                error, method=method.key, attempt=attempt, elapsed=elapsed, random=context.random()
            )
            if pause is None:
                raise explained(error, context.access) from error.__cause__
            log.warning("%s: %s; trying again in %.1f s", method.name, error.fault, pause)
        else:
            return reply
        yield Sleep(pause)
        attempt += 1


def explained(error: RequestError, access: Access) -> RequestError:
    """The error, with what a 401 or a 403 is about and how to mend it."""
    if isinstance(error, ApiError) and error.status in {401, 403}:
        error.args = (
            explain_denial(
                error.status, error.reason, error.details, error.args[0], error.api_method, access
            ),
        )
    return error


def list_page(
    context: Context,
    project: str,
    *,
    page_token: str = "",
    page_size: int = PAGE_SIZE,
    filter: str | None = None,  # noqa: A002
    known: rest.Page | None = None,
) -> Flow[rest.Page]:
    """One page of a project's operations; see `rest.Page` for `known`."""
    arguments: dict[str, Any] = {"projects_id": project, "page_size": page_size, "known": known}
    if page_token:
        arguments["page_token"] = page_token
    if filter:
        arguments["filter_"] = filter
    page: rest.Page = yield from call(context, rest.LIST, **arguments)
    return page


def refresh(context: Context, handle: H) -> Flow[H]:
    """Ask once how the operation is."""
    project, operation = split_name(handle.name)
    handle.update((yield from call(context, rest.GET, projects_id=project, operations_id=operation)))
    return handle


def cancel(context: Context, handle: H) -> Flow[H]:
    """Ask for the operation to be cancelled; one that has ended meanwhile is left as it is.

    Raises:
        RequestError: The service refuses, and the operation has not ended.
    """
    project, operation = split_name(handle.name)
    try:
        yield from call(context, rest.CANCEL, projects_id=project, operations_id=operation)
    except ApiError as error:
        if action_for(error, "cancel") != "look":
            raise
        yield from refresh(context, handle)
        if not handle.done:
            raise
    return handle


def delete(context: Context, name: str) -> Flow[None]:
    """Remove the operation from the project's list; what it does goes on."""
    project, operation = split_name(name)
    try:
        yield from call(context, rest.DELETE, projects_id=project, operations_id=operation)
    except ApiError as error:
        # Where the reply to an earlier attempt was lost, that attempt has deleted it.
        if action_for(error, "delete") != "accept-repeated" or not error.may_exist:
            raise
