"""One client among many threads and tasks, after a fork, and after it was closed."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.faults.cells import export, start
from tests.worlds import World

AT_ONCE = 40


def test_one_client_serves_forty_at_once(world: World, tmp_path: Any) -> None:
    with Emulator(tmp_path, tmp_path, evaluate=False, speed=0) as emulator:
        client = world.client(emulator.base_url)
        gets = 10 * AT_ONCE
        names = [world.get(client.submit(export(f"e{number}"))).name for number in range(AT_ONCE)]
        asked = [names[number % AT_ONCE] for number in range(gets)]
        answers = world.get(many(client, asked)) if world.is_async else in_threads(client, asked)
        assert [name for name, _ in answers] == asked
        assert [int(description[1:]) for _, description in answers] == [n % AT_ONCE for n in range(gets)]
        counters = emulator.requests()
        assert counters["requests"]["projects.operations.get"] == gets
        assert counters["connections"]["most_open"] <= AT_ONCE
        assert counters["connections"]["made"] <= AT_ONCE


def in_threads(client: eex.Client, names: list[str]) -> list[tuple[str, str]]:
    def get(name: str) -> tuple[str, str]:
        answer = client.operation(name).refresh()
        return answer.name, answer.description

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(get, names))


async def many(client: eex.AsyncClient, names: list[str]) -> list[tuple[str, str]]:
    answers: list[tuple[str, str]] = [("", "")] * len(names)
    waiting = iter(enumerate(names))

    async def work() -> None:
        for number, name in waiting:
            answer = await client.operation(name).refresh()
            answers[number] = (answer.name, answer.description)

    async with anyio.create_task_group() as tasks:
        for _ in range(AT_ONCE):
            tasks.start_soon(work)
    return answers


FORKED = """
import asyncio, os, sys
import earthengine_export as eex

url, kind = sys.argv[1:]
async def ask(client):
    return await client.operation("X").refresh()

if kind == "sync":
    client = eex.Client("p1", eex.anonymous(), url)
    use = lambda: client.operation("X").refresh()
else:
    client = eex.AsyncClient("p1", eex.anonymous(), url)
    use = lambda: asyncio.run(ask(client))

child = os.fork()
if not child:
    try:
        use()
    except eex.ClientUnusable as error:
        print(error, flush=True)
        os._exit(0)
    os._exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
try:
    use()
except eex.NotFound:
    print("the parent goes on")
"""


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_after_a_fork(emulator: Emulator, kind: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FORKED, emulator.base_url, kind], capture_output=True, text=True, timeout=30
    )
    assert ran.returncode == 0, ran.stderr
    told, after = ran.stdout.splitlines()
    assert "made before a fork" in told
    assert "Make a client in each process." in told
    assert after == "the parent goes on"
    assert emulator.requests()["requests"] == {"projects.operations.get": 1}


def test_after_close(world: World, emulator: Emulator) -> None:
    name = start(emulator)
    client = world.client(emulator.base_url)
    operation = world.get(client.operation(name).refresh())
    world.get(client.submit(export("another")))
    listing = world.each(client.operations(page_size=1))
    assert next(listing).description == "another"
    world.get(client.close())
    before = emulator.requests()["requests"]
    for use in (
        lambda: world.get(client.submit(export())),
        lambda: world.get(operation.wait()),
        lambda: list(world.each(client.operations())),
        lambda: next(listing),
    ):
        with pytest.raises(eex.ClientUnusable, match="This client is closed"):
            use()
    assert emulator.requests()["requests"] == before


def test_closed_between_two_attempts(world: World, emulator: Emulator) -> None:
    with eex.fake_time(lambda _: client.close()):
        client = world.client(emulator.base_url)
    emulator.fail("export", "reset", work=True)
    with pytest.raises(eex.ClientUnusable) as caught:
        world.get(client.submit(export()))
    assert caught.value.may_exist
    assert f"request_id={caught.value.request_id!r}" in str(caught.value)
