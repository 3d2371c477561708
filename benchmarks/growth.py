"""How cost grows: with the bytes of a submit, and with what is waited for, listed, or in a graph."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import earthengine_export as eex

from . import servers
from .measuring import timed
from .servers import PROJECT, operation

PLOT = Path(__file__).with_name("growth.svg")
ENOUGH = 0.05  # seconds of work in a measurement; smaller ones are repeated

Sizes = dict[str, tuple[str, list[int]]]
SIZES: Sizes = {
    "submit": ("bytes", [1_000, 10_000, 100_000, 1_000_000, 10_000_000]),
    "wait, one round": ("operations", [10, 100, 1_000, 10_000, 30_000]),
    "list": ("operations", [100, 1_000, 10_000, 100_000]),
    "graph from eex.call": ("nodes", [10, 100, 1_000, 10_000, 100_000, 300_000]),
}


def _submit(client: eex.Client, size: int) -> Callable[[], object]:
    image = eex.load("x" * size)
    to = eex.CloudStorage("my-bucket", filename_prefix="tile_000000")  # as the static server answers
    return lambda: client.submit(eex.ImageExport(image, to=to, description="tile_000000"))


def _wait(client: eex.Client, size: int) -> Callable[[], object]:
    operations = [client.operation(operation(number)["name"]) for number in range(size)]
    return lambda: client.wait_all(operations, 0)


def _list(client: eex.Client, size: int) -> Callable[[], object]:
    def listed() -> None:
        assert sum(1 for _ in islice(client.operations(), size)) == size

    return listed


def _graph(_: eex.Client, size: int) -> Callable[[], object]:
    """Each image has five nodes and is named ten times, so that the largest graph fits into a request."""

    def built() -> Any:
        half = eex.call("Image.constant", value=0.5)
        images = [
            eex.call("Image.add", image1=eex.call("Image.constant", value=number), image2=half)
            for number in range(max(1, size // 15))
        ]
        collection = eex.call("ImageCollection.fromImages", images=(images * 10)[: max(1, size * 10 // 15)])
        mosaic = eex.call("ImageCollection.mosaic", collection=collection)
        return eex.ImageExport(mosaic, to=eex.CloudStorage("my-bucket")).to_request("id").to_dict()

    return built


WAYS = {"submit": _submit, "wait, one round": _wait, "list": _list, "graph from eex.call": _graph}


@contextmanager
def _client(most: int) -> Iterator[eex.Client]:
    with (
        servers.running(operations=most) as url,
        eex.fake_time(),
        eex.Client(PROJECT, eex.anonymous(), url) as client,
    ):
        yield client


def measured(sizes: Sizes, rounds: int) -> dict[str, dict[int, float]]:
    """Seconds of CPU by size, of each way: the least of some rounds, which nothing else made longer."""
    most = max(sizes[name][1][-1] for name in ("wait, one round", "list"))
    found: dict[str, dict[int, float]] = {name: {} for name in sizes}
    with _client(most) as client:
        for name, (_, counts) in sizes.items():
            for size in counts:
                work = WAYS[name](client, size)
                once = timed(work).cpu
                times = max(1, int(ENOUGH / max(once, 1e-6)))
                repeated = partial(_repeat, work, times)
                found[name][size] = min(timed(repeated).cpu for _ in range(rounds)) / times
    return found


def _repeat(work: Callable[[], object], times: int) -> None:
    for _ in range(times):
        work()


def slope(costs: dict[int, float]) -> float:
    """What one more costs between the two largest sizes, of what one more costs before: 1 is linear."""
    *_, small, middle, large = costs
    last = (costs[large] - costs[middle]) / (large - middle)
    before = (costs[middle] - costs[small]) / (middle - small)
    return last / max(before, 1e-12)


def plot(found: dict[str, dict[int, float]], sizes: Sizes, target: Path) -> None:
    """Draw cost against size, both by powers of ten, with lines that are linear behind."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "growth"  # the same figures, the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    for exponent in range(-10, 3):
        axes.plot([1, 1e8], [10.0**exponent, 10.0 ** (exponent + 8)], color="0.9", linewidth=0.8, zorder=0)
    for (name, costs), marker in zip(found.items(), "osv^", strict=True):
        axes.plot(list(costs), list(costs.values()), marker=marker, label=f"{name} ({sizes[name][0]})")
    everything = [cost for costs in found.values() for cost in costs.values()]
    axes.set(xscale="log", yscale="log", xlabel="size", ylabel="seconds of CPU", xlim=(5, 2e7))
    axes.set_ylim(min(everything) / 2, max(everything) * 2)
    axes.set_title("How cost grows; the grey lines are linear")
    axes.legend(frameon=False)
    figure.savefig(target, metadata={"Date": None} if target.suffix == ".svg" else None)
    pyplot.close(figure)
