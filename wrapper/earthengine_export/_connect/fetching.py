"""Sending a request and reading its reply, over a connection of ours or a client of the caller's own."""

from __future__ import annotations

import json
import zlib
from contextlib import aclosing, closing
from functools import lru_cache
from typing import cast

import httpx

from .exchange import Exchange

MOST = 64 * 2**20  # bytes of a reply, and of what it unpacks to; a page of 500 operations has 0.5 MB


class ByClient(httpx.BaseTransport):
    """A client of the caller's own, in place of a connection of ours; it is the caller's to close."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with the client's hooks and cookies, and without its auth."""
        try:
            return self._client.send(request, stream=True, auth=None, follow_redirects=False)
        except httpx.HTTPStatusError as error:  # from a hook that calls raise_for_status
            return error.response


class ByAsyncClient(httpx.AsyncBaseTransport):
    """The same, awaited."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request with the client's hooks and cookies, and without its auth."""
        try:
            return await self._client.send(request, stream=True, auth=None, follow_redirects=False)
        except httpx.HTTPStatusError as error:
            return error.response


def fetch(
    transport: httpx.BaseTransport, request: httpx.Request, exchange: Exchange
) -> tuple[httpx.Response, bytes | None]:
    """Send a request and read its reply; None in place of a body that is too long or cannot be unpacked."""
    response = transport.handle_request(request)
    response.request = request
    with closing(response):
        if (content := _kept(response)) is not None:
            return response, content
        body = _Body(response.headers.get("content-encoding", ""))
        for piece in cast(httpx.SyncByteStream, response.stream):
            exchange.left()
            if not body.take(piece):
                break
    return response, body.unpacked()


async def async_fetch(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, exchange: Exchange
) -> tuple[httpx.Response, bytes | None]:
    """The same, awaited; a body that is too long ends in `exchange.overlong` and a cancellation."""
    response = await transport.handle_async_request(request)
    response.request = request
    async with aclosing(response):
        if (content := _kept(response)) is not None:
            return response, content
        body = _Body(response.headers.get("content-encoding", ""))
        async for piece in cast(httpx.AsyncByteStream, response.stream):
            if not body.take(piece):
                # Not left by a break: httpx would not end its generators, and trio would complain of that.
                exchange.overlong = response
                exchange.interrupt()
    return response, body.unpacked()


def _kept(response: httpx.Response) -> bytes | None:
    """The body of a reply that was read already, as by a hook or by httpx.MockTransport."""
    try:
        return response.content
    except httpx.ResponseNotRead:
        return b"" if response.is_closed else None


class _Body:
    """A reply's body as it comes, as far as it is wanted.

    Args:
        encoding: The content-encoding, "" for none.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._pieces: list[bytes] = []
        self._size = 0
        self.is_cut = False

    def take(self, piece: bytes) -> bool:
        """Add a piece; whether more is wanted."""
        self._size += len(piece)
        self.is_cut = self._size > MOST
        if not self.is_cut:
            self._pieces.append(piece)
        return not self.is_cut

    def unpacked(self) -> bytes | None:
        """The whole, or None where it cannot be unpacked, or not within the limit."""
        packed = b"".join(self._pieces)
        if self.is_cut or self._encoding in {"", "identity"}:
            return None if self.is_cut else packed
        if self._encoding not in {"gzip", "x-gzip", "deflate"}:
            return None
        unpacker = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)  # gzip or zlib, as it begins
        try:
            content = unpacker.decompress(packed, MOST)
        except zlib.error:
            return None
        return content if unpacker.eof else None


@lru_cache
def address(url: str) -> httpx.URL:
    """Parsing one takes a tenth of a submit, and all submits have the same."""
    return httpx.URL(url)


def held(request: httpx.Request) -> float:
    """The seconds that the server was asked to hold its reply."""
    if not request.url.raw_path.endswith(b":wait"):
        return 0.0
    return float(json.loads(request.content)["timeout"].removesuffix("s"))
