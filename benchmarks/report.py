"""The tables as they grow, and the bounds that each figure is held against."""

import os
import platform
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from . import servers

RESULTS = Path(__file__).with_name("results.md")
NOTES = Path(__file__).with_name("notes.md")


class Report:
    """What `make bench` has measured."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.bounds: list[tuple[str, str, str, float, bool]] = []

    def table(self, title: str, columns: list[str], rows: Mapping[str, list[str]]) -> None:
        """Add a table, one row for each contender."""
        self.lines += [
            "",
            f"## {title}",
            "",
            *_rows(["", *columns], [[name, *cells] for name, cells in rows.items()]),
        ]
        print("\n".join(self.lines[-len(rows) - 5 :]), flush=True)

    def note(self, line: str) -> None:
        """Add a paragraph."""
        self.lines += ["", line]

    def at_most(self, issue: str, what: str, bound: float, measured: float) -> None:
        """Hold a figure against a bound of an issue."""
        self._hold(issue, what, f"at most {bound:g}", measured, measured <= bound)

    def at_least(self, issue: str, what: str, bound: float, measured: float) -> None:
        """Hold a figure against a bound of an issue."""
        self._hold(issue, what, f"at least {bound:g}", measured, measured >= bound)

    def _hold(self, issue: str, what: str, bound: str, measured: float, holds: bool) -> None:
        self.bounds.append((issue, what, bound, measured, holds))
        print(f"issue {issue}: {what}: {measured:.3g}, {bound}: {_met(holds)}", flush=True)

    def text(self) -> str:
        """All of it as Markdown."""
        order = sorted(self.bounds, key=lambda row: [int(part) for part in row[0].split(".")])
        held = [
            [issue, what, bound, f"{measured:.3g}", _met(holds)]
            for issue, what, bound, measured, holds in order
        ]
        head = [
            "# Benchmarks",
            "",
            "Written by `make bench` in one run; the notes at the end are from notes.md.",
            "",
            *_machine(),
            "",
            "## The bounds",
            "",
            f"{sum(holds for *_, holds in order)} of {len(order)} are met; the notes tell of the others.",
            "",
            *_rows(["issue", "what", "bound", "measured", ""], held),
        ]
        return "\n".join([*head, *self.lines, "", NOTES.read_text(encoding="utf-8")])


def _met(holds: bool) -> str:
    return "met" if holds else "**missed**"


def _rows(columns: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in [columns, ["---"] * len(columns), *rows]]


def _machine() -> list[str]:
    model = platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists() and (found := re.search(r"model name\s*: (.*)", information.read_text())):
        model = found[1].strip()
    names = ["earthengine-api", "ee-client", "httpx", "attrs"]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"Machine: {os.cpu_count()} cores, {model}, {platform.system()}, Python {platform.python_version()}; "
        f"load average at the end {load}.",
        f"Versions: {', '.join(f'{name} {version(name)}' for name in names)}.",
        f"Server, a process of its own: {'nginx' if servers.nginx_path() else 'ours'}; with latency, ours.",
    ]
