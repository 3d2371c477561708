"""What a handle says, how it travels, and how operations are listed."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import earthengine_export as eex
from earthengine_export import rest
from earthengine_export._run.watched import outcome_of, take_in
from earthengine_export.operation_state import OperationState
from tests.operations.conftest import ENDS, PENDING, Scene

NAME = "projects/my-project/operations/ABC"
FACTS = [field.name for field in attrs.fields(OperationState)]


def state(**metadata: Any) -> OperationState:
    return OperationState.from_dict({"name": NAME, "metadata": metadata})


def test_what_a_handle_says(scene: Scene) -> None:
    operation = scene.start(reply={"metadata": {"batchEecuUsageSeconds": 12.5, "priority": 7}})
    assert (operation.done, operation.state, operation.progress) == (False, "PENDING", 0)
    assert (operation.attempt, operation.stages, operation.start_time) == (0, (), None)
    scene.emulator.advance(60)
    assert scene.world.get(operation.refresh()) is operation
    assert (operation.state, operation.progress, operation.attempt) == ("RUNNING", 0.5, 1)
    assert operation.name == f"projects/my-project/operations/{operation.id}"
    assert (operation.description, operation.type) == ("dem", "EXPORT_IMAGE")
    assert (operation.priority, operation.eecu_seconds, operation.error) == (7, 12.5, None)
    assert [stage.name for stage in operation.stages] == ["Create Local Files", "Write Files to Destination"]
    assert (operation.start_time - operation.create_time).total_seconds() == pytest.approx(PENDING, abs=0.01)
    assert operation.create_time.tzinfo is not None
    assert (operation.destination_uris, operation.end_time) == ((), None)
    scene.wait(operation)
    assert (operation.end_time - operation.create_time).total_seconds() == pytest.approx(ENDS, abs=0.01)
    assert operation.update_time >= operation.end_time
    assert operation.destination_uris[0].endswith("/bucket/")
    assert re.fullmatch(r"<(Async)?Operation \S+ 'dem': SUCCEEDED>", repr(operation))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.1Z", datetime(2026, 1, 2, 3, 4, 5, 100_000, tzinfo=UTC)),
        ("2026-01-02T03:04:05.123456789Z", datetime(2026, 1, 2, 3, 4, 5, 123_456, tzinfo=UTC)),
        ("2026-01-02T05:04:05.000001+02:00", datetime(2026, 1, 2, 3, 4, 5, 1, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
        (7, None),
        (None, None),
    ],
)
def test_times(text: Any, expected: datetime | None) -> None:
    seen = state(createTime=text)
    assert seen.create_time == expected
    assert seen.create_time is None or seen.create_time.tzinfo is not None
    assert seen.reply.to_dict()["metadata"]["createTime"] == text  # the raw text is kept


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
times = st.datetimes().map(datetime.isoformat) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
metadata_fields = [
    "@type", "attempt", "batchEecuUsageSeconds", "createTime", "description", "destinationUris", "endTime",
    "notifications", "priority", "progress", "scriptUri", "stages", "startTime", "state", "type", "unknown",
    "updateTime",
]  # fmt: skip
metadata = dict.fromkeys(metadata_fields, json_values | times)
operations = st.fixed_dictionaries(
    {},
    optional={
        "name": json_values,
        "done": json_values,
        "error": json_values | st.fixed_dictionaries({"code": json_values, "details": json_values}),
        "response": json_values,
        "metadata": json_values | st.fixed_dictionaries({}, optional=metadata),
    },
)


@given(operations, operations)
def test_no_reply_makes_a_property_raise(first: dict[str, Any], second: dict[str, Any]) -> None:
    handle = eex.Operation(OperationState.named(NAME))
    for reply in (first, second):
        before = handle.last
        assert isinstance(take_in(handle, rest.Operation.from_dict({**reply, "name": NAME})), bool)
        seen = handle.last
        for name in FACTS:
            assert getattr(handle, name) is getattr(seen, name)
        assert 0 <= seen.progress <= 1
        assert seen.attempt != before.attempt or seen.progress >= before.progress
        assert seen.name == NAME
        assert isinstance(repr(handle), str)
        assert isinstance(outcome_of(seen), eex.OperationError | None)
        assert pickle.loads(pickle.dumps(seen)) == seen
        assert eex.Operation.from_json(handle.to_json()).last == seen


def test_a_handle_keeps_its_name(scene: Scene) -> None:
    """A service may answer with the project's number where it was asked by the id."""
    operation = scene.start()
    name, key = operation.name, hash(operation)
    scene.emulator.script(operation.id, reply={"name": f"projects/123456/operations/{operation.id}"})
    scene.wait(operation)
    assert (operation.name, hash(operation)) == (name, key)


