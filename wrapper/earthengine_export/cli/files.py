"""`earthengine-export files` and `download`: what exports have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .common import Command, client, example, shown
from .image import Json
from .ops import chosen

One = Annotated[str, typer.Argument(metavar="OPERATION", help="Its id, full name, or description.")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(cls=Command, epilog=example("files dem"))(files)
    app.command(cls=Command, epilog=example("download dem results"))(download)


def files(operation: One, as_json: Json = False) -> None:
    """Print the addresses of the files that an export wrote to Cloud Storage."""
    with client() as here:
        for one in chosen(here, [operation]):
            for uri in one.files():
                typer.echo(json.dumps({"operation": one.name, "uri": uri}) if as_json else uri)


def download(
    operation: One,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to; made if it is not there.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files of other content.")] = False,
    parallel: Annotated[int, typer.Option(metavar="NUMBER", help="How many at once.")] = 8,
    as_json: Json = False,
) -> None:
    """Bring the files that an export wrote into a folder; prints their paths."""
    with client() as here:
        operations = chosen(here, [operation])
        folder.mkdir(parents=True, exist_ok=True)
        for one in operations:
            with shown(one.name) as display:
                paths = one.download(folder, overwrite, on_update=display, parallel=parallel)
            for path in paths:
                typer.echo(json.dumps({"operation": one.name, "path": str(path)}) if as_json else path)
