"""Bad input is refused before anything is sent, by a typed error that names the argument and the value."""

from __future__ import annotations

import itertools
import pickle
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import earthengine_export as eex
from earthengine_emulator import Emulator
from earthengine_export.rest import ImageFileExportOptions

IMAGE = {"result": "0", "values": {"0": {"constantValue": 1}}}
BUCKET = eex.CloudStorage("my-bucket")
TWO_DESTINATIONS = ImageFileExportOptions.from_dict(
    {
        "fileFormat": "GEO_TIFF",
        "driveDestination": {"folder": "my-folder"},
        "cloudStorageDestination": {"bucket": "my-bucket"},
    }
)
TFRECORD_WITH_GEOTIFF = ImageFileExportOptions.from_dict(
    {
        "fileFormat": "GEO_TIFF",
        "cloudStorageDestination": {"bucket": "my-bucket"},
        "tfRecordOptions": {"compress": True},
    }
)


def graph(**values: Any) -> dict[str, Any]:
    return {"result": "0", "values": values}


def reference(key: str) -> dict[str, Any]:
    return {
        "functionInvocationValue": {
            "functionName": "Image.abs",
            "arguments": {"value": {"valueReference": key}},
        }
    }


# What is wrong, the arguments of export_image, and what the message names.
BAD_EXPORTS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("two destinations", {"to": TWO_DESTINATIONS}, ["drive_destination", "cloud_storage_destination"]),
    ("two destinations in a list", {"to": [eex.Drive(), BUCKET]}, ["to=", "Drive", "CloudStorage"]),
    ("TFRecord options with a GeoTIFF", {"to": TFRECORD_WITH_GEOTIFF}, ["GEO_TIFF", "tfRecordOptions"]),
    ("a bad character in the requestId", {"request_id": "a_b"}, ["request_id", "'a_b'"]),
    ("a requestId of 61 characters", {"request_id": "a" * 61}, ["request_id", "a" * 61, "60"]),
    ("a priority of 10000", {"priority": 10000}, ["priority", "10000", "9999"]),
    ("NaN", {"image": graph(**{"0": {"constantValue": float("nan")}})}, ["nan"]),
    ("NaN deep inside", {"image": graph(**{"0": {"constantValue": [1, {"a": float("inf")}]}})}, ["inf"]),
    ("a result that names no value", {"image": {"result": "7", "values": IMAGE["values"]}}, ["result", "7"]),
    ("a graph with a cycle", {"image": graph(**{"0": reference("1"), "1": reference("0")})}, ["cycle"]),
    ("a reference to nothing", {"image": graph(**{"0": reference("9")})}, ["9"]),
]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder: Path = tmp_path_factory.mktemp("emulator")
    with Emulator(assets=folder, output=folder) as running:
        yield running


@pytest.mark.parametrize(
    ("arguments", "named"), [row[1:] for row in BAD_EXPORTS], ids=[row[0] for row in BAD_EXPORTS]
)
def test_a_bad_export(emulator: Emulator, arguments: dict[str, Any], named: list[str]) -> None:
    good: dict[str, Any] = {"image": IMAGE, "to": BUCKET, "region": (0, 0, 1, 1), "scale": 1000}
    refusal = pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType))
    with eex.Client("my-project", eex.anonymous(), emulator.base_url) as client, refusal as refused:
        client.export_image(**{**good, **arguments})
    for text in named:
        assert text.lower() in str(refused.value).lower()
    assert str(refused.value).endswith("Nothing was sent.")
    assert isinstance(refused.value, ValueError | TypeError)
    assert emulator.requests()["requests"] == {}


@pytest.mark.parametrize(
    "name",
    ["", "assets/a", "projects/p/assets/", "projects//assets/a", "projects/p/a", "/projects/p/assets/a"],
)
def test_an_asset_name_of_the_wrong_form(name: str) -> None:
    with pytest.raises(eex.InvalidArgument) as refused:
        eex.Asset(name)
    assert refused.value.argument == "name"
    assert refused.value.value == name


@pytest.mark.parametrize(
    "project", ["", ".", "..", "my/project", "projects/a/b", "my project", "p?x", "p%2F"]
)
@pytest.mark.parametrize("cls", [eex.Client, eex.AsyncClient])
def test_a_bad_project(cls: type[eex.Client | eex.AsyncClient], project: str) -> None:
    with pytest.raises(eex.InvalidArgument) as refused:
        cls(project, eex.anonymous())
    assert refused.value.argument == "project"
    assert repr(project) in str(refused.value)


