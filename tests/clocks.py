"""Clients in fake time, so that hours of waiting pass in an instant."""

from __future__ import annotations

from typing import Any

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.worlds import World


def timed_client(
    world: World, emulator: Emulator, *, holds: bool = False, **options: Any
) -> tuple[Any, eex.PassingTime, list[float]]:
    """A client in fake time, its time, and the seconds that each of its long polls asks for, in order.

    Args:
        world: Where the client lives.
        emulator: The server that it talks to, whose time (speed=0) moves along.
        holds: Whether the server seems to hold long polls: `:wait` then passes time until the operation has
            ended or the time that was asked for is over. Otherwise it returns at once.
        options: Those of the client.
    """
    with eex.fake_time(emulator.advance) as time:
        client = world.client(**{"base_url": emulator.base_url, **options})
    held: list[float] = []

    def sending(url: str, body: dict[str, Any]) -> None:
        path, _, method = url.rpartition(":")
        if method != "wait":
            return
        left = float(body["timeout"].removesuffix("s"))
        held.append(left)
        while holds and left > 0 and not emulator.operation(path).get("done"):
            step = min(left, 0.25)
            time.pass_time(step)
            left -= step

    request = client._http.request
    client.hooks = [sending]  # what is told of each request before it is sent

    def hooked(**asked: Any) -> Any:
        for hook in client.hooks:
            hook(asked["url"], asked.get("json", {}))
        return request(**asked)

    client._http.request = hooked
    return client, time, held
