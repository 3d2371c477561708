"""The whole command line."""

from __future__ import annotations

import logging
import sys
import warnings
from typing import Annotated

import typer

from .._version import __version__
from . import batch, ends, files, image, ops, system
from .common import Session, example, new, shared

app = new()


def run() -> None:
    """Run the command that the program was called with, and end with its exit code."""
    logging.getLogger("earthengine_export").addHandler(_Told())
    warnings.showwarning = lambda message, *_, **__: ends.say(ends.said(str(message)))
    with ends.told("--debug" in sys.argv):
        raise SystemExit(app(prog_name="earthengine-export", standalone_mode=False) or ends.End.DONE)


class _Told(logging.Handler):
    """Tells people what the library logs: what is tried again, and why."""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.WARNING and not text.startswith(batch.INTERRUPTED):
            ends.say(ends.said(text))


def _version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"earthengine-export {__version__}")
        raise typer.Exit


@app.callback(
    epilog=example("image USGS/SRTMGL1_003 --to gs://my-bucket/dem --region 86 27 87 28 --scale 30 --wait")
)
@shared
def root(
    _: Session,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Export images from Google Earth Engine.

    What programs read goes to standard output, the rest to standard error.
    """


image.add(app)
batch.add(app)
app.add_typer(ops.app, name="ops")
files.add(app)
system.add(app)
