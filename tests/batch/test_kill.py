"""A batch that is killed again and again, and run again, has exactly one operation for each job."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from earthengine_emulator import Emulator
from tests.batch.conftest import Processes

# `make chaos` kills a batch of 2,000 at 30 moments.
JOBS = int(os.environ.get("BATCH_JOBS", "60"))
KILLS = int(os.environ.get("BATCH_KILLS", "3"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("duplicate", ["return", "reject"])
def test_killed_and_run_again(processes: Processes, tmp_path: Path, duplicate: str) -> None:
    rng = random.Random(7)
    journal = tmp_path / "journal.sqlite"
    # The queue is full most of the time, and the batch thinks that it has more room than there is.
    with Emulator(
        evaluate=False, speed=40, running_limit=4, queue_limit=10, duplicate_request_id=duplicate
    ) as emulator:
        for _ in range(KILLS):
            seen = emulator.requests()["operations_created"]
            until = min(seen + rng.randint(1, 2 * JOBS // KILLS), JOBS - 1)
            process = processes.run(emulator, journal, JOBS)
            while emulator.requests()["operations_created"] < until:
                time.sleep(0.001)
            time.sleep(rng.random() * 0.02)
            process.kill()
        assert 0 < emulator.requests()["operations_created"] < JOBS + 1
        # What the killed runs had taken in is gone on with by the journal alone; then comes the rest.
        for count in (0, JOBS):
            outcomes = processes.run(emulator, journal, count).outcomes()
        assert [error for _, _, error in outcomes if error != "None"] == []
        assert sorted(key for key, _, _ in outcomes) == sorted(f"job {number}" for number in range(JOBS))
        assert emulator.requests()["operations_created"] == JOBS == len({name for _, name, _ in outcomes})
        for key, name, _ in outcomes:
            assert emulator.operation(name)["metadata"]["description"] == f"tile-{key.removeprefix('job ')}"
    assert os.listdir(tmp_path) == [journal.name]
    with sqlite3.connect(journal) as db:
        ids = [
            one
            for (one,) in db.execute("SELECT request_id FROM jobs UNION ALL SELECT request_id FROM attempts")
        ]
    db.close()
    assert len(ids) == len(set(ids))
