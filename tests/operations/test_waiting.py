"""Every branch of the wait for one operation, in fake time."""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.operations.conftest import ENDS, EXPORT, PENDING, Scene
from tests.worlds import World

NEVER = 1e9


def test_a_long_poll_notices_the_end_at_once(patient: Scene) -> None:
    operation = patient.start()
    assert patient.wait(operation) is operation
    assert (operation.done, operation.state, operation.progress) == (True, "SUCCEEDED", 1.0)
    assert operation.destination_uris
    assert patient.clock.time == pytest.approx(ENDS, abs=0.25)
    assert patient.held == [60, 60]
    assert patient.counts == {"wait": 2}


def test_early_returns_keep_the_spacing_and_give_way_to_get(scene: Scene) -> None:
    operation = scene.start()
    scene.wait(operation)
    assert scene.clock.sleeps == [2, 3, 4.5, 6.75, 10.125, 15.1875, 22.78125, 30, 30]
    assert scene.counts == {"wait": 3, "get": 7}


def test_jitter_halves_a_pause_at_most(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene.clock, "random", lambda: 0.0)
    scene.wait(scene.start(), polling=eex.Polling(initial=4, maximum=40, growth=10))
    assert scene.clock.sleeps == [2, 20, 20, 20, 20, 20, 20]


def test_without_long_poll_only_get_is_used(patient: Scene) -> None:
    patient.wait(patient.start(), polling=eex.Polling(long_poll=0))
    assert set(patient.counts) == {"get"}


@pytest.mark.parametrize("fault", [{"status": 501}, {"status": 404, "body": "<html>no such page</html>"}])
def test_a_server_without_wait_is_asked_by_get(scene: Scene, fault: dict[str, Any]) -> None:
    scene.emulator.fail("wait", times=None, **fault)
    scene.wait(scene.start())
    assert scene.count("wait") == 1
    assert scene.clock.sleeps[:3] == [3, 4.5, 6.75]


def test_a_server_that_says_unimplemented(world: World) -> None:
    with Emulator(evaluate=False, speed=0, wait="unimplemented") as emulator:
        scene = Scene(world, emulator)
        scene.wait(scene.start())
        assert scene.count("wait") == 1


def test_a_long_poll_may_take_longer_than_a_reply(world: World) -> None:
    with Emulator(evaluate=False, speed=0) as emulator:
        client = world.client(emulator.base_url, timeout=0.4)
        operation = world.get(client.submit(EXPORT))
        with pytest.raises(eex.WaitTimeout) as caught:
            world.get(operation.wait(timeout=0.6))
        assert caught.value.__cause__ is None
        assert emulator.requests()["requests"]["projects.operations.wait"] == 1


def test_an_operation_that_nobody_knows(scene: Scene) -> None:
    with pytest.raises(eex.NotFound) as caught:
        scene.wait(scene.client.operation("NOBODY"))
    assert caught.value.api_method == "projects.operations.get"
    assert scene.counts == {"wait": 1, "get": 1}


def test_a_refusal_ends_the_wait(scene: Scene) -> None:
    operation = scene.start()
    scene.emulator.fail("wait", status=403)
    with pytest.raises(eex.PermissionDenied, match="anonymous"):
        scene.wait(operation)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("status", {"status": 500}),
        ("status", {"status": 503}),
        ("status", {"status": 429}),
        ("reset", {}),
        ("close", {}),
        ("truncate", {}),
        ("cut-json", {}),
        ("not-object", {}),
        ("html", {}),
    ],
)
def test_passing_faults_never_end_a_wait(scene: Scene, kind: str, fault: dict[str, Any]) -> None:
    operation = scene.start()
    faults = [
        scene.emulator.fail(method, kind, times=times, **fault) for method, times in [("wait", 2), ("get", 4)]
    ]
    scene.wait(operation)
    assert [fault.consumed for fault in faults] == [2, 4]


def test_retry_after_is_counted_from_the_reply(patient: Scene) -> None:
    operation = patient.start(run_seconds=NEVER)
    patient.emulator.fail("wait", status=429, headers={"Retry-After": "20"})
    with pytest.raises(eex.WaitTimeout):
        patient.wait(operation, timeout=200)
    assert patient.clock.sleeps[0] == 20


