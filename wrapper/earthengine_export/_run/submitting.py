"""The flow that submits an export, so that exactly one operation comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from .. import rest
from .._connect.faults import action_for
from .._describe.destinations import Asset, CloudStorage
from ..errors import DuplicateRequest, EarthEngineError, RequestError
from ..image_export import ImageExport
from ..operation_state import OperationState
from .flows import Context, Flow, H, Pages, Sleep, Use, call
from .names import is_operation_name

_DEFAULT_PRIORITY = 100  # reference: ExportImageRequest, `priority`
_LOOKS = 3  # an operation may appear in the list a moment after it was started
# Seconds by which a time at the service may be earlier than it is thought to be here.
_KNOWN_CLOCK, _UNKNOWN_CLOCK = 10.0, 300.0


def submit(
    context: Context, export: ImageExport, make: Callable[[OperationState, ImageExport], H]
) -> Flow[H]:
    """Start an export exactly once, whatever happens to the requests.

    The requestId is made before the first attempt and kept. A requestId that is refused as used is reconciled
    by listing. An id of the caller's own may belong to another export. If this client used it for that one,
    nothing is sent; else the operation that comes of it is taken for this export only if nothing contradicts
    that, and something speaks for it.

    Raises:
        EarthEngineError: With `request_id`, and `may_exist` where an attempt may have been accepted.
        QueueFull: The project's queue is full; nothing was started.
        DuplicateRequest: The requestId belongs to another export, or to one that cannot be told.
    """
    request_id = export.request_id or context.environment.new_request_id()
    began = context.environment.wall()
    body = export.to_request(request_id)
    use = _claim(context, export) if export.request_id else None
    try:
        reply = yield from call(
            context, rest.EXPORT, {"projects_id": context.access.project, "body": body}, check=_lacks_name
        )
        state = OperationState.of(reply)
    except EarthEngineError as error:
        if isinstance(error, RequestError) and action_for(error, "export") == "reconcile":
            state = yield from _reconcile(context, export, request_id, began)
        else:
            error.request_id = request_id
            if use and not use.name and not error.may_exist:  # it has started nothing, and is free again
                context.used.pop(request_id, None)
            raise
    else:
        if use:  # an id that was made here belongs to no other export
            _refuse_another(export, state, _service_time(context, began))
    if use:
        use.name = state.name
        context.used[request_id] = use  # another submit of the same may have freed it
    return make(state, export)


def _service_time(context: Context, began: float) -> float:
    ahead = context.clock_ahead()
    return began - _UNKNOWN_CLOCK if ahead is None else began + ahead - _KNOWN_CLOCK


def _claim(context: Context, export: ImageExport) -> Use:
    """Note what an id of the caller's own stands for; raise `DuplicateRequest` if that is another export."""
    request_id, content = str(export.request_id), export.digest()
    use = context.used.setdefault(request_id, Use(content))
    if use.content != content:
        started = f": {use.name}" if use.name else ", which may have been started"
        raise DuplicateRequest(
            f"This client has used request_id={request_id!r} for another export{started}.",
            request_id=request_id,
            candidates=[use.name] if use.name else [],
            may_exist=False,
        )
    return use


def _lacks_name(reply: rest.Operation) -> str:
    return "" if is_operation_name(reply.name) else "names no operation"


def _refuse_another(export: ImageExport, state: OperationState, began: float) -> None:
    """Raise `DuplicateRequest` if the operation is another export's, or if that cannot be told.

    Args:
        export: What was submitted, with an id of the caller's own.
        state: The operation that came of it.
        began: The time at the service before which nothing was sent, in seconds since 1970.
    """
    used = f"request_id={export.request_id!r} was used before"
    if differs := _contradiction(export, state):
        raise DuplicateRequest(
            f"{used}, by another export: {state.name} has {differs}.",
            request_id=str(export.request_id),
            candidates=[state.name],
            may_exist=False,
        )
    is_old = state.create_time is not None and state.create_time.timestamp() < began
    if is_old and not _is_evident(export, state) and not _is_tied(export):
        raise DuplicateRequest(
            f"{used}, by {state.name} of {state.create_time}, and without a description it cannot be told "
            "whether that is this export. An export is recognised by its description, or by "
            "export.with_request_id(export.digest()).",
            request_id=str(export.request_id),
            candidates=[state.name],
        )


