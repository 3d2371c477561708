"""The blocks of a Markdown page, and a folder in which they run as a reader would run them.

- `python` runs, in one namespace for the page; `sh` runs, in one shell for the page.
- A block whose paragraph before it says "Save this as `name`" is written to that file, whatever it is.
- A `text` block right after another is what that one prints; … in it stands for anything.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_SAVE = re.compile(r"[Ss]ave (?:this|it|them) as `([^`]+)`[^\n]*\n\s*\Z")
_END, _FAILED = "-- end of block --", "-- a line failed --"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, text, first line, the file it is to be saved as, and what it prints."""

    language: str
    text: str
    line: int
    save_as: str = ""
    prints: str = ""


def text_of(page: Path) -> str:
    """A page, with what it includes."""
    include = re.compile(r"^```{include} (\S+)\n```$", re.MULTILINE)
    return include.sub(lambda found: (page.parent / found[1]).read_text("utf-8"), page.read_text("utf-8"))


def blocks(page: str) -> list[Block]:
    """The blocks of a page that do something."""
    found: list[Block] = []
    end = 0
    for fence in _FENCE.finditer(page):
        indent, language, text = fence.groups()
        text = re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        between = page[end : fence.start()]
        end = fence.end()
        saved = _SAVE.search(between)
        line = page.count("\n", 0, fence.start()) + 1
        if language == "text" and found and not between.strip():
            before = found.pop()
            found.append(Block(before.language, before.text, before.line, before.save_as, text))
        elif language in ("python", "sh") or saved:
            found.append(Block(language, text, line, saved[1] if saved else ""))
    return found


class Shell:
    """One bash for a page, so that `export`, `cd` and background jobs last from block to block."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        # Said, because background jobs may hold the pipe open after the shell has ended.
        self.run(f"trap \"echo; echo '{_FAILED}'\" EXIT")

    def run(self, text: str) -> str:
        """What the lines print; they must end well."""
        assert self._bash.stdin
        assert self._bash.stdout
        self._bash.stdin.write(f"set -eo pipefail\n{text}\nset +e\necho; echo '{_END}'\n")
        self._bash.stdin.flush()
        printed: list[str] = []
        for line in self._bash.stdout:
            if line.strip() == _END:
                return "".join(printed)
            if line.strip() == _FAILED:
                break
            printed.append(line)
        raise AssertionError("a line failed:\n" + "".join(printed))

    def close(self) -> None:
        """End the shell and whatever it has started."""
        os.killpg(self._bash.pid, signal.SIGTERM)
        self._bash.wait()
        for pipe in (self._bash.stdin, self._bash.stdout):
            if pipe:
                pipe.close()  # not read to its end: what was started may hold it open for a while


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a reader's shell has: this environment's programs first, and a home of its own."""
    return {
        "PATH": os.pathsep.join(
            [str(folder / "stand-ins"), str(Path(sys.executable).parent), os.environ["PATH"]]
        ),
        "HOME": str(folder),
        "MPLBACKEND": "Agg",
        "PYTHONWARNINGS": "default",
        "NO_GCE_CHECK": "true",
        # What pip installs into an environment of its own comes from here, and needs no index.
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **more,
    }


@contextmanager
def shell(folder: Path, variables: dict[str, str]) -> Iterator[Shell]:
    """A shell that ends with the block."""
    opened = Shell(folder, variables)
    try:
        yield opened
    finally:
        opened.close()


def run_page(page: Path, folder: Path, bash: Shell, port: int, captured: Callable[[], str]) -> None:
    """Run a page's blocks in the current folder.

    Args:
        page: The page.
        folder: The current folder.
        bash: The page's shell, in that folder.
        port: Takes the place of 8085, which may be taken.
        captured: What Python has printed since the last call.
    """
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(text_of(page)):
        text = block.text.replace("8085", str(port))
        where = f"{page.name}:{block.line}"
        captured()
        if block.save_as:
            target = folder / block.save_as
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
            continue
        if block.language == "sh":
            printed = bash.run(text)
        else:
            exec(compile("\n" * block.line + text, where, "exec"), names)
            printed = captured()
        if block.prints:
            assert matches(printed, block.prints.replace("8085", str(port))), f"{where} printed:\n{printed}"


def matches(printed: str, expected: str) -> bool:
    """Whether the text was printed, where … stands for anything and space is space."""
    pattern = r"\s+".join(re.escape(word).replace("…", ".*?") for word in expected.split())
    return re.search(pattern, printed, re.DOTALL) is not None
