"""The jobs of a batch: their keys, what they write, and their outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import attrs

from .._describe import plain
from .._describe.destinations import Asset
from ..errors import EarthEngineError, InvalidArgument, InvalidArgumentType
from ..image_export import ImageExport

H_co = TypeVar("H_co", covariant=True)
JobLike = ImageExport | tuple[str, ImageExport]
"""An export, or a pair of a key and an export."""

_LONGEST_KEY = 500


@attrs.frozen(kw_only=True)
class JobOutcome(Generic[H_co]):
    """How one job of a batch ended.

    Attributes:
        key: The job's key.
        export: What was to be exported, equal to what was given; region, scale and the like are folded into
            its expression.
        operation: The handle on the operation that it became; None where none was started.
        error: None after success; else why there is no result.
    """

    key: str
    export: ImageExport
    operation: H_co | None
    error: EarthEngineError | None = None


def keyed(jobs: Iterable[JobLike]) -> Iterator[tuple[str, ImageExport]]:
    """The jobs, each with its key.

    Raises:
        InvalidArgument, InvalidArgumentType: One is no export, or its key is no text.
    """
    return (plain.checked("jobs", _keyed, job) for job in jobs)


def _keyed(job: JobLike) -> tuple[str, ImageExport]:
    if isinstance(job, ImageExport):
        # Two exports that differ never share it, and the next run of the program gives the same.
        return f"{job.description or 'export'}-{job.digest()[:8]}", job
    if not isinstance(job, tuple) or len(job) != 2 or not isinstance(job[1], ImageExport):
        raise InvalidArgumentType("", job, "Each must be an ImageExport, or a pair of a key and one.")
    key, export = job
    if not isinstance(key, str):
        cure = "Give str(key)." if key is not None else "Give the export alone, for a key of its description."
        raise InvalidArgumentType("", key, "A key must be a text.", cure)
    key = plain.text(key)
    if not key or len(key) > _LONGEST_KEY or not key.isprintable():
        raise InvalidArgument("", key, f"A key has 1 to {_LONGEST_KEY} printable characters.")
    return key, export


def destination_of(export: ImageExport) -> str | None:
    """What stands for the files or the asset that an export writes; None where the service names them."""
    if isinstance(export.to, Asset):
        return export.uri
    prefix = export.description if export.to.filename_prefix is None else export.to.filename_prefix
    return f"{export.uri} ({type(export.file_format).__name__})" if prefix else None
