"""The whole command line."""

from __future__ import annotations

from typing import Annotated

import typer

from .._version import __version__
from . import batch, files, image, ops, system
from .common import Root, example, new

app = new(
    cls=Root,
    help="Export images from Google Earth Engine. What programs read goes to standard output, the rest to "
    "standard error.",
    epilog=example("image USGS/SRTMGL1_003 --to gs://my-bucket/dem --region 86 27 87 28 --scale 30 --wait"),
)


def _version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"earthengine-export {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take what is for all commands."""


image.add(app)
batch.add(app)
app.add_typer(ops.app, name="ops")
files.add(app)
system.add(app)
