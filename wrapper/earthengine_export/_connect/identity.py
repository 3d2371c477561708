"""Who the requests come from, in words, and how a user gets new credentials."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

_SCOPE = "https://www.googleapis.com/auth/"
# The first is what every method takes; the second lets an export write to Cloud Storage.
SCOPES = (f"{_SCOPE}earthengine", f"{_SCOPE}devstorage.full_control")


@attrs.frozen
class Origin:
    """A place where credentials are looked for: its name, and how a user gets new ones into it."""

    name: str
    login: str = "gcloud auth application-default login"
    then: str = ""


# By the module of a google-auth class: what the credentials are, and what helps when they are refused.
# A user logs in anew, by a command that depends on the origin.
_USER = "user"
_MACHINE = "service account of this machine"
_KINDS = {
    "google.oauth2.credentials": (_USER, ""),
    "google.oauth2.service_account": (
        "service account",
        "Check that the account is enabled and that this machine's clock is right, or make a new key with "
        "`gcloud iam service-accounts keys create`.",
    ),
    "google.auth.impersonated_credentials": (
        "impersonated service account",
        "Grant roles/iam.serviceAccountTokenCreator on it to the account that impersonates it.",
    ),
    "google.auth.compute_engine.credentials": (
        _MACHINE,
        "Attach a service account to the machine or the Cloud Run service.",
    ),
}
_OTHER = "Check the identity provider, the configuration and the permissions that it names."


@attrs.frozen
class Identity:
    """Who the requests come from.

    Attributes:
        origin: Where the credentials were found.
        credentials: The google-auth object, or None for anonymous requests.
        project: The project that was found beside them, such as that of the machine.
    """

    origin: Origin
    credentials: Credentials | None = attrs.field(default=None, repr=False)
    project: str | None = None

    def __str__(self) -> str:
        if self.credentials is None:
            return f"anonymous, by {self.origin.name}"
        return f"{self._kind[0]} {self.account or '(address unknown)'}, by {self.origin.name}"

    @property
    def account(self) -> str | None:
        """The account's address if the credentials tell it; a machine's do after the first request."""
        for attribute in ("service_account_email", "account"):
            if account := getattr(self.credentials, attribute, None):
                return str(account)
        return None

    @property
    def _kind(self) -> tuple[str, str]:
        cls = type(self.credentials)
        return _KINDS.get(cls.__module__, (f"{cls.__module__}.{cls.__name__}", _OTHER))

    @property
    def cure(self) -> str:
        """What to do when the credentials are refused."""
        kind, cure = self._kind
        return f"Run `{self.origin.login}` again{self.origin.then}." if kind == _USER else cure

    @property
    def scope_cure(self) -> str:
        """What to do when the token lacks a scope."""
        kind, _ = self._kind
        scopes = ",".join((*SCOPES, f"{_SCOPE}cloud-platform"))
        if kind == _USER:
            return f"Run `{self.origin.login} --scopes={scopes}`{self.origin.then}."
        if kind == _MACHINE:
            command = f"gcloud compute instances set-service-account NAME --scopes={scopes}"
            return f"Stop the machine, run `{command}`, and start it."
        return f"Make the credentials with scopes={list(SCOPES)}."


def redact(text: str) -> str:
    """The text without what may be a token or a key: long runs of characters that are no words.

    Words are of one case, joined by underscores, as `external_account_authorized_user` and names of variables
    are. Addresses of scopes and of documents are shown, too, and paths of files that exist.
    """
    return re.sub(r"(?<!\S)\S{20,}", _redacted, text)


_PLAIN = re.compile(
    rf"{re.escape(_SCOPE)}.*|https://(cloud\.google\.com/docs|cryptography\.io/en)/.*"
    r"|\W*([a-z]{1,14}(_[a-z]{1,14})*|[A-Z]{1,14}(_[A-Z]{1,14})*)\W*"
)


def _redacted(found: re.Match[str]) -> str:
    word = found[0]
    return word if _PLAIN.fullmatch(word) or os.path.isfile(word.strip("'\".,:;()")) else "[…]"
