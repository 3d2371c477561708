"""What all commands share: how they are made, the options for the client, and the client itself."""

from __future__ import annotations

import functools
import inspect
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from typer.core import TyperCommand

from . import ends

if TYPE_CHECKING:
    from ..client import Client
    from ..progress_display import ProgressDisplay

Function = TypeVar("Function", bound=Callable[..., None])
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Timeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="How long to wait. Default: for ever.")
]


def _for_all(
    project: Annotated[
        str | None,
        typer.Option(
            "--project",
            metavar="PROJECT",
            help="The project that exports run in. Default: the credentials', or GOOGLE_CLOUD_PROJECT.",
        ),
    ] = None,
    credentials: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="A key file or other credentials, or 'anonymous'. Default: those that are found, as the "
            "guide on credentials says; whoami shows them.",
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The host. Default: EARTHENGINE_EMULATOR_HOST, or the service."),
    ] = None,
    quota_project: Annotated[
        str | None,
        typer.Option(metavar="PROJECT", help="The project whose quota is used, if it is another."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Take what every command takes."""


FOR_ALL = inspect.signature(_for_all, eval_str=True).parameters
"""The options of every command."""


class Session:
    """One call of the command line.

    Attributes:
        given: The options for the client that were given, wherever on the line.
        chosen: The options of an export that were given.
        debug: Whether tracebacks are wanted.
    """

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.chosen: dict[str, object] = {}
        self.debug = False

    def take(self, options: dict[str, object], own: Iterable[str]) -> dict[str, object]:
        """Keep what is not the command's own; the rest is given back."""
        self.debug = self.debug or bool(options["debug"])
        for name, one in options.items():
            if name in FOR_ALL and isinstance(one, str):
                self.given[name] = one
            elif name not in FOR_ALL and name not in own and one not in (None, (), []):
                self.chosen[name] = one
        return {name: options[name] for name in own}

    @contextmanager
    def client(self) -> Iterator[Client]:
        """The client that the options and the environment ask for."""
        from .._connect.access import anonymous
        from ..client import Client

        get = self.given.get
        named = get("credentials")
        credentials = anonymous() if named == "anonymous" else named
        base_url, quota_project = get("base_url"), get("quota_project")
        with Client(get("project"), credentials, base_url=base_url, quota_project=quota_project) as made:
            yield made

    def line(self, *words: str) -> str:
        """A command that finds the same project in the same way; no secret is repeated."""
        shown = {
            name: one if name != "credentials" or _is_safe(one) else "…" for name, one in self.given.items()
        }
        options = [word for name, one in shown.items() for word in (f"--{name.replace('_', '-')}", one)]
        return shlex.join(["earthengine-export", *words, *options])

    @contextmanager
    def shown(self, *ids: str) -> Iterator[ProgressDisplay]:
        """A display of how exports get on; Ctrl-C within says how they are found again."""
        from ..progress_display import progress

        fate = "The export goes on; find it" if len(ids) == 1 else f"All {len(ids)} exports go on; find them"
        words = ("wait", *ids) if len(ids) <= 3 else ("list", "--state", "PENDING", "--state", "RUNNING")
        with interruptible(f"{fate} again with: {self.line('ops', *words)}"), progress() as display:
            yield display


def again() -> str:
    """The line that this program was called by; no secret is repeated."""
    words = ["earthengine-export", *sys.argv[1:]]
    for index, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option == "--credentials" and equals and not _is_safe(value):
            words[index] = f"{option}=…"
        elif index and words[index - 1] == "--credentials" and not _is_safe(word):
            words[index] = "…"
    return shlex.join(words)


def _is_safe(credentials: str) -> bool:
    """Whether they are named, and not given as they are."""
    return credentials == "anonymous" or os.path.exists(credentials)


def one_of_them(as_json: bool, as_csv: bool) -> None:
    """Refuse to print as two things at once."""
    from ..errors import InvalidArgument

    if as_json and as_csv:
        raise InvalidArgument("csv", None, "--json asks for another form.", "Give one of them.")


@contextmanager
def interruptible(text: str) -> Iterator[None]:
    """Let Ctrl-C within say this, in one line, and end."""
    try:
        yield
    except KeyboardInterrupt:
        ends.leave(text)


def shared(function: Function) -> Function:
    """A function that typer calls, for one that takes a `Session` before the options of its own."""
    _, *own = inspect.signature(function, eval_str=True).parameters.values()
    names = [parameter.name for parameter in own]

    @functools.wraps(function)
    def run(ctx: typer.Context, **options: object) -> None:
        session = ctx.obj = ctx.obj if isinstance(ctx.obj, Session) else Session()
        left = session.take(options, names)
        metavars = (
            str(one.metavar).rstrip(".") for one in ctx.command.params if not one.opts[0].startswith("-")
        )
        with ends.told(session.debug, {metavar.lower(): metavar for metavar in metavars}):
            function(session, **left)

    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    vars(run)["__signature__"] = inspect.Signature([context, *own, *FOR_ALL.values()])
    return run  # type: ignore[return-value]  # what typer and people see of it is the same


def command(
    app: typer.Typer, *examples: str, name: str | None = None, cls: type[TyperCommand] = TyperCommand
) -> Callable[[Function], Function]:
    """Make a command of a function that takes a `Session` first; its help ends with the examples."""

    def register(function: Function) -> Function:
        app.command(name, cls=cls, epilog=example(*examples))(shared(function))
        return function

    return register


def example(*lines: str) -> str:
    """The end of a command's help; a line that begins with a space goes on with the one before."""
    return "\b\nExample:\n" + "\n".join(
        f"  {line}" if line[0] == " " else f"  earthengine-export {line}" for line in lines
    )


def new() -> typer.Typer:
    """A group of commands, whose help is plain text: it starts quicker, and goes through any pipe."""
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True)
