"""Slopes and shadows."""

from earthengine_emulator import terrain
from earthengine_emulator.functions.table import row

ROWS = [
    row(
        "Terrain.slope(input: Image) -> Image",
        "The slope in degrees, from the four neighbours of each pixel.",
        terrain.slope,
    ),
    row(
        "Terrain.aspect(input: Image) -> Image",
        "Where the slope faces, in degrees from north over east; masked where it is flat.",
        terrain.aspect,
    ),
    row(
        "Terrain.hillshade(input: Image, azimuth: Float = 270, elevation: Float = 45) -> Image",
        "How bright the slope is, 0 to 255, in the light of a sun.",
        terrain.hillshade,
    ),
    row(
        "Terrain.products(input: Image) -> Image",
        "The heights with slope, aspect and hillshade.",
        terrain.products,
    ),
    row(
        "Terrain(input: Image) -> Image",
        "The heights with slope, aspect and hillshade.",
        terrain.products,
    ),
]
