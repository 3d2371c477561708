"""A local stand-in for Earth Engine's image export: see README.md beside this package."""

from earthengine_emulator.emulator import Emulator
from earthengine_emulator.faults import Fault
from earthengine_emulator.operations import Settings

__all__ = ["Emulator", "Fault", "Settings"]
