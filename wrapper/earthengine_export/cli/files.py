"""`earthengine-export files` and `download`: what exports have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import Json, Session, command
from .image import bring
from .ops import chosen

if TYPE_CHECKING:
    from ..image_export import ImageExport
    from ..operations import Operation

One = Annotated[str, typer.Argument(metavar="OPERATION", help="Its id, full name, or description.")]
To = Annotated[
    str | None,
    typer.Option(metavar="PLACE", help="What the export was given as --to, where its folder holds others."),
]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "files dem")(files)
    command(app, "download dem results")(download)


def files(session: Session, operation: One, to: To = None, as_json: Json = False) -> None:
    """Print the addresses of an export's files.

    They are in Cloud Storage.
    """
    with session.client() as here:
        for one in chosen(here, [operation]):
            for uri in one.files(_export(one, to)):
                typer.echo(json.dumps({"operation": one.name, "uri": uri}) if as_json else uri)


def download(
    session: Session,
    operation: One,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to; made if it is not there.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files of other content.")] = False,
    parallel: Annotated[int, typer.Option(metavar="NUMBER", help="How many at once.")] = 8,
    to: To = None,
    as_json: Json = False,
) -> None:
    """Bring an export's files into a folder.

    Prints their paths.
    """
    with session.client() as here:
        for one in chosen(here, [operation]):
            export = _export(one, to)
            for path in bring(session, one, folder, overwrite=overwrite, parallel=parallel, export=export):
                typer.echo(json.dumps({"operation": one.name, "path": str(path)}) if as_json else path)


def _export(one: Operation, to: str | None) -> ImageExport | None:
    """What was exported, as far as it names the files; None where nobody says it.

    Of an operation it is not known in which format it wrote: the first that its files fit is taken.
    """
    from .._names import core as eex
    from ..errors import FilesUnavailable, InvalidArgument
    from . import table

    if to is None:
        return None
    if table.destination(to)[0] is not eex.CloudStorage:
        raise InvalidArgument(
            "to", to, "Files are brought from Cloud Storage alone.", "Give gs://BUCKET/PREFIX."
        )
    forms: list[dict[str, object]] = [{}, {"file_format": "TF_RECORD_IMAGE"}]
    exports = [table.export(eex.load("any"), to, form) for form in (*forms, {**forms[1], "compress": True})]
    for export in exports:
        try:
            one.files(export)
        except InvalidArgument as error:
            raise InvalidArgument("to", to, *error.args) from None
        except FilesUnavailable as error:
            if type(error) is not FilesUnavailable:
                return export
        else:
            return export
    return exports[0]
