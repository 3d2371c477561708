"""The flow that submits an export, so that exactly one operation comes of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import count

from .. import rest
from .._connect.faults import action_for
from .._errors.root import fate
from ..errors import DuplicateRequest, EarthEngineError, QueueFull, RequestError
from ..image_export import ImageExport
from ..operation_state import OperationState
from . import likeness
from .flows import Context, Flow, H, Pages, Sleep, Use, call, refresh
from .names import is_operation_name
from .policy import Polling
from .watched import Watched, log, log_notes

_LOOKS = 3  # an operation may appear in the list some seconds after it was started
_QUEUE = Polling(initial=10, maximum=60)  # how often it is tried whether a full queue has room


def submit(
    context: Context,
    export: ImageExport,
    make: Callable[[OperationState, ImageExport], H],
    queue_timeout: float | None,
) -> Flow[H]:
    """Start an export exactly once, whatever happens to the requests; wait for a place in a full queue.

    The requestId is made before the first attempt and kept. Only after a full queue another is made, since
    the refused one may be used up; it is kept too where an attempt before that may have been accepted.

    Raises:
        EarthEngineError: With `request_id`, and `may_exist` where an attempt may have been accepted.
        QueueFull: The project's queue is full, and `queue_timeout` is over.
        DuplicateRequest: The requestId belongs to another export, or to one that cannot be told.
    """
    clock = context.environment
    deadline = clock.monotonic() + (queue_timeout or 0.0)
    request_id, may_exist = "", False
    for poll in count(1):
        request_id = request_id or export.request_id or clock.new_request_id()
        submission = _Submission(context, export, request_id)
        try:
            return make((yield from submission.run()), export)
        except EarthEngineError as error:
            error.may_exist = may_exist = error.may_exist or (may_exist and error.request_id == request_id)
            if not isinstance(error, QueueFull):
                raise
            left = deadline - clock.monotonic()
            if left <= 0:
                raise
            request_id = request_id if may_exist else ""
            pause = min(left, _QUEUE.spacing(poll, clock.random()))
            log.info("%s: the queue is full; trying again in %.0f s", likeness.label(export), pause)
        try:
            yield Sleep(pause)
        except BaseException as error:
            submission.note(error, may_exist=may_exist)
            raise
    raise AssertionError  # count has no end


class _Submission:
    """One submit with one requestId."""

    def __init__(self, context: Context, export: ImageExport, request_id: str) -> None:
        self._context = context
        self._export = export
        self._id = request_id
        self._about = f"{likeness.label(export)} (request_id={request_id!r})"
        self._window = likeness.Window(context.environment.wall(), context.environment, context.skew)
        self._use: Use | None = None

    def run(self) -> Flow[OperationState]:
        if self._export.request_id:
            self._use = self._claim(self._export.digest())
        log.info("submitting %s to %s", self._about, self._context.access.project)
        self._context.pending[self._id] = self._export.description
        try:
            state = yield from self._start()
        except EarthEngineError as error:
            error.request_id = self._id
            if self._use and not self._use.name and not error.may_exist:
                self._context.used.pop(self._id, None)  # it has started nothing, and is free again
            raise
        except BaseException as error:
            self.note(error)
            raise
        finally:
            self._context.pending.pop(self._id, None)
        self._context.given[state.name] = self._id
        if self._use:
            self._use.name = state.name
            self._context.used[self._id] = self._use  # another submit of the same may have freed it
        log.info("started %s, request_id=%r", state.label, self._id)
        log_notes(state)
        return state

    def note(self, error: BaseException, *, may_exist: bool = True) -> None:
        """Add to the exception that interrupts the submit what became of the export."""
        text = f"The submit of {self._about} was interrupted. {fate(self._id, may_exist)}"
        error.add_note(text)
        log.warning("%s", text)

    def _start(self) -> Flow[OperationState]:
        arguments = {"projects_id": self._context.access.project, "body": self._export.to_request(self._id)}
        try:
            yield from call(self._context, rest.EXPORT, arguments, check=self._wrong, about=self._about)
        except RequestError as error:
            if action_for(error, "export") != "reconcile":
                raise
            return (yield from self._reconcile(was_used=error.attempts == 1 and self._use is not None))
        if self._use:
            self._refuse_another(self._state)
        else:
            self._window.prove(self._state)
        return self._state

    def _claim(self, content: str) -> Use:
        """Remember which export the caller's own request_id is for; refuse it for another."""
        use = self._context.used.setdefault(self._id, Use(content))
        if use.content != content:
            started = f": {use.name}" if use.name else ", which may have been started"
            said = f"This client has used request_id={self._id!r} for another export{started}."
            raise self._duplicate(said, filter(None, [use.name]), may_exist=False)
        return use

    def _wrong(self, reply: rest.Operation) -> str:
        """What is wrong with a reply, which may be another request's; keeps what it tells."""
        self._state = state = OperationState.of(reply)
        self._window.measure(self._context.clock_ahead())
        if not is_operation_name(state.name):
            return "names no operation"
        if self._is_anothers(state):
            return f"names the operation of another submit, {state.name}"
        if self._use:  # it may have been used for another export, which is no fault of the reply
            return ""
        if differs := likeness.contradiction(self._export, state, default_priority=None):
            return f"names another export's operation, {state.name}, which has {differs}"
        if state.create_time and state.create_time.timestamp() < self._window.earliest_of_all:
            return f"names an older operation, {state.name} of {state.create_time}"
        return ""

    def _is_anothers(self, state: OperationState) -> bool:
        return self._context.given.get(state.name, self._id) != self._id

    def _refuse_another(self, state: OperationState) -> None:
        """Raise `DuplicateRequest` if the caller's own id gave another export's operation, or perhaps did."""
        used = f"request_id={self._id!r} was used before"
        if differs := likeness.contradiction(self._export, state):
            said = f"{used}, by another export: {state.name} has {differs}."
            raise self._duplicate(said, [state.name], may_exist=False)
        is_old = state.create_time is not None and state.create_time.timestamp() < self._window.earliest
        can_tell = self._export.description or likeness.has_asset(self._export, state)
        if is_old and not can_tell and not likeness.is_tied(self._export):
            raise self._duplicate(
                f"{used}, by {state.name} of {state.create_time}, and without a description it cannot be "
                "told whether that is this export. An export is recognised by its description, or by "
                "export.with_request_id(export.digest()).",
                [state.name],
            )

    def _duplicate(self, said: str, candidates: Iterable[str], *, may_exist: bool = True) -> DuplicateRequest:
        return DuplicateRequest(said, request_id=self._id, candidates=list(candidates), may_exist=may_exist)

    def _reconcile(self, *, was_used: bool) -> Flow[OperationState]:
        """Find the operation that this requestId has started.

        Args:
            was_used: Whether it was so before this call, since the first attempt was refused.
        """
        found: dict[str, OperationState] = {}
        for look in range(_LOOKS + 1):
            if look:
                yield Sleep(self._context.retry.initial * 2**look)
            try:
                if self._use and self._use.name:
                    known = Watched(OperationState.named(self._use.name))
                    return (yield from refresh(self._context, known)).last
                seen_before = set(found)
                yield from self._look(found)
            except EarthEngineError as error:
                error.may_exist = True
                raise
            if one := self._evident(list(found.values()), was_used=was_used):
                # One match may not be the one, as long as the list lags behind.
                if one.name in seen_before or one.description == self._id:
                    return one
            elif look >= _LOOKS - 1:
                break
        likely = [one.name for one in found.values() if self._window.holds(one)] or list(found)
        raise self._duplicate(
            f"The service says that request_id={self._id!r} was used already, and it cannot be told for "
            "which operation. An export with a description of its own is recognised.",
            likely[:10],
        )

    def _look(self, found: dict[str, OperationState]) -> Flow[None]:
        """Add the listed operations that nothing tells from this export, and no other submit was given."""
        pages = Pages(self._context, self._context.access.project)
        while pages.more:
            ages = []
            for reply in (yield from pages.read()):
                state = OperationState.of(reply)
                self._window.measure(self._context.clock_ahead())
                self._window.see(state)
                ages.append(state.create_time.timestamp() if state.create_time else math.inf)
                if not likeness.contradiction(self._export, state) and not self._is_anothers(state):
                    found.setdefault(state.name, state)
            # The order of the list is undocumented; where it is seen to be newest first, the rest is too old.
            if not self._use and ages and min(ages) < self._window.earliest and ages == sorted(ages)[::-1]:
                break

    def _evident(self, found: list[OperationState], *, was_used: bool) -> OperationState | None:
        """The one operation that is this export beyond doubt, as far as the list tells."""
        export = self._export
        twins = [one for one, text in list(self._context.pending.items()) if text == export.description]
        if len(twins) > 1:  # another submit that has no name yet may have started what is found
            return None
        young = [one for one in found if self._window.holds(one)]
        if not was_used:
            is_sure = len(young) == 1 and self._window.surely_holds(young[0])
            return young[0] if is_sure and (not self._use or export.description) else None
        # It is older than the call: a description alone may be another run's.
        own = export.description and (export.description == self._id or likeness.is_tied(export))
        if len(found) == 1 and (own or likeness.has_asset(export, found[0])):
            return found[0]
        return None
