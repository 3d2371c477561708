"""Operations on disk, so that they outlive the emulator, whatever ends it.

One SQLite file with a row for each operation. What a request changes is committed before its reply is sent.
Write-ahead logging keeps it whole when the process is killed; a power cut may cost the last changes.
"""

import dataclasses
import json
import sqlite3
from pathlib import Path

from earthengine_emulator.operation import Operation

_VERSION = 1
_NOT_KEPT = {"work", "body"}


class Store:
    """The file.

    Args:
        path: Where it is; it is made where it is not there. Its folder must exist.

    Raises:
        ValueError: Another emulator has it, or it is not such a file.
    """

    def __init__(self, path: Path) -> None:
        try:
            # The emulator's lock keeps its threads apart.
            self._file = sqlite3.connect(path, timeout=0.2, check_same_thread=False, isolation_level=None)
            self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = OFF")
            self._file.execute("BEGIN IMMEDIATE")
            (version,) = self._file.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                raise ValueError(f"{path} is of another version of the emulator ({version}, not {_VERSION}).")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS operations (id TEXT PRIMARY KEY, record TEXT NOT NULL, body BLOB)"
            )
            self._file.execute("CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY, now REAL NOT NULL)")
            self._file.execute(f"PRAGMA user_version = {_VERSION}")
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise ValueError(f"{path} cannot be used to keep the state: {error}.") from None

    def load(self) -> tuple[list[Operation], float]:
        """All operations in the order in which they were made, and the time at which they were kept last."""
        rows = self._file.execute("SELECT record, body FROM operations").fetchall()
        operations = [_read(record, body) for record, body in rows]
        now = self._file.execute("SELECT now FROM clock").fetchone()
        return sorted(operations, key=lambda one: (one.project, one.number)), now[0] if now else 0.0

    def save(self, operations: list[Operation], now: float) -> None:
        """Keep operations as they are now; those that were deleted and have ended are forgotten."""
        kept = [(one.id, _record(one), one.body) for one in operations if not _is_gone(one)]
        gone = [(one.id,) for one in operations if _is_gone(one)]
        self._file.execute("BEGIN IMMEDIATE")
        try:
            self._file.executemany("REPLACE INTO operations VALUES (?, ?, ?)", kept)
            self._file.executemany("DELETE FROM operations WHERE id = ?", gone)
            self._file.execute("REPLACE INTO clock VALUES (0, ?)", (now,))
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def clear(self) -> None:
        """Forget all."""
        self._file.execute("DELETE FROM operations")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _is_gone(operation: Operation) -> bool:
    return operation.deleted and operation.ended is not None


def _record(operation: Operation) -> str:
    fields = (field.name for field in dataclasses.fields(operation) if field.name not in _NOT_KEPT)
    return json.dumps({name: getattr(operation, name) for name in fields})


def _read(record: str, body: bytes) -> Operation:
    fields = json.loads(record)
    fields["script"] = [(after, patch) for after, patch in fields["script"]]
    return Operation(**fields, body=body)
