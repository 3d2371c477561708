"""How things are measured: in turns, over and over, and the median counts."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple


class Sample(NamedTuple):
    """What something took.

    Attributes:
        wall: Seconds on the clock.
        cpu: Seconds of this process's CPU, all threads.
        memory: The largest resident size in MiB, where that was measured.
    """

    wall: float
    cpu: float
    memory: float = 0.0


def peak() -> float:
    """The most MiB that this process has held. Not by getrusage, which remembers how large the parent was."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def timed(work: Callable[[], object]) -> Sample:
    """Do it once, with no garbage of whoever came before to collect."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Sample(time.perf_counter() - wall, time.process_time() - cpu)


def in_turns(contenders: Mapping[str, Callable[[], Sample]], rounds: int) -> dict[str, Sample]:
    """Each contender's median of some rounds; they take turns, so that a busy spell hits all alike."""
    seen: dict[str, list[Sample]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            seen[name].append(measure())
    return {
        name: Sample(*(statistics.median(column) for column in zip(*samples, strict=True)))
        for name, samples in seen.items()
    }
