"""`earthengine-export whoami` and `emulator`."""

from __future__ import annotations

import json
from typing import Any

import typer

from . import ends
from .common import Command, client, example
from .image import Json


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(cls=Command, epilog=example("whoami"))(whoami)
    app.command(
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    )(emulator)


def whoami(as_json: Json = False) -> None:
    """Tell whose credentials are used, and ask the service once whether they are good."""
    with client() as here:
        access = here._context.access
        credentials: Any = access.identity.credentials
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


def emulator(ctx: typer.Context) -> None:
    """Serve a local stand-in for the service, until Ctrl-C; emulator --help shows its options."""
    import sys

    try:
        from earthengine_emulator.__main__ import main
    except ModuleNotFoundError as missing:
        if missing.name != "earthengine_emulator":
            raise
        ends.say("The emulator is not part of this copy: pip install 'earthengine-export[emulator]'.")
        raise typer.Exit(ends.End.FAILED) from None
    sys.argv = ["earthengine-export emulator", *ctx.args]
    main()
