"""Files are read as the client's own account, and its token goes nowhere else."""

from __future__ import annotations

import pickle
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.oauth2.credentials import Credentials

import earthengine_export as eex
from earthengine_export._connect.access import Access, resolve
from earthengine_export._files.storage import GOOGLE, endpoint
from tests.files.conftest import EXPORTS, Bucket
from tests.worlds import World

TOKEN = "ya29.a-token-that-nobody-may-see"


class Renewed(Credentials):
    """Credentials with a new token at each renewal."""

    def refresh(self, _: Any) -> None:
        self.token = f"{TOKEN}-anew"
        self.expiry = (datetime.now(UTC) + timedelta(hours=1)).replace(tzinfo=None)


def credentials() -> Credentials:
    return Renewed(
        TOKEN, refresh_token="r", client_id="c", client_secret="s", token_uri="https://127.0.0.1:9"
    )


def sent(bucket: Bucket, header: str) -> set[str]:
    """What was sent in a header to Cloud Storage."""
    log = bucket.emulator.watch.log
    return {entry["headers"].get(header) for entry in log if entry["method"].startswith("storage.")}


def test_token_and_quota_project_are_the_clients(world: World, bucket: Bucket, tmp_path: Any) -> None:
    client = world.client(bucket.emulator.base_url, credentials=credentials(), quota_project="payer")
    world.get(client.operation(bucket.names["one"]).download(tmp_path, export=EXPORTS["one"]))
    assert sent(bucket, "authorization") == {f"Bearer {TOKEN}"}
    assert sent(bucket, "x-goog-user-project") == {"payer"}
    assert set(bucket.emulator.requests()["requests"]) == {
        "projects.operations.get",
        "storage.objects.list",
        "storage.objects.get",
    }


def test_a_token_that_ended_is_renewed_once(world: World, bucket: Bucket) -> None:
    bucket.emulator.fail("storage.objects.list", status=401)
    client = world.client(bucket.emulator.base_url, credentials=credentials())
    assert world.get(client.operation(bucket.names["one"]).files(EXPORTS["one"]))
    assert sent(bucket, "authorization") == {f"Bearer {TOKEN}", f"Bearer {TOKEN}-anew"}


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"status": 403}, {"kind": "html"}, {"status": 401}])
def test_no_error_holds_the_token(world: World, bucket: Bucket, fault: Any) -> None:
    bucket.emulator.fail("storage.objects.list", times=None, **fault)
    client = world.client(
        bucket.emulator.base_url, credentials=credentials(), retry=eex.Retry(retries=1, initial=0)
    )
    with pytest.raises(eex.RequestError) as caught:
        world.get(client.operation(bucket.names["one"]).files(EXPORTS["one"]))
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert TOKEN not in shown
    assert TOKEN.encode() not in pickle.dumps(caught.value)
    assert caught.value.api_method == "storage.objects.list"


def access(base_url: str | None) -> Access:
    return resolve(eex.anonymous(), "my-project", base_url=base_url)


@pytest.mark.parametrize(
    ("base_url", "host", "expected"),
    [
        (None, "", GOOGLE),
        ("https://earthengine-highvolume.googleapis.com", "", GOOGLE),
        ("https://gateway.example.com", "", GOOGLE),
        ("http://127.0.0.1:8085", "", "http://127.0.0.1:8085"),
        ("https://localhost:8085", "", "https://localhost:8085"),
        ("http://127.0.0.1:8085", "localhost:4443", "http://localhost:4443"),
        (None, "https://storage.example.com", "https://storage.example.com"),
    ],
)
def test_where_files_are_read(base_url: str | None, host: str, expected: str) -> None:
    assert endpoint(access(base_url), {"STORAGE_EMULATOR_HOST": host}) == expected


def test_the_token_goes_to_no_other_machine(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from earthengine_export._files.storage import _credentials

    auth = resolve(credentials(), "my-project", base_url=bucket.emulator.base_url).auth
    headers: dict[str, str] = {}
    _credentials(auth, "http://storage.example.com").before_request(None, "GET", "", headers)
    assert headers == {}
