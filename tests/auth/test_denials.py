"""What a 401 or a 403 tells the user."""

from __future__ import annotations

from typing import Any

import pytest
from google.auth import compute_engine
from google.oauth2 import credentials as user_credentials

from earthengine_export._connect import access as auth
from earthengine_export._connect.access import Access, resolve
from earthengine_export._connect.denials import explain_denial

PERMISSIONS = {
    "projects.image.export": "earthengine.exports.create",
    "projects.operations.get": "earthengine.operations.get",
    "projects.operations.wait": "earthengine.operations.get",
    "projects.operations.list": "earthengine.operations.list",
    "projects.operations.cancel": "earthengine.operations.update",
    "projects.operations.delete": "earthengine.operations.delete",
}


@pytest.fixture
def robot(robot_key: dict[str, str]) -> Access:
    return resolve(robot_key, "my-project", base_url=None, quota_project="quota-project")


def info(reason: str) -> list[Any]:
    return ["noise", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]


@pytest.mark.parametrize(("method", "permission"), PERMISSIONS.items())
def test_a_403_names_permission_project_account_and_command(
    method: str, permission: str, robot: Access
) -> None:
    text = explain_denial(403, "PERMISSION_DENIED", [], "Permission denied.", method, robot)
    assert text == (
        "Permission denied. The account (service account robot@key-project.iam.gserviceaccount.com, by the "
        f"credentials argument) lacks the permission {permission} in the project my-project, or there is no "
        "such project. Run `gcloud projects add-iam-policy-binding my-project "
        "--member=serviceAccount:robot@key-project.iam.gserviceaccount.com --role=roles/earthengine.writer`."
    )


@pytest.mark.parametrize(
    ("details", "message"),
    [
        (info("USER_PROJECT_DENIED"), "Denied"),
        ([], "Caller lacks serviceusage.services.use on the project"),
    ],
)
def test_a_403_for_the_quota_project(details: list[Any], message: str, robot: Access) -> None:
    text = explain_denial(403, "PERMISSION_DENIED", details, message, "projects.image.export", robot)
    assert "lacks the permission serviceusage.services.use in the project quota-project" in text
    assert "binding quota-project" in text
    assert "--role=roles/serviceusage.serviceUsageConsumer`" in text


def test_an_unknown_address_is_left_to_the_user(login: dict[str, Any]) -> None:
    access = resolve(login, "p", base_url=None)
    text = explain_denial(403, "", [], "No", "projects.image.export", access)
    assert "user (address unknown), by the credentials argument" in text
    assert "--member=user:YOUR-ADDRESS " in text


@pytest.mark.parametrize(
    ("details", "message"),
    [
        (info("ACCESS_TOKEN_SCOPE_INSUFFICIENT"), "Denied"),
        ([], "Request had insufficient authentication scopes."),
    ],
)
def test_a_403_for_the_scope(details: list[Any], message: str, login: dict[str, Any], robot: Access) -> None:
    scope = "https://www.googleapis.com/auth/earthengine"
    machine = compute_engine.Credentials()
    commands = {
        "`earthengine authenticate --scopes=": resolve(login, "p", base_url=None),
        "`gcloud auth application-default login --scopes=": resolve(
            user_credentials.Credentials("t"), "p", base_url=None
        ),
        "`gcloud compute instances set-service-account NAME --scopes=": resolve(machine, "p", base_url=None),
        "Make the credentials with scopes=['": robot,
    }
    for command, access in commands.items():
        text = explain_denial(403, "PERMISSION_DENIED", details, message, "projects.image.export", access)
        assert f"lacks the scope {scope}." in text
        assert command + scope in text


def test_other_403s(robot: Access) -> None:
    text = explain_denial(403, "PERMISSION_DENIED", info("SERVICE_DISABLED"), "Disabled.", "", robot)
    assert text.endswith("`gcloud services enable earthengine.googleapis.com --project=my-project`.")
    text = explain_denial(403, "", [], "Project p is not registered to use Earth Engine.", "", robot)
    assert "configuration?project=my-project" in text


def test_a_401(robot: Access) -> None:
    text = explain_denial(401, "UNAUTHENTICATED", [], "Invalid", "projects.operations.get", robot)
    assert text.startswith("Invalid. The token (service account robot@")
    assert "keys create" in text


def test_anonymous() -> None:
    access = resolve(auth.anonymous(), "p", base_url=None)
    text = explain_denial(401, "", [], "Login required", "projects.operations.get", access)
    assert text == (
        "Login required. The request carried no credentials (anonymous, by the credentials argument). "
        "Give Client(credentials=…)."
    )