def _reconcile(context: Context, export: ImageExport, request_id: str, began: float) -> Flow[OperationState]:
    """Find the operation that an earlier attempt with this requestId has started."""
    # An id that was made here cannot have been used before this call; one of the caller's can.
    since = _service_time(context, began) if export.request_id is None else 0.0
    found: list[OperationState] = []
    for look in range(_LOOKS):
        if look:
            yield Sleep(context.retry.initial * 2**look)
        try:
            found = yield from _candidates(context, export, since)
        except EarthEngineError as error:
            error.request_id, error.may_exist = request_id, True
            raise
        if found:
            break
    if len(found) == 1 and (export.request_id is None or _is_evident(export, found[0])):
        return found[0]
    raise DuplicateRequest(
        f"The service says that request_id={request_id!r} was used already, and it cannot be told for which "
        "operation. An export with a description of its own is recognised.",
        request_id=request_id,
        candidates=[one.name for one in found],
    )


def _candidates(context: Context, export: ImageExport, since: float) -> Flow[list[OperationState]]:
    """The operations that may be this export, started at `since` (seconds since 1970) or later."""
    found: list[OperationState] = []
    pages = Pages(context, context.access.project)
    while pages.more:
        ages = []
        for state in map(OperationState.of, (yield from pages.read())):
            created = state.create_time.timestamp() if state.create_time else since
            ages.append(created)
            if created >= since and not _contradiction(export, state):
                found.append(state)
        # The order of the list is undocumented; where it is seen to be newest first, the rest is too old.
        if ages and ages[0] < since and ages == sorted(ages, reverse=True):
            break
    return found


def _contradiction(export: ImageExport, state: OperationState) -> str:
    """In words, what shows that an operation is not this export; "" where nothing does."""
    # A reply that says nothing of when it began may say nothing of its description either.
    if state.description != (export.description or "") and (state.description or state.create_time):
        return f"the description {state.description!r}"
    if state.type not in {"", "EXPORT_IMAGE"}:
        return f"the type {state.type}"
    priority = _DEFAULT_PRIORITY if export.priority is None else export.priority
    if state.priority not in {None, priority}:
        return f"the priority {state.priority}"
    uris = state.destination_uris
    if uris and not any(_may_be_at(export, unquote(uri)) for uri in uris):
        return f"the destination {uris[0]}"
    return ""


def _is_tied(export: ImageExport) -> bool:
    """Whether the request_id is made of the export's content, so that no other export has it."""
    return export.request_id == export.digest()


def _is_evident(export: ImageExport, state: OperationState) -> bool:
    """Whether something that sets exports apart speaks for an operation that nothing contradicts."""
    return bool(export.description) or (isinstance(export.to, Asset) and bool(state.destination_uris))


_FILE = re.compile(r"[\d-]*(\.[\w.]+)?")  # what a tile's number and the file's ending add to the prefix


def _may_be_at(export: ImageExport, uri: str) -> bool:
    """Whether a result's URI may be of the export's destination: of a file, a tile of it, or its folder."""
    match export.to:
        case CloudStorage(bucket=bucket, filename_prefix=prefix):
            place = f"{bucket}/{prefix or export.description or ''}"
            _, found, rest = uri.rpartition(place)
            if found and _FILE.fullmatch(rest):
                return True
            return uri.rstrip("/").endswith(place.rpartition("/")[0])
        case Asset(name=name):
            return uri.endswith(name)
    return "drive.google.com" in uri  # Drive calls folders by an id
