"""What the library does, as generators that know no I/O.

A flow yields steps and is sent what came of them:

    Call     call a method of the service; sent the parsed reply, or the error is thrown in
    Sleep    sleep; sent None
    Work     do something that blocks, in a thread where the world must not; sent its result
    Tell     call back with an operation, awaiting the callback in the async world; sent None
    Emit     hand a value to whoever iterates over the flow; sent None when the next one is wanted

and returns its result. `drivers` runs a flow: one driver blocks, the other awaits. Time comes from the
`Environment` in the `Context`, so that tests run whole waits in an instant.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType
from typing import Any, Generic, Never, TypeVar

import attrs

from .. import rest
from .._connect.access import Access
from .._connect.denials import explain_denial
from .._connect.faults import action_for, rule_for
from .._errors.root import cure_of_size
from ..errors import ApiError, BadReply, EarthEngineError, InvalidRequest, NotFound, RequestError
from .environment import Environment
from .names import MAX_IN_URL, split_name
from .policy import Retry
from .watched import Watched, log, take_in

PAGE_SIZE = 500  # what the official clients ask for
_REMEMBERED = 10_000  # ids and names; about three full queues
T = TypeVar("T")
R = TypeVar("R")
E_co = TypeVar("E_co", covariant=True)
H = TypeVar("H", bound=Watched)


@attrs.frozen
class Call:
    """One request: a method of the generated client and its arguments."""

    method: rest.Method[object]
    arguments: Mapping[str, object]


@attrs.frozen
class Sleep:
    """Do nothing for some seconds."""

    seconds: float


@attrs.frozen
class Work:
    """Do something that blocks; where it is not waited for to its end, it goes on by itself."""

    function: Callable[[], object]


@attrs.frozen
class Tell:
    """Call the user's callback."""

    callback: Callable[[Any], object]
    value: object


@attrs.frozen
class Emit(Generic[E_co]):
    """A value for whoever iterates over the flow."""

    value: E_co


Step = Call | Sleep | Work | Tell
Course = Generator[Step | Emit[E_co], Any, T]
Flow = Course[Never, T]
Stream = Course[E_co, None]


@attrs.define
class Use:
    """What a request_id of the caller's own was used for.

    Attributes:
        content: The export that was submitted with it, as its digest.
        name: The operation that came of it, "" where that is not known.
    """

    content: str
    name: str = ""


class Memory(OrderedDict[str, T]):
    """A dictionary that forgets what is oldest."""

    def __setitem__(self, key: str, value: T) -> None:
        super().__setitem__(key, value)
        if len(self) > _REMEMBERED:
            self.popitem(last=False)


@attrs.frozen(kw_only=True)
class Context:
    """What flows of one client share.

    Attributes:
        access: How the service is reached, and as whom.
        retry: How one request is repeated.
        environment: Time and chance.
        clock_ahead: By how many seconds the service's clock is ahead of this machine's, by its last reply;
            None where that is unknown.
        used: What the caller's own request_ids were used for, as far as they may have started an export.
        given: The names of the operations that submits have given out, each with its request_id.
        pending: The descriptions of the submits that are under way, by request_id.
        skew: By how many seconds a new operation's createTime differed from the Date, when last seen.
    """

    access: Access
    retry: Retry
    environment: Environment
    clock_ahead: Callable[[], float | None] = lambda: None
    used: Memory[Use] = attrs.field(factory=Memory, repr=False)
    given: Memory[str] = attrs.field(factory=Memory, repr=False)
    pending: dict[str, str | None] = attrs.field(factory=dict, repr=False)
    skew: list[float] = attrs.field(factory=list, repr=False)


def call(
    context: Context,
    method: rest.Method[R],
    arguments: Mapping[str, object],
    *,
    check: Callable[[R], str] = lambda _: "",
    about: str = "",
) -> Flow[R]:
    """Call a method, again after each fault that the policy lets pass.

    Args:
        context: The client's.
        method: The method.
        arguments: The method's arguments.
        check: Says what is wrong with a parsed reply, or ""; a reply that is wrong is a fault like any other.
        about: What the call is about, for the log.

    Raises:
        RequestError: The last attempt's, with `attempts`, and `may_exist` if any attempt may have done the
            work.
    """
    monotonic = context.environment.monotonic
    began, attempt, may_exist = monotonic(), 1, False
    while True:
        try:
            reply: R = yield Call(method, arguments)
            if wrong := check(reply):
                raise BadReply(f"The reply of {method.name} {wrong}.", fault="bad-reply", status=200)
        except EarthEngineError as error:
            if isinstance(error, RequestError):
                error.may_exist = rule_for(error.fault).may_exist and not error.of_token
            error.may_exist = may_exist = may_exist or error.may_exist
            if not isinstance(error, RequestError):
                raise
            error.api_method, error.attempts = method.name, attempt
            pause = context.retry.pause(
                error,
                method=method.key,
                attempt=attempt,
                elapsed=monotonic() - began,
                random=context.environment.random(),
            )
            if pause is None:
                raise explained(error, context.access, arguments) from error.__cause__
            shown = f"{about}: " if about else ""
            log.warning("%s%s: %s; trying again in %.1f s", shown, method.name, error.fault, pause)
        else:
            return reply
        yield Sleep(pause)
        attempt += 1


