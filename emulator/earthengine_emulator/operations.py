"""The operations of all projects, behind one lock and one clock."""

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from types import TracebackType
from typing import Any, Protocol

from earthengine_emulator.errors import Refusal
from earthengine_emulator.operation import Operation, Outcome
from earthengine_emulator.queues import Queue
from earthengine_emulator.settings import Clock, Settings

LEGACY = "earthengine-legacy"  # the project by which the JavaScript client asks for any operation


class Keeper(Protocol):
    """Where operations are kept over a restart."""

    def save(self, operations: "list[Operation]", now: float) -> None:
        """Keep them as they are now."""

    def clear(self) -> None:
        """Forget all."""


class _Lock:
    """A lock that its holder may take again; what has changed under it is kept before it is given back."""

    def __init__(self) -> None:
        self._lock, self._depth = threading.RLock(), 0
        self.keep: Callable[[], None] | None = None

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._depth == 1 and self.keep is not None:
                self.keep()
        finally:
            self._depth -= 1
            self._lock.release()


class Operations:
    """The queues of all projects.

    Args:
        settings: How they behave.
        clock: Their time.
        work: Starts computing an operation.
    """

    def __init__(
        self, settings: Settings, clock: Clock, work: "Callable[[Operation], Future[Outcome]]"
    ) -> None:
        self.settings, self.clock, self._work = settings, clock, work
        self.lock = _Lock()
        self._queues: dict[str, Queue] = {}
        self._next: deque[Mapping[str, Any]] = deque()
        self._keeper: Keeper | None = None
        self._changed: dict[str, Operation] = {}
        self._closed = False
        self.created = 0  # since the counters were last reset
        self.version = 0  # grows with every change

    def restore(self, keeper: Keeper, operations: list[Operation], now: float) -> None:
        """Take in what was kept, and keep what changes from now on.

        What was running when the emulator ended begins again, as the service does with a task that it lost.

        Args:
            keeper: Where.
            operations: What was kept, in the order in which it was made.
            now: The time at which it was kept last: the clock does not fall behind it.
        """
        with self.lock:
            self._keeper, self.lock.keep = keeper, self._keep
            self.clock.advance(max(now - self.clock(), 0))
            for operation in operations:
                queue = self._queue(operation.project)
                if operation.state == "RUNNING":
                    operation.state, operation.started, operation.due = "PENDING", None, None
                    operation.attempt += 1
                elif operation.state == "CANCELLING":
                    operation.state, operation.ended = "CANCELLED", self.clock()
                    operation.error = {"code": 1, "message": "Cancelled."}
                queue.add(operation)
                self._note(operation)

    def close(self) -> None:
        """Play no more: what is still computed is given up, and stays as it was last kept."""
        with self.lock:
            self._closed = True
            self.lock.keep = None

    def queue(self, project: str) -> Queue:
        """A project's queue, as of now. To be used under the lock."""
        queue = self._queue(project)
        self._play(queue, self.clock())
        return queue

    def _queue(self, project: str) -> Queue:
        if project not in self._queues:
            self._queues[project] = Queue(project, self.settings, self._watched, self._note)
        return self._queues[project]

    def submit(
        self,
        project: str,
        request: dict[str, Any],
        destination_uris: list[str],
        body: bytes = b"",
        user: str = "",
    ) -> dict[str, Any]:
        """Queue an export and return the operation as the API shows it.

        Raises:
            Refusal: The queue is full, or the requestId was used.
        """
        with self.lock:
            queue, now = self.queue(project), self.clock()
            before = queue.created
            request = {key: value for key, value in request.items() if key != "expression"}
            operation = queue.submit(request, destination_uris, now, body, user)
            if queue.created > before:
                self.created += 1
                if self._next:
                    queue.change(operation, self._next.popleft())
            self._play(queue, now)
            return operation.reply(now)

    def _play(self, queue: Queue, now: float) -> None:
        # Where time only passes in steps, it can stand still for a computation.
        if not self._closed:
            queue.advance(now, in_order=self.clock.speed == 0)

    def play(self) -> None:
        """Play what was due until now in every project; the server calls this while time runs."""
        with self.lock:
            for project in list(self._queues):
                self.queue(project)

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

    def found(self, project: str, operation_id: str) -> tuple[Queue, Operation]:
        """An operation of a project, or of any where the project is `LEGACY`.

        Raises:
            Refusal: There is none.
        """
        if project == LEGACY:
            return self.find(operation_id)
        if project not in self._queues:
            raise Refusal("Operation not found.", code=404)
        queue = self.queue(project)
        return queue, queue.get(operation_id)

    def newest(self, limit: int) -> list[Operation]:
        """The newest operations of all projects."""
        found = [
            one for project in list(self._queues) for one in self.queue(project).operations.page(limit, "")[0]
        ]
        return sorted(found, key=lambda one: one.created, reverse=True)[:limit]

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
        """Let time pass, and wait for the computations that are due by then.

        Raises:
            ValueError: It is no finite number.
        """
        if not math.isfinite(seconds):
            raise ValueError("The time to pass is a number of seconds.")
        with self.lock:
            self.clock.advance(seconds)
        while True:
            with self.lock:
                late = [work for project in list(self._queues) for work in self.queue(project).late()]
            if not late or self._closed:
                return
            wait_for(late)

    def reset(self) -> None:
        """Forget everything, and give up what is computed."""
        with self.lock:
            working = [work for queue in self._queues.values() for work in queue.working()]
            self.created = 0
            self.version += 1
            self._queues.clear()
            self._next.clear()
            self._changed.clear()
            if self._keeper is not None:
                self._keeper.clear()
        for work in working:
            work.cancel()

    def _note(self, operation: Operation) -> None:
        self.version += 1
        if self._keeper is not None:
            self._changed[operation.id] = operation

    def _keep(self) -> None:
        if self._changed and self._keeper is not None:
            self._keeper.save(list(self._changed.values()), self.clock())
            self._changed.clear()

    def _watched(self, operation: Operation) -> "Future[Outcome]":
        future = self._work(operation)
        future.add_done_callback(lambda _: self._advance_project(operation.project))
        return future

    def _advance_project(self, project: str) -> None:
        # Called where a computation ends: its operation may be late, and others wait for its place.
        with self.lock:
            if project in self._queues:
                self.queue(project)
