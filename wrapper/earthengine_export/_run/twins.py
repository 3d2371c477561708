"""Decorators by which methods share signatures and docstrings.

A signature is written once, in the class that holds the arguments; a docstring once, in the blocking class.
Type checkers, `help`, `inspect.signature` and editors show them at every method that has them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar, cast, get_args, get_origin

from .._errors.refusals import instead_of_sending

F = TypeVar("F", bound=Callable[..., object])
P = ParamSpec("P")
S = TypeVar("S")
R = TypeVar("R")
A = TypeVar("A")
V = TypeVar("V")


def same_as(blocking: Callable[..., object]) -> Callable[[F], F]:
    """Give a method the docstring of its twin in the blocking class."""

    def copy(method: F) -> F:
        method.__doc__ = blocking.__doc__
        return method

    return copy


def takes(
    make: Callable[P, V],
) -> Callable[[Callable[[S, V], R]], Callable[Concatenate[S, P], R]]:
    """Let callers give a method the arguments of a class; the method itself gets one object of the class.

    Its signature and its docstring list these arguments.
    """

    def give(method: Callable[[S, V], R]) -> Callable[Concatenate[S, P], R]:
        def taking(self: S, /, *arguments: P.args, **named: P.kwargs) -> R:
            with instead_of_sending():
                made = make(*arguments, **named)
            return method(self, made)

        _describe(update_wrapper(taking, method), make)
        return taking

    return give


def takes_after(
    make: Callable[P, V],
) -> Callable[[Callable[[S, A, V], R]], Callable[Concatenate[S, A, P], R]]:
    """The same for a method with one more argument, `operations`, before those of the class."""

    def give(method: Callable[[S, A, V], R]) -> Callable[Concatenate[S, A, P], R]:
        def taking(self: S, operations: A, *arguments: P.args, **named: P.kwargs) -> R:
            with instead_of_sending():
                made = make(*arguments, **named)
            return method(self, operations, made)

        _describe(update_wrapper(taking, method), make)
        # Given by its name too, which no Concatenate can say.
        return cast("Callable[Concatenate[S, A, P], R]", taking)

    return give


def _describe(method: Callable[..., object], make: Callable[..., object]) -> None:
    """Show what the class says of its arguments in place of what is made of them."""
    made = cast("type", get_origin(make) or make)
    (kind,) = get_args(make) or ("",)
    name = getattr(kind, "__forward_arg__", getattr(kind, "__name__", ""))
    given = [
        one.replace(annotation=str(one.annotation).replace("[[H]", f"[[{name}]"))
        for one in inspect.signature(made).parameters.values()
    ]
    signature = inspect.signature(method)
    kept = list(signature.parameters.values())[:-1]
    described = filter(None, map(_described, reversed(inspect.getmro(made))))
    method.__doc__ = _joined(inspect.cleandoc(method.__doc__ or ""), "\n".join(described))
    vars(method)["__signature__"] = signature.replace(parameters=[*kept, *given])


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
