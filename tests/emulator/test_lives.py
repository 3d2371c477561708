"""The lives of operations, in a time that the tests move on."""

import os
import random
import re
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthengine_emulator import Settings
from earthengine_emulator.operation import Operation, Outcome, merged, timestamp
from earthengine_emulator.operations import Operations
from earthengine_emulator.queues import Queue
from earthengine_emulator.settings import Clock

from .conftest import GRID, Open, Session, call

TIMES = ("createTime", "startTime", "updateTime", "endTime")


def test_from_pending_to_succeeded(session: Session) -> None:
    name = session.start(call("Image.load", id="grid"), description="life")
    assert session.state(name) == "PENDING"
    session.emulator.advance(2)
    running = session.get(name)["metadata"]
    assert (running["state"], running["progress"], running["attempt"]) == ("RUNNING", 0.25, 1)
    assert running["stages"] == [
        {
            "displayName": "Create Local Files",
            "description": "Computation and writing of temporary files.",
            "completeWorkUnits": 0.5,
            "totalWorkUnits": "1",
        },
        {
            "displayName": "Write Files to Destination",
            "description": "Uploading of files to their destination.",
        },
    ]
    session.emulator.advance(3)
    operation = session.get(name)
    metadata = operation["metadata"]
    assert operation["done"] is True
    assert operation["response"] == {"@type": "type.googleapis.com/google.protobuf.Empty"}
    assert (metadata["state"], metadata["progress"]) == ("SUCCEEDED", 1)
    assert metadata["batchEecuUsageSeconds"] > 0
    assert metadata["destinationUris"] == ["https://console.developers.google.com/storage/browser/b/"]
    created, started, updated, ended = (datetime.fromisoformat(metadata[key]) for key in TIMES)
    assert (ended - started).total_seconds() == pytest.approx(4, abs=0.01)
    assert (started - created).total_seconds() == pytest.approx(1, abs=0.01)
    assert updated == ended


def test_two_run_at_a_time_by_priority_then_age(session: Session) -> None:
    low, old, young, high = (session.start(priority=priority) for priority in (1, 5, 5, 9))
    states = []
    for seconds in (1, 4, 4):
        session.emulator.advance(seconds)
        states.append([session.state(name) for name in (high, old, young, low)])
    assert states == [
        ["RUNNING", "RUNNING", "PENDING", "PENDING"],
        ["FAILED", "FAILED", "RUNNING", "RUNNING"],  # a constant image has no end
        ["FAILED", "FAILED", "FAILED", "FAILED"],
    ]


def test_cancel_while_pending(session: Session) -> None:
    name = session.start()
    assert session.client.post(f"/v1beta/{name}:cancel").json() == {}
    operation = session.get(name)
    assert operation["done"]
    assert operation["metadata"]["state"] == "CANCELLED"
    assert operation["error"] == {"code": 1, "message": "Cancelled."}


def test_cancel_while_running(session: Session) -> None:
    name = session.start(call("Image.load", id="grid"), description="cancelled")
    session.emulator.advance(2)
    session.client.post(f"/v1beta/{name}:cancel", json={})
    operation = session.get(name)
    assert (operation["metadata"]["state"], "done" in operation) == ("CANCELLING", False)
    session.emulator.advance(0.5)
    operation = session.get(name)
    assert (operation["metadata"]["state"], operation["error"]["code"]) == ("CANCELLED", 1)
    session.emulator.advance(10)
    assert session.state(name) == "CANCELLED"
    assert not (session.emulator.output / "gs" / "b" / "cancelled.tif").exists()


def test_cancel_after_the_end_changes_nothing(session: Session) -> None:
    operation = session.done(call("Image.load", id="grid"))
    assert session.client.post(f"/v1beta/{operation['name']}:cancel").json() == {}
    assert session.get(operation["name"]) == operation


