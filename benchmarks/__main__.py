"""Measure all, print it, and write results.md: `make bench`, or `python -m benchmarks --rounds 3`."""

import argparse
import os
import platform
import re
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path

from . import evaluating, graphs, installs, servers, starting, waiting
from .contenders import AT_ONCE, CONTENT, Work, initialize_official, many_at_once, one_at_a_time
from .measuring import Sample, in_turns, timed

RESULTS = Path(__file__).with_name("results.md")
NOTES = Path(__file__).with_name("notes.md")
DELAY = 0.1  # seconds, where the server is far away
OURS, OURS_ASYNC = "earthengine-export, sync", "earthengine-export, async"
THREADS, OFFICIAL_THREADS = "earthengine-export, sync, 40 threads", "earthengine-api, 40 threads"
BARE = "httpx.Client, one at a time"


class Report:
    """The tables as they grow, and the bounds of DESIGN.md."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.bounds: list[tuple[str, str, float, bool]] = []

    def table(self, title: str, columns: list[str], rows: Mapping[str, list[str]]) -> None:
        """Add a table, one row for each contender."""
        self.lines += [
            "",
            f"## {title}",
            "",
            f"| | {' | '.join(columns)} |",
            "| --- " * (len(columns) + 1) + "|",
        ]
        self.lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
        print("\n".join(self.lines[-len(rows) - 5 :]), flush=True)

    def at_most(self, what: str, bound: float, measured: float) -> None:
        """Hold a ratio against a bound of DESIGN.md."""
        self.bounds.append((what, f"at most {bound:.3g}", measured, measured <= bound))

    def at_least(self, what: str, bound: float, measured: float) -> None:
        """Hold a ratio against a bound of DESIGN.md."""
        self.bounds.append((what, f"at least {bound:.3g}", measured, measured >= bound))

    def text(self) -> str:
        """All of it as Markdown."""
        bounds = [
            f"| {what} | {bound} | {measured:.2f} | {'yes' if holds else '**no**'} |"
            for what, bound, measured, holds in self.bounds
        ]
        head = [
            "# Benchmarks",
            "",
            "Written by `make bench`; the notes at the end are from notes.md.",
            "",
            *_machine(),
            "",
            "## The bounds of DESIGN.md",
            "",
            "| | bound | measured | holds |",
            "| --- | --- | --- | --- |",
            *bounds,
        ]
        return "\n".join([*head, *self.lines, "", NOTES.read_text(encoding="utf-8")])


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


def submitting(report: Report, rounds: int) -> None:
    """Submit one at a time."""
    count = 100
    with servers.running() as url, one_at_a_time(url) as submitters:
        initialize_official(url)
        found = in_turns({name: _repeated(work, count) for name, work in submitters.items()}, rounds)
    bare = found["httpx.Client"]
    report.table(
        f"Submit, one at a time ({len(CONTENT):,} bytes)",
        ["requests/s", "CPU ms each", "wall, of httpx.Client's", "CPU, of httpx.Client's"],
        {
            name: [
                f"{count / one.wall:,.0f}",
                f"{one.cpu / count * 1e3:.2f}",
                f"{one.wall / bare.wall:.2f}",
                f"{one.cpu / bare.cpu:.2f}",
            ]
            for name, one in found.items()
        },
    )
    report.at_most(
        "submit, one at a time: wall time, of a bare httpx.Client loop", 1.1, found[OURS].wall / bare.wall
    )
    official = found["earthengine-api"]
    report.at_least(
        "submit, one at a time: rate, of the official client's", 2.3, official.wall / found[OURS].wall
    )


def submitting_at_once(report: Report, rounds: int, delay: float) -> None:
    """Submit with 40 requests in flight."""
    count = 400 if delay else 200
    with servers.running(delay) as url, many_at_once(url) as submitters:
        initialize_official(url)
        if delay:
            del submitters[BARE]  # it takes 100 ms for each
        made = {}
        for name, work in submitters.items():
            before = servers.connections(url)
            work(count)
            made[name] = servers.connections(url) - before - 1
        found = in_turns({name: _repeated(work, count) for name, work in submitters.items()}, rounds)
    bound = AT_ONCE / delay if delay else count / found[BARE].wall
    report.table(
        f"Submit, {AT_ONCE} at once, " + (f"{delay * 1e3:.0f} ms of latency" if delay else "loopback"),
        [
            "requests/s",
            "CPU ms each",
            f"rate, of {bound:.0f}/s" if delay else "rate, of httpx.Client's one at a time",
            f"connections opened for the first {count}",
        ],
        {
            name: [
                f"{count / one.wall:,.0f}",
                f"{one.cpu / count * 1e3:.2f}",
                f"{count / one.wall / bound:.2f}",
                str(made[name]),
            ]
            for name, one in found.items()
        },
    )
    what = f"submit, {AT_ONCE} at once, {f'latency {delay * 1e3:.0f} ms' if delay else 'loopback'}"
    if delay:
        report.at_least(f"{what}: rate, of the bound of 400/s", 0.85, count / found[OURS_ASYNC].wall / bound)
        ratio = found[OURS_ASYNC].cpu / found[OFFICIAL_THREADS].cpu
        report.at_most(f"{what}: CPU, of the official client's in 40 threads", 0.4, ratio)
    else:
        report.at_least(
            f"{what}: rate, of a bare sequential loop's", 1, count / found[OURS_ASYNC].wall / bound
        )
    most = max(made[name] for name in (OURS_ASYNC, THREADS))
    report.at_most(f"{what}: connections, of requests in flight", 1, most / AT_ONCE)


def _repeated(work: Work, count: int) -> Callable[[], Sample]:
    return partial(timed, partial(work, count))


def waiting_for_many(report: Report, rounds: int) -> None:
    """One round of waiting."""
    with servers.running() as url:
        initialize_official(url)
        with waiting.contenders(url) as contenders:
            found = in_turns(contenders, rounds)
    official, one_by_one = found["earthengine-api, listOperations"], found["earthengine-api, getTaskStatus"]
    report.table(
        f"One round of waiting for {servers.OPERATIONS:,} operations that are as they were",
        ["ms", "CPU ms", "wall, of listOperations'", "wall, of getTaskStatus'"],
        {
            name: [
                f"{one.wall * 1e3:,.0f}",
                f"{one.cpu * 1e3:,.0f}",
                f"{one.wall / official.wall:.2f}",
                f"1/{one_by_one.wall / one.wall:.0f}",
            ]
            for name, one in found.items()
        },
    )
    what = f"waiting for {servers.OPERATIONS:,}: time of a round"
    report.at_most(f"{what}, of the official client's list call", 1.1, found[OURS].wall / official.wall)
    report.at_least(
        f"{what}, how often it fits into the one-by-one status", 90, one_by_one.wall / found[OURS].wall
    )


def large_graphs(report: Report, rounds: int) -> None:
    """Build and encode requests."""
    with servers.running() as url:
        initialize_official(url)
        for nodes in (10_000, 100_000):
            ways = graphs.contenders(nodes, url)
            found = in_turns({name: partial(timed, way) for name, way in ways.items()}, rounds)
            baseline = next(iter(found.values()))
            report.table(
                f"A request with a graph of {nodes:,} nodes",
                ["ms", "CPU ms", "wall, of json.dumps'", "CPU, of json.dumps'"],
                {
                    name: [
                        f"{one.wall * 1e3:,.1f}",
                        f"{one.cpu * 1e3:,.1f}",
                        f"{one.wall / baseline.wall:.2f}",
                        f"{one.cpu / baseline.cpu:.2f}",
                    ]
                    for name, one in found.items()
                },
            )
    ours = found["earthengine-export, from the graph"]
    report.at_most("a graph of 100,000 nodes: CPU, of json.dumps'", 1.2, ours.cpu / baseline.cpu)


def importing(report: Report, rounds: int) -> None:
    """Install and import."""
    sizes = installs.install()
    found = in_turns(installs.imports(), 2 * rounds + 1)
    official = found["earthengine-api"]
    report.table(
        "Cold import",
        ["ms", "MiB", "time, of import ee's", "memory, of import ee's"],
        {
            name: [
                f"{one.wall * 1e3:.0f}",
                f"{one.memory:.1f}",
                f"{one.wall / official.wall:.2f}",
                f"{one.memory / official.memory:.2f}",
            ]
            for name, one in found.items()
        },
    )
    report.table(
        "Installed, with all that it needs",
        ["MB", "of earthengine-api's"],
        {name: [f"{size:.1f}", f"{size / sizes['earthengine-api']:.2f}"] for name, size in sizes.items()},
    )
    ours = found["earthengine-export"]
    report.at_most("import: time, of import ee's", 0.45, ours.wall / official.wall)
    report.at_most("import: memory, of import ee's", 0.5, ours.memory / official.memory)
    loaded = installs.loaded_by(installs.IMPORTS["earthengine-export, and a client"])
    report.at_most("import: modules of credentials that a client without any loads", 0, len(loaded))
    report.at_most(
        "install: disk, of earthengine-api's", 0.2, sizes["earthengine-export"] / sizes["earthengine-api"]
    )


def starting_the_command_line(report: Report, rounds: int) -> None:
    """From the start of the process to its end, with bytecode as an installed package has it."""
    found = in_turns(starting.starts(), 2 * rounds + 1)
    httpx = found[starting.HTTPX]
    report.table(
        "The command line",
        ["ms", "CPU ms", "time, of import httpx's"],
        {
            name: [f"{one.wall * 1e3:.0f}", f"{one.cpu * 1e3:.0f}", f"{one.wall / httpx.wall:.2f}"]
            for name, one in found.items()
        },
    )
    report.at_most(
        "the command line: --help, of import httpx's time", 2, found[starting.HELP].wall / httpx.wall
    )


def computing(report: Report) -> None:
    """What the emulator computes of public scripts, and how it computes a median of many scenes."""
    whole, count, missing = evaluating.share()
    seconds, memory = evaluating.median_of_scenes()
    lacking = ", ".join(f"{name} {number}" for name, number in list(missing.items())[:8])
    side = evaluating.SIDE
    report.table(
        "The emulator",
        ["figure", ""],
        {
            "public scripts whose functions it all knows": [
                f"{whole} of {count}, {whole / count:.0%}",
                f"lacking most: {lacking}",
            ],
            f"a median of {evaluating.SCENES} scenes of {side:,} x {side:,} pixels": [
                f"{seconds:.1f} s, {memory:.0f} MiB",
                "computed and written, in blocks",
            ],
        },
    )
    report.at_least("the emulator: share of public scripts that it computes", 0.75, whole / count)
    report.at_most("the emulator: memory of the median, of 1 GiB", 1, memory / 1024)


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured")
    rounds = parser.parse_args().rounds
    report = Report()
    submitting(report, 3 * rounds)
    submitting_at_once(report, 2 * rounds, 0.0)
    submitting_at_once(report, max(1, rounds // 2), DELAY)
    waiting_for_many(report, rounds)
    large_graphs(report, max(3, rounds // 2))
    importing(report, rounds)
    starting_the_command_line(report, rounds)
    computing(report)
    RESULTS.write_text(report.text(), encoding="utf-8")
    print(f"\nwritten: {RESULTS.name}")


if __name__ == "__main__":
    main()
