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

from earthengine_export import errors as errors
from earthengine_export._many import Outcome as Outcome
from earthengine_export._version import __version__ as __version__
from earthengine_export.auth import anonymous as anonymous
from earthengine_export.client import AsyncClient as AsyncClient
from earthengine_export.client import Client as Client
from earthengine_export.completion import as_completed as as_completed
from earthengine_export.completion import async_as_completed as async_as_completed
from earthengine_export.completion import async_wait_all as async_wait_all
from earthengine_export.completion import wait_all as wait_all
from earthengine_export.destinations import Asset as Asset
from earthengine_export.destinations import CloudStorage as CloudStorage
from earthengine_export.destinations import Drive as Drive
from earthengine_export.errors import ApiError as ApiError
from earthengine_export.errors import BadReply as BadReply
from earthengine_export.errors import ClientUnusable as ClientUnusable
from earthengine_export.errors import Conflict as Conflict
from earthengine_export.errors import ConnectionFailed as ConnectionFailed
from earthengine_export.errors import CredentialsError as CredentialsError
from earthengine_export.errors import DuplicateRequest as DuplicateRequest
from earthengine_export.errors import EarthEngineError as EarthEngineError
from earthengine_export.errors import InvalidArgument as InvalidArgument
from earthengine_export.errors import InvalidArgumentType as InvalidArgumentType
from earthengine_export.errors import InvalidRequest as InvalidRequest
from earthengine_export.errors import NotFound as NotFound
from earthengine_export.errors import OperationCancelled as OperationCancelled
from earthengine_export.errors import OperationError as OperationError
from earthengine_export.errors import OperationFailed as OperationFailed
from earthengine_export.errors import OperationStalled as OperationStalled
from earthengine_export.errors import PermissionDenied as PermissionDenied
from earthengine_export.errors import QueueFull as QueueFull
from earthengine_export.errors import RateLimited as RateLimited
from earthengine_export.errors import RequestError as RequestError
from earthengine_export.errors import ServerError as ServerError
from earthengine_export.errors import Unauthenticated as Unauthenticated
from earthengine_export.errors import WaitTimeout as WaitTimeout
from earthengine_export.expressions import call as call
from earthengine_export.expressions import load as load
from earthengine_export.formats import GeoTiff as GeoTiff
from earthengine_export.formats import TfRecord as TfRecord
from earthengine_export.grid import PixelGrid as PixelGrid
from earthengine_export.image_export import ImageExport as ImageExport
from earthengine_export.operation_state import OperationState as OperationState
from earthengine_export.operations import AsyncOperation as AsyncOperation
from earthengine_export.operations import Operation as Operation
from earthengine_export.retries import Polling as Polling
from earthengine_export.retries import Retry as Retry
from earthengine_export.unions import which as which