def test_long_polls_that_are_always_cut_give_way_to_get(patient: Scene) -> None:
    operation = patient.start(run_seconds=300)
    cut = patient.emulator.fail("wait", status=504, times=None)
    patient.wait(operation)
    assert cut.consumed == 3


def test_one_cut_long_poll_does_not(patient: Scene) -> None:
    operation = patient.start(run_seconds=300)
    patient.emulator.fail("wait", status=504)
    patient.wait(operation)
    assert set(patient.counts) == {"wait"}


@pytest.mark.parametrize("timeout", [10, 10.5, 64])
def test_the_last_poll_is_made_at_the_deadline(scene: Scene, timeout: float) -> None:
    operation = scene.start(run_seconds=NEVER)
    polled: list[float] = []
    scene.client.hooks.append(lambda *_: polled.append(scene.clock.time))
    with pytest.raises(eex.WaitTimeout) as caught:
        scene.wait(operation, timeout=timeout)
    assert scene.clock.time == timeout == caught.value.timeout == polled[-1]
    assert isinstance(caught.value, TimeoutError)
    assert not caught.value.cancelled
    assert caught.value.name == operation.name
    assert caught.value.last is operation.last
    assert scene.state(operation) == "RUNNING"
    text = str(caught.value)
    assert f"{timeout:g} s" in text
    assert f"client.operation('{operation.name}')" in text
    assert "It is still running." in text


def test_no_time_is_one_question(scene: Scene) -> None:
    operation = scene.start()
    with pytest.raises(eex.WaitTimeout, match="still queued"):
        scene.wait(operation, timeout=0)
    assert (scene.counts, scene.clock.sleeps) == ({"get": 1}, [])


def test_an_end_at_the_deadline_is_seen(scene: Scene) -> None:
    assert scene.wait(scene.start(), timeout=ENDS).done


def test_a_long_poll_that_ends_at_the_deadline_is_the_last(patient: Scene) -> None:
    with pytest.raises(eex.WaitTimeout):
        patient.wait(patient.start(run_seconds=NEVER), timeout=90)
    assert (patient.held, patient.counts) == ([60, 30], {"wait": 2})


def test_a_long_poll_that_is_cut_at_the_deadline_is_made_up_for(patient: Scene) -> None:
    operation = patient.start(run_seconds=20)
    patient.emulator.fail("wait", status=503)
    assert patient.wait(operation, timeout=30).done
    assert patient.counts == {"wait": 1, "get": 1}


def test_a_timeout_tells_of_the_fault_that_hid_the_end(patient: Scene) -> None:
    operation = patient.start(run_seconds=20)
    patient.emulator.fail("*", status=503, times=None)
    with pytest.raises(eex.WaitTimeout) as caught:
        patient.wait(operation, timeout=30)
    assert isinstance(caught.value.__cause__, eex.ServerError)


@pytest.mark.parametrize("seconds", [-1, math.nan, "60", timedelta(minutes=1)])
def test_impossible_times_are_refused(scene: Scene, seconds: Any) -> None:
    operation = scene.start()
    for argument in ("timeout", "stalled_after"):
        with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType), match=argument):
            scene.wait(operation, **{argument: seconds})
    with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType), match="timeout"):
        scene.world.get(operation.cancel(timeout=seconds))
    with pytest.raises(eex.InvalidArgumentType, match="polling"):
        scene.wait(operation, polling=seconds)
    assert scene.counts == {}


def test_cancel_on_timeout(scene: Scene) -> None:
    operation = scene.start()
    with pytest.raises(eex.WaitTimeout, match="asked to be cancelled") as caught:
        scene.wait(operation, timeout=30, cancel_on_timeout=True)
    assert caught.value.cancelled
    scene.emulator.advance(1)
    assert scene.state(operation) == "CANCELLED"


def test_cancel_on_timeout_that_is_refused(scene: Scene) -> None:
    operation = scene.start()
    scene.emulator.fail("cancel", status=403)
    with pytest.raises(eex.WaitTimeout, match="could not be cancelled, and is still running") as caught:
        scene.wait(operation, timeout=30, cancel_on_timeout=True)
    assert not caught.value.cancelled
    assert scene.state(operation) == "RUNNING"