def explained(
    error: RequestError, access: Access, arguments: Mapping[str, object] = MappingProxyType({})
) -> RequestError:
    """The error, with what was not found, what is too large, or what a 401 or a 403 is about."""
    if isinstance(error, NotFound) and "operations_id" in arguments:
        name = f"projects/{arguments['projects_id']}/operations/{arguments['operations_id']}"
        if name not in error.args[0]:
            error.args = (f"{error.args[0].rstrip('. ')}. It is about {name}.",)
    if isinstance(error, ApiError) and error.status in {401, 403}:
        error.args = (explain_denial(error, access),)
    elif isinstance(error, InvalidRequest) and (cure := cure_of_size(error.message)):
        error.args = (f"{error.message.rstrip('. ')}. {cure}",)
    return error


class Pages:
    """The pages of a project's operations, one after the other; no page is asked for twice."""

    def __init__(
        self, context: Context, project: str, page_size: int = PAGE_SIZE, selected: str | None = None
    ) -> None:
        self._context = context
        self._arguments: dict[str, object] = {"projects_id": project, "page_size": page_size}
        if selected:
            self._arguments["filter_"] = selected
        self._seen: set[str] = set()
        self.more = True

    def read(self) -> Flow[list[rest.Operation]]:
        """The operations on the next page; to be asked for while there are `more`.

        Raises:
            BadReply: The service names a page that was read before, so that the list would never end.
        """
        page = yield from call(self._context, rest.LIST, self._arguments, check=self._repeats)
        token = _token(page)
        self._seen.add(token)
        self._arguments["page_token"], self.more = token, bool(token)
        operations = page.operations
        if not isinstance(operations, list):
            return []
        return [one for one in operations if isinstance(one, rest.Operation)]

    def _repeats(self, page: rest.ListOperationsResponse) -> str:
        token = _token(page)
        if len(token) > MAX_IN_URL:
            return f"names its next page by {len(token):,} characters, more than a URL holds"
        return f"names a page that was read before, {token[:50]!r}" if token and token in self._seen else ""


def _token(page: rest.ListOperationsResponse) -> str:
    return page.next_page_token if isinstance(page.next_page_token, str) else ""


def refresh(context: Context, handle: H) -> Flow[H]:
    """Ask once how the operation is."""
    take_in(handle, (yield from call(context, rest.GET, names(handle), about=handle.last.label)))
    return handle


def names(handle: Watched) -> dict[str, str]:
    """The arguments that say which operation is meant."""
    project, operation = split_name(handle.last.name)
    return {"projects_id": project, "operations_id": operation}


def cancel(context: Context, handle: H, *, look: bool = True) -> Flow[H]:
    """Ask for the operation to be cancelled; one that has ended meanwhile is left as it is.

    Args:
        context: The client's.
        handle: The operation.
        look: Ask after that how it is now.

    Raises:
        RequestError: The service refuses, and the operation has not ended.
    """
    about = handle.last.label
    try:
        yield from call(context, rest.CANCEL, names(handle), about=about)
    except ApiError as error:
        if action_for(error, "cancel") != "look":
            raise
        yield from refresh(context, handle)
        if not handle.last.done:
            raise
        return handle
    if not look:
        return handle
    try:
        take_in(handle, (yield Call(rest.GET, names(handle))))
    except EarthEngineError as error:
        log.warning("%s was asked to be cancelled; how it is now was not learned: %s", about, error)
    return handle


def delete(context: Context, handle: Watched) -> Flow[None]:
    """Remove the operation from the project's list; what it does goes on."""
    try:
        yield from call(context, rest.DELETE, names(handle), about=handle.last.label)
    except ApiError as error:
        # Where the reply to an earlier attempt was lost, that attempt has deleted it.
        if action_for(error, "delete") != "accept-repeated" or not error.may_exist:
            raise
