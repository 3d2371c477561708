"""The live check, against the emulator as it is and turned around."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import live
from earthengine_emulator import Emulator
from live_table import ASSUMPTIONS
from tests.live.proxy import Bends, Exchange, proxy
from tests.live.turned import ACCOUNT, Strict, Turned

PROJECT, BUCKET = "my-secret-project", "my-secret-bucket"
TOOL = Path(live.__file__)


class Holding(Bends):
    """Passes everything on to bends, and lets the operation that `:wait` is tried on run for ever."""

    def __init__(self, emulator: Emulator, bends: Bends) -> None:
        self._emulator, self._bends = emulator, bends

    def before(self, exchange: Exchange) -> None:
        if exchange.key == "hold":
            self._emulator.script("next", run_seconds=1e9)
        self._bends.before(exchange)

    def after(self, exchange: Exchange) -> None:
        self._bends.after(exchange)


@contextmanager
def service(
    monkeypatch: pytest.MonkeyPatch, folder: Path, bends: Bends, **settings: Any
) -> Iterator[Emulator]:
    """An emulator that the tool finds by the environment."""
    with (
        Emulator(folder, folder / "output", speed=50, **settings) as emulator,
        proxy(emulator, Holding(emulator, bends)) as host,
    ):
        monkeypatch.setenv("EARTHENGINE_EMULATOR_HOST", host)
        yield emulator


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str) -> tuple[int, str]:
    """The exit code, and the Markdown."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the handler of this process stays
    output = folder / "evidence.md"
    given = [
        "--project",
        PROJECT,
        "--bucket",
        BUCKET,
        "--output",
        str(output),
        "--hold",
        "0.5",
        "--patience",
        "60",
    ]
    monkeypatch.setattr(sys, "argv", ["live.py", *given, *options])
    return live.main(), output.read_text("utf-8") if output.exists() else ""


def verdicts(page: str) -> dict[str, tuple[str, str]]:
    """What was seen and the verdict, by question."""
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return {row[0]: (row[3], row[4]) for row in rows[2:]}


def left_behind(emulator: Emulator, folder: Path) -> list[str]:
    """Operations that are listed, and files."""
    listed = httpx.get(f"{emulator.base_url}/v1beta/projects/{PROJECT}/operations").json()
    files = [str(path) for path in (folder / "output").glob("[!.]*/**/*") if path.is_file()]
    return [one["name"] for one in listed.get("operations", [])] + files


def test_on_the_emulator_all_is_as_taken_for_granted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with service(monkeypatch, tmp_path, Bends()) as emulator:
        code, page = run(monkeypatch, tmp_path, "--yes")
        assert left_behind(emulator, tmp_path) == []
    found = verdicts(page)
    assert len(found) == len(ASSUMPTIONS)
    assert {question: said for question, said in found.items() if said[1] != "as taken for granted"} == {}
    assert code == 0
    printed = capsys.readouterr().out
    assert "Nothing is left behind." in printed
    names_nothing(page)


def names_nothing(page: str) -> None:
    for secret in (PROJECT, BUCKET, "127.0.0.1", "gserviceaccount", "@"):
        assert secret not in page.replace('"@type', "")
    assert not re.search(r"operations/(?!OPERATION-\d|NOSUCH)\w", page)


def test_turned_around_each_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: set[str] = set()
    with service(monkeypatch, tmp_path, Turned(), duplicate_request_id="reject") as emulator:
        code, page = run(monkeypatch, tmp_path, "--yes")
        assert code == 1, "the library is not written for all of it"
        assert left_behind(emulator, tmp_path) == []
    found = verdicts(page)
    seen |= {
        question for question, said in found.items() if said[1] not in ("as taken for granted", "not seen")
    }
    names_nothing(page)
    assert ACCOUNT not in page
    with service(monkeypatch, tmp_path, Strict()):
        _, page = run(monkeypatch, tmp_path, "--yes")
    assert "another operation | the library takes something else" in page
    seen |= {
        question
        for question, said in verdicts(page).items()
        if said[1] not in ("as taken for granted", "not seen")
    }
    assert {assumption.question for assumption in ASSUMPTIONS} - seen == set()


def test_it_asks_before_it_starts_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def answer(text: str) -> str:
        asked.append(text)
        if len(asked) > 1:
            raise EOFError
        return ""

    monkeypatch.setattr("builtins.input", answer)
    with service(monkeypatch, tmp_path, Bends()) as emulator:
        assert run(monkeypatch, tmp_path)[0] == 2
        assert run(monkeypatch, tmp_path)[0] == 2, "where standard input is closed"
        assert emulator.requests()["operations_created"] == 0
    assert asked == ["Go on? [y/N] "] * 2
    printed = capsys.readouterr().out
    assert "removed at the end" in printed
    assert "nobody is here to answer" in printed


class Keeping(Bends):
    """Says that there is nothing to remove, and removes nothing."""

    def before(self, exchange: Exchange) -> None:
        if exchange.verb == "DELETE" and "/operations/" not in exchange.path:
            exchange.refuse(404, "NOT_FOUND")


def test_what_could_not_be_removed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with service(monkeypatch, tmp_path, Keeping()):
        code, _ = run(monkeypatch, tmp_path, "--yes")
    printed = capsys.readouterr().out
    assert code == 1
    assert f"Could not be removed: gs://{BUCKET}/earthengine-export-live/" in printed
    assert "Nothing is left behind" not in printed


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_behind(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with service(monkeypatch, tmp_path, Bends(), evaluate=False) as emulator:
        options = ("--project", PROJECT, "--bucket", BUCKET, "--yes", "--patience", "60")
        with subprocess.Popen(
            [sys.executable, TOOL, *options],
            cwd=tmp_path,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            until(lambda: emulator.requests()["operations_created"] > 4)
            process.send_signal(number)
            printed = process.communicate()[0]
        assert process.returncode == 130, printed
        assert "Nothing is left behind." in printed
        assert left_behind(emulator, tmp_path) == []
