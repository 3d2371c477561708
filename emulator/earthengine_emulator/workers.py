"""Worker processes: graphs are evaluated and pixels computed there, while the server goes on answering.

Each is a Python of its own that `worker.main` runs in, started when it is first needed. One that has nothing
to do is handed to whichever emulator in this process needs one next of its priority. To cancel what one
computes is to kill it: the next job gets another.
"""

import atexit
import contextlib
import json
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import IO, Any, cast

from earthengine_emulator.errors import ExportError

MAX_IDLE = 4
EXPORTS, REQUESTS = 5, 0  # how nice the processes are: what somebody waits for comes before exports
# The path is handed over, so that a worker finds what this process finds, however it was put there.
_START = """
import json, os, sys
if hasattr(os, "nice"):
    os.nice(int(sys.argv[2]))
sys.path[:] = json.loads(sys.argv[1])
from earthengine_emulator.worker import main
main()
"""
# Not more memory and threads than an export of many needs; what the user has set stays.
_ENVIRONMENT = {"GDAL_CACHEMAX": "64", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

_idle: "list[Worker]" = []
_idle_lock = threading.Lock()


class WorkerDied(Exception):
    """The process has ended before it answered."""


class Worker:
    """One process, which answers one call at a time.

    Args:
        niceness: Its priority, `EXPORTS` or `REQUESTS`.
    """

    def __init__(self, niceness: int) -> None:
        self.niceness = niceness
        path = json.dumps([os.path.abspath(entry) for entry in sys.path])
        self._process = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-c", _START, path, str(niceness)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_ENVIRONMENT | dict(os.environ),
            process_group=0,  # Ctrl-C is for whoever has started it; it ends with its input
        )
        self._jobs, self._answers = (
            cast(IO[bytes], self._process.stdin),
            cast(IO[bytes], self._process.stdout),
        )

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def call(self, job: str, arguments: dict[str, Any]) -> Any:
        """Run a job of `worker.JOBS` and return what it returns.

        Raises:
            ExportError: As the job raised it.
            WorkerDied: The process was killed, or has crashed.
        """
        try:
            pickle.dump((job, arguments), self._jobs)
            self._jobs.flush()
            answer = pickle.load(self._answers)  # noqa: S301 - from our own process
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            raise WorkerDied(f"{type(error).__name__}: {error}") from error
        if isinstance(answer, ExportError):
            raise answer
        return answer

    def kill(self) -> None:
        """End the process, whatever it does; its `call` raises `WorkerDied`."""
        self._process.kill()

    def close(self) -> None:
        """End the process and wait for its end."""
        self.kill()
        self._process.wait()
        for pipe in (self._jobs, self._answers):
            with contextlib.suppress(OSError):  # what was still to be written has nobody to read it
                pipe.close()


class Work(Future[Any]):
    """A job's result; unlike others of its kind it can be cancelled while it runs."""

    def __init__(self, niceness: int) -> None:
        super().__init__()
        self._niceness = niceness
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._abandoned = False

    def cancel(self) -> bool:
        """Take it back, or kill the process that computes it. False where it is done."""
        if super().cancel():
            return True
        with self._lock:
            if self.done():
                return False
            self._abandoned = True
            if self._worker is not None:
                self._worker.kill()
        return True

    def run(self, job: str, arguments: dict[str, Any], then: Callable[[Any], Any]) -> None:
        """Let a worker do the job, and turn its answer into the result."""
        if not self.set_running_or_notify_cancel():
            return
        try:
            self.set_result(then(self._call(job, arguments)))
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            self.set_exception(error)

    def _call(self, job: str, arguments: dict[str, Any]) -> Any:
        worker = _take(self._niceness)
        with self._lock:
            if self._abandoned:
                _give_back(worker)
                raise CancelledError
            self._worker = worker
        alive = False
        try:
            answer = worker.call(job, arguments)
            alive = True
        except ExportError:
            alive = True
            raise
        except WorkerDied:
            if self._abandoned:
                raise CancelledError from None
            raise ExportError(
                "User memory limit exceeded. (The emulator's worker process has ended before it was done: it "
                "was killed, mostly for want of memory, or a library in it has crashed.)",
                code=8,
            ) from None
        finally:
            with self._lock:
                self._worker = None
            # One that was killed may look alive for a moment.
            if alive and not self._abandoned:
                _give_back(worker)
            else:
                worker.close()
        return answer


class Pool:
    """Runs jobs in worker processes, so many at a time, in the order in which they come.

    Args:
        size: How many at a time.
        niceness: The processes' priority, `EXPORTS` or `REQUESTS`.
    """

    def __init__(self, size: int, niceness: int) -> None:
        self._size, self._niceness = size, niceness
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._works: set[Work] = set()
        self._lock = threading.Lock()

    def submit(
        self, job: str, arguments: dict[str, Any], then: Callable[[Any], Any] = lambda answer: answer
    ) -> Work:
        """Queue a job.

        Args:
            job: Its name in `worker.JOBS`.
            arguments: What it is called with; they are pickled.
            then: Makes the result from its answer, on a thread of this process.
        """
        work = Work(self._niceness)
        with self._lock:
            self._works.add(work)
            # A thread for each job at a time: all it does is wait for its process.
            if len(self._threads) < min(self._size, len(self._works)):
                thread = threading.Thread(target=self._run, name="earthengine-emulator", daemon=True)
                self._threads.append(thread)
                thread.start()
        work.add_done_callback(self._forget)
        self._jobs.put(lambda: work.run(job, arguments, then))
        return work

    def close(self) -> None:
        """Cancel every job, and wait until none runs."""
        with self._lock:
            works, threads = list(self._works), list(self._threads)
        for work in works:
            work.cancel()
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _forget(self, work: "Future[Any]") -> None:
        with self._lock:
            self._works.discard(work)


def warm() -> None:
    """Start a worker of each priority, so that the first who needs one need not wait for it."""
    for niceness in (REQUESTS, EXPORTS):
        _give_back(Worker(niceness))


def _take(niceness: int) -> Worker:
    with _idle_lock:
        for worker in [worker for worker in _idle if worker.niceness == niceness]:
            _idle.remove(worker)
            if worker.alive:
                return worker
            worker.close()
    return Worker(niceness)


def _give_back(worker: Worker) -> None:
    with _idle_lock:
        alike = sum(worker.niceness == other.niceness for other in _idle)
        if worker.alive and alike < MAX_IDLE:
            _idle.append(worker)
            return
    worker.close()


@atexit.register
def _close_idle() -> None:
    with _idle_lock:
        while _idle:
            _idle.pop().close()
