"""Operations and their lives: a queue for each project, moved on by a clock that tests may step.

Nothing here runs by itself. `Queue.advance(now)` plays everything that was due until `now`, in the order in
which it was due, so that ten thousand operations of ten accelerated hours take one call and no timers.
"""

import heapq
import itertools
import random
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures import wait as wait_for
from typing import Any

from earthengine_emulator.errors import ExportError, Refusal
from earthengine_emulator.operation import ACTIVE, Operation, Outcome
from earthengine_emulator.settings import Clock, Settings

_ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Queue:
    """The operations of one project.

    Args:
        project: The project's id.
        settings: How it behaves.
        work: Starts computing an operation and returns the future of its outcome.
    """

    def __init__(
        self, project: str, settings: Settings, work: "Callable[[Operation], Future[Outcome]]"
    ) -> None:
        self._project, self._settings, self._work = project, settings, work
        self._numbers = itertools.count()
        self._ids = random.Random()  # noqa: S311 - ids are no secrets
        self._by_id: dict[str, Operation] = {}
        self._by_request_id: dict[str, Operation | None] = {}  # None: its submit was refused for a full queue
        self._all: list[Operation | None] = []  # by number; None: deleted
        self._arriving: deque[Operation] = deque()
        self._waiting: list[tuple[int, int, Operation]] = []
        self._running: list[tuple[float, int, Operation]] = []
        self._late: dict[int, Operation] = {}
        self._playing = False
        self.active = 0
        self.pending = 0

    @property
    def created(self) -> int:
        """How many operations were made."""
        return len(self._all)

    def submit(self, request: dict[str, Any], destination_uris: list[str], now: float) -> Operation:
        """Queue an export, or find the one that has the same requestId.

        Raises:
            Refusal: The queue is full, or the requestId was used.
        """
        request_id = request.get("requestId")
        if request_id in self._by_request_id:
            known = self._by_request_id[request_id]
            if known is None or self._settings.duplicate_request_id == "reject":
                raise Refusal("A different Operation was already started with the given request_id.")
            return known
        if self.pending >= self._settings.queue_limit:
            if request_id:
                self._by_request_id[request_id] = None
            raise Refusal(
                f"Too many tasks already in the queue ({self._settings.queue_limit}). "
                "Please wait for some of them to complete.",
                code=self._settings.queue_full_status,
            )
        operation = Operation(
            project=self._project,
            id="".join(self._ids.choices(_ID_CHARACTERS, k=24)),
            number=next(self._numbers),
            request=request,
            destination_uris=destination_uris,
            created=now,
            run_seconds=self._settings.run_seconds,
        )
        self._by_id[operation.id] = operation
        if request_id:
            self._by_request_id[request_id] = operation
        self._all.append(operation)
        self._arriving.append(operation)
        self.pending += 1
        return operation

    def get(self, operation_id: str) -> Operation:
        """The operation of this id.

        Raises:
            Refusal: There is none.
        """
        try:
            return self._by_id[operation_id]
        except KeyError:
            raise Refusal("Operation not found.", code=404) from None

    def page(self, size: int, token: str) -> tuple[list[Operation], str]:
        """Operations from the newest to the oldest, and the token of the next page ("" at the end).

        Raises:
            Refusal: The size is negative, or the token is not one of ours.
        """
        if size < 0:
            raise Refusal("Page size may not be negative.")
        size = min(size or self._settings.page_size, self._settings.max_page_size)
        number = len(self._all) - 1
        if token:
            if not token.isdecimal():
                raise Refusal("Invalid page token.")
            number = min(int(token), number)
        found: list[Operation] = []
        while number >= 0:
            operation = self._all[number]
            if operation is not None and operation.listed:
                if len(found) == size:
                    return found, str(number)
                found.append(operation)
            number -= 1
        return found, ""

    def delete(self, operation_id: str) -> None:
        """Forget an operation; it goes on."""
        operation = self.get(operation_id)
        del self._by_id[operation_id]
        self._all[operation.number] = None

    def cancel(self, operation: Operation, now: float) -> None:
        """Stop an operation: at once while it is PENDING, soon while it runs; one that has ended stays so."""
        if operation.state == "PENDING":
            self._end(operation, now, "CANCELLED")
        elif operation.state == "RUNNING":
            operation.state = "CANCELLING"
            self._run_until(operation, now + self._settings.cancel_seconds)

    def change(self, operation: Operation, patch: Mapping[str, Any]) -> None:
        """Script an operation's life, and move its end where its running time was changed."""
        operation.change(patch)
        if operation.state == "RUNNING" and operation.started is not None:
            self._run_until(operation, operation.started + operation.run_seconds)

    def advance(self, now: float, *, in_order: bool = False) -> None:
        """Play what was due until now.

        A computation that takes longer than its operation's time delays only the news of it: the operation
        ends when it was due.

        Args:
            now: Until when.
            in_order: Whether nothing that is due later is played before it, so that the same steps of time
                always lead to the same lives. Otherwise the others do not wait for one that takes long.
        """
        if self._playing:  # a computation that was started here has ended at once
            return
        self._playing = True
        try:
            while self._step(now, in_order):
                pass
        finally:
            self._playing = False

    def _step(self, now: float, in_order: bool) -> bool:
        """Play one thing that was due until now; whether there was one."""
        for operation in sorted(self._late.values(), key=_rank):
            due = operation.due or now
            if operation.work is None or operation.work.done():
                del self._late[operation.number]
                self._finish(operation, due)
                self._start(due)
                return True
            if in_order:
                now = min(now, due)
                break
        event = self._next_event()
        if event > now:
            return False
        while self._arriving and self._arriving[0].created + self._settings.pending_seconds <= event:
            operation = self._arriving.popleft()
            heapq.heappush(self._waiting, (-operation.priority, operation.number, operation))
        while self._running and self._running[0][0] <= event:
            due, _, operation = heapq.heappop(self._running)
            # An entry whose operation is due at another time was replaced.
            if operation.due == due and operation.state in ACTIVE:
                self._due(operation, due)
        self._start(event)
        return True

    def late(self) -> "list[Future[Outcome]]":
        """The computations that are not done though their operations' time is over."""
        return [operation.work for operation in self._late.values() if operation.work is not None]

    def _next_event(self) -> float:
        arrival = (
            self._arriving[0].created + self._settings.pending_seconds if self._arriving else float("inf")
        )
        return min(arrival, self._running[0][0] if self._running else float("inf"))

    def _start(self, now: float) -> None:
        while self._waiting and self.active < self._settings.running_limit:
            operation = heapq.heappop(self._waiting)[2]
            if operation.state != "PENDING":
                continue
            operation.state = "RUNNING"
            operation.started = max(now, operation.created + self._settings.pending_seconds)
            self.pending -= 1
            self.active += 1
            if self._settings.evaluate and operation.outcome is None:
                operation.work = self._work(operation)
            self._run_until(operation, operation.started + operation.run_seconds)

    def _run_until(self, operation: Operation, due: float) -> None:
        operation.due = due
        self._late.pop(operation.number, None)
        heapq.heappush(self._running, (due, operation.number, operation))

    def _due(self, operation: Operation, now: float) -> None:
        if operation.state == "CANCELLING":
            self._end(operation, now, "CANCELLED")
        elif operation.work is not None and not operation.work.done() and operation.outcome is None:
            self._late[operation.number] = operation
        else:
            self._finish(operation, now)

    def _finish(self, operation: Operation, now: float) -> None:
        error = (operation.outcome or {}).get("error")
        if operation.outcome is None and operation.work is not None:
            try:
                outcome = operation.work.result()
                operation.files = outcome.publish()
                operation.eecu_seconds = outcome.eecu_seconds
            except ExportError as failure:
                error = {"code": failure.code, "message": failure.message}
            except CancelledError:
                error = {"code": 1, "message": "The emulator was stopped."}
        operation.error = error
        self._end(operation, now, "FAILED" if error else "SUCCEEDED")

    def _end(self, operation: Operation, now: float, state: str) -> None:
        if operation.state == "PENDING":
            self.pending -= 1
        else:
            self.active -= 1
        if state == "CANCELLED":
            operation.error = {"code": 1, "message": "Cancelled."}
        if operation.work is not None:
            operation.work.cancel()
        operation.state, operation.ended, operation.work = state, now, None
        # The graph may be large and is not needed again.
        operation.request = {key: value for key, value in operation.request.items() if key != "expression"}


