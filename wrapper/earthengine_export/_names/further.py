"""The public names that many programs do without: batches, tiles, downloads, progress."""

from .._batch.errors import DestinationTaken as DestinationTaken
from .._batch.errors import JobCancelled as JobCancelled
from .._batch.errors import JobChanged as JobChanged
from .._batch.errors import JobUnclear as JobUnclear
from .._batch.errors import JournalError as JournalError
from .._batch.errors import JournalLocked as JournalLocked
from .._batch.errors import JournalMismatch as JournalMismatch
from .._batch.errors import JournalTooNew as JournalTooNew
from .._batch.errors import JournalUnwritable as JournalUnwritable
from .._batch.errors import NotAJournal as NotAJournal
from .._batch.jobs import JobOutcome as JobOutcome
from .._batch.report import Report as Report
from .._batch.report import ReportRow as ReportRow
from .._batch.tiling import Tiles as Tiles
from .._batch.tiling import tiles as tiles
from .._describe.algorithms import check_names as check_names
from .._files.told import DownloadProgress as DownloadProgress
from ..batch import AsyncBatch as AsyncBatch
from ..batch import Batch as Batch
from ..progress_display import ProgressDisplay as ProgressDisplay
from ..progress_display import progress as progress
from . import published as _published

NAMES: list[str] = _published(globals())
