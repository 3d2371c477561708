"""Reading what was exported, as Cloud Storage lets it be read: its JSON API, and the paths that GDAL asks."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as Xml

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from earthengine_emulator.errors import Refusal
from earthengine_emulator.operation import timestamp
from earthengine_emulator.replies import reply
from earthengine_emulator.server import Call
from earthengine_emulator.storage import Storage, StoredObject

_CHUNK = 2**18
_MOST = 1000  # entries of a page
_XML = "application/xml; charset=UTF-8"


def storage_calls(storage: Storage) -> list[Call]:
    """The methods for reading. Nothing is uploaded, changed or deleted over HTTP."""
    api = _Api(storage)
    objects = "/storage/v1/b/{bucket}/o"
    return [
        Call("storage.buckets.list", "GET", "/storage/v1/b", api.buckets),
        Call("storage.buckets.get", "GET", "/storage/v1/b/{bucket}", api.bucket),
        Call("storage.objects.list", "GET", objects, api.objects),
        Call("storage.objects.get", "GET", f"{objects}/{{object:path}}", api.object),
        Call("storage.objects.get", "GET", f"/download{objects}/{{object:path}}", api.media),
        Call("storage.objects.list", "GET", "/{bucket}/", api.xml_objects, api.route),
        Call("storage.objects.list", "GET", "/{bucket}", api.xml_objects, api.route),
        Call("storage.objects.get", "GET", "/{bucket}/{object:path}", api.xml_object, api.route),
    ]


class _Api:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def route(self, path: str, endpoint: Any, methods: list[str]) -> Route:
        """A route of paths that begin with a bucket's name; other paths are not Cloud Storage's."""
        storage = self._storage

        class OfBucket(Route):
            def matches(self, scope: Scope) -> tuple[Match, Scope]:
                match, child = super().matches(scope)
                if match is not Match.NONE:
                    try:
                        storage.bucket(child["path_params"]["bucket"])
                    except Refusal:
                        return Match.NONE, {}
                return match, child

        return OfBucket(path, endpoint, methods=methods)

    async def buckets(self, _: Request, __: str) -> Response:
        items = [_bucket(name) for name in await run_in_threadpool(self._storage.buckets)]
        return reply({"kind": "storage#buckets", "items": items})

    async def bucket(self, request: Request, _: str) -> Response:
        name = request.path_params["bucket"]
        self._storage.bucket(name)
        return reply(_bucket(name))

    async def objects(self, request: Request, _: str) -> Response:
        query = request.query_params
        for name in ("matchGlob", "softDeleted"):
            if query.get(name, "false") != "false":
                raise Refusal(f"The emulator's list of objects does not know {name!r}.")
        found, prefixes, last = await self._list(
            request, query.get("maxResults", ""), _read_token(query.get("pageToken", ""))
        )
        base_url = str(request.base_url)
        shown: dict[str, Any] = {"kind": "storage#objects"}
        shown["items"] = await run_in_threadpool(lambda: [one.resource(base_url) for one in found])
        shown["prefixes"] = prefixes
        shown["nextPageToken"] = base64.urlsafe_b64encode(last.encode()).decode()
        return reply({key: value for key, value in shown.items() if value})

    async def _list(
        self, request: Request, size: str, after: str
    ) -> tuple[list[StoredObject], list[str], str]:
        query = request.query_params
        if size and not (size.isascii() and size.isdecimal()):
            raise Refusal(f"Invalid number of results {size!r}.")
        limit = min(int(size or _MOST) or _MOST, _MOST)
        found, prefixes, last = await run_in_threadpool(
            self._storage.list,
            request.path_params["bucket"],
            query.get("prefix", ""),
            query.get("delimiter", ""),
            after,
            limit,
        )
        start, end = query.get("startOffset", ""), query.get("endOffset", "")
        inside = [one for one in found if one.name >= start and (not end or one.name < end)]
        return inside, prefixes, last

    async def object(self, request: Request, user: str) -> Response:
        if request.query_params.get("alt") == "media":
            return await self.media(request, user)
        found = await self._object(request)
        return reply(await run_in_threadpool(found.resource, str(request.base_url)))

    async def media(self, request: Request, _: str) -> Response:
        return await _content(request, await self._object(request))

    async def _object(self, request: Request) -> StoredObject:
        found = self._storage.get(request.path_params["bucket"], request.path_params["object"])
        _check_conditions(request.query_params, found)
        return found

    async def xml_objects(self, request: Request, _: str) -> Response:
        query = request.query_params
        after = query.get("continuation-token") or query.get("marker") or query.get("start-after") or ""
        found, prefixes, last = await self._list(request, query.get("max-keys", ""), after)
        root = Xml.Element("ListBucketResult", xmlns="http://doc.s3.amazonaws.com/2006-03-01")
        _texts(
            root,
            Name=request.path_params["bucket"],
            Prefix=query.get("prefix", ""),
            IsTruncated=str(bool(last)).lower(),
            **({"NextMarker": last, "NextContinuationToken": last} if last else {}),
        )
        for one in found:
            _texts(
                Xml.SubElement(root, "Contents"),
                Key=one.name,
                Generation=str(one.generation),
                LastModified=timestamp(one.updated, digits=3),
                Size=str(one.size),
            )
        for prefix in prefixes:
            _texts(Xml.SubElement(root, "CommonPrefixes"), Prefix=prefix)
        return Response(_xml(root), media_type=_XML)

    async def xml_object(self, request: Request, _: str) -> Response:
        try:
            found = self._storage.get(request.path_params["bucket"], request.path_params["object"])
        except Refusal as refusal:
            root = Xml.Element("Error")
            _texts(root, Code="NoSuchKey", Message=refusal.message)
            return Response(_xml(root), refusal.code, media_type=_XML)
        return await _content(request, found)


class Content(Response):
    """A part of a file, sent as it is read.

    Args:
        found: The object.
        start: The first byte.
        stop: The byte after the last.
        status: The HTTP status.
    """

    def __init__(self, found: StoredObject, start: int, stop: int, status: int) -> None:
        self._path, self._start, self._length = found.path, start, stop - start
        headers = found.headers() | {"content-length": str(self._length)}
        if status == 206:
            headers["content-range"] = f"bytes {start}-{stop - 1}/{found.size}"
        self._is_made = False
        super().__init__(status_code=status, headers=headers)
        self._is_made = True

    @property
    def body(self) -> bytes:
        """All of it at once, for faults that cut it."""
        if not self._is_made:
            return b""  # Starlette's constructor looks at it, and need not read a file for that
        with self._path.open("rb") as file:
            file.seek(self._start)
            return file.read(self._length)

    @body.setter
    def body(self, _: bytes) -> None:
        pass

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        left = 0 if scope["method"] == "HEAD" else self._length
        with self._path.open("rb") as file:
            file.seek(self._start)
            while left > 0:
                chunk = await run_in_threadpool(file.read, min(_CHUNK, left))
                left -= len(chunk) if chunk else left
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})


async def _content(request: Request, found: StoredObject) -> Response:
    await run_in_threadpool(found.hashes)
    asked = _range(request.headers.get("range", ""), found.size)
    if asked is None:
        return Content(found, 0, found.size, 200)
    if asked[0] >= asked[1]:
        refusal = Refusal("Requested range not satisfiable", code=416)
        answer = reply(refusal.body(), 416)
        answer.headers["content-range"] = f"bytes */{found.size}"
        return answer
    return Content(found, *asked, 206)


def _range(header: str, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last; the whole where it is none that we know."""
    unit, _, text = header.partition("=")
    first, dash, last = text.strip().partition("-")
    digits = [part for part in (first, last) if part]
    if unit != "bytes" or not dash or not digits or not all(d.isascii() and d.isdecimal() for d in digits):
        return None
    if not first:
        return max(size - int(last), 0), size if int(last) else 0
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


def _check_conditions(query: Mapping[str, str], found: StoredObject) -> None:
    generation = str(found.generation)
    if query.get("generation", generation) != generation:
        raise Refusal(f"No such object: {found.bucket}/{found.name}", code=404)
    met = query.get("ifGenerationMatch", generation) == generation
    met = met and query.get("ifMetagenerationMatch", "1") == "1"
    met = met and query.get("ifGenerationNotMatch", "") != generation
    if not met:
        raise Refusal("At least one of the pre-conditions you specified did not hold.", code=412)


def _bucket(name: str) -> dict[str, Any]:
    return {
        "kind": "storage#bucket",
        "id": name,
        "name": name,
        "location": "US",
        "locationType": "multi-region",
        "storageClass": "STANDARD",
        "metageneration": "1",
        "timeCreated": timestamp(0),
        "updated": timestamp(0),
    }


def _read_token(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError):
        raise Refusal("Invalid page token.") from None


def _texts(parent: Xml.Element, **texts: str) -> None:
    for name, text in texts.items():
        Xml.SubElement(parent, name).text = text


def _xml(root: Xml.Element) -> bytes:
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))
