"""Export images from Google Earth Engine over its REST API.

>>> import earthengine_export as eex
>>> with eex.Client(project="my-project") as client:
...     operation = client.export_image(
...         eex.load("USGS/SRTMGL1_003"),
...         to=eex.CloudStorage("my-bucket"),
...         region=(-122.6, 37.2, -121.8, 37.9),  # west, south, east, north, in degrees
...         scale=30,  # metres
...     )
...     print(operation.wait().destination_uris)
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from . import errors as errors
    from ._connect.access import anonymous as anonymous
    from ._describe.algorithms import check_names as check_names
    from ._describe.destinations import Asset as Asset
    from ._describe.destinations import CloudStorage as CloudStorage
    from ._describe.destinations import Drive as Drive
    from ._describe.expressions import call as call
    from ._describe.expressions import expression as expression
    from ._describe.expressions import function as function
    from ._describe.expressions import load as load
    from ._describe.formats import GeoTiff as GeoTiff
    from ._describe.formats import TfRecord as TfRecord
    from ._describe.grid import PixelGrid as PixelGrid
    from ._describe.regions import geometry as geometry
    from ._describe.unions import which as which
    from ._run.policy import Polling as Polling
    from ._run.policy import Retry as Retry
    from ._run.waiting_many import Outcome as Outcome
    from .client import AsyncClient as AsyncClient
    from .client import Client as Client
    from .completion import as_completed as as_completed
    from .completion import async_as_completed as async_as_completed
    from .completion import async_wait_all as async_wait_all
    from .completion import wait_all as wait_all
    from .errors import ApiError as ApiError
    from .errors import BadReply as BadReply
    from .errors import ClientUnusable as ClientUnusable
    from .errors import Conflict as Conflict
    from .errors import ConnectionFailed as ConnectionFailed
    from .errors import CredentialsError as CredentialsError
    from .errors import DuplicateRequest as DuplicateRequest
    from .errors import EarthEngineError as EarthEngineError
    from .errors import InvalidArgument as InvalidArgument
    from .errors import InvalidArgumentType as InvalidArgumentType
    from .errors import InvalidRequest as InvalidRequest
    from .errors import NotFound as NotFound
    from .errors import OperationCancelled as OperationCancelled
    from .errors import OperationError as OperationError
    from .errors import OperationFailed as OperationFailed
    from .errors import OperationStalled as OperationStalled
    from .errors import PermissionDenied as PermissionDenied
    from .errors import QueueFull as QueueFull
    from .errors import RateLimited as RateLimited
    from .errors import RequestError as RequestError
    from .errors import ServerError as ServerError
    from .errors import Unauthenticated as Unauthenticated
    from .errors import WaitTimeout as WaitTimeout
    from .image_export import ImageExport as ImageExport
    from .operation_state import OperationState as OperationState
    from .operations import AsyncOperation as AsyncOperation
    from .operations import Operation as Operation
    from .progress_display import ProgressDisplay as ProgressDisplay
    from .progress_display import progress as progress
else:
    # Each is imported when it is first used: so that the package can be imported for next to nothing, by a
    # command line that prints its help or a test that needs one class.
    _NAMES_IN = {
        "": "errors",
        "_run.waiting_many": "Outcome",
        "progress_display": "ProgressDisplay progress",
        "_describe.algorithms": "check_names",
        "_connect.access": "anonymous",
        "client": "AsyncClient Client",
        "completion": "as_completed async_as_completed async_wait_all wait_all",
        "_describe.destinations": "Asset CloudStorage Drive",
        "errors": (
            "ApiError BadReply ClientUnusable Conflict ConnectionFailed CredentialsError "
            "DuplicateRequest EarthEngineError InvalidArgument InvalidArgumentType InvalidRequest "
            "NotFound OperationCancelled OperationError OperationFailed OperationStalled "
            "PermissionDenied QueueFull RateLimited RequestError ServerError Unauthenticated "
            "WaitTimeout"
        ),
        "_describe.expressions": "call expression function load",
        "_describe.formats": "GeoTiff TfRecord",
        "_describe.grid": "PixelGrid",
        "image_export": "ImageExport",
        "operation_state": "OperationState",
        "operations": "AsyncOperation Operation",
        "_describe.regions": "geometry",
        "_run.policy": "Polling Retry",
        "_describe.unions": "which",
    }
    _HOMES = {name: home for home, names in _NAMES_IN.items() for name in names.split()}

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if not _HOMES[name]:
            return import_module(f".{name}", __name__)
        value = globals()[name] = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        return value

    def __dir__() -> list[str]:
        return ["__version__", *_HOMES]
