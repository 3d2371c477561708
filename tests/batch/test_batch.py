"""Jobs go in, outcomes come out: each export once, in every world."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export._batch import running
from tests.batch.conftest import QUICK, Scene, export, jobs
from tests.worlds import World

INTERNAL = {"error": {"code": 13, "message": "An internal error has occurred."}}
MEMORY = {"error": {"code": 8, "message": "User memory limit exceeded."}}
FINAL = {"error": {"code": 3, "message": "Image.select: no band of that name."}}


def test_each_job_has_one_operation_and_one_outcome(scene: Scene, tmp_path: Path) -> None:
    batch, moved = scene.batch(tmp_path / "journal.sqlite"), list[str]()
    given = jobs(120)
    outcomes = scene.run(batch, (job for job in given), lambda handle: moved.append(handle.state))
    assert {outcome.key: outcome.export for outcome in outcomes} == dict(given)
    assert len(outcomes) == 120 == scene.created() == scene.submits()
    for outcome in outcomes:
        assert outcome.error is None
        assert outcome.operation.state == "SUCCEEDED"
        assert outcome.operation.description == outcome.export.description
        assert outcome.operation.export == outcome.export
    assert moved.count("SUCCEEDED") >= 120
    assert scene.emulator.requests()["requests"]["projects.operations.list"] <= 24
    assert batch.status() == {"planned": 0, "submitted": 0, "succeeded": 120, "failed": 0, "cancelled": 0}
    assert pickle.loads(pickle.dumps(outcomes)) == outcomes
    assert [path.name for path in tmp_path.iterdir()] == ["journal.sqlite"]


def test_keys_of_their_own(scene: Scene) -> None:
    exports = [export("same", to=eex.CloudStorage("bucket", filename_prefix=f"to/{one}")) for one in range(3)]
    outcomes = scene.run(scene.batch(), exports)
    assert len({outcome.key for outcome in outcomes}) == 3
    assert all(outcome.key.startswith("same-") for outcome in outcomes)


def test_what_has_ended_is_not_submitted_again(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first = scene.run(scene.batch(path), jobs(20))
    requests = scene.emulator.requests()["requests"]
    again = scene.run(scene.batch(path), jobs(20))
    alone = scene.run(scene.batch(path))
    assert sorted(first, key=str) == sorted(again, key=str) == sorted(alone, key=str)
    assert scene.emulator.requests()["requests"] == requests
    more = scene.run(scene.batch(path), jobs(25))
    assert len(more) == 25 == scene.created()


def test_submitted_here_waited_for_there(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    status = scene.world.get(scene.batch(path).submit_only(jobs(30)))
    status = status if isinstance(status, dict) else dict(status)
    assert status["planned"] == 0
    outcomes = scene.run(scene.batch(path))
    assert len({outcome.key for outcome in outcomes}) == 30 == scene.created()


def test_a_loop_that_is_left_leaves_the_rest_to_the_next(scene: Scene, tmp_path: Path) -> None:
    path, taken = tmp_path / "journal.sqlite", list[int]()

    def given() -> Iterator[Any]:
        for number, job in enumerate(jobs(3_000)):
            taken.append(number)
            yield job

    batch = scene.batch(path, max_in_flight=2)
    running = batch.run(given())
    assert next(scene.world.each(running)).error is None
    assert len(taken) <= 700  # some hundreds ahead of what was submitted
    scene.world.get(running.aclose()) if scene.world.is_async else running.close()
    before = scene.created()
    assert before < 1_000
    assert sum(batch.status().values()) == len(taken)
    names = {outcome.operation.name for outcome in scene.run(scene.batch(path))}
    assert len(names) == len(taken) == scene.created()


def test_what_came_before_an_error_of_the_iterable_is_in_the_journal(scene: Scene, tmp_path: Path) -> None:
    def given() -> Iterator[Any]:
        yield from jobs(2)
        raise ZeroDivisionError

    async def given_async() -> AsyncIterator[Any]:
        for job in given():
            yield job

    for number, source in enumerate((given(), [*jobs(2), 3], given_async())):
        batch = scene.batch(tmp_path / f"{number}.sqlite")
        with pytest.raises((ZeroDivisionError, eex.InvalidArgumentType)):
            scene.run(batch, source)
        known = 2 if scene.world.is_async or number < 2 else 0
        assert sum(batch.status().values()) == known == len(scene.run(batch))


def test_jobs_that_come_slowly_are_not_held_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 0.0)

    def first_is_started() -> None:
        while not scene.created():
            time.sleep(0.01)

    def given() -> Iterator[Any]:
        yield from jobs(2)
        first_is_started()
        yield from jobs(1, 2)

    async def given_async() -> AsyncIterator[Any]:
        for job in jobs(2):
            yield job
        await anyio.to_thread.run_sync(first_is_started)
        yield jobs(1, 2)[0]

    source = given_async() if scene.world.is_async else given()
    assert len(scene.run(scene.batch(), source)) == 3


def test_what_cannot_be_read_is_refused(scene: Scene) -> None:
    class Broken:
        def __iter__(self) -> Any:
            raise ZeroDivisionError

    class BrokenAsync:
        def __aiter__(self) -> Any:
            raise ZeroDivisionError

    with pytest.raises(eex.InvalidArgumentType, match="jobs"):
        scene.run(scene.batch(), BrokenAsync() if scene.world.is_async else Broken())


def test_a_full_queue_is_waited_for(world: World) -> None:
    with Emulator(evaluate=False, speed=200, queue_limit=8, running_limit=8) as emulator:
        scene, most = Scene(world, emulator), [0]
        queue, over = emulator.operations.queue("my-project"), threading.Event()

        def watch() -> None:
            while not over.wait(0.001):
                most[0] = max(most[0], queue.pending)

        watcher = threading.Thread(target=watch)
        watcher.start()
        outcomes = scene.run(scene.batch(max_queued=5), jobs(60))
        assert most[0] <= 5
        assert scene.submits() == 60  # nothing was refused
        # A limit that is lower than the batch was told is found out.
        outcomes += scene.run(scene.batch(), jobs(60, 60))
        over.set()
        watcher.join()
        assert [outcome.error for outcome in outcomes] == [None] * 120
        assert most[0] <= 8
        assert emulator.requests()["operations_created"] == 120
        assert scene.submits() < 150


def test_places_of_others_in_the_queue_count(world: World) -> None:
    with Emulator(evaluate=False, speed=0) as emulator:
        scene = Scene(world, emulator)
        with eex.Client("my-project", eex.anonymous(), emulator.base_url) as other:
            for number in range(4):
                other.submit(export(f"theirs-{number}"))
        batch = scene.batch(max_queued=6)
        ran = threading.Thread(target=lambda: scene.run(batch, jobs(10)))
        ran.start()
        while emulator.operations.queue("my-project").pending < 6:
            time.sleep(0.01)
        time.sleep(0.3)
        assert emulator.operations.queue("my-project").pending == 6
        scene.world.get(batch.cancel())
        ran.join(timeout=20)
        assert not ran.is_alive()


def test_rate_and_concurrency_have_limits(world: World) -> None:
    with Emulator(
        evaluate=False, speed=1000, running_limit=50, rate_limit=60, concurrency_limit=3
    ) as emulator:
        scene = Scene(world, emulator)
        outcomes = scene.run(scene.batch(max_in_flight=3, requests_per_second=200), jobs(120))
        assert [outcome.error for outcome in outcomes] == [None] * 120
        assert emulator.requests()["operations_created"] == 120
        assert emulator.requests()["most_in_flight"] <= 3


def test_two_that_write_the_same(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    asset = eex.Asset("projects/my-project/assets/dem")
    pairs = [
        ("a", export("one", to=eex.CloudStorage("bucket", filename_prefix="same"))),
        ("b", export("two", to=eex.CloudStorage("bucket", filename_prefix="same"))),
        ("c", export("three", to=asset)),
        ("d", export("four", to=asset)),
        ("e", export("same", to=eex.CloudStorage("bucket"))),
        ("f", export("five", to=eex.CloudStorage("other", filename_prefix="same"))),
    ]
    outcomes = {outcome.key: outcome for outcome in scene.run(scene.batch(path), pairs)}
    for first, second in (("a", "b"), ("c", "d"), ("a", "e")):
        error = outcomes[second].error
        assert isinstance(error, eex.DestinationTaken)
        assert error.keys == (first, second)
        assert repr(first) in str(error)
        assert repr(second) in str(error)
        assert outcomes[second].operation is None
    assert sorted(key for key, outcome in outcomes.items() if not outcome.error) == ["a", "c", "f"]
    assert scene.created() == 3
    (later,) = scene.run(scene.batch(path), [("g", export("six", to=asset))])
    assert later.error.keys == ("c", "g")


def test_what_another_job_writes_by_now_is_not_retried(scene: Scene) -> None:
    to, batch = eex.CloudStorage("bucket", filename_prefix="same"), scene.batch()
    for key in ("a", "b"):
        scene.emulator.script(outcome=FINAL)
        scene.run(batch, [(key, export(key, to=to))])
    assert batch.retry_failed() == 1  # the later one
    assert {one.key: type(one.error) for one in scene.run(batch)} == {
        "a": eex.OperationFailed,
        "b": type(None),
    }
    assert batch.retry_failed() == 0
    assert scene.created() == 3


def test_failures_are_sorted(scene: Scene, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "earthengine_export")
    path = tmp_path / "journal.sqlite"
    emulator = scene.emulator
    batch = scene.batch(path, max_in_flight=1, retries=2)
    for outcome in (INTERNAL, FINAL, MEMORY, INTERNAL, INTERNAL):
        emulator.script(outcome=outcome)
    outcomes = {outcome.key: outcome for outcome in scene.run(batch, jobs(3))}
    assert outcomes["job 0"].error.code == 13  # tried three times
    assert outcomes["job 1"].error.code == 3
    assert outcomes["job 2"].error.message == MEMORY["error"]["message"]
    assert scene.created() == 5
    report = batch.report()
    assert report.counts == {"failed": 3}
    assert {row.key: row.tries for row in report.rows} == {"job 0": 3, "job 1": 1, "job 2": 1}
    assert "no band of that name" in str(report)
    assert "no band of that name" in report._repr_html_()
    assert report.to_csv(tmp_path / "report.csv").count("\n") == 4
    assert '"failed": 3' in report.to_json()
    assert batch.retry_failed() == 3
    assert [outcome.error for outcome in scene.run(batch)] == [None] * 3
    assert scene.created() == 8
    told = caplog.text
    for word in ("'job 0' is started", "'job 0' is retried", "'job 1' has failed", "'job 2' has succeeded"):
        assert word in told
    assert outcomes["job 1"].operation.name in told


def test_too_large_is_cut(scene: Scene) -> None:
    grid = eex.PixelGrid("EPSG:4326", (0.01, 0, 0, 0, -0.01, 1), (101, 100))
    whole = export("whole", region=None, scale=None, grid=grid)
    scene.emulator.script(outcome=MEMORY)
    batch = scene.batch(split=True)
    outcomes = scene.run(batch, [("whole", whole)])
    assert sorted(outcome.key for outcome in outcomes) == [f"whole/r{r}_c{c}" for r in (0, 1) for c in (0, 1)]
    assert sum(outcome.export.grid.pixels for outcome in outcomes) == grid.pixels
    assert {outcome.export.uri for outcome in outcomes} == {
        f"gs://bucket/tiles/whole_r{r}_c{c}" for r in (0, 1) for c in (0, 1)
    }
    assert batch.status()["split"] == 1


@pytest.mark.parametrize(("key", "prefix"), [("whole/r0_c1", "tiles/other"), ("other", "tiles/whole_r0_c1")])
def test_what_is_too_large_is_not_cut_into_what_another_job_is(scene: Scene, key: str, prefix: str) -> None:
    grid = eex.PixelGrid("EPSG:4326", (0.01, 0, 0, 0, -0.01, 1), (101, 100))
    scene.emulator.script(outcome=MEMORY)
    given = [
        ("whole", export("whole", region=None, scale=None, grid=grid)),
        (key, export("other", to=eex.CloudStorage("bucket", prefix))),
    ]
    outcomes = {one.key: one.error for one in scene.run(scene.batch(split=True, max_in_flight=1), given)}
    assert list(outcomes) == [*dict(given)]
    assert outcomes["whole"].message == MEMORY["error"]["message"]
    assert outcomes[key] is None
    assert scene.created() == 2


def test_refused_ones_do_not_hold_up_the_rest(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    scene.run(scene.batch(path), jobs(1))
    fault = scene.emulator.fail(
        "export",
        "status",
        status=400,
        body={"error": {"code": 400, "message": "Invalid band.", "status": "INVALID_ARGUMENT"}},
    )
    outcomes = {outcome.key: outcome for outcome in scene.run(scene.batch(path, max_in_flight=1), jobs(4))}
    assert fault.consumed
    assert isinstance(outcomes["job 1"].error, eex.InvalidRequest)
    assert "Invalid band" in str(outcomes["job 1"].error)
    assert [outcomes[f"job {n}"].error for n in (0, 2, 3)] == [None] * 3
    again = {outcome.key: outcome for outcome in scene.run(scene.batch(path))}
    assert str(again["job 1"].error) == str(outcomes["job 1"].error)


def test_what_refuses_everything_is_raised(scene: Scene, tmp_path: Path) -> None:
    batch = scene.batch(tmp_path / "journal.sqlite")
    scene.emulator.fail("*", "status", status=403, times=None)
    with pytest.raises(eex.PermissionDenied):
        scene.run(batch, jobs(3))
    scene.emulator.reset()
    assert len(scene.run(batch, jobs(3))) == 3 == scene.created()


def test_fail_fast(scene: Scene, tmp_path: Path) -> None:
    path, outcomes = tmp_path / "journal.sqlite", list[Any]()
    scene.emulator.script(outcome=FINAL)
    batch = scene.batch(path, fail_fast=True, max_queued=2)
    with pytest.raises(eex.OperationFailed, match="no band of that name"):
        outcomes.extend(scene.world.each(batch.run(jobs(50))))
    assert any(outcome.error for outcome in outcomes)
    assert scene.created() < 50
    assert len({outcome.key for outcome in scene.run(scene.batch(path), jobs(50))}) == 50 == scene.created()


def test_cancelled_in_the_middle(world: World) -> None:
    with Emulator(evaluate=False, speed=20, running_limit=3) as emulator:
        scene = Scene(world, emulator)
        batch, outcomes = scene.batch(max_queued=5), list[Any]()
        for outcome in world.each(batch.run(jobs(40))):
            outcomes.append(outcome)
            if len(outcomes) == 2:
                world.get(batch.cancel())
        kinds = {type(outcome.error) for outcome in outcomes}
        assert kinds >= {type(None), eex.OperationCancelled, eex.JobCancelled}
        status = batch.status()
        assert status["cancelled"] >= 30
        assert status["planned"] == status["submitted"] == 0
        assert len(outcomes) == 40 == sum(status.values())


def test_what_stalls_is_left(world: World) -> None:
    with Emulator(evaluate=False, speed=1) as emulator:
        emulator.script(run_seconds=1e6, reply={"metadata": {"state": "RUNNING", "progress": 0.5}})
        scene = Scene(world, emulator)
        (outcome,) = scene.run(scene.batch(stalled_after=0.2), jobs(1))
        assert isinstance(outcome.error, eex.OperationStalled)
        assert outcome.operation.state == "RUNNING"


@pytest.mark.parametrize("duplicate", ["return", "reject"])
def test_replies_that_are_lost(world: World, duplicate: Any) -> None:
    with Emulator(evaluate=False, speed=1000, running_limit=50, duplicate_request_id=duplicate) as emulator:
        scene = Scene(world, emulator)
        client = world.client(emulator.base_url, retry=eex.Retry(retries=1, initial=0.01))
        batch = scene.batch(client=client)
        scene.run(batch, jobs(1))
        for _ in range(3):
            emulator.fail("export", "close", times=2)
        outcomes = scene.run(batch, jobs(30, 1))
        assert [outcome.error for outcome in outcomes] == [None] * 30
        assert emulator.requests()["operations_created"] == 31
        for outcome in outcomes:
            assert outcome.operation.description == outcome.export.description


def test_progress_takes_it(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    with eex.progress("20 tiles") as progress:
        scene.run(scene.batch(), jobs(20), progress)
    assert "20 tiles: 20 SUCCEEDED, 100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"max_queued": 0}, "max_queued"),
        ({"max_in_flight": "many"}, "max_in_flight"),
        ({"requests_per_second": -1}, "requests_per_second"),
        ({"retries": -1}, "retries"),
        ({"fail_fast": "yes"}, "fail_fast"),
        ({"stalled_after": 0}, "stalled_after"),
        ({"polling": 3}, "polling"),
        ({"journal": 3}, "journal"),
        ({"journal": ""}, "journal"),
    ],
)
def test_arguments_that_cannot_be(options: dict[str, Any], argument: str) -> None:
    with eex.Client("my-project", eex.anonymous(), "http://127.0.0.1:9") as client:
        with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType)) as caught:
            eex.Batch(client, **options)
        assert caught.value.argument == argument
        for job in (3, ("key",), (3, export("a")), (None, export("a")), ("", export("a")), ("a", "b")):
            with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType), match=r"^jobs"):
                list(eex.Batch(client).run([job]))  # type: ignore[list-item]
        assert eex.Batch(client, polling=QUICK).status()["planned"] == 0
