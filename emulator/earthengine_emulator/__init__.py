"""A local stand-in for Earth Engine's image export: see README.md beside this package.

The names are imported when they are first used: pytest loads the plugin in this package wherever the
distribution is installed, with the extra `emulator` or without.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earthengine_emulator.emulator import Emulator
    from earthengine_emulator.faults import Fault
    from earthengine_emulator.settings import Settings

__all__ = ["Emulator", "Fault", "Settings"]

_HOMES = {"Emulator": "emulator", "Fault": "faults", "Settings": "settings"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
