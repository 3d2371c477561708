"""What the page on `/` is made of; `make test-browser` looks at it with a browser."""

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from .conftest import Session, call
from .test_api import refusal

LOAD = call("Image.load", id="grid")
HOLES = call("Image.load", id="holes")


def destination(prefix: str, **options: Any) -> dict[str, Any]:
    place = {"bucket": "shown", "filenamePrefix": prefix}
    return {"fileExportOptions": {"fileFormat": "GEO_TIFF", "cloudStorageDestination": place, **options}}


TILES = {"geoTiffOptions": {"tileDimensions": {"width": 5, "height": 4}}}
PATCHES: dict[str, Any] = {
    "fileFormat": "TF_RECORD_IMAGE",
    "tfRecordOptions": {"tileDimensions": {"width": 4, "height": 3}, "compress": True},
}


def picture(session: Session, name: str) -> Any:
    reply = session.client.get(f"/emulator/operations/{name.rpartition('/')[2]}/picture.png")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png"), reply.text
    return np.moveaxis(np.asarray(Image.open(io.BytesIO(reply.content))), 2, 0)


def test_the_page_loads_nothing_from_elsewhere(session: Session) -> None:
    reply = session.client.get("/")
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert not re.search(r"(src|href)=[\"']?(https?:)?//|url\(|@import", reply.text)
    assert "innerHTML" not in reply.text


def test_the_list_behind_it(session: Session) -> None:
    done = session.done(LOAD, description="first", **destination("a/first"))["name"]
    session.start(HOLES, assetExportOptions={"earthEngineDestination": {"name": "projects/p/assets/listed"}})
    newest, first = session.client.get("/emulator/operations").json()["operations"]
    assert (first["operation"]["name"], first["files"]) == (done, ["gs/shown/a/first.tif"])
    assert newest["destination"] == "projects/p/assets/listed"
    body = session.client.get(f"/emulator/operations/{done.rpartition('/')[2]}/request").json()
    assert (body["description"], body["expression"]["values"]["0"]) == ("first", LOAD)


@pytest.mark.parametrize("options", [{}, TILES, PATCHES], ids=["whole", "tiles", "patches"])
def test_pictures(session: Session, options: dict[str, Any]) -> None:
    shown = picture(session, session.done(LOAD, **destination("p", **options))["name"])
    assert shown.shape == (4, 6, 8)
    assert (shown[3] == 255).all()
    assert (np.diff(shown[0].astype(int).ravel()) >= 0).all()  # the image counts upwards
    assert (shown[0, 0, 0], shown[0, 5, 7]) == (0, 255)


def test_pictures_of_masks_and_of_large_images(session: Session) -> None:
    shown = picture(
        session, session.done(HOLES, **destination("h", geoTiffOptions={"noData": {"floatValue": 0}}))["name"]
    )
    assert (shown[3, :, 1::2] == 255).all()
    assert not shown[3, :, 0::2].any()
    grid = {
        "dimensions": {"width": 1500, "height": 700},
        "affineTransform": {"scaleX": 1, "translateX": 500000, "scaleY": -1, "translateY": 4000000},
        "crsCode": "EPSG:32616",
    }
    assert picture(session, session.done(LOAD, grid=grid, **destination("l"))["name"]).shape == (4, 150, 320)


def test_no_picture(session: Session) -> None:
    name = session.start(LOAD)
    for operation in (name.rpartition("/")[2], "NONE"):
        refusal(session.client.get(f"/emulator/operations/{operation}/picture.png"), 404, "NOT_FOUND")
    refusal(session.client.get("/emulator/operations/NONE/request"), 404, "NOT_FOUND")
    done = session.done(LOAD, **destination("gone"))["name"]
    session.emulator.files(done)[0].unlink()
    refusal(
        session.client.get(f"/emulator/operations/{done.rpartition('/')[2]}/picture.png"), 404, "NOT_FOUND"
    )
