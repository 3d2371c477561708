"""The emulator in this process: `with Emulator(...) as emulator:`."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from earthengine_emulator import admin
from earthengine_emulator.access import Access
from earthengine_emulator.exporter import Exporter
from earthengine_emulator.faults import Fault, Watch
from earthengine_emulator.operations import Operations
from earthengine_emulator.protocol import protocol_for
from earthengine_emulator.routes import asset_calls, client_calls, spec_calls
from earthengine_emulator.server import application
from earthengine_emulator.service import Service
from earthengine_emulator.settings import Clock, Settings
from earthengine_emulator.storage import Storage
from earthengine_emulator.storage_api import storage_calls
from earthengine_emulator.store import Store
from earthengine_emulator.tokens import token_calls
from earthengine_emulator.workers import EXPORTS, REQUESTS, Pool

QUICK_WORKERS = 2  # for what somebody waits for: they do not queue behind exports


class Emulator:
    """A local stand-in for Earth Engine's image export, on a thread of its own.

    Args:
        assets: The folder of GeoTIFFs that `Image.load` reads; an empty one by default.
        output: The folder that exports are written to; by default one that ends with the emulator.
        host: The address to listen on. Another than the loopback's lets everybody in who can reach it: there
            are no passwords here.
        port: The port; a free one by default.
        allow_hosts: Names with a dot by which clients call this machine; others are refused.
        speed: How many emulated seconds pass in one of the wall clock's; 0 stands still but for `advance`.
        clock: Where the wall clock's time comes from, in seconds since 1970.
        state: A file that keeps operations over a restart, whatever ended the emulator; none by default.
        **settings: The fields of `Settings`, for example `queue_limit=10`.

    Attributes:
        operations: The operations of all projects.
        watch: Faults, counters and the log of requests.
    """

    def __init__(
        self,
        assets: str | PathLike[str] | None = None,
        output: str | PathLike[str] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        allow_hosts: Collection[str] = (),
        state: str | PathLike[str] | None = None,
        speed: float = 1.0,
        clock: Callable[[], float] = time.time,
        **settings: Any,
    ) -> None:
        self.watch, behaviour = Watch(), Settings(**settings)
        access = Access(behaviour)
        with ExitStack() as closing:
            # The protocol is named because asyncio sends small writes at once only where it is: without it
            # each reply would take 40 ms.
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = closing.enter_context(
                socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            )
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((host, port))
            temporary = Path(
                closing.enter_context(tempfile.TemporaryDirectory(prefix="earthengine-emulator-"))
            )
            # Absolute, since the workers may have begun in another folder.
            self.output = Path(output or temporary / "output").absolute()
            exports, quick = Pool(behaviour.workers, EXPORTS), Pool(QUICK_WORKERS, REQUESTS)
            self.assets = Path(assets or temporary / "assets").absolute()
            placeholders = behaviour.unknown == "placeholder"
            exporter = Exporter(self.assets, self.output, exports, placeholders=placeholders)
            closing.callback(exporter.close)
            closing.callback(exports.close)
            closing.callback(quick.close)
            self.operations = Operations(behaviour, Clock(speed, clock), exporter.start)
            if state is not None:
                store = Store(Path(state))
                closing.callback(store.close)
                self.operations.restore(store, *store.load())
            closing.callback(self.operations.close)
            self._closing = closing.pop_all()
        self._service = Service(self.operations, exporter.destination_uris)
        self._server = uvicorn.Server(
            uvicorn.Config(
                application(
                    [
                        *spec_calls(self._service),
                        *client_calls(quick),
                        *asset_calls(quick, self.assets, self.output),
                        *token_calls(),
                        *storage_calls(Storage(self.output / "gs")),
                    ],
                    admin.routes(self.operations, self.watch, quick, self.output),
                    self.operations,
                    access,
                    self.watch,
                    allow_hosts,
                ),
                http=protocol_for(self.watch, behaviour.request_timeout),
                ws="none",
                proxy_headers=False,
                lifespan="on",
                log_config=None,
                access_log=False,
                date_header=False,  # ours has the operations' time
                backlog=1024,
                timeout_keep_alive=600,
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    @property
    def host(self) -> str:
        """Host and port, as `EARTHENGINE_EMULATOR_HOST` takes them."""
        address, port = self._socket.getsockname()[:2]
        address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    @property
    def base_url(self) -> str:
        """The URL of the server, without the version."""
        return f"http://{self.host}"

    @property
    def environment(self) -> dict[str, str]:
        """What leads clients here: this repository's, Cloud Storage's (gcsfs's too) and GDAL's."""
        return {
            "EARTHENGINE_EMULATOR_HOST": self.host,
            "STORAGE_EMULATOR_HOST": self.base_url,
            "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",  # asks a gRPC server otherwise
            "CPL_GS_ENDPOINT": f"{self.base_url}/",
            "GS_NO_SIGN_REQUEST": "YES",
        }

    def start(self) -> Self:
        """Start serving, and return when requests are answered."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("The emulator could not be started; its log says why.")
            time.sleep(0.001)
        return self

    def stop(self) -> None:
        """Stop serving, end long polls, and remove temporary files."""
        self._service.stopping = True
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._closing.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def fail(self, method: str = "*", kind: str = "status", **fault: Any) -> Fault:
        """Queue a fault, whose `consumed` counts.

        Args:
            method: An operationId or its last word, for example "export"; "*" is any.
            kind: A key of `faults.KINDS`.
            **fault: More fields of `Fault`.
        """
        made = Fault(method, kind, **fault)
        self.watch.faults.append(made)
        return made

    def requests(self) -> dict[str, Any]:
        """The counters, as `GET /emulator/requests` gives them."""
        return self.watch.counters() | {"operations_created": self.operations.created}

    def script(self, operation: str = "next", **patch: Any) -> None:
        """Change the life of an operation, or of the next one that is made.

        Args:
            operation: Its name or id, or "next".
            **patch: What `POST /emulator/operations/{id}` takes: run_seconds, outcome, reply, listed.
        """
        self.operations.script(operation, patch)

    def advance(self, seconds: float) -> None:
        """Let emulated time pass, and wait for the computations that are due by then."""
        self.operations.advance(seconds)

    def operation(self, operation: str) -> Mapping[str, Any]:
        """An operation as the API shows it, by its name or id."""
        with self.operations.lock:
            return self.operations.find(operation)[1].reply(self.operations.clock())

    def files(self, operation: str) -> list[Path]:
        """The files that an operation wrote, by its name or id."""
        with self.operations.lock:
            return [self.output / name for name in self.operations.find(operation)[1].files]

    def reset(self) -> None:
        """Forget all operations, faults, counters and the log; files stay."""
        self.operations.reset()
        self.watch.reset()
        self.watch.faults.clear()
