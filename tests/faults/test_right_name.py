"""The name that a submit gives is its own export's, whatever lags, repeats itself or has a wrong clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import httpx
import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export._run.likeness import contradiction
from earthengine_export.operation_state import OperationState
from tests.faults.cells import export
from tests.worlds import World

DAY = 86_400.0


@pytest.fixture
def server(tmp_path: Any) -> Iterator[Emulator]:
    with Emulator(tmp_path, tmp_path, evaluate=False, speed=0, duplicate_request_id="reject") as emulator:
        yield emulator


def own(kind: str, salt: str) -> eex.ImageExport:
    """The export of a kind, as it is submitted by one run."""
    one = export(None if kind == "without description" else "twin")
    return one.with_request_id(one.digest(salt)) if kind == "id from the content" else one


def with_dates(world: World, server: Emulator, off: float | None) -> Any:
    """An httpx client whose replies have a Date that is off by some seconds, or none."""

    def change(response: httpx.Response) -> None:
        response.headers.pop("date", None)
        if off is not None:
            response.headers["date"] = formatdate(server.operations.clock() + off, usegmt=True)

    async def async_change(response: httpx.Response) -> None:
        change(response)

    hooks: Any = {"response": [async_change if world.is_async else change]}
    made: Any = (httpx.AsyncClient if world.is_async else httpx.Client)(event_hooks=hooks)
    world.at_end(made.aclose if world.is_async else made.close)
    return made


@pytest.mark.parametrize("kind", ["without description", "same description", "id from the content"])
@pytest.mark.parametrize("off", [0.0, None, -DAY, 3600.0], ids=lambda off: f"date off by {off}")
@pytest.mark.parametrize("lag", [0, 1, 99], ids=lambda looks: f"listed after {looks}")
def test_no_other_operation_is_taken(
    world: World, server: Emulator, kind: str, off: float | None, lag: int
) -> None:
    """Yesterday's run, another client and this one have started the same; a reply is lost, the list lags."""
    left = [lag + 1]  # sleeps: the first is the one before the attempt that is refused

    def listed(_: float) -> None:
        left[0] -= 1
        if left[0] == 0:
            server.script(mine(), listed=True)

    def mine() -> str:
        (one,) = {one.name for one in server.operations.queue("my-project").operations._all if one} - {
            *others
        }
        return one

    stranger = world.client(server.base_url)
    with eex.fake_time(listed):
        client = world.client(server.base_url, http_client=with_dates(world, server, off))
    others = [world.get(stranger.submit(own(kind, "yesterday"))).name]
    server.advance(DAY)
    others += [world.get(stranger.submit(own(kind, "another client"))).name]
    others += [world.get(client.submit(own("same description", ""))).name]
    server.advance(60)
    server.script("next", listed=lag == 0)
    server.fail("export", "reset", work=True)
    error = None
    try:
        name = world.get(client.submit(own(kind, "now"))).name
    except eex.DuplicateRequest as caught:
        error = caught
    if error is None:
        assert name == mine()
    else:  # where the clocks are right, the list tells which it is
        assert off is None or off or lag > 1
        assert error.may_exist
        assert lag > 1 or mine() in error.candidates
        assert others[2] not in error.candidates  # this client knows that it is another's


def test_a_reply_that_comes_twice_is_not_taken(world: World, emulator: Emulator) -> None:
    """As where one connection carries a reply once more: the next submit would get the name of the last."""
    world.hurry()
    client = world.client(emulator.base_url)
    for first, second in (
        (export("one"), export("one")),
        (export(None), export(None)),
        (export("one"), export("two")),
        (export("one", request_id="a"), export("one", request_id="b")),
    ):
        before = world.get(client.submit(first))
        emulator.fail("export", "status", status=200, body=before.reply.to_dict())
        assert world.get(client.submit(second)).name != before.name


@pytest.mark.parametrize(
    "metadata",
    [
        {"description": "other"},
        {"type": "EXPORT_FEATURES"},
        {"priority": 8},
        {"createTime": "2020-01-01T00:00:00Z"},
        {"destinationUris": ["gs://other/files.tif"]},
    ],
)
def test_a_reply_of_another_export_is_not_taken(
    world: World, emulator: Emulator, metadata: dict[str, Any]
) -> None:
    world.hurry()
    client = world.client(emulator.base_url)
    stranger = world.get(world.client(emulator.base_url).submit(export("one", priority=7)))
    reply = stranger.reply.to_dict()
    emulator.fail(
        "export", "status", status=200, body={**reply, "metadata": {**reply["metadata"], **metadata}}
    )
    assert world.get(client.submit(export("one", priority=7))).name != stranger.name