def test_a_reply_about_another_operation_is_refused(scene: Scene) -> None:
    operation = scene.start()
    scene.emulator.script(operation.id, reply={"name": "projects/my-project/operations/OTHER"})
    with pytest.raises(eex.BadReply, match="OTHER"):
        scene.world.get(operation.refresh())


@pytest.mark.parametrize("name", [NAME, "ABC"])
def test_an_operation_found_by_name(scene: Scene, name: str) -> None:
    operation = scene.client.operation(name)
    assert (operation.name, operation.id, operation.state) == (NAME, "ABC", "STATE_UNSPECIFIED")
    assert operation == scene.client.operation(NAME)
    assert operation != scene.client.operation("DEF")
    assert len({operation, scene.client.operation(NAME)}) == 1
    assert scene.emulator.requests()["requests"] == {}


@pytest.mark.parametrize(
    "name",
    ["", "a/b", "projects/p/operations/", "projects/p/operations/..", "operations/A"],
)
def test_what_cannot_be_a_name_is_refused(scene: Scene, name: str) -> None:
    with pytest.raises(eex.InvalidArgument, match="projects/PROJECT/operations/ID"):
        scene.client.operation(name)


@pytest.mark.parametrize("travel", [lambda one: pickle.loads(pickle.dumps(one)), copy.copy, copy.deepcopy])
def test_a_handle_travels_by_pickle(scene: Scene, travel: Any) -> None:
    operation = scene.start()
    arrived = travel(operation)
    assert type(arrived) is type(operation)
    assert arrived == operation
    assert repr(arrived) == repr(operation)
    with pytest.raises(eex.ClientUnusable, match=re.escape("client.operation(handle)")):
        arrived.wait()
    assert scene.wait(scene.client.operation(arrived)).done


def test_a_handle_travels_as_json(scene: Scene) -> None:
    operation = scene.start()
    text = operation.to_json()
    assert json.loads(text)["name"] == operation.name
    assert type(operation).from_json(text) == operation
    arrived = scene.client.operation_from_json(text)
    assert arrived.create_time == operation.create_time
    assert scene.wait(arrived).done


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "null", "{}", '{"name": 7}', '{"name": "a"}', "[" * 100_000, None]
)
def test_what_is_no_handle_is_refused(scene: Scene, text: Any) -> None:
    with pytest.raises(eex.InvalidArgument, match="JSON of an operation"):
        scene.client.operation_from_json(text)


def test_errors_travel_with_the_last_state(scene: Scene) -> None:
    operation = scene.start(outcome={"error": {"code": 8, "message": "m", "details": [{"a": 1}]}})
    with pytest.raises(eex.OperationFailed) as caught:
        scene.wait(operation)
    arrived = pickle.loads(pickle.dumps(caught.value))
    assert str(arrived) == str(caught.value)
    assert arrived.details == [{"a": 1}]
    assert arrived.last.reply.to_dict() == caught.value.last.reply.to_dict()


def test_delete_does_not_cancel(scene: Scene) -> None:
    operation = scene.start()
    assert scene.world.get(operation.delete()) is None
    with pytest.raises(eex.NotFound):
        scene.world.get(operation.refresh())
    assert scene.count("cancel") == 0


def test_pages_are_read_as_they_are_wanted(scene: Scene) -> None:
    started = [scene.start() for _ in range(7)]
    listed = scene.world.each(scene.client.operations(page_size=3))
    assert scene.counts == {}
    assert [next(listed).name for _ in range(3)] == [one.name for one in reversed(started[4:])]
    assert scene.counts == {"list": 1}
    next(listed)
    assert scene.counts == {"list": 2}
    assert len(list(listed)) == 3
    assert scene.counts == {"list": 3}


def test_a_caller_that_stops_leaves_nothing_behind(scene: Scene) -> None:
    for _ in range(3):
        scene.start()

    async def first() -> Any:
        async for one in scene.client.operations(page_size=1):
            return one
        return None

    found = scene.world.get(first()) if scene.world.is_async else next(scene.client.operations(page_size=1))
    assert found.state == "PENDING"
    assert scene.counts == {"list": 1}


def test_listed_operations_are_handles(scene: Scene) -> None:
    started = scene.start()
    (listed,) = scene.world.each(scene.client.operations())
    assert listed == started
    assert scene.wait(listed).done


