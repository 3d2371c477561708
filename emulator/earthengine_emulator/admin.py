"""The routes under `/emulator/`, which steer the emulator and tell what it saw. README.md describes them."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from earthengine_emulator.errors import Refusal
from earthengine_emulator.faults import Fault, Watch
from earthengine_emulator.operations import Operations
from earthengine_emulator.replies import reply


def routes(operations: Operations, watch: Watch) -> list[Route]:
    """The admin routes."""

    async def faults(request: Request) -> dict[str, Any]:
        if request.method == "POST":
            asked = await request.json()
            watch.faults += [Fault(**fault) for fault in (asked if isinstance(asked, list) else [asked])]
        elif request.method == "DELETE":
            watch.faults.clear()
        return {"faults": watch.fault_list()}

    async def requests(request: Request) -> dict[str, Any]:
        if request.method == "DELETE":
            watch.reset()
            operations.created = 0
        return watch.counters() | {"operations_created": operations.created}

    async def log(_: Request) -> dict[str, Any]:
        return {"log": list(watch.log)}

    async def clock(request: Request) -> dict[str, Any]:
        if request.method == "POST":
            await run_in_threadpool(operations.advance, float((await request.json())["advance"]))
        return {"now": operations.clock()}

    async def operation(request: Request) -> dict[str, Any]:
        operation_id = request.path_params["id"]
        if request.method == "POST":
            operations.script(operation_id, await request.json())
            if operation_id == "next":
                return {}
        with operations.lock:
            found = operations.find(operation_id)[1]
            return {"operation": found.reply(operations.clock()), "files": found.files}

    async def reset(_: Request) -> dict[str, Any]:
        operations.reset()
        watch.reset()
        watch.faults.clear()
        return {}

    return [
        Route("/emulator/faults", _json(faults), methods=["GET", "POST", "DELETE"]),
        Route("/emulator/requests", _json(requests), methods=["GET", "DELETE"]),
        Route("/emulator/log", _json(log), methods=["GET"]),
        Route("/emulator/clock", _json(clock), methods=["GET", "POST"]),
        Route("/emulator/operations/{id}", _json(operation), methods=["GET", "POST"]),
        Route("/emulator/reset", _json(reset), methods=["POST"]),
    ]


def _json(
    handler: Callable[[Request], Awaitable[dict[str, Any]]],
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            return reply(await handler(request))
        except Refusal as refusal:
            return reply(refusal.body(), refusal.code)
        except (TypeError, ValueError, KeyError) as error:
            return reply(Refusal(f"{type(error).__name__}: {error}").body(), 400)

    return handle
