"""How a command ends: its exit code, and what is said to people of an error."""

from __future__ import annotations

import os
import re
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from textwrap import wrap
from types import MappingProxyType
from typing import NoReturn, Protocol, runtime_checkable

import typer

from .._errors.root import harmless


class End(IntEnum):
    """The exit codes; docs/cli.md lists them."""

    DONE = 0
    FAILED = 1
    BAD_ARGUMENTS = 2
    REFUSED = 3
    NO_CREDENTIALS = 4
    TIMED_OUT = 5
    CANCELLED = 6
    UNREACHABLE = 7
    INTERRUPTED = 130


# By the name of an error's class, the first of its ancestors that is here counts.
_ENDS = {
    "InvalidArgument": End.BAD_ARGUMENTS,
    "InvalidArgumentType": End.BAD_ARGUMENTS,
    "JournalError": End.BAD_ARGUMENTS,
    "CredentialsError": End.NO_CREDENTIALS,
    "Unauthenticated": End.NO_CREDENTIALS,
    "ApiError": End.REFUSED,
    "DuplicateRequest": End.REFUSED,
    "RequestError": End.UNREACHABLE,
    "WaitTimeout": End.TIMED_OUT,
    "OperationStalled": End.TIMED_OUT,
    "OperationCancelled": End.CANCELLED,
    "JobCancelled": End.CANCELLED,
}
_WORST = (
    End.BAD_ARGUMENTS, End.REFUSED, End.NO_CREDENTIALS, End.UNREACHABLE, End.FAILED, End.CANCELLED,
    End.TIMED_OUT,
)  # fmt: skip
# What messages of the library say in terms of Python, and what does the same here.
_WORDS = (
    (r"<OperationState ([^>]*)>", r"\1"),
    (r"client\.operation\('([^']+)'\)\.cancel\(\)", r"`earthengine-export ops cancel \1`"),
    (r"client\.operation\('([^']+)'\)", r"`earthengine-export ops wait \1`"),
    (r"client\.operation\(name\)", "`earthengine-export ops show NAME`"),
    (r"client\.operations\(\)", "`earthengine-export ops list`"),
    (r"operation\.wait\(\)", "`earthengine-export ops wait`"),
    (r"overwrite=True", "--overwrite to `earthengine-export download`"),
    (r"Take it from operation\.name, or", "`earthengine-export ops list` shows it;"),
    (r"\bClient\((project=[^)]*)\)", r"\1"),
    (r"Make the client for that project and account", "Give its --project and --credentials"),
    (r"Client\.from_service_account", "its key file as --credentials"),
    (r"\bbase_url\b(?!=)", "--base-url"),
    (r"; give an access token as [\w.]+\(token\)", ""),
    (r", what eex\.load or eex\.call returns, or an expression( \([^)]*\))?", " or a graph"),
    (r", anything with __geo_interface__, or an ee\.Geometry", " or WKT"),
    (r"shapely\.force_2d\(shape\) leaves", "`ogr2ogr -dim XY` leaves"),
    (
        r"Of projected ones say in which CRS: .*shapely\.geometry\.mapping\(shape\)\.",
        "Projected ones need a file that names their CRS: GeoJSON with a member crs, or a vector file.",
    ),
    (r" Give pyproj\.CRS\(…\) for other notations\.", ""),
    (r" For an asset's id, give eex\.load\(.*?\); for a file, give pathlib\.Path\(.*?\)\.", ""),
    (r" For a file, give pathlib\.Path\(.*?\)\.", ""),
    (r"eex\.load\(('[^']*')\)", r"\1"),
    (
        r"Give the export that was submitted: operation\.files\(export\)",
        "Give --to and the place that the export was given",
    ),
    (r"^(state|type)s=", r"\1="),
    (r"^([a-z_]+)=None:", r"--\1:"),
    (r"^([a-z_]+)((?:\[[^]]*\])*)=(?=\S)", r"--\1\2 "),
    (r"(?<![\w&?/.-])([a-z][a-z0-9]*(?:_[a-z0-9]+)*)=(?=[\s.:,;…]|'|\d|-|$)", r"--\1 "),
    (r"(?<![-\w])(tile|margin)_(size|dimensions)\b", r"--\1_\2"),
    (r"(?<=--)\w+", lambda found: found[0].replace("_", "-")),
    (r" (?=\. )| +$| (?= )", ""),
)


@runtime_checkable
class _BadLine(Protocol):
    """What typer raises where the line itself is wrong."""

    def format_message(self) -> str:
        """What is wrong."""


