"""Who may ask: hosts and origins, and on request users with their scopes, permissions and limits."""

import base64
import ipaddress
import json
import time
from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from earthengine_emulator.errors import Refusal
from earthengine_emulator.settings import Settings

EARTH_ENGINE = ("earthengine", "cloud-platform")
EXPORT = (*EARTH_ENGINE, "devstorage.full_control")
STORAGE = ("cloud-platform", "devstorage.read_only", "devstorage.read_write", "devstorage.full_control")
_SCOPE = "https://www.googleapis.com/auth/"
# By method: the scopes of which one is needed, and the permission.
NEEDS: dict[str, tuple[tuple[str, ...], str]] = {
    "projects.image.export": (EXPORT, "earthengine.exports.create"),
    "projects.operations.get": (EARTH_ENGINE, "earthengine.operations.get"),
    "projects.operations.list": (EARTH_ENGINE, "earthengine.operations.list"),
    "projects.operations.wait": (EARTH_ENGINE, "earthengine.operations.get"),
    "projects.operations.cancel": (EARTH_ENGINE, "earthengine.operations.update"),
    "projects.operations.delete": (EARTH_ENGINE, "earthengine.operations.delete"),
    "projects.algorithms.list": (EARTH_ENGINE, ""),
    "projects.value.compute": (EARTH_ENGINE, "earthengine.computations.create"),
    "projects.assets.get": (EARTH_ENGINE, "earthengine.assets.get"),
    "projects.assets.listAssets": (EARTH_ENGINE, "earthengine.assets.list"),
    "projects.assets.listImages": (EARTH_ENGINE, "earthengine.assets.list"),
    "projects.listAssets": (EARTH_ENGINE, "earthengine.assets.list"),
    "storage.buckets.get": (STORAGE, "storage.buckets.get"),
    "storage.buckets.list": (STORAGE, "storage.buckets.list"),
    "storage.objects.get": (STORAGE, "storage.objects.get"),
    "storage.objects.list": (STORAGE, "storage.objects.list"),
}


OPEN = ("discovery", "token", "service-account")  # who asks for these has no token yet


def check_host(request: Request, allowed: Collection[str]) -> None:
    """Refuse what a web page of elsewhere makes a browser send, under a name that it has led here or not.

    Args:
        request: Whose `Host`, `Origin` and `Sec-Fetch-Site` are looked at.
        allowed: Names that are ours beside addresses, names without a dot and names under `localhost`.

    Raises:
        Refusal: 403.
    """
    headers = request.headers
    host = _host_of(f"//{headers.get('host', '')}")
    if not _is_ours(host, allowed):
        raise Refusal(
            f"The emulator does not answer to the host {host!r}. `--allow-host {host}` makes it.", code=403
        )
    origin = headers.get("origin")
    if origin is not None and not _is_local(_host_of(origin), allowed):
        raise Refusal(f"The emulator does not answer pages of {origin!r}.", code=403)
    if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
        raise Refusal("The emulator does not answer pages of other sites.", code=403)


@lru_cache(maxsize=1000)
def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or "?."
    except ValueError:
        return "?."  # no name that is ours


def _is_ours(host: str, allowed: Collection[str]) -> bool:
    # A page's own server can be reached only by a name with a dot, under which it can then lead here.
    return _is_address(host) or "." not in host or host.endswith(".localhost") or host in allowed


def _is_local(host: str, allowed: Collection[str]) -> bool:
    if _is_address(host):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost") or host in allowed


@lru_cache(maxsize=1000)
def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class User:
    """Somebody who asks.

    Attributes:
        name: Who.
        scopes: What the token is good for; None is everything.
        permissions: What the user may do; None is everything.
    """

    name: str = ""
    scopes: tuple[str, ...] | None = None
    permissions: tuple[str, ...] | None = None


def token_for(name: str, scopes: str) -> str:
    """An access token of our own token endpoint; it tells whose it is and what it is good for."""
    payload = base64.urlsafe_b64encode(json.dumps([name, scopes]).encode())
    return f"ya29.emulator.{payload.decode().rstrip('=')}"