def test_thousands_in_no_time(open_session: Open) -> None:
    session = open_session(evaluate=False)
    names = [session.start() for _ in range(300)]
    session.emulator.advance(1 + 4 * 150)
    listed = session.client.get("/v1beta/projects/p/operations", params={"pageSize": 500}).json()[
        "operations"
    ]
    assert {operation["metadata"]["state"] for operation in listed} == {"SUCCEEDED"}
    assert [operation["name"] for operation in listed] == names[::-1]


def test_one_step_of_time_leads_through_many_computations(session: Session) -> None:
    names = [session.start(call("Image.load", id="grid"), description=f"s{n}") for n in range(6)]
    session.emulator.advance(1000)
    lasted = []
    for name in names:
        metadata = session.get(name)["metadata"]
        created, ended = (datetime.fromisoformat(metadata[key]) for key in ("createTime", "endTime"))
        lasted.append((ended - created).total_seconds())
    assert lasted == pytest.approx([5, 5, 9, 9, 13, 13])


def test_a_file_that_is_written_again_gets_no_older_time(session: Session) -> None:
    """A computation that took long publishes for the time at which it was due."""
    later = time.time() + 1e6
    for again in (False, True):
        session.start(call("Image.load", id="grid"), description="same")
        session.emulator.advance(1000)
        (file,) = session.emulator.output.glob("gs/b/same*.tif")
        assert (file.stat().st_mtime == pytest.approx(later)) is again
        os.utime(file, (later, later))


def test_computations_drive_the_queue_without_requests(open_session: Open) -> None:
    session = open_session(speed=1000, run_seconds=0, pending_seconds=0)
    names = [session.start(call("Image.load", id="grid"), description=f"d{n}") for n in range(20)]
    while len(list(session.emulator.output.glob("gs/b/*.tif"))) < 20:
        time.sleep(0.01)
    assert {session.state(name) for name in names} == {"SUCCEEDED"}


def test_a_clock_of_ones_own(open_session: Open) -> None:
    now = 1_000_000.0
    session = open_session(speed=2, clock=lambda: now)
    assert session.client.get("/emulator/clock").json() == {"now": 1_000_000}
    now += 10
    assert session.client.get("/emulator/clock").json() == {"now": 1_000_020}
    assert session.client.post("/emulator/clock", json={"advance": -5}).json() == {"now": 1_000_015}
    assert session.export().json()["metadata"]["createTime"] == "1970-01-12T13:46:55Z"


def test_scripted_replies(session: Session) -> None:
    name = session.start()
    session.emulator.script(
        name,
        run_seconds=1e6,
        reply=[
            {"after": 10, "reply": {"metadata": {"attempt": 2, "progress": 0.1, "novel": [1]}}},
            {"after": 20, "reply": {"metadata": {"progress": None, "state": "ODD"}}},
            {"after": 30, "reply": {"done": True, "metadata": {"state": "SUCCEEDED"}}},
        ],
    )
    session.emulator.advance(9)
    assert session.get(name)["metadata"]["attempt"] == 1
    session.emulator.advance(1)
    metadata = session.get(name)["metadata"]
    assert (metadata["attempt"], metadata["progress"], metadata["novel"]) == (2, 0.1, [1])
    session.emulator.advance(10)
    metadata = session.get(name)["metadata"]
    assert (metadata["state"], metadata.get("progress"), metadata["attempt"]) == ("ODD", None, 2)
    session.emulator.advance(10)
    operation = session.get(name)
    assert operation["done"]
    assert not {"error", "response"} & operation.keys()


def test_scripted_outcomes(session: Session) -> None:
    session.emulator.script(outcome={"error": {"code": 8, "message": "User memory limit exceeded."}})
    session.client.post("/emulator/operations/next", json={"outcome": {}})
    failed, succeeded, own = (session.start() for _ in range(3))
    session.emulator.advance(100)
    assert session.get(failed)["error"] == {"code": 8, "message": "User memory limit exceeded."}
    assert session.state(succeeded) == "SUCCEEDED"
    assert session.state(own) == "FAILED"


