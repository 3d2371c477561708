"""`earthengine-export files` and `download`: what exports have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .common import Json, Session, command
from .image import bring
from .ops import chosen

One = Annotated[str, typer.Argument(metavar="OPERATION", help="Its id, full name, or description.")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "files dem")(files)
    command(app, "download dem results")(download)


def files(session: Session, operation: One, as_json: Json = False) -> None:
    """Print the addresses of an export's files.

    They are in Cloud Storage.
    """
    with session.client() as here:
        for one in chosen(here, [operation]):
            for uri in one.files():
                typer.echo(json.dumps({"operation": one.name, "uri": uri}) if as_json else uri)


def download(
    session: Session,
    operation: One,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to; made if it is not there.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files of other content.")] = False,
    parallel: Annotated[int, typer.Option(metavar="NUMBER", help="How many at once.")] = 8,
    as_json: Json = False,
) -> None:
    """Bring an export's files into a folder.

    Prints their paths.
    """
    with session.client() as here:
        for one in chosen(here, [operation]):
            for path in bring(session, one, folder, overwrite=overwrite, parallel=parallel):
                typer.echo(json.dumps({"operation": one.name, "path": str(path)}) if as_json else path)
