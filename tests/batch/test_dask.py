"""Exports that workers of dask submit: one operation for each, though a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
import threading
import time

import distributed
import pytest

from earthengine_emulator import Emulator
from examples.dask_exports import export_all

COUNT = 40


@pytest.mark.timeout(120)
@pytest.mark.filterwarnings("ignore")  # dask's own
def test_a_worker_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(evaluate=False, speed=0, duplicate_request_id="return") as emulator:
        monkeypatch.setenv("EARTHENGINE_EMULATOR_HOST", emulator.host)
        emulator.fail("export", "pass", times=None, delay=0.1)
        with (
            distributed.LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster,
            distributed.Client(cluster) as dask,
        ):
            pids = list(dask.run(os.getpid).values())

            def kill() -> None:
                while emulator.requests()["operations_created"] < COUNT // 4:
                    time.sleep(0.01)
                os.kill(pids[0], signal.SIGKILL)

            killer = threading.Thread(target=kill)
            killer.start()
            operations = export_all(dask, COUNT)
            killer.join()
            assert set(dask.run(os.getpid).values()) != set(pids)
        assert [one.description for one in operations] == [f"dem-{number:04}" for number in range(COUNT)]
        assert emulator.requests()["operations_created"] == COUNT == len({one.name for one in operations})