class Access:
    """Users and limits; each is off by default.

    Args:
        settings: `users`, `rate_limit` and `concurrency_limit`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._users = _users(settings.users)
        self._recent: dict[str, deque[float]] = {}
        self._at_once: Counter[str] = Counter()

    @contextmanager
    def admitted(self, request: Request, method: str) -> Iterator[User]:
        """Let one request in, and count it while it is answered.

        Raises:
            Refusal: As the service refuses: 401 without a token that is known, 403 without a scope or a
                permission, 429 beyond a limit.
        """
        user = User() if method in OPEN else self._user(request, method)
        project = request.path_params.get("projectsId", "")
        who = [f"user {user.name}", f"project {project}"] if project else [f"user {user.name}"]
        self._check_rate(who, project)
        limit = self._settings.concurrency_limit
        if limit and any(self._at_once[one] >= limit for one in who):
            raise _quota(project, "Number of concurrent requests", "Number of concurrent requests")
        self._at_once.update(who)
        try:
            yield user
        finally:
            self._at_once.subtract(who)
            for one in who:
                if not self._at_once[one]:
                    del self._at_once[one]

    def _user(self, request: Request, method: str) -> User:
        if self._users is None:
            return User()
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or kind.lower() != "bearer":
            raise _unauthenticated(
                "Request is missing required authentication credential.", "CREDENTIALS_MISSING"
            )
        user = self._users.get(token) or _issued(token, self._users)
        if user is None:
            raise _unauthenticated("Request had invalid authentication credentials.", "ACCESS_TOKEN_INVALID")
        scopes, permission = NEEDS.get(method, (EARTH_ENGINE, ""))
        if user.scopes is not None and not any(scope.removeprefix(_SCOPE) in scopes for scope in user.scopes):
            raise Refusal(
                "Request had insufficient authentication scopes.",
                code=403,
                details=[_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", method=method)],
            )
        if permission and user.permissions is not None and permission not in user.permissions:
            resource = "projects/" + request.path_params.get("projectsId", "-")
            raise Refusal(
                f"Permission '{permission}' denied on resource '{resource}' (or it may not exist).",
                code=403,
                details=[_info("IAM_PERMISSION_DENIED", permission=permission, resource=resource)],
            )
        return user

    def _check_rate(self, who: list[str], project: str) -> None:
        limit, now = self._settings.rate_limit, time.monotonic()
        if not limit:
            return
        for one in who:
            recent = self._recent.setdefault(one, deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= limit:
                kind, _, _ = one.partition(" ")
                raise _quota(project, "Number of requests", f"Number of requests per second per {kind}")
        for one in who:
            self._recent[one].append(now)


def _users(given: str | Mapping[str, Any]) -> dict[str, User] | None:
    """The users by token; None where anybody is nobody in particular.

    Raises:
        ValueError: The file is not as the README says.
    """
    if not given:
        return None
    if isinstance(given, str):
        if given == "any":
            return {}
        given = json.loads(Path(given).read_text(encoding="utf-8"))
    if not isinstance(given, Mapping) or not all(isinstance(entry, Mapping) for entry in given.values()):
        raise ValueError("users: a JSON object of tokens, each with an object: user, scopes, permissions.")
    users = {}
    for token, entry in given.items():
        unknown = entry.keys() - {"user", "scopes", "permissions"}
        if unknown:
            raise ValueError(
                f"users: unknown fields {sorted(unknown)}; there are user, scopes and permissions."
            )
        scopes, permissions = entry.get("scopes"), entry.get("permissions")
        users[token] = User(
            str(entry.get("user", token)),
            None if scopes is None else tuple(scopes),
            None if permissions is None else tuple(permissions),
        )
    return users


def _issued(token: str, known: Mapping[str, User]) -> User | None:
    """Who has a token that nobody wrote down: it is of the token endpoint, or everybody may come."""
    prefix, _, payload = token.rpartition(".")
    if prefix == "ya29.emulator":
        try:
            name, scopes = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            listed = next((user for user in known.values() if user.name == name), User(name))
            return User(str(name), tuple(str(scopes).split()) or None, listed.permissions)
        except ValueError:
            return None
    return None if known else User(token)


def _info(reason: str, **metadata: str) -> dict[str, Any]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "earthengine.googleapis.com", **metadata},
    }


def _unauthenticated(message: str, reason: str) -> Refusal:
    advice = (
        " Expected OAuth 2 access token, login cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return Refusal(message + advice, code=401, details=[_info(reason)])


def _quota(project: str, metric: str, limit: str) -> Refusal:
    return Refusal(
        f"Quota exceeded for quota metric '{metric}' and limit '{limit}' of service "
        f"'earthengine.googleapis.com' for consumer 'projects/{project}'.",
        code=429,
        details=[_info("RATE_LIMIT_EXCEEDED", quota_metric=metric, quota_limit=limit)],
    )
