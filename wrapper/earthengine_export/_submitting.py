"""The flow that submits an export, so that exactly one operation comes of it."""

from __future__ import annotations

import re
from urllib.parse import unquote

from earthengine_export import _rest
from earthengine_export._flows import Context, Flow, Sleep, call, list_page
from earthengine_export.destinations import Asset, CloudStorage
from earthengine_export.errors import DuplicateRequest, RequestError
from earthengine_export.image_export import ImageExport
from earthengine_export.operation_state import OperationState

_CLOCK_SKEW = 300.0  # seconds by which the service's clock may lag behind this one
_LOOKS = 3  # an operation may appear in the list a moment after it was started


def submit(context: Context, export: ImageExport) -> Flow[_rest.Operation]:
    """Start an export exactly once, whatever happens to the requests.

    The requestId is made before the first attempt and kept. An operation that the reply names is taken for
    this export only if nothing contradicts it; a requestId that is refused as used is reconciled by listing.

    Raises:
        RequestError: With `request_id`, and `may_exist` where an attempt may have been accepted.
        QueueFull: The project's queue is full; nothing was started.
        DuplicateRequest: The requestId belongs to another export, or to one that cannot be told.
    """
    request_id = export.request_id or context.new_request_id()
    began = context.clock.now()
    body = export.to_request(request_id)
    try:
        reply: _rest.Operation = yield from call(
            context, _rest.EXPORT, _lacks_name, projects_id=context.access.project, body=body
        )
    except RequestError as error:
        if error.fault == "duplicate-request":
            return (yield from _reconcile(context, export, request_id, began))
        error.request_id = request_id
        raise
    if differs := _contradiction(export, OperationState(reply), began):
        raise DuplicateRequest(
            f"request_id={request_id!r} was used before, by another export: {reply.name} has {differs}. "
            "This export was not started; submit it with a request_id of its own, or with none.",
            request_id=request_id,
            candidates=[str(reply.name)],
        )
    return reply


def _lacks_name(reply: _rest.Operation) -> str:
    return "" if isinstance(reply.name, str) and _rest.is_operation_name(reply.name) else "names no operation"


def _reconcile(context: Context, export: ImageExport, request_id: str, began: float) -> Flow[_rest.Operation]:
    """Find the operation that an earlier attempt with this requestId has started."""
    # An id that was made here cannot have been used before this call; one of the caller's can.
    since = began - _CLOCK_SKEW if export.request_id is None else 0.0
    found: list[_rest.Operation] = []
    for look in range(_LOOKS):
        if look:
            yield Sleep(context.retry.initial * 2**look)
        found = yield from _candidates(context, export, since)
        if found:
            break
    # Without a description, nothing but the destination would tell whether the caller's own id is meant.
    if len(found) == 1 and (export.request_id is None or export.description is not None):
        return found[0]
    names = [str(one.name) for one in found]
    raise DuplicateRequest(
        f"The service says that request_id={request_id!r} has started an operation already, and "
        + (
            f"{len(names)} operations may be it: {', '.join(names)}."
            if names
            else "none in the list can be it."
        )
        + " The export was started at most once. Look at them with client.operation(name); to start another, "
        "submit with a new request_id.",
        request_id=request_id,
        candidates=names,
    )


def _candidates(context: Context, export: ImageExport, since: float) -> Flow[list[_rest.Operation]]:
    """The operations that may be this export, started at `since` (seconds since 1970) or later."""
    found: list[_rest.Operation] = []
    token, first = "", True
    while token or first:
        page, token = yield from list_page(context, context.access.project, page_token=token)
        first = False
        ages = []
        for reply in page:
            state = OperationState(reply)
            created = state.create_time.timestamp() if state.create_time else since
            ages.append(created)
            if (
                created >= since
                and state.description == (export.description or "")
                and not _contradiction(export, state, since)
            ):
                found.append(reply)
        # The order of the list is undocumented; where it is seen to be newest first, the rest is too old.
        if ages and ages[0] < since and ages == sorted(ages, reverse=True):
            break
    return found


def _contradiction(export: ImageExport, state: OperationState, began: float) -> str:
    """In words, what shows that an operation is not this export; "" where nothing does."""
    described = export.description
    if described is None and state.create_time and state.create_time.timestamp() < began - _CLOCK_SKEW:
        described = ""  # a service may describe a new operation by itself, but this one is an old one
    # A reply that says nothing of when it began may say nothing of its description either.
    if described is not None and state.description != described and (state.description or state.create_time):
        return f"the description {state.description!r}"
    if export.priority is not None and state.priority not in {None, export.priority}:
        return f"the priority {state.priority}"
    place = _place(export)
    if place and state.destination_uris and not any(_is_at(uri, place) for uri in state.destination_uris):
        return f"the destination {state.destination_uris[0]}"
    return ""


def _place(export: ImageExport) -> str:
    """What the URI of a result contains, or "" where it cannot be foretold: Drive names folders by an id."""
    match export.to:
        case CloudStorage(bucket=bucket, filename_prefix=prefix):
            return f"{bucket}/{prefix or export.description or ''}"
        case Asset(name=name):
            return name
    return ""


_FILE = re.compile(r"[\d-]*(\.[\w.]+)?")  # what a tile's number and the file's ending add to the prefix


def _is_at(uri: str, place: str) -> bool:
    """Whether a result's URI is at the place: the file itself, a tile of it, or a folder that it is in."""
    _, found, rest = unquote(uri).rpartition(place)
    if found:
        return _FILE.fullmatch(rest) is not None
    folder = place.rpartition("/")[0]
    return bool(folder) and unquote(uri).rstrip("/").endswith(folder)
