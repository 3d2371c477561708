"""What the service accepts, as `openapi/image_export.yaml` says it, and Google's way of refusing."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from earthengine_emulator.errors import Refusal

# The safe loader, in C where PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_REQUEST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Method:
    """One method of the API: its operationId, its HTTP verb and path template, and its validators."""

    name: str
    verb: str
    path: str
    body: jsonschema_rs.Draft202012Validator | None
    parameters: dict[str, tuple[str, jsonschema_rs.Draft202012Validator]]

    def parse_body(self, raw: bytes) -> dict[str, Any]:
        """The request's body as documented JSON.

        Args:
            raw: The bytes as they came.

        Returns:
            The body, with wrapper values such as `{"value": "10"}` replaced by what they wrap: the official
            Python client sends those.

        Raises:
            Refusal: It is not JSON, or not what the spec allows.
        """
        if self.body is None:
            return {}
        body = parse_json(raw)
        try:
            if isinstance(body, dict):
                # The graph is left as it is: in it, a dictionary with the key "value" may be just that.
                body = {key: part if key == "expression" else _unwrapped(part) for key, part in body.items()}
            self.body.validate(body)
        except RecursionError:
            raise _too_deep() from None
        except (jsonschema_rs.ValidationError, ValueError) as error:
            raise _refusal(error) from None
        return dict(body)

    def parse_parameters(self, given: dict[str, str]) -> dict[str, Any]:
        """The parameters of path and query that the spec knows, each as its own type. Others are ignored.

        Raises:
            Refusal: One of them is not of its type, or out of its range.
        """
        parsed: dict[str, Any] = {}
        for name, (kind, validator) in self.parameters.items():
            if name not in given:
                continue
            value: Any = given[name]
            if kind == "integer" and value.lstrip("-").isdecimal():
                value = int(value)
            elif kind == "boolean":
                value = {"true": True, "false": False}.get(value, value)
            if not validator.is_valid(value):
                raise Refusal(
                    f"Invalid value at '{name}': \"{given[name]}\"",
                    code=404 if f"{{{name}}}" in self.path else 400,  # a path with such a segment is none
                    details=_violation(name, "Invalid."),
                )
            parsed[name] = value
        return parsed


@cache
def methods() -> tuple[Method, ...]:
    """The methods of the spec, with their validators."""
    return tuple(_methods())


@cache
def document() -> dict[str, Any]:
    """The spec; not to be changed."""
    return dict(yaml.load(_spec_text(), Loader=_LOADER))  # noqa: S506 - it is a safe one


def _methods() -> Iterator[Method]:
    closed = _closed()

    def resolved(part: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in part:
            return part
        found: dict[str, Any] = closed
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found

    for path, item in closed["paths"].items():
        for verb in ("get", "post", "delete"):
            if verb not in item:
                continue
            operation = item[verb]
            body = operation.get("requestBody", {})
            parameters = [
                resolved(part) for part in item.get("parameters", []) + operation.get("parameters", [])
            ]
            yield Method(
                name=operation["operationId"],
                verb=verb.upper(),
                path=path,
                body=_validator(body["content"]["application/json"]["schema"]) if body else None,
                parameters={
                    part["name"]: (part["schema"].get("type", ""), _validator(part["schema"]))
                    for part in parameters
                },
            )


@cache
def compute_method() -> Method:
    """`value:compute`, which the spec does not have."""
    expression = {"$ref": "urn:spec#/components/schemas/Expression"}
    body = {"type": "object", "required": ["expression"], "properties": {"expression": expression}}
    return Method("projects.value.compute", "POST", "", _validator(body), {})


@cache
def _closed() -> dict[str, Any]:
    closed = deepcopy(document())
    for schema in closed["components"]["schemas"].values():
        if "properties" in schema:
            # The service refuses names that it does not know; the spec stays open for generated code.
            schema.setdefault("additionalProperties", False)
    return closed


@cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([("urn:spec", _closed())], draft=jsonschema_rs.Draft202012)


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    if "$ref" in schema:
        schema = {"$ref": f"urn:spec{schema['$ref']}"}
    return jsonschema_rs.Draft202012Validator(schema, registry=_registry())


def _spec_text() -> bytes:
    """The spec as it was installed beside this module, or as it stands in a checkout."""
    installed = Path(__file__).with_name("image_export.yaml")
    checkout = Path(__file__).parents[2] / "openapi" / "image_export.yaml"
    return (installed if installed.exists() else checkout).read_bytes()


def check_result(expression: dict[str, Any]) -> dict[str, Any]:
    """An expression whose result names a value.

    Raises:
        Refusal: It names none.
    """
    if expression["result"] not in expression["values"]:
        raise Refusal(f"Invalid value at 'expression': the result {expression['result']!r} names no value.")
    return expression


def parse_json(raw: bytes) -> Any:
    """A request's body.

    Raises:
        Refusal: It is too large, or no JSON.
    """
    if len(raw) > MAX_REQUEST_BYTES:
        raise Refusal(f"Request payload size exceeds the limit: {MAX_REQUEST_BYTES} bytes.")
    try:
        return json.loads(raw or b"{}", parse_constant=_no_constant)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Refusal(f"Invalid JSON payload received. {error}") from None


def _too_deep() -> Refusal:
    return Refusal("Invalid JSON payload received. The message is nested too deeply.")


def _no_constant(name: str) -> None:
    raise ValueError(f"Unexpected token. {name} is not JSON.")


def _unwrapped(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"value"} and not isinstance(value["value"], dict | list):
            return value["value"]
        return {key: _unwrapped(part) for key, part in value.items()}
    return [_unwrapped(part) for part in value] if isinstance(value, list) else value


def _refusal(error: jsonschema_rs.ValidationError | ValueError) -> Refusal:
    if not isinstance(error, jsonschema_rs.ValidationError):
        return Refusal(f"Invalid JSON payload received. {error}")
    where = ".".join(str(part) for part in error.instance_path)
    at = f" at '{where}'" if where else ""
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    if keyword == "additionalProperties":
        return Refusal(
            f"Invalid JSON payload received. Unknown name{at}: Cannot find field. {error.message[:200]}",
            details=_violation(where, error.message[:300]),
        )
    if keyword in ("not", "minProperties", "maxProperties"):
        what = "Two fields of a union are set, or none where one must be."
    else:
        what = error.message[:300]
    return Refusal(f"Invalid value{at}: {what}", details=_violation(where, what))


def _violation(field: str, description: str) -> list[dict[str, Any]]:
    return [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": field, "description": description}],
        }
    ]
