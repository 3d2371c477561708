"""The two worlds in which a flow runs: one driver blocks, the other awaits.

A traceback holds few frames of ours: this library's errors begin where the driver was called, as psycopg's
do; what others raise, Ctrl-C included, keeps the frames that it came through, without those of the flow.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from traceback import walk_tb
from types import TracebackType
from typing import Any, Concatenate, Generic, Never, NoReturn, ParamSpec, TypeVar

import anyio
import anyio.to_thread
import attrs

from .. import rest
from ..errors import BadReply, EarthEngineError
from .flows import Call, Context, Course, Emit, Flow, Sleep, Step, Stream, Tell, Work

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E")
Awaited = Coroutine[Any, Any, T]
_LAST_WORDS = 10.0  # seconds that a cancelled task's flow may take for one step of tidying up


@attrs.frozen
class _Returned(Generic[T]):
    """What a flow returned."""

    value: T


class _Course(Generic[E, T]):
    """A flow on its way, with what was thrown into it last."""

    def __init__(self, flow: Course[E, T]) -> None:
        self._flow = flow
        self._foreign: BaseException | None = None
        self._trace: TracebackType | None = None
        self.interrupted = False

    def go_on(self, reply: object = None) -> Step | Emit[E] | _Returned[T]:
        """The next step, after what came of the last one."""
        return self._reach(self._flow.send, reply)

    def fail(self, error: BaseException, step: Step) -> Step | Emit[E] | _Returned[T]:
        """The next step, after the last one raised: the flow decides, at Ctrl-C and cancellation too."""
        self.interrupted = self.interrupted or not isinstance(error, Exception)
        if isinstance(step, Tell) or not isinstance(error, EarthEngineError):
            self._foreign, self._trace = error, error.__traceback__
        return self._reach(self._flow.throw, error)

    def _reach(self, move: Callable[[Any], Step | Emit[E]], value: object) -> Step | Emit[E] | _Returned[T]:
        try:
            return move(value)
        except StopIteration as stop:
            return _Returned(stop.value)

    def end(self, error: BaseException) -> NoReturn:
        """Raise what ended the flow, without its frames."""
        if error is self._foreign:
            raise error.with_traceback(self._trace)
        raise error.with_traceback(None) if isinstance(error, EarthEngineError) else error


class _Driver:
    """What both drivers have.

    Args:
        context: What the flows of its client share.
        client: Through which requests go.
        check: Raises where nothing may be sent.
    """

    def __init__(self, context: Context, client: rest.Client, check: Callable[[], None]) -> None:
        self.context = context
        self._client = client
        self._check = check


class SyncDriver(_Driver):
    """Runs flows by blocking."""

    def run(self, flow: Callable[Concatenate[Context, P], Flow[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of the flow that is made of the arguments."""
        self._check()
        course: _Course[Never, T] = _Course(flow(self.context, *args, **kwargs))
        return self._advance(course).value

    def iterate(
        self, flow: Callable[Concatenate[Context, P], Stream[E]], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[E]:
        """The values that the flow emits, each computed when it is asked for."""
        self._check()
        return self._emitted(_Course(flow(self.context, *args, **kwargs)))

    def _emitted(self, course: _Course[E, None]) -> Iterator[E]:
        while isinstance(step := self._advance(course), Emit):
            yield step.value

    def _advance(self, course: _Course[E, T]) -> Emit[E] | _Returned[T]:
        try:
            step = course.go_on()
            while isinstance(step, Step):
                try:
                    reply = self._perform(step)
                except BaseException as error:  # noqa: BLE001
                    step = course.fail(error, step)
                else:
                    step = course.go_on(reply)
        except BaseException as error:  # noqa: BLE001
            course.end(error)
        return step

    def _perform(self, step: Step) -> object:
        match step:
            case Call():
                with _parsing(step):
                    return step.method.endpoint.sync_detailed(client=self._client, **step.arguments).parsed
            case Sleep():
                self.context.environment.sleep(step.seconds)
            case Work():
                return step.function()
            case Tell():
                step.callback(step.value)
        return None


class AsyncDriver(_Driver):
    """Runs flows by awaiting; the same steps as `SyncDriver`, under asyncio and trio."""

    def run(
        self, flow: Callable[Concatenate[Context, P], Flow[T]], *args: P.args, **kwargs: P.kwargs
    ) -> Awaited[T]:
        """The result of the flow that is made of the arguments."""
        self._check()
        return self._result(_Course(flow(self.context, *args, **kwargs)))

    async def _result(self, course: _Course[Never, T]) -> T:
        return (await self._advance(course)).value

    def iterate(
        self, flow: Callable[Concatenate[Context, P], Stream[E]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[E]:
        """The values that the flow emits, each computed when it is asked for."""
        self._check()
        return _Emitted(self, flow(self.context, *args, **kwargs))

    async def _advance(self, course: _Course[E, T]) -> Emit[E] | _Returned[T]:
        try:
            step = course.go_on()
            while isinstance(step, Step):
                try:
                    # What a flow does after its task was cancelled must not be cancelled again at once.
                    with anyio.fail_after(_LAST_WORDS, shield=True) if course.interrupted else nullcontext():
                        reply = await self._perform(step)
                except BaseException as error:  # noqa: BLE001
                    step = course.fail(error, step)
                else:
                    step = course.go_on(reply)
        except BaseException as error:  # noqa: BLE001
            course.end(error)
        return step

    async def _perform(self, step: Step) -> object:
        match step:
            case Call():
                with _parsing(step):
                    reply = await step.method.endpoint.asyncio_detailed(client=self._client, **step.arguments)
                    return reply.parsed
            case Sleep():
                await self.context.environment.async_sleep(step.seconds)
            case Work():
                return await anyio.to_thread.run_sync(step.function, abandon_on_cancel=True)
            case Tell():
                told = step.callback(step.value)
                if inspect.isawaitable(told):
                    await told
        return None


class _Emitted(AsyncIterator[E]):
    """What a flow emits. No async generator: trio warns of one that is left before its end."""

    def __init__(self, driver: AsyncDriver, flow: Stream[E]) -> None:
        self._driver = driver
        self._course = _Course(flow)

    async def __anext__(self) -> E:
        step = await self._driver._advance(self._course)
        if isinstance(step, Emit):
            return step.value
        raise StopAsyncIteration

    def __iter__(self) -> NoReturn:
        raise TypeError("This is of an AsyncClient: use `async for one in …`, or `[one async for one in …]`.")


@contextmanager
def _parsing(step: Call) -> Iterator[None]:
    """Make a reply that the generated code trips over this library's error, not a foreign one."""
    try:
        yield
    except EarthEngineError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        if not any(frame.f_code.co_name == "_build_response" for frame, _ in walk_tb(error.__traceback__)):
            raise  # it came from the caller's own HTTP client
        raise BadReply(
            f"The reply of {step.method.name} has not the documented form: {error!r}.",
            fault="bad-reply",
            status=200,
        ) from error
