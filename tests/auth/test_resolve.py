"""Where credentials, project and host come from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.auth import api_key
from google.auth import credentials as google_credentials
from google.oauth2 import credentials as user_credentials
from google.oauth2 import service_account

from earthengine_export._connect import access as auth
from earthengine_export._connect.access import resolve
from earthengine_export._connect.identity import SCOPES
from earthengine_export.errors import CredentialsError, InvalidArgument, InvalidArgumentType
from tests.worlds import World

ROBOT = "robot@key-project.iam.gserviceaccount.com"


def written(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_each_place_is_used_before_the_next_one(
    monkeypatch: pytest.MonkeyPatch, bare_machine: Path, login: dict[str, Any], robot_key: dict[str, str]
) -> None:
    key = written(bare_machine / "key.json", robot_key)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    access = resolve(None, None, base_url=None)
    assert access.source == f"service account {ROBOT}, by Application Default Credentials"
    assert (access.project, access.base_url) == ("key-project", "https://earthengine.googleapis.com")

    default = written(
        bare_machine / ".config/earthengine/credentials", {**login, "account": "me@example.com"}
    )
    access = resolve(None, None, base_url=None)
    assert access.source == f"user me@example.com, by {default}"
    assert access.project == "login-project"

    other = written(bare_machine / "other", login)
    monkeypatch.setenv("EE_CONFIG_FILE", str(other))
    assert resolve(None, None, base_url=None).source == f"user (address unknown), by {other}"

    monkeypatch.setenv("EARTHENGINE_TOKEN", json.dumps({**login, "project": "token-project"}))
    access = resolve(None, None, base_url=None)
    assert access.source == "user (address unknown), by EARTHENGINE_TOKEN"
    assert access.project == "token-project"

    monkeypatch.setenv("EARTHENGINE_EMULATOR_HOST", "127.0.0.1:8085")
    access = resolve(None, "p", base_url=None)
    assert access.source == "anonymous, by EARTHENGINE_EMULATOR_HOST"
    assert access.auth is None
    assert access.base_url == "http://127.0.0.1:8085"

    access = resolve(key, None, base_url=None)
    assert access.source == f"service account {ROBOT}, by the credentials argument"
    assert access.base_url == "http://127.0.0.1:8085"
    # Naming the host turns the emulator off.
    assert resolve(None, None, base_url="https://example.com").source.endswith("by EARTHENGINE_TOKEN")


def test_a_file_without_a_refresh_token_is_passed_by(
    monkeypatch: pytest.MonkeyPatch, bare_machine: Path, robot_key: dict[str, str]
) -> None:
    written(bare_machine / ".config/earthengine/credentials", {"project": "p"})
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(written(bare_machine / "key.json", robot_key)))
    assert "Application Default" in resolve(None, None, base_url=None).source


@pytest.mark.parametrize("form", ["path", "str", "dict", "text", "object"])
def test_the_argument_takes_many_forms(form: str, bare_machine: Path, robot_key: dict[str, str]) -> None:
    path = written(bare_machine / "key.json", robot_key)
    forms: dict[str, object] = {
        "path": path,
        "str": str(path),
        "dict": robot_key,
        "text": json.dumps(robot_key),
        "object": service_account.Credentials.from_service_account_info(robot_key),
    }
    access = resolve(forms[form], None, base_url=None)
    assert (access.account, access.project) == (ROBOT, "key-project")
    credentials: Any = access.identity.credentials
    assert credentials.scopes == SCOPES  # it has no token without scopes


def test_types_of_files(google: Any, login: dict[str, Any], robot_key: dict[str, str]) -> None:
    kinds = {
        "google.oauth2.credentials": {**login, "type": "authorized_user"},
        "google.auth.impersonated_credentials": {
            "type": "impersonated_service_account",
            "source_credentials": {**login, "type": "authorized_user"},
            "service_account_impersonation_url": f"{google.url}/v1/{ROBOT}:generateAccessToken",
        },
        "google.auth.identity_pool": external(google, {"file": "/token"}),
        "google.auth.pluggable": external(google, {"executable": {"command": "/bin/false"}}),
        "google.auth.aws": {
            **external(google, {"environment_id": "aws1", "regional_cred_verification_url": "https://sts"}),
            "subject_token_type": "urn:ietf:params:aws:token-type:aws4_request",
        },
        "google.auth.external_account_authorized_user": {
            "type": "external_account_authorized_user",
            "audience": "//iam.googleapis.com/locations/global/workforcePools/p/providers/q",
            "refresh_token": "r",
            "token_url": f"{google.url}/sts",
            "client_id": "c",
            "client_secret": "s",
        },
    }
    for module, info in kinds.items():
        assert type(resolve(info, "p", base_url=None).identity.credentials).__module__ == module


def external(google: Any, source: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{google.url}/sts",
        "credential_source": source,
    }


def test_the_file_of_earthengine_authenticate_may_lack_the_application(login: dict[str, Any]) -> None:
    """As its localhost mode and older versions leave it."""
    del login["client_id"], login["client_secret"], login["token_uri"]
    credentials: Any = resolve(login, None, base_url=None).identity.credentials
    assert credentials.client_id.startswith("517222506229-")
    assert credentials.token_uri == "https://oauth2.googleapis.com/token"


def test_anonymous() -> None:
    for credentials in (auth.anonymous(), google_credentials.AnonymousCredentials()):
        access = resolve(credentials, "p", base_url="http://localhost:1/")
        assert (access.auth, access.base_url) == (None, "http://localhost:1")
        assert access.source == "anonymous, by the credentials argument"


def test_without_any_credentials_the_error_says_how_to_get_some() -> None:
    with pytest.raises(CredentialsError, match=r"`earthengine authenticate`.*from_service_account") as caught:
        resolve(None, "p", base_url=None)
    assert caught.value.__context__ is None


DEEP = pytest.param("[" * 50_000, id="deep")


@pytest.mark.parametrize("text", ["", "{", "[]", "not json", "\udc80", DEEP])
def test_a_broken_file_is_named(text: str, bare_machine: Path) -> None:
    path = written(bare_machine / ".config/earthengine/credentials", {})
    path.write_text(text, "utf-8", "surrogateescape")
    with pytest.raises(CredentialsError, match=r"earthengine/credentials does not hold .*authenticate"):
        resolve(None, "p", base_url=None)


def test_a_file_that_cannot_be_read_is_named(bare_machine: Path) -> None:
    (bare_machine / "credentials").symlink_to("/proc/self/mem")  # root, too, gets an error for reading it
    with pytest.raises(CredentialsError, match=r"credentials cannot be read: "):
        resolve(bare_machine / "credentials", "p", base_url=None)


def test_a_configured_file_that_is_missing_does_not_lead_to_another_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EE_CONFIG_FILE", "/nowhere/credentials")
    with pytest.raises(CredentialsError, match=r"EE_CONFIG_FILE must hold .* no file '/nowhere/credentials'"):
        resolve(None, "p", base_url=None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"client_email": None}, "missing fields client_email"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nsecret\n"}, "cannot be used"),
        ({"type": None}, "it has no type, which is one of authorized_user"),
        ({"type": "magic"}, "its type, 'magic', is none of authorized_user"),
        ({"type": "impersonated_service_account"}, "cannot be used"),
        ({"type": "external_account"}, "cannot be used"),
    ],
)
def test_a_broken_key(change: dict[str, Any], message: str, robot_key: dict[str, str]) -> None:
    key = {name: value for name, value in {**robot_key, **change}.items() if value is not None}
    with pytest.raises(CredentialsError, match=message) as caught:
        resolve(key, "p", base_url=None)
    assert caught.value.__context__ is None
    assert "secret" not in str(caught.value)


def test_from_service_account_takes_nothing_else(robot_key: dict[str, str], login: dict[str, Any]) -> None:
    assert auth.service_account(robot_key).service_account_email == ROBOT  # type: ignore[attr-defined]
    with pytest.raises(CredentialsError, match="not the key of a service account"):
        auth.service_account(login)
    with pytest.raises(InvalidArgumentType, match="neither a path nor a dict"):
        auth.service_account(3)


def test_api_keys_are_refused_without_showing_them() -> None:
    for key in ("AIzaSyCanaryCanaryCanary", api_key.Credentials("AIzaSyCanaryCanaryCanary")):
        with pytest.raises(InvalidArgument, match=r"<an API key>: API keys are not supported") as caught:
            resolve(key, "p", base_url=None)
        assert "Canary" not in repr(caught.value.__dict__)


def test_other_arguments_are_refused_without_showing_them() -> None:
    for value in (object(), 3, b"ya29.canary", httpx.BasicAuth("a", "canary")):
        with pytest.raises(InvalidArgumentType, match="cannot get tokens") as caught:
            resolve(value, "p", base_url=None)
        assert "canary" not in repr(caught.value.__dict__) + str(caught.value)
    with pytest.raises(InvalidArgument, match="no such file") as refused:
        resolve("ya29.canary", "p", base_url=None)
    assert "canary" not in repr(refused.value.__dict__) + str(refused.value)
    with pytest.raises(InvalidArgument, match=r"'keys/typo\.json': There is no such file"):
        resolve("keys/typo.json", "p", base_url=None)


# The project


def test_where_the_project_comes_from(monkeypatch: pytest.MonkeyPatch, login: dict[str, Any]) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "environment-project")
    assert resolve(login, "argument-project", base_url=None).project == "argument-project"
    assert resolve(login, None, base_url=None).project == "login-project"
    del login["project"]
    assert resolve(login, None, base_url=None).project == "environment-project"
    quota = user_credentials.Credentials("t", quota_project_id="quota-project")
    assert resolve(quota, None, base_url=None).project == "quota-project"
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT")
    with pytest.raises(InvalidArgument, match=r"project=None.*Client\(project='my-project'\)"):
        resolve(login, None, base_url=None)


@pytest.mark.parametrize("project", ["my-project", "example.com:my-project", "123456789012", "p", 1234])
def test_projects_that_are_taken(project: str | int) -> None:
    assert resolve(auth.anonymous(), project, base_url=None).project == str(project)
    assert auth.check_project("project", f"projects/{project}") == str(project)


@pytest.mark.parametrize(
    "project",
    [
        "",
        ".",
        "..",
        "a/b",
        "a/../b",
        "projects/",
        "a b",
        "a?b",
        "a#b",
        "a%2e",
        "a\n",
        "é",
        ":a",
        "-a",
        "a" * 64,
    ],
)
@pytest.mark.parametrize("argument", ["project", "quota_project"])
def test_projects_that_are_refused(argument: str, project: str) -> None:
    arguments: dict[str, Any] = {"project": "p", argument: project}
    with pytest.raises(InvalidArgument, match=f"^{argument}=.*my-project") as caught:
        resolve(auth.anonymous(), base_url=None, **arguments)
    assert caught.value.value == project


# The host


@pytest.mark.parametrize(
    "url",
    [
        "https://earthengine-highvolume.googleapis.com",
        "http://127.0.0.1:1",
        "http://[::1]:1",
        "http://localhost",
    ],
)
def test_hosts_that_get_tokens(url: str, login: dict[str, Any]) -> None:
    assert resolve(login, "p", base_url=f"{url}/").base_url == url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://example.com", "Plain http"),
        ("http://127.0.0.1.example.com", "Plain http"),
        ("http://localhost.example.com", "Plain http"),
        ("http://10.0.0.1", "Plain http"),
        ("ftp://example.com", "not the address of a host"),
        ("example.com", "not the address of a host"),
        ("", "not the address of a host"),
        ("https://", "not the address of a host"),
        ("https://[", "not the address of a host"),
        ("https://example.com?key=x", "not the address of a host"),
        ("https://example.com/v1beta/", "api_version"),
        ("https://me:canary@example.com", "a name or a password"),
    ],
)
def test_hosts_that_are_refused(url: str, message: str, login: dict[str, Any]) -> None:
    for credentials in (login, auth.anonymous()):
        with pytest.raises(InvalidArgument, match=f"^base_url=.*{message}") as caught:
            resolve(credentials, "p", base_url=url)
        assert "canary" not in str(caught.value) + repr(caught.value.__dict__)


def test_an_emulator_in_another_container_gets_no_token(
    monkeypatch: pytest.MonkeyPatch, login: dict[str, Any]
) -> None:
    monkeypatch.setenv("EARTHENGINE_EMULATOR_HOST", "emulator:8085")
    assert resolve(None, "p", base_url=None).base_url == "http://emulator:8085"
    with pytest.raises(InvalidArgument, match=r"^EARTHENGINE_EMULATOR_HOST=.*Plain http"):
        resolve(login, "p", base_url=None)


def test_credentials_code_is_imported_when_it_is_needed() -> None:
    code = (
        "import sys, earthengine_export._connect.access as auth;"
        "auth.resolve(auth.anonymous(), 'p', base_url='http://localhost');"
        "print({'google', 'requests', 'cryptography'} & {name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_no_proxy_stands_between_a_client_and_this_machine(
    monkeypatch: pytest.MonkeyPatch, world: World, google: Any
) -> None:
    """What goes in plain http is read by nobody, and the emulator is reached without NO_PROXY."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    operation = world.client(google.url, timeout=5).operation("A")
    assert world.get(operation.refresh()).state == "SUCCEEDED"
