"""What a 401 or a 403 tells the user."""

from __future__ import annotations

from typing import Any

import pytest
from google.auth import compute_engine
from google.oauth2 import credentials as user_credentials

import earthengine_export as eex
from earthengine_export._connect import access as auth
from earthengine_export._connect.access import Access, resolve
from earthengine_export._connect.denials import explain_denial
from tests.worlds import World

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


def explained(
    status: int, reason: str, details: list[Any], message: str, api_method: str, access: Access
) -> str:
    error = eex.errors.ApiError(message, status=status, reason=reason, details=details, api_method=api_method)
    return explain_denial(error, access)


def info(reason: str) -> list[Any]:
    return ["noise", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]


@pytest.mark.parametrize(("method", "permission"), PERMISSIONS.items())
def test_a_403_names_permission_project_account_and_command(
    method: str, permission: str, robot: Access
) -> None:
    text = explained(403, "PERMISSION_DENIED", [], "Permission denied.", method, robot)
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
    text = explained(403, "PERMISSION_DENIED", details, message, "projects.image.export", robot)
    assert "lacks the permission serviceusage.services.use in the project quota-project" in text
    assert "binding quota-project" in text
    assert "--role=roles/serviceusage.serviceUsageConsumer`" in text


def test_an_unknown_address_is_left_to_the_user(login: dict[str, Any]) -> None:
    access = resolve(login, "p", base_url=None)
    text = explained(403, "", [], "No", "projects.image.export", access)
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
        text = explained(403, "PERMISSION_DENIED", details, message, "projects.image.export", access)
        assert f"lacks the scope {scope}." in text
        assert command + scope in text


def about(reason: str, **metadata: Any) -> list[Any]:
    return [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "metadata": metadata}]


CONSOLE = "https://console.cloud.google.com"


@pytest.mark.parametrize(
    ("details", "message", "cure"),
    [
        (about("SERVICE_DISABLED"), "Disabled.", "enable earthengine.googleapis.com --project=my-project`"),
        (
            about("SERVICE_DISABLED", consumer="projects/billing-proj", service="earthengine.googleapis.com"),
            "Earth Engine API has not been used in project billing-proj before or it is disabled.",
            "enable earthengine.googleapis.com --project=billing-proj`",
        ),
        (
            [],
            "Google Earth Engine API has not been used in project 123 before or it is disabled. Enable it by "
            "visiting https://console.developers.google.com/apis/api/earthengine.googleapis.com/overview.",
            "enable earthengine.googleapis.com --project=my-project`",
        ),
        (
            [],
            "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: abc",
            "Ask who administers the organization of my-project",
        ),
        (
            about("BILLING_DISABLED", consumer="projects/123"),
            "This API method requires billing to be enabled.",
            f"{CONSOLE}/billing/linkedaccount?project=123",
        ),
        ([], "This API method requires billing to be enabled", "linkedaccount?project=my-project"),
        (
            [],
            "Project p is not registered to use Earth Engine.",
            "configuration?project=my-project",
        ),
        (
            [],
            "Noncommercial eligibility of the project has not been verified",
            "configuration?project=my-project",
        ),
        (about("SERVICE_DISABLED", consumer="x; rm -rf /", service=["a"]), "No", "--project=my-project`"),
    ],
)
def test_other_403s_get_no_advice_on_permissions(
    details: list[Any], message: str, cure: str, robot: Access
) -> None:
    text = explained(403, "PERMISSION_DENIED", details, message, "projects.image.export", robot)
    assert text.startswith(f"{message.rstrip('.')}. ")
    assert cure in text
    assert "add-iam-policy-binding" not in text


def test_a_host_is_no_permission(robot: Access) -> None:
    message = "earthengine.googleapis.com answered 403 Forbidden: '{}'"
    text = explained(403, "", [], message, "projects.image.export", robot)
    assert "lacks the permission earthengine.exports.create" in text


def test_the_permission_that_the_text_names(robot: Access) -> None:
    message = "Permission 'earthengine.assets.create' denied on resource 'projects/my-project'"
    text = explained(403, "PERMISSION_DENIED", [], message, "projects.image.export", robot)
    assert "lacks the permission earthengine.assets.create in the project my-project" in text


ODD: list[Any] = [None, 5, [], {}, "x", ["x"], {"a": 1}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_details(odd: Any, robot: Access) -> None:
    for details in ([odd], [{"reason": odd}], [{"reason": "SERVICE_DISABLED", "metadata": odd}],
                    [{"reason": "SERVICE_DISABLED", "metadata": {"consumer": odd}}]):  # fmt: skip
        assert explained(403, "", details, "No", "projects.image.export", robot).startswith("No. ")


def test_a_401(robot: Access) -> None:
    text = explained(401, "UNAUTHENTICATED", [], "Invalid", "projects.operations.get", robot)
    assert text.startswith("Invalid. The token (service account robot@")
    assert "keys create" in text


def test_anonymous() -> None:
    access = resolve(auth.anonymous(), "p", base_url=None)
    text = explained(401, "", [], "Login required", "projects.operations.get", access)
    assert text == (
        "Login required. The request carried no credentials (anonymous, by the credentials argument). "
        "Give Client(credentials=…)."
    )


def test_what_was_not_found_is_named(world: World, google: Any) -> None:
    google.api_reply = (404, {"error": {"code": 404, "message": "Not here", "status": "NOT_FOUND"}})
    with pytest.raises(eex.NotFound) as caught:
        world.get(world.client(google.url, project="p").operation("A").refresh())
    assert str(caught.value).startswith("Not here. It is about projects/p/operations/A. Check the name")
    assert caught.value.response is not None
    assert caught.value.response.json()["error"]["message"] == "Not here"


def test_nobody_answers_at_the_emulators_variable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHENGINE_EMULATOR_HOST", "127.0.0.1:9")
    client = world.client(base_url=None, credentials=None, retry=eex.Retry(retries=0))
    with pytest.raises(
        eex.ConnectionFailed,
        match=r"No reply from 127\.0\.0\.1:9 \(of EARTHENGINE_EMUL.*Does the emulator run",
    ):
        world.get(client.operation("A").refresh())
