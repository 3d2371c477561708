"""`earthengine-export ops`: the operations of a project."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from .._errors.root import harmless
from . import ends
from .common import Json, Session, Timeout, command, new, one_of_them, shared
from .screen import print_table

if TYPE_CHECKING:
    from ..client import Client
    from ..operation_state import OperationState
    from ..operations import Operation

app = new()
Names = Annotated[
    list[str],
    typer.Argument(
        metavar="OPERATION...", help="Ids, full names, or patterns of descriptions, such as 'dem*'."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, though there are several.")]
_HEADS = ("ID", "STATE", "", "DESCRIPTION", "CREATED", "ERROR")
_COLUMNS = ("id", "state", "progress", "description", "type", "create_time", "error")


@app.callback()
@shared
def ops(_: Session) -> None:
    """List, show, wait for, cancel and delete operations."""


def _moment(name: str, text: str | None) -> datetime | None:
    """A time; without a timezone it is UTC."""
    from ..errors import InvalidArgument

    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        rule = "It is no time of ISO 8601."
        raise InvalidArgument(name, text, rule, "Give such as 2026-01-31 or 2026-01-31T12:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@command(app, "ops list --state FAILED --description 'dem*' --csv", name="list")
def list_(
    session: Session,
    state: Annotated[
        list[str] | None,
        typer.Option(
            "--state", metavar="STATE", help="PENDING, RUNNING, CANCELLING, SUCCEEDED, CANCELLED or FAILED."
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Such as EXPORT_IMAGE."),
    ] = None,
    description: Annotated[
        str | None,
        typer.Option(metavar="PATTERN", help="What the whole description matches; with * and ?."),
    ] = None,
    created_after: Annotated[
        str | None, typer.Option(metavar="TIME", help="ISO 8601; UTC if it says no other.")
    ] = None,
    created_before: Annotated[str | None, typer.Option(metavar="TIME")] = None,
    filter_: Annotated[
        str | None,
        typer.Option("--filter", metavar="TEXT", help="Passed to the service as it is."),
    ] = None,
    page_size: Annotated[int, typer.Option(metavar="NUMBER", help="Operations to a request.")] = 500,
    limit: Annotated[int | None, typer.Option(min=0, metavar="NUMBER", help="No more than these.")] = None,
    as_json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, with a header.")] = False,
) -> None:
    """List the project's operations.

    They are in the service's order, the newest first.
    """
    one_of_them(as_json, as_csv)
    with session.client() as here:
        found = here.operations(
            filter_,
            page_size,
            states=set(map(str.upper, state)) if state else None,
            types=set(kind) if kind else None,
            description=description,
            created_after=_moment("created_after", created_after),
            created_before=_moment("created_before", created_before),
        )
        states = (operation.last for operation in islice(found, limit))
        if as_json:
            for one in states:
                typer.echo(json.dumps(one.to_dict()))
        elif as_csv:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(("name", *_COLUMNS))
            writer.writerows((one.name, *_row(one)) for one in states)
        else:
            print_table(_HEADS, map(_shown, states), cut={"DESCRIPTION"})


def _row(one: OperationState) -> list[str]:
    created = one.create_time.strftime("%Y-%m-%dT%H:%M:%SZ") if one.create_time else ""
    error = one.error.message if one.error else ""
    return [one.id, one.state, f"{one.progress:.0%}", one.description, one.type, created, error]


def _shown(one: OperationState) -> list[str]:
    name, state, progress, description, _, created, error = _row(one)
    return [name, state, progress, description, created[:16].replace("T", " "), error]


def chosen(here: Client, names: list[str]) -> list[Operation]:
    """The operations that are meant, each once.

    Raises:
        InvalidArgument: One is no name.
        NotFound, typer.Exit: One is not there.
    """
    from ..errors import InvalidArgument, NotFound

    found: dict[str, Operation] = {}
    for name in names:
        if not name.strip():
            raise InvalidArgument(
                "operation", name, "It names no operation.", "client.operations() lists them."
            )
        if any(sign in name for sign in "*?["):
            matching = list(here.operations(description=name))
            if not matching:
                ends.say(f"No description matches {name!r}; `earthengine-export ops list` lists all.")
                raise typer.Exit(ends.End.REFUSED)
        else:
            try:
                matching = [here.operation(name).refresh()]
            except InvalidArgument as error:
                error.argument = "operation"
                raise
            except NotFound:
                if "/" in name:
                    raise
                matching = list(here.operations(description=name))
                if not matching:
                    project = here.project or "the project"
                    ends.say(
                        f"No operation of {project} has the id or the description {name!r}; "
                        f"`earthengine-export ops list` lists all."
                    )
                    raise typer.Exit(ends.End.REFUSED) from None
        found.update({one.name: one for one in matching})
    return list(found.values())


@command(app, "ops show 'dem*' --json")
def show(session: Session, names: Names, as_json: Json = False) -> None:
    """Show all that is known of operations."""
    with session.client() as here:
        for one in chosen(here, names):
            if as_json:
                typer.echo(json.dumps(one.last.to_dict()))
                continue
            facts: dict[str, object] = dict(
                zip(("name", *_COLUMNS), (one.name, *_row(one.last)), strict=True)
            )
            facts |= {"files": " ".join(one.destination_uris), "eecu_seconds": one.eecu_seconds}
            for key, fact in facts.items():
                if fact not in {"", None}:
                    typer.echo(f"{key:<13}{harmless(str(fact))}")
            typer.echo()


@command(app, "ops wait 'dem*' --timeout 3600")
def wait(session: Session, names: Names, timeout: Timeout = None, as_json: Json = False) -> None:
    """Wait until operations have ended.

    Prints the name and the state of each as it ends.
    """
    with session.client() as here:
        operations = chosen(here, names)
        errors: list[BaseException | None] = []
        with session.shown(*(one.id for one in operations if not one.done)) as display:
            for outcome in here.as_completed(operations, timeout, display):
                errors.append(outcome.error)
                _print_state(outcome.operation, as_json)
    for error in filter(None, errors):
        ends.say(ends.said_of(error))
    raise typer.Exit(ends.worst(errors))


def _print_state(one: Operation, as_json: bool) -> None:
    ends.tell(json.dumps(one.last.to_dict()) if as_json else f"{one.name}\t{one.state}")


def _ask(operations: list[Operation], what: str, yes: bool) -> None:
    """Ask before several are touched.

    Raises:
        typer.Exit: They are not to be.
    """
    if len(operations) <= 1 or yes:
        return
    for one in operations[:20]:
        ends.say(f"  {one.id} {one.state} {one.description}")
    if not sys.stdin.isatty():
        ends.say(f"{what} {len(operations)} operations? Nobody is here to answer; give --yes.")
        raise typer.Exit(ends.End.BAD_ARGUMENTS)
    if not typer.confirm(f"{what} {len(operations)} operations?", err=True):
        ends.say("Nothing was done.")
        raise typer.Exit(ends.End.CANCELLED)


@command(app, "ops cancel 'dem*' --yes")
def cancel(
    session: Session,
    names: Names,
    yes: Yes = False,
    wait: Annotated[bool, typer.Option(help="Wait until they have ended, however they end.")] = False,
    timeout: Timeout = None,
    as_json: Json = False,
) -> None:
    """Cancel what has not ended.

    Asks first where that is more than one.
    """
    with session.client() as here:
        operations = [one for one in chosen(here, names) if not one.done]
        _ask(operations, "Cancel", yes)
        for one in operations:
            one.cancel()
        if wait:
            with session.shown(*(one.id for one in operations)) as display:
                outcomes = here.wait_all(operations, timeout, display)
            late = [outcome.error for outcome in outcomes if not outcome.operation.done]
        for one in operations:
            _print_state(one, as_json)
        if not operations:
            ends.say("All of them have ended already.")
    if wait:
        raise typer.Exit(ends.worst(late))


@command(app, "ops delete 'dem*' --yes")
def delete(session: Session, names: Names, yes: Yes = False) -> None:
    """Remove operations from the list.

    That cancels none. Asks first where it is more than one.
    """
    with session.client() as here:
        operations = chosen(here, names)
        _ask(operations, "Delete", yes)
        for one in operations:
            one.delete()
            ends.tell(one.name)
