"""The door to the generated client: the only module that imports `earthengine_rest`."""

from __future__ import annotations

import json
import re
from types import ModuleType
from typing import Any, cast

import attrs
from earthengine_rest import Client as Client
from earthengine_rest.api.image import projects_image_export
from earthengine_rest.api.operations import (
    projects_operations_cancel,
    projects_operations_delete,
    projects_operations_get,
    projects_operations_list,
    projects_operations_wait,
)
from earthengine_rest.models.affine_transform import AffineTransform as AffineTransform
from earthengine_rest.models.cloud_storage_destination import (
    CloudStorageDestination as CloudStorageDestination,
)
from earthengine_rest.models.drive_destination import DriveDestination as DriveDestination
from earthengine_rest.models.earth_engine_destination import EarthEngineDestination as EarthEngineDestination
from earthengine_rest.models.export_image_request import ExportImageRequest as ExportImageRequest
from earthengine_rest.models.expression import Expression as Expression
from earthengine_rest.models.geo_tiff_image_export_options import (
    GeoTiffImageExportOptions as GeoTiffImageExportOptions,
)
from earthengine_rest.models.grid_dimensions import GridDimensions as GridDimensions
from earthengine_rest.models.image_asset_export_options import (
    ImageAssetExportOptions as ImageAssetExportOptions,
)
from earthengine_rest.models.image_file_export_options import ImageFileExportOptions as ImageFileExportOptions
from earthengine_rest.models.list_operations_response import ListOperationsResponse as ListOperationsResponse
from earthengine_rest.models.number import Number as Number
from earthengine_rest.models.operation import Operation as Operation
from earthengine_rest.models.operation_metadata import OperationMetadata as OperationMetadata
from earthengine_rest.models.operation_notification import OperationNotification as OperationNotification
from earthengine_rest.models.operation_stage import OperationStage as OperationStage
from earthengine_rest.models.pixel_grid import PixelGrid as PixelGrid
from earthengine_rest.models.status import Status as Status
from earthengine_rest.models.tf_record_image_export_options import (
    TfRecordImageExportOptions as TfRecordImageExportOptions,
)
from earthengine_rest.models.wait_operation_request import WaitOperationRequest as WaitOperationRequest
from earthengine_rest.types import UNSET as UNSET
from earthengine_rest.types import Unset as Unset
from earthengine_rest.unions import UNIONS as UNIONS

from earthengine_export.errors import InvalidArgument, InvalidArgumentType
from earthengine_export.retries import ApiMethod


class JsonBody(dict[str, Any]):
    """A request's JSON that is encoded already, so that the HTTP layer need not walk a large graph again.

    Attributes:
        content: The JSON as UTF-8.
    """

    content: bytes


class _WrittenExpression(Expression):
    """An expression as JSON text, which is read only where somebody asks for its parts."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getattr__(self, name: str) -> Any:
        # Reached for the fields of Expression only, which are not set yet.
        if name not in ("values", "result", "additional_properties"):
            raise AttributeError(name)
        parsed = Expression.from_dict(json.loads(self._text))
        self.values, self.result = parsed.values, parsed.result
        self.additional_properties = parsed.additional_properties
        return getattr(self, name)

    def to_dict(self) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(self._text))


class _WrittenRequest(ExportImageRequest):
    """A request whose body is encoded already."""

    body: JsonBody

    def to_dict(self) -> dict[str, Any]:
        return self.body


def written_request(expression: str, fields: dict[str, Any], content: bytes) -> ExportImageRequest:
    """A request that is sent as `content`; its attributes, but for a large expression, are ready to be read.

    Args:
        expression: The expression as JSON text.
        fields: The other fields as JSON has them. They are also what the body holds as a dict.
        content: The whole body.
    """
    request = _WrittenRequest.from_dict({"expression": {"values": {}, "result": ""}, **fields})
    request.expression = _WrittenExpression(expression)
    request.body = JsonBody(fields)
    request.body.content = content
    return request


@attrs.frozen
class Method:
    """A method of the service.

    Attributes:
        key: Its name in the retry policy.
        name: Its name in the reference.
        endpoint: The generated module that calls it.
    """

    key: ApiMethod
    name: str
    endpoint: ModuleType


EXPORT = Method("export", "projects.image.export", projects_image_export)
GET = Method("get", "projects.operations.get", projects_operations_get)
LIST = Method("list", "projects.operations.list", projects_operations_list)
WAIT = Method("wait", "projects.operations.wait", projects_operations_wait)
CANCEL = Method("cancel", "projects.operations.cancel", projects_operations_cancel)
DELETE = Method("delete", "projects.operations.delete", projects_operations_delete)

_NAME = re.compile(r"projects/([^/]+)/operations/([^/]+)")


def is_operation_name(name: object) -> bool:
    """Whether it is the full name of an operation."""
    match = _NAME.fullmatch(name) if isinstance(name, str) and name.isprintable() else None
    # httpx folds dot segments, so that a DELETE of the operation ".." would hit the project.
    return match is not None and not {".", ".."} & set(match.groups())


def split_name(name: str) -> tuple[str, str]:
    """The project and the id of an operation's full name, as the generated client takes them.

    Raises:
        InvalidArgument: It is not of the form projects/PROJECT/operations/ID.
        InvalidArgumentType: It is no string.
    """
    if not isinstance(name, str):
        raise InvalidArgumentType("name", name, "An operation's name is a string.")
    if not is_operation_name(name):
        raise InvalidArgument(
            "name",
            name,
            "An operation's name is projects/PROJECT/operations/ID.",
            "Take it from operation.name, or give the id alone.",
        )
    _, project, _, operation = name.split("/")
    return project, operation
