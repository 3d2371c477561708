"""Runs a batch on a journal, and prints the keys of the jobs that have ended; it is killed in between."""

from __future__ import annotations

import logging
import sys

import earthengine_export as eex
from tests.batch.conftest import QUICK, jobs


def main(base_url: str, journal: str, count: int, max_queued: int) -> None:
    logging.basicConfig(level=logging.ERROR)
    with eex.Client("my-project", eex.anonymous(), base_url) as client:
        batch = eex.Batch(client, journal, max_queued=max_queued, requests_per_second=None, polling=QUICK)
        for outcome in batch.run(jobs(count) if count else None):
            sys.stdout.write(
                f"{outcome.key}\t{outcome.operation and outcome.operation.name}\t{outcome.error}\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