@pytest.mark.parametrize(
    "name",
    ["", "..", "projects/p/operations/..", "projects/../operations/a", "a/b", "projects/p/operations/a\n"],
)
def test_an_operation_that_cannot_be(name: str) -> None:
    with eex.Client("my-project", eex.anonymous()) as client, pytest.raises(eex.InvalidArgument) as refused:
        client.operation(name)
    assert refused.value.argument == "name"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("api_version", "beta"),
        ("api_version", "v1/.."),
        ("timeout", 0),
        ("timeout", float("nan")),
        ("base_url", "ftp://127.0.0.1"),
        ("base_url", "http://"),
        ("base_url", "http://example.com"),
    ],
)
def test_a_client_that_cannot_work(option: str, value: Any) -> None:
    with pytest.raises(eex.InvalidArgument) as refused:
        eex.Client("my-project", **{"credentials": eex.anonymous(), option: value})
    assert refused.value.argument == option


HALF_MADE: list[Callable[[], object]] = [
    lambda: eex.Client("a b", eex.anonymous()),
    lambda: eex.AsyncClient("my-project", eex.anonymous(), timeout="x"),  # type: ignore[arg-type]
    lambda: eex.Client("my-project", eex.anonymous()).with_options(quota_project="a b"),
    lambda: eex.Client("my-project", eex.anonymous()).operations(states={"x"}),
    lambda: eex.ImageExport(IMAGE, to=5),  # type: ignore[arg-type]
    lambda: eex.ImageExport(IMAGE, to=BUCKET, scale=-1),
    lambda: eex.CloudStorage("B"),
    lambda: eex.GeoTiff(tile_size=0),
    lambda: eex.PixelGrid("", (1, 0, 0, 0, -1, 0), 5),
    lambda: eex.Batch(5),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("make", HALF_MADE)
def test_what_was_not_made_can_be_shown(make: Callable[[], object]) -> None:
    """A report with local variables asks for the repr of what a constructor was about to make."""
    with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType)) as refused:
        make()
    report = traceback.TracebackException.from_exception(refused.value, capture_locals=True)
    assert str(refused.value) in "".join(report.format())


@pytest.mark.parametrize(
    "option", ["project", "quota_project", "api_version", "timeout", "retry", "base_url"]
)
@pytest.mark.parametrize(
    "secret",
    [
        "https://me:PASSWORD@h:port",
        "me:PASSWORD@h",
        "https://PASSWORD@h:port",
        "ya29.PASSWORD",
        "GOCSPX- PASSWORD",
        "1//0PASSWORD",
        "-----BEGIN PRIVATE KEY-----\nPASSWORD",
        '{"private_key": "PASSWORD"}',
        '{"refresh_token": "PASSWORD"}',
    ],
)
def test_a_short_secret_in_the_wrong_place(option: str, secret: str) -> None:
    options: dict[str, Any] = {"project": "my-project", "credentials": eex.anonymous(), option: secret}
    with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType)) as refused:
        eex.Client(**options)
    error = refused.value
    assert "PASSWORD" not in f"{error} {error!r} {error.value!r}"
    assert b"PASSWORD" not in pickle.dumps(error)


@pytest.mark.parametrize("option", ["api_version", "timeout", "retry", "http_client"])
@pytest.mark.parametrize(
    "given", ["PASSWORD", "https://h#PASSWORD", "v1-PASSWORD", b"PASSWORD", ["PASSWORD"], {"PASSWORD": 1}]
)
def test_a_text_where_none_can_be_right_is_not_shown(option: str, given: Any) -> None:
    """A password or a key of any form, of which nothing tells that it is one."""
    options: dict[str, Any] = {"project": "my-project", "credentials": eex.anonymous(), option: given}
    with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType), match=option) as refused:
        eex.Client(**options)
    error = refused.value
    assert "PASSWORD" not in f"{error} {error!r} {error.value!r}"
    assert b"PASSWORD" not in pickle.dumps(error)


class Endless(Mapping[str, int]):
    """A mapping that never stops giving entries."""

    def __getitem__(self, key: str) -> int:
        return 1

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        return (f"key{index}" for index in itertools.count())


def test_a_mapping_without_end_is_refused() -> None:
    with pytest.raises(eex.InvalidArgument, match=r"extra_body=.*no end"):
        eex.GeoTiff(extra_body=Endless())
    with pytest.raises(eex.InvalidArgument, match=r"credentials=.*no end"):
        eex.Client("my-project", Endless())
