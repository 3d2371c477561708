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
    from ._many import Outcome as Outcome
    from ._progress import ProgressDisplay as ProgressDisplay
    from ._progress import progress as progress
    from .algorithms import check_names as check_names
    from .auth import anonymous as anonymous
    from .client import AsyncClient as AsyncClient
    from .client import Client as Client
    from .completion import as_completed as as_completed
    from .completion import async_as_completed as async_as_completed
    from .completion import async_wait_all as async_wait_all
    from .completion import wait_all as wait_all
    from .destinations import Asset as Asset
    from .destinations import CloudStorage as CloudStorage
    from .destinations import Drive as Drive
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
    from .expressions import call as call
    from .expressions import expression as expression
    from .expressions import function as function
    from .expressions import load as load
    from .formats import GeoTiff as GeoTiff
    from .formats import TfRecord as TfRecord
    from .grid import PixelGrid as PixelGrid
    from .image_export import ImageExport as ImageExport
    from .operation_state import OperationState as OperationState
    from .operations import AsyncOperation as AsyncOperation
    from .operations import Operation as Operation
    from .regions import geometry as geometry
    from .retries import Polling as Polling
    from .retries import Retry as Retry
    from .unions import which as which
else:
    # Each is imported when it is first used: so that the package can be imported for next to nothing, by a
    # command line that prints its help or a test that needs one class.
    _NAMES_IN = {
        "": "errors",
        "_many": "Outcome",
        "_progress": "ProgressDisplay progress",
        "algorithms": "check_names",
        "auth": "anonymous",
        "client": "AsyncClient Client",
        "completion": "as_completed async_as_completed async_wait_all wait_all",
        "destinations": "Asset CloudStorage Drive",
        "errors": (
            "ApiError BadReply ClientUnusable Conflict ConnectionFailed CredentialsError "
            "DuplicateRequest EarthEngineError InvalidArgument InvalidArgumentType InvalidRequest "
            "NotFound OperationCancelled OperationError OperationFailed OperationStalled "
            "PermissionDenied QueueFull RateLimited RequestError ServerError Unauthenticated "
            "WaitTimeout"
        ),
        "expressions": "call expression function load",
        "formats": "GeoTiff TfRecord",
        "grid": "PixelGrid",
        "image_export": "ImageExport",
        "operation_state": "OperationState",
        "operations": "AsyncOperation Operation",
        "regions": "geometry",
        "retries": "Polling Retry",
        "unions": "which",
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
