"""Export images from Google Earth Engine over its REST API.

>>> import earthengine_export as eex
>>> with eex.Client(project="my-project") as client:
...     operation = client.export_image(
...         eex.load("USGS/SRTMGL1_003"),
...         to=eex.CloudStorage("my-bucket"),
...         region=(-122.6, 37.2, -121.8, 37.9),  # west, south, east, north, in degrees
...         scale=30,  # metres
...     )
...     operation.wait().download("results")
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ._version import __version__ as __version__

if sys.version_info < (3, 11):  # noqa: UP036 - a vendored copy meets older ones
    raise ImportError(
        "earthengine-export needs Python 3.11 or newer; this is " + sys.version.split()[0] + "."
    )

if TYPE_CHECKING:
    from ._names.core import *  # noqa: F403
    from ._names.further import *  # noqa: F403
else:

    def _load(part: str) -> list[str]:
        public = import_module(f"._names.{part}", __name__)
        globals().update({name: getattr(public, name) for name in public.NAMES})
        return public.NAMES

    def __getattr__(name: str) -> object:
        # Names are loaded when the first of them is used, so that the package itself is imported for next
        # to nothing, by a command line that prints its help or a test that needs one class.
        if name == "__all__":
            return [*_load("core"), *_load("further")]
        # What `from . import rest` of one of them means, while others are half loaded.
        if not name.startswith("_") and find_spec(f".{name}", __name__):
            return import_module(f".{name}", __name__)
        if name.startswith("_") or (name not in _load("core") and name not in _load("further")):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return globals()[name]

    def __dir__() -> list[str]:
        return ["__version__", *_load("core"), *_load("further")]