def test_a_failure(scene: Scene) -> None:
    error = {"code": 3, "message": "Export too large.", "details": [{"pixels": "7"}]}
    operation = scene.start(outcome={"error": error}, reply={"metadata": {"attempt": 5}})
    with pytest.raises(eex.OperationFailed) as caught:
        scene.wait(operation)
    failure = caught.value
    assert (failure.code, failure.message, failure.attempts) == (3, "Export too large.", 5)
    assert failure.details == [{"pixels": "7"}]
    assert failure.last.state == "FAILED"
    assert f"'dem' ({operation.name}) failed after 5 attempts: Export too large (code 3)." in str(failure)
    with pytest.raises(eex.OperationFailed):  # known by now: nothing is asked
        scene.wait(operation)


def test_a_cancellation_by_somebody_else(scene: Scene) -> None:
    operation = scene.start()
    scene.world.get(scene.client.operation(operation.name).cancel())
    with pytest.raises(eex.OperationCancelled) as caught:
        scene.wait(operation)
    assert caught.value.last.reply.to_dict()["error"]["code"] == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ({"metadata": {"state": "SUCCEEDED"}}, None),
        ({"metadata": {"state": "SUCCEEDED"}, "response": None}, None),
        ({"metadata": {"state": "A_NEW_WORD"}, "response": {}}, None),
        ({"metadata": None, "response": {"@type": "Empty"}}, None),
        ({"metadata": {"state": "FAILED"}}, eex.OperationFailed),
        ({"metadata": {"state": "FAILED"}, "response": {}}, eex.OperationFailed),
        ({"metadata": {"state": "CANCELLED"}}, eex.OperationCancelled),
        ({"metadata": {"state": "FAILED"}, "error": {"code": 1}}, eex.OperationCancelled),
        ({"metadata": {"state": "SUCCEEDED"}, "error": {"code": 13}}, eex.OperationFailed),
        ({"error": {}}, eex.OperationFailed),
    ],
)
def test_what_is_done_is_judged(scene: Scene, reply: dict[str, Any], error: type[Exception] | None) -> None:
    operation = scene.start()
    scene.emulator.fail("wait", status=200, body={"name": operation.name, "done": True, **reply})
    if error is None:
        assert scene.wait(operation).done
    else:
        with pytest.raises(error, match=operation.name):
            scene.wait(operation)
    assert scene.counts == {"wait": 1}


def test_progress_goes_back_only_with_a_new_attempt(scene: Scene) -> None:
    seen = []
    lives = [(20, 1, 0.5), (30, 1, 0.3), (40, 1, 0.6), (50, 2, 0.1), (60, 2, 0.2)]
    operation = scene.start(
        reply=[
            {
                "after": after,
                "reply": {"metadata": {"attempt": attempt, "progress": progress, "stages": None}},
            }
            for after, attempt, progress in lives
        ]
    )
    scene.wait(
        operation,
        on_update=lambda one: seen.append((one.state, one.attempt, one.progress)),
        polling=eex.Polling(maximum=5),
    )
    running = [(attempt, progress) for state, attempt, progress in seen if state == "RUNNING"]
    assert running[-4:] == [(1, 0.5), (1, 0.6), (2, 0.1), (2, 0.2)]
    assert seen[0] == ("PENDING", 0, 0)
    assert seen[-1] == ("SUCCEEDED", 2, 1)


def test_whoever_watches_is_told_in_time(patient: Scene) -> None:
    seen: list[float] = []
    patient.wait(patient.start(), on_update=lambda _: seen.append(patient.clock.time))
    assert max(patient.held) == 30
    assert len(patient.held) == len(seen) - 1 + sum(time < PENDING for time in (2, 5, 9.5))
    assert patient.clock.time == pytest.approx(ENDS, abs=0.25)


def test_a_finished_operation_is_told_once_and_not_asked(scene: Scene) -> None:
    operation = scene.wait(scene.start())
    asked = scene.counts
    seen: list[Any] = []
    assert scene.wait(operation, on_update=seen.append) is operation
    assert (scene.counts, seen) == (asked, [operation])


