"""What is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .root import SHOWN, EarthEngineError, shown

_TOO_SHORT = 8  # characters with the quotes, for a secret


class _Refused(EarthEngineError):
    """What the two errors for bad arguments share.

    Attributes:
        argument: The name of the refused argument, as the caller wrote it.
        value: The refused value where it is a number or a short text, else what it is, in words.
        nothing_sent: Whether a request would have been sent, and was not.
    """

    def __init__(self, argument: str, value: object, rule: str, cure: str = "") -> None:
        super().__init__(rule, cure)
        self.argument = argument
        self.nothing_sent = False
        self._shown = shown(value)
        kept = type(value) in (type(None), bool, int, float, str)
        is_whole = type(value) is not str or (len(value) <= SHOWN and self._shown == repr(value))
        if type(value) is int:  # Python itself refuses to write longer ones
            is_whole = value.bit_length() < 14_000
        self.value = value if kept and is_whole else self._shown

    def _hide(self) -> None:
        """Show no text, since none can be right here and it may be a secret; very short ones are shown."""
        has_text = not {"'", '"'}.isdisjoint(self._shown)  # the quotes of a text, in lists too
        if has_text and len(self._shown) > _TOO_SHORT:
            self.value = self._shown = "<a text that is not shown>"

    def __str__(self) -> str:
        sent = "Nothing was sent." if self.nothing_sent else ""
        return " ".join(filter(None, (f"{self.argument}={self._shown}:", *self.args, sent)))


class InvalidArgument(_Refused, ValueError):
    """An argument has a value that the service could not accept."""


class InvalidArgumentType(_Refused, TypeError):
    """An argument has a type that this library cannot take."""


@contextmanager
def instead_of_sending() -> Iterator[None]:
    """Let arguments that are refused within say that nothing was sent."""
    try:
        yield
    except (InvalidArgument, InvalidArgumentType) as error:
        error.nothing_sent = True
        raise


@contextmanager
def instead_of_showing() -> Iterator[None]:
    """Keep texts out of what is said of arguments that are refused within."""
    try:
        yield
    except (InvalidArgument, InvalidArgumentType) as error:
        error._hide()
        raise


class ClientUnusable(EarthEngineError, RuntimeError):
    """A client was used after it was closed or after a fork, or a handle has no client."""

    def __init__(self, why: str, cure: str = "Make a new one.") -> None:
        super().__init__(why)
        self._cure_here = cure

    def __str__(self) -> str:
        why = f"{self.args[0]}." if self.may_exist else f"{self.args[0]}; nothing was sent."
        return " ".join(filter(None, (why, self._fate(), self._cure_here)))


class CredentialsError(EarthEngineError):
    """There are no credentials, or they were refused; the message says which and how to get new ones."""
