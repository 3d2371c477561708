"""Measure all, print it, and write results.md: `make bench`, or `python -m benchmarks --rounds 3`."""

import argparse
import time

from .exporting import growing, large_graphs, submitting, submitting_at_once, waiting_for_many
from .growth import PLOT
from .report import RESULTS, Report
from .running import batching, computing, helping, importing, serving_large
from .sizes import FULL

DELAY = 0.1  # seconds, where the server is far away


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=FULL.rounds, help="how often each is measured")
    size = FULL._replace(rounds=parser.parse_args().rounds)
    report, began = Report(), time.monotonic()
    submitting(report, size)
    submitting_at_once(report, size, 0.0)
    submitting_at_once(report, size, DELAY)
    waiting_for_many(report, size)
    large_graphs(report, size)
    growing(report, size, PLOT)
    importing(report, size)
    helping(report, size)
    computing(report, size)
    serving_large(report, size)
    batching(report, size)
    RESULTS.write_text(report.text(), encoding="utf-8")
    print(f"\nwritten after {(time.monotonic() - began) / 60:.1f} minutes: {RESULTS.name}, {PLOT.name}")


if __name__ == "__main__":
    main()
