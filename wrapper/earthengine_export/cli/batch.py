"""`earthengine-export batch`, `batch-status` and `batch-retry`: many exports, with a journal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from . import ends
from .common import Json, Session, again, command, interruptible, one_of_them
from .described import Described
from .screen import print_table

if TYPE_CHECKING:
    from .._batch.jobs import JobLike, JobOutcome
    from ..batch import Batch
    from ..client import Client
    from ..operations import Operation
    from .rows import Job

INTERRUPTED = "The batch was interrupted"
"""How the library's own words begin; the command line has others."""

Retries = Annotated[
    int,
    typer.Option(metavar="NUMBER", help="How often one that failed for a passing reason is tried again."),
]
Split = Annotated[bool, typer.Option("--split", help="Cut an export that is too large into four.")]
Stored = Annotated[Path, typer.Argument(metavar="JOURNAL", help="The journal of a batch.")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    lines = ("batch tiles.csv --dry-run", "batch tiles.csv --journal tiles.sqlite")
    command(app, *lines, cls=Described)(batch)
    command(app, "batch-status tiles.sqlite", name="batch-status")(status)
    command(app, "batch-retry tiles.sqlite", name="batch-retry")(retry)


def batch(
    session: Session,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV, JSON lines or YAML: a column or key for each option, key, source and to.",
        ),
    ],
    journal: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file that knows what was done; made if it is not there."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="SOURCE", help="The image, where the file names none."),
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="PLACE", help="The place, where it names none.")] = None,
    like: Annotated[
        str | None, typer.Option(metavar="RASTER", help="Take the pixels of a raster file as --grid.")
    ] = None,
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
    """Run the exports of a file, each once.

    Prints key, state and name of each that ends. Whatever ends the program, the same line again goes on where
    it was. An option given here holds for all exports of which the file does not say otherwise.
    """
    from ..batch import Batch
    from ..errors import InvalidArgument
    from .rows import BadFile, conflicts, jobs

    for_all = session.chosen | {
        name: one for name, one in (("source", source), ("to", to), ("like", like)) if one is not None
    }
    found = jobs(file, for_all)
    wrong = conflicts(found, journal)
    if dry_run:
        return _print_plan(found, wrong, as_json)
    if journal is None:
        rule = "Without a journal nobody could go on with the batch."
        raise InvalidArgument("journal", None, rule, f"Give --journal {file.stem}.sqlite.")
    if any(wrong):
        said = (f"{job.place}: {one}." for job, one in zip(found, wrong, strict=True) if one)
        raise BadFile(file, *said)
    given: list[JobLike] = [job.export if job.key is None else (job.key, job.export) for job in found]
    with session.client() as here:
        made = Batch(here, journal, retries=retries, split=split, fail_fast=fail_fast, max_queued=max_queued)
        if wait:
            _run(made, given, file.name, len(given), as_json)
        with interruptible(_GOES_ON + again()):
            counts = made.submit_only(given)
        told = ", ".join(f"{number:,} {state}" for state, number in counts.items() if number)
        ends.say(f"{told}. Wait for all with: {again().replace(' --no-wait', '')}", one_line=True)
    return None


_GOES_ON = "What was started goes on; go on with the rest by: "


def _run(
    made: Batch,
    jobs: Iterable[JobLike] | None,
    title: str,
    total: int,
    as_json: bool,
    ended: frozenset[str] = frozenset(),
) -> NoReturn:
    """Run a batch to its end, show it to people, and leave with what became of it.

    Args:
        made: The batch.
        jobs: What it is to run; None for what is in its journal.
        title: What people see above it.
        total: How many of its jobs have not ended.
        as_json: Whether an outcome is printed as JSON.
        ended: The keys of jobs of which nothing is told: they had ended before.
    """
    from ..progress_display import progress

    errors: list[BaseException | None] = []
    with interruptible(_GOES_ON + again()), progress(title, total=total, each=True) as display:
        for outcome in made.run(jobs, display):
            if outcome.key in ended:
                continue
            errors.append(outcome.error)
            if outcome.operation is None:
                ends.say(f"{outcome.key}: {ends.said_of(outcome.error) if outcome.error else 'refused'}")
            else:
                display(outcome.operation)
            ends.tell(_told(outcome, as_json))
    ends.say(*str(made.report()).splitlines())
    raise typer.Exit(ends.worst(errors))


