"""Features drawn on images."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from earthengine_emulator import shapes
from earthengine_emulator.elements import geometry_of, property_of
from earthengine_emulator.errors import ExportError
from earthengine_emulator.geometry import GEOD, reprojected
from earthengine_emulator.grids import WGS84, Grid, converted
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.pixeltypes import BYTE, DOUBLE, FLOAT, of_number, union
from earthengine_emulator.reducing import Reducer
from earthengine_emulator.relations import local
from earthengine_emulator.values import Collection


def _number(feature: Any, given: Any, what: str) -> float:
    value = property_of(feature, given) if isinstance(given, str) else given
    if not isinstance(value, int | float):
        raise ExportError(f"Image.paint: The {what} '{given}' of a feature is no number: {value!r}.")
    return value


def paint(image: Image, features: Collection, colour: Any, width: Any) -> Image:
    """The image with a number where features lie, or along their lines where a width is given.

    Args:
        image: The image.
        features: The features; later ones are painted over earlier ones.
        colour: A number, or the property that holds one.
        width: Pixels, or the property that holds them.
    """
    members = [
        (geometry_of(one), _number(one, 0 if colour is None else colour, "color"), one) for one in features
    ]
    widths = [None if width is None else _number(one, width, "width") for *_, one in members]
    values = [value for _, value, _ in members]
    kind_of_values = union([of_number(value) for value in values]) if values else None

    def painted(band: Band) -> Band:
        kind = union([band.type, kind_of_values]) if kind_of_values else band.type

        def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
            data, mask = pixels.data.astype(kind.dtype), np.ma.getmaskarray(pixels).copy()
            for (geometry, value, _one), wide in zip(members, widths, strict=True):
                where = (
                    shapes.inside(geometry, grid) if wide is None else shapes.stroked(geometry, grid, wide)
                )
                data[where], mask[where] = value, False
            return np.ma.MaskedArray(data, mask)

        return Band(band.name, kind, compute, (band,))

    return replace(image, bands=tuple(painted(band) for band in image.bands))


def draw(features: Collection, colour: Sequence[int], radius: float, width: float) -> Image:
    """Features in a colour for the eye: points as discs, lines and edges of a width, both in pixels."""
    places = [geometry_of(one) for one in features]

    def shown(number: int) -> Band:
        def compute(grid: Grid, _: Grid) -> Pixels:
            where = np.zeros((grid.height, grid.width), bool)
            for place in places:
                point = place.lonlat.geom_type in ("Point", "MultiPoint")
                where |= shapes.stroked(place, grid, 2 * radius if point else width)
            return np.ma.MaskedArray(np.where(where, colour[number], 0).astype(np.uint8), ~where)

        return Band(("vis-red", "vis-green", "vis-blue")[number], BYTE, compute)

    return Image(tuple(shown(number) for number in range(3)))


def reduce_to_image(features: Collection, names: Sequence[str], reducer: Reducer) -> Image:
    """What a reducer makes, at each pixel, of the properties of the features that lie there."""
    members = [(geometry_of(one), [property_of(one, name) for name in names]) for one in features]
    members = [(geometry, values) for geometry, values in members if None not in values]

    def output(number: int, name: str) -> Band:
        def compute(grid: Grid, _: Grid) -> Pixels:
            size = (max(1, len(members)), grid.height * grid.width)
            mask = np.ones(size, bool)
            inputs = [np.zeros(size) for _ in names]
            for row, (geometry, values) in enumerate(members):
                mask[row] = ~shapes.inside(geometry, grid).ravel()
                for part, value in zip(inputs, values, strict=True):
                    part[row] = value
            found = reducer([np.ma.MaskedArray(part, mask) for part in inputs])[number]
            missing = np.ma.getmaskarray(found) | mask.all(0)
            data = np.where(missing, 0, np.ma.getdata(found)).astype(float)
            return np.ma.MaskedArray(data, missing).reshape(grid.height, grid.width)

        return Band(name, DOUBLE, compute)

    bands = tuple(output(number, name) for number, name in enumerate(reducer.outputs))
    return Image(bands)


def distance(features: Collection, radius: float) -> Image:
    """The metres from each pixel to the nearest feature, as far as a radius."""
    places = [geometry_of(one) for one in features]

    def compute(grid: Grid, _: Grid) -> Pixels:
        """The nearest positions in longitudes and latitudes of a small plane, measured on the ellipsoid."""
        x, y = grid.centres()
        lon, lat = converted(grid.crs, WGS84.crs, x, y)
        found = np.full(lon.shape, np.inf)
        for place in places:
            plane = local(place)
            shape = reprojected(place.lonlat, WGS84.crs, plane)
            points = shapely.points(*converted(WGS84.crs, plane, lon, lat))
            near = shapely.shortest_line(points, shape)
            ends = shapely.get_coordinates(near).reshape(*lon.shape, 2, 2)[..., 1, :]
            to = converted(plane, WGS84.crs, ends[..., 0], ends[..., 1])
            found = np.minimum(found, np.asarray(GEOD.inv(lon, lat, *to)[2]))
        mask = found > radius
        return np.ma.MaskedArray(np.where(mask, 0, found).astype(np.float32), mask)

    return Image((Band("distance", FLOAT, compute),))
