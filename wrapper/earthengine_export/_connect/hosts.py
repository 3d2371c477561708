"""Hosts: their addresses, and whether what is sent to them can be read on the way."""

from __future__ import annotations

import ipaddress
import re

import httpx

from ..errors import InvalidArgument

DEFAULT_BASE_URL = "https://earthengine.googleapis.com"


def is_private(url: httpx.URL) -> bool:
    """Whether nobody on the way can read what is sent: by https, or to this very machine."""
    try:
        own = url.host == "localhost" or ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        own = False
    return url.scheme == "https" or own


def check_url(argument: str, value: str) -> httpx.URL:
    """The address of a host, if `value` is one.

    Raises:
        InvalidArgument: It is none, or holds a name, a password or the API's version.
    """
    try:
        url = httpx.URL(value)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.userinfo:
        value, rule = f"{url.scheme}://…@{url.host}", "It holds a name or a password, which logs would show."
    elif (
        url.scheme not in {"http", "https"}
        or not re.fullmatch(r"[\w.:-]+", url.host)
        or url.query
        or url.fragment
    ):
        rule = "It is not the address of a host."
    elif re.search(r"/v\d\w*/?$", url.path):
        rule = "The version is not part of it; api_version sets that."
    else:
        return url
    raise InvalidArgument(argument, value, rule, f"Give it like {DEFAULT_BASE_URL!r}.")
