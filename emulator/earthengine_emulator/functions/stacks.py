"""Collections of images made into one image."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator import layers, reducers
from earthengine_emulator.elements import index_of, property_of
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import row
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.grids import WGS84, Grid, Projection, converted
from earthengine_emulator.images import Band, Image, Pixels, constant, render
from earthengine_emulator.pixeltypes import union
from earthengine_emulator.reducing import Reducer
from earthengine_emulator.regions import region_grid
from earthengine_emulator.stacks import around, reduce_collection, some
from earthengine_emulator.values import Collection

_SHORT = {
    "min": lambda: reducers.extreme("min", 1),
    "max": lambda: reducers.extreme("max", 1),
    "median": reducers.median,
    "mode": reducers.mode,
    **{
        name: reducers.SIMPLE[{"and": "and", "or": "or"}.get(name, name)][1]
        for name in ("count", "sum", "product", "mean", "and", "or")
    },
}


def _reduced(name: str) -> Any:
    return lambda images: reduce_collection(list(images), _SHORT[name](), plain=True)


def _to_bands(images: Collection) -> Image:
    bands = [
        replace(band, name=f"{index_of(image, number)}_{band.name}")
        for number, image in enumerate(images)
        for band in image.bands
    ]
    return replace(around(list(images)), bands=tuple(bands)) if bands else Image(())


def _quality_mosaic(images: Collection, name: str) -> Image:
    members = list(some(list(images)))
    count, first = len(members), members[0]
    quality = [image.select([name]).bands[0] for image in members]

    def best(number: int) -> Band:
        layer = [image.bands[image.names.index(first.names[number])] for image in members]
        kind = union([band.type for band in layer])

        def compute(_: Grid, __: Grid, *pixels: Pixels) -> Pixels:
            keys = np.stack([np.where(np.ma.getmaskarray(key), -np.inf, key.data) for key in pixels[:count]])
            at = keys.argmax(0)[None]
            data = np.take_along_axis(np.stack([part.data for part in pixels[count:]]), at, 0)[0]
            mask = np.take_along_axis(np.stack([np.ma.getmaskarray(part) for part in pixels[count:]]), at, 0)[
                0
            ]
            return np.ma.MaskedArray(data.astype(kind.dtype), mask | np.isneginf(keys.max(0)))

        return Band(first.names[number], kind, compute, (*quality, *layer))

    return replace(around(members), bands=tuple(best(number) for number in range(len(first.bands))))


def _combine(primary: Collection, secondary: Collection, overwrite: bool) -> Collection:
    others = {index_of(image, number): image for number, image in enumerate(secondary)}
    members = [
        layers.add_bands(image, others[index_of(image, number)], None, overwrite)
        for number, image in enumerate(primary)
        if index_of(image, number) in others
    ]
    return replace(primary, elements=members, id=None)


def _get_region(
    images: Collection, geometry: Geometry, scale: float | None, crs: Projection, transform: Any
) -> list[Any]:
    """Rows of id, longitude, latitude, time and bands, of each image's pixels in a region."""
    members = some(list(images))
    grid, inside = region_grid(members[0], geometry, scale, crs, transform)
    x, y = grid.centres()
    lon, lat = converted(grid.crs, WGS84.crs, x[inside], y[inside])
    table: list[Any] = [["id", "longitude", "latitude", "time", *members[0].names]]
    for number, image in enumerate(members):
        columns = [pixels[inside].tolist() for pixels in render(image.bands, grid)]
        head = index_of(image, number)
        moment = property_of(image, "system:time_start")
        for place, values in zip(zip(lon, lat, strict=True), zip(*columns, strict=True), strict=True):
            table.append([head, *map(float, place), moment, *values])
    return table


def _cast_all(images: Collection, types: dict[str, Any], order: Sequence[str]) -> Collection:
    from earthengine_emulator.functions.bands import cast_bands

    return replace(images, elements=[cast_bands(image, types, list(order)) for image in images])


def _reduce(images: Collection, reducer: Reducer, _: float) -> Image:
    return reduce_collection(list(images), reducer)


def _link(image: Image, others: Collection, bands: Any, properties: Any, name: str) -> Image:
    key = property_of(image, name)
    for other in others:
        if property_of(other, name) == key:
            break
    else:
        other = None
    linked = image
    if bands is not None:
        wanted = bands if isinstance(bands, list) else [bands]
        model = other or next(iter(others), None)
        if model is None:
            raise ExportError("Image.linkCollection: The collection is empty, so its bands are not known.")
        found = model.select(wanted)
        if other is None:
            found = layers.set_mask(found, Image((constant(0),)))
        linked = layers.add_bands(linked, found, None, True)
    names = properties if isinstance(properties, list) else [properties] if properties else []
    more = {one: None if other is None else property_of(other, one) for one in names}
    return replace(linked, properties=dict(linked.properties) | more)


ROWS = [
    *(
        row(
            f"reduce.{name}(collection: ImageCollection) -> Image",
            f"The {name} of the images' pixels, by the name of the band.",
            _reduced(name),
        )
        for name in _SHORT
    ),
    row(
        "ImageCollection.fromImages(images: List<Image>) -> ImageCollection",
        "A collection of images.",
        lambda images: images,
    ),
    row(
        "ImageCollection.mosaic(collection: ImageCollection) -> Image",
        "The images over each other, the last one on top.",
        lambda images: layers.mosaic(list(images)),
    ),
    row(
        "ImageCollection.qualityMosaic(collection: ImageCollection, qualityBand: String) -> Image",
        "For each pixel the image whose quality band is greatest.",
        _quality_mosaic,
    ),
    row(
        "ImageCollection.toBands(collection: ImageCollection) -> Image",
        "All bands of all images, their names after the images' indices.",
        _to_bands,
    ),
    row(
        "ImageCollection.reduce(collection: ImageCollection, reducer: Reducer, parallelScale: Float = 1) "
        "-> Image",
        "What a reducer makes of the images' pixels.",
        _reduce,
    ),
    row(
        "ImageCollection.combine(primary: ImageCollection, secondary: ImageCollection, overwrite: "
        "Boolean = false) -> ImageCollection",
        "The bands of the images of two collections that have the same index.",
        _combine,
    ),
    row(
        "ImageCollection.cast(collection: ImageCollection, bandTypes: Dictionary<Object>, bandOrder: "
        "List<String>) -> ImageCollection",
        "The images with their bands of some types, in an order.",
        _cast_all,
    ),
    row(
        "ImageCollection.getRegion(collection: ImageCollection, geometry: Geometry, scale: Float = null, "
        'crs: Projection = {"type": "Projection", "crs": "EPSG:4326", "transform": [1.0, 0.0, 0.0, 0.0, '
        "1.0, 0.0]}, crsTransform: List<Float> = null) -> List<Object>",
        "A table of all images' pixels in a region.",
        _get_region,
    ),
    row(
        "Image.linkCollection(input: Image, imageCollection: ImageCollection, linkedBands: Object = "
        'null, linkedProperties: Object = null, matchPropertyName: String = "system:index") -> Image',
        "The image with bands and properties of the image of a collection that has the same index; masked "
        "bands where none has it.",
        _link,
    ),
]
