"""What Google's clients learn the API from, with the official client's wheel beside it and without."""

import json
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build_from_document

from earthengine_emulator import algorithms, discovery
from earthengine_emulator.functions import FUNCTIONS

from .conftest import Session


@pytest.fixture(params=["with the wheel", "without"])
def wheel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param == "without":
        for module in (algorithms, discovery):
            monkeypatch.setattr(module, "wheel_file", lambda _: None)
    return bool(request.param != "without")


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_google_s_library_builds_its_methods(session: Session, wheel: bool, version: str) -> None:
    document = session.client.get(f"/$discovery/rest?version={version}").json()
    assert document["rootUrl"] == f"{session.emulator.base_url}/"
    projects = build_from_document(document, credentials=AnonymousCredentials()).projects()
    name = session.start()
    operations = projects.operations()
    assert operations.get(name=name).uri == f"{session.emulator.base_url}/{version}/{name}?alt=json"
    assert operations.wait(name=name, body={}).method == "POST"
    listed = operations.list(name="projects/p", pageSize=1)
    assert operations.list_next(listed, {"nextPageToken": "1"}).uri.endswith("pageToken=1")
    for request, path in (
        (operations.cancel(name=name, body={}), f"{name}:cancel"),
        (operations.delete(name=name), name),
        (projects.image().export(project="projects/p", body={}), "projects/p/image:export"),
        (projects.value().compute(project="projects/p", body={}), "projects/p/value:compute"),
        (projects.algorithms().list(parent="projects/p"), "projects/p/algorithms"),
        (projects.assets().get(name="projects/p/assets/a/b"), "projects/p/assets/a/b"),
        (projects.assets().listImages(parent="projects/p/assets/a"), "projects/p/assets/a:listImages"),
        (projects.listAssets(parent="projects/p", view="BASIC"), "projects/p:listAssets"),
        (projects.getConfig(name="projects/p/config"), "projects/p/config"),
    ):
        assert request.uri.startswith(f"{session.emulator.base_url}/{version}/{path}?")
        reply = session.client.request(request.method, request.uri, json={} if request.body else None)
        assert "Method not found" not in reply.text
    assert hasattr(projects, "thumbnails") == wheel


def test_a_version_that_is_none(session: Session) -> None:
    assert session.client.get("/$discovery/rest?version=../x").status_code == 404


def test_the_list_of_functions(wheel: bool) -> None:
    shown: dict[str, Any] = {
        one["name"].removeprefix("algorithms/"): one
        for one in json.loads(json.dumps(algorithms.official_algorithms() or algorithms.own_algorithms()))
    }
    assert shown.keys() >= FUNCTIONS.keys()
    assert (shown.keys() == FUNCTIONS.keys()) != wheel
    slope = shown["Terrain.slope"]
    assert slope["returnType"].startswith("Image")
    assert [argument["argumentName"] for argument in slope["arguments"]] == ["input"]
    azimuth = shown["Terrain.hillshade"]["arguments"][1]
    assert (azimuth["type"], azimuth["optional"], azimuth["defaultValue"]) == ("Float", True, 270)


def test_it_is_served(session: Session, wheel: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if wheel:  # nobody waits for a process to start, or for exports
        monkeypatch.setattr("earthengine_emulator.routes.ask", None)
    for path in ("/v1/projects/p/algorithms", "/v1alpha/algorithms"):
        assert len(session.client.get(path).json()["algorithms"]) >= len(FUNCTIONS)
