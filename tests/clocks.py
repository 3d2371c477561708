"""A clock that tests move, so that hours of waiting pass in an instant."""

from __future__ import annotations

import json
from typing import Any

import attrs
import httpx

from earthengine_emulator import Emulator
from earthengine_export._run.flows import Clock


class FakeClock(Clock):
    """The time of one client, and of an emulator that has no time of its own (speed=0).

    Args:
        client: A client of either world; its sleeps pass at once.
        emulator: The server that it talks to, whose time moves along.
        holds: Whether the server seems to hold long polls: `:wait` then passes time until the operation has
            ended or the time that was asked for is over. Otherwise it returns at once.

    Attributes:
        time: Seconds since the test began.
        sleeps: The sleeps in seconds, in order.
        held: The seconds that each long poll asked for, in order.
    """

    def __init__(self, client: Any, emulator: Emulator, *, holds: bool = False) -> None:
        super().__init__(lambda: client._http.ahead)
        self.time, self.sleeps, self.held = 0.0, [], []
        self._emulator, self._holds = emulator, holds
        client.context = attrs.evolve(client.context, clock=self, random=lambda: 1.0)
        is_async = isinstance(client._http, httpx.AsyncClient)
        client._driver._sleep = self._async_sleep if is_async else self.sleep
        client._http.event_hooks = {"request": [self._async_sending if is_async else self._sending]}

    sleeps: list[float]
    held: list[float]

    def monotonic(self) -> float:
        return self.time

    def pass_time(self, seconds: float) -> None:
        """Let time pass, here and in the emulator."""
        self.time += seconds
        self._emulator.advance(seconds)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.pass_time(seconds)

    async def _async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def _sending(self, request: httpx.Request) -> None:
        path, _, method = request.url.path.rpartition(":")
        if method != "wait":
            return
        left = float(json.loads(request.content)["timeout"].removesuffix("s"))
        self.held.append(left)
        while self._holds and left > 0 and not self._emulator.operation(path).get("done"):
            step = min(left, 0.25)
            self.pass_time(step)
            left -= step

    async def _async_sending(self, request: httpx.Request) -> None:
        self._sending(request)
