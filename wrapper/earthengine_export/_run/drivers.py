"""The two worlds in which a flow runs: one driver blocks, the other awaits."""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import anyio
import attrs

from .. import rest
from ..errors import BadReply, EarthEngineError
from .flows import Call, Emit, Flow, Sleep, Tell

T = TypeVar("T")
_LAST_WORDS = 10.0  # seconds that a cancelled task's flow may take to tidy up


@attrs.frozen
class _Returned:
    """What a flow returned."""

    value: Any


class SyncDriver:
    """Runs flows by blocking."""

    def __init__(self, client: rest.Client, sleep: Callable[[float], object] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def run(self, flow: Flow[T]) -> T:
        """The result of the flow."""
        end = self._advance(flow)
        return end.value  # type: ignore[no-any-return]

    def iterate(self, flow: Flow[None]) -> Iterator[Any]:
        """The values that the flow emits, each computed when it is asked for."""
        while isinstance(step := self._advance(flow), Emit):
            yield step.value

    def _advance(self, flow: Flow[Any]) -> Emit | _Returned:
        try:
            step = next(flow)
            while not isinstance(step, Emit):
                try:
                    reply = self._perform(step)
                except BaseException as error:  # noqa: BLE001 - the flow decides, Ctrl-C included
                    step = flow.throw(error)
                else:
                    step = flow.send(reply)
        except StopIteration as stop:
            return _Returned(stop.value)
        return step

    def _perform(self, step: Call | Sleep | Tell) -> Any:
        match step:
            case Call():
                with _parsing(step):
                    return step.method.endpoint.sync_detailed(client=self._client, **step.arguments).parsed
            case Sleep():
                self._sleep(step.seconds)
            case Tell():
                step.callback(step.value)
        return None


class AsyncDriver:
    """Runs flows by awaiting; the same steps as `SyncDriver`, under asyncio and trio."""

    def __init__(
        self, client: rest.Client, sleep: Callable[[float], Awaitable[object]] = anyio.sleep
    ) -> None:
        self._client = client
        self._sleep = sleep

    async def run(self, flow: Flow[T]) -> T:
        """The result of the flow."""
        end = await self._advance(flow)
        return end.value  # type: ignore[no-any-return]

    def iterate(self, flow: Flow[None]) -> AsyncIterator[Any]:
        """The values that the flow emits, each computed when it is asked for."""
        return _Emitted(lambda: self._advance(flow))

    async def _advance(self, flow: Flow[Any]) -> Emit | _Returned:
        cancelled = False
        try:
            step = next(flow)
            while not isinstance(step, Emit):
                try:
                    # What a flow does after its task was cancelled must not be cancelled again at once.
                    with anyio.fail_after(_LAST_WORDS, shield=True) if cancelled else nullcontext():
                        reply = await self._perform(step)
                except BaseException as error:  # noqa: BLE001 - the flow decides, cancellation included
                    cancelled = cancelled or not isinstance(error, Exception)
                    step = flow.throw(error)
                else:
                    step = flow.send(reply)
        except StopIteration as stop:
            return _Returned(stop.value)
        return step

    async def _perform(self, step: Call | Sleep | Tell) -> Any:
        match step:
            case Call():
                with _parsing(step):
                    return (
                        await step.method.endpoint.asyncio_detailed(client=self._client, **step.arguments)
                    ).parsed
            case Sleep():
                await self._sleep(step.seconds)
            case Tell():
                told = step.callback(step.value)
                if inspect.isawaitable(told):
                    await told
        return None


class _Emitted(AsyncIterator[Any]):
    """What a flow emits. No async generator: trio warns of one that is left before its end."""

    def __init__(self, advance: Callable[[], Awaitable[Emit | _Returned]]) -> None:
        self._advance = advance

    async def __anext__(self) -> Any:
        step = await self._advance()
        if isinstance(step, Emit):
            return step.value
        raise StopAsyncIteration


@contextmanager
def _parsing(step: Call) -> Iterator[None]:
    """Make a reply that the generated code trips over this library's error, not a foreign one."""
    try:
        yield
    except EarthEngineError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise BadReply(
            f"The reply of {step.method.name} has not the documented form: {error!r}.",
            fault="bad-reply",
            status=200,
        ) from error
