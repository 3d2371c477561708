"""Regions of images: their pixels as tables, reduced or sampled."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator import shapes
from earthengine_emulator.coercion import as_transform
from earthengine_emulator.elements import geometry_of
from earthengine_emulator.errors import ExportError
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.grids import WGS84, Grid, Projection, converted, covering
from earthengine_emulator.images import Image, Pixels, render
from earthengine_emulator.reducing import Reducer, applied, keys_of
from earthengine_emulator.values import Collection, Feature

BLOCK = 512  # pixels on a side that are computed at a time


def working_projection(
    image: Image, scale: float | None, crs: Projection | None, transform: Any
) -> Projection:
    """Where a region is computed: in the image's projection, or in another one, at a scale."""
    projection = crs or image.projection
    if transform:
        return Projection(projection.crs, as_transform(transform))
    if crs is not None and scale is None and crs.transform.is_identity and image.projection.crs == crs.crs:
        return image.projection
    return projection.at(scale) if scale else projection


def region_grid(
    image: Image,
    geometry: Geometry | None,
    scale: float | None,
    crs: Projection | None,
    transform: Any = None,
) -> tuple[Grid, Any]:
    """The pixels around a region, and which of them have their centres in it."""
    place = geometry_of(image) if geometry is None else geometry
    projection = working_projection(image, scale, crs, transform)
    grid = covering(place.bounds_in(projection.crs).in_pixels(projection), projection)
    return grid, shapes.inside(place, grid)


def blocks(grid: Grid) -> Sequence[tuple[int, int, Grid]]:
    """A grid in squares: row, column and pixels of each."""
    return [
        (
            row,
            column,
            grid.window(row, column, min(BLOCK, grid.height - row), min(BLOCK, grid.width - column)),
        )
        for row in range(0, grid.height, BLOCK)
        for column in range(0, grid.width, BLOCK)
    ]


def gather(image: Image, grid: Grid, kept: Any) -> list[Pixels]:
    """The pixels of each band at the places of a grid that are kept, as flat masked arrays, by blocks."""
    parts: list[list[Pixels]] = [[] for _ in image.bands]
    for row, column, block in blocks(grid):
        here = kept[row : row + block.height, column : column + block.width]
        if not here.any():
            continue
        for number, pixels in enumerate(render(image.bands, block)):
            parts[number].append(pixels[here])
    empty = [np.ma.MaskedArray(np.zeros(0, band.dtype)) for band in image.bands]
    return [np.ma.concatenate(found) if found else none for found, none in zip(parts, empty, strict=True)]


def order_in_blocks(grid: Grid, values: Any, kept: Any) -> Any:
    """What belongs to the places of a grid that are kept, in the order in which `gather` takes them."""
    parts = [
        values[row : row + block.height, column : column + block.width][
            kept[row : row + block.height, column : column + block.width]
        ]
        for row, column, block in blocks(grid)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def reduce_region(
    image: Image,
    reducer: Reducer,
    geometry: Geometry | None,
    projection: Projection,
    most: int,
    *,
    best_effort: bool = False,
) -> dict[str, Any]:
    """What a reducer makes of the pixels in a region.

    Args:
        image: The image.
        reducer: The reducer. A weighted one takes every pixel for as much as lies in the region; another one
            those whose centres do.
        geometry: The region; the image's footprint by default.
        projection: Where the pixels are.
        most: How many they may be.
        best_effort: Whether the pixels are made larger where they are too many.

    Raises:
        ExportError: They are too many.
    """
    place = geometry_of(image) if geometry is None else geometry
    names = keys_of(reducer, image.names)
    if place.shape.is_empty:
        return dict.fromkeys(names, reducer.empty)
    bounds = place.bounds_in(projection.crs)
    grid = covering(bounds.in_pixels(projection), projection)
    count = grid.width * grid.height
    if count > most and best_effort:
        projection = projection.coarser(math.sqrt(count / most) * 1.001)
        grid = covering(bounds.in_pixels(projection), projection)
        while grid.width * grid.height > most:
            projection = projection.coarser(1.01)
            grid = covering(bounds.in_pixels(projection), projection)
    elif count > most:
        raise ExportError(
            f"Image.reduceRegion: Too many pixels in the region. Found {count}, but maxPixels allows only "
            f"{most}. Ensure that you are not aggregating at a higher resolution than you intended; you can "
            "specify bestEffort."
        )
    shares = shapes.coverage(place, grid) if reducer.weighted else shapes.inside(place, grid).astype(float)
    if not shares.any() and place.area == 0:
        shares = shapes.inside(place, grid).astype(float)
    shares = np.where(shares < 1 / 256, 0, shares)
    kept = shares > 0
    bands = [part.reshape(-1, 1) for part in gather(image, grid, kept)]
    weights = order_in_blocks(grid, shares, kept).reshape(-1, 1)
    found = applied(reducer, bands, weights)
    return {name: reducer.value(part) for name, part in zip(names, found, strict=True)}


def samples(
    image: Image,
    geometry: Geometry | None,
    projection: Projection,
    *,
    drop: bool = True,
    geometries: bool = False,
    most: int | None = None,
    seed: int = 0,
    properties: dict[str, Any] | None = None,
) -> list[Feature]:
    """The pixels whose centres lie in a region, each a feature with the bands as properties.

    Args:
        image: The image.
        geometry: The region; the image's footprint by default.
        projection: Where the pixels are.
        drop: Whether pixels are left out of which a band is masked.
        geometries: Whether the features are points.
        most: About how many are taken, at random.
        seed: What is random follows from it.
        properties: More properties of each.
    """
    place = geometry_of(image) if geometry is None else geometry
    grid = covering(place.bounds_in(projection.crs).in_pixels(projection), projection)
    inside = shapes.inside(place, grid)
    if most is not None and inside.sum() > most:
        chosen = np.random.default_rng(abs(seed)).permutation(np.flatnonzero(inside))[:most]
        inside = np.zeros_like(inside)
        inside.flat[chosen] = True
    columns = [values.tolist() for values in gather(image, grid, inside)]
    x, y = (order_in_blocks(grid, axis, inside) for axis in grid.centres())
    lon, lat = converted(grid.crs, WGS84.crs, x, y)
    found = []
    for number, values in enumerate(zip(*columns, strict=True)):
        if drop and None in values:
            continue
        point = _point(float(lon[number]), float(lat[number])) if geometries else None
        known = (properties or {}) | dict(zip(image.names, values, strict=True))
        found.append(Feature(point, {"system:index": str(number)} | known, str(number)))
    return found


def _point(lon: float, lat: float) -> Geometry:
    import shapely

    return Geometry(shapely.Point(lon, lat))


def collection(features: Sequence[Feature]) -> Collection:
    """A collection of features, numbered."""
    return Collection(
        [
            replace(one, id=str(number), properties=dict(one.properties) | {"system:index": str(number)})
            for number, one in enumerate(features)
        ]
    )
