"""Commands that take the options of an export."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from typer.core import TyperCommand, TyperOption

from .common import FOR_ALL

if TYPE_CHECKING:
    from typer._click import Context, Parameter  # what typer's own classes name

_NUMBER = re.compile(r"[-+]?((\d+\.?\d*|\.\d+)(e[-+]?\d+)?|nan|inf(inity)?)", re.IGNORECASE)
_OF_NUMBERS = {"--region", "--crs-transform", "--dimensions", "--tile-dimensions", "--margin-dimensions"}


class Described(TyperCommand):
    """A command that takes the options of an export, and passes on those that were given.

    They are made when the command is called, so that the help of others need not wait for them.
    """

    def get_params(self, ctx: Context) -> list[Parameter]:
        """The command's own options, those of exports, those of all commands, and --help."""
        own = super().get_params(ctx)
        after = len(own) - len(FOR_ALL) - 1
        return [*own[:after], *_described(), *own[after:]]

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Let the numbers of a region and the like be one word each on the line."""
        joined: list[str] = []
        for word in args:
            numbers = joined[-1].split(",") if joined[-2:-1] and joined[-2] in _OF_NUMBERS else ["-"]
            if all(map(_NUMBER.fullmatch, [*numbers, word])):
                joined[-1] += f",{word}"
            else:
                joined.append(word)
        return super().parse_args(ctx, joined)


def _described() -> list[TyperOption]:
    from .table import options

    made = []
    for option in options().values():
        flag = "--" + option.name.replace("_", "-")
        flags = f"{flag}/--no-{flag[2:]}" if option.is_flag else flag
        made.append(
            TyperOption(
                param_decls=[option.name, flags],
                type=bool if option.is_flag else str,
                is_flag=option.is_flag or None,
                metavar=None if option.is_flag else option.metavar,
                default=None,
                multiple=option.is_many,
                help=option.help,
            )
        )
    return made
