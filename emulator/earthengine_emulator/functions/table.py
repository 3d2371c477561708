"""A row of the table of functions: name, signature, what it does, and how it is called."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from earthengine_emulator.coercion import coerced
from earthengine_emulator.errors import ExportError


@dataclass(frozen=True)
class Argument:
    """An argument of a function.

    Attributes:
        name: The name.
        type: The type, as the service's list of algorithms calls it.
        optional: Whether it may be left out.
        default: What is taken where it is.
    """

    name: str
    type: str
    optional: bool = False
    default: Any = None


@dataclass(frozen=True)
class Function:
    """A function of the service.

    Attributes:
        signature: `Name(argument: Type, optional: Type = default) -> Type`, defaults in JSON.
        description: What it does.
        body: Takes the arguments in the signature's order.
        assets: Whether the body takes the folders of assets first.
    """

    signature: str
    description: str
    body: Callable[..., Any]
    assets: bool = False

    @property
    def name(self) -> str:
        """The name, as expressions call it."""
        return self.signature.partition("(")[0]

    @property
    def returns(self) -> str:
        """The type of the result, as the service's list of algorithms calls it."""
        return _official(self.signature.rpartition(" -> ")[2])

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments, in order."""
        inside = self.signature[len(self.name) + 1 : self.signature.rindex(")")]
        return tuple(_argument(text) for text in _split(inside))

    def __call__(self, given: Mapping[str, Any], assets: Any = None) -> Any:
        """Call it with arguments by name.

        Raises:
            ExportError: An argument is missing, not known, or not of its type; or the function refuses it.
        """
        values: list[Any] = [assets] if self.assets else []
        for argument in self.arguments:
            value = given.get(argument.name)
            if value is None:
                if not argument.optional:
                    raise ExportError(
                        f"{self.name}: Parameter '{argument.name}' is required and may not be null."
                    )
                value = argument.default
            try:
                values.append(None if value is None else coerced(value, argument.type))
            except (ExportError, TypeError, ValueError) as error:
                raise ExportError(f"{self.name}, argument '{argument.name}': {error}") from None
        unknown = given.keys() - {argument.name for argument in self.arguments}
        if unknown:
            raise ExportError(f"{self.name}: Unrecognized arguments {sorted(unknown)}.")
        try:
            return self.body(*values)
        except (ArithmeticError, TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
            raise ExportError(f"{self.name}: Invalid arguments: {error}") from None


def row(signature: str, description: str, body: Callable[..., Any], *, assets: bool = False) -> Function:
    """A row of the table."""
    return Function(signature, description, body, assets)


def _argument(text: str) -> Argument:
    head, equals, default = text.partition(" = ")
    name, _, kind = head.partition(": ")
    return Argument(name, _official(kind), bool(equals), json.loads(default) if equals else None)


def _official(kind: str) -> str:
    return re.sub(r"\bImage\b", "Image<unknown bands>", kind)


def _split(text: str) -> Iterator[str]:
    """The parts between commas that stand in no brackets and no quotes."""
    depth, quoted, start = 0, False, 0
    for at, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter in "[{(<":
            depth += 1
        elif not quoted and letter in "]})>":
            depth -= 1
        elif letter == "," and not depth and not quoted:
            yield text[start:at]
            start = at + 2
    if text[start:]:
        yield text[start:]
