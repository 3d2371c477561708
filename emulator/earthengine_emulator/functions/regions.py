"""Regions of images: reduced, sampled, made into features."""

from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator import regions, shapes
from earthengine_emulator.elements import geometry_of, property_of, with_properties
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import row
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.grids import WGS84, Grid, Projection
from earthengine_emulator.images import Image, render
from earthengine_emulator.reducing import Reducer
from earthengine_emulator.stacks import reduce_bands
from earthengine_emulator.values import Collection, Feature

MANY = 10**13


def _reduce_region(
    image: Image,
    reducer: Reducer,
    geometry: Geometry | None,
    scale: float | None,
    crs: Projection | None,
    transform: Any,
    best_effort: bool,
    most: int,
    _: float,
) -> dict[str, Any]:
    projection = regions.working_projection(image, scale, crs, transform)
    return regions.reduce_region(image, reducer, geometry, projection, most, best_effort=best_effort)


def _reduce_regions(
    image: Image,
    features: Collection,
    reducer: Reducer,
    scale: float | None,
    crs: Projection | None,
    transform: Any,
    *_: Any,
) -> Collection:
    projection = regions.working_projection(image, scale, crs, transform)
    found = []
    for one in features:
        values = regions.reduce_region(image, reducer, geometry_of(one), projection, MANY)
        if reducer.inputs == 1 and len(image.bands) == 1:
            # Of a single band the outputs stand by their own names.
            values = dict(zip(reducer.outputs, values.values(), strict=True))
        found.append(with_properties(one, values))
    return replace(features, elements=found, id=None)


def _sample(
    image: Image,
    region: Geometry | None,
    scale: float | None,
    projection: Projection | None,
    factor: float | None,
    most: int | None,
    seed: int,
    drop: bool,
    _: float,
    geometries: bool,
) -> Collection:
    where = regions.working_projection(image, scale, projection, None)
    if factor is not None and most is None:
        grid, inside = regions.region_grid(image, region, scale, projection)
        del grid
        most = round(float(inside.sum()) * factor)
    return regions.collection(
        regions.samples(image, region, where, drop=drop, geometries=geometries, most=most, seed=seed)
    )


def _sample_regions(
    image: Image,
    features: Collection,
    names: list[str] | None,
    scale: float | None,
    projection: Projection | None,
    _: float,
    geometries: bool,
) -> Collection:
    where = regions.working_projection(image, scale, projection, None)
    found: list[Feature] = []
    for one in features:
        kept = [name for name in one.properties if not name.startswith("system:")] if names is None else names
        known = {name: property_of(one, name) for name in kept}
        found += regions.samples(image, geometry_of(one), where, geometries=geometries, properties=known)
    return regions.collection(found)


def _stratified(
    image: Image,
    count: int,
    band: str | None,
    region: Geometry | None,
    scale: float | None,
    projection: Projection | None,
    seed: int,
    values: list[int] | None,
    counts: list[int] | None,
    drop: bool,
    _: float,
    geometries: bool,
) -> Collection:
    where = regions.working_projection(image, scale, projection, None)
    name = band or image.names[0]
    every = regions.samples(image, region, where, drop=drop, geometries=geometries)
    wanted = dict(zip(values or [], counts or [], strict=True))
    found: list[Feature] = []
    for value in sorted({one.properties[name] for one in every if one.properties[name] is not None}):
        members = [one for one in every if one.properties[name] == value]
        order = np.random.default_rng(abs(seed) + int(value)).permutation(len(members))
        found += [members[at] for at in order[: wanted.get(value, count)]]
    return regions.collection(found)


def _rectangle(image: Image, region: Geometry | None, names: Any, default: float | None, _: Any) -> Feature:
    grid, _inside = regions.region_grid(image, region, None, None)
    known: dict[str, Any] = {name: property_of(image, name) for name in names or []}
    for band, pixels in zip(image.bands, render(image.bands, grid), strict=True):
        if np.ma.getmaskarray(pixels).any() and default is None:
            raise ExportError(
                f"Image.sampleRectangle: Band '{band.name}' has masked pixels, and there is no defaultValue."
            )
        known[band.name] = pixels.filled(0 if default is None else default)
    return Feature(region or geometry_of(image), known)


def _vectors(
    image: Image,
    reducer: Reducer | None,
    geometry: Geometry | None,
    scale: float | None,
    kind: str,
    eight: bool,
    label: str,
    crs: Projection | None,
    transform: Any,
    *_: Any,
) -> Collection:
    """Areas of equal pixels of the first band, with what the reducer makes of the other bands."""
    from rasterio.features import shapes as polygons
    from shapely.geometry import shape

    grid, inside = regions.region_grid(image, geometry, scale, crs, transform)
    first, *others = render(image.bands, grid)
    kept = inside & ~np.ma.getmaskarray(first)
    codes = first.data.astype("f8" if first.dtype.kind == "f" else "i4")
    codes = codes.astype("f4") if codes.dtype.kind == "f" else codes
    found = []
    places = polygons(codes, mask=kept, connectivity=8 if eight else 4, transform=grid.transform)
    for number, (written, value) in enumerate(places):
        area = Geometry(shape(written), grid.crs, geodesic=False)
        known: dict[str, Any] = {"system:index": str(number), label: value}
        if first.dtype.kind != "f":
            known[label] = int(value)
        if others and reducer:
            here = shapes.inside(area, grid)
            known |= reducer.one([band[here] for band in others])
        else:
            known["count"] = int(shapes.inside(area, grid).sum())
        place = _as_kind(area, kind)
        found.append(Feature(place, known, str(number)))
    return Collection(found)


