"""What all commands share: the options for the client, and how those are given."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from . import ends

if TYPE_CHECKING:
    from ..client import Client
    from ..progress_display import ProgressDisplay

GIVEN: dict[str, str] = {}
"""The options for the client that were given, wherever on the line."""

_debug: list[bool] = []
_CLIENT = {
    "project": (
        "PROJECT",
        "The project that exports run in. Default: the credentials', or GOOGLE_CLOUD_PROJECT.",
    ),
    "credentials": (
        "FILE",
        "A key file or other credentials, or 'anonymous'. Default: as docs/credentials.md says.",
    ),
    "base_url": ("URL", "The host. Default: EARTHENGINE_EMULATOR_HOST, or the service."),
    "quota_project": ("PROJECT", "The project whose quota is used, if it is another."),
}


class _Common:
    """A command that takes the options for the client, and leaves them in `GIVEN`."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The command's own options, then these, then --help."""
        *own, last = super().get_params(ctx)  # type: ignore[misc]
        return [*own, *_options(), last]

    def invoke(self, ctx: Any) -> Any:
        """Run the command without them."""
        _debug.append(ctx.params.pop("debug"))
        for name in _CLIENT:
            if (value := ctx.params.pop(name)) is not None:
                GIVEN[name] = value
        return super().invoke(ctx)  # type: ignore[misc]


class Command(_Common, TyperCommand):
    """A command."""


class Group(_Common, TyperGroup):
    """A group of commands."""


class Root(Group):
    """The whole command line; errors are told here."""

    def list_commands(self, _: Any) -> list[str]:
        """In the order in which people meet them."""
        return list(self.commands)

    def invoke(self, ctx: Any) -> Any:
        """Run it, and tell what is wrong."""
        logging.getLogger("earthengine_export").addHandler(_Told())
        warnings.showwarning = lambda message, *_, **__: ends.say(str(message))
        with ends.told(_debug):
            return super().invoke(ctx)


class _Told(logging.Handler):
    """Tells people what the library logs: what is tried again, and why."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            ends.say(record.getMessage())


def _options() -> list[TyperOption]:
    made = [
        TyperOption(param_decls=[name, "--" + name.replace("_", "-")], type=str, metavar=metavar, help=text)
        for name, (metavar, text) in _CLIENT.items()
    ]
    debug = TyperOption(
        param_decls=["debug", "--debug"], is_flag=True, default=False, help="Show tracebacks."
    )
    return [*made, debug]


def example(*lines: str) -> str:
    """The end of a command's help."""
    return "\b\nExample:\n" + "\n".join(f"  earthengine-export {line}" for line in lines)


def new(**options: Any) -> typer.Typer:
    """A group of commands, whose help is plain text: it starts quicker, and goes through any pipe."""
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True, **options)


@contextmanager
def client() -> Iterator[Client]:
    """The client that the options and the environment ask for."""
    from .._connect.access import anonymous
    from ..client import Client

    given: dict[str, Any] = dict(GIVEN)
    if given.get("credentials") == "anonymous":
        given["credentials"] = anonymous()
    with Client(**given) as made:
        yield made


@contextmanager
def shown(*names: str, title: str | None = None) -> Iterator[ProgressDisplay]:
    """A display of how exports get on; Ctrl-C within says that they go on, and how they are found again."""
    from ..progress_display import progress

    try:
        with progress(title) as display:
            yield display
    except KeyboardInterrupt:
        raise ends.leave(goes_on(*names)) from None


def goes_on(*names: str) -> str:
    """What to say at Ctrl-C."""
    common = "".join(f" --{name.replace('_', '-')} {value}" for name, value in GIVEN.items())
    fate = "The export goes on" if len(names) == 1 else f"All {len(names)} exports go on"
    listed = " ".join(names[:3]) if len(names) <= 3 else ""
    command = f"ops wait {listed}" if listed else "ops list --state PENDING --state RUNNING"
    return f"{fate}; find it again with: earthengine-export {command}{common}"
