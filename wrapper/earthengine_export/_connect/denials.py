"""What a 401 or a 403 is about, and how to mend it."""

from __future__ import annotations

import re

from ..errors import ApiError
from .access import Access
from .identity import SCOPES

_PERMISSIONS = {
    "projects.image.export": "earthengine.exports.create",
    "projects.operations.get": "earthengine.operations.get",
    "projects.operations.wait": "earthengine.operations.get",
    "projects.operations.list": "earthengine.operations.list",
    "projects.operations.cancel": "earthengine.operations.update",
    "projects.operations.delete": "earthengine.operations.delete",
}


_CONSOLE = "https://console.cloud.google.com"
_NAMED = re.compile(r"\b((earthengine|storage)\.(?!googleapis\b)\w+\.\w+|serviceusage\.services\.use)\b")
# What else a 403 can be about than a permission: a reason of ErrorInfo or words of the text, and the cure.
_CURES = (
    (
        ("SERVICE_DISABLED", "has not been used in project", "api is disabled"),
        "Run `gcloud services enable {service} --project={consumer}`, and wait some minutes.",
    ),
    (
        ("BILLING_DISABLED", "requires billing to be enabled", "billing account"),
        f"Link a billing account: {_CONSOLE}/billing/linkedaccount?project={{consumer}}",
    ),
    (
        ("not registered", "eligibility", "noncommercial", "not signed up", "earth engine registration"),
        f"Register the project, or verify that it is noncommercial: {_CONSOLE}/earth-engine/configuration"
        "?project={consumer}",
    ),
    (
        ("SECURITY_POLICY_VIOLATED", "organization's policy", "vpc service controls"),
        "Ask who administers the organization of {consumer} to let this account and network in.",
    ),
)


def explain_denial(error: ApiError, access: Access) -> str:
    """What a 401 or 403 is about and how to mend it, after the service's own words.

    Args:
        error: What the service answered.
        access: The client's.
    """
    return f"{error.message.rstrip('. ')}. {_cure(error, access)}"


def _cure(error: ApiError, access: Access) -> str:
    who, project = access.identity, access.project
    if access.auth is None:
        return f"The request carried no credentials ({who}). Give Client(credentials=…)."
    if error.status == 401:
        return f"The token ({who}) was not accepted, and neither was a fresh one. {who.cure}"
    infos = [one for one in error.details if isinstance(one, dict) and isinstance(one.get("reason"), str)]
    reasons = {error.reason, *(info["reason"] for info in infos)}
    about: dict[str, object] = {}
    for info in infos:
        about |= info["metadata"] if isinstance(info.get("metadata"), dict) else {}
    text = error.message.lower()
    if "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in reasons or "insufficient authentication scopes" in text:
        return f"The token ({who}) lacks the scope {SCOPES[0]}. {who.scope_cure}"
    # Whose service or billing is off: often the project that is charged, and not the export's.
    consumer = _word(about.get("consumer"), project).removeprefix("projects/")
    service = _word(about.get("service"), "earthengine.googleapis.com")
    named = _NAMED.search(error.message)
    for signs, cure in _CURES:
        if not named and any(sign in reasons or sign in text for sign in signs):
            return cure.format(consumer=consumer, service=service)
    permission, role = _PERMISSIONS.get(error.api_method, "for this method"), "roles/earthengine.writer"
    if named:
        permission = named[0]
    if "USER_PROJECT_DENIED" in reasons or permission == "serviceusage.services.use":
        permission, role = "serviceusage.services.use", "roles/serviceusage.serviceUsageConsumer"
        project = access.quota_project
    account = access.account or "YOUR-ADDRESS"
    member = f"{'serviceAccount' if account.endswith('.gserviceaccount.com') else 'user'}:{account}"
    command = f"gcloud projects add-iam-policy-binding {project} --member={member} --role={role}"
    return (
        f"The account ({who}) lacks the permission {permission} in the project {project}, or there is "
        f"no such project. Run `{command}`."
    )


def _word(value: object, otherwise: str) -> str:
    """What a reply says, if it can stand in a command."""
    return value if isinstance(value, str) and re.fullmatch(r"[\w./:-]{1,100}", value) else otherwise
