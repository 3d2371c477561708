"""That examples/airflow_exports.py works in Airflow 3, one export for each task, though one is retried.

    python tests/airflow/check.py PYTHON   # that of an environment with Airflow; see `make test-airflow`

The emulator runs here, in the environment of the tests, and Airflow in its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from earthengine_emulator import Emulator

ROOT = Path(__file__).parents[2]
RUN = """
from airflow.sdk.exceptions import TaskDeferred
from examples import airflow_exports
from datetime import timedelta

# The worker of one task dies after the submit, in its first try.
execute = airflow_exports.ExportOperator.execute
def dies(self, context):
    try:
        execute(self, context)
    except TaskDeferred:
        if self.task_id == "dem_2024" and context["ti"].try_number == 1:
            raise RuntimeError("the worker has died") from None
        raise
airflow_exports.ExportOperator.execute = dies
for task in airflow_exports.dag.tasks:
    task.retry_delay = timedelta(0)
run = airflow_exports.dag.test()
print("STATE", run.state)
for task in run.get_task_instances():
    print("TASK", task.task_id, task.state, task.try_number)
"""


def main(python: str) -> None:
    """Run the DAG, and count what came of it."""
    with (
        tempfile.TemporaryDirectory() as home,
        Emulator(evaluate=False, speed=20, duplicate_request_id="return") as emulator,
    ):
        environment = os.environ | {
            "AIRFLOW_HOME": home,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "examples"),
            "EARTHENGINE_EMULATOR_HOST": emulator.host,
            "PYTHONPATH": str(ROOT),
        }
        for command in ([python, "-m", "airflow", "db", "migrate"], [python, "-c", RUN]):
            ran = subprocess.run(
                command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300
            )
            if ran.returncode:
                sys.exit(f"{ran.stdout[-5000:]}\n{ran.stderr[-5000:]}")
        told = [line.split() for line in ran.stdout.splitlines() if line.startswith(("STATE ", "TASK "))]
        created = emulator.requests()["operations_created"]
    sys.stdout.write("\n".join([*map(" ".join, told), f"{created} exports", ""]))
    tries = {name: (state.rpartition(".")[2].lower(), number) for _, name, state, number in told[1:]}
    assert tries == {
        "dem_2023": ("success", "1"),
        "dem_2024": ("success", "2"),
        "dem_2025": ("success", "1"),
    }, ran.stdout[-5000:]
    assert created == 3


if __name__ == "__main__":
    main(sys.argv[1])