@pytest.mark.parametrize("jump", [86_400.0, 3.0e7])
def test_the_clock_jumps_ahead(scene: Scene, jump: float) -> None:
    """A machine that slept: the operation has ended meanwhile, and the last poll says so."""
    operation = scene.start()

    def sleep_deeply(_: object) -> None:
        scene.clock.pass_time(jump)

    assert scene.wait(operation, timeout=60, on_update=sleep_deeply).done
    assert scene.counts == {"get": 1}


def test_the_wall_clock_plays_no_part(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: -scene.clock.time * 1e6)
    with pytest.raises(eex.WaitTimeout):
        scene.wait(scene.start(), timeout=100)
    assert scene.clock.time == 100


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"done": False},
        {"metadata": None},
        {"metadata": "RUNNING", "done": "yes"},
        {"name": 7, "metadata": []},
        {"name": "projects/my-project/operations/ANOTHER", "done": True, "response": {}},
    ],
)
def test_replies_without_news_change_nothing(scene: Scene, body: dict[str, Any]) -> None:
    operation = scene.start()
    seen: list[tuple[str, str]] = []
    scene.emulator.fail("wait", status=200, body=body, times=2)
    scene.wait(operation, on_update=lambda one: seen.append((one.state, one.description)))
    assert {described for _, described in seen} == {"dem"}
    assert {state for state, _ in seen} == {"PENDING", "RUNNING", "SUCCEEDED"}


def test_a_stall_raises(scene: Scene) -> None:
    operation = scene.start(
        run_seconds=NEVER, reply=[{"after": 50, "reply": {"metadata": {"progress": 0.737, "stages": None}}}]
    )
    with pytest.raises(eex.OperationStalled) as caught:
        scene.wait(operation, stalled_after=300)
    assert caught.value.seconds == 300
    assert 50 + 300 <= scene.clock.time <= 50 + 300 + 2 * 30
    assert "74%" in str(caught.value)
    assert scene.state(operation) == "RUNNING"


def test_a_stall_calls_back_each_time(scene: Scene) -> None:
    operation = scene.start(run_seconds=2000, reply={"metadata": {"progress": None, "stages": None}})
    stalls: list[float] = []
    scene.wait(operation, stalled_after=300, on_stall=lambda _: stalls.append(scene.clock.time))
    assert len(stalls) == 6
    assert all(after - before >= 300 for before, after in pairwise(stalls))


def test_stages_that_move_are_no_stall(scene: Scene) -> None:
    timeline = [
        {"after": after, "reply": {"metadata": {"progress": 0.5, "stages": [{"completeWorkUnits": after}]}}}
        for after in range(50, 2000, 100)
    ]
    assert scene.wait(scene.start(run_seconds=2000, reply=timeline), stalled_after=300).done


def test_neither_a_queue_nor_an_outage_is_a_stall(scene: Scene) -> None:
    queued = scene.start(reply={"metadata": {"state": "PENDING", "progress": None, "stages": None}})
    with pytest.raises(eex.WaitTimeout):
        scene.wait(queued, stalled_after=20, timeout=105)
    running = scene.start(run_seconds=1000)
    with pytest.raises(eex.WaitTimeout):
        scene.wait(running, timeout=100)
    scene.emulator.fail("*", status=503, times=20)
    assert scene.wait(running, stalled_after=200).done


def test_cancel_does_not_wait(scene: Scene) -> None:
    operation = scene.start()
    assert scene.world.get(operation.cancel()) is operation
    assert operation.state == "CANCELLED"  # it had not begun
    assert scene.counts == {"cancel": 1, "get": 1}


@pytest.mark.parametrize("seconds", [0.0, 50.0, ENDS])
def test_cancel_and_wait(scene: Scene, seconds: float) -> None:
    operation = scene.start()
    scene.emulator.advance(seconds)
    scene.world.get(operation.cancel(wait=True))
    assert operation.state == ("CANCELLED" if seconds < ENDS else "SUCCEEDED")


def test_cancel_that_takes_too_long(scene: Scene) -> None:
    operation = scene.start(reply={"metadata": {"state": "CANCELLING"}, "done": None, "error": None})
    with pytest.raises(eex.WaitTimeout, match="asked to be cancelled") as caught:
        scene.world.get(operation.cancel(wait=True, timeout=20))
    assert caught.value.cancelled