def _as_kind(area: Geometry, kind: str) -> Geometry:
    if kind == "centroid":
        return Geometry(Geometry(area.shape.centroid, area.crs, geodesic=False).lonlat)
    if kind == "bb":
        return Geometry(area.shape.envelope, area.crs, geodesic=False)
    return Geometry(area.lonlat, WGS84.crs, geodesic=False)


def _grid_of(geometry: Geometry, projection: Projection, scale: float | None) -> Collection:
    """The cells of a projection that meet a geometry."""
    where = projection.at(scale) if scale else projection
    grid: Grid
    from earthengine_emulator.grids import covering

    grid = covering(geometry.bounds_in(where.crs).in_pixels(where), where)
    shares = shapes.coverage(geometry, grid)
    found = []
    for row_number, column in zip(*np.nonzero(shares > 0), strict=True):
        cell = grid.window(int(row_number), int(column), 1, 1)
        corner, other = cell.transform @ (0, 0), cell.transform @ (1, 1)
        from shapely import box

        index = f"{int(column)},{int(row_number)}"
        found.append(
            Feature(Geometry(box(*corner, *other), where.crs, geodesic=False), {"system:index": index}, index)
        )
    return Collection(found)


ROWS = [
    row(
        "Image.reduce(image: Image, reducer: Reducer) -> Image",
        "What a reducer makes of the bands of each pixel.",
        reduce_bands,
    ),
    row(
        "Image.reduceRegion(image: Image, reducer: Reducer, geometry: Geometry = null, scale: Float = "
        "null, crs: Projection = null, crsTransform: List<Float> = null, bestEffort: Boolean = false, "
        "maxPixels: Long = 10000000, tileScale: Float = 1) -> Dictionary<Object>",
        "What a reducer makes of the pixels in a region.",
        _reduce_region,
    ),
    row(
        "Image.reduceRegions(image: Image, collection: FeatureCollection, reducer: Reducer, scale: Float "
        "= null, crs: Projection = null, crsTransform: List<Float> = null, tileScale: Float = 1, "
        "maxPixelsPerRegion: Long = null) -> FeatureCollection",
        "The features, with what a reducer makes of the pixels in each.",
        _reduce_regions,
    ),
    row(
        "Image.sample(image: Image, region: Geometry = null, scale: Float = null, projection: Projection "
        "= null, factor: Float = null, numPixels: Long = null, seed: Integer = 0, dropNulls: Boolean = "
        "true, tileScale: Float = 1, geometries: Boolean = false) -> FeatureCollection",
        "The pixels in a region as features, all of them or some at random.",
        _sample,
    ),
    row(
        "Image.sampleRegions(image: Image, collection: FeatureCollection, properties: List<String> = "
        "null, scale: Float = null, projection: Projection = null, tileScale: Float = 1, geometries: "
        "Boolean = false) -> FeatureCollection",
        "The pixels in each feature as features with its properties.",
        _sample_regions,
    ),
    row(
        "Image.stratifiedSample(image: Image, numPoints: Integer, classBand: String = null, region: "
        "Geometry = null, scale: Float = null, projection: Projection = null, seed: Integer = 0, "
        "classValues: List<Integer> = null, classPoints: List<Integer> = null, dropNulls: Boolean = "
        "true, tileScale: Float = 1, geometries: Boolean = false) -> FeatureCollection",
        "So many pixels at random of each value of a band, as features.",
        _stratified,
    ),
    row(
        "Image.sampleRectangle(image: Image, region: Geometry = null, properties: List<String> = null, "
        "defaultValue: Float = null, defaultArrayValue: Array = null) -> Feature",
        "The pixels in the box around a region, as a feature's arrays.",
        _rectangle,
    ),
    row(
        "Image.reduceToVectors(image: Image, reducer: Reducer = null, geometry: Geometry = null, scale: "
        'Float = null, geometryType: String = "polygon", eightConnected: Boolean = true, labelProperty: '
        'String = "label", crs: Projection = null, crsTransform: List<Float> = null, bestEffort: Boolean '
        "= false, maxPixels: Long = 10000000, tileScale: Float = 1, geometryInNativeProjection: Boolean "
        "= false) -> FeatureCollection",
        "The areas of equal pixels as features, with what a reducer makes of the other bands.",
        _vectors,
    ),
    row(
        "Geometry.coveringGrid(geometry: Geometry, proj: Projection, scale: Float = null) -> "
        "FeatureCollection",
        "The cells of a projection that meet a geometry.",
        _grid_of,
    ),
]
