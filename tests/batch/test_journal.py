"""What can be wrong with a journal: each is an error that says what to do, and nothing is lost."""

from __future__ import annotations

import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.batch.conftest import ROOT, Scene, export, jobs
from tests.worlds import World


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def test_its_id_is_on_disk_before_the_first_attempt(emulator: Emulator, path: Path) -> None:
    seen, submit = list[tuple[Any, ...]](), emulator.operations.submit

    def watched(project: str, request: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        with sqlite3.connect(path) as db:
            seen.append(
                db.execute(
                    "SELECT state, operation, description FROM jobs WHERE request_id = ?",
                    [request["requestId"]],
                ).fetchone()
            )
        db.close()
        return submit(project, request, *arguments, **options)

    emulator.operations.submit = watched  # type: ignore[method-assign]
    try:
        with eex.Client("my-project", eex.anonymous(), emulator.base_url) as client:
            list(eex.Batch(client, path).run(jobs(5)))
    finally:
        emulator.operations.submit = submit  # type: ignore[method-assign]
    assert sorted(seen) == [("submitted", None, f"tile-{number}") for number in range(5)]


def test_in_use(scene: Scene, path: Path) -> None:
    first, second = scene.batch(path), scene.batch(path)
    running = scene.world.each(first.run(jobs(10)))
    next(running)
    for other in (first, second):
        with pytest.raises(eex.JournalLocked, match="runs"):
            scene.run(other, jobs(10))
    assert second.status()["succeeded"] >= 1  # it may be looked into
    assert len(list(running)) == 9
    assert len(scene.run(second)) == 10 == scene.created()


def test_in_use_by_another_process(emulator: Emulator, path: Path) -> None:
    with Emulator(evaluate=False, speed=1) as slow:
        command = [sys.executable, "-m", "tests.batch.runner", slow.base_url, str(path), "5", "100"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT) as process:
            while slow.requests()["operations_created"] < 5:
                assert process.poll() is None
            with eex.Client("my-project", eex.anonymous(), slow.base_url) as client:
                with pytest.raises(eex.JournalLocked, match="another process") as caught:
                    list(eex.Batch(client, path).run())
                assert str(path) in str(caught.value)
            process.kill()


@pytest.mark.parametrize("journal", [None, "journal.sqlite"])
def test_in_use_before_its_first_outcome(scene: Scene, tmp_path: Path, journal: str | None) -> None:
    batch = scene.batch(journal and tmp_path / journal)
    with batch._runner.ready(), pytest.raises(eex.JournalLocked, match="this batch runs already"):
        scene.run(batch, jobs(1))
    assert len(scene.run(batch, jobs(1))) == 1


def test_another_export_under_the_same_key(scene: Scene, path: Path) -> None:
    scene.run(scene.batch(path), jobs(3))
    changed = [*jobs(5)[3:], ("job 1", export("tile-1", priority=7))]
    with pytest.raises(eex.JobChanged, match="another key") as caught:
        scene.run(scene.batch(path), changed)
    assert caught.value.key == "job 1"
    assert len(scene.run(scene.batch(path), jobs(5))) == 5 == scene.created()


def test_another_project_or_account(scene: Scene, path: Path) -> None:
    scene.run(scene.batch(path), jobs(1))
    other = scene.world.client(scene.emulator.base_url, project="other-project")
    with pytest.raises(eex.JournalMismatch, match="other-project"):
        scene.batch(path, client=other)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE batch SET account = 'somebody@example.com'")
    db.close()
    with pytest.raises(eex.JournalMismatch, match="somebody@"):
        scene.batch(path)


def test_a_newer_schema(scene: Scene, path: Path) -> None:
    scene.run(scene.batch(path), jobs(1))
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    content = path.read_bytes()
    with pytest.raises(eex.JournalTooNew, match=r"99.*Upgrade"):
        scene.batch(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("kind", ["text", "database", "damaged"])
def test_no_journal(scene: Scene, path: Path, kind: str) -> None:
    if kind == "text":
        path.write_text("key,asset\n" * 1000)
    elif kind == "database":
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE mine (a)")
        db.close()
    else:
        scene.run(scene.batch(path), jobs(1))
        path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000)
    content = path.read_bytes()
    with pytest.raises(eex.NotAJournal, match="another file"):
        scene.batch(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("where", ["missing/journal.sqlite", ".", "/proc/journal.sqlite"])
def test_it_cannot_be_written(scene: Scene, tmp_path: Path, where: str) -> None:
    with pytest.raises(eex.JournalUnwritable, match="cannot be written"):
        scene.batch(tmp_path / where)


def test_a_disk_that_is_full(emulator: Emulator, path: Path) -> None:
    # No file of that process may grow beyond this; it stands for a disk that is full.
    limit = 150_000
    command = [sys.executable, "-m", "tests.batch.runner", emulator.base_url, str(path), "400", "2500"]
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert "JournalUnwritable" in ran.stderr
    created = emulator.requests()["operations_created"]
    assert created < 400
    with eex.Client("my-project", eex.anonymous(), emulator.base_url) as client:
        outcomes = list(eex.Batch(client, path, requests_per_second=None).run(jobs(400)))
    assert [outcome.error for outcome in outcomes] == [None] * 400
    assert emulator.requests()["operations_created"] == 400


@pytest.mark.parametrize("what", ["deleted", "replaced", "moved", "unlocked"])
def test_it_is_taken_away_while_it_runs(scene: Scene, tmp_path: Path, what: str) -> None:
    """What is written to a file that nobody finds again would be started a second time."""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "journal.sqlite"
    running = scene.world.each(scene.batch(path, max_in_flight=2, max_queued=10).run(jobs(300)))
    next(running)
    if what == "deleted":
        path.unlink()
    elif what == "replaced":
        shutil.copy(path, tmp_path / "other")
        (tmp_path / "other").replace(path)
    elif what == "moved":
        folder.rename(tmp_path / "elsewhere")
    else:
        (folder / "journal.sqlite-lock").unlink()
    with pytest.raises(eex.JournalUnwritable, match="was moved, deleted or replaced") as caught:
        list(running)
    assert scene.created() < 300
    assert ("Put it back" in str(caught.value)) == (what != "unlocked")
    if rescued := re.search(r"saved as (\S+)\.", str(caught.value)):
        Path(rescued[1]).replace(path)
    assert bool(rescued) == (what in {"deleted", "replaced"})
    known = tmp_path / "elsewhere" / "journal.sqlite" if what == "moved" else path
    outcomes = scene.run(scene.batch(known), jobs(300))
    assert [outcome.error for outcome in outcomes] == [None] * 300
    assert scene.created() == 300


@pytest.mark.parametrize("name", ["a%20b.sqlite", "100%25", "what?.sqlite", "#1.sqlite", " "])
def test_names_that_mean_something_in_a_url(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(scene.run(scene.batch(name), jobs(1))) == 1
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_by_another_name(scene: Scene, path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    running = scene.world.each(scene.batch(path).run(jobs(5)))
    next(running)
    with pytest.raises(eex.JournalLocked):
        scene.run(scene.batch(link))
    assert len(list(running)) == 4


def test_in_memory(world: World, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    batch = Scene(world, emulator).batch()
    assert len(Scene(world, emulator).run(batch, jobs(10))) == 10
    assert batch.report().counts == {"succeeded": 10}
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_that_became_read_only(emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with eex.Client("my-project", eex.anonymous(), emulator.base_url) as client:
        list(eex.Batch(client, path).run(jobs(2)))
    script = (
        "import sys, earthengine_export as eex\n"
        "client = eex.Client('my-project', eex.anonymous(), sys.argv[1])\n"
        "eex.Batch(client, sys.argv[2])\n"
    )
    # Root may write whatever chmod says, but not in a mount that is read-only; others may not mount.
    command = [sys.executable, "-c", script, emulator.base_url, str(path)]
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    mounted = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount, str(tmp_path), *command]
    ran = subprocess.run(mounted, capture_output=True, text=True, timeout=60, cwd=ROOT)
    if "JournalUnwritable" not in ran.stderr:
        path.chmod(0o400)
        tmp_path.chmod(0o500)
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
        tmp_path.chmod(0o700)
    assert "JournalUnwritable" in ran.stderr
    assert "cannot be written" in ran.stderr
    with eex.Client("my-project", eex.anonymous(), emulator.base_url) as client:
        path.chmod(0o600)
        assert len(list(eex.Batch(client, path).run())) == 2
    assert emulator.requests()["operations_created"] == 2
