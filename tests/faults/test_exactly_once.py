"""Whatever becomes of the requests, one submit starts one operation, and the caller holds that one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.auth.exceptions import RefreshError

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.faults.cells import Renewable, export
from tests.worlds import World

DRIVE = eex.Drive(filename_prefix="files")  # where the files are is not told by a URI that names it


@pytest.fixture(scope="session", params=["return", "reject"])
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("once")
    with Emulator(
        folder, folder, evaluate=False, speed=0, max_page_size=2, duplicate_request_id=request.param
    ) as emulator:
        yield emulator


@pytest.fixture
def server(either: Emulator) -> Emulator:
    """An emulator that returns the first operation for a repeated id, and one that refuses it."""
    while either.watch.in_flight:
        time.sleep(0.01)  # a request of the test before, which would take this one's faults
    either.reset()
    return either


@pytest.fixture
def client(world: World, server: Emulator) -> Any:
    world.hurry()
    return world.client(server.base_url)


def created(server: Emulator) -> int:
    return int(server.requests()["operations_created"])


@pytest.mark.parametrize("kind", ["reset", "close", "truncate", "cut-json", "not-object", "html"])
@pytest.mark.parametrize("request_id", [None, "mine"])
def test_the_reply_is_lost(
    world: World, server: Emulator, client: Any, kind: str, request_id: str | None
) -> None:
    for name in ("a", "b", "c"):
        world.get(client.submit(export(name)))
    lost = server.fail("export", kind, work=True)
    operation = world.get(client.submit(export("wanted", request_id=request_id)))
    assert (operation.description, created(server), lost.consumed) == ("wanted", 4, 1)
    assert server.operation(operation.name)["metadata"]["description"] == "wanted"


def test_an_id_is_used_again_for_the_same_export(world: World, server: Emulator, client: Any) -> None:
    first = world.get(client.submit(export("mine", request_id="mine", priority=7)))
    server.advance(1e6)
    again = world.get(client.submit(export("mine", request_id="mine", priority=7)))
    assert (again.name, created(server)) == (first.name, 1)


FIRST: dict[str, Any] = {"description": "mine", "to": eex.CloudStorage("bucket", filename_prefix="files")}


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"description": "other"}, "the description 'mine'"),
        ({"description": None}, "the description 'mine'"),
        ({"priority": 7}, "the priority 100"),
        ({"to": eex.CloudStorage("bucket", filename_prefix="folder/files")}, "the destination"),
        ({"to": eex.Drive(filename_prefix="files")}, "the destination"),
        ({"to": eex.CloudStorage("other", filename_prefix="files")}, "the destination"),
        ({"to": eex.Asset("projects/p/assets/a")}, "the destination"),
    ],
)
def test_an_id_of_another_export_is_never_taken(
    world: World, server: Emulator, client: Any, change: dict[str, Any], shown: str
) -> None:
    first = world.get(client.submit(export(request_id="mine", **FIRST)))
    server.advance(1e6)  # from now on it says where its files are
    with pytest.raises(eex.DuplicateRequest, match="request_id='mine'") as caught:
        world.get(another(client, world, server).submit(export(request_id="mine", **{**FIRST, **change})))
    returned = caught.value.candidates == [first.name]
    assert returned or not caught.value.candidates
    assert (shown in str(caught.value)) == returned
    assert created(server) == 1


def another(client: Any, world: World, server: Emulator) -> Any:
    """A client that knows nothing of what the first one did."""
    world.hurry()
    return world.client(server.base_url)


@pytest.mark.parametrize(
    "change", [{"description": "other"}, {"to": DRIVE}, {"scale": 30}, {"max_pixels": 1e12}, {"priority": 7}]
)
@pytest.mark.parametrize("lost", [False, True])
def test_a_client_knows_what_it_used_an_id_for(
    world: World, server: Emulator, client: Any, change: dict[str, Any], lost: bool
) -> None:
    """Whatever the service's replies tell: nothing is asked."""
    if lost:
        client = world.client(server.base_url, retry=eex.Retry(retries=0))
        server.fail("export", "reset", work=True)
        with pytest.raises(eex.ConnectionFailed):
            world.get(client.submit(export(request_id="mine", **FIRST)))
    else:
        first = world.get(client.submit(export(request_id="mine", **FIRST)))
    before = server.requests()["requests"]
    with pytest.raises(eex.DuplicateRequest, match="for another export") as caught:
        world.get(client.submit(export(request_id="mine", **{**FIRST, **change})))
    assert caught.value.candidates == ([] if lost else [first.name])
    assert ("which may have been started. This one was not" in str(caught.value)) is lost
    assert not caught.value.may_exist
    assert (server.requests()["requests"], created(server)) == (before, 1)


