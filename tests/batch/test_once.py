"""Each job has one operation, wherever the process was killed and whatever became of a reply."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_emulator.errors import Refusal
from tests.batch.conftest import Processes, Scene, jobs
from tests.worlds import World

JOBS = 12
FULL = {"error": {"code": 429, "message": "Too many tasks already in the queue (3000)."}}
REFUSED = {"error": {"code": 400, "message": "Cannot overwrite asset.", "status": "INVALID_ARGUMENT"}}
USED = {
    "error": {
        "code": 400,
        "message": "A different Operation was already started with the given request_id.",
        "status": "INVALID_ARGUMENT",
    }
}


@pytest.fixture(params=["return", "reject"])
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(
        evaluate=False, speed=10, running_limit=4, queue_limit=4, duplicate_request_id=request.param
    ) as emulator:
        yield emulator


@pytest.fixture
def quick(world: World, emulator: Emulator) -> Scene:
    """Where no time is slept away."""
    world.hurry()
    return Scene(world, emulator)


def batch(scene: Scene, journal: Path | None = None, **options: Any) -> Any:
    client = scene.world.client(scene.emulator.base_url, retry=eex.Retry(retries=1))
    return scene.batch(journal, client, polling=eex.Polling(), **options)


# Killed.


@pytest.mark.parametrize(
    ("point", "alone"),
    [
        *itertools.product(
            ["plan", "submitting", "work", "answer", "refusal", "started", "anew", "ended", "told"], [False]
        ),
        ("submitting", True),
        ("refusal", True),
    ],
)
def test_killed_at(
    processes: Processes, emulator: Emulator, tmp_path: Path, point: str, *, alone: bool
) -> None:
    """Killed at a step: of the journal's, or of the service before and after it has done its work."""
    path, submit, child = tmp_path / "journal.sqlite", emulator.operations.submit, list[int]()

    def watched(*arguments: Any, **options: Any) -> Any:
        is_time = child and emulator.requests()["operations_created"] == 3
        if point == "work" and is_time:
            os.kill(child[0], signal.SIGKILL)
        try:
            return submit(*arguments, **options)
        except Exception:
            if point == "refusal" and child:
                os.kill(child[0], signal.SIGKILL)
            raise
        finally:
            if point == "answer" and is_time:
                os.kill(child[0], signal.SIGKILL)

    emulator.operations.submit = watched  # type: ignore[method-assign]
    is_step = point not in {"work", "answer", "refusal"}
    process = processes.run(emulator, path, JOBS, die_at=point if is_step else "")
    child.append(process.pid)
    assert process.wait() == -signal.SIGKILL
    child.clear()
    emulator.operations.submit = submit  # type: ignore[method-assign]
    with eex.fake_time(emulator.advance):
        client = eex.Client("my-project", eex.anonymous(), emulator.base_url)
    with client:
        if alone:
            # The list does not move on, so it takes longer to tell what was not started.
            assert {one.error for one in eex.Batch(client, path).run()} <= {None}
        outcomes = list(eex.Batch(client, path).run(jobs(JOBS + 6)))
    assert [outcome.error for outcome in outcomes] == [None] * (JOBS + 6)
    assert emulator.requests()["operations_created"] == JOBS + 6
    for outcome in outcomes:
        assert outcome.operation
        assert outcome.operation.description == outcome.export.description


# Replies that are lost, while the list lags.


def test_found_in_a_list_that_lags(quick: Scene, emulator: Emulator) -> None:
    emulator.script(listed=False)
    emulator.fail("export", "close")
    see, lists = emulator.watch.see, list[str]()

    def watched(name: str, request: Any) -> None:
        see(name, request)
        if name.endswith("list"):
            lists.append(name)
            if len(lists) == 8:
                (late,) = list(emulator.operations.queue("my-project").operations._by_id)[:1]
                emulator.script(late, listed=True)

    emulator.watch.see = watched  # type: ignore[assignment, method-assign]
    outcomes = quick.run(batch(quick), jobs(2))
    assert [outcome.error for outcome in outcomes] == [None] * 2
    assert quick.created() == 2


