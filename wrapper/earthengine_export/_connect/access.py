"""Where credentials come from, and for which project and host they work.

`resolve` looks for credentials in one fixed order and gives an `Access`; docs/credentials.md tells it.
google-auth is imported only when real credentials are wanted; what signs requests with them is in `tokens`.

Nothing here prints a secret: credentials have no part in any repr, a refused value that may be a token or a
key is described and not shown, and errors are raised free of the exceptions that may hold a reply's text.
"""

# google-auth's functions have no types, and a vendored copy has no settings of ours.
# mypy: allow-untyped-calls

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from .._errors.root import a
from ..errors import CredentialsError, InvalidArgument, InvalidArgumentType
from .environment import DEFAULT_BASE_URL, Unseen, check_url, is_private, shown
from .frames import Guarded
from .identity import SCOPES, Identity, Origin

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

    from .tokens import GoogleAuth

__all__ = [
    "Access",
    "Anonymous",
    "anonymous",
    "check_project",
    "resolve",
    "service_account",
]

_EMULATOR = "EARTHENGINE_EMULATOR_HOST"
_LOGIN = "earthengine authenticate"
_ARGUMENT = Origin("the credentials argument", then=" and give the new credentials")


@attrs.frozen
class Anonymous:
    """Credentials that are none: requests carry no token. Made by `anonymous()`."""


def anonymous() -> Anonymous:
    """Credentials that send no token, for the emulator and other servers on one's own machine."""
    return Anonymous()


@attrs.frozen
class Access:
    """How a client reaches the service, and as whom.

    Attributes:
        project: The project's id or number.
        base_url: The host, without the version and without a slash at the end.
        quota_project: The project that is charged, sent as x-goog-user-project.
        identity: Where the credentials were found, and whose they are.
        auth: What signs the requests; None for anonymous ones.
    """

    project: str
    base_url: str
    quota_project: str
    identity: Identity
    auth: GoogleAuth | None = None

    @property
    def host(self) -> str:
        """Whom the requests go to, for messages."""
        host = self.base_url.partition("://")[2].partition("/")[0]
        return f"{host} (of {_EMULATOR})" if self.identity.origin.name == _EMULATOR else host

    @property
    def source(self) -> str:
        """Which credentials these are, and for which account, in words."""
        return str(self.identity)

    def charging(self, quota_project: str | int) -> Access:
        """The same for another project that is charged.

        Raises:
            InvalidArgument: `quota_project` is not the id or number of a project.
        """
        project = check_project("quota_project", quota_project)
        auth = self.auth and self.auth.charging(project)
        return attrs.evolve(self, quota_project=project, auth=auth)

    @property
    def account(self) -> str | None:
        """The account's address, or None where the credentials do not tell it."""
        return self.identity.account


