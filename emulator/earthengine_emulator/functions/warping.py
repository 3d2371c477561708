"""Pixels mixed and counted in ways of their own."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from earthengine_emulator import textures, warping
from earthengine_emulator.algebra import Rule, elementwise
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import row
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.images import Image
from earthengine_emulator.layers import concatenated
from earthengine_emulator.pixeltypes import BYTE, DOUBLE
from earthengine_emulator.reducers import SIMPLE
from earthengine_emulator.stacks import reduce_bands
from earthengine_emulator.values import Collection, Feature


def _random_points(region: Geometry, count: int, seed: int, _: Any) -> Collection:
    """Points in a region, as many to a square metre everywhere: the sine of the latitude is even."""
    shape = region.lonlat
    west, south, east, north = shape.bounds
    generator = np.random.default_rng(abs(seed))
    shapely.prepare(shape)
    found: list[Any] = []
    while len(found) < count and shape.area:
        lon = generator.uniform(west, east, 2 * count)
        sines = generator.uniform(math.sin(math.radians(south)), math.sin(math.radians(north)), 2 * count)
        lat = np.degrees(np.arcsin(sines))
        found += [place for place in zip(lon, lat, strict=True) if shapely.contains_xy(shape, *place)]
    points = [Geometry(shapely.Point(place)) for place in found[:count]]
    return Collection([Feature(one, {"system:index": str(n)}, str(n)) for n, one in enumerate(points)])


def _visualizer(image: Image) -> Image:
    """Three bytes that follow from the first band's values, as a hash of them."""

    def shown(number: int) -> Rule:
        factor = np.uint64((0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)[number])

        def compute(data: Any) -> Any:
            return (data.astype(np.int64).view(np.uint64) * factor >> np.uint64(56)).astype(np.uint8)

        return Rule("", lambda _: BYTE, compute)

    first = replace(image, bands=image.bands[:1])
    names = ("viz-red", "viz-green", "viz-blue")
    return concatenated([elementwise(shown(n), first).renamed([name]) for n, name in enumerate(names)])


# The bands of each sensor: blue, green, red, near infrared, two of short waves, and heat.
_SENSORS = {
    "LANDSAT_8": ("B2", "B3", "B4", "B5", "B6", "B7", "B10"),
    "LANDSAT_9": ("B2", "B3", "B4", "B5", "B6", "B7", "B10"),
    "LANDSAT_7": ("B1", "B2", "B3", "B4", "B5", "B7", "B6_VCID_1"),
    "LANDSAT_5": ("B1", "B2", "B3", "B4", "B5", "B7", "B6"),
    "LANDSAT_4": ("B1", "B2", "B3", "B4", "B5", "B7", "B6"),
}


def _cloud_score(image: Image) -> Image:
    """How bright, cold and unlike snow a pixel is, 0 to 100; the least of these counts."""
    sensor = str(image.properties.get("SPACECRAFT_ID"))
    if sensor not in _SENSORS:
        raise ExportError(
            f"Landsat.simpleCloudScore: The property SPACECRAFT_ID, {sensor!r}, is none of "
            f"{', '.join(_SENSORS)}."
        )
    sources = image.select(_SENSORS[sensor])

    def scale(value: Any, low: float, high: float) -> Any:
        return np.clip((value - low) / (high - low), 0, 1)

    def compute(*bands: Any) -> Any:
        blue, green, red, near, first, second, heat = bands
        total = green + first
        snow = np.where(total == 0, 0, (green - first) / np.where(total == 0, 1, total))
        parts: Sequence[Any] = (
            scale(blue, 0.1, 0.3), scale(red + green + blue, 0.2, 0.8),
            scale(near + first + second, 0.3, 0.8), scale(heat, 300, 290), scale(snow, 0.8, 0.6),
        )  # fmt: skip
        return np.minimum.reduce(parts) * 100

    singles = [Image((band,), image.projection, image.footprint) for band in sources.bands]
    score = elementwise(Rule("", lambda *_: replace(BYTE, high=100), compute), *singles).renamed(["cloud"])
    return replace(image, bands=(*image.bands, *score.bands))


