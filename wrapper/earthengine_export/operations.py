"""Operations: the handle on an export that runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, Self, TypeVar

from . import rest
from ._run import flows, waiting
from ._run.names import split_name
from ._run.outcomes import followed_by, moved_since
from ._run.policy import Polling
from .errors import ClientUnusable, InvalidArgument
from .operation_state import OperationFacts, OperationState

Mine = TypeVar("Mine")
Nothing = TypeVar("Nothing")


class Handle(OperationFacts, Generic[Mine, Nothing]):
    """What `Operation` and `AsyncOperation` have in common, which is all but whether a call is awaited.

    A handle holds what was last seen; only the methods below ask the service. It can be pickled and written
    as JSON, without its client: `client.operation(handle)` gives it one again.
    """

    __slots__ = ("_client", "last")

    last: OperationState
    """What was last seen: a snapshot that never changes."""

    def __init__(self, last: OperationState, client: Any = None) -> None:
        """Handles are made by a client; see `Client.submit` and `Client.operation`."""
        self.last = last
        self._client = client

    @property
    def reply(self) -> rest.Operation:
        """The service's last reply."""
        return self.last.reply

    def wait(
        self,
        timeout: float | None = None,
        on_update: Callable[[Self], object] | None = None,
        cancel_on_timeout: bool = False,
        polling: Polling = Polling(),
        *,
        stalled_after: float | None = None,
        on_stall: Callable[[Self], object] | None = None,
        cancel_on_interrupt: bool = False,
    ) -> Mine:
        """Wait until the export has succeeded.

        Prefers the server's long poll, keeps the spacing that `polling` sets, and lets no passing fault end
        the wait; the last poll is made at the deadline.

        Args:
            timeout: Seconds to wait, or None (the default) for as long as it takes: an export may be queued
                for days and lives for ten. With 0 the service is asked once. A request that is under way
                when the time is up is given its own timeout.
            on_update: Called with this handle at the start, and whenever state, progress, stages or attempt
                have changed. An async function is awaited by `AsyncOperation`.
            cancel_on_timeout: Ask for the export to be cancelled when the time is up. Otherwise it goes on.
            polling: How often to ask. With `on_update` or `stalled_after` the server is asked to hold a long
                poll for no longer than the pause between two.
            stalled_after: Seconds without a move of progress or stages, while RUNNING, that count as a stall.
            on_stall: Called with this handle at a stall, again after each further such time. Without it a
                stall raises.
            cancel_on_interrupt: Ask for the export to be cancelled when the wait is interrupted: by Ctrl-C,
                or by the cancellation of the task that awaits. Otherwise it goes on.

        Returns:
            This handle, finished.

        Raises:
            OperationFailed: The service gave up on it.
            OperationCancelled: It was cancelled.
            OperationStalled: It stalled, and there is no `on_stall`.
            WaitTimeout: The time was up; the export still runs.
            RequestError: The service refuses to say: 401, 403, 404 and the like.
            CredentialsError: The credentials were refused.
            ClientUnusable: The handle has no client, or one that is closed.
            InvalidArgument: `timeout` is below 0, or `stalled_after` is not above 0.
            InvalidArgumentType: One of them is not a number, or `polling` is not a `Polling`.

        Reference: projects.operations.wait, projects.operations.get.
        """
        how = waiting.Waiting[Self](
            timeout=timeout,
            on_update=on_update,
            cancel_on_timeout=cancel_on_timeout,
            cancel_on_interrupt=cancel_on_interrupt,
            stalled_after=stalled_after,
            on_stall=on_stall,
            polling=polling,
        )
        return self._run(waiting.wait(self.client.context, self, how))

    def result(self, timeout: float | None = None) -> Mine:
        """The same as `wait(timeout)`, under the name that google-api-core and concurrent.futures use."""
        return self.wait(timeout)

    def refresh(self) -> Mine:
        """Ask the service once how the operation is.

        Returns:
            This handle, brought up to date.

        Raises:
            NotFound: The service no longer knows it; operations age out of its memory.
            RequestError: No usable answer came.

        Reference: projects.operations.get.
        """
        return self._run(flows.refresh(self.client.context, self))

    def cancel(self, *, wait: bool = False, timeout: float | None = None) -> Mine:
        """Ask for the export to be cancelled. Best effort: it may succeed or fail before that has an effect.

        Args:
            wait: Wait until it has ended, however it ends; look at `state` then.
            timeout: Seconds to wait, or None (the default) for as long as it takes.

        Returns:
            This handle.

        Raises:
            WaitTimeout: It had not ended when the time was up.
            RequestError: The service refuses.

        Reference: projects.operations.cancel.
        """
        how = waiting.Waiting[Self](timeout=timeout, cancelled=True)
        return self._run(waiting.cancel(self.client.context, self, how if wait else None))

    def delete(self) -> Nothing:
        """Remove the operation from the project's list. This does not cancel it.

        Raises:
            NotFound: The service does not know it.
            RequestError: The service refuses.

        Reference: projects.operations.delete.
        """
        return self._run(flows.delete(self.client.context, self.name))  # type: ignore[return-value]

    def update(self, reply: rest.Operation) -> bool:
        """Take in a reply of the service; tells whether state, progress, stages or attempt have changed.

        Raises:
            BadReply: It is about another operation.
        """
        before, self.last = self.last, followed_by(self.last, reply)
        return moved_since(self.last, before)

    def to_json(self) -> str:
        """The handle as JSON text, for another process; `client.operation_from_json` reads it."""
        return json.dumps(self.last.reply.to_dict())

    @classmethod
    def from_json(cls, text: str, client: Any = None) -> Self:
        """The handle that `to_json` wrote.

        Args:
            text: What `to_json` gave.
            client: The client through which the handle asks; without it the handle only tells what it knew.

        Raises:
            InvalidArgument: The text is not a handle's.
        """
        try:
            last = OperationState.from_dict(json.loads(text))
            split_name(last.name)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise InvalidArgument("text", text, "It is not the JSON of an operation.") from error
        return cls(last, client)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.last,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def _run(self, flow: flows.Flow[Any]) -> Mine:
        return self.client.run(flow)  # type: ignore[no-any-return] # a handle, or something to await for it

    @property
    def client(self) -> Any:
        """The client that the handle asks through.

        Raises:
            ClientUnusable: There is none: the handle came from a pickle or from JSON.
        """
        if self._client is None:
            raise ClientUnusable(
                f"{self!r} came from a pickle or from JSON and has no client to ask through; nothing was "
                "sent. Give it one: client.operation(handle)."
            )
        return self._client


class Operation(Handle["Operation", None]):
    """An export that was started through `Client`; its methods block."""

    __slots__ = ()


class AsyncOperation(Handle[Coroutine[Any, Any, "AsyncOperation"], Coroutine[Any, Any, None]]):
    """An export that was started through `AsyncClient`; its methods are awaited, and so can it be itself."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, AsyncOperation]:
        return self.wait().__await__()
