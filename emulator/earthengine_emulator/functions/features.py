"""Features drawn on images."""

from earthengine_emulator import painting
from earthengine_emulator.functions.colours import colour
from earthengine_emulator.functions.table import row

ROWS = [
    row(
        "Image.paint(image: Image, featureCollection: FeatureCollection, color: Object = 0, width: "
        "Object = null) -> Image",
        "The image with a number where features lie, or along their lines.",
        painting.paint,
    ),
    row(
        "Collection.draw(collection: FeatureCollection, color: String, pointRadius: Integer = 3.0, "
        "strokeWidth: Integer = 2.0) -> Image",
        "The features in a colour: points as discs, lines and edges of a width in pixels.",
        lambda features, text, radius, width: painting.draw(features, colour(text), radius, width),
    ),
    row(
        "Collection.reduceToImage(collection: FeatureCollection, properties: List<String>, reducer: "
        "Reducer) -> Image",
        "What a reducer makes, at each pixel, of the properties of the features there.",
        painting.reduce_to_image,
    ),
    row(
        "Collection.distance(features: FeatureCollection, searchRadius: Float = 100000, maxError: Float "
        "= 100) -> Image",
        "The metres from each pixel to the nearest feature.",
        lambda features, radius, _: painting.distance(features, radius),
    ),
]
