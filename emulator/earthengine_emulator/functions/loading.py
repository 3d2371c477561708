"""What is read from the folders of assets."""

from earthengine_emulator.assets import Assets
from earthengine_emulator.functions.table import row

ROWS = [
    row(
        "Image.load(id: String, version: Long = -1) -> Image",
        "The image of an asset.",
        Assets.image,
        assets=True,
    ),
    row(
        "ImageCollection.load(id: String, version: Long = null) -> ImageCollection",
        "The images of a folder.",
        Assets.images,
        assets=True,
    ),
    row(
        "Collection.loadTable(tableId: String, geometryColumn: String = null, version: Long = -1) -> "
        "FeatureCollection",
        "The features of a table.",
        lambda assets, table, *_: assets.table(table),
        assets=True,
    ),
]
