"""What spares methods a second copy of a signature or a docstring.

Each is written once, in a class that holds the arguments or in the blocking twin, and shown to type checkers,
`help`, `inspect.signature` and editors wherever it holds.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, get_args, get_origin

F = TypeVar("F", bound=Callable[..., object])
P = ParamSpec("P")
S = TypeVar("S")
R = TypeVar("R")
A = TypeVar("A")


def same_as(blocking: Callable[..., object]) -> Callable[[F], F]:
    """Give a method the docstring of its twin in the blocking class."""

    def copy(method: F) -> F:
        method.__doc__ = blocking.__doc__
        return method

    return copy


class _Taking(Protocol[P]):
    def __call__(self, method: Callable[Concatenate[S, ...], R]) -> Callable[Concatenate[S, P], R]: ...


class _TakingAfter(Protocol[P]):
    def __call__(self, method: Callable[Concatenate[S, A, ...], R]) -> Callable[Concatenate[S, A, P], R]: ...


def takes(arguments: Callable[P, object]) -> _Taking[P]:
    """Give a method the arguments of a class that it makes of them, and what its docstring says of them."""
    given: _Taking[P] = _give(arguments)
    return given


def takes_after(arguments: Callable[P, object]) -> _TakingAfter[P]:
    """The same for a method that has one argument of its own before them."""
    given: _TakingAfter[P] = _give(arguments)
    return given


def _give(arguments: Any) -> Any:
    own = get_origin(arguments) or arguments
    (kind,) = get_args(arguments) or ("",)
    name = getattr(kind, "__forward_arg__", getattr(kind, "__name__", ""))
    given = [
        one.replace(annotation=str(one.annotation).replace("[[H]", f"[[{name}]"))
        for one in inspect.signature(own).parameters.values()
    ]

    def give(method: Any) -> Any:
        signature = inspect.signature(method)
        kept = [one for one in signature.parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
        method.__signature__ = signature.replace(parameters=[*kept, *given])
        described = filter(None, (_described(cls) for cls in reversed(own.__mro__)))
        method.__doc__ = _joined(inspect.cleandoc(method.__doc__), "\n".join(described))
        return method

    return give


def _described(cls: type) -> str:
    """What a class's docstring says of its arguments."""
    return inspect.cleandoc(cls.__dict__.get("__doc__") or "").partition("\nArgs:\n")[2].partition("\n\n")[0]


def _joined(doc: str, described: str) -> str:
    """The docstring, with what is said of further arguments after its own."""
    head, own, rest = doc.partition("\nArgs:\n")
    if own:
        first, gap, rest = rest.partition("\n\n")
        return f"{head}{own}{first}\n{described}{gap}{rest}"
    before = re.search(r"\n\n(Returns|Raises|Reference):|$", doc + "\n\n")
    cut = before.start() if before else len(doc)
    return f"{doc[:cut]}\n\nArgs:\n{described}{doc[cut:]}"
