"""No secret is printed or written, in success and in failure: each is planted, and looked for everywhere."""

from __future__ import annotations

import ast
import base64
import inspect
import io
import json
import logging
import pickle
import re
import traceback
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from google.auth.exceptions import RefreshError
from google.oauth2 import credentials as user_credentials

import earthengine_export as eex
from earthengine_export._connect import tokens
from earthengine_export._connect.identity import redact
from earthengine_export._connect.tokens import words as words_of
from tests.worlds import World

CANARY = "c4n4ry"  # unlike its name, which stands in source lines of tracebacks
TOKEN = f"ya29.{CANARY}-access-token-a0AfB"


class Outlet:
    """All that is printed or written.

    Attributes:
        text: It.
        secrets: What must not be in it.
    """

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.secrets = [CANARY]

    def show(self, *things: object) -> None:
        """What a user may print or store of a thing."""
        for thing in things:
            self.text.write(f"{thing!r} {thing!s} {getattr(thing, '__dict__', '')!r}\n")
            try:
                stored = pickle.dumps(thing)
            except (TypeError, AttributeError, pickle.PicklingError) as error:
                self.text.write(f"{error}\n")
            else:
                self.text.write(f"{stored!r}\n")

    def show_error(self, error: BaseException | None, *, variables: bool = True) -> None:
        """An error with its causes, as log files and services that collect errors show it."""
        while error is not None:
            self.show(error)
            self.text.write("".join(traceback.format_exception(error)))
            for frame, _ in traceback.walk_tb(error.__traceback__):
                if (
                    variables and "/tests/" not in frame.f_code.co_filename
                ):  # whose variables hold the secrets
                    self.text.write(f"{frame.f_code.co_qualname}: {frame.f_locals!r}\n")
            error = error.__cause__ or error.__context__

    def check(self) -> None:
        text = self.text.getvalue()
        assert len(text) > 100
        for secret in self.secrets:
            place = text.find(secret)
            assert place < 0, f"…{text[max(0, place - 300) : place + 60]}…"


@pytest.fixture
def outlet(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], private_key: str
) -> Iterator[Outlet]:
    """Collects what a test prints, logs at DEBUG, and warns of; looks through it when the test is done."""
    outlet = Outlet()
    outlet.secrets += private_key.splitlines()[1:-1]
    handler = logging.StreamHandler(outlet.text)
    root = logging.getLogger()
    root.addHandler(handler)
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield outlet
    root.removeHandler(handler)
    outlet.text.write("".join(f"{record.msg!r} {record.args!r}\n" for record in caplog.records))
    outlet.text.write("".join(f"{warning.message}\n" for warning in warned))
    outlet.text.write("".join(capfd.readouterr()))
    outlet.check()


def user(google: Any) -> dict[str, Any]:
    return {
        "client_id": "99-abc.apps.googleusercontent.com",
        "client_secret": f"GOCSPX-{CANARY}-client-secret",
        "refresh_token": f"1//{CANARY}-refresh-token-0gAbCdEf",
        "project": "my-project",
        "token_uri": f"{google.url}/token",
    }


@pytest.fixture(params=["user", "service account", "token"])
def credentials(
    request: pytest.FixtureRequest, google: Any, robot_key: dict[str, str], outlet: Outlet
) -> Any:
    google.prefix = TOKEN
    return {
        "user": user(google),
        "service account": robot_key,
        "token": user_credentials.Credentials(TOKEN),
    }[request.param]


def everything(world: World, client: Any, outlet: Outlet) -> int:
    """Call each method, and show what comes; how many of them failed."""
    failed = 0
    export = eex.ImageExport(eex.load("A"), to=eex.Drive(), description="a")
    outlet.show(client, client.credentials_source, client._context, client._context.access, export)
    calls: list[Callable[[], object]] = [
        lambda: world.get(client.submit(export)),
        lambda: list(world.each(client.operations())),
        lambda: world.get(client.operation("A").refresh()),
        lambda: world.get(client.operation("A").cancel()),
        lambda: world.get(client.operation("A").wait(timeout=0.01)),
    ]
    for call in calls:
        try:
            outlet.show(call())
        except eex.EarthEngineError as error:
            outlet.show_error(error)
            failed += 1
    return failed


