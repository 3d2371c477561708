"""Waiting for many operations at once, with few requests.

The forms whose names begin with `async_` take the operations of an `AsyncClient` and are awaited.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from ._run import waiting_many
from ._run.flows import H
from ._run.policy import Polling
from ._run.waiting import Waiting
from ._run.waiting_many import Outcome
from .errors import InvalidArgument, InvalidArgumentType
from .operations import AsyncOperation, Operation


def as_completed(
    operations: Iterable[Operation],
    timeout: float | None = None,
    on_update: Callable[[Operation], object] | None = None,
    polling: Polling = Polling(),
) -> Iterator[Outcome[Operation]]:
    """Each operation's outcome as it ends; one poller asks after all of them.

    A round of asking takes at most one request for each 500 operations, as long as they are among the newest
    of their project; one that has aged out of the list is asked after by itself.

    Args:
        operations: Handles of one client.
        timeout: Seconds to wait for all, from the first step of the iteration, or None (the default) for as
            long as it takes. Operations that have not ended by then come last, with a `WaitTimeout`.
        on_update: Called with each handle at the start, and whenever its state, progress, stages or attempt
            have changed.
        polling: How often to ask; `long_poll` has no part in it.

    Raises:
        InvalidArgument: The operations are not of one client, or the timeout is negative.
        InvalidArgumentType: One is no operation, or one of the other world.
        ClientUnusable: Their client is closed.

    Reference: projects.operations.list, projects.operations.get.
    """
    return _iterate(list(operations), Operation, timeout, on_update, polling) or iter(())


def async_as_completed(
    operations: Iterable[AsyncOperation],
    timeout: float | None = None,
    on_update: Callable[[AsyncOperation], object] | None = None,
    polling: Polling = Polling(),
) -> AsyncIterator[Outcome[AsyncOperation]]:
    """The same as `as_completed`, for `async for`."""
    return _iterate(list(operations), AsyncOperation, timeout, on_update, polling) or _nothing()


def wait_all(
    operations: Iterable[Operation],
    timeout: float | None = None,
    on_update: Callable[[Operation], object] | None = None,
    polling: Polling = Polling(),
    *,
    raise_errors: bool = False,
) -> list[Outcome[Operation]]:
    """Wait until every operation has ended; all outcomes come back, in the order of the operations.

    Args:
        operations: Handles of one client.
        timeout: Seconds to wait for all, or None (the default) for as long as it takes.
        on_update: Called with each handle at the start, and whenever its state, progress, stages or attempt
            have changed.
        polling: How often to ask.
        raise_errors: Raise an ExceptionGroup of all errors, if there are any, in place of returning.

    Raises:
        ExceptionGroup: With `raise_errors`: the `EarthEngineError` of each operation that did not succeed.
        InvalidArgument: The operations are not of one client, or the timeout is negative.
        InvalidArgumentType: One is no operation, or one of the other world.
        ClientUnusable: Their client is closed.
    """
    operations = list(operations)
    return _in_order(operations, list(as_completed(operations, timeout, on_update, polling)), raise_errors)


async def async_wait_all(
    operations: Iterable[AsyncOperation],
    timeout: float | None = None,  # noqa: ASYNC109 - the name that wait has
    on_update: Callable[[AsyncOperation], object] | None = None,
    polling: Polling = Polling(),
    *,
    raise_errors: bool = False,
) -> list[Outcome[AsyncOperation]]:
    """The same as `wait_all`, awaited."""
    operations = list(operations)
    outcomes = [one async for one in async_as_completed(operations, timeout, on_update, polling)]
    return _in_order(operations, outcomes, raise_errors)


def _iterate(
    handles: list[H],
    kind: type[H],
    timeout: float | None,
    on_update: Callable[[H], object] | None,
    polling: Polling,
) -> Any:
    """The outcomes, as the handles' client iterates over them; None where there are no handles."""
    Waiting[H](timeout=timeout, polling=polling)  # checks them
    for handle in handles:
        if not isinstance(handle, kind):
            raise InvalidArgumentType(
                "operations",
                handle,
                f"Each of them is an {kind.__name__}.",
                "client.operation(name) makes one of a name; what begins with async_ is for an AsyncClient.",
            )
    if not handles:
        return None
    client = handles[0].client
    if any(handle.client is not client for handle in handles):
        raise InvalidArgument(
            "operations",
            handles,
            "They belong to several clients.",
            "Wait for those of each client by itself.",
        )
    return client.iterate(
        waiting_many.as_completed(
            client.context, handles, timeout=timeout, on_update=on_update, polling=polling
        )
    )


async def _nothing() -> AsyncIterator[Any]:
    return
    yield


def _in_order(
    operations: list[H],
    outcomes: list[Outcome[H]],
    raise_errors: bool,
) -> list[Outcome[H]]:
    by_handle = {id(outcome.operation): outcome for outcome in outcomes}
    ordered = [by_handle[id(operation)] for operation in operations]
    errors = [outcome.error for outcome in ordered if outcome.error is not None]
    if raise_errors and errors:
        raise ExceptionGroup(f"{len(errors)} of {len(ordered)} exports did not succeed", errors)
    return ordered
