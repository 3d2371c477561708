"""Stand-ins for what the emulator cannot compute, so that a pipeline's plumbing can be tried all the same.

With `--unknown placeholder` a graph with functions that are not known is evaluated as far as it goes. What
comes out has the grid that was asked for, bands of the names and types that would be expected where they can
be told, and a checkerboard for pixels; the GeoTIFF says in a tag which functions were not known.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator.functions import FUNCTIONS
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels, whole
from earthengine_emulator.pixeltypes import BYTE
from earthengine_emulator.values import Collection

TAG = "EARTH_ENGINE_PLACEHOLDER_FOR"
SQUARE = 8  # pixels on a side of a square of the checkerboard
_NAMES = ("newNames", "names", "bandSelectors")  # arguments that say what bands are called


class Unknown:
    """A value that could not be computed and is no image."""


def stand_in(name: str, arguments: Mapping[str, Any]) -> Any:
    """What stands in for the result of a function, by what it returns and by its arguments."""
    function = FUNCTIONS.get(name)
    image = next((found for found in map(_image_in, arguments.values()) if found is not None), None)
    returns = function.returns if function else "Image" if image or name.startswith("Image") else ""
    if "Collection" in returns:
        given = (value for value in arguments.values() if isinstance(value, Collection))
        return next(given, Collection(images=returns.startswith("Image")))
    if not returns.startswith("Image"):
        return Unknown()
    base = image or Image(())
    wanted = next((arguments[key] for key in _NAMES if isinstance(arguments.get(key), list)), None)
    names = [str(one) for one in wanted] if wanted else ["placeholder"]
    return replace(base, bands=tuple(checkered(Band(one, BYTE, _checkerboard)) for one in names))


def _image_in(value: Any) -> Image | None:
    if isinstance(value, Collection):
        value = next(iter(value), None)
    return value if isinstance(value, Image) else None


def checkered(band: Band) -> Band:
    """A band of the same name and type whose pixels are a checkerboard of 0 and 1."""

    def compute(grid: Grid, _: Grid) -> Pixels:
        return whole(_checkerboard(grid, grid).data.astype(band.dtype))

    return Band(band.name, replace(band.type, dimensions=0), compute)


def _checkerboard(grid: Grid, _: Grid) -> Pixels:
    # Counted from the reference system's origin, so that blocks and files fit together.
    x, y = grid.centres()
    t = grid.transform
    columns, rows = (np.floor(at / side / SQUARE) for at, side in ((x, abs(t.a) or 1), (y, abs(t.e) or 1)))
    return whole(((columns + rows) % 2).astype(np.uint8))
