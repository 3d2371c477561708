"""The public names of an export, of the clients and their operations, and of what they raise."""

from .. import errors as errors
from .._connect.access import anonymous as anonymous
from .._describe.destinations import Asset as Asset
from .._describe.destinations import CloudStorage as CloudStorage
from .._describe.destinations import Destination as Destination
from .._describe.destinations import Drive as Drive
from .._describe.expressions import call as call
from .._describe.expressions import expression as expression
from .._describe.expressions import function as function
from .._describe.expressions import load as load
from .._describe.formats import FileFormat as FileFormat
from .._describe.formats import GeoTiff as GeoTiff
from .._describe.formats import TfRecord as TfRecord
from .._describe.grid import PixelGrid as PixelGrid
from .._describe.reading import ImageLike as ImageLike
from .._describe.regions import Region as Region
from .._describe.regions import geometry as geometry
from .._describe.unions import which as which
from .._run.environment import PassingTime as PassingTime
from .._run.environment import fake_time as fake_time
from .._run.policy import Polling as Polling
from .._run.policy import Retry as Retry
from .._run.waiting_many import Outcome as Outcome
from ..client import AsyncClient as AsyncClient
from ..client import Client as Client
from ..errors import *  # noqa: F403
from ..image_export import ImageExport as ImageExport
from ..operation_state import Notification as Notification
from ..operation_state import OperationState as OperationState
from ..operation_state import OperationStatus as OperationStatus
from ..operation_state import Stage as Stage
from ..operations import AsyncOperation as AsyncOperation
from ..operations import Operation as Operation
from . import published as _published

NAMES: list[str] = _published(globals())
