"""One round of waiting for thousands of operations that run: what a waiter does again and again."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from typing import Any

import ee
import eeclient.tasks
import httpx

import earthengine_export as eex

from .contenders import AT_ONCE, ee_client
from .measuring import Sample, timed
from .servers import PROJECT, operation

ROUNDS = 5
SPACING = 10.0  # seconds between two rounds, which nobody sleeps


def _round(wait: Callable[[float], object]) -> Sample:
    """A round of waiting: a wait of some rounds without one of a single round, by the rounds between."""
    one, some = timed(lambda: wait(0)), timed(lambda: wait(ROUNDS * SPACING))
    return Sample(*((more - less) / ROUNDS for more, less in zip(some, one, strict=True)))


def _bare(client: httpx.Client, count: int) -> int:
    seen, token = 0, ""
    while seen < count:
        page = client.get(f"/v1beta/projects/{PROJECT}/operations?pageSize=500&pageToken={token}").json()
        seen += len(page["operations"])
        token = page.get("nextPageToken", "")
    return seen


@contextmanager
def contenders(url: str, changing: str, count: int, asked: int) -> Iterator[dict[str, Callable[[], Sample]]]:
    """Ways to learn how so many operations are, each from clients that stay open.

    Args:
        url: A server whose operations stay as they are.
        changing: One whose operations are all others each time.
        count: How many operations there are.
        asked: How many those who ask one by one are measured with; what they take is multiplied.
    """
    names = [operation(number)["name"] for number in range(count)]
    ids = [name.rpartition("/")[2] for name in names[:asked]]

    def whole(sample: Sample) -> Sample:
        return Sample(*(value * count / asked for value in sample))

    with ExitStack() as stack:
        bare = stack.enter_context(httpx.Client(base_url=url))
        runner = stack.enter_context(asyncio.Runner())
        clients = AsyncExitStack()
        stack.callback(lambda: runner.run(clients.aclose()))
        with eex.fake_time():
            client, busy = (
                stack.enter_context(eex.Client(PROJECT, eex.anonymous(), one)) for one in (url, changing)
            )
            ours = runner.run(clients.enter_async_context(eex.AsyncClient(PROJECT, eex.anonymous(), url)))
        theirs = runner.run(clients.enter_async_context(ee_client(url)))
        operations, moving = ([one.operation(name) for name in names] for one in (client, busy))
        awaited = [ours.operation(one) for one in operations]
        polling = eex.Polling(initial=SPACING, maximum=SPACING, growth=1)

        async def ask_ee_client() -> None:
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(task: str) -> Any:
                async with gate:
                    return await eeclient.tasks.get_task_async(theirs, task)

            await asyncio.gather(*map(one, ids))

        yield {
            "earthengine-export, sync": lambda: _round(
                lambda timeout: client.wait_all(operations, timeout, polling=polling)
            ),
            "earthengine-export, sync, every page changed": lambda: _round(
                lambda timeout: busy.wait_all(moving, timeout, polling=polling)
            ),
            "earthengine-export, async": lambda: _round(
                lambda timeout: runner.run(ours.wait_all(awaited, timeout, polling=polling))
            ),
            "earthengine-api, listOperations": lambda: timed(ee.data.listOperations),
            "httpx.Client, bare list": lambda: timed(lambda: _bare(bare, count)),
            "earthengine-api, getTaskStatus": lambda: whole(timed(lambda: ee.data.getTaskStatus(ids))),
            "ee-client, get_task_async, 40 at once": lambda: whole(
                timed(lambda: runner.run(ask_ee_client()))
            ),
        }
