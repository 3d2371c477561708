"""Replies of servers newer, older or odder than the spec: they parse, and nothing that they carry is lost."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from earthengine_rest.models import ErrorResponse, ListOperationsResponse, Operation
from earthengine_rest.types import Unset

# What a server may put where something else is expected. A list of samples: thousands of cases stay quick.
odd: st.SearchStrategy[Any] = st.sampled_from(
    [None, False, 0, -1, 2**70, 1e308, "", "é\u2028\x00", [], [None], [[]], ["x", 1], [{}], {}, {"a": None},
     {"@type": 7}, {"reason": []}, {"metadata": "x"}, [{"stages": [None]}], {"error": {"code": {}}}]
)  # fmt: skip
times = st.sampled_from(
    [f"2025-08-01T12:00:00{'.123456789'[: digits + 1]}Z" for digits in range(1, 10)]
    + [
        "2025-08-01T12:00:00Z",
        "1970-01-01T00:00:00Z",
        "2016-12-31T23:59:60Z",
        "2025-08-01T12:00:00.5+05:30",
        "",
    ]
)


def reply(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An object that may lack a field, have another thing in its place, or have fields that nobody knows."""
    known = st.fixed_dictionaries({}, optional={name: value | odd for name, value in fields.items()})
    unknown = st.dictionaries(st.sampled_from(["new", "@type", "type_", "self"]), odd, max_size=2)
    return st.builds(lambda new, old: new | old, unknown, known)


words = st.sampled_from(["", "a", "Élévation"])
counts = st.sampled_from([0, 1, -1, 0.5, 10**6])
details = st.lists(
    reply(**{"@type": words, "reason": words, "domain": words, "metadata": st.dictionaries(words, words)}),
    max_size=2,
)
stages = reply(displayName=words, description=words, completeWorkUnits=counts, totalWorkUnits=counts)
notifications = reply(severity=st.sampled_from(["WARNING", "DIRE"]), topic=words, detail=words)
metadata = reply(
    **{"@type": words},
    state=st.sampled_from(["PENDING", "RUNNING", "SUCCEEDED", "PAUSED"]),
    description=words,
    type=words,
    priority=counts,
    createTime=times,
    updateTime=times,
    startTime=times,
    endTime=times,
    progress=counts,
    stages=st.lists(stages, max_size=3),
    attempt=counts,
    scriptUri=words,
    destinationUris=st.lists(words, max_size=3),
    notifications=st.lists(notifications, max_size=2),
    batchEecuUsageSeconds=counts,
)
operations = reply(
    name=words,
    metadata=metadata,
    done=st.booleans(),
    error=reply(code=counts, message=words, details=details),
    response=odd,
)
errors = reply(code=counts, message=words, status=words, details=details)


def as_sent(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(operations)
def test_any_operation_keeps_what_it_carries(body: dict[str, Any]) -> None:
    operation = Operation.from_dict(body)
    assert as_sent(operation.to_dict()) == as_sent(body)
    for name in ("name", "metadata", "done", "error", "response"):
        assert isinstance(getattr(operation, name), Unset) == (name not in body)
    assert operation.additional_properties == {
        name: value
        for name, value in body.items()
        if name not in ("name", "metadata", "done", "error", "response")
    }


@settings(max_examples=500, deadline=None, derandomize=True)
@given(reply(operations=st.lists(operations, max_size=3), nextPageToken=words, unreachable=st.lists(words)))
def test_any_page_keeps_what_it_carries(body: dict[str, Any]) -> None:
    assert as_sent(ListOperationsResponse.from_dict(body).to_dict()) == as_sent(body)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(reply(error=errors))
def test_any_error_keeps_what_it_carries(body: dict[str, Any]) -> None:
    assert as_sent(ErrorResponse.from_dict(body).to_dict()) == as_sent(body)


def test_an_empty_list_is_an_empty_object() -> None:
    page = ListOperationsResponse.from_dict({})
    assert isinstance(page.operations, Unset)
    assert isinstance(page.next_page_token, Unset)


def test_a_response_stays_opaque() -> None:
    body = {
        "done": True,
        "response": {"@type": "new.Type", "value": [{"a": None}], "n": 12345678901234567890},
    }
    assert Operation.from_dict(body).to_dict() == body
