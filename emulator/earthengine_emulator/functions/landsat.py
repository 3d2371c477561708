"""Landsat's numbers made radiances, reflectances and temperatures by the properties of the scene."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator.algebra import Rule, combined
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import row
from earthengine_emulator.images import Band, Image
from earthengine_emulator.pixeltypes import FLOAT


def _known(image: Image, name: str) -> float | None:
    value = image.properties.get(name)
    return float(value) if isinstance(value, int | float) else None


def _linear(image: Image, kind: str, band: Band) -> Callable[[Any], Any] | None:
    """What makes radiances or reflectances of a band's numbers, if the properties say so."""
    mult, add = (_known(image, f"{kind}_{part}_BAND_{band.name[1:]}") for part in ("MULT", "ADD"))
    return None if mult is None or add is None else lambda data: data * mult + add


def _each(image: Image, what: str, make: Callable[[Band], Callable[[Any], Any] | None]) -> Image:
    made = [make(band) for band in image.bands]
    if not any(made):
        raise ExportError(f"{what}: The image has no properties that calibrate any of its bands.")
    bands = [
        combined(band.name, Rule("", lambda _: FLOAT, compute), (band,)) if compute else band
        for band, compute in zip(image.bands, made, strict=True)
    ]
    return replace(image, bands=tuple(bands))


def _radiance(image: Image) -> Image:
    return _each(image, "Landsat.calibratedRadiance", lambda band: _linear(image, "RADIANCE", band))


def _top(image: Image) -> Image:
    sun = _known(image, "SUN_ELEVATION")

    def make(band: Band) -> Callable[[Any], Any] | None:
        radiance, reflectance = (_linear(image, kind, band) for kind in ("RADIANCE", "REFLECTANCE"))
        k1, k2 = (_known(image, f"K{number}_CONSTANT_BAND_{band.name[1:]}") for number in (1, 2))
        if radiance and k1 is not None and k2 is not None:
            return lambda data: k2 / np.log(k1 / radiance(data) + 1)
        if reflectance and sun is not None:
            return lambda data: reflectance(data) / math.sin(math.radians(sun))
        return None

    return _each(image, "Landsat.TOA", make)


ROWS = [
    row(
        "Landsat.calibratedRadiance(image: Image) -> Image",
        "Radiances, by the properties RADIANCE_MULT_BAND_N and RADIANCE_ADD_BAND_N.",
        _radiance,
    ),
    row(
        "Landsat.TOA(input: Image) -> Image",
        "Reflectances above the atmosphere and temperatures in kelvin, by the properties of the scene.",
        _top,
    ),
]
