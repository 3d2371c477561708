"""The ASGI application: the API's six methods, and the admin routes."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from earthengine_emulator.errors import Refusal
from earthengine_emulator.faults import HTML, Watch, respond
from earthengine_emulator.operations import Operations
from earthengine_emulator.spec import Method, methods

POLL_SECONDS = 0.02
_VERSION = re.compile(r"v\d+(alpha|beta)?\d*")


def reply(content: Any, status: int = 200) -> Response:
    """A JSON reply in Google's dress."""
    return Response(json.dumps(content), status, media_type="application/json; charset=UTF-8")


class Service:
    """The six methods.

    Args:
        operations: The operations of all projects.
        destination_uris: Where the files of a request will be found; raises `Refusal` for a bad destination.
    """

    def __init__(
        self, operations: Operations, destination_uris: Callable[[dict[str, Any]], list[str]]
    ) -> None:
        self._operations, self._destination_uris = operations, destination_uris
        self.stopping = False

    async def answer(self, method: Method, request: Request) -> Response:
        """Act on one request and make its reply, a refusal included."""
        try:
            if not _VERSION.fullmatch(request.path_params["version"]):
                return HTMLResponse(HTML, 404)
            body = method.parse_body(await request.body())
            parameters = method.parse_parameters({**request.query_params, **request.path_params})
            project = request.path_params["projectsId"]
            operation_id = request.path_params.get("operationsId", "")
            match method.name:
                case "projects.image.export":
                    return reply(self._export(project, body))
                case "projects.operations.list":
                    return reply(self._list(project, parameters))
                case "projects.operations.wait":
                    return reply(await self._wait(project, operation_id, body))
                case _:
                    return reply(self._one(method.name, project, operation_id))
        except Refusal as refusal:
            return reply(refusal.body(), refusal.code)

    def _export(self, project: str, body: dict[str, Any]) -> dict[str, Any]:
        expression = body["expression"]
        if expression["result"] not in expression["values"]:
            raise Refusal(
                f"Invalid value at 'expression': the result {expression['result']!r} names no value."
            )
        return self._operations.submit(project, body, self._destination_uris(body))

    def _list(self, project: str, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._operations.lock:
            queue, now = self._operations.queue(project), self._operations.clock()
            page, token = queue.page(parameters.get("pageSize", 0), parameters.get("pageToken", ""))
            shown = {"operations": [operation.reply(now) for operation in page], "nextPageToken": token}
        return {key: value for key, value in shown.items() if value}

    def _one(self, method: str, project: str, operation_id: str) -> dict[str, Any]:
        with self._operations.lock:
            queue, now = self._operations.queue(project), self._operations.clock()
            operation = queue.get(operation_id)
            if method == "projects.operations.get":
                return operation.reply(now)
            if method == "projects.operations.cancel":
                queue.cancel(operation, now)
            else:
                queue.delete(operation_id)
        return {}

    async def _wait(self, project: str, operation_id: str, body: dict[str, Any]) -> dict[str, Any]:
        settings = self._operations.settings
        if settings.wait == "unimplemented":
            raise Refusal("Operation is not implemented, or supported, or enabled.", code=501)
        asked = float(body.get("timeout", "inf").removesuffix("s"))
        deadline = time.monotonic() + min(asked, settings.wait_limit) * (settings.wait == "long-poll")
        while True:
            shown = self._one("projects.operations.get", project, operation_id)
            if shown.get("done") or self.stopping or time.monotonic() >= deadline:
                return shown
            await asyncio.sleep(min(POLL_SECONDS, max(deadline - time.monotonic(), 0)))


class Endpoint:
    """One method as an ASGI application: counted, logged, and broken where a fault waits for it."""

    def __init__(self, method: Method, service: Service, watch: Watch) -> None:
        self._method, self._service, self._watch = method, service, watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        watch, request = self._watch, Request(scope, receive)
        watch.requests[self._method.name] += 1
        watch.log.append(
            {
                "method": self._method.name,
                "path": request.url.path,
                "query": request.url.query,
                "headers": dict(request.headers),
            }
        )
        watch.in_flight += 1
        watch.most_in_flight = max(watch.most_in_flight, watch.in_flight)
        try:
            # Read first, so that even a fault that ignores the request has let the client send all of it.
            await request.body()
            fault = watch.next_fault(self._method.name)
            if fault is None:
                response = await self._service.answer(self._method, request)
                await response(scope, receive, send)
            else:
                await respond(
                    fault, partial(self._service.answer, self._method, request), scope, receive, send
                )
        finally:
            watch.in_flight -= 1


class Dated:
    """An application whose replies carry a Date by a clock of our own: that of the operations."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float]) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                if b"date" not in dict(headers):
                    headers.append((b"date", formatdate(self._clock(), usegmt=True).encode()))
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_dated)


def application(service: Service, watch: Watch, admin: list[Route], clock: Callable[[], float]) -> ASGIApp:
    """The whole server: the spec's methods under any version, and the admin routes."""
    routes = [
        Route(f"/{{version}}{method.path}", Endpoint(method, service, watch), methods=[method.verb])
        for method in sorted(methods(), key=lambda method: -len(method.path))
    ]

    async def not_found(_: Request, __: Exception) -> Response:
        watch.requests["unknown"] += 1
        return HTMLResponse(HTML, 404)

    app = Starlette(routes=admin + routes, exception_handlers={404: not_found, 405: not_found})
    app.router.redirect_slashes = False
    return Dated(app, clock)
