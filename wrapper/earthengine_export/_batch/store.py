"""The file of a journal: its schema, its lock, its transactions, and what can be wrong with it."""

from __future__ import annotations

import os
import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from urllib.parse import quote

from .errors import (
    JournalError,
    JournalLocked,
    JournalMismatch,
    JournalTooNew,
    JournalUnwritable,
    NotAJournal,
)

APPLICATION, VERSION = 0x45455842, 2
STATES = ("planned", "submitted", "succeeded", "failed", "cancelled", "split")
_SCHEMA = f"""
CREATE TABLE batch (
    project TEXT NOT NULL,
    account TEXT NOT NULL,
    made REAL NOT NULL,
    runs INTEGER NOT NULL,
    queue_limit INTEGER,
    limit_seen REAL
);
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    destination TEXT,
    export TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN {STATES}),
    request_id TEXT NOT NULL UNIQUE,
    id_made REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 1,
    operation TEXT,
    reply TEXT,
    error TEXT,
    ended REAL,
    told INTEGER NOT NULL DEFAULT 0,
    parent INTEGER REFERENCES jobs,
    unanswered INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE INDEX jobs_by_operation ON jobs (operation) WHERE operation IS NOT NULL;
CREATE INDEX jobs_by_destination ON jobs (destination) WHERE destination IS NOT NULL;
CREATE TABLE attempts (
    request_id TEXT PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES jobs,
    operation TEXT,
    why TEXT NOT NULL,
    given_up REAL NOT NULL
);
CREATE INDEX attempts_by_operation ON attempts (operation) WHERE operation IS NOT NULL;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {VERSION};
"""
# What makes a version of the one before it, by the version that it makes.
_UPGRADES = {
    2: """
ALTER TABLE batch ADD COLUMN queue_limit INTEGER;
ALTER TABLE batch ADD COLUMN limit_seen REAL;
ALTER TABLE jobs ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0;
UPDATE jobs SET unanswered = 1 WHERE state = 'submitted' AND operation IS NULL;
PRAGMA user_version = 2;
"""
}
# What SQLite calls it, what is raised, what it means, and what to do. The first that fits counts.
_FAULTS: tuple[tuple[tuple[str, ...], type[JournalError], str], ...] = (
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED"),
        JournalLocked,
        "another process runs on it. Wait for that one, or give this batch a journal of its own.",
    ),
    (
        ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_FORMAT"),
        NotAJournal,
        "it is no journal of a batch, or it is damaged; it was left as it is. Give the path of another file.",
    ),
    (
        ("SQLITE_FULL",),
        JournalUnwritable,
        "the disk is full. Nothing is submitted that it does not hold; make room, and run the batch again.",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_IOERR"),
        JournalUnwritable,
        "it cannot be written. Nothing is submitted that it does not hold; give a path in a folder that is "
        "there and can be written, or mend the disk, and run the batch again.",
    ),
)