def make(world: World, base_url: str, credentials: Any) -> Any:
    return world.client(base_url, credentials=credentials, retry=eex.Retry(retries=0))


@pytest.fixture
def client(world: World, google: Any, credentials: Any) -> Any:
    return make(world, google.url, credentials)


def test_success(world: World, client: Any, outlet: Outlet, google: Any) -> None:
    assert everything(world, client, outlet) == 0
    assert (
        sum(TOKEN in headers.get("authorization", "") for _, headers, _ in google.seen) >= 5
    )  # they were sent
    outlet.text.write("".join(path for path, _, _ in google.seen))


@pytest.mark.parametrize(
    "reply",
    [
        (401, {"error": {"code": 401, "message": "Not accepted", "status": "UNAUTHENTICATED"}}),
        (403, {"error": {"code": 403, "message": "Denied", "status": "PERMISSION_DENIED", "details": []}}),
        (400, {"error": {"code": 400, "message": "Bad", "status": "INVALID_ARGUMENT"}}),
        (503, "<html>"),
        (502, f"<html>Authorization: Bearer {TOKEN}</html>"),
        (
            400,
            {
                "error": {
                    "code": 400,
                    "message": f"Bad header 'Bearer {TOKEN}'",
                    "details": [f"Bearer {TOKEN}"],
                }
            },
        ),
        (200, f"<html>Authorization: Bearer {TOKEN}</html>"),
        (200, "<html>"),
        (302, ""),
        None,
    ],
)
def test_the_service_fails(
    world: World, client: Any, outlet: Outlet, google: Any, reply: tuple[int, Any] | None
) -> None:
    google.api_reply = reply
    assert everything(world, client, outlet) == 5


@pytest.mark.parametrize(
    "reply",
    [
        (
            400,
            {
                "error": "invalid_grant",
                "error_description": f"No such token: 1//{CANARY}-refresh-token-0gAbCdEf",
            },
        ),
        (400, {"error": "invalid_grant", "access_token": TOKEN}),
        (401, f"Who is 1//{CANARY}-refresh-token-0gAbCdEf?"),
        (403, {"error": {"message": f"client_secret=GOCSPX-{CANARY}-client-secret"}}),
        (200, {"id_token": TOKEN}),
        (200, {"access_token": TOKEN, "expires_in": f"{CANARY}-no-number-at-all"}),
        (200, {"access_token": f"{TOKEN}\n", "expires_in": 3600}),
        (200, f"<html>{TOKEN}</html>"),
        (503, f"{TOKEN}"),
        (302, ""),
        None,
    ],
)
def test_the_token_endpoint_fails(
    world: World, outlet: Outlet, google: Any, robot_key: dict[str, str], reply: tuple[int, Any] | None
) -> None:
    for credentials in (user(google), robot_key):
        google.replies.extend([reply] * 20)
        assert everything(world, make(world, google.url, credentials), outlet) == 5
        google.replies.clear()


@pytest.mark.parametrize(
    "reply",
    [
        {"access_token": None},
        {"access_token": [TOKEN]},
        {"access_token": {"a": TOKEN}},
        {"access_token": 5},
        {"access_token": ""},
        {"access_token": f"{TOKEN}\ud800"},
        {"access_token": f"{TOKEN}\u00fc"},
        {"access_token": TOKEN, "expires_in": 1e30},
        {"access_token": TOKEN, "expires_in": [TOKEN]},
        {"access_token": TOKEN, "expires_in": -1e30},
        {},
    ],
    ids=repr,
)
def test_an_odd_token(
    world: World, outlet: Outlet, google: Any, robot_key: dict[str, str], reply: dict[str, Any]
) -> None:
    for credentials in (user(google), robot_key):
        google.replies.append((200, reply))
        client = make(world, google.url, credentials)
        with pytest.raises(eex.CredentialsError) as caught:
            world.get(client.submit(eex.ImageExport(eex.load("A"), to=eex.Drive(), description="a")))
        outlet.show_error(caught.value)
        assert caught.value.__cause__ is caught.value.__context__ is None
        assert "No export was started." in str(caught.value)
    assert not [path for path, _, _ in google.seen if "image:export" in path]


