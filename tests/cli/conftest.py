"""Proves what people and programs see of the command line: it runs in a process, against an emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import pyte
import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from tests.emulator.conftest import write_dem

PROGRAM = str(Path(sys.executable).parent / "earthengine-export")
IMAGE = ("image", "USGS/SRTMGL1_003", "--to", "gs://my-bucket/dem", "--description", "dem")
FAILURE = {"error": {"code": 3, "message": "Export too large"}}


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What programs read."""
        return self.out.splitlines()


class Line:
    """The command line in an empty folder, with an emulator to talk to."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator, self.folder = emulator, folder
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "NO_GCE_CHECK": "true",
            "GOOGLE_CLOUD_PROJECT": "my-project",
            **emulator.environment,
        }

    def start(
        self,
        *words: str,
        stdin: int | IO[str] = subprocess.PIPE,
        stdout: int | IO[str] = subprocess.PIPE,
        stderr: int | IO[str] = subprocess.PIPE,
        **environment: str,
    ) -> subprocess.Popen[str]:
        """The command, which runs."""
        return subprocess.Popen(
            [PROGRAM, *words],
            cwd=self.folder,
            env=self.environment | environment,
            text=True,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )

    def __call__(self, *words: str, stdin: str = "") -> Done:
        """Run the command."""
        with self.start(*words) as process:
            out, err = process.communicate(stdin, timeout=60)
        assert "Traceback" not in err or "--debug" in words
        return Done(process.returncode, out, err)

    def shell(self, text: str) -> Done:
        """Run lines in bash."""
        found = subprocess.run(
            ["bash", "-c", text],
            cwd=self.folder,
            env=self.environment,
            text=True,
            capture_output=True,
            check=False,
        )
        return Done(found.returncode, found.stdout, found.stderr)

    def until(self, process: subprocess.Popen[str], text: str) -> str:
        """What it tells people until it says this."""
        assert process.stderr
        said = ""
        for line in process.stderr:
            said += line
            if text in line:
                return said
        raise AssertionError(said)

    def export(self, name: str = "dem", **script: Any) -> str:
        """The id of an export that is there already, with a life of its own."""
        if script:
            self.emulator.script(**script)
        with eex.Client("my-project", eex.anonymous(), self.emulator.base_url) as client:
            to = eex.CloudStorage("my-bucket", name)
            return client.export_image(eex.load("USGS/SRTMGL1_003"), to=to, description=name).id

    def state(self, operation: str) -> str:
        """How an operation really is."""
        return str(self.emulator.operation(operation)["metadata"]["state"])


class Terminal:
    """A terminal of some size that a command runs on; what programs read goes to a file, unless `is_all`.

    Attributes:
        screen: What is to be seen.
        scrolled: The lines that went off its top.
        out: What programs read.
        written: All that came to it.
        frames: The screens that it came to.
    """

    def __init__(
        self,
        line: Line,
        *words: str,
        columns: int = 80,
        rows: int = 24,
        is_all: bool = False,
        **more: str,
    ) -> None:
        self._screen = pyte.HistoryScreen(columns, rows, history=10_000)
        stream = pyte.ByteStream(self._screen)
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        file = line.folder / "out"
        with file.open("w") as out:
            stdout = follower if is_all else out
            process = line.start(*words, stdin=follower, stdout=stdout, stderr=follower, TERM="xterm", **more)
        os.close(follower)
        self.written, self.frames = "", list[list[str]]()
        while written := _read(leader):
            stream.feed(written)
            self.written += written.decode(errors="replace")
            if not select.select([leader], [], [], 0.05)[0]:  # a screen that is drawn to its end
                self.frames.append(self.screen)
        os.close(leader)
        self.code, self.out = process.wait(), file.read_text()

    @property
    def screen(self) -> list[str]:
        return [text.rstrip() for text in self._screen.display]

    @property
    def scrolled(self) -> list[str]:
        return ["".join(row[at].data for at in sorted(row)).rstrip() for row in self._screen.history.top]


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 1 << 20)
    except OSError:  # the command has ended
        return b""


@pytest.fixture(scope="session")
def session_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("emulator")
    write_dem(folder / "assets" / "USGS" / "SRTMGL1_003.tif")
    with Emulator(folder / "assets", evaluate=False, speed=100, running_limit=100) as emulator:
        yield emulator


@pytest.fixture
def emulator(session_emulator: Emulator) -> Emulator:
    """An emulator that has seen nothing yet."""
    session_emulator.reset()
    return session_emulator


@pytest.fixture
def line(emulator: Emulator, tmp_path: Path) -> Line:
    return Line(emulator, tmp_path)
