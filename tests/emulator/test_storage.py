"""What lies under output/gs, read as Cloud Storage is read."""

import base64
import hashlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import google_crc32c
import numpy as np
import pytest
import rasterio

from .conftest import Session, call

LOAD = call("Image.load", id="grid")
NAMES = ["a/dem-2.tif", "a/dem.tif", "a/dem0000000000-0000000256.tif", "a/deep/er/x y é.tif", "b.txt"]


@pytest.fixture
def bucket(module_session: Session) -> Path:
    folder = module_session.emulator.output / "gs" / "objects"
    for number, name in enumerate(NAMES):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(range(number * 10)))
    return folder


def listing(session: Session, **query: Any) -> dict[str, Any]:
    reply = session.client.get("/storage/v1/b/objects/o", params=query)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def names(listed: dict[str, Any]) -> list[str]:
    return [item["name"] for item in listed.get("items", [])]


@pytest.mark.parametrize(
    ("query", "objects", "prefixes"),
    [
        ({}, sorted(NAMES), []),
        ({"prefix": "a/dem"}, sorted(NAMES[:3]), []),
        ({"prefix": "a/dem."}, ["a/dem.tif"], []),
        ({"delimiter": "/"}, ["b.txt"], ["a/"]),
        ({"delimiter": "/", "prefix": "a/"}, sorted(NAMES[:3]), ["a/deep/"]),
        (
            {"delimiter": "-", "prefix": "a/d"},
            ["a/deep/er/x y é.tif", "a/dem.tif"],
            ["a/dem-", "a/dem0000000000-"],
        ),
        ({"startOffset": "a/dem.tif", "endOffset": "b"}, NAMES[1:3], []),
        ({"prefix": "../"}, [], []),
        ({"prefix": "none"}, [], []),
    ],
)
def test_lists(
    session: Session, bucket: Path, query: dict[str, str], objects: list[str], prefixes: list[str]
) -> None:
    listed = listing(session, **query)
    assert sorted(names(listed)) == sorted(objects)
    assert listed.get("prefixes", []) == prefixes


@pytest.mark.parametrize("delimiter", ["", "/", "-"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages(session: Session, bucket: Path, delimiter: str, size: int) -> None:
    whole = listing(session, delimiter=delimiter, prefix="a/")
    seen: list[str] = []
    prefixes: list[str] = []
    token = ""
    while True:
        page = listing(session, delimiter=delimiter, prefix="a/", maxResults=size, pageToken=token)
        assert 0 < len(names(page)) + len(page.get("prefixes", [])) <= size
        seen += names(page)
        prefixes += page.get("prefixes", [])
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert (seen, prefixes) == (names(whole), whole.get("prefixes", []))


def test_an_object_and_its_checksums(session: Session, bucket: Path) -> None:
    name = "a/deep/er/x y é.tif"
    content = (bucket / name).read_bytes()
    quoted = "a%2Fdeep%2Fer%2Fx%20y%20%C3%A9.tif"
    shown = session.client.get(f"/storage/v1/b/objects/o/{quoted}").json()
    assert (shown["name"], shown["size"], shown["contentType"]) == (name, "30", "image/tiff")
    crc32c = base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode()
    md5 = base64.b64encode(hashlib.md5(content).digest()).decode()
    assert (shown["crc32c"], shown["md5Hash"]) == (crc32c, md5)
    media = session.client.get(f"/storage/v1/b/objects/o/{quoted}?alt=media")
    assert media.content == content
    assert media.headers["x-goog-hash"] == f"crc32c={crc32c},md5={md5}"
    assert session.client.get(shown["mediaLink"]).content == content
    (bucket / name).write_bytes(b"other")
    changed = session.client.get(f"/storage/v1/b/objects/o/{quoted}").json()
    assert (changed["size"], changed["crc32c"] != crc32c) == ("5", True)
    assert changed["generation"] != shown["generation"]
    assert session.client.get(shown["mediaLink"]).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-0", 206, b"\0"),
        ("bytes=3-", 206, bytes(range(3, 10))),
        ("bytes=-2", 206, b"\x08\x09"),
        ("bytes=8-100", 206, b"\x08\x09"),
        ("bytes=10-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=5-2", 200, bytes(range(10))),
        ("lines=1-2", 200, bytes(range(10))),
    ],
)
def test_ranges(session: Session, bucket: Path, asked: str, status: int, content: bytes | None) -> None:
    for path in ("/objects/a/dem.tif", "/download/storage/v1/b/objects/o/a%2Fdem.tif?alt=media"):
        reply = session.client.get(path, headers={"Range": asked})
        assert reply.status_code == status
        if content is not None:
            assert reply.content == content
    assert session.client.head("/objects/a/dem.tif").headers["content-length"] == "10"


