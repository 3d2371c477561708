"""generated/earthengine_rest: what must be in it, and that it comes from the spec."""

import hashlib
import importlib
import importlib.metadata
import inspect
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

import earthengine_rest
import generate
from earthengine_rest import models
from earthengine_rest.unions import UNIONS

# The generator drops what it cannot express, so what the wrapper and its users need is listed here once more.
OPERATIONS: dict[str, tuple[str, type]] = {
    "image.projects_image_export": ("projects_id body", models.Operation),
    "operations.projects_operations_get": ("projects_id operations_id", models.Operation),
    "operations.projects_operations_list": (
        "projects_id filter_ page_size page_token",
        models.ListOperationsResponse,
    ),
    "operations.projects_operations_wait": ("projects_id operations_id body", models.Operation),
    "operations.projects_operations_cancel": ("projects_id operations_id", models.Empty),
    "operations.projects_operations_delete": ("projects_id operations_id", models.Empty),
}
TYPES = {
    "ExportImageRequest": "expression description max_pixels grid request_id workload_tag priority "
    "file_export_options asset_export_options",
    "Expression": "values result",
    "ValueNode": "constant_value integer_value bytes_value array_value dictionary_value "
    "function_definition_value function_invocation_value argument_reference value_reference",
    "ArrayValue": "values",
    "DictionaryValue": "values",
    "FunctionDefinition": "argument_names body",
    "FunctionInvocation": "function_name function_reference arguments",
    "PixelGrid": "dimensions affine_transform crs_code crs_wkt",
    "GridDimensions": "width height",
    "AffineTransform": "scale_x shear_x translate_x shear_y scale_y translate_y",
    "ImageFileExportOptions": "file_format drive_destination cloud_storage_destination geo_tiff_options "
    "tf_record_options",
    "GeoTiffImageExportOptions": "cloud_optimized tile_dimensions skip_empty_files tile_size no_data "
    "metadata_keys pyramid_options",
    "TiffPyramidOptions": "resampling_method",
    "Number": "float_value integer_value",
    "TfRecordImageExportOptions": "tile_dimensions margin_dimensions compress max_size_bytes default_value "
    "tensor_depths sequence_data collapse_bands max_masked_ratio",
    "DriveDestination": "folder filename_prefix",
    "CloudStorageDestination": "bucket filename_prefix permissions bucket_cors_uris",
    "ImageAssetExportOptions": "earth_engine_destination pyramiding_policy pyramiding_policy_overrides "
    "tile_size",
    "EarthEngineDestination": "name overwrite",
    "WaitOperationRequest": "timeout",
    "Operation": "name metadata done error response",
    "OperationMetadata": "state description type_ priority create_time update_time start_time end_time "
    "progress stages attempt script_uri destination_uris notifications batch_eecu_usage_seconds",
    "OperationStage": "display_name description complete_work_units total_work_units",
    "OperationNotification": "severity topic detail",
    "Status": "code message details",
    "ListOperationsResponse": "operations next_page_token unreachable",
    "Empty": "",
    "ErrorResponse": "error",
    "HttpError": "code message status details",
    "ErrorInfo": "type_ reason domain metadata",
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_operation_exists(name: str) -> None:
    arguments, answer = OPERATIONS[name]
    module = importlib.import_module(f"earthengine_rest.api.{name}")
    for call in (module.sync, module.sync_detailed, module.asyncio, module.asyncio_detailed):
        system = {"client", "fields", "pretty_print", "key", "quota_user"}
        assert inspect.signature(call).parameters.keys() - system == set(arguments.split())
    # An error's body is text: a proxy on the way may have written it.
    assert inspect.signature(module.sync).return_annotation == answer | str | None


@pytest.mark.parametrize("name", TYPES)
def test_the_type_exists_with_its_fields(name: str) -> None:
    fields = [field.name for field in attrs.fields(getattr(models, name))]
    assert sorted(fields) == sorted([*TYPES[name].split(), "additional_properties"])


def test_no_type_of_the_spec_is_lost(spec: dict[str, Any]) -> None:
    objects = {name for name, schema in spec["components"]["schemas"].items() if schema["type"] == "object"}
    assert objects == TYPES.keys()
    for name, schema in spec["components"]["schemas"].items():
        known = getattr(models, name)
        if "enum" in schema:
            module = importlib.import_module(f"earthengine_rest.models.{_snake(name)}")
            assert set(schema["enum"]) == getattr(module, f"{_snake(name).upper()}_VALUES")
        else:
            assert len(attrs.fields(known)) == len(schema.get("properties", {})) + 1


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def test_the_unions_name_attributes_and_say_what_the_spec_says(spec: dict[str, Any]) -> None:
    assert [
        (schema, union, len(members))
        for schema, groups in UNIONS.items()
        for union, members in groups.items()
    ] == [
        (schema, union, len(members))
        for schema, groups in spec["x-unions"].items()
        for union, members in groups.items()
    ]
    for schema, groups in UNIONS.items():
        fields = {field.name for field in attrs.fields(getattr(models, schema))}
        assert all(fields.issuperset(members) for members in groups.values()), schema


def test_the_committed_package_is_what_the_spec_generates(tmp_path: Path, spec_path: Path) -> None:
    fresh = tmp_path / "earthengine_rest"
    generate.generate(spec_path, fresh)
    assert generate.differences(generate.PACKAGE, fresh) == []

    (fresh / "stale.py").write_text("x = 1\n", encoding="utf-8")
    (fresh / "py.typed").unlink()
    difference = "\n".join(generate.differences(generate.PACKAGE, fresh))
    assert "+x = 1" in difference
    assert "generated py.typed" in difference


def test_the_header_tells_what_the_package_was_made_from(spec_path: Path) -> None:
    header = Path(earthengine_rest.__file__).read_text(encoding="utf-8")
    assert hashlib.sha256(spec_path.read_bytes()).hexdigest() in header
    assert f"openapi-python-client {importlib.metadata.version('openapi-python-client')}\n" in header
    assert Path(earthengine_rest.__file__).with_name("py.typed").exists()


def _run(code: str, *paths: Path) -> None:
    """Runs code in a Python that finds these folders before what is installed, and keeps no byte-code."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_google_adds_a_field_and_the_wrapper_reaches_it(tmp_path: Path, spec: dict[str, Any]) -> None:
    """The walk of CONTRIBUTING.md, on a copy: spec, `make generate`, done. No line is written by hand."""
    schemas = spec["components"]["schemas"]
    changed: dict[str, Any] = yaml.safe_load(yaml.safe_dump(spec))
    schemas = changed["components"]["schemas"]
    schemas["ExportImageRequest"]["properties"]["costCentre"] = {"type": "string", "description": "Who pays."}
    schemas["OperationMetadata"]["properties"]["carbonGrams"] = {
        "type": "number",
        "description": "Footprint.",
    }
    schemas["PyramidingPolicy"]["enum"].append("VARIANCE")
    for name in ("GeoTiffImageExportOptions", "CloudStorageDestination"):
        schemas[name]["properties"]["newOption"] = {"type": "integer", "description": "New."}
    described = tmp_path / "image_export.yaml"
    described.write_text(yaml.safe_dump(changed, sort_keys=False), encoding="utf-8")
    generate.generate(described, tmp_path / "generated" / "earthengine_rest")
    shutil.copytree(generate.ROOT / "wrapper", tmp_path / "wrapper")
    shutil.copytree(generate.ROOT / "emulator", tmp_path / "emulator")
    shutil.copy(described, tmp_path / "emulator" / "earthengine_emulator")

    _run(
        f"""
        import earthengine_rest, earthengine_export
        from earthengine_export import rest
        from earthengine_rest.models.pyramiding_policy import PYRAMIDING_POLICY_VALUES
        for module in (earthengine_rest, earthengine_export):
            assert module.__file__.startswith({str(tmp_path)!r}), module.__file__
        expression = rest.Expression.from_dict({{"values": {{"0": {{"constantValue": 1}}}}, "result": "0"}})
        request = rest.ExportImageRequest(expression=expression, cost_centre="forest")
        assert request.to_dict()["costCentre"] == "forest"
        operation = rest.Operation.from_dict({{"metadata": {{"carbonGrams": 1.5}}}})
        assert operation.metadata.carbon_grams == 1.5
        assert "VARIANCE" in PYRAMIDING_POLICY_VALUES

        import json, httpx, earthengine_emulator, earthengine_export as eex
        assert earthengine_emulator.__file__.startswith({str(tmp_path)!r})
        sent = []
        with earthengine_emulator.Emulator(assets={str(tmp_path)!r}, output={str(tmp_path)!r}) as emulator:
            http = httpx.Client(event_hooks={{"request": [lambda request: sent.append(request.content)]}})
            client = eex.Client("my-project", eex.anonymous(), emulator.base_url, http_client=http)
            export = eex.ImageExport(
                eex.load("dem"),
                to=eex.CloudStorage("my-bucket", extra_body={{"newOption": 1}}),
                file_format=eex.GeoTiff(extra_body={{"newOption": 2}}),
                extra_body={{"costCentre": "forest"}},
            )
            assert client.submit(export).name  # the emulator refuses what is not in its spec
            client.close()
        body = json.loads(sent[0])
        assert body["costCentre"] == export.to_dict()["costCentre"] == "forest"
        options = body["fileExportOptions"]
        assert options["cloudStorageDestination"]["newOption"] == 1
        assert options["geoTiffOptions"] == {{"newOption": 2}}
        assert eex.ImageExport.from_dict(export.to_dict()) == export
        """,
        tmp_path / "generated",
        tmp_path / "wrapper",
        tmp_path / "emulator",
    )


def test_the_package_works_under_another_name(tmp_path: Path) -> None:
    shutil.copytree(generate.PACKAGE, tmp_path / "theirs" / "_vendor" / "rest")
    _run(
        """
        import sys
        import theirs._vendor.rest.api.image.projects_image_export as export
        from theirs._vendor.rest.models import Operation
        from theirs._vendor.rest.unions import UNIONS
        assert Operation.from_dict({"done": True}).to_dict() == {"done": True}
        assert UNIONS["PixelGrid"] == {"crs": ("crs_code", "crs_wkt")}
        assert not any(name.startswith("earthengine_rest") for name in sys.modules)
        """,
        tmp_path,
    )
