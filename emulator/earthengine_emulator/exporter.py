"""The running of exports: worker processes compute into a scratch folder, finished files are published."""

import contextlib
import filecmp
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from earthengine_emulator.destinations import destination_uris, target_stem, unlinked
from earthengine_emulator.errors import ExportError, Refusal
from earthengine_emulator.operation import Operation, Outcome
from earthengine_emulator.workers import Pool, Work

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows, where a file that is open cannot be removed
    fcntl = None  # type: ignore[assignment]

_SCRATCH, _LOCK = ".partial-", "lock"


class Exporter:
    """Computes exports and writes them.

    Args:
        assets: The folder in which `Image.load` looks first; then among the assets that were exported.
        output: The folder that everything is written to, and nothing outside it.
        pool: Where they are computed.
        placeholders: Whether functions that are not known make a checkerboard rather than an error.
    """

    def __init__(self, assets: Path, output: Path, pool: Pool, *, placeholders: bool = False) -> None:
        self._assets, self._output, self._pool = assets, output, pool
        self._placeholders = placeholders
        output.mkdir(parents=True, exist_ok=True)
        for left in output.glob(f"{_SCRATCH}*"):
            _remove_if_left(left)
        # In the output folder, so that a finished file is moved into place by renaming it.
        self._scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=output))
        self._lock = (self._scratch / _LOCK).open("w")
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        """Remove what was not finished."""
        self._lock.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def destination_uris(self, request: dict[str, Any]) -> list[str]:
        """The URIs that the service would give for a request's results.

        Raises:
            Refusal: The destination is not one, or a link in the output folder leads out of it.
        """
        uris = destination_uris(request)
        try:
            unlinked(self._output, self._output / target_stem(request))
        except ExportError as error:
            raise Refusal(error.message) from None
        return uris

    def start(self, operation: Operation) -> Work:
        """Compute an export into scratch files, in a worker process.

        Returns:
            The future of its outcome; cancelling it ends the computation and removes what it has written.
        """
        scratch = self._scratch / operation.id
        arguments = {
            "request": operation.request,
            "body": operation.body,
            "scratch": scratch,
            "assets": self._assets,
            "output": self._output,
            "placeholders": self._placeholders,
        }

        def outcome(answer: tuple[list[tuple[str, str]], float]) -> Outcome:
            written, eecu_seconds = answer
            return Outcome(lambda now: self._publish(operation, now, scratch, written), eecu_seconds)

        work = self._pool.submit("export", arguments, outcome)
        work.add_done_callback(lambda done: _remove_failed(done, scratch))
        return work

    def _publish(
        self, operation: Operation, now: float, scratch: Path, written: list[tuple[str, str]]
    ) -> list[str]:
        request = operation.request
        asset = request.get("assetExportOptions", {}).get("earthEngineDestination")
        target = self._output / target_stem(request, operation.id)
        # The operations' time, which may be another than the machine's; Cloud Storage tells milliseconds.
        moment = math.ceil(now * 1000) / 1000
        moves = [(scratch / name, target.with_name(f"{target.name}{suffix}")) for name, suffix in written]
        try:
            for partial, final in moves:
                unlinked(self._output, final.parent)
                if (
                    asset
                    and final.exists()
                    and not asset.get("overwrite")
                    and not _again(operation, partial, final)
                ):
                    raise ExportError(f"Cannot overwrite asset '{asset['name']}'.")
                with _explained(final.relative_to(self._output)):
                    final.parent.mkdir(parents=True, exist_ok=True)
                    # A computation that took long may publish after one that was due later.
                    latest = max(moment, final.stat().st_mtime) if final.exists() else moment
                    os.utime(partial, (latest, latest))
                    os.replace(partial, final)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return [final.relative_to(self._output).as_posix() for _, final in moves]


def _again(operation: Operation, partial: Path, final: Path) -> bool:
    """Whether this is what the operation has published before the emulator was killed, and could not note."""
    return operation.attempt > 1 and filecmp.cmp(partial, final, shallow=False)


def _remove_failed(work: Any, scratch: Path) -> None:
    if work.cancelled() or work.exception() is not None:
        shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def _explained(name: Path) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        raise ExportError(
            f"Cannot write '{name.as_posix()}': the emulator keeps objects as files, and a file stands "
            "where a folder is needed, or a folder where a file is."
        ) from None
    except OSError as error:
        raise ExportError(f"Cannot write the result: {error}", code=13) from None


def _remove_if_left(scratch: Path) -> None:
    """Remove a scratch folder unless an emulator that runs has it."""
    try:
        with (scratch / _LOCK).open() as lock:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    except OSError:
        pass  # it has none: its emulator ended before it was there
    if fcntl is None:  # pragma: no cover - Windows
        try:
            (scratch / _LOCK).unlink(missing_ok=True)
        except OSError:
            return
    shutil.rmtree(scratch, ignore_errors=True)
