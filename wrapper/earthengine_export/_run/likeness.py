"""Whether an operation can be that of an export: by what both say, and by when it was made."""

from __future__ import annotations

import re
from urllib.parse import unquote

from .._describe.destinations import Asset, CloudStorage, Drive
from ..image_export import DIGEST_OF_CONTENT, ImageExport
from ..operation_state import OperationState
from .environment import Environment

_DEFAULT_PRIORITY = 100  # reference: ExportImageRequest, `priority`
# Seconds by which a time at the service may differ from what it is thought to be here.
CLOSE, KNOWN, UNKNOWN = 2.0, 10.0, 300.0
_FILE = re.compile(r"[\d-]*(\.[\w.]+)?")  # what a tile's number and the file's ending add to the prefix
# How the service and its pages write where a result is. A URI of another form tells nothing.
_FORMS = {
    CloudStorage: re.compile(r"gs://|https?://[^/]*/storage/browser/|https?://storage\.[^/]*/"),
    Drive: re.compile(r"https?://drive\.google\.com(/|$)"),
    Asset: re.compile(r"https?://[^/]*/\?asset=|projects/|users/"),
}


def label(export: ImageExport) -> str:
    """The export in a log."""
    return repr(export.description) if export.description else "an export without description"


def contradiction(
    export: ImageExport, state: OperationState, default_priority: int | None = _DEFAULT_PRIORITY
) -> str:
    """In words, what shows that an operation is not this export; "" where nothing does.

    Args:
        export: The export.
        state: The operation.
        default_priority: The priority of an export that names none; None where it is not known.
    """
    # A reply that says nothing of when it began may say nothing of its description either.
    if state.description != (export.description or "") and (state.description or state.create_time):
        return f"the description {state.description!r}"
    if state.type not in {"", "EXPORT_IMAGE"}:
        return f"the type {state.type}"
    priority = default_priority if export.priority is None else export.priority
    if state.priority is not None and priority is not None and state.priority != priority:
        return f"the priority {state.priority}"
    uris = state.destination_uris
    if uris and not any(_may_be_at(export, unquote(uri)) for uri in uris):
        return f"the destination {uris[0]}"
    return ""


def is_tied(export: ImageExport) -> bool:
    """Whether the request_id is made of the export's content, so that no other export has it."""
    return (export.request_id or "")[:DIGEST_OF_CONTENT] == export.digest()[:DIGEST_OF_CONTENT]


def has_asset(export: ImageExport, state: OperationState) -> bool:
    """Whether an operation that nothing contradicts has written the export's asset."""
    return isinstance(export.to, Asset) and bool(state.destination_uris)


def _may_be_at(export: ImageExport, uri: str) -> bool:
    """Whether a result's URI may be of the export's destination: of a file, a tile of it, or its folder."""
    places = [(place, found) for place, form in _FORMS.items() if (found := form.match(uri))]
    if not places:
        return True
    ((place, found),) = places
    if not isinstance(export.to, place):
        return False
    match export.to:
        case CloudStorage(bucket=bucket, filename_prefix=prefix):
            start, path = f"{bucket}/{prefix or export.description or ''}", uri[found.end() :]
            is_file = path.startswith(start) and _FILE.fullmatch(path.removeprefix(start))
            return bool(is_file) or path.rstrip("/") == start.rpartition("/")[0]
        case Asset(name=name):
            return uri.endswith(name) and uri.removesuffix(name)[-1:] in {"", "/", "="}
    return True  # Drive calls folders by an id


class Window:
    """When an operation that a call has started can have been made, by the service's clock.

    That clock is known by the Date of the replies, unless these contradict each other or the operations.

    Args:
        began: When the call began, in seconds since 1970 by this machine's clock, which goes on while the
            machine sleeps.
        environment: Where the time is read.
        skew: By how many seconds a new operation's time differed from the Date before; empty if unknown.
    """

    def __init__(self, began: float, environment: Environment, skew: list[float]) -> None:
        self._began = began
        self._skew = skew
        self._environment = environment
        self._skipped = environment.passed
        self._ahead: list[float] = []  # by how far the service's clock is ahead: the least and the most
        self._newest = 0.0

    def measure(self, ahead: float | None) -> None:
        """Note by how many seconds the service's clock is ahead, as the last reply has told it."""
        if ahead is not None:
            self._ahead = [min(ahead, *self._ahead), max(ahead, *self._ahead)] if self._ahead else [ahead] * 2

    def prove(self, state: OperationState) -> None:
        """Compare the Date with the time of an operation that has just been made."""
        if self._ahead and state.create_time:
            self._skew[:] = [state.create_time.timestamp() - self._environment.wall() - self._ahead[1]]

    def see(self, state: OperationState) -> None:
        """Note that an operation exists by now."""
        if state.create_time:
            self._newest = max(self._newest, state.create_time.timestamp())

    @property
    def _is_known(self) -> bool:
        if not self._ahead or (self._skew and abs(self._skew[0]) > KNOWN):
            return False
        least, most = self._ahead
        slack = KNOWN + self._passed
        return most - least <= slack and self._newest <= self._environment.wall() + most + slack

    @property
    def _passed(self) -> float:
        """Seconds of the call that did not really pass: `fake_time` skipped them."""
        return self._environment.passed - self._skipped

    @property
    def earliest(self) -> float:
        """The earliest time, in seconds since 1970."""
        if not self._is_known:
            return self.earliest_of_all
        return self._began + self._ahead[0] - self._passed - KNOWN

    @property
    def earliest_of_all(self) -> float:
        """The same, whichever of the clocks is right."""
        return self._began + min(0.0, *self._ahead, 0.0) - UNKNOWN

    def holds(self, state: OperationState) -> bool:
        """Whether the operation may have been made by the call."""
        return state.create_time is None or state.create_time.timestamp() >= self.earliest

    def surely_holds(self, state: OperationState) -> bool:
        """Whether it was made since the call began, without the leeway that clocks need."""
        if state.create_time is None:
            return True
        return self._is_known and state.create_time.timestamp() >= self.earliest + KNOWN - CLOSE
