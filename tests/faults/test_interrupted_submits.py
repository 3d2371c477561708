"""Whoever is interrupted while a submit is under way learns that the export may exist, and how to find it."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.faults.cells import export
from tests.worlds import World

SLOW = 1.0  # seconds that the reply takes; whoever waits for it gives up before


async def timeout(submit: Awaitable[Any]) -> None:
    async with asyncio.timeout(SLOW / 3):
        await submit


async def wait_for(submit: Awaitable[Any]) -> None:
    await asyncio.wait_for(submit, SLOW / 3)


async def cancel(submit: Awaitable[Any]) -> None:
    task = asyncio.ensure_future(submit)
    await asyncio.sleep(SLOW / 3)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError as error:
        raise TimeoutError from error


async def fail_after(submit: Awaitable[Any]) -> None:
    with anyio.fail_after(SLOW / 3):
        await submit


def said(error: BaseException | None) -> str:
    """All that the notes of an exception and of its causes say."""
    text = ""
    while error is not None:
        text += "\n".join(getattr(error, "__notes__", ()))
        error = error.__cause__ or error.__context__
    return text


def ours(error: BaseException) -> list[str]:
    """The functions of this library that a traceback shows."""
    frames = traceback.extract_tb(error.__traceback__)
    return [frame.name for frame in frames if "earthengine_export" in frame.filename]


@pytest.mark.parametrize("give_up", [timeout, wait_for, cancel, fail_after])
def test_a_task_is_cancelled(
    world: World, emulator: Emulator, give_up: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    if not world.is_async or (world.name == "trio" and give_up is not fail_after):
        return
    caplog.set_level(logging.INFO, "earthengine_export")
    emulator.fail("export", "pass", delay=SLOW)

    async def submit() -> None:
        async with eex.AsyncClient("my-project", eex.anonymous(), emulator.base_url) as client:
            await give_up(client.submit(export("slow", request_id="mine")))

    with pytest.raises(TimeoutError) as caught:
        world.get(submit())
    for text in (said(caught.value), caplog.text):
        assert "'slow' (request_id='mine') was interrupted. The export may have been started" in text
        assert "submit again with request_id='mine'" in text
        assert "client.operations()" in text
    assert "submitting 'slow' (request_id='mine')" in caplog.text


def test_a_scope_that_says_nothing_leaves_it_in_the_log(
    world: World, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    if not world.is_async:
        return
    client = world.client(emulator.base_url)
    emulator.fail("export", "pass", delay=SLOW)

    async def submit() -> None:
        with anyio.move_on_after(SLOW / 3):
            await client.submit(export("slow", request_id="mine"))

    world.get(submit())
    assert "submit again with request_id='mine'" in caplog.text


def test_ctrl_c_between_two_attempts(world: World, emulator: Emulator) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    if world.is_async:
        return
    with eex.fake_time(interrupt):
        client = world.client(emulator.base_url)
    emulator.fail("export", "reset", work=True)
    with pytest.raises(KeyboardInterrupt) as caught:
        client.submit(export("slow", request_id="mine"))
    assert "submit again with request_id='mine'" in said(caught.value)
    assert ours(caught.value)[:3] == ["submit", "run", "_advance"]
    assert "_start" not in ours(caught.value)


@pytest.mark.parametrize("lost", [True, False])
def test_the_wait_for_a_place_in_the_queue_is_interrupted(
    world: World, emulator: Emulator, lost: bool
) -> None:
    """It says what is known: nothing has been started, unless an attempt before got no reply."""
    if world.is_async:
        return
    if lost:
        emulator.fail("export", "reset", work=True)
    text = "Too many tasks already in the queue (3000). Please wait for some of them to complete."
    emulator.fail("export", "status", status=429, body={"error": {"message": text}}, times=None)
    slept: list[float] = []

    def interrupt(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > lost:  # the first is the pause after the lost reply
            raise KeyboardInterrupt

    with eex.fake_time(interrupt):
        client = world.client(emulator.base_url)
    with pytest.raises(KeyboardInterrupt) as caught:
        client.submit(export("slow", request_id="mine"), queue_timeout=600)
    assert ("submit again with request_id='mine'" in said(caught.value)) is lost
    assert ("No export was started" in said(caught.value)) is not lost


def test_an_error_shows_few_frames_of_ours(world: World, emulator: Emulator) -> None:
    client = world.client(emulator.base_url)
    emulator.fail("export", "status", status=400)
    with pytest.raises(eex.InvalidRequest) as caught:
        world.get(client.submit(export()))
    assert len(ours(caught.value)) <= 5
    shown = "".join(traceback.format_exception(caught.value))
    assert "The above exception" not in shown
    assert "During handling" not in shown


@pytest.mark.parametrize("own", [None, "mine"])
def test_a_place_in_a_full_queue_is_waited_for(world: World, tmp_path: Any, own: str | None) -> None:
    with Emulator(tmp_path, tmp_path, evaluate=False, speed=0, queue_limit=1, pending_seconds=100) as server:
        with eex.fake_time(server.advance) as time:
            client = world.client(server.base_url)
        world.get(client.submit(export("first")))
        if own is None:
            with pytest.raises(eex.QueueFull, match="No export was started") as caught:
                world.get(client.submit(export("second"), queue_timeout=30))
            assert (time.time, caught.value.request_id) == (30, "test-5")  # a fresh one each time
        if own:  # the service has used it up
            with pytest.raises(eex.DuplicateRequest):
                world.get(client.submit(export("third", request_id="other"), queue_timeout=300))
        else:
            assert world.get(client.submit(export("third"), queue_timeout=300)).description == "third"
            assert 100 <= time.time <= 160


def test_a_lost_reply_before_a_full_queue_keeps_its_id(world: World, tmp_path: Any) -> None:
    """A fresh one could start a second operation."""
    with Emulator(tmp_path, tmp_path, evaluate=False, speed=0) as server:
        with eex.fake_time(server.advance):
            client = world.client(server.base_url)
        server.fail("export", "reset", work=True)
        text = "Too many tasks already in the queue (3000). Please wait for some of them to complete."
        server.fail("export", "status", status=429, body={"error": {"message": text}}, times=2)
        assert world.get(client.submit(export("one"), queue_timeout=600)).description == "one"
        assert server.requests()["operations_created"] == 1