def test_an_operation_that_never_ends_can_be_cancelled(session: Session) -> None:
    name = session.start(call("Image.load", id="grid"))
    session.emulator.advance(2)
    session.client.post(f"/emulator/operations/{name.rpartition('/')[2]}", json={"run_seconds": 1e9})
    session.emulator.advance(1e6)
    assert session.state(name) == "RUNNING"
    session.client.post(f"/v1beta/{name}:cancel")
    session.emulator.advance(1)
    assert session.state(name) == "CANCELLED"


def test_aged_out_of_the_list(session: Session) -> None:
    old, new = session.start(), session.start()
    session.emulator.script(old, listed=False)
    listed = session.client.get("/v1beta/projects/p/operations").json()["operations"]
    assert [operation["name"] for operation in listed] == [new]
    assert session.get(old)["name"] == old


def test_the_admin_view_of_an_operation(session: Session) -> None:
    operation = session.done(call("Image.load", id="grid"), description="seen")
    view = session.client.get(f"/emulator/operations/{operation['name'].rpartition('/')[2]}").json()
    assert view == {"operation": operation, "files": ["gs/b/seen.tif"]}
    assert session.client.get("/emulator/operations/NONE").status_code == 404
    assert session.client.post("/emulator/operations/NONE", json={}).status_code == 404


@given(st.lists(st.tuples(st.sampled_from(["submit", "cancel", "delete"]), st.integers(0, 30)), max_size=60))
def test_no_operation_is_lost_and_never_more_run_than_may(steps: list[tuple[str, int]]) -> None:
    settings = Settings(evaluate=False, running_limit=3)
    queue = Queue("p", settings, lambda _: Future[Outcome]())
    made: list[Operation] = []
    now = 0.0
    for step, number in steps:
        now += number / 10
        queue.advance(now)
        if step == "submit":
            made.append(queue.submit({"priority": number}, [], now))
        elif made and step == "cancel":
            queue.cancel(made[number % len(made)], now)
        elif made and made[number % len(made)] in queue.page(500, "")[0]:
            queue.delete(made[number % len(made)].id)
        running = [one for one in made if one.state in ("RUNNING", "CANCELLING")]
        assert queue.active == len(running) <= 3
        assert queue.pending == sum(one.state == "PENDING" for one in made)
    queue.advance(now + 1000)
    assert {one.state for one in made} <= {"SUCCEEDED", "CANCELLED"}
    assert queue.active == queue.pending == 0


@given(st.integers(0, 4 * 10**15))
def test_timestamps(microseconds: int) -> None:
    text = timestamp(microseconds / 10**6)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", text)
    assert datetime.fromisoformat(text).timestamp() == pytest.approx(microseconds / 10**6, abs=1e-6)


@given(st.dictionaries(st.text(), st.integers()), st.dictionaries(st.text(), st.none() | st.integers()))
def test_merge_patches(base: dict[str, Any], patch: dict[str, Any]) -> None:
    result = merged(base, patch)
    assert result == {key: value for key, value in (base | patch).items() if value is not None}


def test_a_grid_in_the_request(session: Session) -> None:
    assert session.done(7, grid=GRID)["metadata"]["state"] == "SUCCEEDED"


def test_the_same_steps_lead_to_the_same_lives(caplog: pytest.LogCaptureFixture) -> None:
    """However long the computations take, and whichever ends first."""
    durations = random.Random(1)

    def compute() -> Outcome:
        time.sleep(durations.choice([0, 0, 0.003, 0.01]))
        return Outcome(publish=lambda _: [])

    for _ in range(30):
        with ThreadPoolExecutor(3) as pool:
            operations = Operations(Settings(), Clock(0), lambda _, pool=pool: pool.submit(compute))  # type: ignore[misc]
            names = [operations.submit("p", {"expression": {}}, [])["name"] for _ in range(8)]
            operations.advance(1000)
            found = [operations.find(name)[1] for name in names]
        ends = [(one.ended or 0) - one.created for one in found]
        assert ends == pytest.approx([5, 5, 9, 9, 13, 13, 17, 17])
    assert not caplog.records  # where a future's callback fails, it is only logged
