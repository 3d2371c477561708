"""What the environment says about hosts, proxies and certificates, and what is wrong with it.

httpx reads the variables itself, and raises errors of many types that name none of them. They are read here,
once for each client, with one error that names the variable, its value without a password, and the cure.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from functools import cache
from importlib.util import find_spec
from typing import TypedDict
from urllib.request import getproxies, proxy_bypass

import httpx

from .._errors.root import a
from ..errors import InvalidArgument, InvalidArgumentType

DEFAULT_BASE_URL = "https://earthengine.googleapis.com"
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_BUNDLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")


class Unseen:
    """Stands in an error for a value that may be secret."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __repr__(self) -> str:
        return f"<{self._what}>"


def shown(value: object) -> object:
    """The value, if it is a short plain text or a number; else what it is, since it may be a key."""
    if isinstance(value, int) and value.bit_length() > 200:  # Python itself refuses to write a very long one
        return Unseen("a very long number")
    if value is None or (isinstance(value, str | int) and len(str(value)) <= 64 and "{" not in str(value)):
        return masked(value) if isinstance(value, str) and "://" in value else value
    return Unseen(a(type(value).__name__) if not isinstance(value, str) else "a text that is not shown")


def masked(url: str) -> str:
    """An address without what may be secret in it: name and password, and what follows ? and #."""
    return re.sub(r"(?s)[?#].*", "…", re.sub(r"(?s)^(\w+:)?(//)?.*@", r"\1\2…@", url))


def is_private(url: httpx.URL) -> bool:
    """Whether nobody on the way can read what is sent: by https, or to this very machine."""
    try:
        own = url.host == "localhost" or ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        own = False
    return url.scheme == "https" or own


def check_url(argument: str, value: object) -> httpx.URL:
    """The address of a host, if `value` is one.

    Raises:
        InvalidArgument: It is none, or holds a name, a password or the API's version.
        InvalidArgumentType: It is no text.
    """
    if not isinstance(value, str):
        raise InvalidArgumentType(argument, shown(value), "It must be a str.")
    try:
        url = httpx.URL(value)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if "@" in value:
        rule = "It holds a name or a password, which logs would show."
    elif (
        url.scheme not in {"http", "https"}
        or not re.fullmatch(r"[\w.:-]+", url.host)
        or {*value} & {"?", "#"}
    ):
        rule = "It is not the address of a host."
    elif re.search(r"/v\d\w*/?$", url.path):
        rule = "The version is not part of it; api_version sets that."
    else:
        return url
    raise InvalidArgument(argument, masked(value)[:200], rule, f"Give it like {DEFAULT_BASE_URL!r}.")


class Options(TypedDict):
    """What `client_options` gives."""

    verify: ssl.SSLContext
    proxy: httpx.Proxy | None
    trust_env: bool


def client_options(url: str) -> Options:
    """The options of an httpx client, of either kind, that talks to this host.

    Plain http goes to this machine, where no proxy has to read what is sent.

    Raises:
        InvalidArgument: A variable names a proxy or a file of certificates that cannot be used.
    """
    target = httpx.URL(url)
    is_https = target.scheme == "https"
    # A context that trusts nobody, and is not used.
    verify = _certificates() if is_https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return {
        "verify": verify,
        "proxy": _proxy(f"{target.host}:{target.port or 443}") if is_https else None,
        "trust_env": False,
    }


def _proxy(host: str) -> httpx.Proxy | None:
    """The proxy that the environment, or the system, names for a host.

    What NO_PROXY has that is no host fits none.
    """
    proxies = getproxies()
    value = proxies.get("https") or proxies.get("all")
    if not value or proxy_bypass(host):
        return None
    variable = next((name for name in _PROXIES if os.environ.get(name) == value), "the system's proxy")
    text = value if "://" in value else f"http://{value}"
    cure = "Give it like 'http://proxy.example.com:8080', or unset the variable."
    rule = "It is not the address of a proxy."
    try:
        proxy = httpx.Proxy(text)
    except (httpx.InvalidURL, ValueError):
        proxy = None
    if proxy and proxy.url.scheme.startswith("socks5"):
        if find_spec("socksio"):
            return proxy
        rule, cure = "A SOCKS proxy needs one more package.", "Run `pip install 'httpx[socks]'`."
    elif proxy and proxy.url.host:
        return proxy
    elif text.startswith("socks"):
        cure = "Write socks5:// in place of what stands before the host."
    raise InvalidArgument(variable, masked(value), rule, cure)


def _certificates() -> ssl.SSLContext:
    for variable in _BUNDLES:
        if path := os.environ.get(variable):
            try:
                return _trusting(path)
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or "it holds no certificates"
            raise InvalidArgument(
                variable,
                shown(path) if len(path) > 200 or "://" in path else path,
                f"The certificates to trust cannot be read from there ({why}).",
                "Name a PEM file, or unset the variable to trust the usual authorities.",
            )
    return _trusting(None)


@cache
def _trusting(path: str | None) -> ssl.SSLContext:
    """The certificates to trust, read once for all clients: it takes longer than most requests."""
    if path is None:
        return httpx.create_ssl_context(trust_env=False)
    is_folder = os.path.isdir(path)
    return ssl.create_default_context(cafile=None if is_folder else path, capath=path if is_folder else None)
