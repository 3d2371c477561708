"""`earthengine-export batch`, `batch-status` and `batch-retry`: many exports, with a journal."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import ends
from .common import Command, client, example
from .image import Described, Json, chosen

if TYPE_CHECKING:
    from .._batch.jobs import JobLike
    from ..batch import Batch
    from ..client import Client
    from .rows import Job

Retries = Annotated[
    int,
    typer.Option(metavar="NUMBER", help="How often one that failed for a passing reason is tried again."),
]
Split = Annotated[bool, typer.Option("--split", help="Cut an export that is too large into four.")]
Stored = Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal of a batch.")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    lines = example("batch tiles.csv --dry-run", "batch tiles.csv --journal tiles.sqlite")
    app.command(cls=Described, epilog=lines)(batch)
    app.command("batch-status", cls=Command, epilog=example("batch-status tiles.sqlite"))(status)
    app.command("batch-retry", cls=Command, epilog=example("batch-retry tiles.sqlite"))(retry)


def batch(
    file: Annotated[
        Path,
        typer.Argument(help="CSV, JSON lines or YAML: a column or key for each option, key, source and to."),
    ],
    journal: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file that knows what was done; made if it is not there."),
    ] = None,
    source: Annotated[str | None, typer.Option(help="The image, where the file names none.")] = None,
    to: Annotated[str | None, typer.Option(metavar="PLACE", help="The place, where it names none.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the exports, their pixels and conflicts; send nothing.")
    ] = False,
    as_json: Json = False,
    wait: Annotated[bool, typer.Option(help="Wait until all have ended.")] = True,
    retries: Retries = 2,
    split: Split = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first that fails.")] = False,
    max_queued: Annotated[
        int, typer.Option(metavar="NUMBER", help="The most that wait in the project's queue.")
    ] = 2_500,
) -> None:
    """Run the exports of a file, each once; prints key, state and name of each that ends.

    Whatever ends the program, the same line again goes on where it was. An option given here holds for all
    exports of which the file does not say otherwise.
    """
    from ..batch import Batch
    from ..errors import InvalidArgument
    from .rows import BadFile, conflicts, jobs

    for_all = chosen() | {name: one for name, one in (("source", source), ("to", to)) if one is not None}
    found = jobs(file, for_all)
    wrong = conflicts(found)
    if dry_run:
        return _show_plan(found, wrong, as_json)
    if journal is None:
        rule = "Without a journal nobody could go on with the batch."
        raise InvalidArgument("journal", None, rule, f"Give --journal {file.stem}.sqlite.")
    if any(wrong):
        said = (f"{job.place}: {one}." for job, one in zip(found, wrong, strict=True) if one)
        raise BadFile(file, *said)
    all_ = [job.export if job.key is None else (job.key, job.export) for job in found]
    with client() as here:
        made = Batch(here, journal, retries=retries, split=split, fail_fast=fail_fast, max_queued=max_queued)
        again = shlex.join(["earthengine-export", *sys.argv[1:]])
        if not wait:
            with _interruptible(again):
                ends.say(f"{_counted(made.submit_only(all_))}. Wait with: {again.replace(' --no-wait', '')}")
            return None
        _run(made, all_, len(all_), file.name, again, as_json)
    return None


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {state}" for state, number in counts.items() if number) or "no jobs"


@contextmanager
def _interruptible(again: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise ends.leave(f"What was started goes on; go on with the rest by: {again}") from None


def _run(
    made: Batch,
    jobs: Iterable[JobLike] | None,
    count: int,
    title: str,
    again: str,
    as_json: bool,
    only: frozenset[str] | None = None,
) -> None:
    """Run a batch to its end, show it to people, and leave with what became of it."""
    from ..progress_display import progress

    errors: list[BaseException | None] = []
    with _interruptible(again), progress(f"{title} ({count:,})") as display:
        for outcome in made.run(jobs, display):
            if only is not None and outcome.key not in only:
                continue
            operation, error = outcome.operation, outcome.error
            errors.append(error)
            if operation is not None:
                display(operation)
            state = "REFUSED" if operation is None else operation.state
            fields = {
                "key": outcome.key,
                "state": state,
                "operation": operation and operation.name,
                "files": list(operation.destination_uris) if operation else [],
                "error": str(error) if error else None,
            }
            name = operation.name if operation else ""
            typer.echo(json.dumps(fields) if as_json else f"{outcome.key}\t{state}\t{name}")
    for line in str(made.report()).splitlines():
        ends.say(line)
    raise typer.Exit(ends.worst(errors))


def _show_plan(found: list[Job], wrong: list[str | None], as_json: bool) -> None:
    pixels = 0
    for job, conflict in zip(found, wrong, strict=True):
        export = job.export
        count = export.pixels
        pixels += count or 0
        key = job.key or export.description or ""
        if as_json:
            facts = {"key": key, "to": export.uri, "pixels": count, "conflict": conflict, "place": job.place}
            typer.echo(json.dumps(facts, ensure_ascii=False))
        else:
            told = "not known" if count is None else f"{count:,}"
            typer.echo("\t".join((key, export.uri, told, conflict or "")))
    clashing = sum(one is not None for one in wrong)
    ends.say(f"{len(found):,} exports, about {pixels:,} pixels, {clashing} conflicts; nothing is sent.")
    if clashing:
        raise typer.Exit(ends.End.BAD_ARGUMENTS)


def _open(here: Client, journal: Path, retries: int = 2, split: bool = False) -> Batch:
    from ..batch import Batch
    from ..errors import InvalidArgument

    if not journal.is_file():
        rule = "There is no journal." if not journal.exists() else "It is no journal, but a folder."
        raise InvalidArgument("journal", str(journal), rule, "Give what `batch --journal` was given.")
    return Batch(here, journal, retries=retries, split=split)


def status(
    journal: Stored,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, a row for each export.")] = False,
) -> None:
    """Tell what became of the exports of a batch, from its journal; asks nobody."""
    with client() as here:
        report = _open(here, journal).report()
    if as_csv:
        typer.echo(report.to_csv(), nl=False)
    elif as_json:
        for job in json.loads(report.to_json())["jobs"]:
            typer.echo(json.dumps(job, ensure_ascii=False))
    else:
        typer.echo(report)


def retry(
    journal: Stored,
    as_json: Json = False,
    run: Annotated[bool, typer.Option(help="Run them now; else the next `batch` does.")] = True,
    retries: Retries = 2,
    split: Split = False,
) -> None:
    """Run those exports of a batch again that failed or were cancelled."""
    with client() as here:
        made = _open(here, journal, retries, split)
        keys = frozenset(row.key for row in made.report().failures)
        count = made.retry_failed()
        again = shlex.join(["earthengine-export", *sys.argv[1:]])
        if not count or not run:
            ends.say(f"{count:,} exports are put back into the line." if count else "None has failed.")
            return
        _run(made, None, count, journal.name, again, as_json, keys)
