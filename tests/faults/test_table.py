"""Every cell of the policy table, over real sockets: the fault happens, and what the table says is done."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export._connect.faults import POLICY, FaultRule, rule_for
from earthengine_export._run.policy import Retry
from earthengine_export.errors import EarthEngineError
from earthengine_export.rest import ApiMethod
from tests.clocks import timed_client
from tests.faults import cells
from tests.worlds import World

# These have tests of their own below.
APART = {*cells.UNREACHABLE, "idle connection closed", "401 once", "401 for ever"}
SLOW = {"reply slower than the timeout", "slow trickle"}


CELLS: list[tuple[FaultRule, str, ApiMethod]] = [
    (rule, covered, method)
    for rule in POLICY.values()
    for covered in rule.covers
    if covered not in APART
    for method in cells.METHODS
]
# What differs from cell to cell shows in the first attempt; the first of each row goes through all of them.
LASTING = [
    (rule, covered, method)
    for rule, covered, method in CELLS
    if rule.action_for(method) == "retry" and covered == rule.covers[0]
    if covered not in SLOW or method != "wait"
]


def named(value: object) -> str:
    return value.fault if isinstance(value, FaultRule) else str(value)


class Cell:
    """A client of a world, an operation that is there, and a fault that waits for a method."""

    def __init__(self, world: World, emulator: Emulator, method: str, covered: str, **times: Any) -> None:
        self.world, self.emulator, self.method = world, emulator, method
        self.name = cells.NAME if covered == "JSON labelled as text" else cells.start(emulator)
        if method == "wait":
            emulator.advance(1e6)
        timeout = cells.TIMEOUT if covered in SLOW else 20.0
        self.client, self.clock, _ = timed_client(world, emulator, timeout=timeout, retry=Retry(retries=2))
        self.fault = emulator.fail(method, **{"kind": "status", **cells.injection(covered)}, **times)
        self.before = self.sent("operations_created")

    def have_patience(self) -> None:
        """Have none but the faulty reply be too slow, however busy this machine is."""

        def longer(*_: object) -> None:
            if self.fault.consumed:
                self.client._http._timeout = 20.0

        self.client.hooks.append(longer)

    def act(self) -> Any:
        return cells.act(self.world, self.client, self.method, self.name)

    def sent(self, *path: str) -> int:
        found: Any = self.emulator.requests()
        for key in path:
            found = found.get(key, 0)
        return int(found)

    @property
    def requests(self) -> int:
        words = {"export": "projects.image.export"}.get(self.method, f"projects.operations.{self.method}")
        return self.sent("requests", words) - (self.method == "export" and self.name != cells.NAME)

    @property
    def created(self) -> int:
        return self.sent("operations_created") - self.before

    def refused(self, error: type[Exception]) -> Any:
        with pytest.raises(error) as caught:
            self.act()
        assert type(caught.value) is error
        return caught.value


@pytest.mark.parametrize(("rule", "covered", "method"), CELLS, ids=named)
def test_once(world: World, emulator: Emulator, rule: FaultRule, covered: str, method: Any) -> None:
    cell = Cell(world, emulator, method, covered)
    cell.have_patience()
    match rule.action_for(method):
        case "retry":
            cell.act()
            assert cell.requests == 2
            if "Retry-After" in covered:
                assert cell.clock.sleeps == [pytest.approx(30, abs=2.5)]
            else:
                assert cell.clock.sleeps == [2.0 if method == "wait" else 1.0]
        case "accept":
            cell.act()
            assert cell.requests == 1
        case "reconcile":
            assert cell.act().description == "one"
            assert cell.requests == 1
        case "poll":
            assert cell.act().done
            assert cell.sent("requests", "projects.operations.get") == 1
        case "look" | "raise" | "accept-repeated":
            error = cell.refused(rule.raises)
            assert (error.attempts, error.fault) == (1, covered if covered.isdecimal() else rule.fault)
            assert error.may_exist is rule.may_exist or method == "wait"
            assert error.api_method.endswith(f".{method}") or rule.action_for(method) == "look"
            assert cell.requests == 1
    assert cell.fault.consumed == 1
    assert cell.created == (method == "export" and rule.action_for(method) in {"retry", "reconcile"})


@pytest.mark.parametrize(("rule", "covered", "method"), LASTING, ids=named)
def test_for_ever(world: World, emulator: Emulator, rule: FaultRule, covered: str, method: Any) -> None:
    cell = Cell(world, emulator, method, covered, times=None)
    if method == "wait":
        # No passing fault ends a wait before its time.
        emulator.fail("get", **{"kind": "status", **cells.injection(covered)}, times=None)
        error = cell.refused(eex.WaitTimeout)
        assert cell.clock.time == pytest.approx(1000)
    else:
        error = cell.refused(rule.raises)
        assert (error.attempts, cell.requests) == (3, 3)
        assert error.may_exist is rule.may_exist
        assert "3 attempts" in str(error)
    if method == "export":
        told = f"submit again with request_id={error.request_id!r}"
        assert (told if rule.may_exist else "No export was started.") in str(error)
        assert cell.created <= rule.may_exist
    assert cell.fault.consumed == cell.requests >= 3


@pytest.mark.parametrize("covered", cells.UNREACHABLE)
def test_unreachable(world: World, emulator: Emulator, covered: str) -> None:
    (rule,) = (rule for rule in POLICY.values() if covered in rule.covers)
    attempts = 3 if rule.action == "retry" else 1
    with cells.unreachable(covered) as base_url:
        timeout = 0.05 if covered == "no connection in time" else 5
        client, clock, _ = timed_client(
            world, emulator, base_url=base_url, timeout=timeout, retry=Retry(retries=2)
        )
        for method in cells.METHODS:
            if method == "wait" and attempts > 1:
                continue  # it would go on until its own time is up
            with pytest.raises(eex.ConnectionFailed) as caught:
                cells.act(world, client, method, cells.NAME)
            assert (caught.value.fault, caught.value.attempts) == (rule.fault, attempts)
            assert not caught.value.may_exist
            assert method != "export" or "No export was started." in str(caught.value)
        assert clock.sleeps == [1.0, 2.0][: attempts - 1] * 5


@pytest.mark.parametrize("method", cells.METHODS)
def test_an_idle_connection_that_was_closed_costs_nothing(
    world: World, emulator: Emulator, method: str
) -> None:
    name = cells.start(emulator)
    fault = emulator.fail("list", "idle-close")
    sleeps = world.hurry()
    client = world.client(emulator.base_url)
    cells.act(world, client, "list", name)
    emulator.advance(1e6)  # by when the server has closed it
    assert fault.consumed == 1
    cells.act(world, client, method, name)
    assert len(sleeps) <= 1


@pytest.mark.parametrize("method", cells.METHODS)
@pytest.mark.parametrize("times", [1, None], ids=["once", "for ever"])
def test_401(world: World, emulator: Emulator, method: str, times: int | None) -> None:
    name = cells.start(emulator)
    emulator.advance(1e6 if method == "wait" else 0)
    fault = emulator.fail(method, "status", status=401, times=times)
    credentials = cells.Renewable()
    client = world.client(emulator.base_url, credentials=credentials)
    if times:
        cells.act(world, client, method, name)
    else:
        with pytest.raises(eex.Unauthenticated) as caught:
            cells.act(world, client, method, name)
        assert caught.value.attempts == 1
    assert (fault.consumed, credentials.renewals) == (times or 2, 1)


@pytest.mark.parametrize("status", [400, 409])
def test_what_has_ended_need_not_be_cancelled(world: World, emulator: Emulator, status: int) -> None:
    name = cells.start(emulator)
    emulator.advance(1e6)
    fault = emulator.fail("cancel", "status", status=status)
    operation = world.get(world.client(emulator.base_url).operation(name).cancel())
    assert (operation.state, fault.consumed) == ("SUCCEEDED", 1)


def test_a_delete_whose_reply_was_lost_is_done(world: World, emulator: Emulator) -> None:
    name = cells.start(emulator)
    fault = emulator.fail("delete", "reset", work=True)
    world.hurry()
    client = world.client(emulator.base_url)
    cells.act(world, client, "get", name)
    world.get(client.operation(name).delete())
    assert fault.consumed == 1
    assert emulator.requests()["requests"]["projects.operations.delete"] == 2
    with pytest.raises(eex.NotFound):  # where no reply was lost
        world.get(client.operation(name).delete())


def test_the_table_is_whole() -> None:
    """Each fault of the contract is covered by one row, and each row says why and is used."""
    table = POLICY
    covered = [words for rule in table.values() for words in rule.covers]
    assert len(covered) == len(set(covered))
    for status in (400, 403, 404, 408, 409, 412, 429, 499, 500, 501, 502, 503, 504, 520, 599):
        assert str(status) in covered
        assert str(status) in rule_for(str(status)).covers
    assert set(covered) >= {*cells.INJECTIONS, *APART}
    assert all(rule.reason and rule.covers for rule in table.values())
    assert {field.name for field in attrs.fields(FaultRule)} >= {"action", "reason", "may_exist"}
    assert all(issubclass(rule.raises, EarthEngineError) for rule in table.values())