def _told(outcome: JobOutcome[Operation], as_json: bool) -> str:
    """The line of an outcome, for programs."""
    operation = outcome.operation
    name, state = (operation.name, operation.state) if operation else ("", "REFUSED")
    if not as_json:
        return f"{outcome.key}\t{state}\t{name}"
    files = list(operation.destination_uris) if operation else []
    error = ends.said_of(outcome.error) if outcome.error else None
    facts = {"key": outcome.key, "state": state, "operation": name or None, "files": files, "error": error}
    return json.dumps(facts, ensure_ascii=False)


def _print_plan(found: list[Job], wrong: list[str | None], as_json: bool) -> None:
    """What a batch would export."""
    rows, pixels, unknown = [], 0, 0
    for job, conflict in zip(found, wrong, strict=True):
        count = job.export.pixels
        pixels, unknown = pixels + (count or 0), unknown + (count is None)
        key = job.key or job.export.description or ""
        facts = {"place": job.place, "key": key, "to": job.export.uri, "pixels": count, "conflict": conflict}
        if as_json:
            typer.echo(json.dumps(facts, ensure_ascii=False))
        rows.append([key, job.export.uri, "not known" if count is None else f"{count:,}", conflict or ""])
    if not as_json:
        print_table(("KEY", "TO", "PIXELS", "CONFLICT"), rows, cut={"KEY", "TO"}, right={"PIXELS"})
    clashing = sum(one is not None for one in wrong)
    more = f" and {unknown:,} of unknown size" if unknown else ""
    ends.say(
        f"Exports: {len(found):,}; pixels: about {pixels:,}{more}; conflicts: {clashing:,}; nothing is sent."
    )
    if clashing:
        raise typer.Exit(ends.End.BAD_ARGUMENTS)


def _opened(here: Client, journal: Path, retries: int = 2, split: bool = False) -> Batch:
    """The batch of a journal that is there."""
    from ..batch import Batch

    _must_be_there(journal)
    return Batch(here, journal, retries=retries, split=split)


def _must_be_there(journal: Path) -> None:
    from ..errors import InvalidArgument

    if not journal.is_file():
        rule = "It is no journal, but a folder." if journal.exists() else "There is no journal."
        cure = "Give the path that `batch` was given as --journal."
        raise InvalidArgument("journal", str(journal), rule, cure)


def status(
    _: Session,
    journal: Stored,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, a row for each export.")] = False,
) -> None:
    """Tell what became of a batch.

    Its journal tells; the service is not asked, and no credentials are needed.
    """
    from .._batch.journal import Journal
    from .._batch.report import Report

    _must_be_there(journal)
    with closing(Journal(journal, None, "")) as opened:
        report = Report.of(opened)
    one_of_them(as_json, as_csv)
    if as_csv:
        typer.echo(report.to_csv(), nl=False)
    elif as_json:
        for job in json.loads(report.to_json())["jobs"]:
            typer.echo(json.dumps(job, ensure_ascii=False))
    else:
        typer.echo(report)


def retry(
    session: Session,
    journal: Stored,
    as_json: Json = False,
    run: Annotated[bool, typer.Option(help="Run them now; else the next `batch` does.")] = True,
    retries: Retries = 2,
    split: Split = False,
) -> None:
    """Run what failed in a batch again.

    And what was cancelled, and whatever has not ended yet.
    """
    with session.client() as here:
        made = _opened(here, journal, retries, split)
        rows = made.report().rows
        ended = frozenset(row.key for row in rows if row.state == "succeeded")
        count = made.retry_failed()
        ends.say(f"Put back into the line: {count:,}.")
        if run and len(ended) < len(rows):
            _run(made, None, journal.name, len(rows) - len(ended), as_json, ended)