def resolve(
    credentials: object,
    project: str | int | None,
    *,
    base_url: str | None,
    quota_project: str | int | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Access:
    """Find credentials, project and host for a client.

    Args:
        credentials: A google-auth object, the path of a credentials file, its content as dict or JSON text,
            `anonymous()`, or None for the first that there is: EARTHENGINE_EMULATOR_HOST (anonymous),
            EARTHENGINE_TOKEN, EE_CONFIG_FILE or ~/.config/earthengine/credentials with a refresh token,
            Application Default Credentials.
        project: The project; by default that of the credentials, then GOOGLE_CLOUD_PROJECT.
        base_url: The host, without the version; by default EARTHENGINE_EMULATOR_HOST, then Google's.
        quota_project: The project that is charged; by default `project`, as in the official client.
        environ: The environment variables. google-auth reads those of its own from `os.environ`.

    Raises:
        InvalidArgument: An argument was refused, or there is no project.
        InvalidArgumentType: `credentials` is nothing that this library can use.
        CredentialsError: There are no credentials, or those found cannot be used.
    """
    with Guarded():
        emulator = environ.get(_EMULATOR) if base_url is None else None
        if emulator:
            url = check_url(_EMULATOR, emulator if "://" in emulator else f"http://{emulator}")
        else:
            url = check_url("base_url", DEFAULT_BASE_URL if base_url is None else base_url)
        if project is not None:  # before anything is looked for, which may take seconds
            project = check_project("project", project)
        if credentials is not None:
            identity = _given(credentials)
        else:
            identity = Identity(Origin(_EMULATOR)) if emulator else _found(environ)
        google = identity.credentials
        # An emulator may run in another container, as long as no token goes there.
        if not is_private(url) and not (emulator and google is None):
            raise InvalidArgument(
                _EMULATOR if emulator else "base_url",
                str(url),
                "Plain http shows what is sent to everybody on the way, tokens too.",
                "Use https, or a server on this machine.",
            )
        if project is None:
            project = getattr(google, "project_id", None) or getattr(google, "quota_project_id", None)
            project = project or environ.get("GOOGLE_CLOUD_PROJECT") or identity.project
        if project is None:
            raise InvalidArgument(
                "project",
                None,
                "Every export belongs to a Google Cloud project, and neither the credentials "
                f"({identity}) nor GOOGLE_CLOUD_PROJECT name one.",
                "Give Client(project='my-project'), or set GOOGLE_CLOUD_PROJECT.",
            )
        project = check_project("project", project)
        quota_project = project if quota_project is None else check_project("quota_project", quota_project)
        auth = None
        if google is not None:
            from .tokens import GoogleAuth, Renewals

            auth = GoogleAuth(Renewals(identity), quota_project)
        return Access(project, str(url).rstrip("/"), quota_project, identity, auth)


def service_account(key: object) -> Credentials:
    """Credentials from a service account key, for `Client.from_service_account`.

    Args:
        key: The path of the key file, or its content as dict or JSON text.

    Raises:
        InvalidArgument: There is no such file.
        InvalidArgumentType: `key` is neither a path nor a dict.
        CredentialsError: It is not a service account key, or a broken one.
    """
    info = _read(key)
    if info.get("type") != "service_account":
        raise CredentialsError(
            "This is not the key of a service account: its type is not 'service_account'. Give the file that "
            "`gcloud iam service-accounts keys create` wrote, or use Client(credentials=…) for other types."
        )
    return _load(info, "The service account key")


def check_project(argument: str, value: object) -> str:
    """The project's id or number, without "projects/" before it.

    Raises:
        InvalidArgument: It is not the id ("my-project", "example.com:my-project") or number of a project.
        InvalidArgumentType: It is neither text nor a number.
    """
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidArgumentType(argument, shown(value), "It must be the id or the number of a project.")
    # Python itself refuses to write a very long number.
    is_long = isinstance(value, int) and value.bit_length() > 200
    text = "" if is_long else str(value).removeprefix("projects/")
    if not re.fullmatch(r"([a-z0-9-]+(\.[a-z0-9-]+)+:)?[A-Za-z0-9][A-Za-z0-9_-]{0,62}", text):
        raise InvalidArgument(
            argument,
            shown(value),
            "It is not the id or the number of a Google Cloud project.",
            "Give it as the console shows it: 'my-project', 'example.com:my-project' or '123456789'.",
        )
    return text


def _given(credentials: object) -> Identity:
    """The credentials that the caller gave."""
    if isinstance(credentials, Anonymous):
        return Identity(_ARGUMENT)
    if isinstance(credentials, str | os.PathLike | Mapping):
        info = _read(credentials)
        # Only the file of `earthengine authenticate` is without a type.
        origin = _ARGUMENT if "type" in info else attrs.evolve(_ARGUMENT, login=_LOGIN)
        return Identity(origin, _load(info, "The credentials argument"))
    from google.auth import api_key
    from google.auth import credentials as google

    if isinstance(credentials, google.AnonymousCredentials):
        return Identity(_ARGUMENT)
    if isinstance(credentials, api_key.Credentials):
        raise _api_key()
    if not isinstance(credentials, google.Credentials):
        raise InvalidArgumentType(
            "credentials",
            Unseen(a(f"{type(credentials).__module__}.{type(credentials).__name__}")),
            "This library cannot get tokens from it.",
            "Give a google.auth.credentials.Credentials, the path or dict of a key, or anonymous().",
        )
    return Identity(_ARGUMENT, google.with_scopes_if_required(credentials, SCOPES))


def _found(environ: Mapping[str, str]) -> Identity:
    """The first credentials that the machine has."""
    if text := environ.get("EARTHENGINE_TOKEN"):
        then = " and put the text of the new file into EARTHENGINE_TOKEN"
        return Identity(
            Origin("EARTHENGINE_TOKEN", _LOGIN, then),
            _load(_parse(text, "EARTHENGINE_TOKEN"), "EARTHENGINE_TOKEN"),
        )
    configured = environ.get("EE_CONFIG_FILE")
    path = _path(configured or "~/.config/earthengine/credentials")
    if path:
        info = _file(path)
        if info.get("refresh_token"):
            return Identity(Origin(str(path), _LOGIN), _load(info, str(path)))
    elif configured:
        raise _no_file("EE_CONFIG_FILE", configured, "EARTHENGINE_TOKEN takes the text of such a file.")
    key = environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if key and not _path(key):
        raise _no_file("GOOGLE_APPLICATION_CREDENTIALS", key)
    from .tokens import application_default

    return Identity(Origin("Application Default Credentials"), *application_default())


def _api_key() -> InvalidArgument:
    return InvalidArgument(
        "credentials",
        Unseen("an API key"),
        "API keys are not supported: an export belongs to an account, and a key names none.",
        f"Run `{_LOGIN}`, or use a service account: Client.from_service_account.",
    )


def _read(source: object) -> Mapping[str, object]:
    """The content of a credentials file, which is given as it is, as JSON text, or by its path."""
    if isinstance(source, Mapping):
        return source
    if not isinstance(source, str | os.PathLike):
        kind = Unseen(a(type(source).__name__))
        raise InvalidArgumentType("credentials", kind, "It is neither a path nor a dict.")
    text = os.fsdecode(source)
    if text.lstrip().startswith("{"):
        return _parse(text, "The credentials argument")
    if text.startswith("AIza"):
        raise _api_key()
    path = _path(text)
    if not path:
        raise InvalidArgument(
            "credentials",
            _shown_path(text),
            "There is no such file.",
            "Give the path of a JSON file with credentials; give an access token as "
            "google.oauth2.credentials.Credentials(token).",
        )
    return _file(path)


def _path(text: str) -> Path | None:
    """The file of this name, if there is one."""
    try:
        path = Path(text).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # the text is no path
        return None


def _no_file(variable: str, value: str, cure: str = "") -> CredentialsError:
    return CredentialsError(
        f"{variable} must hold the path of a file, and there is no file {_shown_path(value)!r}. Correct it, "
        f"or unset it. {cure}".rstrip()
    )


def _shown_path(text: str) -> object:
    """A path as it is. Text that does not look like one may be a token or a key, and is not shown."""
    looks_so = re.fullmatch(r"(?=[~./]|\w:\\|.*\.json$)[^{}=+\n]{1,120}", text)
    return text if looks_so else Unseen("a text that is not shown")


def _file(path: Path) -> Mapping[str, object]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CredentialsError(f"{path} cannot be read: {error.strerror}.") from error
    return _parse(content, str(path))


def _parse(text: str | bytes, name: str) -> Mapping[str, object]:
    try:
        info = json.loads(text)
    except (ValueError, RecursionError):
        info = None
    if not isinstance(info, dict):
        raise CredentialsError(
            f"{name} does not hold the JSON text of a credentials file. Run `{_LOGIN}` for a new one."
        )
    return info


def _load(info: Mapping[str, object], name: str) -> Credentials:
    """The google-auth object for the content of a credentials file."""
    from . import tokens

    try:
        return tokens.from_info(dict(info))
    except tokens.UNUSABLE as error:
        wrong = tokens.words(error)
    # Raised out here, so that no exception that quotes the content hangs on it.
    raise CredentialsError(f"{name} cannot be used: {wrong} Get a new one where it came from.")