class Store:
    """What a batch knows; every method is one transaction.

    Args:
        path: The file; None for one that nobody sees and that ends with the process.
        project: The project that the exports run in; None where they are only read, whosever they are.
        account: The account that they run as, as far as that is known.

    Raises:
        JournalError: It cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str] | None, project: str | None, account: str) -> None:
        # By whatever names it goes, it has one lock.
        self.path = "" if path is None else os.path.realpath(path)
        self._lock = RLock()
        self._files = dict[str, tuple[int, int] | None]()  # that are in use, and which they are
        self._rescued = ""
        self._durable = True
        with self._translated():
            # A database without a name is SQLite's own temporary file, so that memory stays flat.
            self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            self._end = weakref.finalize(self, self._db.close)
            try:
                self._open(project, account)
            except BaseException:
                self._end()
                raise

    def close(self) -> None:
        """Close the file; the journal cannot be used after."""
        with self._lock:
            self._end()

    def _open(self, project: str | None, account: str) -> None:
        application, version, tables = (
            self._db.execute(query).fetchone()[0]
            for query in (
                "PRAGMA application_id",
                "PRAGMA user_version",
                "SELECT count(*) FROM sqlite_master",
            )
        )
        self._files[self.path] = _identity(self.path)
        if application == version == tables == 0 and project is not None:
            self._db.execute("PRAGMA journal_mode = WAL")
            with self.transaction(durable=True):
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(
                    "INSERT INTO batch (project, account, made, runs) VALUES (?, ?, ?, 0)",
                    (project, account, time.time()),
                )
            version = VERSION
        elif application != APPLICATION:
            raise NotAJournal(
                "it is a database of something else; it was left as it is. Give the path of another file.",
                path=self.path,
            )
        if version > VERSION:
            raise JournalTooNew(
                f"a newer version of this library wrote it (schema {version}; this one reads {VERSION}); it "
                "was left as it is. Upgrade earthengine-export, or give the path of another file.",
                path=self.path,
            )
        if version < VERSION:
            self._upgrade()
        of, as_ = self._db.execute("SELECT project, account FROM batch").fetchone()
        if project is not None and (of, as_) != (project, account):
            raise JournalMismatch(
                f"it is of the project {of!r} and the account {as_ or 'unknown'!r}, not of {project!r} and "
                f"{account or 'unknown'!r}; its exports would run twice. Make the client for that project "
                "and account, or give a journal of its own to this batch.",
                path=self.path,
            )

    def _upgrade(self) -> None:
        """Bring a journal of an older version of this library up to date, unless a run is under way on it."""
        with self.locked(), self.transaction(durable=True) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            for made in range(version + 1, VERSION + 1):
                for statement in _UPGRADES[made].split(";"):
                    db.execute(statement)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from running on the journal, and let them look into it.

        Raises:
            JournalLocked: One does.
        """
        if not self.path:
            yield
            return
        beside = f"{self.path}-lock"
        with self._translated():
            while True:
                held = sqlite3.connect(beside, timeout=0, isolation_level=None, check_same_thread=False)
                try:
                    held.execute("BEGIN EXCLUSIVE")
                    if _is_locked(beside):  # else the one before has removed this file just now
                        break
                    held.close()
                except BaseException:
                    held.close()
                    raise
        self._files[beside] = _identity(beside)
        try:
            yield
        finally:
            del self._files[beside]
            with suppress(OSError):
                os.unlink(beside)
            held.close()

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """Make changes all together, or none of them.

        Args:
            durable: Whether they must outlive a power cut too, not only the end of the process.
        """
        with self._lock, self._translated():
            self._check_in_place()
            self._set_durable(durable)
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite has rolled back by itself where the disk is full
                    self._db.execute("ROLLBACK")
                raise

    def write(self, sql: str, *values: object) -> None:
        """Make one change, which is a transaction by itself; it need not outlive a power cut."""
        with self._lock, self._translated():
            self._check_in_place()
            self._set_durable(False)
            self._db.execute(sql, values)

    def _check_in_place(self) -> None:
        """Raise where a file is another one now: what is written to the old one, nobody reads again."""
        moved = [path for path, file in self._files.items() if _identity(path) != file]
        if not moved:
            return
        is_journal = self.path in moved  # else only what shows that it is in use
        if is_journal and not self._rescued:
            self._rescued = f"{self.path}-rescued-{time.time_ns()}"
            with suppress(sqlite3.Error):
                self._db.execute("VACUUM INTO ?", (self._rescued,))
        saved = f" What it knows is saved as {self._rescued}." if os.path.exists(self._rescued) else ""
        cure = "Put it back in its place, and run the batch again: else what runs would be started twice."
        raise JournalUnwritable(
            f"{moved[0]} was moved, deleted or replaced while the batch ran. Nothing more is submitted, and "
            f"what runs goes on.{saved} {cure if is_journal else 'Run the batch again to go on.'}",
            path=self.path,
        )

    def _set_durable(self, durable: bool) -> None:
        if durable != self._durable:
            self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            name = str(getattr(error, "sqlite_errorname", ""))
            for names, kind, meaning in _FAULTS:
                if name.startswith(names):
                    raise kind(meaning, path=self.path or "in memory") from error
            raise JournalError(f"SQLite says: {error}.", path=self.path or "in memory") from error


def _identity(path: str) -> tuple[int, int] | None:
    """Which file is at a path now."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_locked(path: str) -> bool:
    """Whether somebody holds the file that is at a path now."""
    uri = f"file:{quote(path)}?mode=rw"
    try:
        other = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)
    except sqlite3.Error:
        return False
    try:
        other.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        return str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_BUSY")
    finally:
        other.close()
    return False
