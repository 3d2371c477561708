"""Values and pixels of the official client's expressions, without a server."""

from pathlib import Path
from typing import Any

import ee
import numpy as np
from affine import Affine

from earthengine_emulator.assets import Assets
from earthengine_emulator.evaluator import Evaluator
from earthengine_emulator.grids import Grid, Projection, parse_crs
from earthengine_emulator.images import render
from earthengine_emulator.values import plain


def evaluate(value: Any, folder: Path) -> Any:
    """What an expression evaluates to."""
    return Evaluator(ee.serializer.encode(value, for_cloud_api=True), Assets(folder)).value()


def computed(value: Any, folder: Path) -> Any:
    """A value as `getInfo` would give it."""
    return plain(evaluate(value, folder))


def grid(width: int, height: int, transform: Affine, crs: str = "EPSG:32616") -> Grid:
    return Grid(Projection(parse_crs(crs), transform), width, height)


def pixels(image: Any, folder: Path, on: Grid) -> Any:
    """The bands of an image on a grid, NaN where they are masked."""
    bands = evaluate(image, folder).bands
    return np.stack([np.ma.filled(band.astype(float), np.nan) for band in render(bands, on)])
