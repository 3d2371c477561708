"""What became of the jobs of a batch, as a table."""

from __future__ import annotations

import csv
import html
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path

import attrs

from ..errors import OperationError
from .journal import Journal, Record
from .outcomes import failure_of, state_of

_SHOWN = 20  # failures, and places, in a text
_COLUMNS = (
    "key",
    "state",
    "tries",
    "description",
    "operation",
    "eecu_seconds",
    "ended",
    "destination",
    "files",
    "error",
)


@attrs.frozen(kw_only=True)
class ReportRow:
    """One job.

    Attributes:
        key: The job's key.
        state: "planned", "submitted", "succeeded", "failed", "cancelled" or "split".
        tries: How often it was tried, or is being.
        description: The export's description, or "".
        operation: The name of its last operation, or None.
        eecu_seconds: The compute that it used, in EECU-seconds, or None where that is not said.
        ended: When it ended, or None.
        destination: What it writes, or None where the service names it.
        files: Where the results are, as the service says.
        error: Why it has no result, or "".
    """

    key: str
    state: str
    tries: int
    description: str
    operation: str | None
    eecu_seconds: float | None
    ended: datetime | None
    destination: str | None
    files: Sequence[str]
    error: str

    @classmethod
    def of(cls, record: Record) -> ReportRow:
        """The row of a job."""
        job, state = record.job, state_of(record)
        error = failure_of(record)
        service = error.last.error if isinstance(error, OperationError) else None
        return cls(
            key=job.key,
            state=job.state,
            tries=job.tries,
            description=job.description,
            operation=job.operation,
            eecu_seconds=None if state is None else state.eecu_seconds,
            ended=None if record.ended is None else datetime.fromtimestamp(record.ended, UTC),
            destination=record.destination,
            files=() if state is None else state.destination_uris,
            error="" if error is None else service.message if service and service.message else str(error),
        )


@attrs.frozen(repr=False)
class Report:
    """What became of the jobs of a batch, as it is when it is made; print it, or show it in a notebook.

    Attributes:
        rows: The jobs, in the order in which they were given.
    """

    rows: Sequence[ReportRow]

    @classmethod
    def of(cls, journal: Journal) -> Report:
        """The report of a journal."""
        rows: list[ReportRow] = []
        after = 0
        while records := journal.records(after=after):
            rows += map(ReportRow.of, records)
            after = records[-1].job.number
        return cls(rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        return dict(Counter(row.state for row in self.rows))

    @property
    def eecu_seconds(self) -> float:
        """The compute of all jobs, in EECU-seconds, as far as the service says it."""
        return sum(row.eecu_seconds or 0.0 for row in self.rows)

    @property
    def failures(self) -> list[ReportRow]:
        """The jobs that have ended without a result."""
        return [row for row in self.rows if row.state in {"failed", "cancelled"}]

    def to_csv(self, path: str | PathLike[str] | None = None) -> str:
        """The rows as CSV, with a header.

        Args:
            path: A file to write it to as well.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for row in self._plain():
            writer.writerow(" ".join(value) if isinstance(value, list) else value for value in row.values())
        return _written(text.getvalue(), path)

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """The counts, the compute and the rows as JSON.

        Args:
            path: A file to write it to as well.
        """
        content = {"counts": self.counts, "eecu_seconds": self.eecu_seconds, "jobs": list(self._plain())}
        return _written(json.dumps(content, indent=1, ensure_ascii=False), path)

    def _plain(self) -> Iterable[dict[str, object]]:
        for row in self.rows:
            values = {name: getattr(row, name) for name in _COLUMNS}
            yield values | {"files": list(row.files), "ended": row.ended and row.ended.isoformat()}

    def _places(self) -> list[tuple[str, int]]:
        """The folders that results are in, with how many jobs have some there."""
        return Counter(
            place for row in self.rows for place in {uri.rpartition("/")[0] + "/" for uri in row.files}
        ).most_common(_SHOWN)

    def _causes(self) -> list[tuple[str, list[ReportRow]]]:
        """The failures by their reason, the most frequent first."""
        causes: dict[str, list[ReportRow]] = {}
        for row in self.failures:
            causes.setdefault(row.error or row.state, []).append(row)
        return sorted(causes.items(), key=lambda cause: -len(cause[1]))[:_SHOWN]

    def _head(self) -> str:
        counts = ", ".join(f"{number:,} {state}" for state, number in self.counts.items()) or "no jobs"
        return f"{len(self.rows):,} jobs: {counts}; {self.eecu_seconds:,.1f} EECU-seconds"

    def __str__(self) -> str:
        lines = [self._head()]
        for error, rows in self._causes():
            keys = ", ".join(row.key for row in rows[:_SHOWN]) + (", …" if len(rows) > _SHOWN else "")
            lines += [f"{len(rows):,} times: {error}", f"    {keys}"]
        lines += [f"results of {number:,} in {place}" for place, number in self._places()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Report: {self._head()}>"

    def _repr_html_(self) -> str:
        rows = [("results", place, f"{number:,}") for place, number in self._places()]
        rows += [(row.state, row.key, row.error or row.description) for row in self.failures[: 10 * _SHOWN]]
        cells = "".join(
            f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in row)}</tr>" for row in rows
        )
        return f"<table><caption>{html.escape(self._head())}</caption>{cells}</table>"


def _written(text: str, path: str | PathLike[str] | None) -> str:
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text