def test_a_refusal_does_not_free_an_id_that_started_one(world: World, server: Emulator, client: Any) -> None:
    world.get(client.submit(export("mine", request_id="mine")))
    server.fail("export", "status", status=403)
    with pytest.raises(eex.PermissionDenied):
        world.get(client.submit(export("mine", request_id="mine")))
    with pytest.raises(eex.DuplicateRequest, match="This client has used"):
        world.get(client.submit(export("other", request_id="mine")))


def test_one_id_is_submitted_twice_at_a_time(world: World, server: Emulator, client: Any) -> None:
    """One of the two is refused while the other goes well."""
    slow = server.fail("export", "pass", delay=0.3)
    server.fail("export", "status", status=403)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(lambda: world.get(client.submit(export("mine", request_id="mine"))))
        while not slow.consumed:  # a request that is only in flight may still be overtaken
            time.sleep(0.001)
        with pytest.raises(eex.PermissionDenied):
            world.get(client.submit(export("mine", request_id="mine")))
        assert first.result().description == "mine"
    with pytest.raises(eex.DuplicateRequest, match="This client has used"):
        world.get(client.submit(export("other", request_id="mine")))


@pytest.mark.parametrize("status", [400, 403, 429])
def test_an_id_that_started_nothing_is_free_again(
    world: World, server: Emulator, client: Any, status: int
) -> None:
    server.fail("export", "status", status=status, times=6)
    with pytest.raises(eex.ApiError):
        world.get(client.submit(export("wrong", request_id="mine")))
    server.reset()
    assert world.get(client.submit(export("right", request_id="mine"))).description == "right"


def test_a_described_export_is_not_taken_for_one_without(world: World, server: Emulator, client: Any) -> None:
    world.get(client.submit(export(None, request_id="mine")))
    with pytest.raises(eex.DuplicateRequest):
        world.get(another(client, world, server).submit(export("mine", request_id="mine")))


LATER = 15.0  # seconds; the clocks may differ by ten


def test_an_older_operation_needs_something_to_speak_for_it(
    world: World, server: Emulator, client: Any
) -> None:
    """Without a description, and where no destination is known, nothing tells two exports apart."""
    first = world.get(client.submit(export(None, request_id="mine", to=DRIVE)))
    server.advance(LATER)
    with pytest.raises(eex.DuplicateRequest, match="description") as caught:
        world.get(another(client, world, server).submit(export(None, request_id="mine", to=DRIVE)))
    assert caught.value.candidates == [first.name]
    assert caught.value.may_exist


def test_a_known_asset_speaks_for_an_older_one(world: World, server: Emulator, client: Any) -> None:
    asset = eex.Asset("projects/p/assets/a")
    first = world.get(client.submit(export(None, request_id="mine", to=asset)))
    server.advance(1e6)
    later = another(client, world, server).submit(export(None, request_id="mine", to=asset))
    assert world.get(later).name == first.name


def test_an_id_made_of_the_content_speaks_for_itself(world: World, server: Emulator, client: Any) -> None:
    """An older operation without a description, of whose destination nothing is known yet."""
    one = export(None, to=DRIVE)
    first = world.get(client.submit(one.with_request_id(one.digest())))
    server.advance(LATER)
    later = another(client, world, server)
    if server.operations.settings.duplicate_request_id == "return":
        assert world.get(later.submit(one.with_request_id(one.digest()))).name == first.name
    else:  # the list does not show ids
        with pytest.raises(eex.DuplicateRequest) as caught:
            world.get(later.submit(one.with_request_id(one.digest())))
        assert caught.value.candidates == [first.name]
    changed = export(None, to=DRIVE, scale=999)
    world.get(client.submit(changed.with_request_id(changed.digest())))
    assert created(server) == 2


def test_the_service_has_another_clock(world: World, tmp_path: Any) -> None:
    """What an id of our own has started is looked for by the time that the service's replies tell."""
    with Emulator(
        tmp_path, tmp_path, evaluate=False, clock=lambda: 1e9, duplicate_request_id="reject"
    ) as server:
        world.hurry()
        client = world.client(server.base_url)
        old = world.get(client.submit(export("twin")))
        server.advance(LATER)
        server.fail("export", "reset", work=True)
        assert world.get(client.submit(export("twin"))).name != old.name


