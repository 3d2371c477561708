"""value:compute and the assets, as clients ask for them."""

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from affine import Affine

from .conftest import Open, Session, call, write_tiff
from .test_api import refusal


@pytest.fixture(scope="module")
def library(open_session: Open, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A collection of two images with times, a table, and a folder of both."""
    session = open_session()
    folder = session.emulator.assets / "LIBRARY"
    for month in (1, 2):
        path = folder / "scenes" / f"s{month}.tif"
        write_tiff(path, np.ones((2, 3), "uint8"), Affine(2, 0, 0, 0, -2, 0), names=["ndvi"])
        path.with_suffix(".json").write_text(
            json.dumps({"startTime": f"2024-0{month}-01T00:00:00Z", "cloud": month})
        )
    (folder / "places.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    return session


FOREVER = {"functionDefinitionValue": {"argumentNames": ["one", "sum"], "body": "body"}}


def compute(session: Session, graph: Any, timeout: float = 20) -> Any:
    body = call("Number.add", left={"argumentReference": "one"}, right={"argumentReference": "sum"})
    expression = {"values": {"0": graph, "body": body}, "result": "0"}
    path = "/v1/projects/p/value:compute"
    return session.client.post(path, json={"expression": expression}, timeout=timeout)


def test_values(session: Session) -> None:
    assert compute(session, call("Number.add", left=1, right=2)).json() == {"result": 3}
    shown = compute(session, call("Image.load", id="grid")).json()["result"]
    assert (shown["type"], shown["bands"][0]["dimensions"]) == ("Image", [8, 6])
    assert compute(session, {"constantValue": {"a": [1, None]}}).json() == {"result": {"a": [1, None]}}


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        (call("Image.load", id="none"), "'none' not found"),
        (call("No.such"), "'No.such'"),
        ({"valueReference": "0"}, "refers to itself"),
        ({}, "union"),
    ],
)
def test_values_that_cannot_be_computed(session: Session, graph: Any, says: str) -> None:
    assert says in refusal(compute(session, graph))


@pytest.mark.parametrize("more", [{"end": 1e12}, {"count": 2e9}])
def test_a_list_that_no_memory_holds(session: Session, more: Any) -> None:
    answer = compute(session, call("List.sequence", start=0, **more))
    assert (answer.status_code, answer.json()["error"]["message"]) == (429, "User memory limit exceeded.")


def test_a_computation_ends_when_nobody_waits_for_it(session: Session) -> None:
    """As many as there are workers for them, so that another would have to wait."""
    long = call("List.iterate", list=call("List.sequence", start=1, end=10**7), first=0, function=FOREVER)
    for _ in range(3):
        with pytest.raises(httpx.ReadTimeout):
            compute(session, long, timeout=0.5)
    assert compute(session, call("Number.add", left=1, right=2)).json() == {"result": 3}


def get(session: Session, path: str, **query: str) -> dict[str, Any]:
    reply = session.client.get(f"/v1/{path}", params=query)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def test_an_image(library: Session) -> None:
    name = "projects/earthengine-public/assets/LIBRARY/scenes/s1"
    shown = get(library, name)
    assert (shown["type"], shown["name"], shown["id"]) == ("IMAGE", name, "LIBRARY/scenes/s1")
    assert shown["startTime"] == "2024-01-01T00:00:00Z"
    assert shown["properties"]["cloud"] == 1
    (band,) = shown["bands"]
    assert (band["id"], band["dataType"]) == ("ndvi", {"precision": "INT", "range": {"min": 0, "max": 255}})
    assert band["grid"]["dimensions"] == {"width": 3, "height": 2}


def test_lists(library: Session) -> None:
    public = "projects/earthengine-public/assets"
    listed = get(library, f"{public}/LIBRARY:listAssets", view="BASIC")["assets"]
    assert [(one["type"], one["id"]) for one in listed] == [
        ("TABLE", "LIBRARY/places"),
        ("IMAGE_COLLECTION", "LIBRARY/scenes"),
    ]
    images = get(library, f"{public}/LIBRARY/scenes:listImages")["images"]
    assert [one["id"] for one in images] == ["LIBRARY/scenes/s1", "LIBRARY/scenes/s2"]
    late = get(library, f"{public}/LIBRARY/scenes:listImages", startTime="2024-01-15T00:00:00Z")["images"]
    assert late == images[1:]
    first = get(library, f"{public}/LIBRARY/scenes:listImages", pageSize="1")
    assert first["images"] == images[:1]
    rest = get(library, f"{public}/LIBRARY/scenes:listImages", pageToken=first["nextPageToken"])
    assert rest == {"images": images[1:]}
    assert get(library, "projects/earthengine-public:listAssets", view="BASIC")["assets"]
    assert get(library, "projects/empty:listAssets") == {}


def test_exported_assets(session: Session) -> None:
    name = "projects/p/assets/shelf/exported"
    session.files(
        call("Image.load", id="grid"), assetExportOptions={"earthEngineDestination": {"name": name}}
    )
    assert get(session, name)["type"] == "IMAGE"
    assert [one["name"] for one in get(session, "projects/p:listAssets")["assets"]] == [
        "projects/p/assets/shelf"
    ]
    assert [one["name"] for one in get(session, "projects/p/assets/shelf/:listAssets")["assets"]] == [name]


@pytest.mark.parametrize(
    ("path", "code", "status"),
    [
        ("projects/p/assets/none", 404, "NOT_FOUND"),
        ("projects/p/assets/none:listAssets", 404, "NOT_FOUND"),
        ("projects/p/assets/..%2F..%2F..:listAssets", 400, "INVALID_ARGUMENT"),
        ("projects/earthengine-public/assets/..%2F..%2Fetc", 400, "INVALID_ARGUMENT"),
        ("projects/p/assets/%00", 400, "INVALID_ARGUMENT"),
        ("projects/p:listAssets?pageToken=x", 400, "INVALID_ARGUMENT"),
        (
            "projects/earthengine-public/assets/LIBRARY/scenes:listImages?startTime=soon",
            400,
            "INVALID_ARGUMENT",
        ),
        ("projects/p:listImages?filter=x", 400, "INVALID_ARGUMENT"),
    ],
)
def test_refusals(library: Session, path: str, code: int, status: str) -> None:
    refusal(library.client.get(f"/v1/{path}"), code, status)


def test_links_lead_nowhere(session: Session, tmp_path: Path) -> None:
    place = session.emulator.output / "assets" / "projects" / "p" / "assets"
    place.mkdir(parents=True, exist_ok=True)
    write_tiff(tmp_path / "secret.tif", np.ones((2, 3), "uint8"), Affine(2, 0, 0, 0, -2, 0))
    (place / "out").symlink_to(tmp_path)
    assert session.client.get("/v1/projects/p/assets/out/secret").status_code == 400
    assert compute(session, call("Image.load", id="projects/p/assets/out/secret")).status_code == 400
    name = "projects/p/assets/out/new"
    reply = session.export(assetExportOptions={"earthEngineDestination": {"name": name}})
    assert "a link leads out" in refusal(reply)
    (place / "out").unlink()
