"""Making images and taking them apart: bands, masks, choices between pixels."""

from collections.abc import Callable
from typing import Any

import numpy as np

from earthengine_emulator import layers
from earthengine_emulator.algebra import Rule, as_image, elementwise
from earthengine_emulator.functions.table import row
from earthengine_emulator.grids import WGS84, Grid, converted
from earthengine_emulator.images import Band, Image, Pixels, whole
from earthengine_emulator.pixeltypes import DOUBLE, real


def _select(image: Image, selectors: list[Any], names: list[str] | None) -> Image:
    selected = image.select(selectors)
    return selected.renamed(names) if names else selected


def _pixel_lon_lat() -> Image:
    def axis(number: int) -> Callable[[Grid, Grid], Pixels]:
        def compute(grid: Grid, _: Grid) -> Pixels:
            x, y = converted(grid.crs, WGS84.crs, *grid.centres())
            # Beyond the antimeridian longitudes begin anew.
            return whole(np.asarray(y) if number else (np.asarray(x) + 180) % 360 - 180)

        return compute

    return Image(tuple(Band(name, DOUBLE, axis(n)) for n, name in enumerate(("longitude", "latitude"))))


def _unit_scale(image: Image, low: float, high: float) -> Image:
    return elementwise(Rule("", lambda of: real([of]), lambda data: (data - low) / (high - low)), image)


ROWS = [
    row(
        "Image.constant(value: Object) -> Image",
        "An image that is the same everywhere: a number, a list of them for several bands, or an array.",
        as_image,
    ),
    row(
        "Image.select(input: Image, bandSelectors: List<Object>, newNames: List<String> = null) -> Image",
        "Bands by name, number or regular expression, renamed where names are given.",
        _select,
    ),
    row(
        "Image.rename(input: Image, names: List<String>) -> Image",
        "The bands by other names.",
        Image.renamed,
    ),
    row(
        "Image.addBands(dstImg: Image, srcImg: Image, names: List<String> = null, overwrite: Boolean = "
        "false) -> Image",
        "The bands of both images; a name that is taken gets a number, or replaces that band.",
        layers.add_bands,
    ),
    row(
        "Image.cat(images: List<Object>) -> Image",
        "The bands of all images.",
        lambda images: layers.concatenated([as_image(image) for image in images]),
    ),
    row(
        "Image.updateMask(image: Image, mask: Image) -> Image",
        "The image, also masked where the mask is 0 or masked.",
        layers.update_mask,
    ),
    row(
        "Image.selfMask(image: Image) -> Image",
        "The image, also masked where it is 0.",
        lambda image: layers.update_mask(image, image),
    ),
    row(
        "Image.unmask(input: Image, value: Image = null, sameFootprint: Boolean = true) -> Image",
        "The image with the pixels of another one where it is masked, within its footprint or everywhere.",
        lambda image, value, same: layers.unmask(image, as_image(0) if value is None else value, same),
    ),
    row(
        "Image.where(input: Image, test: Image, value: Image) -> Image",
        "The image with the pixels of another one where a test is neither 0 nor masked.",
        layers.where,
    ),
    row(
        "Image.unitScale(input: Image, low: Float, high: Float) -> Image",
        "The image scaled so that a range becomes 0 to 1.",
        _unit_scale,
    ),
    row(
        "Image.pixelLonLat() -> Image",
        "An image of the longitude and the latitude of each pixel, in degrees.",
        _pixel_lon_lat,
    ),
]
