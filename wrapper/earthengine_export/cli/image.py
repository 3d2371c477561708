"""`earthengine-export image`: one export."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import ends
from .common import Json, Session, Timeout, command, interruptible
from .described import Described

if TYPE_CHECKING:
    from ..image_export import ImageExport
    from ..operations import Operation


def add(app: typer.Typer) -> None:
    """Add the command."""
    lines = (
        "image USGS/SRTMGL1_003 --to gs://my-bucket/dem \\",
        "    --region 86 27 87 28 --scale 300 --description dem --wait",
    )
    command(app, *lines, cls=Described)(image)


def image(
    session: Session,
    to: Annotated[
        str,
        typer.Option(metavar="PLACE", help="gs://BUCKET/PREFIX, drive://FOLDER/PREFIX or an asset's name."),
    ],
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE", help="An asset's id, a JSON file of an expression, or - for standard input."
        ),
    ] = None,
    python: Annotated[
        str | None,
        typer.Option(metavar="MODULE:FUNCTION", help="Export what a function returns, in place of SOURCE."),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(metavar="RASTER", help="Take the pixels of a raster file as --grid. Needs rasterio."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the request, and send nothing.")] = False,
    as_json: Json = False,
    wait: Annotated[bool | None, typer.Option(help="Wait until it has ended.")] = None,
    timeout: Timeout = None,
    queue_timeout: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="How long to wait for a place in a full queue. Default: not."),
    ] = None,
    download: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Wait, and bring the files into this folder."),
    ] = None,
) -> None:
    """Export an image.

    Prints the operation's name, and with --download the paths of the files.
    """
    from .._errors.refusals import instead_of_sending
    from ..errors import EarthEngineError

    with instead_of_sending():
        export = _described(session, source, python, to, like)
        _check(export, wait, timeout, download)
        if download and not dry_run:
            _make(download, "download")
    if dry_run:
        return _print_request(session, export, as_json)
    with session.client() as here:
        try:
            operation = here.submit(export, queue_timeout=queue_timeout)
        except KeyboardInterrupt as error:
            ends.leave(ends.said(" ".join(getattr(error, "__notes__", ["Interrupted."]))))
        if not as_json:
            ends.tell(operation.name)
        try:
            if wait or download:
                with session.shown(operation.id) as display:
                    operation.wait(timeout, display)
            else:
                ends.say(f"Started {_told(export)}.")
                ends.say(f"Wait for it with: {session.line('ops', 'wait', operation.id)}", one_line=True)
        finally:
            if as_json:
                ends.tell(json.dumps(operation.last.to_dict()))
        if download:
            try:
                paths = bring(session, operation, download)
            except EarthEngineError:
                again = session.line("download", operation.id, str(download), "--to", to)
                ends.say(f"The export is done; bring its files with: {again}", one_line=True)
                raise
            if not as_json:
                ends.tell("\n".join(map(str, paths)))
    return None


def bring(
    session: Session,
    operation: Operation,
    folder: Path,
    *,
    overwrite: bool = False,
    parallel: int = 8,
    export: ImageExport | None = None,
) -> list[Path]:
    """Bring the files of an export into a folder, and show people how that gets on."""
    from ..progress_display import progress

    _make(folder, "folder")
    again = session.line("download", operation.id, str(folder))
    with interruptible(f"What is complete stays; bring the rest with: {again}"), progress() as display:
        return operation.download(folder, overwrite, export=export, on_update=display, parallel=parallel)


def _described(
    session: Session, source: str | None, python: str | None, to: str, like: str | None
) -> ImageExport:
    """The export that the options ask for."""
    from ..errors import InvalidArgument, InvalidArgumentType
    from . import places, table

    if (source is None) == (python is None):
        raise InvalidArgument("source", source, "One image is exported.", "Give SOURCE or --python.")
    image = places.computed(python) if python is not None else places.image(source or "")
    try:
        return table.export(image, to, session.chosen | ({} if like is None else {"like": like}))
    except (InvalidArgument, InvalidArgumentType) as error:
        if error.argument == "source" and python is not None:
            raise InvalidArgument("python", python, f"What it returns is no image: {error}") from None
        raise


def _check(export: ImageExport, wait: bool | None, timeout: float | None, download: Path | None) -> None:
    """Refuse before anything is sent what would be refused once the export has ended."""
    from .._names import core as eex
    from ..errors import InvalidArgument

    if timeout is not None and not timeout >= 0:
        raise InvalidArgument("timeout", timeout, "It must be at least 0.")
    if timeout is not None and not (wait or download):
        raise InvalidArgument("timeout", timeout, "Nothing waits.", "Give --wait as well.")
    if download is None:
        return
    if wait is False:
        raise InvalidArgument(
            "download", str(download), "It waits, and --no-wait says not to.", "Leave one out."
        )
    if not isinstance(export.to, eex.CloudStorage):
        raise InvalidArgument(
            "download", str(download), "Files are brought from Cloud Storage alone.", "Leave it out."
        )


def _make(folder: Path, argument: str) -> None:
    """Make a folder if it is not there.

    Raises:
        InvalidArgument: It cannot be.
    """
    from ..errors import InvalidArgument

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        rule = f"It cannot be made a folder: {error.strerror}."
        raise InvalidArgument(argument, str(folder), rule, "Give another path.") from None


def _told(export: ImageExport) -> str:
    """What an export is, for people."""
    return repr(export).removeprefix("<ImageExport ").removeprefix("without a name: ").removesuffix(">")


def _print_request(session: Session, export: ImageExport, is_bare: bool) -> None:
    if not is_bare:
        project = session.given.get("project") or os.environ.get("GOOGLE_CLOUD_PROJECT") or "PROJECT"
        ends.say(f"An export of {_told(export)}; nothing is sent.")
        typer.echo(f"POST /v1beta/projects/{project}/image:export\n")
    typer.echo(json.dumps(export.to_dict(), indent=2, ensure_ascii=False))
