"""The connections: counted, shown to faults, and ended where a request is begun and never finished."""

import asyncio
from asyncio import TimerHandle

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from earthengine_emulator.errors import Refusal
from earthengine_emulator.faults import Watch


def protocol_for(watch: Watch, request_timeout: float) -> type[H11Protocol]:
    """Uvicorn's protocol, with what it lacks.

    Args:
        watch: Counts connections.
        request_timeout: The seconds from the first byte of a request, or from the connection, to the
            request's last byte; then the connection ends.
    """

    class Protocol(H11Protocol):
        _deadline: TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            watch.connection(1)
            app = self.app

            async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
                scope["transport"] = transport
                await app(scope, receive, send)

            self.app = with_transport
            self._watch_request()

        def connection_lost(self, exc: Exception | None) -> None:
            watch.connection(-1)
            self._done_watching()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch_request()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._watch_request()

        def send_400_response(self, msg: str) -> None:
            body = Refusal(msg).json()
            headers = [(b"content-type", b"application/json; charset=UTF-8"), (b"connection", b"close")]
            headers.append((b"content-length", str(len(body)).encode()))
            for event in (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(body),
            ):
                self.transport.write(self.conn.send(event))
            self.transport.write(self.conn.send(h11.EndOfMessage()))
            self.transport.close()

        def _watch_request(self) -> None:
            """Begin to wait for the rest of a request, or stop where nothing of one is here."""
            state = self.conn.their_state
            half = state is h11.SEND_BODY or (state is h11.IDLE and bool(self.conn.trailing_data[0]))
            fresh = state is h11.IDLE and self.cycle is None
            if not (half or fresh):
                self._done_watching()
            elif self._deadline is None:
                self._deadline = self.loop.call_later(request_timeout, self._give_up)

        def _done_watching(self) -> None:
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None

        def _give_up(self) -> None:
            self.transport.close()

    return Protocol
