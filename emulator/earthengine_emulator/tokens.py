"""A token endpoint, and a service account that names it: for clients that will not go without credentials."""

import base64
import hashlib
import json
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from earthengine_emulator.access import token_for
from earthengine_emulator.replies import reply
from earthengine_emulator.server import Call

ACCOUNT = "emulator@my-project.iam.gserviceaccount.com"
SECONDS = 3599
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def token_calls() -> list[Call]:
    """`POST /token`, which gives anybody a token, and the key of a service account that asks there."""

    async def token(request: Request, _: str) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        match form.get("grant_type"):
            case grant if grant == _JWT:
                claims = _claims(form.get("assertion", ""))
                name, scopes = str(claims.get("sub") or claims.get("iss", "")), str(claims.get("scope", ""))
            case "refresh_token":
                name = f"refreshed-{hashlib.sha256(form.get('refresh_token', '').encode()).hexdigest()[:12]}"
                scopes = form.get("scope", "")
            case _:
                name = ""
        if not name:
            said = {"error": "invalid_grant", "error_description": "No JWT and no refresh token."}
            return reply(said, 400)
        granted = {"access_token": token_for(name, scopes), "expires_in": SECONDS, "token_type": "Bearer"}
        return reply(granted | ({"scope": scopes} if scopes else {}))

    async def account(request: Request, _: str) -> Response:
        query = request.query_params
        return reply(
            {
                "type": "service_account",
                "project_id": query.get("project", "my-project"),
                "private_key_id": "emulator",
                "private_key": await run_in_threadpool(_private_key),
                "client_email": query.get("user", ACCOUNT),
                "client_id": "0",
                "token_uri": f"{request.base_url}token",
                "universe_domain": "googleapis.com",
            }
        )

    return [
        Call("token", "POST", "/token", token),
        Call("service-account", "GET", "/emulator/service-account.json", account),
    ]


def _claims(assertion: str) -> dict[str, Any]:
    """What a JWT says; who signed it does not matter here."""
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


@cache
def _private_key() -> str:
    """A key of this process: it opens nothing but this emulator."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption()).decode()
