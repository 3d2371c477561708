"""Runs batches on a journal, each in a process of its own that is killed in between.

A line of JSON on standard input, `[base_url, journal, count, max_queued, die_at, output]`, runs one. Its
process id is printed, then how it ended. `die_at` names a method of the journal at which it kills itself.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from typing import NoReturn, TextIO

import earthengine_export as eex
from earthengine_export._batch import watching
from earthengine_export._batch.journal import Journal
from tests.batch.conftest import QUICK, jobs

# The emulator's clock runs 40 times as fast or more: what lists tell in these times, they tell in a fortieth.
for _name in ("_CAUGHT_UP", "_MOVED_ON", "_GIVEN_UP"):
    setattr(watching, _name, getattr(watching, _name) / 40)


def run(base_url: str, journal: str, count: int, max_queued: int, output: TextIO) -> None:
    """Print the jobs that have ended."""
    with eex.Client("my-project", eex.anonymous(), base_url) as client:
        batch = eex.Batch(client, journal, max_queued=max_queued, requests_per_second=None, polling=QUICK)
        for outcome in batch.run(jobs(count) if count else None):
            output.write(f"{outcome.key}\t{outcome.operation and outcome.operation.name}\t{outcome.error}\n")
            output.flush()


def die(*_: object, **__: object) -> NoReturn:
    """End as if by somebody's SIGKILL."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def serve() -> None:
    """Run what is asked for, in children: what they import is there already."""
    for line in sys.stdin:
        base_url, journal, count, max_queued, die_at, output = json.loads(line)
        if (child := os.fork()) == 0:
            if die_at:
                setattr(Journal, die_at, die)
            with open(output, "w", encoding="utf-8") as file:
                run(base_url, journal, count, max_queued, file)
                file.flush()
                os._exit(0)
        tell(child)
        tell(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    if len(sys.argv) > 1:
        run(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.stdout)
    else:
        serve()
