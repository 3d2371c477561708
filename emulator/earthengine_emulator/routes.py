"""The methods that are served: the spec's six, and their neighbours that clients need beside them."""

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from earthengine_emulator.algorithms import completed
from earthengine_emulator.discovery import discovery_document
from earthengine_emulator.errors import Refusal
from earthengine_emulator.jobs import ask
from earthengine_emulator.replies import JSON, reply
from earthengine_emulator.server import Call
from earthengine_emulator.service import Service
from earthengine_emulator.spec import Method, methods
from earthengine_emulator.workers import Pool

_VERSION = re.compile(r"v\d+(alpha|beta)?\d*")
Answer = Callable[[Request, str], Awaitable[Response]]


def spec_calls(service: Service) -> list[Call]:
    """The six methods of the spec, under any version."""

    def answer(method: Method) -> Answer:
        return lambda request, user: service.answer(method, request, user)

    return [
        Call(method.name, method.verb, f"/{{version}}{method.path}", _versioned(answer(method)))
        for method in sorted(methods(), key=lambda method: -len(method.path))
    ]


def client_calls(pool: Pool) -> list[Call]:
    """What the official clients ask before anything else."""
    known: list[bytes] = []

    async def discovery(request: Request, _: str) -> Response:
        version = request.query_params.get("version", "v1")
        if not _VERSION.fullmatch(version):
            raise Refusal(f"There is no version {version!r}.", code=404)
        return reply(discovery_document(version, str(request.base_url).rstrip("/")))

    async def algorithms(_: Request, __: str) -> Response:
        if not known:
            known.append(bytes(reply(completed(await ask(pool, "algorithms"))).body))
        return Response(known[0], media_type=JSON)

    async def config(request: Request, _: str) -> Response:
        project = request.path_params["projectsId"]
        return reply({"name": f"projects/{project}/config", "maxConcurrentExports": 2})

    return [
        Call("discovery", "GET", "/$discovery/rest", discovery),
        Call(
            "projects.algorithms.list",
            "GET",
            "/{version}/projects/{projectsId}/algorithms",
            _versioned(algorithms),
        ),
        Call("projects.algorithms.list", "GET", "/{version}/algorithms", _versioned(algorithms)),
        Call("projects.getConfig", "GET", "/{version}/projects/{projectsId}/config", _versioned(config)),
    ]


def _versioned(answer: Answer) -> Answer:
    async def checked(request: Request, user: str) -> Response:
        if not _VERSION.fullmatch(request.path_params["version"]):
            raise Refusal(f"Method not found: {request.method} {request.url.path[:500]}", code=404)
        return await answer(request, user)

    return checked