@pytest.mark.parametrize(
    ("to", "uri", "same"),
    [
        (eex.CloudStorage("dem"), "https://console.developers.google.com/storage/browser/my-dem/", False),
        (eex.CloudStorage("dem"), "https://console.developers.google.com/storage/browser/dem/", True),
        (eex.CloudStorage("dem", filename_prefix="a/b"), "gs://dem/a/b0000000000-0000000256.tif", True),
        (eex.CloudStorage("dem", filename_prefix="a/b"), "gs://dem/a/", True),
        (eex.CloudStorage("dem", filename_prefix="a/b"), "gs://my-dem/a/b.tif", False),
        (eex.CloudStorage("dem", filename_prefix="a/b"), "gs://dem/aa/b.tif", False),
        (eex.CloudStorage("dem", filename_prefix="a/b"), "gs://dem/a/bb.tif", False),
        (eex.CloudStorage("dem", filename_prefix="a/b"), "https://storage.googleapis.com/dem/a/b.tif", True),
        (eex.CloudStorage("dem"), "https://console.cloud.google.com/storage/browser/dem", True),
        (eex.CloudStorage("dem"), "gs://other/dem/", False),
        (eex.CloudStorage("dem"), "gs://other/dem/0000-0001.tif", False),
        (eex.CloudStorage("browser"), "https://console.cloud.google.com/storage/browser/other/", False),
        (eex.Asset("projects/p/assets/a"), "projects/p/assets/a/b", False),
        (eex.Asset("projects/p/assets/a"), "https://host/?asset=projects/p/assets/a", True),
        (eex.Asset("projects/p/assets/a"), "https://host/?asset=my-projects/p/assets/a", False),
        (eex.Drive("folder"), "https://drive.google.com/#folders/1", True),
        (eex.Drive("folder"), "gs://folder/", False),
        (eex.Drive("folder"), "gs://drive.google.com/", False),
        # Another form than the known ones tells nothing: a good submit must not fail by it.
        (eex.CloudStorage("dem"), "https://www.googleapis.com/storage/v1/b/other/o/dem", True),
        (eex.Drive("folder"), "https://docs.google.com/1", True),
    ],
)  # fmt: skip
def test_what_is_the_same_destination(to: Any, uri: str, same: bool) -> None:
    state = OperationState.from_dict({"metadata": {"destinationUris": [uri]}})
    assert (contradiction(export(None, to=to), state) == "") is same


@pytest.mark.parametrize("salt", ["", "second try"])
@pytest.mark.parametrize("description", [None, "dem"])
def test_an_id_from_the_content_is_known_with_any_salt(
    world: World, emulator: Emulator, salt: str, description: str | None
) -> None:
    """Submitted again five minutes later, by a client that knows nothing of the first."""
    one = export(description)
    first = world.get(world.client(emulator.base_url).submit(one.with_request_id(one.digest(salt))))
    emulator.advance(300)
    again = world.get(world.client(emulator.base_url).submit(one.with_request_id(one.digest(salt))))
    assert again.name == first.name


@pytest.mark.parametrize("request_id", ["tile-1", "digest"])
def test_a_refused_id_that_names_the_export_is_found_after_a_crash(
    world: World, server: Emulator, request_id: str
) -> None:
    world.hurry()
    one = export("tile-1")
    one = one.with_request_id(one.digest("s") if request_id == "digest" else request_id)
    first = world.get(world.client(server.base_url).submit(one))
    server.advance(300)
    assert world.get(world.client(server.base_url).submit(one)).name == first.name


def test_a_description_alone_does_not_tell_an_older_operation(world: World, server: Emulator) -> None:
    world.hurry()
    first = world.get(world.client(server.base_url).submit(export("dem", request_id="mine")))
    server.advance(300)
    with pytest.raises(eex.DuplicateRequest) as caught:
        world.get(world.client(server.base_url).submit(export("dem", request_id="mine")))
    assert caught.value.candidates == [first.name]


def test_the_machine_sleeps_during_a_submit(
    world: World, server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock that pauses are measured with stands still meanwhile; the wall clock does not."""
    now = time.time
    asleep = [0.0]

    def sleep(_: float) -> None:
        server.advance(7200 - asleep[0])
        asleep[0] = 7200.0

    monkeypatch.setattr("time.time", lambda: now() + asleep[0])
    with eex.fake_time(sleep):
        client = world.client(server.base_url)
    server.fail("export", "reset", work=True)
    server.fail("list", "pass")
    assert world.get(client.submit(export("dem"))).description == "dem"


def test_a_page_that_no_url_names(world: World, emulator: Emulator) -> None:
    world.hurry()
    client = world.client(emulator.base_url, retry=eex.Retry(retries=0))
    emulator.fail("list", "status", status=200, body={"nextPageToken": "a" * 70_000})
    with pytest.raises(eex.BadReply, match="70,000 characters"):
        list(world.each(client.operations()))


@pytest.mark.parametrize("token", ["again", "third"])
def test_a_list_that_never_ends(world: World, emulator: Emulator, token: str) -> None:
    world.hurry()
    client = world.client(emulator.base_url, retry=eex.Retry(retries=0))
    emulator.fail("list", "status", status=200, body={"nextPageToken": "again"})
    emulator.fail("list", "status", status=200, body={"nextPageToken": token})
    emulator.fail("list", "status", status=200, body={"nextPageToken": "again"})
    with pytest.raises(eex.BadReply, match="read before"):
        list(world.each(client.operations()))