def _rank(operation: Operation) -> tuple[float, int]:
    return operation.due or 0.0, operation.number


class Operations:
    """The queues of all projects behind one lock and one clock.

    Args:
        settings: How they behave.
        clock: Their time.
        work: Starts computing an operation.
    """

    def __init__(
        self, settings: Settings, clock: Clock, work: "Callable[[Operation], Future[Outcome]]"
    ) -> None:
        self.settings, self.clock, self._work = settings, clock, work
        self.lock = threading.RLock()
        self._queues: dict[str, Queue] = {}
        self._next: deque[Mapping[str, Any]] = deque()
        self.created = 0  # since the counters were last reset

    def queue(self, project: str) -> Queue:
        """A project's queue, as of now. To be used under the lock."""
        if project not in self._queues:
            self._queues[project] = Queue(project, self.settings, self._watched)
        queue = self._queues[project]
        self._play(queue, self.clock())
        return queue

    def submit(self, project: str, request: dict[str, Any], destination_uris: list[str]) -> dict[str, Any]:
        """Queue an export and return the operation as the API shows it.

        Raises:
            Refusal: The queue is full, or the requestId was used.
        """
        with self.lock:
            queue, now = self.queue(project), self.clock()
            before = queue.created
            operation = queue.submit(request, destination_uris, now)
            if queue.created > before:
                self.created += 1
                if self._next:
                    queue.change(operation, self._next.popleft())
            self._play(queue, now)
            return operation.reply(now)

    def _play(self, queue: Queue, now: float) -> None:
        # Where time only passes in steps, it can stand still for a computation.
        queue.advance(now, in_order=self.clock.speed == 0)

    def find(self, operation_id: str) -> tuple[Queue, Operation]:
        """An operation by its id alone, or by its full name.

        Raises:
            Refusal: There is none.
        """
        for project in list(self._queues):
            queue = self.queue(project)
            try:
                return queue, queue.get(operation_id.rpartition("/")[2])
            except Refusal:
                continue
        raise Refusal("Operation not found.", code=404)

    def script(self, operation_id: str, patch: Mapping[str, Any]) -> None:
        """Change the life of an operation; "next" is the next one that is made, and is queued.

        Raises:
            Refusal: There is no such operation.
        """
        with self.lock:
            if operation_id == "next":
                self._next.append(patch)
            else:
                queue, operation = self.find(operation_id)
                queue.change(operation, patch)

    def advance(self, seconds: float) -> None:
        """Let time pass, and wait for the computations that are due by then."""
        with self.lock:
            self.clock.advance(seconds)
        while True:
            with self.lock:
                late = [work for project in list(self._queues) for work in self.queue(project).late()]
            if not late:
                return
            wait_for(late)

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self.created = 0
            self._queues.clear()
            self._next.clear()

    def _watched(self, operation: Operation) -> "Future[Outcome]":
        future = self._work(operation)
        future.add_done_callback(lambda _: self._advance_project(operation.project))
        return future

    def _advance_project(self, project: str) -> None:
        # Called where a computation ends: its operation may be late, and others wait for its place.
        with self.lock:
            if project in self._queues:
                self.queue(project)
