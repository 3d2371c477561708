"""Exports as tasks of Apache Airflow 3: each is submitted once, and waited for without holding a worker.

The operator submits and defers; its trigger waits in the triggerer, for hours at the cost of a request now
and then. The request id is fixed by the run and the task, so that Airflow's own retries find the export that
an earlier try has started. What has failed at Earth Engine fails for good: ask for it in a new run.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

from airflow.exceptions import AirflowFailException
from airflow.sdk import DAG, BaseOperator
from airflow.triggers.base import BaseTrigger, TriggerEvent

import earthengine_export as eex


class ExportTrigger(BaseTrigger):
    """Waits for an export, in the triggerer.

    Args:
        project: The Google Cloud project.
        name: The operation's name.
    """

    def __init__(self, project: str, name: str) -> None:
        super().__init__()
        self.project, self.name = project, name

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """What the triggerer makes it of."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {
            "project": self.project,
            "name": self.name,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event, when the export has ended."""
        async with eex.AsyncClient(self.project) as client:
            operation = client.operation(self.name)
            try:
                await operation.wait()
            except eex.OperationError as error:
                yield TriggerEvent({"name": self.name, "error": str(error)})
            else:
                yield TriggerEvent({"name": self.name, "uris": list(operation.destination_uris)})


class ExportOperator(BaseOperator):
    """Exports an image, and gives the URIs of what was written.

    Args:
        project: The Google Cloud project.
        export: The export, or what its `to_dict` gives.
        longest: How long it may take.
    """

    def __init__(
        self,
        *,
        project: str,
        export: eex.ImageExport | Mapping[str, Any],
        longest: timedelta = timedelta(days=10),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.project, self.longest = project, longest
        self.request = export.to_dict() if isinstance(export, eex.ImageExport) else dict(export)

    def execute(self, context: Any) -> None:
        """Submit, and let go of the worker."""
        export, task = eex.ImageExport.from_dict(self.request), context["ti"]
        salt = f"{task.dag_id}/{task.run_id}/{task.task_id}/{task.map_index}"
        with eex.Client(self.project) as client:
            operation = client.submit(export.with_request_id(export.digest(salt=salt)))
        self.log.info("submitted %s", operation.name)
        trigger = ExportTrigger(self.project, operation.name)
        self.defer(trigger=trigger, method_name="ended", timeout=self.longest)

    def ended(self, context: Any, event: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 - Airflow gives it
        """Give what was written, or fail."""
        if "error" in event:
            raise AirflowFailException(event["error"])
        return list(event["uris"])


with DAG("earth_engine_exports", schedule=None, default_args={"retries": 2}) as dag:
    for year in (2023, 2024, 2025):
        ExportOperator(
            task_id=f"dem_{year}",
            project="my-project",
            export=eex.ImageExport(
                eex.load("USGS/SRTMGL1_003"),
                to=eex.CloudStorage("my-bucket", f"dem/{year}"),
                description=f"dem-{year}",
                region=(9, 45, 10, 46),
                scale=1000,
            ),
        )
