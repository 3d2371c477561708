"""What becomes of an export whose wait is interrupted: by Ctrl-C, or by the cancellation of a task."""

from __future__ import annotations

import inspect
from typing import Any

import anyio
import anyio.lowlevel
import pytest

import earthengine_export as eex
from earthengine_export._run import drivers
from tests.operations.conftest import PENDING, Scene


def interrupted(scene: Scene, operation: Any, **options: Any) -> None:
    """Wait for an operation, and be interrupted once it runs."""

    def interrupt(one: Any) -> None:
        if one.state == "RUNNING":
            raise KeyboardInterrupt

    if not scene.world.is_async:
        with pytest.raises(KeyboardInterrupt):
            operation.wait(on_update=interrupt, **options)
        return

    async def waiting() -> bool:
        with anyio.CancelScope() as scope:

            def cancel(one: Any) -> None:
                if one.state == "RUNNING":
                    scope.cancel()

            await operation.wait(on_update=cancel, **options)
        return scope.cancelled_caught

    assert scene.world.get(waiting())


def test_the_export_goes_on(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "earthengine_export")
    operation = scene.start()
    interrupted(scene, operation)
    assert scene.state(operation) == "RUNNING"
    assert scene.count("cancel") == 0
    assert (
        f"interrupted; it goes on. Find it again, in any process, with client.operation({operation.name!r})"
        in (caplog.text)
    )
    assert scene.wait(operation).done


def test_the_export_is_cancelled_where_that_was_asked(scene: Scene) -> None:
    operation = scene.start()
    interrupted(scene, operation, cancel_on_interrupt=True)
    assert scene.state(operation) == "CANCELLING"


@pytest.mark.parametrize(
    ("interrupted_in", "said"),
    [("cancel", "it may have been asked to be cancelled"), ("wait", "it was asked to be cancelled")],
)
def test_a_cancellation_is_interrupted(scene: Scene, interrupted_in: str, said: str) -> None:
    """It does not say that the export goes on, which it may not."""
    operation = scene.start()
    scene.emulator.advance(PENDING + 1)  # it runs, and takes a moment to be cancelled
    scene.emulator.fail(interrupted_in, status=503)

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    if scene.world.is_async:  # Ctrl-C ends an event loop
        return
    with eex.fake_time(interrupt):
        client = scene.world.client(scene.emulator.base_url)
    with pytest.raises(KeyboardInterrupt) as caught:
        client.operation(operation).cancel(wait=True)
    (note,) = caught.value.__notes__
    assert said in note
    assert f"client.operation({operation.name!r})" in note


def test_a_callback_is_interrupted_after_the_end(scene: Scene) -> None:
    """It does not say that an export goes on which has ended."""
    operation = scene.start()

    def interrupt(one: Any) -> None:
        if one.done:
            raise KeyboardInterrupt

    if scene.world.is_async:
        return
    with pytest.raises(KeyboardInterrupt) as caught:
        operation.wait(on_update=interrupt)
    assert "it has ended meanwhile (SUCCEEDED)" in caught.value.__notes__[0]


def test_an_error_is_no_interrupt(scene: Scene) -> None:
    operation = scene.start()
    with pytest.raises(ZeroDivisionError):
        scene.wait(operation, on_update=lambda _: 1 / 0, cancel_on_interrupt=True)
    assert scene.counts == {}


def test_the_cancellation_of_a_task_is_not_held_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server refuses, or does not answer: the task ends as cancelled all the same."""
    monkeypatch.setattr(drivers, "_LAST_WORDS", 0.05)
    operation = scene.start()
    scene.emulator.fail("cancel", status=403)
    interrupted(scene, operation, cancel_on_interrupt=True)
    assert scene.state(operation) == "RUNNING"
    scene.emulator.fail("cancel", "pass", delay=0.3)
    interrupted(scene, scene.client.operation(operation), cancel_on_interrupt=True)


def test_callbacks_may_be_async(scene: Scene) -> None:
    if not scene.world.is_async:
        return
    seen = []

    async def update(one: Any) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(one.state)

    scene.wait(scene.start(), on_update=update)
    assert seen[0] == "PENDING"
    assert seen[-1] == "SUCCEEDED"


def test_an_async_handle_can_be_awaited(scene: Scene) -> None:
    operation = scene.start()
    assert inspect.isawaitable(operation) is scene.world.is_async
    if scene.world.is_async:
        assert scene.world.get(operation) is operation
        assert operation.done


def test_waiting_for_many_is_interrupted(scene: Scene) -> None:
    operations = [scene.start() for _ in range(3)]
    if not scene.world.is_async:
        return

    async def waiting() -> bool:
        with anyio.CancelScope() as scope:
            await scene.client.wait_all(operations, on_update=lambda _: scope.cancel())
        return scope.cancelled_caught

    assert scene.world.get(waiting())
    assert scene.count("cancel") == 0
    assert all(outcome.error is None for outcome in scene.wait_all(operations))
