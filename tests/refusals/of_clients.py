"""The methods of clients, handles and batches, each as a case for `test_any_value`.

What they would send goes to a port where nobody listens: what is accepted ends in a `ConnectionFailed`.
"""

from __future__ import annotations

import inspect
import itertools
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import anyio

import earthengine_export as eex

EXPORT = eex.ImageExport(eex.load("dem"), to=eex.CloudStorage("my-bucket"), description="dem")
_PORT = socket.socket()
_PORT.bind(("127.0.0.1", 0))  # and never listens
URL = f"http://127.0.0.1:{_PORT.getsockname()[1]}"
_OPTIONS: dict[str, Any] = {"base_url": URL, "retry": eex.Retry(retries=0)}
CLIENT = eex.Client("my-project", eex.anonymous(), **_OPTIONS)
ASYNC = eex.AsyncClient("my-project", eex.anonymous(), **_OPTIONS)
_DONE = {
    "name": "projects/my-project/operations/A",
    "done": True,
    "metadata": {"state": "SUCCEEDED", "description": "dem"},
}
OPERATION = CLIENT.operation_from_json(json.dumps(_DONE))
ASYNC_OPERATION = ASYNC.operation_from_json(json.dumps(_DONE))

NOT_CALLED = {"on_update", "on_stall"}
"""Callbacks, whose errors are the caller's own."""


def _made(make: Callable[..., Any], **good: Any) -> Callable[..., Any]:
    """A call with some arguments already given; what it returns is gone through."""

    def call(**given: Any) -> None:
        made = make(**{**good, **given})
        if make is eex.Client:
            made.close()
        elif isinstance(made, Iterator):
            list(itertools.islice(made, 9))

    call.__signature__ = inspect.signature(make)  # type: ignore[attr-defined]
    return call


def _awaited(method: Callable[..., Any], **good: Any) -> Callable[..., Any]:
    async def through(given: dict[str, Any]) -> None:
        made = method(**{**good, **given})
        if hasattr(made, "__aiter__"):
            [one async for one in made]
        else:
            await made

    def call(**given: Any) -> None:
        anyio.run(through, given)

    call.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]
    return call


CALLS: dict[str, Callable[..., Any]] = {
    "Client": _made(eex.Client, project="my-project", credentials=eex.anonymous(), **_OPTIONS),
    "from_service_account": _made(lambda key: eex.Client.from_service_account(key)),
    "with_options": _made(CLIENT.with_options),
    "submit": _made(CLIENT.submit, export=EXPORT),
    "operation": _made(CLIENT.operation),
    "operation_from_json": _made(CLIENT.operation_from_json),
    "operations": _made(CLIENT.operations),
    "as_completed": _made(CLIENT.as_completed, operations=[OPERATION]),
    "wait_all": _made(CLIENT.wait_all, operations=[OPERATION]),
    "wait": _made(OPERATION.wait),
    "result": _made(OPERATION.result),
    "cancel": _made(OPERATION.cancel),
    "files": _made(OPERATION.files),
    "download": _made(OPERATION.download, folder=".", export=EXPORT),
    "Operation.from_json": _made(eex.Operation.from_json),
    "Retry": _made(eex.Retry),
    "Polling": _made(eex.Polling),
    "Batch": _made(eex.Batch, client=CLIENT),
    "Batch.run": _made(eex.Batch(CLIENT).run, jobs=[]),
    "Batch.submit_only": _made(eex.Batch(CLIENT).submit_only),
    "tiles": _made(
        eex.tiles, region=(0, 0, 1, 1), image=eex.load("dem"), scale=3e4, crs=4326, to=eex.Drive()
    ),
    "async submit": _awaited(ASYNC.submit, export=EXPORT),
    "async wait": _awaited(ASYNC_OPERATION.wait),
}
