"""The functions that expressions may call, as one table: `FUNCTIONS`, by name.

Each module has the rows of one subject. Importing them loads neither rasterio nor scipy's parts.
"""

from earthengine_emulator.functions import (
    arithmetic,
    geometries,
    images,
    loading,
    placing,
    terrains,
)
from earthengine_emulator.functions.table import Argument, Function

__all__ = ["FUNCTIONS", "Argument", "Function"]

_MODULES = (loading, images, arithmetic, placing, geometries, terrains)
FUNCTIONS: dict[str, Function] = {function.name: function for module in _MODULES for function in module.ROWS}
