"""The ASGI application: methods of the API and its neighbours, admin routes, and a word to all others."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from earthengine_emulator.access import Access, check_host
from earthengine_emulator.errors import Refusal
from earthengine_emulator.faults import Watch, respond
from earthengine_emulator.operations import Operations
from earthengine_emulator.replies import reply

TICK_SECONDS = 0.02
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """One method of an API.

    Attributes:
        name: Its id, for counters, faults and permissions.
        verb: The HTTP verb.
        path: The path, as Starlette's routes take it.
        answer: Acts on a request of a user's and makes the reply; it raises `Refusal`.
        route: Makes the route, from path, endpoint and verbs.
    """

    name: str
    verb: str
    path: str
    answer: Callable[[Request, str], Awaitable[Response]]
    route: Callable[..., Route] = Route


class Endpoint:
    """A method as an ASGI application: counted, logged, and broken where a fault waits for it."""

    def __init__(self, call: Call, access: Access, watch: Watch) -> None:
        self._call, self._access, self._watch = call, access, watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        watch, request, name = self._watch, Request(scope, receive), self._call.name
        watch.see(name, request)
        watch.in_flight += 1
        watch.most_in_flight = max(watch.most_in_flight, watch.in_flight)
        try:
            # Read first, so that even a fault that ignores the request has let the client send all of it.
            await request.body()
            fault = watch.next_fault(name)
            if fault is None:
                response = await self._answer(request)
                await response(scope, receive, send)
            else:
                await respond(fault, lambda: self._answer(request), scope, receive, send)
        except ClientDisconnect:
            pass  # there is nobody to answer
        finally:
            watch.in_flight -= 1

    async def _answer(self, request: Request) -> Response:
        try:
            with self._access.admitted(request, self._call.name) as user:
                return await self._call.answer(request, user.name)
        except Refusal as refusal:
            return reply(refusal.body(), refusal.code)
        except Exception:  # noqa: BLE001 - never a bare text, whatever is wrong with the emulator
            _log.exception("The emulator has failed to answer %s.", self._call.name)
            return reply(Refusal("The emulator has failed; its log says why.", code=500).body(), 500)


class Outermost:
    """What every request passes: where it comes from is checked, and its reply gets a Date of our clock."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float], allowed_hosts: Collection[str]) -> None:
        self._app, self._clock, self._allowed_hosts = app, clock, allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                if b"date" not in dict(headers):
                    headers.append((b"date", formatdate(self._clock(), usegmt=True).encode()))
                message = {**message, "headers": headers}
            await send(message)

        app = self._app
        try:
            check_host(Request(scope), self._allowed_hosts)
        except Refusal as refusal:
            app = reply(refusal.body(), refusal.code)
        await app(scope, receive, send_dated)


def application(
    calls: Sequence[Call],
    admin: Sequence[Route],
    operations: Operations,
    access: Access,
    watch: Watch,
    allowed_hosts: Collection[str],
) -> ASGIApp:
    """The whole server.

    Args:
        calls: The methods.
        admin: Other routes, which come before them.
        operations: Whose clock dates the replies, and which are played while the server runs.
        access: Who may call the methods.
        watch: Counts and breaks what is called.
        allowed_hosts: Names of this machine, as `Host` may have them.
    """
    routes = [call.route(call.path, Endpoint(call, access, watch), methods=[call.verb]) for call in calls]

    async def not_known(request: Request, _: Exception) -> Response:
        watch.see("unknown", request)
        said = f"{request.method} {request.url.path}"
        return reply(Refusal(f"Method not found: {said[:500]}", code=404).body(), 404)

    async def failed(_: Request, error: Exception) -> Response:
        return reply(Refusal(f"The emulator has failed: {type(error).__name__}.", code=500).body(), 500)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick(operations))
        yield
        ticking.cancel()

    # Those of every export come first; a bucket's, whose names could be anything, last.
    first = [route for route in routes if route.path.startswith("/{version}/")]
    app = Starlette(
        routes=[*first, *admin, *(route for route in routes if route not in first)],
        exception_handlers={404: not_known, 405: not_known, Exception: failed},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Outermost(app, operations.clock, allowed_hosts)


async def _tick(operations: Operations) -> None:
    """Let operations move without anybody asking; where time passes in steps only, the steps move them."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        if operations.clock.speed:
            operations.play()
