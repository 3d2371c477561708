"""The flows behind `files()` and `download()`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import attrs

from .._describe import plain
from .._describe.destinations import Asset, CloudStorage, Drive
from .._describe.formats import GeoTiff
from .._run import flows
from .._run.flows import Context, Flow, Sleep, Tell, Work
from .._run.watched import Watched, log, outcome_of
from ..errors import (
    FilesAmbiguous,
    FilesUnavailable,
    InvalidArgument,
    NotFound,
    RequestError,
)
from ..image_export import ImageExport
from ..operation_state import OperationState
from . import naming
from .fetching import Fetching, Item, plan_or_refuse
from .storage import Blob, Storage
from .told import Download, DownloadProgress, an_export

_LOOK = 0.1  # seconds between two looks at what has come
_LAST = 5.0  # seconds in which interrupted threads can close their files
_BUCKET = re.compile(r"(?:https://console\.[a-z.]+/storage/browser/|gs://)([^/?]+)/?([^?]*)")


def files(context: Context, handle: Watched, export: ImageExport | None = None) -> Flow[list[str]]:
    """The addresses of the files that an export wrote."""
    storage = Storage(context.access)
    try:
        blobs = yield from written(context, storage, handle, export)
    finally:
        storage.close()
    return [f"gs://{blob.bucket.name}/{blob.name}" for blob in blobs]


def written(
    context: Context, storage: Storage, handle: Watched, export: ImageExport | None
) -> Flow[Sequence[Blob]]:
    """The objects that an export wrote, in the order of their tiles.

    Raises:
        OperationError: The export has not ended well, or which they are cannot be told.
        RequestError: No usable answer came.
    """
    export = handle.export if export is None else plain.checked("export", an_export, export)
    if not handle.last.done and not isinstance(export and export.to, Drive | Asset):
        yield from flows.refresh(context, handle)
    bucket, prefixes = _place(handle.last, export)
    try:
        found = yield from _tried(context, partial(storage.list, bucket, prefixes[0]))
    except NotFound as error:
        raise FilesUnavailable(str(error.args[0]), last=handle.last) from None
    return _chosen(handle.last, export, f"gs://{bucket}/", prefixes, _of_this_run(handle.last, found))


def _place(last: OperationState, export: ImageExport | None) -> tuple[str, Sequence[str]]:
    """The bucket, and what the names may begin with, the shortest first; a folder where no more is known.

    Raises:
        OperationError: There are no files in Cloud Storage, or not yet, or it cannot be told where.
        InvalidArgument: The export is another one.
    """
    uris = ", ".join(last.destination_uris)
    to = export.to if export else None
    if isinstance(to, Drive) or (to is None and "drive.google.com" in uris):
        place = uris or (export.uri if export else "")
        why = f"is one to Google Drive, which is not read here. Its files are there: {place}"
    elif isinstance(to, Asset) or (to is None and "code.earthengine.google.com" in uris):
        asset = to.name if isinstance(to, Asset) else uris.rpartition("asset=")[2]
        why = f"is one to an asset, which has no files. Use it as eex.load({asset!r})"
    elif not last.done:
        why = (
            f"has not ended ({last.state}), and its files are there when it has. Call operation.wait() first"
        )
    elif failure := outcome_of(last):
        raise failure
    else:
        found = next(filter(None, map(_BUCKET.match, last.destination_uris)), None)
        if export and isinstance(to, CloudStorage):
            if found and found[1] != to.bucket:
                raise InvalidArgument(
                    "export", export, f"{last.label} wrote to another bucket, {found[1]!r}."
                )
            prefix = to.filename_prefix or export.description or last.description or last.id
            # What the files in a folder are called, the service's manual does not say.
            more = [prefix + (export.description or last.description)] if prefix.endswith("/") else []
            return to.bucket, [prefix, *more]
        if found:
            return found[1], [unquote(found[2])]
        why = "names no place that is known here. Give the export that was submitted: operation.files(export)"
    raise FilesUnavailable(f"The export {last.label} {why}.", last=last)


def _of_this_run(last: OperationState, blobs: Sequence[Blob]) -> Sequence[Blob]:
    """Without what an earlier export left under the same names, as far as the times tell it."""
    began = last.create_time
    young = [blob for blob in blobs if began and blob.time_created and blob.time_created >= began]
    return young or blobs


def _chosen(
    last: OperationState,
    export: ImageExport | None,
    bucket: str,
    prefixes: Sequence[str],
    blobs: Sequence[Blob],
) -> Sequence[Blob]:
    """Those of the objects that the export wrote."""
    found = {blob.name: blob for blob in blobs}
    folder, gaps = bucket + prefixes[0], False
    candidates: Sequence[str]
    if export is None:
        prefixes = naming.prefixes_in(found)
        those = naming.written(found, prefixes)
        if not those.unclear and len(those.names) < sum(map(naming.is_a_file, found)):
            those = attrs.evolve(those, unclear="some are of another export")
        candidates, cure = prefixes, "Give the export that was submitted: operation.files(export)."
    else:
        form = export.file_format or GeoTiff()
        gaps = isinstance(form, GeoTiff) and bool(form.skip_empty_files)
        those = naming.written(found, prefixes, naming.forms_of(form), gaps=gaps)
        candidates, cure = those.names, "Look at them in error.candidates, and open those that are wanted."
    if those.unclear:
        raise FilesAmbiguous(
            f"Which files under {folder} the export {last.label} wrote, their names do not tell: "
            f"{those.unclear}. {cure}",
            last=last,
            candidates=[bucket + name for name in candidates],
        )
    if not those.names and not gaps:
        raise FilesUnavailable(
            f"The export {last.label} has succeeded, and there are no files of it under {folder}: they were "
            "moved or deleted since. Submit it again, with a new request_id, if they are lost.",
            last=last,
        )
    return [found[name] for name in those.names]


def download(context: Context, handle: Watched, how: Download) -> Flow[list[Path]]:
    """Bring the files of an export into a folder."""
    storage = Storage(context.access, int(how.parallel))
    try:
        blobs = yield from written(context, storage, handle, how.export)
        items: list[Item] = yield Work(
            partial(plan_or_refuse, blobs, Path(how.folder), overwrite=how.overwrite)
        )
        yield from _fetch(context, handle, Fetching(storage, items, int(how.parallel)), how.on_update)
    finally:
        storage.close()
    return [item.path for item in items]


def _fetch(
    context: Context,
    handle: Watched,
    fetching: Fetching,
    on_update: Callable[[DownloadProgress], object] | None,
) -> Flow[None]:
    """Fetch all items; what breaks off is gone on with, as long as the policy or any progress lets it."""
    shown: DownloadProgress | None = None

    def tell() -> Flow[None]:
        nonlocal shown
        before, shown = shown, _progress(handle, fetching.items)
        if on_update and shown != before:
            yield Tell(on_update, shown)

    trial = _Trial(context)
    try:
        while True:
            yield from tell()
            reached = sum(item.received for item in fetching.items)
            fetching.begin()
            while not (yield Work(partial(fetching.ended, _LOOK))):
                yield from tell()
            if error := fetching.error:
                if sum(item.received for item in fetching.items) > reached:
                    trial = _Trial(context)
                yield Sleep(trial.pause(error))
            else:
                return (yield from tell())
    except GeneratorExit:
        fetching.halt()
        raise
    except BaseException as error:
        fetching.halt()
        yield Work(partial(fetching.ended, _LAST))
        whole = sum(item.done for item in fetching.items)
        error.add_note(
            f"{whole} of {len(fetching.items)} files are whole; what has come of the others is kept, and "
            "download() goes on from there."
        )
        raise


def _progress(handle: Watched, items: Sequence[Item]) -> DownloadProgress:
    return DownloadProgress(
        operation=handle.last.name,
        label=handle.last.description or handle.last.id,
        files=len(items),
        files_done=sum(item.done for item in items),
        size=sum(item.blob.size for item in items),
        received=sum(min(item.received, item.blob.size) for item in items),
    )


class _Trial:
    """One thing that is tried again as the client's `Retry` has it."""

    def __init__(self, context: Context) -> None:
        self._context, self._attempt = context, 0
        self._began = context.environment.monotonic()

    def pause(self, error: Exception) -> float:
        """Seconds to the next attempt; raises the error where there is none."""
        self._attempt += 1
        if not isinstance(error, RequestError):
            raise error
        error.attempts = self._attempt
        pause = self._context.retry.pause(
            error,
            method="get",
            attempt=self._attempt,
            elapsed=self._context.environment.monotonic() - self._began,
            random=self._context.environment.random(),
        )
        if pause is None:
            raise error
        log.warning("%s: %s; trying again in %.1f s", error.api_method, error.fault, pause)
        return pause


def _tried(context: Context, ask: Callable[[], list[Blob]]) -> Flow[list[Blob]]:
    trial = _Trial(context)
    while True:
        try:
            found: list[Blob] = yield Work(ask)
        except RequestError as error:
            yield Sleep(trial.pause(error))
        else:
            return found