def code_of(error: BaseException) -> End:
    """The exit code that an error ends a command with."""
    names = (cls.__name__ for cls in type(error).__mro__)
    return next((_ENDS[name] for name in names if name in _ENDS), End.FAILED)


def worst(errors: Iterable[BaseException | None]) -> End:
    """The exit code of several: a failure counts more than a cancellation, and that more than a timeout."""
    codes = {code_of(error) for error in errors if error is not None}
    return next((code for code in _WORST if code in codes), End.DONE)


def said(text: str, *quoted: str) -> str:
    """A message of the library in the words of the command line, as one paragraph.

    Args:
        text: The message.
        quoted: What in it is not the library's, and stays as it is.
    """
    marks = {f"\0{rank}\0": one for rank, one in enumerate(quoted)}
    for mark, one in marks.items():
        text = text.replace(one, mark, 1)
    paragraph = " ".join(text.split())
    for pattern, words in _WORDS:
        paragraph = re.sub(pattern, words, paragraph)
    for mark, one in marks.items():
        paragraph = paragraph.replace(mark, " ".join(one.split()))
    return paragraph


def said_of(error: BaseException, positional: Mapping[str, str] = MappingProxyType({})) -> str:
    """The message of an error of the library in the words of the command line.

    Args:
        error: The error.
        positional: What the command calls those of its arguments that are no options, by their names.
    """
    text, given = str(error), getattr(error, "value", None)
    argument = str(getattr(error, "argument", ""))
    if argument in positional:
        text = text.replace(f"{argument}=None:", f"{positional[argument]}:", 1)
        text = text.replace(f"{argument}=", f"{positional[argument]} ", 1)
    of_the_service = str(getattr(error, "message", "")).rstrip(".")
    quoted = (repr(given) if isinstance(given, str) else "", of_the_service)
    return said(text, *filter(None, quoted))


def say(*paragraphs: str, one_line: bool = False) -> None:
    """Tell people something; standard output is for programs.

    Args:
        paragraphs: What to say; on a terminal their lines end between words.
        one_line: Whether it stays on its line, to be copied from there.
    """
    width = os.get_terminal_size(2).columns if sys.stderr.isatty() and not one_line else 100_000
    for paragraph in paragraphs:
        paragraph = harmless(paragraph.expandtabs().replace("\n", " "))
        indent = paragraph[: len(paragraph) - len(paragraph.lstrip())]
        lines = wrap(
            paragraph, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


def tell(text: str) -> None:
    """Print what programs read, of work that goes on though nobody reads it any more.

    Through `sys.stdout`, which a display that is on the same terminal takes above its bars.
    """
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        _close()


def _close() -> None:
    """Let what is still printed go nowhere: whoever read it has enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def leave(text: str) -> NoReturn:
    """End the command at Ctrl-C, once people were told what goes on; one more ends it at once."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(End.INTERRUPTED))
    say(text, one_line=True)
    raise SystemExit(End.INTERRUPTED)


@contextmanager
def told(is_debugging: bool, positional: Mapping[str, str] = MappingProxyType({})) -> Iterator[None]:
    """Have errors told in a paragraph, with the code that they end with, and closed pipes not at all.

    Args:
        is_debugging: Whether the traceback is shown too.
        positional: As for `said_of`.
    """
    try:
        yield
        print(end="", flush=True)  # noqa: T201 - which takes it well where there is no standard output
    except BrokenPipeError:
        _close()
        raise SystemExit(End.DONE) from None
    except (KeyboardInterrupt, typer.Abort):
        leave("Interrupted.")
    except typer.Exit:
        raise
    except Exception as error:  # noqa: BLE001 - what people see of any
        if is_debugging:
            traceback.print_exc()
        if isinstance(error, _BadLine):
            _tell_line(error)
            raise SystemExit(End.BAD_ARGUMENTS) from None
        is_ours = type(error).__module__.startswith(str(__package__).rpartition(".")[0])
        is_told = is_ours or isinstance(error, ImportError)
        say(said_of(error, positional) if is_told else said(_unknown(error)))
        raise SystemExit(code_of(error)) from None


def _tell_line(error: _BadLine) -> None:
    text = error.format_message()
    if text.startswith("Usage:"):  # the help, where nothing was given
        sys.stderr.write(text + "\n")
    else:
        path = getattr(getattr(error, "ctx", None), "command_path", "earthengine-export")
        say(f"{' '.join(text.split()).removesuffix('.')}. `{path} --help` tells more.")


def _unknown(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or 'What was to be printed'}: {error.strerror or error}."
    return f"{type(error).__name__}: {error}. --debug shows where."
