"""Exceptions without the frames that hold secrets: reports that show local variables would show these."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import TracebackType

# Whose frames hold headers and bodies as they are sent. This package's own hold them for a moment, too.
_HERE = __name__.rpartition(".")[0]
_LIBRARIES = {
    *sys.stdlib_module_names,
    *("anyio", "cryptography", "google", "h11", "h2", "httpcore", "httpx", "outcome", "pyreqwest"),
    *("requests", "rsa", "sniffio", "socksio", "trio", "urllib3"),
}  # fmt: skip


class Guarded:
    """A context: the exceptions that leave it have no frames that may hold a secret.

    Exceptions that the caller was handling before are left as they are. This is a class since
    `contextlib.contextmanager` would put the frames back.

    Args:
        package: The module or package of this library whose frames go, too.
    """

    def __init__(self, package: str = _HERE) -> None:
        self._package = package

    def __enter__(self) -> None:
        self._older = sys.exception()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        for one in _chain(error, self._older):
            one.__traceback__ = without_libraries(one.__traceback__, self._package)


def _chain(error: BaseException | None, older: BaseException | None) -> Iterator[BaseException]:
    """An exception and all that hangs on it, up to one that was being handled before."""
    todo: list[BaseException | None] = [error]
    seen = {id(None), id(older)}
    while todo:
        one = todo.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__context__, one.__cause__, *getattr(one, "exceptions", ())]


def _is_library(trace: TracebackType, package: str) -> bool:
    name = str(trace.tb_frame.f_globals.get("__name__"))
    return name.partition(".")[0] in _LIBRARIES or f"{name}.".startswith(f"{package}.")


def without_libraries(trace: TracebackType | None, package: str = _HERE) -> TracebackType | None:
    kept = []
    while trace is not None:
        if not _is_library(trace, package):
            kept.append(trace)
        trace = trace.tb_next
    rest = None
    for one in reversed(kept):
        rest = TracebackType(rest, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return rest
