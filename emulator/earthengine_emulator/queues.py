"""The operations of a project and their lives.

Nothing here runs by itself: `Queue.advance(now)` plays everything that was due until `now`, in the order in
which it was due, so that ten thousand operations of ten accelerated hours take one call and no timers.
"""

import heapq
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from typing import Any

from earthengine_emulator.errors import ExportError, Refusal
from earthengine_emulator.listing import Listing
from earthengine_emulator.operation import ACTIVE, Operation, Outcome
from earthengine_emulator.settings import Settings

_ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
KEPT_BYTES = 2**25  # of the requests of operations that have ended; older ones are forgotten
DAY = 86400.0


class Queue:
    """The operations of one project.

    Args:
        project: The project's id.
        settings: How it behaves.
        work: Starts computing an operation and returns the future of its outcome.
        changed: Is told of each operation whose record has changed.
    """

    def __init__(
        self,
        project: str,
        settings: Settings,
        work: "Callable[[Operation], Future[Outcome]]",
        changed: Callable[[Operation], None] = lambda _: None,
    ) -> None:
        self._project, self._settings, self._work, self._changed = project, settings, work, changed
        self._ids = random.Random()  # noqa: S311 - ids are no secrets
        self.operations = Listing()
        # By user and id; None: its submit was refused for a full queue.
        self._by_request_id: dict[tuple[str, str], Operation | None] = {}
        self._arriving: deque[Operation] = deque()
        self._waiting: defaultdict[str, list[tuple[int, int, Operation]]] = defaultdict(list)  # by user
        self._running: list[tuple[float, int, Operation]] = []
        self._late: dict[int, Operation] = {}
        self._born: deque[Operation] = deque()
        self._ended: deque[Operation] = deque()
        self._kept: deque[Operation] = deque()
        self._kept_bytes = 0
        self._playing = False
        self._active: Counter[str] = Counter()  # by user
        self._pending: Counter[str] = Counter()

    @property
    def created(self) -> int:
        """How many operations were made."""
        return self.operations.next_number

    @property
    def active(self) -> int:
        """How many run or are being cancelled."""
        return self._active.total()

    @property
    def pending(self) -> int:
        """How many wait."""
        return self._pending.total()

    def submit(
        self,
        request: dict[str, Any],
        destination_uris: list[str],
        now: float,
        body: bytes = b"",
        user: str = "",
    ) -> Operation:
        """Queue an export, or find the one that has the same requestId.

        Args:
            request: The request without its expression.
            destination_uris: Where its files will be found.
            now: The time.
            body: The request as it came.
            user: Who asks, where users have queues of their own.

        Raises:
            Refusal: The queue is full, or the requestId was used.
        """
        key = (user, request.get("requestId") or "")
        if key in self._by_request_id:
            known = self._by_request_id[key]
            if known is None or self._settings.duplicate_request_id == "reject":
                raise Refusal("A different Operation was already started with the given request_id.")
            return known
        if self._pending[user] >= self._settings.queue_limit:
            if key[1]:
                self._by_request_id[key] = None
            raise Refusal(
                f"Too many tasks already in the queue ({self._settings.queue_limit}). "
                "Please wait for some of them to complete.",
                code=self._settings.queue_full_status,
            )
        operation = Operation(
            project=self._project,
            id="".join(self._ids.choices(_ID_CHARACTERS, k=24)),
            number=self.operations.next_number,
            request=request,
            destination_uris=destination_uris,
            created=now,
            run_seconds=self._settings.run_seconds,
            body=body,
            user=user,
        )
        self.add(operation)
        self._changed(operation)
        return operation

    def add(self, operation: Operation) -> None:
        """Take an operation in: a new one, or one that was kept over a restart."""
        self.operations.add(operation)
        if request_id := operation.request.get("requestId"):
            self._by_request_id[operation.user, request_id] = operation
        if operation.deleted:
            self.operations.remove(operation)
        if operation.state == "PENDING":
            self._born.append(operation)
            self._arriving.append(operation)
            self._pending[operation.user] += 1
        else:
            self._keep(operation)

    def get(self, operation_id: str) -> Operation:
        """The operation of this id.

        Raises:
            Refusal: There is none.
        """
        return self.operations.get(operation_id)

    def page(self, size: int, token: str) -> tuple[list[Operation], str]:
        """Operations from the newest to the oldest, and the token of the next page ("" at the end).

        Raises:
            Refusal: The size is negative, or the token is not one of ours.
        """
        if size < 0:
            raise Refusal("Page size may not be negative.")
        size = min(size or self._settings.page_size, self._settings.max_page_size)
        return self.operations.page(size, token)

    def delete(self, operation_id: str) -> None:
        """Forget an operation; it goes on."""
        operation = self.operations.get(operation_id)
        self.operations.remove(operation)
        operation.deleted = True
        self._changed(operation)

    def cancel(self, operation: Operation, now: float) -> None:
        """Stop an operation: at once while it is PENDING, soon while it runs; one that has ended stays so."""
        if operation.state == "PENDING":
            self._end(operation, now, "CANCELLED")
        elif operation.state == "RUNNING":
            operation.state = "CANCELLING"
            self._run_until(operation, now + self._settings.cancel_seconds)
            self._changed(operation)
            if operation.work is not None:
                operation.work.cancel()

    def change(self, operation: Operation, patch: Mapping[str, Any]) -> None:
        """Script an operation's life, and move its end where its running time was changed."""
        operation.change(patch)
        if operation.state == "RUNNING" and operation.started is not None:
            self._run_until(operation, operation.started + operation.run_seconds)
        self._changed(operation)

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
            if self._settings.max_age_days:
                self._age(now - self._settings.max_age_days * DAY)
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
        event = self.next_event()
        if event > now:
            return False
        while self._arriving and self._arriving[0].created + self._settings.pending_seconds <= event:
            operation = self._arriving.popleft()
            heapq.heappush(self._waiting[operation.user], (-operation.priority, operation.number, operation))
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

    def working(self) -> "list[Future[Outcome]]":
        """The computations of the operations that run."""
        return [
            operation.work for _, _, operation in self._running if operation.work is not None
        ] + self.late()

    def next_event(self) -> float:
        """When the next operation arrives or ends; infinity where none will."""
        arrival = (
            self._arriving[0].created + self._settings.pending_seconds if self._arriving else float("inf")
        )
        return min(arrival, self._running[0][0] if self._running else float("inf"))

    def _start(self, now: float) -> None:
        for user, waiting in self._waiting.items():
            while waiting and self._active[user] < self._settings.running_limit:
                operation = heapq.heappop(waiting)[2]
                if operation.state != "PENDING":
                    continue
                operation.state = "RUNNING"
                operation.started = max(now, operation.created + self._settings.pending_seconds)
                self._pending[user] -= 1
                self._active[user] += 1
                if self._settings.evaluate and operation.outcome is None:
                    operation.work = self._work(operation)
                self._run_until(operation, operation.started + operation.run_seconds)
                self._changed(operation)

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
                operation.files = outcome.publish(now)
                operation.eecu_seconds = outcome.eecu_seconds
            except ExportError as failure:
                error = {"code": failure.code, "message": failure.message}
            except CancelledError:
                error = {"code": 1, "message": "The emulator was stopped."}
        operation.error = error
        self._end(operation, now, "FAILED" if error else "SUCCEEDED")

    def _end(self, operation: Operation, now: float, state: str) -> None:
        if operation.state == "PENDING":
            self._pending[operation.user] -= 1
        else:
            self._active[operation.user] -= 1
        if state == "CANCELLED":
            operation.error = {"code": 1, "message": "Cancelled."}
        if operation.work is not None:
            operation.work.cancel()
        operation.state, operation.ended, operation.work = state, now, None
        self._keep(operation)
        self._changed(operation)

    def _keep(self, operation: Operation) -> None:
        """Note an operation that has ended, and forget old requests where they are too many."""
        self._ended.append(operation)
        if operation.body:
            self._kept.append(operation)
        self._kept_bytes += len(operation.body)
        while self._kept_bytes > KEPT_BYTES:
            oldest = self._kept.popleft()
            self._kept_bytes -= len(oldest.body)
            oldest.body = b""

    def _age(self, limit: float) -> None:
        """End what was made before a time, and forget what has ended before it."""
        while self._born and self._born[0].created <= limit:
            operation = self._born.popleft()
            if operation.state in ACTIVE:
                operation.error = {"code": 4, "message": "The task has exceeded its lifetime."}
                self._end(operation, limit + self._settings.max_age_days * DAY, "FAILED")
        while self._ended and (self._ended[0].ended or 0) <= limit:
            operation = self._ended.popleft()
            self._by_request_id.pop((operation.user, operation.request.get("requestId") or ""), None)
            if not operation.deleted:
                self.delete(operation.id)


def _rank(operation: Operation) -> tuple[float, int]:
    return operation.due or 0.0, operation.number
