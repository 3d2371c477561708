"""What a batch knows of its jobs, in SQLite; docs/batch.md shows the schema."""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import Any

import attrs

from ..image_export import ImageExport
from .errors import JobChanged
from .jobs import destination_of
from .store import Store


@attrs.define
class Job:
    """A row of the journal; docs/batch.md says what each column means."""

    number: int
    key: str
    description: str
    state: str
    request_id: str
    id_made: float
    tries: int
    operation: str | None
    told: int
    parent: int | None
    unanswered: int


@attrs.frozen
class Record:
    """What the journal knows about how a job ended.

    Attributes:
        job: The job.
        export: Its export, as JSON.
        destination: What it writes, or None.
        reply: The operation's last reply as JSON, or None.
        error: Why it has no operation, as JSON, or None.
        ended: When it ended, in seconds since 1970.
    """

    job: Job
    export: str
    destination: str | None
    reply: str | None
    error: str | None
    ended: float | None


_LIMIT_HOLDS = 3600.0  # seconds for which the queue is taken to be as long as a refusal has told
_JOB = ", ".join(field.name for field in attrs.fields(Job))
_RECORD = f"{_JOB}, export, destination, reply, error, ended"


def new_id() -> str:
    """A request id that nobody has used."""
    return str(uuid.uuid4())


