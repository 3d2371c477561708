"""What a 401 or a 403 is about, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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


def explain_denial(
    status: int, reason: str, details: Sequence[Any], message: str, api_method: str, access: Access
) -> str:
    """What a 401 or 403 is about and how to mend it, after the service's own words.

    Args:
        status: The HTTP status.
        reason: `error.status` of the reply ("PERMISSION_DENIED", …).
        details: `error.details` of the reply.
        message: `error.message` of the reply.
        api_method: The method that was refused: "projects.image.export", ….
        access: The client's.
    """
    reasons = {reason, *(detail.get("reason") for detail in details if isinstance(detail, dict))}
    return f"{message.rstrip('. ')}. {_meaning(status, reasons, message.lower(), api_method, access)}"


def _meaning(status: int, reasons: set[Any], message: str, api_method: str, access: Access) -> str:
    who, project = access.identity, access.project
    permission, role = _PERMISSIONS.get(api_method, "for this method"), "roles/earthengine.writer"
    if access.auth is None:
        return f"The request carried no credentials ({who}). Give Client(credentials=…)."
    if status == 401:
        return f"The token ({who}) was not accepted, and neither was a fresh one. {who.cure}"
    if "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in reasons or "insufficient authentication scopes" in message:
        return f"The token ({who}) lacks the scope {SCOPES[0]}. {who.scope_cure}"
    if "SERVICE_DISABLED" in reasons:
        return f"Run `gcloud services enable earthengine.googleapis.com --project={project}`."
    if "not registered" in message:
        return f"Register at https://console.cloud.google.com/earth-engine/configuration?project={project}"
    if "USER_PROJECT_DENIED" in reasons or "serviceusage.services.use" in message:
        permission, role = "serviceusage.services.use", "roles/serviceusage.serviceUsageConsumer"
        project = access.quota_project
    account = access.account or "YOUR-ADDRESS"
    member = f"{'serviceAccount' if account.endswith('.gserviceaccount.com') else 'user'}:{account}"
    command = f"gcloud projects add-iam-policy-binding {project} --member={member} --role={role}"
    return (
        f"The account ({who}) lacks the permission {permission} in the project {project}, or there is "
        f"no such project. Run `{command}`."
    )
