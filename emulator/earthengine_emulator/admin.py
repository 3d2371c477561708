"""The routes under `/emulator/`, which steer the emulator and tell what it saw. README.md describes them."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from earthengine_emulator.destinations import target_stem
from earthengine_emulator.errors import Refusal
from earthengine_emulator.faults import Fault, Watch
from earthengine_emulator.jobs import ask
from earthengine_emulator.operation import Operation
from earthengine_emulator.operations import Operations
from earthengine_emulator.page import PAGE, PAGE_HEADERS
from earthengine_emulator.replies import reply
from earthengine_emulator.workers import Pool

LISTED = 100


def routes(operations: Operations, watch: Watch, pool: Pool, output: Path) -> list[Route]:
    """The page and the admin routes.

    Args:
        operations: The operations.
        watch: Faults and counters.
        pool: Where pictures are made.
        output: The folder of exports.
    """

    async def page(_: Request) -> Response:
        return Response(PAGE, media_type="text/html; charset=UTF-8", headers=PAGE_HEADERS)

    async def listed(_: Request) -> dict[str, Any]:
        with operations.lock:
            now = operations.clock()
            return {"now": now, "operations": [_shown(one, now) for one in operations.newest(LISTED)]}

    async def body(request: Request) -> dict[str, Any]:
        with operations.lock:
            raw = operations.find(request.path_params["id"])[1].body
        if not raw:
            raise Refusal("The request of this operation is not kept any more.", code=404)
        return dict(json.loads(raw))

    async def picture(request: Request) -> Response:
        try:
            with operations.lock:
                names = operations.find(request.path_params["id"])[1].files
            files = [output / name for name in names]
            png = await ask(request, pool, "picture", files=[file for file in files if file.is_file()])
            return Response(png, media_type="image/png", headers={"cache-control": "max-age=3600"})
        except Refusal as refusal:
            return reply(refusal.body(), refusal.code)

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
        Route("/", page, methods=["GET"]),
        Route("/emulator/operations", _json(listed), methods=["GET"]),
        Route("/emulator/operations/{id}/request", _json(body), methods=["GET"]),
        Route("/emulator/operations/{id}/picture.png", picture, methods=["GET"]),
        Route("/emulator/faults", _json(faults), methods=["GET", "POST", "DELETE"]),
        Route("/emulator/requests", _json(requests), methods=["GET", "DELETE"]),
        Route("/emulator/log", _json(log), methods=["GET"]),
        Route("/emulator/clock", _json(clock), methods=["GET", "POST"]),
        Route("/emulator/operations/{id}", _json(operation), methods=["GET", "POST"]),
        Route("/emulator/reset", _json(reset), methods=["POST"]),
    ]


def _shown(operation: Operation, now: float) -> dict[str, Any]:
    """An operation as the page shows it."""
    files = operation.request.get("fileExportOptions", {})
    asset = operation.request.get("assetExportOptions", {}).get("earthEngineDestination", {}).get("name")
    return {
        "operation": operation.reply(now),
        "files": operation.files,
        "user": operation.user,
        "destination": asset or target_stem(operation.request, operation.id).as_posix(),
        "format": "asset" if asset else files.get("fileFormat", "GEO_TIFF"),
        "request": operation.request,
        "kept": bool(operation.body),
    }


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
