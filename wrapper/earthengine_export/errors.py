"""Every error that this library raises, in one tree.

    EarthEngineError
    ├── InvalidArgument (ValueError)      an argument was refused
    ├── InvalidArgumentType (TypeError)   the same, for a value of the wrong type
    ├── ClientUnusable (RuntimeError)     a client was used after close or fork, or a handle has none
    ├── CredentialsError                  no credentials, or credentials that were refused
    ├── RequestError                      a request got no usable answer
    │   ├── ConnectionFailed              no reply: unreachable, broken off, or too slow
    │   ├── BadReply                      a reply that is not a JSON object
    │   └── ApiError                      the service answered with an error
    │       ├── InvalidRequest            400
    │       ├── Unauthenticated           401
    │       ├── PermissionDenied          403
    │       ├── NotFound                  404
    │       ├── Conflict                  409
    │       ├── RateLimited               429
    │       ├── QueueFull                 too many tasks are queued in the project
    │       └── ServerError               5xx
    ├── DuplicateRequest                  a request id was used before, by another export or an unclear one
    ├── DownloadFailed                    a file of an export could not be brought into a folder
    │   ├── TargetExists                  a file of its name is there, with other content
    │   ├── TargetUnusable                no such folder, no space, no permission
    │   └── ChecksumMismatch              what came is not what is stored
    └── OperationError                    an export ended otherwise than its caller waited for
        ├── FilesUnavailable              it has no files in Cloud Storage, or not yet, or no longer
        │   └── FilesAmbiguous            which files it wrote, their names do not tell
        ├── OperationFailed
        ├── OperationCancelled
        ├── OperationStalled
        ├── OperationUnclear
        └── WaitTimeout (TimeoutError)    waiting ended; the export goes on

Catch `EarthEngineError` for all of it. Every error can be pickled, and none holds a token or a key.
"""

from ._errors.operations import ChecksumMismatch as ChecksumMismatch
from ._errors.operations import DownloadFailed as DownloadFailed
from ._errors.operations import FilesAmbiguous as FilesAmbiguous
from ._errors.operations import FilesUnavailable as FilesUnavailable
from ._errors.operations import OperationCancelled as OperationCancelled
from ._errors.operations import OperationError as OperationError
from ._errors.operations import OperationFailed as OperationFailed
from ._errors.operations import OperationStalled as OperationStalled
from ._errors.operations import OperationUnclear as OperationUnclear
from ._errors.operations import TargetExists as TargetExists
from ._errors.operations import TargetUnusable as TargetUnusable
from ._errors.operations import WaitTimeout as WaitTimeout
from ._errors.refusals import ClientUnusable as ClientUnusable
from ._errors.refusals import CredentialsError as CredentialsError
from ._errors.refusals import InvalidArgument as InvalidArgument
from ._errors.refusals import InvalidArgumentType as InvalidArgumentType
from ._errors.requests import ApiError as ApiError
from ._errors.requests import BadReply as BadReply
from ._errors.requests import Conflict as Conflict
from ._errors.requests import ConnectionFailed as ConnectionFailed
from ._errors.requests import DuplicateRequest as DuplicateRequest
from ._errors.requests import InvalidRequest as InvalidRequest
from ._errors.requests import NotFound as NotFound
from ._errors.requests import PermissionDenied as PermissionDenied
from ._errors.requests import QueueFull as QueueFull
from ._errors.requests import RateLimited as RateLimited
from ._errors.requests import RequestError as RequestError
from ._errors.requests import ServerError as ServerError
from ._errors.requests import Unauthenticated as Unauthenticated
from ._errors.root import EarthEngineError as EarthEngineError
