"""Exports that are built and submitted by the workers of a dask cluster, each exactly once.

    python examples/dask_exports.py     # a cluster on this machine; EARTHENGINE_EMULATOR_HOST is honoured

A worker may die at any moment, and dask gives its tasks to another. The ids come from the content, so that
what the first had submitted is found and not started again.
"""

from __future__ import annotations

from collections.abc import Sequence

from distributed import Client as DaskClient
from distributed import LocalCluster, get_worker

import earthengine_export as eex

PROJECT = "my-project"


def build(number: int) -> eex.ImageExport:
    """The export of one part; here it would be heavy work, such as to decide what is worth exporting."""
    return eex.ImageExport(
        eex.load("USGS/SRTMGL1_003"),
        to=eex.CloudStorage("my-bucket", f"dem/{number:04}"),
        description=f"dem-{number:04}",
        region=(number % 360 - 180, 0, number % 360 - 179, 1),
        scale=1000,
    )


def submit(export: eex.ImageExport, project: str) -> eex.Operation:
    """Submit on a worker, which keeps one client for all its tasks; the handle travels back as a pickle."""
    kept = vars(get_worker())
    client: eex.Client = kept.setdefault("earth_engine", None) or eex.Client(project)
    kept["earth_engine"] = client
    return client.submit(export.with_request_id(export.digest(salt=project)))


def export_all(dask: DaskClient, count: int, project: str = PROJECT) -> Sequence[eex.Operation]:
    """Build and submit on the cluster; the operations, in the order of their numbers."""
    exports = dask.map(build, range(count))
    operations = dask.map(submit, exports, project=project, retries=3, pure=False)
    return list(dask.gather(operations))


def main() -> None:
    """Export on a cluster on this machine, and wait here for all of it."""
    with LocalCluster(n_workers=2, threads_per_worker=4, dashboard_address=None) as cluster:  # noqa: SIM117
        with DaskClient(cluster) as dask, eex.Client(PROJECT) as client:
            operations = [client.operation(one) for one in export_all(dask, 20)]
            for outcome in client.as_completed(operations):
                print(outcome.operation.description, outcome.error or "well")


if __name__ == "__main__":
    main()
