"""The six methods of the spec."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from earthengine_emulator.errors import Refusal
from earthengine_emulator.operation import ACTIVE
from earthengine_emulator.operations import Operations
from earthengine_emulator.replies import reply
from earthengine_emulator.spec import Method, check_result

POLL_SECONDS = 0.02


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

    async def answer(self, method: Method, request: Request, user: str) -> Response:
        """Act on one request and make its reply.

        Raises:
            Refusal: It is refused.
        """
        raw = await request.body()
        body = method.parse_body(raw)
        parameters = method.parse_parameters({**request.query_params, **request.path_params})
        project = request.path_params["projectsId"]
        operation_id = request.path_params.get("operationsId", "")
        match method.name:
            case "projects.image.export":
                return reply(self._export(project, body, raw, user))
            case "projects.operations.list":
                return reply(self._list(project, parameters))
            case "projects.operations.wait":
                return reply(await self._wait(project, operation_id, body))
            case _:
                return reply(self._one(method.name, project, operation_id))

    def _export(self, project: str, body: dict[str, Any], raw: bytes, user: str) -> dict[str, Any]:
        check_result(body["expression"])
        return self._operations.submit(project, body, self._destination_uris(body), raw, user)

    def _list(self, project: str, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._operations.lock:
            queue, now = self._operations.queue(project), self._operations.clock()
            page, token = queue.page(parameters.get("pageSize", 0), parameters.get("pageToken", ""))
            shown = {"operations": [operation.reply(now) for operation in page], "nextPageToken": token}
        return {key: value for key, value in shown.items() if value}

    def _one(self, method: str, project: str, operation_id: str) -> dict[str, Any]:
        with self._operations.lock:
            queue, operation = self._operations.found(project, operation_id)
            now = self._operations.clock()
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
            await self._news(project, operation_id, deadline)

    async def _news(self, project: str, operation_id: str, deadline: float) -> None:
        """Wait until an operation may have ended: time moves without requests, it is enough to look."""
        while not self.stopping and (left := deadline - time.monotonic()) > 0:
            await asyncio.sleep(min(POLL_SECONDS, left))
            with self._operations.lock:
                operation = self._operations.found(project, operation_id)[1]
            if operation.state not in ACTIVE or operation.script:
                return