class Journal(Store):
    """What a batch knows; every method is one transaction."""

    def __init__(self, path: str | os.PathLike[str] | None, project: str | None, account: str) -> None:
        """See `Store`."""
        super().__init__(path, project, account)
        self._fresh: dict[int, ImageExport] = {}  # taken in and not asked for yet, so that none is parsed

    def _rows(self, sql: str, *values: object) -> list[Any]:
        with self._lock, self._translated():
            return self._db.execute(sql, values).fetchall()

    def _jobs(self, where: str, *values: object) -> list[Job]:
        return [Job(*row) for row in self._rows(f"SELECT {_JOB} FROM jobs {where}", *values)]  # noqa: S608 - ours

    # What is read.

    def planned(self, after: int, limit: int) -> list[Job]:
        """The next jobs that wait to be submitted."""
        return self._jobs("WHERE state = 'planned' AND number > ? ORDER BY number LIMIT ?", after, limit)

    def submitted(self) -> list[Job]:
        """The jobs that were submitted and have not ended, as far as is known."""
        return self._jobs("WHERE state = 'submitted' ORDER BY number")

    def children(self, job: Job) -> list[Job]:
        """The jobs that a job was split into."""
        return self._jobs("WHERE parent = ? ORDER BY number", job.number)

    def numbers(self, run: int) -> list[int]:
        """The jobs that have ended and whose outcome was not handed out in this run."""
        rows = self._rows(
            "SELECT number FROM jobs WHERE ended IS NOT NULL AND state != 'split' AND told < ? "
            "ORDER BY number",
            run,
        )
        return [number for (number,) in rows]

    def export(self, number: int) -> ImageExport:
        """A job's export."""
        if fresh := self._fresh.pop(number, None):
            return fresh
        ((text,),) = self._rows("SELECT export FROM jobs WHERE number = ?", number)
        return ImageExport.from_json(text)

    def records(self, after: int = 0, limit: int = 1000, number: int | None = None) -> list[Record]:
        """What is known of jobs, in their order; of one alone where its number is given."""
        where = "number > ? ORDER BY number LIMIT ?" if number is None else "number = ? LIMIT ?"
        rows = self._rows(
            f"SELECT {_RECORD} FROM jobs WHERE {where}",  # noqa: S608 - ours
            after if number is None else number,
            limit,
        )
        width = len(attrs.fields(Job))
        return [Record(Job(*row[:width]), *row[width:]) for row in rows]

    def counts(self) -> Counter[str]:
        """How many jobs there are in each state."""
        return Counter(dict(self._rows("SELECT state, count(*) FROM jobs GROUP BY state")))

    def queue_limit(self) -> int | None:
        """How many operations may be PENDING, as the last refusal of the last hour has told it."""
        ((limit,),) = self._rows(
            "SELECT CASE WHEN limit_seen > ? THEN queue_limit END FROM batch", time.time() - _LIMIT_HOLDS
        )
        return None if limit is None else int(limit)

    def was_full(self, since: float) -> bool:
        """Whether the queue was full at some time, or within an hour before."""
        return bool(self._rows("SELECT 1 FROM batch WHERE limit_seen > ?", since - _LIMIT_HOLDS))

    def is_given(self, operation: str) -> bool:
        """Whether a job has had this operation."""
        return bool(
            self._rows(
                "SELECT 1 FROM jobs WHERE operation = ? UNION ALL SELECT 1 FROM attempts WHERE operation = ?",
                operation,
                operation,
            )
        )

    # What is written.

    def begin_run(self) -> int:
        """The number of a new run."""
        with self.transaction() as db:
            db.execute("UPDATE batch SET runs = runs + 1")
            return int(db.execute("SELECT runs FROM batch").fetchone()[0])

    def plan(
        self, jobs: Iterable[tuple[str, ImageExport]]
    ) -> tuple[int, list[Job], list[tuple[str, ImageExport, str, str]]]:
        """Take in jobs, each with a request id, before anything is sent.

        Returns:
            How many are new, the jobs that were known before, and those that are refused, since another job
            writes the same: with its key and what they both write.

        Raises:
            JobChanged: Another export is known under a job's key; none of the jobs was taken in.
        """
        added, known = dict[int, ImageExport](), list[Job]()
        refused: list[tuple[str, ImageExport, str, str]] = []
        with self.transaction(durable=True) as db:
            for key, export in jobs:
                if found := self._jobs("WHERE key = ?", key):
                    self._check_same(found[0], export)
                    known.append(found[0])
                    continue
                destination = destination_of(export)
                if owner := self._owner(destination):
                    refused.append((key, export, owner, str(destination)))
                    continue
                added[self._insert(db, key, export, destination, None)] = export
        self._fresh |= added
        return len(added), known, refused

    def _owner(self, destination: str | None) -> str:
        """The key of the job that writes there, or ""."""
        rows = self._rows(
            "SELECT key FROM jobs WHERE destination = ? "
            "AND (state NOT IN ('failed', 'cancelled') OR unanswered)",
            destination,
        )
        return str(rows[0][0]) if rows else ""

    def _insert(
        self,
        db: Connection,
        key: str,
        export: ImageExport,
        destination: str | None,
        parent: int | None,
    ) -> int:
        given = export.request_id
        if given and self._rows(
            "SELECT 1 FROM jobs WHERE request_id = ? UNION ALL SELECT 1 FROM attempts WHERE request_id = ?",
            given,
            given,
        ):
            given = None
        row = db.execute(
            "INSERT INTO jobs (key, description, destination, export, state, request_id, id_made, parent) "
            "VALUES (?, ?, ?, ?, 'planned', ?, ?, ?)",
            (
                key,
                export.description or "",
                destination,
                export.to_json(),
                given or new_id(),
                time.time(),
                parent,
            ),
        )
        return int(row.lastrowid or 0)

    def _check_same(self, job: Job, export: ImageExport) -> None:
        ((text,),) = self._rows("SELECT export FROM jobs WHERE number = ?", job.number)
        if text != export.to_json() and ImageExport.from_json(text) != export:
            raise JobChanged(
                f"the job {job.key!r} was another export when it was taken in, and is {job.state} now. "
                "Nothing was submitted for the changed one; give it another key, or give the batch a new "
                "journal. What was started goes on.",
                path=self.path or "in memory",
                key=job.key,
            )

    def submitting(self, job: Job) -> None:
        """A job is about to be submitted; from here on its operation may exist."""
        self._update(job, "submitted", unanswered=True)

    def started(self, job: Job, operation: str) -> None:
        """A job has become an operation."""
        job.operation = operation
        self._update(job, "submitted", unanswered=False)

    def not_started(self, job: Job) -> None:
        """A job's first attempts have started nothing, and its request id may be used again."""
        self._update(job, "planned", unanswered=False)

    def ended(self, jobs: Iterable[tuple[Job, str, str | None, str | None, bool]]) -> None:
        """Jobs have ended.

        Args:
            jobs: Each with its state, the operation's last reply and the error, both as JSON, and whether an
                operation may exist whose name is not known.
        """
        with self.transaction() as db:
            for job, state, reply, error, unanswered in jobs:
                job.state, job.unanswered = state, int(unanswered)
                db.execute(
                    "UPDATE jobs SET state = ?, reply = ?, error = ?, ended = ?, unanswered = ? "
                    "WHERE number = ?",
                    (state, reply, error, time.time(), job.unanswered, job.number),
                )

    def anew(self, jobs: Iterable[Job], why: str, *, failed: bool) -> None:
        """Put jobs back into the line, each with a new request id.

        Args:
            jobs: The jobs.
            why: What became of the old ids.
            failed: Whether this counts as one of their tries.
        """
        with self.transaction(durable=True) as db:
            for job in jobs:
                db.execute(
                    "INSERT INTO attempts VALUES (?, ?, ?, ?, ?)",
                    (job.request_id, job.number, job.operation, why, time.time()),
                )
                job.state, job.operation, job.request_id, job.id_made = "planned", None, new_id(), time.time()
                job.tries, job.unanswered = job.tries + failed, 0
                db.execute(
                    "UPDATE jobs SET state = 'planned', operation = NULL, reply = NULL, error = NULL, "
                    "ended = NULL, unanswered = 0, request_id = ?, id_made = ?, tries = ? WHERE number = ?",
                    (job.request_id, job.id_made, job.tries, job.number),
                )

    def split(self, job: Job, reply: str, parts: Sequence[tuple[str, ImageExport]]) -> bool:
        """Put smaller jobs in the place of one that failed, unless another has a key or a file of theirs."""
        with self.transaction(durable=True) as db:
            for key, export in parts:
                if self._jobs("WHERE key = ?", key) or self._owner(destination_of(export)):
                    return False
            db.execute(
                "UPDATE jobs SET state = 'split', reply = ?, ended = ? WHERE number = ?",
                (reply, time.time(), job.number),
            )
            job.state = "split"
            for key, export in parts:
                self._insert(db, key, export, destination_of(export), job.number)
        return True

    def told(self, numbers: Iterable[int], run: int) -> None:
        """Outcomes were handed out."""
        with self.transaction() as db:
            db.executemany("UPDATE jobs SET told = ? WHERE number = ?", [(run, number) for number in numbers])

    def cancel_planned(self, error: str) -> list[int]:
        """Take all jobs out of the line that were not submitted; their numbers."""
        with self.transaction() as db:
            rows = db.execute("SELECT number FROM jobs WHERE state = 'planned' ORDER BY number").fetchall()
            db.execute(
                "UPDATE jobs SET state = 'cancelled', error = ?, ended = ? WHERE state = 'planned'",
                (error, time.time()),
            )
            return [number for (number,) in rows]

    def full(self, limit: int | None) -> None:
        """The queue is full, and a refusal may have told how many operations may be PENDING."""
        self.write("UPDATE batch SET queue_limit = ?, limit_seen = ?", limit, time.time())

    def failed(self) -> list[Job]:
        """The jobs that have failed or were cancelled, and what they write no other does, nor a later one."""
        return self._jobs(
            "WHERE state IN ('failed', 'cancelled') AND NOT EXISTS (SELECT 1 FROM jobs AS other "
            "WHERE other.destination = jobs.destination AND other.number != jobs.number "
            "AND (other.state NOT IN ('failed', 'cancelled') OR other.unanswered "
            "OR other.number > jobs.number)) ORDER BY number"
        )

    def _update(self, job: Job, state: str, *, unanswered: bool) -> None:
        job.state, job.unanswered = state, int(unanswered)
        self.write(
            "UPDATE jobs SET state = ?, operation = ?, unanswered = ? WHERE number = ?",
            state,
            job.operation,
            job.unanswered,
            job.number,
        )
