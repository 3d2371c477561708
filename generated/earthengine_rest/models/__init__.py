"""Contains all the data models used in inputs/outputs, each imported when it is first asked for"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .affine_transform import AffineTransform
    from .array_value import ArrayValue
    from .cloud_storage_destination import CloudStorageDestination
    from .dictionary_value import DictionaryValue
    from .dictionary_value_values import DictionaryValueValues
    from .drive_destination import DriveDestination
    from .earth_engine_destination import EarthEngineDestination
    from .empty import Empty
    from .error_info import ErrorInfo
    from .error_info_metadata_type_0 import ErrorInfoMetadataType0
    from .error_response import ErrorResponse
    from .export_image_request import ExportImageRequest
    from .expression import Expression
    from .expression_values import ExpressionValues
    from .function_definition import FunctionDefinition
    from .function_invocation import FunctionInvocation
    from .function_invocation_arguments import FunctionInvocationArguments
    from .geo_tiff_image_export_options import GeoTiffImageExportOptions
    from .grid_dimensions import GridDimensions
    from .http_error import HttpError
    from .image_asset_export_options import ImageAssetExportOptions
    from .image_asset_export_options_pyramiding_policy_overrides import (
        ImageAssetExportOptionsPyramidingPolicyOverrides,
    )
    from .image_file_export_options import ImageFileExportOptions
    from .image_file_format import ImageFileFormat
    from .list_operations_response import ListOperationsResponse
    from .number import Number
    from .operation import Operation
    from .operation_metadata import OperationMetadata
    from .operation_notification import OperationNotification
    from .operation_response_type_0 import OperationResponseType0
    from .operation_stage import OperationStage
    from .pixel_grid import PixelGrid
    from .pyramiding_policy import PyramidingPolicy
    from .resampling_method import ResamplingMethod
    from .severity import Severity
    from .state import State
    from .status import Status
    from .tf_record_image_export_options import TfRecordImageExportOptions
    from .tf_record_image_export_options_tensor_depths import (
        TfRecordImageExportOptionsTensorDepths,
    )
    from .tiff_pyramid_options import TiffPyramidOptions
    from .tile_permissions import TilePermissions
    from .value_node import ValueNode
    from .wait_operation_request import WaitOperationRequest
else:
    _MODULES = {
        "AffineTransform": ".affine_transform",
        "ArrayValue": ".array_value",
        "CloudStorageDestination": ".cloud_storage_destination",
        "DictionaryValue": ".dictionary_value",
        "DictionaryValueValues": ".dictionary_value_values",
        "DriveDestination": ".drive_destination",
        "EarthEngineDestination": ".earth_engine_destination",
        "Empty": ".empty",
        "ErrorInfo": ".error_info",
        "ErrorInfoMetadataType0": ".error_info_metadata_type_0",
        "ErrorResponse": ".error_response",
        "ExportImageRequest": ".export_image_request",
        "Expression": ".expression",
        "ExpressionValues": ".expression_values",
        "FunctionDefinition": ".function_definition",
        "FunctionInvocation": ".function_invocation",
        "FunctionInvocationArguments": ".function_invocation_arguments",
        "GeoTiffImageExportOptions": ".geo_tiff_image_export_options",
        "GridDimensions": ".grid_dimensions",
        "HttpError": ".http_error",
        "ImageAssetExportOptions": ".image_asset_export_options",
        "ImageAssetExportOptionsPyramidingPolicyOverrides": ".image_asset_export_options_pyramiding_policy_overrides",
        "ImageFileExportOptions": ".image_file_export_options",
        "ImageFileFormat": ".image_file_format",
        "ListOperationsResponse": ".list_operations_response",
        "Number": ".number",
        "Operation": ".operation",
        "OperationMetadata": ".operation_metadata",
        "OperationNotification": ".operation_notification",
        "OperationResponseType0": ".operation_response_type_0",
        "OperationStage": ".operation_stage",
        "PixelGrid": ".pixel_grid",
        "PyramidingPolicy": ".pyramiding_policy",
        "ResamplingMethod": ".resampling_method",
        "Severity": ".severity",
        "State": ".state",
        "Status": ".status",
        "TfRecordImageExportOptions": ".tf_record_image_export_options",
        "TfRecordImageExportOptionsTensorDepths": ".tf_record_image_export_options_tensor_depths",
        "TiffPyramidOptions": ".tiff_pyramid_options",
        "TilePermissions": ".tile_permissions",
        "ValueNode": ".value_node",
        "WaitOperationRequest": ".wait_operation_request",
    }

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return value


__all__ = (
    "AffineTransform",
    "ArrayValue",
    "CloudStorageDestination",
    "DictionaryValue",
    "DictionaryValueValues",
    "DriveDestination",
    "EarthEngineDestination",
    "Empty",
    "ErrorInfo",
    "ErrorInfoMetadataType0",
    "ErrorResponse",
    "ExportImageRequest",
    "Expression",
    "ExpressionValues",
    "FunctionDefinition",
    "FunctionInvocation",
    "FunctionInvocationArguments",
    "GeoTiffImageExportOptions",
    "GridDimensions",
    "HttpError",
    "ImageAssetExportOptions",
    "ImageAssetExportOptionsPyramidingPolicyOverrides",
    "ImageFileExportOptions",
    "ImageFileFormat",
    "ListOperationsResponse",
    "Number",
    "Operation",
    "OperationMetadata",
    "OperationNotification",
    "OperationResponseType0",
    "OperationStage",
    "PixelGrid",
    "PyramidingPolicy",
    "ResamplingMethod",
    "Severity",
    "State",
    "Status",
    "TfRecordImageExportOptions",
    "TfRecordImageExportOptionsTensorDepths",
    "TiffPyramidOptions",
    "TilePermissions",
    "ValueNode",
    "WaitOperationRequest",
)