def test_not_in_any_list(quick: Scene, emulator: Emulator, tmp_path: Path) -> None:
    """What cannot be told is not started again, nor is what it writes given to another job."""
    path = tmp_path / "journal.sqlite"
    emulator.script(listed=False)
    emulator.fail("export", "close")
    emulator.fail("export", "status", status=400, body=USED, times=None)
    (outcome,) = quick.run(batch(quick, path), jobs(1))
    assert isinstance(outcome.error, eex.JobUnclear)
    assert outcome.error.may_exist
    assert outcome.error.key == outcome.key
    assert str(outcome.error.request_id) in str(outcome.error)
    assert "retry_failed()" in str(outcome.error)
    assert quick.created() == 1
    emulator.watch.faults.clear()
    given = [*jobs(1), ("other", jobs(1)[0][1].replace(priority=7))]
    errors = {one.key: one.error for one in quick.run(batch(quick, path), given)}
    assert str(errors["job 0"]) == str(outcome.error)
    assert isinstance(errors["other"], eex.DestinationTaken)
    assert quick.created() == 1
    later = batch(quick, path)
    assert later.retry_failed() == 1
    assert [one.error for one in quick.run(later)] == [None]
    assert quick.created() == 2


@pytest.mark.parametrize("was_full", [True, False])
def test_an_id_that_is_used_up(quick: Scene, emulator: Emulator, was_full: bool) -> None:
    """What is listed and was submitted later proves that nothing was started, where a queue was full."""
    ids: dict[str, list[str]] = defaultdict(list)
    submit = emulator.operations.submit

    def watched(project: str, request: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        mine = ids[request["description"]]
        mine.append(request["requestId"])
        if mine is ids["tile-0"] and len(mine) == 1:
            emulator.operations.queue(project)._by_request_id["", mine[0]] = None
        if mine is ids["tile-1"] and len(mine) == 1 and was_full:
            raise Refusal("Too many tasks already in the queue.", 429)
        return submit(project, request, *arguments, **options)

    emulator.operations.submit = watched  # type: ignore[method-assign]
    emulator.fail("export", "close")
    outcomes = {one.key: one for one in quick.run(batch(quick, max_in_flight=1), jobs(4))}
    assert [outcomes[f"job {number}"].error for number in (1, 2, 3)] == [None] * 3
    first, again, *others = ids["tile-0"]
    assert first == again
    if was_full:
        assert outcomes["job 0"].error is None
        assert len(others) == 1
        assert others != [first]
    else:
        assert isinstance(outcomes["job 0"].error, eex.JobUnclear)
        assert not others


@pytest.mark.parametrize("was_started", [True, False])
def test_refused_after_an_attempt_without_a_reply(
    quick: Scene, emulator: Emulator, was_started: bool
) -> None:
    emulator.fail("export", "close" if was_started else "reset")
    emulator.fail("export", "status", status=400, body=REFUSED)
    outcomes = {outcome.key: outcome for outcome in quick.run(batch(quick, max_in_flight=1), jobs(4))}
    error = outcomes["job 0"].error
    if was_started:
        assert error is None
        assert quick.created() == 4
    else:
        assert isinstance(error, eex.InvalidRequest)
        assert not error.may_exist
        assert quick.created() == 3
    assert [outcomes[f"job {number}"].error for number in (1, 2, 3)] == [None] * 3


def test_a_full_queue_after_an_attempt_without_a_reply(quick: Scene, emulator: Emulator) -> None:
    """A service that looks at its queue before it looks at the id."""
    emulator.fail("export", "close")
    emulator.fail("export", "status", status=429, body=FULL)
    outcomes = quick.run(batch(quick, max_in_flight=1), jobs(4))
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert quick.created() == 4


@pytest.mark.parametrize("status", [401, 403, 503])
def test_what_refuses_everything_leaves_what_may_exist(
    quick: Scene, emulator: Emulator, tmp_path: Path, status: int
) -> None:
    path = tmp_path / "journal.sqlite"
    emulator.fail("export", "close")
    fault = emulator.fail("export", "status", status=status, times=None)
    emulator.fail("list", "status", status=status, times=None)
    with pytest.raises(eex.EarthEngineError):
        quick.run(batch(quick, path), jobs(3))
    fault.times = 0
    emulator.watch.faults.clear()
    outcomes = quick.run(batch(quick, path), jobs(3))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert quick.created() == 3


@pytest.mark.parametrize(
    ("status", "works", "end"),
    [(429, False, eex.RateLimited), (503, False, eex.EarthEngineError), (503, True, type(None))],
)
def test_a_service_that_fails_at_one_job_for_ever(
    quick: Scene, emulator: Emulator, status: int, works: bool, end: type
) -> None:
    """What no other job suffers from is that job's fault; it is not waited out, nor started twice."""
    submit = emulator.operations.submit

    def failing(*arguments: Any, **options: Any) -> Any:
        if "tile-1" not in str((arguments, options)):
            return submit(*arguments, **options)
        if works and quick.created() < 3:
            submit(*arguments, **options)
        raise Refusal("Try again later.", status)

    emulator.operations.submit = failing  # type: ignore[method-assign]
    outcomes = {outcome.key: outcome for outcome in quick.run(batch(quick), jobs(3))}
    assert [outcomes[key].error for key in ("job 0", "job 2")] == [None, None]
    assert isinstance(outcomes["job 1"].error, end)  # a ServerError where something moved later
    assert quick.created() == 2 + works


def test_an_id_of_ones_own_that_was_used_before(quick: Scene, emulator: Emulator) -> None:
    """An id of the content belongs to no other export, so that a lost journal starts nothing twice."""
    given = [(key, one.with_request_id(one.digest())) for key, one in jobs(3)]
    first = quick.run(batch(quick), given)
    again = quick.run(batch(quick), given)
    names = [{outcome.operation.name for outcome in outcomes} for outcomes in (first, again)]
    assert names[0] == names[1]
    assert quick.created() == 3


def test_an_id_of_ones_own_that_a_full_queue_has_used_up(quick: Scene, emulator: Emulator) -> None:
    """Another job with the same content has another id from the first."""
    (key, one), full = jobs(1)[0], batch(quick, max_in_flight=1)
    one = one.with_request_id(one.digest())
    emulator.fail("export", "status", status=429, body=FULL)
    emulator.script(outcome={"error": {"code": 3, "message": "Image.select: no band of that name."}})
    (first,) = quick.run(full, [(key, one)])
    assert isinstance(first.error, eex.OperationFailed)
    emulator.fail("export", "status", status=429, body=FULL)
    (second,) = quick.run(full, [("again", one)])
    assert second.error is None
    assert quick.created() == 2


def test_a_clock_that_was_set_back(
    quick: Scene, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was started is not taken for older than the id that has started it."""
    path, wall = tmp_path / "journal.sqlite", time.time
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: wall() + 7200)
        emulator.fail("export", "close", times=2)
        fault = emulator.fail("export", "status", status=401, times=None)
        with pytest.raises(eex.Unauthenticated):
            quick.run(batch(quick, path), jobs(2))
    fault.times = 0
    emulator.watch.faults.clear()
    outcomes = quick.run(batch(quick, path), jobs(6))
    assert [outcome.error for outcome in outcomes] == [None] * 6
    assert quick.created() == 6


def test_a_journal_of_the_version_before(quick: Scene, emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    emulator.fail("export", "close", times=2)
    emulator.fail("export", "status", status=401, times=None)
    with pytest.raises(eex.Unauthenticated):
        quick.run(batch(quick, path), jobs(2))
    emulator.watch.faults.clear()
    with sqlite3.connect(path) as db:
        for statement in (
            "ALTER TABLE batch DROP COLUMN queue_limit",
            "ALTER TABLE batch DROP COLUMN limit_seen",
            "ALTER TABLE jobs DROP COLUMN unanswered",
            "PRAGMA user_version = 1",
        ):
            db.execute(statement)
    db.close()
    emulator.fail("export", "status", status=429, body=FULL)  # is no reason for another id
    outcomes = quick.run(batch(quick, path), jobs(2))
    assert [outcome.error for outcome in outcomes] == [None] * 2
    assert quick.created() == 2
