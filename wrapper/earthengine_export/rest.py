"""The door to the generated client: the only module that imports `earthengine_rest`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import attrs

# `make vendor` rewrites the next line, and nothing else.
from earthengine_rest import client, models, types, unions

Client = client.Client
ExportImageRequest = models.ExportImageRequest
UNSET = types.UNSET
Unset = types.Unset
UNIONS = unions.UNIONS

if TYPE_CHECKING:
    CloudStorageDestination = models.CloudStorageDestination
    DriveDestination = models.DriveDestination
    Expression = models.Expression
    GeoTiffImageExportOptions = models.GeoTiffImageExportOptions
    ImageAssetExportOptions = models.ImageAssetExportOptions
    ImageFileExportOptions = models.ImageFileExportOptions
    ListOperationsResponse = models.ListOperationsResponse
    Operation = models.Operation
    OperationMetadata = models.OperationMetadata
    OperationNotification = models.OperationNotification
    OperationStage = models.OperationStage
    PixelGrid = models.PixelGrid
    Status = models.Status
    TfRecordImageExportOptions = models.TfRecordImageExportOptions
    WaitOperationRequest = models.WaitOperationRequest
else:

    def __getattr__(name: str) -> object:
        # A model is imported when it is first used: most programs need a few of the forty.
        if name not in models.__all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(models, name)
        return value


def is_set(value: object) -> bool:
    """Whether a field of a generated object was given, and not as null."""
    return value is not None and not isinstance(value, Unset)


ApiMethod = Literal["export", "get", "list", "wait", "cancel", "delete", "token"]
"""What the policy calls the methods; the token's renewal is one more."""


class JsonBody(dict[str, Any]):
    """A request's JSON that is encoded already, so that the HTTP layer need not walk a large graph again.

    As a dict it is the whole body, which is parsed when somebody looks at it.

    Attributes:
        content: The JSON as UTF-8.
    """

    content: bytes

    def __reduce__(self) -> tuple[object, ...]:
        return dict, (dict(self),)


def _whole(method: str) -> Callable[..., object]:
    def look(body: JsonBody, *arguments: object, **named: object) -> object:
        if not dict.__contains__(body, "expression"):
            dict.update(body, json.loads(body.content))
        return getattr(dict, method)(body, *arguments, **named)

    return look


_LOOKS = "__contains__ __eq__ __getitem__ __iter__ __len__ __ne__ __or__ __repr__ copy get items keys values"
for _method in _LOOKS.split():
    setattr(JsonBody, _method, _whole(_method))


class WrittenRequest(ExportImageRequest):
    """A request that is JSON already, and is parsed only where somebody asks for its parts.

    Args:
        fields: The body without the expression, as JSON has it.
        content: The whole body, which is what is sent.
    """

    body: JsonBody

    def __init__(self, fields: Mapping[str, object], content: bytes) -> None:
        self.body = JsonBody(fields)
        self.body.content = content

    def __getattr__(self, name: str) -> object:
        # Python calls this for attributes that are not set yet: the fields, before the first is read.
        names = [field.name for field in attrs.fields(ExportImageRequest)]
        if name not in names:
            raise AttributeError(name)
        parsed = ExportImageRequest.from_dict(json.loads(self.body.content))
        for field in names:
            setattr(self, field, getattr(parsed, field))
        return getattr(self, name)

    def to_dict(self) -> JsonBody:
        """The body, as it is sent."""
        return self.body


R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@attrs.frozen
class Method(Generic[R_co]):
    """A method of the service, and what its replies are parsed as.

    Attributes:
        key: Its name in the retry policy.
        resource: What it belongs to, in the reference.
    """

    key: ApiMethod
    resource: str

    @property
    def name(self) -> str:
        """Its name in the reference."""
        return f"projects.{self.resource}.{self.key}"

    @property
    def endpoint(self) -> ModuleType:
        """The generated module that calls it, imported when it is first used."""
        package = types.__name__.removesuffix(".types")
        return import_module(f"{package}.api.{self.resource}.projects_{self.resource}_{self.key}")


EXPORT: Method[Operation] = Method("export", "image")
GET: Method[Operation] = Method("get", "operations")
LIST: Method[ListOperationsResponse] = Method("list", "operations")
WAIT: Method[Operation] = Method("wait", "operations")
CANCEL: Method[object] = Method("cancel", "operations")
DELETE: Method[object] = Method("delete", "operations")
