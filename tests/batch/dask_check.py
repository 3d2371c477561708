"""Run by test_dask: a worker of dask is killed while it submits, and each export has one operation."""

from __future__ import annotations

import os
import signal
import threading
import time

import distributed

from earthengine_emulator import Emulator
from examples.dask_exports import export_all

COUNT = 40


def main() -> None:
    with Emulator(evaluate=False, speed=0, duplicate_request_id="return") as emulator:
        os.environ["EARTHENGINE_EMULATOR_HOST"] = emulator.host
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


if __name__ == "__main__":  # workers import this module anew
    main()
