"""How long the pauses are, and when there are no more of them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export.errors import ConnectionFailed, InvalidArgument, InvalidArgumentType, RateLimited
from tests.clocks import timed_client
from tests.faults.cells import export
from tests.worlds import World

BROKEN = ConnectionFailed("gone", fault="connection-broken")


def pause(retry: eex.Retry, attempt: int, elapsed: float = 0, random: float = 1) -> float | None:
    return retry.pause(BROKEN, method="get", attempt=attempt, elapsed=elapsed, random=random)


def test_the_defaults() -> None:
    assert [pause(eex.Retry(), attempt) for attempt in range(1, 7)] == [1, 2, 4, 8, 16, None]
    assert pause(eex.Retry(), 1, random=0) == 0.5
    assert [pause(eex.Retry(retries=10), attempt) for attempt in (6, 7, 10)] == [32, 60, 60]
    assert pause(eex.Retry(retries=10**9), 10**6) == 60


@given(attempt=st.integers(1, 10**6), random=st.floats(0, 1), initial=st.floats(0, 1e6))
def test_the_jitter(attempt: int, random: float, initial: float) -> None:
    retry = eex.Retry(retries=10**7, initial=initial, maximum=50, deadline=math.inf)
    whole = pause(retry, attempt)
    seconds = pause(retry, attempt, random=random)
    assert whole is not None
    assert seconds is not None
    assert whole / 2 <= seconds <= whole <= 50


def test_the_deadline() -> None:
    retry = eex.Retry(deadline=10)
    assert pause(retry, 1, elapsed=9) == 1
    assert pause(retry, 1, elapsed=9.5) is None


@pytest.mark.parametrize(("asked", "seconds"), [(0.0, 1), (0.5, 1), (30.0, 30), (1e9, 120), (math.inf, 120)])
def test_retry_after(asked: float, seconds: float) -> None:
    error = RateLimited("slower", status=429, retry_after=asked)
    assert eex.Retry().pause(error, method="get", attempt=1, elapsed=0, random=1) == seconds


@pytest.mark.parametrize("name", ["retries", "initial", "maximum", "retry_after_limit", "deadline"])
def test_values_that_cannot_be(name: str) -> None:
    for value in (-1, math.nan):
        with pytest.raises(InvalidArgument, match=rf"Retry\.{name}="):
            eex.Retry(**{name: value})  # type: ignore[arg-type] # retries is an int
    for wrong in ("1", None, timedelta(seconds=1)):
        with pytest.raises(InvalidArgumentType, match=rf"Retry\.{name}="):
            eex.Retry(**{name: wrong})  # type: ignore[arg-type] # as a caller without a type checker does


def test_the_deadline_ends_a_submit(world: World, emulator: Emulator) -> None:
    client, clock, _ = timed_client(world, emulator, retry=eex.Retry(deadline=5))
    emulator.fail("export", "status", status=503, times=None)
    with pytest.raises(eex.ServerError) as caught:
        world.get(client.submit(export()))
    assert (clock.sleeps, caught.value.attempts) == ([1, 2], 3)


def http_date(**ago: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**ago), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "100000"}, 120),
        ({"Retry-After": http_date(hours=1), "Date": http_date()}, 120),
        ({"Retry-After": http_date(hours=-1), "Date": http_date()}, 1),
        ({"Retry-After": "soon"}, 1),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "Mon, 99 Abc 99999 99:99:99 GMT"}, 1),
    ],
)
def test_the_header(world: World, emulator: Emulator, headers: dict[str, str], seconds: float) -> None:
    client, clock, _ = timed_client(world, emulator)
    emulator.fail("export", "status", status=429, headers=headers)
    world.get(client.submit(export()))
    assert clock.sleeps == [seconds]


def test_no_retries(world: World, emulator: Emulator) -> None:
    client: Any = world.client(emulator.base_url, retry=eex.Retry(retries=0))
    emulator.fail("export", "reset")
    with pytest.raises(eex.ConnectionFailed) as caught:
        world.get(client.submit(export()))
    assert caught.value.attempts == 1
