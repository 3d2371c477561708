"""What runs in a worker process: it takes jobs from its standard input and answers on its standard output."""

import os
import pickle
import queue
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any, BinaryIO

from earthengine_emulator import algorithms, catalog, pictures, writer
from earthengine_emulator.errors import ExportError

JOBS: dict[str, Callable[..., Any]] = {
    "algorithms": algorithms.own_algorithms,
    "asset": catalog.asset,
    "children": catalog.children,
    "compute": writer.compute,
    "picture": pictures.picture,
    "export": writer.export,
}


def main() -> None:
    """Answer jobs until the input ends, which it does when the emulator does."""
    answers = os.fdopen(os.dup(1), "wb")
    warnings.simplefilter("ignore")  # of what users' files and graphs are like
    os.dup2(2, 1)  # what libraries print is none of our answers
    jobs: queue.SimpleQueue[tuple[str, dict[str, Any]]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, jobs), daemon=True).start()
    while True:
        name, arguments = jobs.get()
        pickle.dump(_answer(name, arguments), answers)
        answers.flush()


def _read(source: BinaryIO, jobs: "queue.SimpleQueue[tuple[str, dict[str, Any]]]") -> None:
    while True:
        try:
            jobs.put(pickle.load(source))  # noqa: S301 - from the emulator
        except (EOFError, OSError, pickle.UnpicklingError):
            os._exit(0)  # in the middle of a computation too: nobody waits for it


def _answer(name: str, arguments: dict[str, Any]) -> Any:
    try:
        return JOBS[name](**arguments)
    except ExportError as error:
        return error
    except MemoryError:
        return ExportError("User memory limit exceeded.", code=8)
    except RecursionError:
        return ExportError("Expression: It is nested too deeply.")
    except Exception as error:  # noqa: BLE001 - the process goes on, and its emulator says what happened
        # Whatever a library says of a user's graph is about the graph, not about the emulator's insides.
        text = f"{type(error).__name__}: {error}"
        return ExportError(f"The emulator cannot compute this ({text[:1000]}); the real service may.")