def test_selection(scene: Scene) -> None:
    began = datetime.fromisoformat(scene.emulator.operation(scene.start().name)["metadata"]["createTime"])
    scene.emulator.advance(200)
    for description in ("tile 1", "tile 2", "table"):
        started = scene.start()
        kind = "EXPORT_FEATURES" if description == "table" else "EXPORT_IMAGE"
        scene.emulator.script(started.name, reply={"metadata": {"description": description, "type": kind}})

    def found(**selection: Any) -> list[str]:
        return [one.description for one in scene.world.each(scene.client.operations(**selection))]

    assert found() == ["table", "tile 2", "tile 1", "dem"]
    assert found(states={"PENDING"}) == ["table", "tile 2", "tile 1"]
    assert found(states=["SUCCEEDED", "FAILED"]) == ["dem"]
    assert found(description="tile *") == ["tile 2", "tile 1"]
    assert found(description="tile") == []
    assert found(description=re.compile("TILE.2", re.IGNORECASE)) == ["tile 2"]
    assert found(types={"EXPORT_IMAGE"}, states={"PENDING"}) == ["tile 2", "tile 1"]
    later = began + timedelta(seconds=100)
    assert found(created_after=later) == ["table", "tile 2", "tile 1"]
    assert found(created_before=later) == ["dem"]
    assert found(created_after=began, created_before=later) == ["dem"]
    assert found(filter="anything") == found()
    assert "filter=anything" in str([one["query"] for one in scene.emulator.watch.log])


@pytest.mark.parametrize("selection", [{"page_size": 0}, {"created_after": datetime(2026, 1, 1)}])
def test_impossible_selections_are_refused(scene: Scene, selection: dict[str, Any]) -> None:
    with pytest.raises(eex.InvalidArgument):
        scene.client.operations(**selection)


def public_signatures(cls: type) -> dict[str, list[tuple[str, Any, Any]]]:
    return {
        name: [(one.name, one.kind, one.default) for one in inspect.signature(value).parameters.values()]
        if callable(value)
        else []
        for name, value in inspect.getmembers(cls)
        if not name.startswith("_") or name == "__init__"
    }


@pytest.mark.parametrize(
    ("blocking", "awaited"),
    [
        (eex.Client, eex.AsyncClient),
        (eex.Operation, eex.AsyncOperation),
    ],
)
def test_both_worlds_have_the_same_names_and_arguments(blocking: type, awaited: type) -> None:
    signatures = public_signatures(blocking)
    assert len(signatures) > 8
    assert public_signatures(awaited) == signatures


@pytest.mark.parametrize(
    ("states", "cure"),
    [
        ({"failed"}, "FAILED"),
        ({"COMPLETED"}, "SUCCEEDED"),
        ("READY", "PENDING"),
        ({"CANCEL_REQUESTED"}, "CANCELLING"),
        ({"DONE"}, "there are PENDING, RUNNING"),
    ],
)
def test_states_that_there_are_none_of(scene: Scene, states: Any, cure: str) -> None:
    with pytest.raises(eex.InvalidArgument, match=cure):
        scene.client.operations(states=states)


def test_one_word_is_no_pattern(scene: Scene) -> None:
    scene.start()

    def count(**selection: Any) -> int:
        return len(list(scene.world.each(scene.client.operations(**selection))))

    assert (count(states="PENDING"), count(types="EXPORT_IMAGE")) == (1, 1)
    assert count(types="EXPORT_IMAGES_AND_MORE") == 0


def test_what_cannot_be_done_says_what_can(scene: Scene) -> None:
    with pytest.raises(TypeError, match=r"operation\.to_json\(\)"):
        pickle.dumps(scene.client)
    if scene.world.is_async:
        with pytest.raises(TypeError, match="async for"):
            list(scene.client.operations())


def test_options_of_a_copy(scene: Scene) -> None:
    hasty = scene.client.with_options(retry=eex.Retry(retries=0))
    scene.emulator.fail("get", status=503)
    name = scene.start().name
    with pytest.raises(eex.ServerError):
        scene.world.get(hasty.operation(name).refresh())
    assert scene.wait(scene.client.operation(name)).done


@pytest.mark.parametrize("option", ["retry", "timeout", "api_version", "quota_project", "base_url"])
def test_options_of_the_wrong_type(scene: Scene, option: str) -> None:
    for value in (3.5j, [1], object(), *([None, 3] if option == "retry" else [])):
        options: dict[str, Any] = {"base_url": "http://127.0.0.1:1", option: value}
        with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType), match=option):
            scene.world.client(**options)
