"""The emulator and the spec agree: what one refuses the other refuses, and each answer is as described."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from earthengine_emulator import Emulator

REQUEST: dict[str, Any] = {
    "expression": {"values": {"0": {"constantValue": 1}}, "result": "0"},
    "fileExportOptions": {"fileFormat": "GEO_TIFF", "cloudStorageDestination": {"bucket": "b"}},
}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(wait="at-once") as emulator:
        yield emulator


@pytest.fixture
def client(emulator: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{emulator.base_url}/v1beta", timeout=30) as client:
        yield client


def test_schemathesis_finds_no_fault(
    emulator: Emulator, client: httpx.Client, spec_path: Path, tmp_path: Path
) -> None:
    """Over a thousand requests, right and wrong, drawn from the spec: the same ones in every run."""
    name = client.post("/projects/p/image:export", json=REQUEST).raise_for_status().json()["name"]
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        f"""
        [checks]
        # A schema cannot say that a result names a value, or that a page token was given out by the server.
        positive_data_acceptance.enabled = false
        # Google's front end answers 404, not 405, where a path has no such verb.
        unsupported_method.enabled = false

        [[operations]]  # these find an operation; one that deletes it must not
        include-operation-id = ["projects.operations.get", "projects.operations.wait"]
        parameters = {{ "path.projectsId" = "p", "path.operationsId" = "{name.rpartition("/")[2]}" }}
        """,
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={config}", "run", str(spec_path)]
    command += [f"--url={emulator.base_url}/v1beta", "--phases=examples,coverage,fuzzing", "--mode=all"]
    command += ["--max-examples=30", "--generation-deterministic", "--continue-on-failure", "--no-color"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: 6" in done.stdout


def test_every_answer_of_a_life_is_as_described(client: httpx.Client, schemas: Any) -> None:
    """Each method's answers, good and bad, are valid, and have no field that the spec does not know."""

    def unknown(schema: Any, value: Any) -> Iterator[str]:
        schema = schema.get("anyOf", [schema])[0]
        if "$ref" in schema:
            schema = schemas.by_name[schema["$ref"].rpartition("/")[2]]
        if isinstance(value, list):
            for part in value:
                yield from unknown(schema["items"], part)
        elif isinstance(value, dict) and schema.get("additionalProperties") is not True:
            for field, part in value.items():
                if field in schema.get("properties", {}):
                    # Of the details of an error, the spec knows ErrorInfo alone.
                    yield from unknown(schema["properties"][field], part) if field != "details" else ()
                elif field != "@type":
                    yield field

    def check(schema: str, reply: httpx.Response) -> Any:
        body = reply.json()
        assert schemas.accept(schema, body), json.dumps(body)
        assert list(unknown({"$ref": f"/{schema}"}, body)) == []
        return body

    operations = "/projects/p/operations"
    assert check("ListOperationsResponse", client.get(operations)) == {}
    name = check("Operation", client.post("/projects/p/image:export", json=REQUEST))["name"]
    check("Operation", client.get(f"/{name}"))
    check("Operation", client.post(f"/{name}:wait", json={"timeout": "0.5s"}))
    client.post("/projects/p/image:export", json=REQUEST | {"requestId": "b", "description": "second"})
    page = check("ListOperationsResponse", client.get(operations, params={"pageSize": 1}))
    check("ListOperationsResponse", client.get(operations, params={"pageToken": page["nextPageToken"]}))
    assert check("Empty", client.post(f"/{name}:cancel")) == {}
    ended = check("Operation", client.get(f"/{name}"))
    assert ended["metadata"]["state"] in ("CANCELLED", "CANCELLING")
    assert check("Empty", client.delete(f"/{name}")) == {}
    for refused in (
        client.get(f"/{name}"),
        client.post("/projects/p/image:export", json=REQUEST | {"requestId": "_"}),
        client.get(operations, params={"pageSize": "many"}),
    ):
        assert refused.is_client_error
        check("ErrorResponse", refused)