def _spectral(first: Image, second: Image, metric: str) -> Image:
    """How far apart the spectra of two images are: their angle, or the root of their squared differences."""
    if metric not in ("sam", "emd", "sed", "sid"):
        raise ExportError(f"Image.spectralDistance: Unknown metric '{metric}'.")
    if metric not in ("sam", "sed"):
        raise ExportError(f"Image.spectralDistance: The metric '{metric}' is not supported by the emulator.")
    product = elementwise(
        Rule("", lambda *_: DOUBLE, lambda a, b: a * b if metric == "sam" else (a - b) ** 2), first, second
    )

    def total(image: Image) -> Image:
        return reduce_bands(image, SIMPLE["sum"][1]())

    if metric == "sed":
        return elementwise(Rule("", lambda _: DOUBLE, np.sqrt), total(product)).renamed(["distance"])
    squares = [total(elementwise(Rule("", lambda _: DOUBLE, np.square), one)) for one in (first, second)]
    angle = Rule("", lambda *_: DOUBLE, lambda p, a, b: np.arccos(np.clip(p / np.sqrt(a * b), -1, 1)))
    return elementwise(angle, total(product), *squares).renamed(["distance"])


ROWS = [
    row(
        "Image.unmix(image: Image, endmembers: List<List<Float>>, sumToOne: Boolean = false, "
        "nonNegative: Boolean = false) -> Image",
        "How much of each of some spectra a pixel is made of, by least squares.",
        warping.unmixed,
    ),
    row(
        "Image.entropy(image: Image, kernel: Kernel) -> Image",
        "The entropy of the whole numbers around each pixel.",
        warping.entropy,
    ),
    row(
        "Image.zeroCrossing(image: Image) -> Image",
        "1 where a pixel is not negative and one of its four neighbours is.",
        warping.zero_crossing,
    ),
    row(
        "Image.neighborhoodToBands(image: Image, kernel: Kernel) -> Image",
        "The pixels around as bands.",
        warping.neighbours_as_bands,
    ),
    row(
        "Image.neighborhoodToArray(image: Image, kernel: Kernel, defaultValue: Float = 0.0) -> Image",
        "The pixels around as a matrix.",
        warping.neighbours_as_array,
    ),
    row(
        "Image.glcmTexture(image: Image, size: Integer = 1.0, kernel: Kernel = null, average: Boolean = "
        "true) -> Image",
        "18 measures of how often grey levels lie beside each other.",
        textures.glcm,
    ),
    row(
        "Image.derivative(image: Image) -> Image",
        "Half the difference of the neighbours along columns and along rows, of each band.",
        warping.derivative,
    ),
    row(
        "Image.directionalDistanceTransform(source: Image, angle: Float, maxDistance: Integer, labelBand: "
        "String = null) -> Image",
        "How far away the nearest pixel that is not 0 lies in a direction.",
        warping.directional_distance,
    ),
    row(
        "Image.reduceConnectedComponents(image: Image, reducer: Reducer, labelBand: String = null, "
        "maxSize: Integer = 256) -> Image",
        "What a reducer makes of each connected area of equal labels.",
        warping.reduced_components,
    ),
    row(
        "Image.randomVisualizer(image: Image) -> Image",
        "Three bytes for each value of the first band.",
        _visualizer,
    ),
    row(
        'Image.spectralDistance(image1: Image, image2: Image, metric: String = "sam") -> Image',
        "How far apart the spectra of two images are.",
        _spectral,
    ),
    row(
        "FeatureCollection.randomPoints(region: Geometry, points: Integer = 1000, seed: Long = 0, "
        'maxError: ErrorMargin = {"type": "ErrorMargin", "unit": "meters", "value": 100.0}) -> '
        "FeatureCollection",
        "Points in a region, at random; the same for the same seed.",
        _random_points,
    ),
    row(
        "Landsat.simpleCloudScore(image: Image) -> Image",
        "The image with a score of how likely a pixel is a cloud, 0 to 100.",
        _cloud_score,
    ),
]