@pytest.mark.parametrize("uri", ["https://a:b", "https://[::1", "no url", "http://example.com/token"])
def test_an_odd_token_endpoint(world: World, outlet: Outlet, google: Any, uri: str) -> None:
    client = make(world, google.url, {**user(google), "token_uri": uri})
    with pytest.raises(eex.CredentialsError, match="No export was started") as caught:
        world.get(client.submit(eex.ImageExport(eex.load("A"), to=eex.Drive(), description="a")))
    outlet.show_error(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert google.seen == []


def test_the_host_is_gone(world: World, outlet: Outlet, google: Any, robot_key: dict[str, str]) -> None:
    robot_key["token_uri"] = "http://127.0.0.1:9/token"
    for credentials, url in (
        (user_credentials.Credentials(TOKEN), "http://127.0.0.1:9"),
        (robot_key, google.url),
        (user_credentials.Credentials(f"{TOKEN}\n"), google.url),
    ):
        assert everything(world, make(world, url, credentials), outlet) == 5


def test_arguments_are_refused(
    outlet: Outlet, google: Any, robot_key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = f"1//{CANARY}-refresh-token-0gAbCdEf"
    refused: list[Any] = [
        f"AIza{CANARY}",
        TOKEN,
        secret,
        secret.encode(),
        json.dumps(user(google))[:-1],
        {**user(google), "type": "magic"},
        {**robot_key, "client_email": secret, "token_uri": secret, "type": "external_account"},
        {**robot_key, "private_key": robot_key["private_key"].replace("A", "B")},
        {"refresh_token": secret, "type": "external_account", "credential_source": secret},
        {"refresh_token": secret, "type": secret},
        [secret],
    ]
    for credentials in refused:
        for attempt in (eex.Client.from_service_account, partial(eex.Client, "p")):
            with pytest.raises(eex.EarthEngineError) as caught:
                attempt(credentials)
            outlet.show_error(caught.value, variables=False)  # among which is what the caller gave
    for text in (secret, json.dumps(user(google))[:-1]):
        monkeypatch.setenv("EARTHENGINE_TOKEN", text)
        with pytest.raises(eex.CredentialsError) as unusable:
            eex.Client("p")
        outlet.show_error(unusable.value, variables=False)
    for scheme in ("https", "http", "ftp"):
        with pytest.raises(eex.InvalidArgument) as without_password:
            eex.Client("p", eex.anonymous(), base_url=f"{scheme}://me:{CANARY}@example.com")
        outlet.show_error(without_password.value, variables=False)


def escaped(robot_key: dict[str, str]) -> dict[str, str]:
    return {**robot_key, "private_key": robot_key["private_key"].replace("\n", "\\n")}


def test_what_may_be_a_key_is_described(outlet: Outlet, robot_key: dict[str, str]) -> None:
    """In place of any argument; and longer than any path can be."""
    robot_key["private_key_id"] = CANARY
    text = json.dumps(robot_key)
    packed = base64.b64encode(f"{CANARY}{text}".encode()).decode()
    outlet.secrets.append(packed[:40])
    for value in (robot_key, text, packed, f"{TOKEN}{CANARY * 90}", text.encode(), [text]):
        for name in (
            "project",
            "quota_project",
            "base_url",
            "api_version",
            "timeout",
            "retry",
            "http_client",
        ):
            options: dict[str, Any] = {"project": "p", "credentials": eex.anonymous(), name: value}
            with pytest.raises((eex.InvalidArgument, eex.InvalidArgumentType), match=f"^{name}=") as caught:
                eex.Client(**options)
            outlet.show_error(caught.value, variables=False)
    with pytest.raises(eex.InvalidArgumentType, match="project=<a dict>"):
        eex.Client(robot_key)  # type: ignore[arg-type] # as it is done by mistake
    with pytest.raises(eex.CredentialsError, match="backslash-n in place of line ends") as broken:
        eex.Client(credentials=escaped(robot_key))
    outlet.show_error(broken.value, variables=False)


@pytest.mark.parametrize(
    "variable", ["EE_CONFIG_FILE", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"]
)
def test_a_variable_that_holds_the_key(
    variable: str, outlet: Outlet, robot_key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps({**robot_key, "private_key_id": CANARY})
    for value in (text, base64.b64encode(f"{CANARY}{text}".encode()).decode(), f"{TOKEN}{'x' * 300}"):
        monkeypatch.setenv(variable, value)
        outlet.secrets.append(value[:40])
        credentials = eex.anonymous() if variable == "GOOGLE_CLOUD_PROJECT" else None
        with pytest.raises(eex.EarthEngineError) as caught:
            eex.Client(credentials=credentials)
        outlet.show_error(caught.value, variables=False)


PEM = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
KEY = {"type": "service_account", "client_email": "x@y", "token_uri": "https://z", "private_key": PEM}
BROKEN: list[dict[str, Any]] = [
    {**KEY, "private_key": PEM.replace("\n", "\\n")}, KEY, {**KEY, "private_key": "a\nb"},
    {**KEY, "private_key": 5}, {"type": "service_account"}, {"type": "authorized_user"}, {"type": ["x"]},
    {"type": "magic"}, {}, {"type": "impersonated_service_account"}, {"type": "external_account"},
    {"type": "external_account_authorized_user"}, {"type": "external_account", "credential_source": {}},
]  # fmt: skip


@pytest.mark.parametrize("info", BROKEN, ids=lambda info: str(info)[:40])
def test_what_is_wrong_with_a_file_is_said_whole(
    info: dict[str, Any], bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given as it is, in a variable, and where Application Default Credentials are looked for."""
    folder = bare_machine / "gcloud" / "a_folder_of_the_SDK"
    folder.mkdir(parents=True)
    (folder / "application_default_credentials.json").write_text(json.dumps(info))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(folder))
    with pytest.raises(eex.CredentialsError) as found:
        eex.Client("p")
    with pytest.raises(eex.CredentialsError) as given:
        eex.Client("p", info)
    monkeypatch.setenv("EARTHENGINE_TOKEN", json.dumps(info))
    with pytest.raises(eex.CredentialsError) as variable:
        eex.Client("p")
    for text in (str(found.value), str(given.value), str(variable.value)):
        assert "[…]" not in text


def test_no_words_of_ours_are_taken_for_a_key() -> None:
    """Of the errors that are raised where google-auth's are, and are told as these are."""
    texts = []
    for node in ast.walk(ast.parse(inspect.getsource(tokens))):
        raised = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(raised, ast.Call) and ast.unparse(raised.func) in {"ValueError", "TransportError"}:
            texts.append(re.sub(r"\{[^}]*\}", "x", ast.unparse(raised.args[0])).strip("f'\""))
    assert sum("backslash-n" in text for text in texts) == 1
    for text in texts:
        assert redact(text) == text


@pytest.mark.parametrize(
    "words",
    [
        "external_account_authorized_user", "unauthorized_client:", "GOOGLE_APPLICATION_CREDENTIALS",
        "('service_account_impersonation_url')", "https://www.googleapis.com/auth/earthengine",
        "https://cryptography.io/en/latest/faq/", f"'{__file__}'.",
    ],
)  # fmt: skip
def test_the_librarys_own_words_are_shown(words: str) -> None:
    assert redact(f"It says {words} here.") == f"It says {words} here."
    assert redact(f"It says {TOKEN} here.") == "It says […] here."


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RefreshError(("invalid_grant: Bad", {"error": TOKEN})), "invalid_grant: Bad."),
        (RefreshError((("Nested", TOKEN), TOKEN)), "Nested."),
        (RefreshError(ValueError("Inner.")), "Inner."),
        (RefreshError(), "RefreshError."),
        (RefreshError(()), "RefreshError."),
    ],
)  # fmt: skip
def test_what_google_auth_nests_is_unpacked(error: Exception, text: str) -> None:
    assert words_of(error) == text


def test_the_search_finds_what_is_there() -> None:
    outlet = Outlet()
    outlet.show_error(ValueError("x" * 100, TOKEN))
    with pytest.raises(AssertionError, match=CANARY):
        outlet.check()
