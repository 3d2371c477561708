"""What errors advise follows from whether an export may exist and from the last state, and agrees."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export import errors
from earthengine_export._connect.faults import POLICY
from earthengine_export.operation_state import STATES, OperationState, OperationStatus
from tests.faults.cells import export
from tests.worlds import World

NAME = "projects/p/operations/A"
CLASSES = [
    cls
    for cls in vars(errors).values()
    if inspect.isclass(cls)
    and issubclass(cls, eex.EarthEngineError)
    and not issubclass(cls, eex.DownloadFailed | eex.FilesAmbiguous)  # of files
]
# What leads to a second export, or says that there is none or that there may be one.
ANEW = ("with a new request_id: ", "try again", "or try again later", "correct the request", "ask anew")
NONE = ("no export was started", "nothing was sent")
MAYBE = ("may have been started",)


def last(state: str, done: bool, description: str = "dem") -> OperationState:
    metadata = {"state": state, "description": description}
    return OperationState.from_dict({"name": NAME, "done": done, "metadata": metadata})


def made(cls: type[Any], fault: str, state: OperationState) -> Any:
    if issubclass(cls, eex.OperationFailed):
        return cls(last=state, status=OperationStatus(code=3, message="Because."))
    if issubclass(cls, eex.OperationStalled):
        return cls(last=state, seconds=5.0)
    if issubclass(cls, eex.WaitTimeout):
        return cls(last=state, timeout=5.0)
    if issubclass(cls, eex.OperationCancelled | eex.OperationUnclear):
        return cls(last=state)
    if issubclass(cls, eex.OperationError):
        return cls("It ended.", last=state)
    if issubclass(cls, eex.DuplicateRequest):
        return cls("It was used.", request_id="id")
    if issubclass(cls, eex.InvalidArgument | eex.InvalidArgumentType):
        return cls("scale", 0, "It is above 0.")
    if issubclass(cls, eex.ApiError):
        return cls("The service says so.", status=int(fault) if fault.isdecimal() else 500)
    if issubclass(cls, eex.RequestError):
        return cls("No reply.", fault=fault)
    return cls("This client is closed")


@pytest.mark.parametrize("cls", CLASSES)
@settings(max_examples=40)
@given(
    may_exist=st.booleans(),
    request_id=st.none() | st.just("id"),
    attempts=st.integers(1, 6),
    fault=st.sampled_from(sorted(POLICY)),
    state=st.builds(last, st.sampled_from([*STATES, "NEW"]), st.booleans()),
)
def test_no_advice_contradicts_another(
    cls: type[Any],
    may_exist: bool,
    request_id: str | None,
    attempts: int,
    fault: str,
    state: OperationState,
) -> None:
    error = made(cls, fault, state)
    if not isinstance(error, eex.OperationError | eex.InvalidArgument | eex.InvalidArgumentType):
        error.request_id, error.may_exist = request_id or error.request_id, may_exist
    if isinstance(error, eex.RequestError):
        error.attempts = attempts
    text = str(error).lower()
    assert ".." not in text
    says_none, says_maybe = (any(one in text for one in words) for words in (NONE, MAYBE))
    assert not (says_none and says_maybe)
    if error.request_id and error.may_exist and not isinstance(error, eex.DuplicateRequest):
        assert "submit again with request_id='id'" in text
        assert not any(one in text for one in ANEW)
    elif error.request_id and not error.may_exist:
        assert not says_maybe
        assert "to get the same operation" not in text
    if isinstance(error, eex.DuplicateRequest) and error.may_exist:
        assert "only if" in text
    if isinstance(error, eex.WaitTimeout | eex.OperationStalled):
        assert ("still running" in text) == (state.state == "RUNNING" and not state.done)
        assert ("still queued" in text) == (state.state == "PENDING" and not state.done)
        assert ("has ended" in text) == state.done


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        (400, "Export too large: specified 9 pixels (max: 1).", "Give a larger max_pixels="),
        (404, "Asset 'x' not found.", "Check the names of the project, and of the assets"),
        (304, "", "a redirect without an address"),
    ],
)
def test_a_refusal_says_what_to_look_at(
    world: World, emulator: Emulator, status: int, message: str, told: str
) -> None:
    body = {"error": {"code": status, "message": message}} if message else None
    emulator.fail("export", "status", status=status, body=body)
    client = world.client(emulator.base_url, retry=eex.Retry(retries=0))
    with pytest.raises(eex.RequestError) as caught:
        world.get(client.submit(export()))
    assert told in str(caught.value)
