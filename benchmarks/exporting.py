"""The client beside its peers: submits, waits, graphs, and how their cost grows."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

from . import graphs, growth, servers, waiting
from .contenders import AT_ONCE, CONTENT, Work, initialize_official, many_at_once, one_at_a_time
from .measuring import Sample, in_turns, timed
from .report import Report
from .sizes import Size

OURS, OURS_ASYNC = "earthengine-export, sync", "earthengine-export, async"
THREADS, OFFICIAL_THREADS = "earthengine-export, sync, 40 threads", "earthengine-api, 40 threads"
BARE = "httpx.Client, one at a time"


def submitting(report: Report, size: Size) -> None:
    """Submit one at a time."""
    count = size.requests // 4
    with servers.running() as url, one_at_a_time(url) as submitters:
        initialize_official(url)
        found = in_turns({name: _repeated(work, count) for name, work in submitters.items()}, 3 * size.rounds)
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
    ratio, what = found[OURS].wall / bare.wall, "submit, one at a time"
    report.at_most(
        "19.2", f"{what}: wall time, of a bare httpx.Client loop; with an extra `fast`", 0.75, ratio
    )
    report.at_most("19.2", f"{what}: wall time, of a bare httpx.Client loop; without `fast`", 1.15, ratio)
    official = found["earthengine-api"].wall / found[OURS].wall
    report.at_least("19.2", f"{what}: rate, of the official client's", 3, official)


def submitting_at_once(report: Report, size: Size, delay: float) -> None:
    """Submit with 40 requests in flight."""
    count = size.requests if delay else size.requests // 2
    rounds = max(1, size.rounds // 2) if delay else 2 * size.rounds
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
    what = f"{AT_ONCE} at once, {f'latency {delay * 1e3:.0f} ms' if delay else 'loopback'}"
    ours, threads = (count / found[name].wall / bound for name in (OURS_ASYNC, THREADS))
    if delay:
        report.at_least(
            "19.2", f"{what}: rate, of the bound of {bound:.0f}/s; with an extra `fast`", 0.93, ours
        )
        report.at_least("19.2", f"{what}: rate, of the bound of {bound:.0f}/s; without `fast`", 0.5, ours)
        report.at_least("19.2", f"{what}, 40 threads: rate, of the bound of {bound:.0f}/s", 0.9, threads)
        ratio = found[OURS_ASYNC].cpu / found[OFFICIAL_THREADS].cpu
        report.at_most("19.2", f"{what}: CPU, of the official client's in 40 threads", 0.25, ratio)
    else:
        report.at_least("19.2", f"{what}: rate, of a bare sequential httpx loop", 1.6, ours)
        report.at_least("19.2", f"{what}, 40 threads: rate, of a bare sequential httpx loop", 0.9, threads)
    most = max(made[name] for name in (OURS_ASYNC, THREADS))
    report.at_most("11.10", f"{what}: connections, of requests in flight", 1, most / AT_ONCE)


def _repeated(work: Work, count: int) -> Callable[[], Sample]:
    return partial(timed, partial(work, count))


def waiting_for_many(report: Report, size: Size) -> None:
    """One round of waiting."""
    count = size.operations
    with (
        servers.running(operations=count) as url,
        servers.running(changing=True, operations=count) as changing,
    ):
        initialize_official(url)
        with waiting.contenders(url, changing, count, size.asked) as contenders:
            found = in_turns(contenders, size.rounds)
    official, one_by_one = found["earthengine-api, listOperations"], found["earthengine-api, getTaskStatus"]
    report.table(
        f"One round of waiting for {count:,} operations",
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
    what = f"waiting for {count:,}: time of a round"
    changed = found["earthengine-export, sync, every page changed"].wall / official.wall
    report.at_most("19.2", f"{what}, every page changed, of the official client's list call", 0.9, changed)
    ours = found[OURS].wall
    report.at_most("11.10", f"{what}, of the official client's list call", 1.1, ours / official.wall)
    report.at_least("11.10", f"{what}, how often it fits into one-by-one status", 90, one_by_one.wall / ours)


def large_graphs(report: Report, size: Size) -> None:
    """Build and encode requests."""
    with servers.running() as url:
        initialize_official(url)
        for nodes in size.nodes:
            ways = graphs.contenders(nodes, url)
            found = in_turns(
                {name: partial(timed, way) for name, way in ways.items()}, max(1, size.rounds // 2)
            )
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
    what = f"a graph of {nodes:,} nodes"
    graph, calls, objects = (
        found[f"earthengine-export, from {source}"].cpu
        for source in ("the graph", "eex.call", "an ee object")
    )
    official = found["earthengine-api and ee-client, from an ee object"].cpu
    report.at_most("11.10", f"{what}: CPU, of json.dumps", 1.2, graph / baseline.cpu)
    report.at_most("19.2", f"{what}, from eex.call: CPU, of json.dumps", 5, calls / baseline.cpu)
    report.at_most("19.2", f"{what}, from an ee object: CPU, of the official client's", 1, objects / official)


def growing(report: Report, size: Size, plot: Path) -> None:
    """How cost grows."""
    found = growth.measured(size.growth, max(1, size.rounds // 3))
    report.table(
        "How cost grows",
        ["size", "CPU ms", "µs for one more"],
        {
            f"{name}, {count:,}": [size.growth[name][0], f"{cost * 1e3:,.2f}", more]
            for name, costs in found.items()
            for (count, cost), more in zip(costs.items(), _increments(costs), strict=True)
        },
    )
    growth.plot(found, size.growth, plot)
    report.note(f"![How cost grows, by powers of ten]({plot.name})")
    for name, costs in found.items():
        what = f"{name}: what one more costs at the most, of what it costs before; 1 is linear"
        report.at_most("19.4", what, 1.3, growth.slope(costs))


def _increments(costs: dict[int, float]) -> list[str]:
    steps = [(more - less) / (many - few) for (few, less), (many, more) in pairwise(costs.items())]
    return ["", *(f"{step * 1e6:,.3g}" for step in steps)]