def test_conditions(session: Session, bucket: Path) -> None:
    path = "/storage/v1/b/objects/o/b.txt"
    generation = session.client.get(path).json()["generation"]
    for query, status in (
        (f"generation={generation}&ifGenerationMatch={generation}", 200),
        ("generation=1", 404),
        ("ifGenerationMatch=1", 412),
        (f"ifGenerationNotMatch={generation}", 412),
        ("ifMetagenerationMatch=2", 412),
    ):
        assert session.client.get(f"{path}?{query}").status_code == status


@pytest.mark.parametrize(
    "path",
    [
        "/storage/v1/b/nowhere/o",
        "/storage/v1/b/objects/o/none",
        "/storage/v1/b/objects/o/..%2F..%2Fsecret",
        "/storage/v1/b/objects/o/%00",
        "/storage/v1/b/objects/o/a",
        "/objects/none",
        "/objects/a/../../../secret",
        "/objects/%2e%2e/%2e%2e/secret",
        "/nowhere/x",
    ],
)
def test_what_is_not_there(session: Session, bucket: Path, path: str) -> None:
    (session.emulator.output / "secret").write_text("secret")
    reply = session.client.get(path)
    assert reply.status_code == 404
    assert "secret" not in reply.text.replace(path, "").replace("/secret", "")


def test_links_are_not_followed(session: Session, bucket: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    for link, target in (("link.txt", tmp_path / "secret.txt"), ("folder", tmp_path)):
        if not (bucket / link).is_symlink():
            (bucket / link).symlink_to(target)
    assert names(listing(session)) == sorted(NAMES)
    for name in ("link.txt", "folder/secret.txt"):
        assert session.client.get(f"/objects/{name}").status_code == 404
        assert session.client.get(f"/storage/v1/b/objects/o/{name}?alt=media").status_code == 404
    assert names(listing(session, prefix="folder/")) == []
    for name in ("link.txt", "folder"):
        (bucket / name).unlink()


def test_buckets(session: Session, bucket: Path) -> None:
    assert "objects" in [one["name"] for one in session.client.get("/storage/v1/b").json()["items"]]
    assert session.client.get("/storage/v1/b/objects").json()["name"] == "objects"
    assert session.client.get("/storage/v1/b/UPPER").status_code == 400


def test_the_list_in_xml(session: Session, bucket: Path) -> None:
    found = []
    marker = ""
    while True:
        text = session.client.get("/objects/", params={"max-keys": 2, "marker": marker}).text
        root = Xml.fromstring(text)
        space = {"s": root.tag[1:].partition("}")[0]}
        found += [key.text for key in root.findall("s:Contents/s:Key", space)]
        if root.findtext("s:IsTruncated", namespaces=space) == "false":
            break
        marker = root.findtext("s:NextMarker", "", space)
    assert found == sorted(NAMES)


def test_faults_happen_here_too(session: Session, bucket: Path) -> None:
    fault = session.emulator.fail("storage.objects.get", "cut-json")
    assert len(session.client.get("/objects/a/dem.tif").content) == 5
    assert fault.consumed == 1


def test_a_large_file_trickles_in_pieces(session: Session, bucket: Path) -> None:
    content = bytes(range(250)) * 16_000
    (bucket / "large").write_bytes(content)
    session.emulator.fail("storage.objects.get", "trickle", seconds=0.1)
    with session.client.stream("GET", "/objects/large") as reply:
        pieces = [*reply.iter_raw()]
    (bucket / "large").unlink()
    assert b"".join(pieces) == content
    assert 1 < len(pieces) <= 1000


def test_gdal_reads_the_result_of_an_export(session: Session) -> None:
    options = {
        "fileFormat": "GEO_TIFF",
        "cloudStorageDestination": {"bucket": "gdal", "filenamePrefix": "maps/a b"},
        "geoTiffOptions": {"cloudOptimized": True},
    }
    session.files(LOAD, fileExportOptions=options)
    with (
        rasterio.Env(CPL_GS_ENDPOINT=f"{session.emulator.base_url}/", GS_NO_SIGN_REQUEST="YES"),
        rasterio.open("/vsigs/gdal/maps/a b.tif") as source,
    ):
        assert (source.read(1) == np.arange(48).reshape(6, 8)).all()
