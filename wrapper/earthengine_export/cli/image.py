"""`earthengine-export image`: one export."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperOption

from . import ends
from .common import GIVEN, Command, client, example, goes_on, shown

if TYPE_CHECKING:
    from ..image_export import ImageExport
    from ..operations import Operation

Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Timeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="How long to wait. Default: for ever.")
]

_chosen: dict[str, Any] = {}  # the options of the export that were given
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_AS_NUMBERS = {
    "--region": 4,
    "--crs-transform": 6,
    "--dimensions": 2,
    "--tile-dimensions": 2,
    "--margin-dimensions": 2,
}


class Described(Command):
    """A command that takes the options of an export, and leaves those that were given in `chosen`."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The command's own options, those of exports, and the rest."""
        own = super().get_params(ctx)
        return [*own[: len(self.params)], *self._described(), *own[len(self.params) :]]

    def _described(self) -> list[TyperOption]:
        from .table import options

        made = []
        for option in options().values():
            name = option.name.replace("_", "-")
            flags = f"--{name}/--no-{name}" if option.is_flag else f"--{name}"
            kind = {"is_flag": True} if option.is_flag else {"type": str, "metavar": option.metavar}
            made.append(
                TyperOption(
                    param_decls=[option.name, flags],
                    default=None,
                    multiple=option.is_many,
                    help=option.help,
                    **kind,
                )
            )
        return made

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Let the numbers of a region and the like be one word each on the line."""
        joined: list[str] = []
        while args:
            joined.append(args.pop(0))
            count = _AS_NUMBERS.get(joined[-1], 0)
            while count > 1 and not (len(args) >= count and all(map(_NUMBER.fullmatch, args[:count]))):
                count -= 1
            if count > 1:
                joined.append(",".join(args[:count]))
                del args[:count]
        parsed: list[str] = super().parse_args(ctx, joined)
        return parsed

    def invoke(self, ctx: Any) -> Any:
        """Run the command without them."""
        from .table import options

        given = {name: ctx.params.pop(name) for name in options()}
        _chosen.update({name: one for name, one in given.items() if one not in (None, (), [])})
        return super().invoke(ctx)


def chosen() -> dict[str, Any]:
    """The options of the export that were given."""
    return dict(_chosen)


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        cls=Described,
        epilog=example(
            "image USGS/SRTMGL1_003 --to gs://my-bucket/dem \\",
            "    --region 86 27 87 28 --scale 300 --description dem --wait",
        ),
    )(image)


def image(
    source: Annotated[
        str | None,
        typer.Argument(help="An asset's id, a JSON file of an expression, or - for standard input."),
    ] = None,
    to: Annotated[
        str,
        typer.Option(metavar="PLACE", help="gs://BUCKET/PREFIX, drive://FOLDER/PREFIX or an asset's name."),
    ] = ...,  # type: ignore[assignment]
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
    wait: Annotated[bool, typer.Option(help="Wait until it has ended.")] = False,
    timeout: Timeout = None,
    queue_timeout: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="How long to wait for a place in a full queue. Default: not."),
    ] = None,
    download: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Wait, and bring the files into this folder."),
    ] = None,
) -> None:
    """Export an image; prints the operation's name, and with --download the paths of the files."""
    from ..errors import instead_of_sending

    with instead_of_sending():
        export = described(source, python, to, like)
    if dry_run:
        return _print_request(export, as_json)
    with client() as here:
        try:
            operation = here.submit(export, queue_timeout=queue_timeout)
        except KeyboardInterrupt as error:
            raise ends.leave(" ".join(getattr(error, "__notes__", ["Interrupted."]))) from None
        if not as_json:
            typer.echo(operation.name)
        if wait or download:
            with shown(operation.name) as display:
                operation.wait(timeout, display)
        paths = _downloaded(operation, download) if download else []
        if as_json:
            typer.echo(json.dumps(operation.last.to_dict()))
        for path in paths if not as_json else []:
            typer.echo(path)
        if not (wait or download):
            ends.say(f"Started {export!r}. {_how_to_wait(operation)}")
    return None


def _how_to_wait(operation: Operation) -> str:
    return "Wait for it with: " + goes_on(operation.id).partition("with: ")[2]


def described(source: str | None, python: str | None, to: str, like: str | None) -> ImageExport:
    """The export that the options ask for."""
    from ..errors import InvalidArgument
    from . import places, table

    if (source is None) == (python is None):
        raise InvalidArgument("source", source, "One image is exported.", "Give SOURCE or --python.")
    given = chosen()
    if like is not None:
        if "grid" in given:
            raise InvalidArgument("like", like, "--grid says the same.", "Give one of them.")
        given["grid"] = places.like(like)
    return table.export(places.computed(python) if python else places.image(source or ""), to, given)


def _downloaded(operation: Operation, folder: str) -> list[str]:
    from pathlib import Path

    Path(folder).mkdir(parents=True, exist_ok=True)
    with shown(operation.name) as display:
        return [str(path) for path in operation.download(folder, on_update=display)]


def _print_request(export: ImageExport, is_bare: bool) -> None:
    import os

    if not is_bare:
        project = GIVEN.get("project") or os.environ.get("GOOGLE_CLOUD_PROJECT") or "PROJECT"
        ends.say(f"{export!r}; nothing is sent.")
        typer.echo(f"POST /v1beta/projects/{project}/image:export\n")
    typer.echo(json.dumps(export.to_dict(), indent=2, ensure_ascii=False))
