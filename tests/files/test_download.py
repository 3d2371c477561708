"""Files come whole, once, and nothing else is touched."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import rasterio
from rich.console import Console

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.files.conftest import EXPORTS, FILES, Bucket
from tests.worlds import World

Find = Callable[..., Any]
BIG = os.urandom(300_000)
AT_ONCE = eex.Retry(initial=0)
NEVER = eex.Retry(retries=0)


@pytest.fixture
def big(bucket: Bucket) -> Any:
    """An export whose file takes a while: the object, and the ImageExport."""
    bucket.put("side/dem-2.tif", BIG)
    yield bucket.object("side/dem-2.tif")
    bucket.put("side/dem-2.tif", b"small")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_come_and_open(world: World, find: Find, bucket: Bucket, tmp_path: Path) -> None:
    for name in ("one", "records"):
        paths = world.get(find(name).download(tmp_path, export=EXPORTS[name]))
        assert paths == [tmp_path / Path(file).name for file in FILES[name]]
        for path, file in zip(paths, FILES[name], strict=True):
            assert path.read_bytes() == bucket.object(file).read_bytes()
    with rasterio.open(tmp_path / Path(FILES["one"][3]).name) as tile:
        assert tile.read(1)[0, 0] == 32 * 64 + 32
    assert not [name for name in names_in(tmp_path) if name.startswith(".")]


def test_what_is_there_is_not_fetched_again(world: World, find: Find, bucket: Bucket, tmp_path: Path) -> None:
    first = world.get(find("one").download(tmp_path, export=EXPORTS["one"]))
    first[2].unlink()
    bucket.emulator.watch.reset()
    assert world.get(find("one").download(str(tmp_path), export=EXPORTS["one"])) == first
    assert len(bucket.ranges()) == 1


def test_nothing_is_overwritten_unless_asked(
    world: World, find: Find, bucket: Bucket, tmp_path: Path
) -> None:
    mine = tmp_path / Path(FILES["one"][3]).name
    mine.write_bytes(b"mine")
    with pytest.raises(eex.TargetExists, match="overwrite=True") as caught:
        world.get(find("one").download(tmp_path, export=EXPORTS["one"]))
    assert caught.value.path == str(mine)
    assert (names_in(tmp_path), mine.read_bytes(), bucket.ranges()) == ([mine.name], b"mine", [])
    world.get(find("one").download(tmp_path, overwrite=True, export=EXPORTS["one"]))
    assert mine.read_bytes() == bucket.object(FILES["one"][3]).read_bytes()


def test_bad_folders(world: World, find: Find, bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / Path(FILES["dash"][0]).name).mkdir()
    for folder, says in (("none", "is not there"), ("file", "is a file"), (".", "is a folder")):
        with pytest.raises(eex.TargetUnusable, match=says):
            world.get(find("dash").download(tmp_path / folder, export=EXPORTS["dash"]))
    with pytest.raises(eex.InvalidArgumentType):
        find("dash").download(None) if not world.is_async else world.get(find("dash").download(None))
    assert bucket.ranges() == []


def test_a_body_that_breaks_off_is_gone_on_with(
    world: World, find: Find, bucket: Bucket, big: Path, tmp_path: Path
) -> None:
    """More often than a request is tried again, since each attempt brings some of it."""
    bucket.emulator.fail("storage.objects.get", "truncate", times=7)
    (path,) = world.get(find("dash", retry=AT_ONCE).download(tmp_path, export=EXPORTS["dash"]))
    assert path.read_bytes() == BIG
    assert bucket.ranges()[:3] == ["", "bytes=150000-", "bytes=225000-"]


def test_a_later_process_goes_on_where_one_broke_off(
    world: World, find: Find, bucket: Bucket, big: Path, tmp_path: Path
) -> None:
    bucket.emulator.fail("storage.objects.get", "truncate")
    with pytest.raises(eex.ConnectionFailed) as caught:
        world.get(find("dash", retry=NEVER).download(tmp_path, export=EXPORTS["dash"]))
    assert "0 of 1 files are whole" in caught.value.__notes__[0]
    (part,) = tmp_path.iterdir()
    assert part.name.startswith(".dem-2.tif.")
    assert part.read_bytes() == BIG[:150_000]
    (path,) = world.get(find("dash").download(tmp_path, export=EXPORTS["dash"]))
    assert path.read_bytes() == BIG
    assert bucket.ranges()[1:] == ["bytes=150000-"]
    assert names_in(tmp_path) == ["dem-2.tif"]


def test_a_part_of_an_older_object_is_thrown_away(
    world: World, find: Find, bucket: Bucket, big: Path, tmp_path: Path
) -> None:
    (tmp_path / ".dem-2.tif.1234.part").write_bytes(b"old")
    world.get(find("dash").download(tmp_path, export=EXPORTS["dash"]))
    assert names_in(tmp_path) == ["dem-2.tif"]


@pytest.mark.parametrize("kind", ["a part", "a body", "a shorter body"])
def test_what_is_wrong_once_is_fetched_anew(
    world: World, find: Find, bucket: Bucket, big: Path, tmp_path: Path, kind: str
) -> None:
    if kind == "a part":
        generation = big.stat().st_mtime_ns // 1000
        (tmp_path / f".dem-2.tif.{generation}.part").write_bytes(b"x" * 200_000)
    else:
        body = "x" * (len(BIG) if kind == "a body" else 5)
        bucket.emulator.fail("storage.objects.get", status=200, body=body)
    (path,) = world.get(find("dash", retry=AT_ONCE).download(tmp_path, export=EXPORTS["dash"]))
    assert path.read_bytes() == BIG


def test_a_wrong_checksum_leaves_nothing(
    world: World, find: Find, bucket: Bucket, big: Path, tmp_path: Path
) -> None:
    bucket.emulator.fail("storage.objects.get", status=200, body="x" * len(BIG), times=None)
    with pytest.raises(eex.ChecksumMismatch) as caught:
        world.get(find("dash", retry=AT_ONCE).download(tmp_path, export=EXPORTS["dash"]))
    assert caught.value.path == str(tmp_path / "dem-2.tif")
    assert names_in(tmp_path) == []


def test_a_full_disk(world: World, find: Find, bucket: Bucket, big: Path, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(eex.TargetUnusable, match="no space"):
            world.get(find("dash").download(tmp_path, export=EXPORTS["dash"]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    (part,) = tmp_path.iterdir()
    assert part.stat().st_size == 100_000
    (path,) = world.get(find("dash").download(tmp_path, export=EXPORTS["dash"]))
    assert path.read_bytes() == BIG
    assert bucket.ranges()[1:] == ["bytes=100000-"]


def test_too_little_space_is_told_before(
    world: World, find: Find, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(eex.TargetUnusable, match="10 are free"):
        world.get(find("one").download(tmp_path, export=EXPORTS["one"]))
    assert bucket.ranges() == []


def test_a_permanent_refusal_ends_all(world: World, find: Find, bucket: Bucket, tmp_path: Path) -> None:
    bucket.emulator.fail("storage.objects.get", status=403, times=None)
    with pytest.raises(
        eex.PermissionDenied, match=r"403: Forbidden\. .*roles/storage\.objectViewer"
    ) as caught:
        world.get(find("one").download(tmp_path, export=EXPORTS["one"], parallel=1))
    assert caught.value.api_method == "storage.objects.get"
    assert len(bucket.ranges()) == 1


def test_faults_that_pass_are_tried_again_as_the_policy_says(
    world: World, find: Find, bucket: Bucket, tmp_path: Path
) -> None:
    sleeps = world.hurry()
    for method in ("storage.objects.list", "storage.objects.get"):
        bucket.emulator.fail(method, status=503)
        bucket.emulator.fail(method, "reset")
        bucket.emulator.fail(method, status=429, headers={"retry-after": "70"})
    assert world.get(find("digit").download(tmp_path, export=EXPORTS["digit"]))
    assert len(sleeps) == 6
    assert sleeps.count(70) == 2
    bucket.emulator.fail("storage.objects.list", "not-object")
    assert world.get(find("digit").files(EXPORTS["digit"])) == ["gs://bucket/side/dem2.tif"]
    bucket.emulator.fail("storage.objects.list", status=503, times=None)
    with pytest.raises(eex.ServerError) as caught:
        world.get(find("digit").files(EXPORTS["digit"]))
    assert caught.value.attempts == 6


@contextmanager
def slow_from_the_middle(base_url: str) -> Iterator[str]:
    """A server before another, whose replies come slowly after their first 100,000 bytes; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = httpx.get(f"{base_url}{self.path}")
            self.send_response(reply.status_code)
            self.send_header("content-type", reply.headers["content-type"])
            self.send_header("content-length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content[:100_000])
            with suppress(OSError):
                for start in range(100_000, len(reply.content), 1000):
                    time.sleep(0.01)
                    self.wfile.write(reply.content[start : start + 1000])

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_interruption_leaves_parts(
    world: World,
    find: Find,
    bucket: Bucket,
    big: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C in a program that blocks, and a task that is cancelled."""
    operation = find("dash")

    def at_first_bytes(interrupt: Callable[[], object]) -> Any:
        return operation.download(
            tmp_path, export=EXPORTS["dash"], on_update=lambda now: now.received and interrupt()
        )

    async def cancelled() -> None:
        with anyio.CancelScope() as scope:
            await at_first_bytes(scope.cancel)
        assert scope.cancelled_caught

    with slow_from_the_middle(bucket.emulator.base_url) as host, monkeypatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", host)
        if world.is_async:
            world.get(cancelled())
        else:
            with pytest.raises(KeyboardInterrupt):
                at_first_bytes(lambda: signal.raise_signal(signal.SIGINT))
    assert not [one for one in threading.enumerate() if one.name == "earthengine-export files"]
    size = sum(part.stat().st_size for part in tmp_path.iterdir())
    assert 0 < size < len(BIG)
    (path,) = world.get(operation.download(tmp_path, export=EXPORTS["dash"]))
    assert path.read_bytes() == BIG
    assert bucket.ranges()[1:] == [f"bytes={size}-"]


def test_progress_is_shown(world: World, find: Find, tmp_path: Path) -> None:
    console = Console(record=True, width=120, force_terminal=False)
    with eex.progress(console=console) as progress:
        operation = find("one")
        world.get(operation.wait(on_update=progress))
        world.get(operation.download(tmp_path, export=EXPORTS["one"], on_update=progress))
    assert "d, download: 4 of 4 files, 0.0 of 0.0 MB, 100%" in console.export_text()
    seen: list[eex.DownloadProgress] = []
    world.get(operation.download(tmp_path, export=EXPORTS["one"], on_update=seen.append))
    assert [one.done for one in seen] == [True]


def test_two_at_once_into_one_folder(
    find: Find, world: World, bucket: Bucket, big: Path, tmp_path: Path
) -> None:
    def fetch() -> None:
        with eex.Client("my-project", eex.anonymous(), base_url=bucket.emulator.base_url) as client:
            client.operation(bucket.names["dash"]).download(tmp_path, export=EXPORTS["dash"])

    others = [threading.Thread(target=fetch) for _ in range(2)]
    for other in others:
        other.start()
    (path,) = world.get(find("dash").download(tmp_path, export=EXPORTS["dash"]))
    for other in others:
        other.join()
    assert path.read_bytes() == BIG
    assert names_in(tmp_path) == ["dem-2.tif"]


def test_without_the_library_it_says_what_to_install(
    world: World, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "google.cloud.storage", None)
    monkeypatch.delattr("google.cloud.storage", raising=False)
    with pytest.raises(ImportError, match="pip install"):
        world.get(find("one").files())


def test_a_pipeline_runs_offline_unchanged(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but EARTHENGINE_EMULATOR_HOST is set."""
    monkeypatch.setenv("EARTHENGINE_EMULATOR_HOST", bucket.emulator.host)
    with eex.Client("my-project") as client:
        operation = client.export_image(eex.load("dem"), to=eex.CloudStorage("offline"), description="dem")
        (path,) = operation.wait().download(tmp_path)
    with rasterio.open(path) as raster:
        assert raster.read(1).max() == 64 * 64 - 1


def test_storage_emulator_host_wins(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports run on one server, and their files are on another."""
    with Emulator(evaluate=False, pending_seconds=0, run_seconds=0) as service:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", bucket.emulator.host)
        with eex.Client("my-project", eex.anonymous(), base_url=service.base_url) as client:
            operation = client.submit(EXPORTS["one"]).wait()
            assert len(operation.download(tmp_path)) == 4
