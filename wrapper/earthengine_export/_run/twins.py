"""What spares the awaited classes a second copy of the blocking ones' docstrings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


def same_as(blocking: Callable[..., object]) -> Callable[[F], F]:
    """Give a method the docstring of its twin in the blocking class."""

    def copy(method: F) -> F:
        method.__doc__ = blocking.__doc__
        return method

    return copy
