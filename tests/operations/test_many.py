"""Waiting for many operations: how many requests it takes, and that no outcome is lost."""

from __future__ import annotations

import dataclasses
import math
import pickle
from typing import Any

import pytest

import earthengine_export as eex
from tests.operations.conftest import ENDS, EXPORT, Scene

NEVER = 1e9
FAILURE = {"error": {"code": 3, "message": "Export too large"}}


def fill(scene: Scene, number: int, project: str = "my-project") -> list[Any]:
    """Handles of new operations, which were started elsewhere."""
    submit = scene.emulator.operations.submit
    names = [submit(project, {"description": str(one)}, [f"gs://b/{one}"])["name"] for one in range(number)]
    return [scene.client.operation(name) for name in names]


class Rounds:
    """The requests of each round of asking, told apart by the time at which they came."""

    def __init__(self, scene: Scene) -> None:
        self.by_time: dict[float, list[str]] = {}
        scene.client.hooks.append(self._note)
        self._clock = scene.clock

    def _note(self, url: str, _: object) -> None:
        kind = "list" if url.endswith("/operations") else "get"
        self.by_time.setdefault(self._clock.time, []).append(kind)

    def __iter__(self) -> Any:
        return iter(self.by_time.values())


def test_three_thousand_take_six_requests_a_round(scene: Scene) -> None:
    operations = fill(scene, 3000)
    rounds = Rounds(scene)
    ended: dict[str, float] = {}
    polling = eex.Polling(initial=60, maximum=60)
    for outcome in scene.world.each(scene.client.as_completed(operations, polling=polling)):
        assert outcome.error is None
        ended[outcome.operation.id] = scene.clock.time
    assert len(ended) == 3000
    asked = list(rounds)
    assert all(len(requests) <= math.ceil(3000 / 500) for requests in asked)
    assert set(scene.counts) == {"list"}
    assert scene.counts["list"] == sum(map(len, asked)) <= 6 * len(asked)
    # A thousand run at a time: they end at 110, 210 and 310 s, and are seen within one pause.
    for operation in operations:
        due = 110 + 100 * (int(operation.description) // 1000)
        assert due <= ended[operation.id] <= due + polling.maximum


def test_no_more_pages_are_read_than_are_needed(scene: Scene) -> None:
    wanted = fill(scene, 2000)[-600:]
    rounds = Rounds(scene)
    scene.wait_all(wanted, polling=eex.Polling(initial=30))
    assert {len(requests) for requests in rounds} == {2}
    assert scene.counts == {"list": 2 * len(list(rounds))}


def test_one_is_asked_for_by_itself(scene: Scene) -> None:
    fill(scene, 5)
    scene.wait_all([scene.start()])
    assert set(scene.counts) == {"get"}


def test_few_that_are_deep_in_the_list_are_asked_for_one_by_one(scene: Scene) -> None:
    wanted = fill(scene, 3)
    fill(scene, 2000)
    rounds = Rounds(scene)
    scene.wait_all(wanted)
    first, *others = rounds
    assert first == ["list"] * 3 + ["get"] * 3  # three pages, for what three gets would have cost
    assert all(requests == ["get"] * 3 for requests in others)


def test_pages_that_are_smaller_than_asked_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    small = dataclasses.replace(scene.emulator.operations.settings, max_page_size=10)
    monkeypatch.setattr(scene.emulator.operations, "settings", small)
    assert all(outcome.error is None for outcome in scene.wait_all(fill(scene, 35)))
    assert set(scene.counts) == {"list"}


def test_what_has_aged_out_of_the_list_is_asked_for_by_itself(scene: Scene) -> None:
    old = scene.start(listed=False)
    scene.emulator.advance(5)
    young = [scene.start() for _ in range(4)]
    rounds = Rounds(scene)
    assert all(outcome.error is None for outcome in scene.wait_all([old, *young]))
    assert all(requests == ["list", "get"] for requests in list(rounds)[:-1])


def test_all_have_aged_out(scene: Scene) -> None:
    old = [scene.start(listed=False) for _ in range(3)]
    scene.emulator.advance(5)
    scene.start()
    rounds = Rounds(scene)
    scene.wait_all(old)
    assert next(iter(rounds)) == ["list"] + ["get"] * 3
    assert all(requests == ["get"] * 3 for requests in list(rounds)[1:])


def test_an_operation_that_is_not_in_the_list_yet(scene: Scene) -> None:
    operations = [scene.start(), scene.start(listed=False), scene.start()]
    rounds = Rounds(scene)
    scene.wait_all(operations)
    assert all(requests == ["list", "get"] for requests in rounds)


def test_an_operation_that_slips_to_the_next_page(scene: Scene) -> None:
    """The page that was read later tells more, although the operation was on the one before too."""
    names = [operation.name for operation in fill(scene, 5)]

    def page(token: str, *states: str) -> None:
        operations = [
            {"name": name, "done": state == "SUCCEEDED", "metadata": {"state": state}}
            for name, state in zip(names, states, strict=False)
        ]
        body = {"operations": operations, "nextPageToken": token}
        scene.emulator.fail("list", status=200, body=body)

    page("next", "RUNNING")
    page("", "SUCCEEDED", *["RUNNING"] * 4)
    page("next")  # from here on only the first page is another
    page("", "SUCCEEDED", *["RUNNING"] * 4)
    page("next")
    page("", *["SUCCEEDED"] * 5)
    rounds = Rounds(scene)
    ended = [
        scene.clock.time
        for _ in scene.world.each(
            scene.client.as_completed(
                map(scene.client.operation, names), polling=eex.Polling(initial=60, maximum=60)
            )
        )
    ]
    assert list(rounds) == [["list", "list"]] * 3
    first, _, last = rounds.by_time
    assert ended == [first, *[last] * 4]


def test_a_list_that_names_the_project_by_its_number(scene: Scene) -> None:
    operations = [scene.start() for _ in range(3)]
    for one in operations:
        scene.emulator.script(
            one.id, reply={"name": f"projects/123456/operations/{one.id}", "metadata": {"createTime": None}}
        )
    assert all(outcome.error is None for outcome in scene.wait_all(operations))
    assert set(scene.counts) == {"list"}


def test_operations_of_two_projects(scene: Scene) -> None:
    operations = [*fill(scene, 3), *fill(scene, 3, "other-project")]
    rounds = Rounds(scene)
    outcomes = scene.wait_all(operations)
    assert [outcome.operation for outcome in outcomes] == operations
    assert {len(requests) for requests in rounds} == {2}


@pytest.mark.parametrize("status", [403, 404, 501])
def test_a_list_that_is_refused(scene: Scene, status: int) -> None:
    refused = scene.emulator.fail("list", status=status, times=None)
    operations = [scene.start() for _ in range(3)]
    assert all(outcome.error is None for outcome in scene.wait_all(operations))
    assert refused.consumed == 1


def test_a_list_that_always_fails(scene: Scene) -> None:
    """It may be too heavy to be made: single gets find out the rest."""
    scene.emulator.fail("list", status=504, times=None)
    operations = [scene.start() for _ in range(3)]
    assert all(outcome.error is None for outcome in scene.wait_all(operations))


def test_a_list_that_fails_half_way(scene: Scene) -> None:
    scene = Scene(scene.world, scene.emulator, retry=eex.Retry(retries=0))
    operations = fill(scene, 1200)
    scene.emulator.fail("list", "pass")
    scene.emulator.fail("list", status=500)
    scene.emulator.fail("get", "pass", times=10)
    fault = scene.emulator.fail("get", "reset")
    assert all(outcome.error is None for outcome in scene.wait_all(operations))
    assert fault.consumed == 1
    assert scene.count("get") == 11  # a passing fault ends the round


@pytest.mark.parametrize("kind", ["reset", "html", "cut-json", "truncate"])
def test_passing_faults_are_waited_out(scene: Scene, kind: str) -> None:
    operations = [scene.start() for _ in range(3)]
    scene.emulator.fail("*", kind, times=20)
    assert all(outcome.error is None for outcome in scene.wait_all(operations))


def test_retry_after_is_honoured(scene: Scene) -> None:
    scene.emulator.fail("get", status=429, headers={"Retry-After": "77"})
    scene.wait_all([scene.start()])
    assert scene.clock.sleeps[0] == 77


def test_one_that_always_meets_a_fault_does_not_stand_in_the_way(scene: Scene) -> None:
    scene.emulator.fail("list", status=403, times=None)
    poisoned, *others = (scene.start() for _ in range(4))
    scene.emulator.script(poisoned.id, reply={"name": "projects/p/operations/ANOTHER"})
    outcomes = scene.wait_all([poisoned, *others], timeout=300)
    assert isinstance(outcomes[0].error, eex.WaitTimeout)
    assert [outcome.error for outcome in outcomes[1:]] == [None] * 3


def test_failures_of_some_never_hide_the_others(scene: Scene) -> None:
    good, failed, cancelled = scene.start(), scene.start(outcome=FAILURE), scene.start()
    slow, unknown = scene.start(run_seconds=NEVER), scene.client.operation("NOBODY")
    scene.world.get(cancelled.cancel())
    operations = [slow, failed, unknown, good, cancelled]
    outcomes = scene.wait_all(operations, timeout=500)
    assert [outcome.operation for outcome in outcomes] == operations
    assert [type(outcome.error) for outcome in outcomes] == [
        eex.WaitTimeout, eex.OperationFailed, eex.NotFound, type(None), eex.OperationCancelled,
    ]  # fmt: skip
    assert good.done
    assert scene.clock.time == 500
    with pytest.raises(ExceptionGroup, match="4 of 5 exports did not succeed") as caught:
        scene.wait_all(operations, timeout=0, raise_errors=True)
    assert {type(error) for error in caught.value.exceptions} == {
        eex.WaitTimeout, eex.OperationFailed, eex.NotFound, eex.OperationCancelled,
    }  # fmt: skip
    assert scene.state(slow) == "RUNNING"


def test_nothing_is_raised_where_all_went_well(scene: Scene) -> None:
    operations = [scene.start() for _ in range(2)]
    assert [outcome.error for outcome in scene.wait_all(operations, raise_errors=True)] == [None, None]


def test_outcomes_come_as_they_end(scene: Scene) -> None:
    slow, quick = scene.start(run_seconds=500), scene.start(run_seconds=50)
    done = scene.wait(scene.start())
    outcomes = scene.world.each(scene.client.as_completed([slow, quick, done]))
    asked = scene.counts
    assert next(outcomes).operation is done
    assert scene.counts == asked  # that was known
    assert next(outcomes).operation is quick
    assert not slow.done
    assert next(outcomes).operation is slow
    assert next(outcomes, None) is None


def test_the_last_round_is_made_at_the_deadline(scene: Scene) -> None:
    outcomes = scene.wait_all([scene.start(), scene.start()], timeout=ENDS)
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert scene.clock.time == ENDS


def test_no_time_is_one_round(scene: Scene) -> None:
    outcomes = scene.wait_all([scene.start(), scene.start()], timeout=0)
    assert all(isinstance(outcome.error, eex.WaitTimeout) for outcome in outcomes)
    assert (scene.counts, scene.clock.sleeps) == ({"list": 1}, [])


def test_retries_of_a_page_end_with_the_time(scene: Scene) -> None:
    operations = [scene.start(), scene.start()]
    scene.emulator.fail("*", status=503, times=None)
    outcomes = scene.wait_all(operations, timeout=10)
    assert all(isinstance(outcome.error, eex.WaitTimeout) for outcome in outcomes)
    assert scene.clock.time == 10


def test_two_handles_of_one_operation(scene: Scene) -> None:
    """One of them has seen the end already, the other knows nothing but the name."""
    done = scene.wait(scene.start())
    unasked = scene.client.operation(done.name)
    outcomes = scene.wait_all([done, unasked, done])
    assert [outcome.operation for outcome in outcomes] == [done, unasked, done]
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert unasked.done


def test_updates(scene: Scene) -> None:
    operations = [scene.start(), scene.start(outcome=FAILURE)]
    seen: dict[Any, list[str]] = {one: [] for one in operations}
    scene.wait_all(operations, on_update=lambda one: seen[one].append(one.state))
    for one, last in zip(operations, ["SUCCEEDED", "FAILED"], strict=True):
        assert seen[one][0] == "PENDING"
        assert seen[one][-1] == last
        assert "RUNNING" in seen[one]


def test_an_error_of_a_callback_is_the_callers(scene: Scene) -> None:
    def complain(one: Any) -> None:
        if one.state == "RUNNING":
            raise eex.BadReply("mine", fault="bad-reply")

    with pytest.raises(eex.BadReply, match="mine"):
        scene.wait_all([scene.start(), scene.start()], on_update=complain)


def test_nothing_to_wait_for(scene: Scene) -> None:
    assert scene.wait_all([]) == []
    assert list(scene.world.each(scene.client.as_completed([]))) == []


def test_what_cannot_be_waited_for_together(scene: Scene) -> None:
    operation = scene.start()
    with pytest.raises(eex.InvalidArgument, match="timeout"):
        scene.client.as_completed([operation], timeout=-1)
    for value in (operation.name, None):
        with pytest.raises(eex.InvalidArgumentType, match=r"client\.operation\(…\) makes one"):
            scene.client.as_completed([value])
        with pytest.raises(eex.InvalidArgumentType, match="list of operations"):
            scene.client.as_completed(value)
    other = eex.Operation if scene.world.is_async else eex.AsyncOperation
    with pytest.raises(eex.InvalidArgumentType, match="of the other kind"):
        scene.client.as_completed([other(operation.last)])


def test_handles_of_other_clients_are_asked_after_through_this_one(scene: Scene) -> None:
    stranger = scene.world.client(scene.emulator.base_url)
    operations = [stranger.operation(scene.start()), pickle.loads(pickle.dumps(scene.start()))]
    assert [outcome.error for outcome in scene.wait_all(operations)] == [None, None]
    assert [outcome.export for outcome in scene.wait_all([scene.start()])] == [EXPORT]


def test_what_a_list_says_for_ever_is_checked(scene: Scene) -> None:
    """A list that is stuck: the operations have long ended, as asking after each would tell."""
    operations = [scene.start() for _ in range(30)]
    listed = [{"name": one.name, "metadata": {"state": "PENDING"}} for one in operations]
    scene.emulator.fail("list", status=200, body={"operations": listed}, times=None)
    outcomes = scene.wait_all(operations, timeout=3600)
    assert [outcome.error for outcome in outcomes] == [None] * 30
    assert scene.count("get") == 30
    assert scene.clock.time < 900


def test_a_list_that_is_right_is_checked_now_and_then(scene: Scene) -> None:
    operations = [scene.start(run_seconds=5000) for _ in range(30)]
    scene.wait_all(operations)
    assert scene.count("get") < scene.count("list")


def test_a_stall_of_one_of_many(scene: Scene) -> None:
    moving = scene.start(run_seconds=1000)
    stuck = scene.start(run_seconds=NEVER, reply={"metadata": {"progress": 0.5, "stages": None}})
    outcomes = scene.wait_all([moving, stuck], stalled_after=200)
    assert outcomes[0].error is None
    assert isinstance(outcomes[1].error, eex.OperationStalled)
    stalls: list[Any] = []
    outcomes = scene.wait_all([stuck, moving], stalled_after=200, on_stall=stalls.append, timeout=700)
    assert isinstance(outcomes[0].error, eex.WaitTimeout)
    assert stalls == [stuck] * 3


def test_many_are_cancelled_at_the_deadline(scene: Scene) -> None:
    quick, slow = scene.start(run_seconds=10), scene.start(run_seconds=NEVER)
    late = scene.start(run_seconds=NEVER)
    scene.emulator.fail("cancel", status=403)
    outcomes = scene.wait_all([quick, slow, late], timeout=60, cancel_on_timeout=True)
    errors = [outcome.error for outcome in outcomes]
    assert errors[0] is None
    assert "could not be cancelled, and is still running" in str(errors[1])
    assert "was asked to be cancelled" in str(errors[2])
    assert scene.state(slow) == "RUNNING"
    scene.emulator.advance(1)
    assert scene.state(late) == "CANCELLED"


def test_the_end_is_told_where_it_is_seen_too_late(scene: Scene) -> None:
    """What has ended when it is to be cancelled did not time out."""
    operation = scene.start(run_seconds=NEVER)

    def end(_: str, __: object) -> None:
        if _.endswith(":cancel"):
            scene.emulator.script(operation.id, run_seconds=1)
            scene.emulator.advance(5)

    scene.client.hooks.append(end)
    scene.emulator.fail("cancel", status=400)
    (outcome,) = scene.wait_all([operation], timeout=60, cancel_on_timeout=True)
    assert outcome.error is None
    assert operation.state == "SUCCEEDED"


@pytest.mark.parametrize("cancel", [False, True])
def test_an_interrupt_says_what_goes_on(scene: Scene, cancel: bool) -> None:
    operations = [scene.start() for _ in range(3)]

    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    async def waiting() -> BaseException:
        try:
            await scene.client.wait_all(operations, on_update=interrupt, cancel_on_interrupt=cancel)
        except KeyboardInterrupt as error:
            return error
        raise AssertionError

    if scene.world.is_async:
        error = scene.world.get(waiting())
    else:
        with pytest.raises(KeyboardInterrupt) as caught:
            scene.client.wait_all(operations, on_update=interrupt, cancel_on_interrupt=cancel)
        error = caught.value
    (note,) = error.__notes__
    assert f"client.operation({operations[0].name!r})" in note
    assert ("3 of 3 were asked to be cancelled" if cancel else "all of them go on") in note
    assert scene.count("cancel") == (3 if cancel else 0)
