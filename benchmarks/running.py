"""What is installed, started and run: imports, the command line, the emulator, batches."""

import tempfile
from pathlib import Path

from . import batches, evaluating, installs, serving, starting
from .measuring import in_turns
from .report import Report
from .sizes import Size


def importing(report: Report, size: Size) -> None:
    """Install, import, start."""
    sizes = installs.install()
    found = in_turns(installs.imports(), size.starts)
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
        {name: [f"{one:.1f}", f"{one / sizes['earthengine-api']:.2f}"] for name, one in sizes.items()},
    )
    bare, client, beside = (found[name].wall / official.wall for name in list(found)[:3])
    report.at_most(
        "19.2", "import, and a client made, in a bare environment: time, of import ee", 0.5, client
    )
    report.at_most("19.2", "the same with rich, click and trio beside it", 0.65, beside)
    report.at_most("11.10", "import: time, of import ee", 0.45, bare)
    memory = found["earthengine-export"].memory / official.memory
    report.at_most("11.10", "import: memory, of import ee", 0.5, memory)
    loaded = len(installs.loaded_by("earthengine-export, and a client"))
    report.at_most("11.10", "import: modules of credentials that a client without any loads", 0, loaded)
    disk = sizes["earthengine-export"] / sizes["earthengine-api"]
    report.at_most("11.10", "install: disk, of earthengine-api's", 0.2, disk)


def helping(report: Report, size: Size) -> None:
    """From the start of the command line's process to its end."""
    found = in_turns(starting.starts(), size.starts)
    httpx = found[starting.HTTPX]
    report.table(
        "The command line",
        ["ms", "CPU ms", "time, of import httpx's"],
        {
            name: [f"{one.wall * 1e3:.0f}", f"{one.cpu * 1e3:.0f}", f"{one.wall / httpx.wall:.2f}"]
            for name, one in found.items()
        },
    )
    ratio = found[starting.HELP].wall / httpx.wall
    report.at_most("16.4", "the command line: --help, of import httpx's time", 2, ratio)


def computing(report: Report, size: Size) -> None:
    """What the emulator computes of public scripts, and how it computes a median of many scenes."""
    whole, count, missing = evaluating.share()
    scenes, side = size.scenes
    seconds, memory = evaluating.median_of_scenes(scenes, side)
    lacking = ", ".join(f"{name} {number}" for name, number in list(missing.items())[:8])
    report.table(
        "What the emulator computes",
        ["figure", ""],
        {
            "public scripts whose functions it all knows": [
                f"{whole} of {count}, {whole / count:.0%}",
                f"lacking most: {lacking}",
            ],
            f"a median of {scenes} scenes of {side:,} x {side:,} pixels": [
                f"{seconds:.1f} s, {memory:.0f} MiB",
                "computed and written, in blocks",
            ],
        },
    )
    report.at_least("18.1", "the emulator: share of public scripts that it computes", 0.75, whole / count)
    report.at_most("18.4", "the emulator: memory of the median, of 1 GiB", 1, memory / 1024)


def serving_large(report: Report, size: Size) -> None:
    """How soon the emulator is ready, how many submits it takes, and what large exports cost."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        ready = serving.ready(folder, size.starts)
        submits = serving.submits(folder, size.requests * 15)
        large = {kind: serving.large(folder, kind, size.side) for kind in size.kinds}
    report.table(
        f"The emulator with exports of {size.side:,} x {size.side:,} pixels of three float bands",
        ["s", "MiB at most", "longest wait of a request, ms"],
        {
            kind: [f"{seconds:.0f}", f"{memory:.0f}", f"{longest * 1e3:.0f}"]
            for kind, (seconds, longest, memory) in large.items()
        },
    )
    _, longest, memory = map(max, zip(*large.values(), strict=True))
    report.at_most("17.3", "the emulator: memory of a large export, of 1 GiB", 1, memory / 1024)
    report.at_most("17.3", "the emulator: longest wait of a request meanwhile, s", 0.5, longest)
    report.at_most("17.6", "the emulator: ready after, s", 0.5, ready)
    report.at_least("17.6", "the emulator: submits a second with --no-evaluate", 1_500, submits)


def batching(report: Report, size: Size) -> None:
    """Thousands of exports, end to end."""
    count = size.exports
    found = batches.end_to_end(count)
    report.table(
        f"{count:,} exports from end to end",
        ["s", "requests each", "CPU ms each", "MiB at most"],
        {
            name: [
                f"{one['wall']:.1f}",
                f"{one['requests'] / count:.2f}",
                f"{one['cpu'] / count * 1e3:.2f}",
                f"{one['memory']:.0f}",
            ]
            for name, one in found.items()
        },
    )
    requests = found["earthengine-export, Batch"]["requests"] / count
    report.at_most("14.6", "a batch: requests for each export", 1.2, requests)
    rate, bare = batches.submits_at_latency(count)
    what = f"a batch at 100 ms: submits, of max_in_flight / latency (bare sockets: {bare:.2f})"
    report.at_least("14.12", what, 0.9, rate)
    few, many = batches.memory(*size.jobs)
    what = f"a batch: memory of {size.jobs[1]:,} jobs ({many:.0f} MiB), of {size.jobs[0]:,} ({few:.0f} MiB)"
    report.at_most("14.12", what, 1.2, many / few)