@pytest.mark.parametrize("status", [400, 409])
def test_a_cancel_that_is_refused(scene: Scene, status: int) -> None:
    operation = scene.start()
    scene.emulator.fail("cancel", status=status, times=2)
    with pytest.raises(eex.ApiError):
        scene.world.get(operation.cancel())
    scene.emulator.advance(ENDS)
    assert scene.world.get(operation.cancel()).state == "SUCCEEDED"  # too late, and no error


def test_result_is_wait(scene: Scene) -> None:
    operation = scene.start()
    with pytest.raises(eex.WaitTimeout):
        scene.world.get(operation.result(timeout=1))
    assert scene.world.get(operation.result()) is operation


@pytest.mark.parametrize(
    "end",
    [
        {"metadata": {"state": "SUCCEEDED"}},
        {"metadata": {"state": "SUCCEEDED"}, "done": False},
        {"response": {"@type": "Empty"}},
        {"metadata": {"state": "FAILED"}},
        {"metadata": {"state": "CANCELLED"}},
        {"error": {"code": 3, "message": "Export too large."}},
    ],
)
def test_an_end_that_does_not_say_done(scene: Scene, end: dict[str, Any]) -> None:
    operation = scene.start()
    scene.emulator.fail("*", status=200, body={"name": operation.name, **end}, times=None)
    if "error" in end or end.get("metadata", {}).get("state") in {"FAILED", "CANCELLED"}:
        with pytest.raises((eex.OperationFailed, eex.OperationCancelled)):
            scene.wait(operation, timeout=60)
    else:
        assert scene.wait(operation, timeout=60).done
    assert scene.counts == {"wait": 1}


def test_done_alone_is_asked_once_more(scene: Scene) -> None:
    operation = scene.start()
    scene.emulator.fail("wait", status=200, body={"name": operation.name, "done": True})
    scene.emulator.advance(ENDS)
    assert scene.wait(operation).state == "SUCCEEDED"
    assert scene.counts == {"wait": 1, "get": 1}


def test_done_alone_twice_is_unclear(scene: Scene) -> None:
    operation, other = scene.start(), scene.start()
    scene.emulator.fail("*", status=200, body={"done": True}, times=None)
    with pytest.raises(eex.OperationUnclear, match="does not say how"):
        scene.wait(operation)
    assert scene.counts == {"wait": 1, "get": 1}
    (outcome,) = scene.wait_all([other])
    assert isinstance(outcome.error, eex.OperationUnclear)
    assert scene.counts == {"wait": 1, "get": 3}


def test_two_handles_that_take_in_one_reply_do_not_change_each_other(scene: Scene) -> None:
    operation = scene.start(reply={"metadata": {"progress": 0.2}})
    scene.emulator.advance(50)
    first = scene.client.operation(scene.world.get(operation.refresh()))
    before = first.last
    reply = before.to_dict()
    reply["metadata"]["progress"] = 0.1
    scene.emulator.fail("get", status=200, body=reply)
    scene.world.get(operation.refresh())
    assert operation.progress == 0.2
    assert operation.last is not before
    assert (before.progress, first.last) == (0.2, before)
    with pytest.raises(AttributeError):
        before.progress = 1.0


def test_what_the_service_notes_is_logged(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "earthengine_export")
    note = {"severity": "SEVERE", "topic": "Tiles", "detail": "Too many."}
    operation = scene.start(reply={"metadata": {"notifications": [note], "scriptUri": "https://s"}})
    scene.wait(operation)
    (said,) = operation.notifications
    assert (said.severity, said.topic, said.detail) == ("SEVERE", "Tiles", "Too many.")
    assert operation.script_uri == "https://s"
    assert caplog.text.count("SEVERE: Tiles Too many.") == 1
    for text in ("started", "has ended: SUCCEEDED"):
        assert any(text in line and operation.name in line and "'dem'" in line for line in caplog.messages)


def test_warnings_say_which_export_they_are_about(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    operation = scene.start()
    for method in ("wait", "get"):
        scene.emulator.fail(method, status=503)
    scene.world.get(operation.refresh())
    scene.wait(operation)
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 2
    assert all(f"'dem' ({operation.name})" in text for text in warnings)