@pytest.fixture
def rejecting(tmp_path: Any) -> Iterator[Emulator]:
    with Emulator(tmp_path, tmp_path, evaluate=False, speed=0, duplicate_request_id="reject") as emulator:
        yield emulator


def test_twins_cannot_be_told_apart(world: World, rejecting: Emulator) -> None:
    world.hurry()
    client = world.client(rejecting.base_url)
    twin = world.get(world.client(rejecting.base_url).submit(export("twin")))
    rejecting.fail("export", "reset", work=True)
    with pytest.raises(eex.DuplicateRequest) as caught:
        world.get(client.submit(export("twin")))
    error = caught.value
    assert len(error.candidates) == 2
    assert twin.name in error.candidates
    assert all(name in str(error) for name in [*error.candidates, repr(error.request_id)])


def test_what_differs_tells_twins_apart(world: World, rejecting: Emulator) -> None:
    world.hurry()
    client = world.client(rejecting.base_url)
    for priority in (1, 2):
        world.get(client.submit(export("twin", priority=priority)))
    world.get(client.submit(export("twin", to=eex.Asset("projects/p/assets/a"))))
    rejecting.advance(1e6)
    rejecting.fail("export", "reset", work=True)
    assert world.get(client.submit(export("twin"))).priority == 100
    assert created(rejecting) == 4


def test_the_list_may_lag_behind(world: World, rejecting: Emulator) -> None:
    sleeps = world.hurry()
    client = world.client(rejecting.base_url)
    rejecting.script("next", reply={"name": "projects/my-project/operations/LATE"}, listed=False)
    rejecting.fail("list", "pass")
    rejecting.fail("list", "status", status=200, body={"operations": [late()]})
    rejecting.fail("export", "reset", work=True)
    assert world.get(client.submit(export("late"))).name == late()["name"]
    assert sleeps == [1, 2, 4]  # the one that was found is looked for once more


def late() -> dict[str, Any]:
    return {"name": "projects/my-project/operations/LATE", "metadata": {"description": "late"}}


def test_none_that_is_listed_can_be_it(world: World, rejecting: Emulator) -> None:
    sleeps = world.hurry()
    client = world.client(rejecting.base_url)
    rejecting.script("next", listed=False)
    rejecting.fail("export", "reset", work=True)
    with pytest.raises(eex.DuplicateRequest, match="None that is listed") as caught:
        world.get(client.submit(export("hidden")))
    assert (caught.value.candidates, caught.value.may_exist, len(sleeps)) == ([], True, 3)


def test_the_list_is_refused(world: World, rejecting: Emulator) -> None:
    world.hurry()
    client = world.client(rejecting.base_url)
    rejecting.fail("export", "reset", work=True)
    rejecting.fail("list", "status", status=403)
    with pytest.raises(eex.PermissionDenied) as caught:
        world.get(client.submit(export("wanted")))
    assert caught.value.may_exist
    assert f"request_id={caught.value.request_id!r}" in str(caught.value)


class OnceRenewable(Renewable):
    def refresh(self, request: object) -> None:
        if self.renewals:
            raise RefreshError("The refresh token was revoked.")
        super().refresh(request)


def test_the_credentials_end_after_the_reply_was_lost(world: World, emulator: Emulator) -> None:
    credentials = OnceRenewable()
    credentials.renewals = 1
    world.hurry()
    client = world.client(emulator.base_url, credentials=credentials)
    emulator.fail("export", "reset", work=True)
    emulator.fail("export", "status", status=401)
    with pytest.raises(eex.CredentialsError) as caught:
        world.get(client.submit(export()))
    assert caught.value.may_exist
    assert f"submit again with request_id={caught.value.request_id!r}" in str(caught.value)


@pytest.mark.parametrize("status", [400, 429])
def test_the_queue_is_full(world: World, tmp_path: Any, status: int) -> None:
    with Emulator(
        tmp_path, tmp_path, evaluate=False, speed=0, queue_limit=1, queue_full_status=status
    ) as server:
        sleeps = world.hurry()
        client = world.client(server.base_url)
        world.get(client.submit(export("first")))
        with pytest.raises(eex.QueueFull) as caught:
            world.get(client.submit(export("second")))
        assert server.requests()["requests"] == {"projects.image.export": 2}
        assert (caught.value.attempts, caught.value.may_exist, sleeps) == (1, False, [])
        assert "No export was started. Wait until some tasks have ended" in str(caught.value)
        server.advance(1e6)
        assert world.get(client.submit(export("second"))).description == "second"
        assert caught.value.request_id == "test-2"
        assert caught.value.request_id == "test-2"
