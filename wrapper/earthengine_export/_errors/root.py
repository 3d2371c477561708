"""The root of all errors, and how a value is shown in them."""

from __future__ import annotations

import functools
import math
import numbers
import re
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import ClassVar, TypeVar

_SAID = 4000  # characters of what happened; the service may write a book in its middle
SHOWN = 120  # characters of a refused value in a message; tokens and keys are longer
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_OURS = __name__.split("._errors")[0]  # also where this is a vendored copy
T = TypeVar("T")
# Keys and tokens that are short enough to be shown, and passwords in addresses; `…@` is one that was masked.
_SECRET = re.compile(
    r"(?i)-----BEGIN|private_key|client_secret|(refresh|access)_token|\bya29\.|\bAIza|\bGOCSPX-|\b1//0"
    r"|:(?!//)[^\s@/]+@|//[^\s@/]*[^…\s@/]@"
    r"|[?&#](key|k|(access_|id_|api_)?(key|token)|sig(nature)?|password|pw|secret)="
)


class EarthEngineError(Exception):
    """The root of every error raised by this library.

    Attributes:
        request_id: Where a submit was ended by it: the requestId that all attempts carried; else None.
        may_exist: Whether an attempt may have done the work all the same, such as started the export.
    """

    request_id: str | None = None
    may_exist: bool = False
    _cure: ClassVar[str] = ""  # what to look at, whatever became of an export
    _again: ClassVar[str] = ""  # what to do where none can have been started

    def __str__(self) -> str:
        again = "" if self.request_id is not None and self.may_exist else self._again
        said = super().__str__()
        said = f"{said[: _SAID - 500]} … {said[-500:]}" if len(said) > _SAID else said
        ours = " ".join(filter(None, (self._fate(), self._cure, again)))
        stop = "." if ours and said[-1:] not in {"", ".", "!", "?"} else ""
        return f"{said}{stop} {ours}".strip()

    def _fate(self) -> str:
        """What became of the export that was being submitted, if one was."""
        return "" if self.request_id is None else fate(self.request_id, self.may_exist)

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.args, self.__dict__)


def a(noun: str) -> str:
    """A noun with its article."""
    return f"{'an' if noun[:1].lower() in {*'aeiou'} else 'a'} {noun}"


def fate(request_id: str, may_exist: bool) -> str:
    """What became of an export whose submit was ended, and how to find it; the one place that says so."""
    if not may_exist:
        return "No export was started."
    return (
        f"The export may have been started: submit again with request_id={request_id!r} to get the same "
        "operation, not a second one, or look for it with client.operations()."
    )


def cure_of_size(why: str) -> str:
    """What to do where the service finds an export too large; it names an argument of its own client."""
    is_too_large = "export too large" in why.lower()
    return "Give a larger max_pixels= if it is meant to be so large." if is_too_large else ""


def harmless(text: str) -> str:
    """A line whose characters move no cursor, colour nothing and end no line, whoever wrote it."""
    return text.translate(_CONTROLS)


def if_made(show: Callable[[T], str]) -> Callable[[T], str]:
    """A `__repr__` that raises nothing of an object whose constructor has raised: it has no attributes yet.

    Reports that show local variables, such as `TracebackException(capture_locals=True)`, call it.
    """

    @functools.wraps(show)
    def call(self: T) -> str:
        try:
            return show(self)
        except AttributeError:
            return f"<{type(self).__name__}, which was not made>"

    return call


def _restore(
    cls: type[EarthEngineError], args: tuple[object, ...], state: dict[str, object]
) -> EarthEngineError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


def shown(value: object, room: int = SHOWN) -> str:
    """A value in a few words, whatever it is: what is long, or no plain value, is named and not shown.

    It may be a secret that was given in the wrong place, and its own methods may raise.
    """
    try:
        if isinstance(value, int) and value.bit_length() > 3 * room:  # Python itself refuses to write some
            text = f"a whole number of {math.floor(math.log10(abs(value))) + 1:,} digits"
        elif value is None or isinstance(value, bool | numbers.Number):
            text = repr(value)
        elif isinstance(value, str):
            text = str.__repr__(value)  # of a subclass too, whose own may say anything
        elif isinstance(value, bytes):
            text = bytes.__repr__(value)
        elif isinstance(value, list | tuple | set | frozenset) and type(value).__module__ == "builtins":
            text = f"{type(value).__name__} of {len(value)}"
            if len(value) < 10 and room > 20:
                items = ", ".join(shown(item, room // 2) for item in value)
                comma = "," if len(value) == 1 else ""
                text = f"({items}{comma})" if isinstance(value, tuple) else f"[{items}]"
                text = f"{{{items}}}" if items and isinstance(value, set | frozenset) else text
        elif type(value) is dict:
            keys = ", ".join(shown(key, 40) for key in list(value)[:6])
            text = f"dict of {len(value)} with {keys}" if keys else "{}"
        elif isinstance(value, type | ModuleType | FunctionType | BuiltinFunctionType):
            text = f"{type(value).__name__} {value.__name__}"
        elif type(value).__module__.startswith(_OURS):
            text = repr(value)
        else:
            text = f"an instance of {type(value).__module__}.{type(value).__qualname__}"
        if len(text) <= room and not _SECRET.search(text):
            return text
        size = f" of {len(value)} characters" if isinstance(value, str | bytes) else ""
        return f"{type(value).__name__[:room]}{size}"
    except Exception:  # noqa: BLE001 - the object's own code may raise anything
        return "an object that cannot be shown"
