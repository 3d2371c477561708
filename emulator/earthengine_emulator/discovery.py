"""The discovery document, by which Google's clients learn what methods there are.

It says what the spec says, and what this emulator serves beside it. Where `earthengine-api` is installed, the
methods of the document in its wheel are added, so that a client can call them and is told that they are not
known here.
"""

import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from earthengine_emulator.spec import document

# The methods that are served beside the spec's: verb, path, parameters of the query.
_PAGE = ("pageSize", "pageToken")
BESIDE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "projects.algorithms.list": ("GET", "{+parent}/algorithms", ()),
    "projects.getConfig": ("GET", "{+name}", ()),
    "projects.listAssets": ("GET", "{+parent}:listAssets", (*_PAGE, "filter", "view")),
    "projects.value.compute": ("POST", "{+project}/value:compute", ()),
    "projects.assets.get": ("GET", "{+name}", ()),
    "projects.assets.listAssets": ("GET", "{+parent}:listAssets", (*_PAGE, "filter", "view")),
    "projects.assets.listImages": (
        "GET",
        "{+parent}:listImages",
        (*_PAGE, "startTime", "endTime", "region", "filter", "view"),
    ),
}
_PATTERNS = {
    "projects.getConfig": "^projects/[^/]+/config$",
    "projects.assets": "^projects/[^/]+/assets/.*$",
    "projects.operations": "^projects/[^/]+/operations/.*$",
}


def wheel_file(name: str) -> Path | None:
    """A file of the official client's tests, where that is installed; the client itself is not imported."""
    found = importlib.util.find_spec("ee")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "tests" / name
        if path.is_file():
            return path
    return None


@cache
def _methods(version: str) -> dict[str, Any]:
    methods: dict[str, Any] = {}
    for path, item in document()["paths"].items():
        for verb in ("get", "post", "delete"):
            if verb in item:
                operation = item[verb]
                name = operation["operationId"]
                of_one = "{operationsId}" in path
                template = path.replace("/projects/{projectsId}/operations/{operationsId}", "{+name}")
                template = template.replace("/projects/{projectsId}/operations", "{+name}/operations")
                template = template.replace("/projects/{projectsId}", "{+project}")
                query: tuple[str, ...] = () if of_one or verb == "post" else (*_PAGE, "filter")
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                reference = _reference(body.get("schema", {}))
                if verb == "post":
                    reference = reference or "Body"  # clients send an empty one where the spec has none
                methods[name] = _method(version, name, verb.upper(), template, query, reference)
    for name, (verb, template, query) in BESIDE.items():
        methods[name] = _method(version, name, verb, template, query, "Body" if verb == "POST" else None)
    return methods


def _reference(schema: dict[str, Any]) -> str | None:
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else "Body" if schema else None


def _method(
    version: str, name: str, verb: str, template: str, query: tuple[str, ...], body: str | None
) -> dict[str, Any]:
    first = re.findall(r"\{\+(\w+)\}", template)[0]
    of_project = template != "{+name}" and "operations" not in name.rpartition(".")[0]
    pattern = next((_PATTERNS[part] for part in (name, name.rpartition(".")[0]) if part in _PATTERNS), None)
    if pattern is None or name == "projects.operations.list" or (of_project and "assets" not in name):
        pattern = "^projects/[^/]+$"
    parameters: dict[str, Any] = {
        first: {"location": "path", "required": True, "type": "string", "pattern": pattern}
    }
    for parameter in query:
        kind = {"type": "integer", "format": "int32"} if parameter == "pageSize" else {"type": "string"}
        parameters[parameter] = {"location": "query", **kind}
    method: dict[str, Any] = {
        "id": f"earthengine.{name}",
        "httpMethod": verb,
        "path": f"{version}/{template}",
        "flatPath": f"{version}/{template}",
        "parameters": parameters,
        "parameterOrder": [first],
        # Google's client makes a method for the next page only where the reply is described to have a token.
        "response": {"$ref": "Page" if "pageToken" in query else "Body"},
        "scopes": ["https://www.googleapis.com/auth/earthengine"],
    }
    if body:
        method["request"] = {"$ref": body}
    return method


def discovery_document(version: str, base_url: str) -> dict[str, Any]:
    """The document of a version, for a server at a URL."""
    found = wheel_file("cloud_api_discovery_document.json")
    official = json.loads(found.read_bytes()) if found else {}
    resources: dict[str, Any] = _versioned(
        official.get("resources", {}), official.get("version", ""), version
    )
    for name, method in _methods(version).items():
        *path, last = name.split(".")
        folder: dict[str, Any] = {"resources": resources}
        for part in path:
            folder = folder.setdefault("resources", {}).setdefault(part, {})
        folder.setdefault("methods", {})[last] = method
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"earthengine:{version}",
        "name": "earthengine",
        "version": version,
        "revision": "20260101",
        "title": "Google Earth Engine API",
        "description": "The methods that earthengine_emulator serves.",
        "protocol": "rest",
        "rootUrl": f"{base_url}/",
        "baseUrl": f"{base_url}/",
        "servicePath": "",
        "basePath": "",
        "batchPath": "batch",
        "parameters": {
            name: {"type": "string", "location": "query"}
            for name in ("$.xgafv", "access_token", "alt", "fields", "key", "oauth_token", "quotaUser")
        }
        | {"prettyPrint": {"type": "boolean", "location": "query"}},
        "auth": {
            "oauth2": {"scopes": {"https://www.googleapis.com/auth/earthengine": {"description": "All."}}}
        },
        "schemas": official.get("schemas", {}) | _schemas(),
        "resources": resources,
    }


def _versioned(part: Any, old: str, new: str) -> Any:
    """Methods of the official document under the path of another version."""
    if isinstance(part, dict):
        return {key: _versioned(value, old, new) for key, value in part.items()}
    if isinstance(part, str) and old and part.startswith(f"{old}/"):
        return new + part[len(old) :]
    return part


@cache
def _schemas() -> dict[str, Any]:
    spec = document()["components"]["schemas"]
    schemas = {name: {"id": name, **_schema(schema)} for name, schema in spec.items()}
    # A dictionary of anything: what is not in the spec is not described here.
    body = {"type": "object", "additionalProperties": {"type": "any"}}
    page = {"type": "object", "properties": {"nextPageToken": {"type": "string"}}}
    return schemas | {"Body": {"id": "Body", **body}, "Page": {"id": "Page", **page}}


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema as discovery documents have it: of an older JSON Schema, and without rules."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"].rpartition("/")[2]}
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _schema(schema[several][0])
    kind = schema.get("type", "any")
    kind = next((one for one in kind if one != "null"), "any") if isinstance(kind, list) else kind
    made: dict[str, Any] = {"type": kind}
    for key in ("description", "format", "enum"):
        if key in schema:
            made[key] = schema[key]
    if "properties" in schema:
        made["properties"] = {name: _schema(part) for name, part in schema["properties"].items()}
    if "items" in schema:
        made["items"] = _schema(schema["items"])
    if schema.get("contentEncoding") == "base64":
        made["format"] = "byte"
    if more := schema.get("additionalProperties"):
        made["additionalProperties"] = {"type": "any"} if more is True else _schema(more)
    return made
