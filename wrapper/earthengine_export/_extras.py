"""What to install for an extra, however this copy of the package came here."""

import json
from importlib.metadata import PackageNotFoundError, distribution
from urllib.parse import unquote, urlsplit


def how_to_install(extra: str, *packages: str) -> str:
    """The pip command that brings an extra, for an installed package, a clone and a vendored copy.

    Args:
        extra: The extra's name.
        packages: What it needs, which is all that can be installed for a copy that pip does not know.
    """
    directly = f"pip install {' '.join(packages)}"
    if __package__ != "earthengine_export":  # vendored
        return directly
    try:
        record = distribution("earthengine-export").read_text("direct_url.json")
    except PackageNotFoundError:  # a clone that is on the path
        return directly
    if not record:
        return f'pip install "earthengine-export[{extra}]"'
    origin = json.loads(record)
    if origin.get("dir_info", {}).get("editable"):
        return f'pip install --editable "{unquote(urlsplit(origin["url"]).path)}[{extra}]"'
    scheme = f"{origin['vcs_info']['vcs']}+" if "vcs_info" in origin else ""
    return f'pip install "earthengine-export[{extra}] @ {scheme}{origin["url"]}"'
