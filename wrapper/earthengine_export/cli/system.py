"""`earthengine-export whoami` and `emulator`."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from importlib import import_module
from typing import Annotated

import typer

from . import ends
from .common import Json, Session, command


def add(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "whoami")(whoami)
    command(app, "completion bash")(completion)
    options = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command(context_settings=options)(emulator)


def whoami(session: Session, as_json: Json = False) -> None:
    """Tell whose credentials are used, and try them.

    They are tried by one cheap request.
    """
    with session.client() as here:
        access = here._context.access
        credentials = access.identity.credentials
        scopes = getattr(credentials, "scopes", None) or getattr(credentials, "default_scopes", None)
        facts = {
            "credentials": here.credentials_source,
            "account": access.account,
            "project": here.project,
            "quota_project": access.quota_project,
            "scopes": list(scopes or ()),
            "host": access.base_url,
        }
        if as_json:
            typer.echo(json.dumps(facts))
        else:
            for name, fact in facts.items():
                text = " ".join(fact) if isinstance(fact, list) else fact
                typer.echo(f"{name.replace('_', ' '):<15}{text or 'not known'}")
        next(here.operations(page_size=1), None)
        ends.say("The service answers, and lets this account list the project's operations.")


class Shell(StrEnum):
    """The shells that can complete a line."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    _: Session, shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")]
) -> None:
    """Print what lets a shell complete lines.

    For bash: earthengine-export completion bash >> ~/.bashrc
    """
    from typer._completion_shared import get_completion_script

    name = "earthengine-export"
    variable = f"_{name}_complete".replace("-", "_").upper()  # in which the shell asks
    typer.echo(get_completion_script(prog_name=name, complete_var=variable, shell=shell.value))


def emulator(ctx: typer.Context) -> None:
    """Serve a local stand-in for the service."""
    try:
        emulated = import_module("earthengine_emulator.__main__")  # a vendored copy has none
    except ModuleNotFoundError as missing:
        if missing.name != "earthengine_emulator":
            raise
        ends.say(
            "The emulator is not part of this copy: pip install 'earthengine-export[emulator]', or "
            "'.[emulator]' in a clone, brings it."
        )
        raise typer.Exit(ends.End.FAILED) from None
    if "--help" in ctx.args:
        told = emulated.arguments().format_help().replace("python -m earthengine_emulator", ctx.command_path)
        typer.echo(f"{told}\nExample:\n  {ctx.command_path} --port 8085 --speed 100")
        return
    parser = emulated.arguments()
    parser.prog, parser.usage = ctx.command_path, f"{ctx.command_path} [OPTIONS]"
    parser.parse_args(ctx.args)  # so that what is wrong with them names this command
    sys.argv = [ctx.command_path, *ctx.args]
    emulated.main()
