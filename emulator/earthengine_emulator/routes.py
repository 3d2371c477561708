"""The methods that are served: the spec's six, and their neighbours that clients need beside them."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from earthengine_emulator.algorithms import official_algorithms
from earthengine_emulator.discovery import discovery_document
from earthengine_emulator.errors import Refusal
from earthengine_emulator.jobs import ask
from earthengine_emulator.replies import JSON, reply
from earthengine_emulator.server import Call
from earthengine_emulator.service import Service
from earthengine_emulator.spec import Method, check_result, compute_method, methods
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

    async def algorithms(request: Request, _: str) -> Response:
        if not known:
            found = official_algorithms() or await ask(request, pool, "algorithms")
            known.append(bytes(reply({"algorithms": found}).body))
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


def asset_calls(pool: Pool, assets: Path, output: Path) -> list[Call]:
    """`value:compute`, and what is known of the assets in the user's folder and among the exports."""

    async def compute(request: Request, _: str) -> Response:
        expression = check_result(compute_method().parse_body(await request.body())["expression"])
        result = await ask(request, pool, "compute", expression=expression, assets=assets, output=output)
        return reply({"result": result})

    async def get(request: Request, _: str) -> Response:
        return reply(await ask(request, pool, "asset", name=_name(request), assets=assets, output=output))

    def lister(field: str, images: bool) -> Answer:
        async def listed(request: Request, _: str) -> Response:
            query = request.query_params
            for unknown in ("filter", "region"):
                if query.get(unknown):
                    raise Refusal(f"The emulator's lists of assets do not know {unknown!r}.")
            found = await ask(
                request,
                pool,
                "children",
                name=_name(request),
                assets=assets,
                output=output,
                images=images,
                basic=query.get("view") == "BASIC",
                start=query.get("startTime", ""),
                end=query.get("endTime", ""),
            )
            size, token = query.get("pageSize") or "1000", query.get("pageToken") or "0"
            if not (size.isascii() and token.isascii() and size.isdecimal() and token.isdecimal()):
                raise Refusal("Invalid page size or page token.")
            start, stop = int(token), int(token) + (min(int(size), 1000) or 1000)
            more = {"nextPageToken": str(stop)} if stop < len(found) else {}
            return reply(({field: found[start:stop]} if found[start:stop] else {}) | more)

        return listed

    project = "/{version}/projects/{projectsId}"
    an_asset = f"{project}/assets/{{assetsId:path}}"
    calls = [Call("projects.value.compute", "POST", f"{project}/value:compute", compute)]
    for last, field, images in (("listAssets", "assets", False), ("listImages", "images", True)):
        name = f"projects.assets.{last}"
        paths = (f"{project}:{last}", f"{project}/assets:{last}", f"{an_asset}:{last}")
        calls += [Call(name, "GET", path, lister(field, images)) for path in paths]
    calls.append(Call("projects.assets.get", "GET", an_asset, get))
    return [replace(call, answer=_versioned(call.answer)) for call in calls]


def _name(request: Request) -> str:
    """The name of the project or asset that a path is about."""
    project, asset = request.path_params["projectsId"], request.path_params.get("assetsId", "").rstrip("/")
    return f"projects/{project}/assets/{asset}" if asset else f"projects/{project}"


def _versioned(answer: Answer) -> Answer:
    async def checked(request: Request, user: str) -> Response:
        if not _VERSION.fullmatch(request.path_params["version"]):
            raise Refusal(f"Method not found: {request.method} {request.url.path[:500]}", code=404)
        return await answer(request, user)

    return checked
