"""openapi/image_export.yaml: valid, complete, and strict where the reference is."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import openapi_spec_validator
import pytest

EXPRESSION = {"values": {"0": {"constantValue": 1}}, "result": "0"}
DRIVE = {"fileFormat": "GEO_TIFF", "driveDestination": {"folder": "f"}}
ASSET = {"earthEngineDestination": {"name": "projects/p/assets/a"}}
SCOPES = "https://www.googleapis.com/auth/"

# A valid value for each member of a union, and what the schema needs beside the union.
MEMBERS: dict[str, Any] = {
    "fileExportOptions": DRIVE,
    "assetExportOptions": ASSET,
    "constantValue": None,
    "integerValue": "-9007199254740993",
    "bytesValue": "AAE=",
    "arrayValue": {"values": [{"constantValue": 1}]},
    "dictionaryValue": {"values": {"a": {"constantValue": 1}}},
    "functionDefinitionValue": {"argumentNames": ["x"], "body": "1"},
    "functionInvocationValue": {"functionName": "Image.load", "arguments": {}},
    "argumentReference": "x",
    "valueReference": "1",
    "functionName": "Image.load",
    "functionReference": "1",
    "crsCode": "EPSG:4326",
    "crsWkt": 'GEOGCS["WGS 84"]',
    "driveDestination": {},
    "cloudStorageDestination": {"bucket": "b"},
    "geoTiffOptions": {"cloudOptimized": True},
    "tfRecordOptions": {"compress": True},
    "floatValue": 1.5,
    "earthEngineDestination": {"name": "projects/p/assets/a"},
    "error": {"code": 1},
    "response": {"@type": "type.googleapis.com/google.protobuf.Empty"},
}
BESIDE: dict[tuple[str, str], Any] = {
    ("ExportImageRequest", "export_options"): {"expression": EXPRESSION},
    ("ImageFileExportOptions", "format_options"): {"driveDestination": {}},
}
# A request without any of these has nothing to do; the others may be left out.
NEEDED = {
    ("ExportImageRequest", "export_options"),
    ("ValueNode", "value"),
    ("FunctionInvocation", "function"),
    ("ImageFileExportOptions", "destination"),
    ("Number", "value"),
    ("ImageAssetExportOptions", "destination"),
}


def test_the_document_is_valid_openapi(spec: dict[str, Any]) -> None:
    openapi_spec_validator.validate(spec)
    assert spec["openapi"].startswith("3.1.")


def test_the_six_methods_are_as_in_the_reference(spec: dict[str, Any]) -> None:
    found = {
        method["operationId"]: (verb, path, {choice["google"][0] for choice in method["security"]})
        for path, item in spec["paths"].items()
        for verb, method in item.items()
        if verb != "parameters"
    }
    both = {SCOPES + "earthengine", SCOPES + "cloud-platform"}
    operation = "/projects/{projectsId}/operations/{operationsId}"
    assert found == {
        "projects.image.export": (
            "post",
            "/projects/{projectsId}/image:export",
            both | {SCOPES + "devstorage.full_control"},
        ),
        "projects.operations.list": ("get", "/projects/{projectsId}/operations", both),
        "projects.operations.get": ("get", operation, both),
        "projects.operations.delete": ("delete", operation, both),
        "projects.operations.wait": ("post", operation + ":wait", both),
        "projects.operations.cancel": ("post", operation + ":cancel", both),
    }
    assert all(server["url"].endswith("/v1beta") for server in spec["servers"])


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def test_every_component_is_reached_from_a_method(spec: dict[str, Any]) -> None:
    reached: set[str] = set()
    to_read = set(_references(spec["paths"]))
    while to_read:
        reference = to_read.pop()
        reached.add(reference)
        _, _, sort, name = reference.split("/")
        to_read |= set(_references(spec["components"][sort][name])) - reached
    every = {
        f"#/components/{sort}/{name}"
        for sort in ("schemas", "parameters", "responses")
        for name in spec["components"][sort]
    }
    assert reached == every


def test_everything_is_described_and_names_its_page(schemas: Any) -> None:
    for name, schema in schemas.by_name.items():
        assert "Reference: " in schema["description"], name
        for field, inner in schema.get("properties", {}).items():
            assert inner.get("description"), f"{name}.{field}"
        if "enum" in schema:
            assert list(schema["x-enum-descriptions"]) == schema["enum"], name


def test_what_only_official_clients_know_is_marked(schemas: Any) -> None:
    marked = set()
    for name, schema in schemas.by_name.items():
        evidence = schema.get("x-evidence", {})
        marked |= {name} if isinstance(evidence, str) else {f"{name} {value}" for value in evidence}
        marked |= {
            f"{name}.{field}"
            for field, inner in schema.get("properties", {}).items()
            if "x-evidence" in inner
        }
    assert marked == {
        "EarthEngineDestination.overwrite",
        "GeoTiffImageExportOptions.metadataKeys",
        "GeoTiffImageExportOptions.pyramidOptions",
        "ImageAssetExportOptions.tileSize",
        "ImageFileFormat MULTI_BAND_IMAGE_TILE",
        "ListOperationsResponse.unreachable",
        "PyramidingPolicy MEDIAN",
        "ResamplingMethod",
        "TiffPyramidOptions",
    }


def test_the_server_s_defaults_are_told_but_not_sent(spec: dict[str, Any], schemas: Any) -> None:
    assert '"default":' not in json.dumps(spec), "a generated class would send it with every request"
    found = {
        f"{name}.{field}": inner["x-server-default"]
        for name, schema in schemas.by_name.items()
        for field, inner in schema.get("properties", {}).items()
        if "x-server-default" in inner
    }
    assert found == {
        "ExportImageRequest.maxPixels": "100000000",
        "ExportImageRequest.priority": 100,
        "GeoTiffImageExportOptions.tileSize": 256,
        "TfRecordImageExportOptions.defaultValue": 0,
        "TfRecordImageExportOptions.maxMaskedRatio": 1,
        "TfRecordImageExportOptions.maxSizeBytes": "1073741824",
    }


def test_no_union_is_missing_from_the_list(spec: dict[str, Any], schemas: Any) -> None:
    def pairs(constraint: Any) -> Iterator[frozenset[str]]:
        for part in constraint.get("anyOf", [constraint]):
            if "required" in part:
                yield frozenset(part["required"])

    for name, schema in schemas.by_name.items():
        groups = spec["x-unions"].get(name, {}).values()
        listed = {frozenset(pair) for group in groups for pair in itertools.combinations(group, 2)}
        if schema.get("maxProperties") == 1:
            assert [set(group) for group in groups] == [set(schema["properties"])], name
        else:
            assert set(pairs(schema.get("not", {}))) == listed, name


def test_each_union_takes_one_member_and_refuses_every_pair(spec: dict[str, Any], schemas: Any) -> None:
    tried = 0
    for name, groups in spec["x-unions"].items():
        for union, members in groups.items():
            beside = BESIDE.get((name, union), {})
            assert schemas.accept(name, beside) == ((name, union) not in NEEDED), f"{name} without {union}"
            for member in members:
                assert schemas.accept(name, beside | {member: MEMBERS[member]}), f"{name} with {member}"
            for pair in itertools.combinations(members, 2):
                both = beside | {member: MEMBERS[member] for member in pair}
                assert not schemas.accept(name, both), f"{name} with {pair}"
                # Another implementation of JSON Schema agrees.
                schema = {"$ref": f"#/components/schemas/{name}", "components": spec["components"]}
                assert not jsonschema.Draft202012Validator(schema).is_valid(both)
                tried += 1
    assert tried == 43


def test_a_union_of_one_object_takes_no_three_members(schemas: Any) -> None:
    request = {"expression": EXPRESSION, "fileExportOptions": DRIVE}
    assert schemas.accept("ExportImageRequest", request)
    everything = DRIVE | {
        "cloudStorageDestination": {"bucket": "b"},
        "geoTiffOptions": {},
        "tfRecordOptions": {},
    }
    assert not schemas.accept("ExportImageRequest", request | {"fileExportOptions": everything})


@pytest.mark.parametrize(
    ("name", "field", "good", "bad"),
    [
        ("ExportImageRequest", "maxPixels", ["1", "10000000000"], ["-1", "1e8", "", 1000, {"value": "1"}]),
        ("ExportImageRequest", "requestId", ["", "a", "Az-09" * 12], ["a" * 61, "a_b", "a b", "é", "a.b", 7]),
        ("ExportImageRequest", "workloadTag", ["a", "A_-9", "x" * 63], ["", "x" * 64, "a b", "a.b"]),
        ("ExportImageRequest", "priority", [0, 100, 9999], [-1, 10000, 1.5, "100"]),
        ("ExportImageRequest", "description", ["", "Élévation"], [1]),
        ("GridDimensions", "width", [1, 2**31 - 1], [0, -1, 2**31, 1.5, "256"]),
        ("GridDimensions", "height", [1, 2**31 - 1], [0, -1, 2**31, 1.5, "256"]),
        ("AffineTransform", "scaleY", [-30, 0, 1e-9], ["-30", True]),
        ("GeoTiffImageExportOptions", "tileSize", [1, 256], [0, 2**31, "256"]),
        ("GeoTiffImageExportOptions", "skipEmptyFiles", [True], ["true", 1]),
        ("GeoTiffImageExportOptions", "pyramidOptions", [{"resamplingMethod": "RMS"}], [1]),
        ("Number", "integerValue", ["-5", "9223372036854775807"], ["1.5", 5, "+5"]),
        ("TfRecordImageExportOptions", "maxSizeBytes", ["1073741824"], [1073741824, "1 GiB", "-1"]),
        ("TfRecordImageExportOptions", "maxMaskedRatio", [0, 0.5, 1], [-0.1, 1.1, "1"]),
        ("TfRecordImageExportOptions", "tensorDepths", [{}, {"b": 3}], [{"b": 2**31}, {"b": "3"}, [3]]),
        ("ImageFileExportOptions", "fileFormat", ["GEO_TIFF", "TF_RECORD_IMAGE"], ["GeoTIFF", "COG", 1]),
        ("CloudStorageDestination", "permissions", ["PUBLIC", "DEFAULT_OBJECT_ACL"], ["PRIVATE"]),
        ("ImageAssetExportOptions", "pyramidingPolicy", ["MEAN", "MEDIAN"], ["mean"]),
        ("ImageAssetExportOptions", "pyramidingPolicyOverrides", [{"b": "MODE"}], [{"b": "LAST"}, ["MODE"]]),
        ("EarthEngineDestination", "name", ["projects/p/assets/a/b"], ["users/me/a", "projects/p/assets/"]),
        ("WaitOperationRequest", "timeout", ["0s", "60s", "3.123456789s"], ["60", "-1s", "1.0123456789s"]),
        ("ValueNode", "integerValue", ["0", "-1"], [1, "one"]),
        ("ValueNode", "bytesValue", ["", "AAE="], ["a b", 1]),
        ("ValueNode", "constantValue", [None, 0, "", [], {"a": [1]}], []),
        ("Expression", "result", ["0"], [0, None]),
        ("Operation", "response", [None, {}, {"@type": "x", "a": 1}], ["x"]),
        ("OperationMetadata", "state", ["RUNNING", "SOMETHING_NEW", None], []),
        ("ErrorResponse", "error", ["invalid_token", None, {"code": 404, "details": [{"@type": "x"}]}], [1]),
    ],
)  # fmt: skip
def test_a_field_takes_what_the_reference_allows(
    schemas: Any, name: str, field: str, good: list[Any], bad: list[Any]
) -> None:
    needed: dict[str, dict[str, Any]] = {
        "ExportImageRequest": {"expression": EXPRESSION, "fileExportOptions": DRIVE},
        "GridDimensions": {"width": 1, "height": 1},
        "ImageFileExportOptions": DRIVE,
        "CloudStorageDestination": {"bucket": "b"},
        "ImageAssetExportOptions": ASSET,
        "Expression": EXPRESSION,
    }
    beside = needed.get(name, {})
    for value in good:
        assert schemas.accept(name, beside | {field: value}), value
    for value in bad:
        assert not schemas.accept(name, beside | {field: value}), value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ExportImageRequest", {"fileExportOptions": DRIVE}),
        ("Expression", {"values": {}}),
        ("GridDimensions", {"width": 1}),
        ("CloudStorageDestination", {}),
        ("EarthEngineDestination", {}),
    ],
)
def test_what_a_request_needs_is_required(schemas: Any, name: str, value: Any) -> None:
    assert not schemas.accept(name, value)


def test_replies_require_nothing(schemas: Any) -> None:
    for name in ("Operation", "OperationMetadata", "OperationStage", "OperationNotification", "Status",
                 "ListOperationsResponse", "Empty", "ErrorResponse", "HttpError", "ErrorInfo"):  # fmt: skip
        assert schemas.accept(name, {})
        assert schemas.accept(name, {"somethingNew": {"a": 1}})
        assert "required" not in schemas.by_name[name]


def test_path_parameters_cannot_leave_their_segment(spec: dict[str, Any]) -> None:
    for name in ("projectsId", "operationsId"):
        schema = spec["components"]["parameters"][name]["schema"]
        valid = jsonschema.Draft202012Validator(schema).is_valid
        assert all(map(valid, ["my-project", "123456", "ABCDEFGHIJKLMNOPQRSTUVWX"]))
        assert not any(map(valid, ["", ".", "..", "a/b", "projects/p", "a?b", "a#b", "a b"]))


def test_the_system_parameters_are_declared_once(spec: dict[str, Any]) -> None:
    for item in spec["paths"].values():
        names = [parameter["$ref"].rpartition("/")[2] for parameter in item["parameters"]]
        assert names == ["fields", "prettyPrint", "key", "quotaUser"]
