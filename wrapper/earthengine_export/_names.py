"""The public names, each from its home; all of them say that they are the package's.

They are apart from `__init__` so that importing the package costs next to nothing: it loads them all the
first time that one is asked for. Type checkers read them here too.
"""

from . import errors as errors
from ._batch.errors import DestinationTaken as DestinationTaken
from ._batch.errors import JobCancelled as JobCancelled
from ._batch.errors import JobChanged as JobChanged
from ._batch.errors import JournalError as JournalError
from ._batch.errors import JournalLocked as JournalLocked
from ._batch.errors import JournalMismatch as JournalMismatch
from ._batch.errors import JournalTooNew as JournalTooNew
from ._batch.errors import JournalUnwritable as JournalUnwritable
from ._batch.errors import NotAJournal as NotAJournal
from ._batch.jobs import JobOutcome as JobOutcome
from ._batch.report import Report as Report
from ._batch.report import ReportRow as ReportRow
from ._batch.tiling import Tiles as Tiles
from ._batch.tiling import tiles as tiles
from ._connect.access import anonymous as anonymous
from ._describe.algorithms import check_names as check_names
from ._describe.destinations import Asset as Asset
from ._describe.destinations import CloudStorage as CloudStorage
from ._describe.destinations import Destination as Destination
from ._describe.destinations import Drive as Drive
from ._describe.expressions import call as call
from ._describe.expressions import expression as expression
from ._describe.expressions import function as function
from ._describe.expressions import load as load
from ._describe.formats import FileFormat as FileFormat
from ._describe.formats import GeoTiff as GeoTiff
from ._describe.formats import TfRecord as TfRecord
from ._describe.grid import PixelGrid as PixelGrid
from ._describe.reading import ImageLike as ImageLike
from ._describe.regions import Region as Region
from ._describe.regions import geometry as geometry
from ._describe.unions import which as which
from ._files.progress import DownloadProgress as DownloadProgress
from ._run.environment import PassingTime as PassingTime
from ._run.environment import fake_time as fake_time
from ._run.policy import Polling as Polling
from ._run.policy import Retry as Retry
from ._run.waiting_many import Outcome as Outcome
from .batch import AsyncBatch as AsyncBatch
from .batch import Batch as Batch
from .client import AsyncClient as AsyncClient
from .client import Client as Client
from .errors import ApiError as ApiError
from .errors import BadReply as BadReply
from .errors import ChecksumMismatch as ChecksumMismatch
from .errors import ClientUnusable as ClientUnusable
from .errors import Conflict as Conflict
from .errors import ConnectionFailed as ConnectionFailed
from .errors import CredentialsError as CredentialsError
from .errors import DownloadFailed as DownloadFailed
from .errors import DuplicateRequest as DuplicateRequest
from .errors import EarthEngineError as EarthEngineError
from .errors import FilesAmbiguous as FilesAmbiguous
from .errors import FilesUnavailable as FilesUnavailable
from .errors import InvalidArgument as InvalidArgument
from .errors import InvalidArgumentType as InvalidArgumentType
from .errors import InvalidRequest as InvalidRequest
from .errors import NotFound as NotFound
from .errors import OperationCancelled as OperationCancelled
from .errors import OperationError as OperationError
from .errors import OperationFailed as OperationFailed
from .errors import OperationStalled as OperationStalled
from .errors import OperationUnclear as OperationUnclear
from .errors import PermissionDenied as PermissionDenied
from .errors import QueueFull as QueueFull
from .errors import RateLimited as RateLimited
from .errors import RequestError as RequestError
from .errors import ServerError as ServerError
from .errors import TargetExists as TargetExists
from .errors import TargetUnusable as TargetUnusable
from .errors import Unauthenticated as Unauthenticated
from .errors import WaitTimeout as WaitTimeout
from .image_export import ImageExport as ImageExport
from .operation_state import Notification as Notification
from .operation_state import OperationState as OperationState
from .operation_state import OperationStatus as OperationStatus
from .operation_state import Stage as Stage
from .operations import AsyncOperation as AsyncOperation
from .operations import Operation as Operation
from .progress_display import ProgressDisplay as ProgressDisplay
from .progress_display import progress as progress

NAMES = [_name for _name in globals() if not _name.startswith("_")]
for _name in NAMES:
    if callable(globals()[_name]) and hasattr(globals()[_name], "__qualname__"):
        globals()[_name].__module__ = __package__
