"""Where images are: projections, clipping, resampling."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from affine import Affine

from earthengine_emulator.coercion import as_geometry, as_projection, as_transform
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import row
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.grids import Box, Grid, Projection, metres_per_unit
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.reducing import Reducer, keys_of, types_of
from earthengine_emulator.resampling import covered, interpolated, reduced_resolution, reprojected
from earthengine_emulator.shapes import inside


def placed(crs: Projection, transform: Any, scale: float | None) -> Projection:
    """The projection that the arguments of reproject and setDefaultProjection name."""
    if transform:
        return Projection(crs.crs, as_transform(transform))
    if scale:
        return square(crs, scale) if crs.transform == Affine.identity() else crs.at(scale)
    return crs


def square(projection: Projection, metres: float) -> Projection:
    """Square pixels of a nominal side, on a grid that begins at the origin of the reference system."""
    side = metres / metres_per_unit(projection.crs)
    return Projection(projection.crs, Affine(side, 0, 0, 0, -side, 0))


def fitted(bounds: Box, width: int | None, height: int | None, longest: int | None = None) -> Affine:
    """The transform that lays so many pixels over a box; square ones where only one number is given."""
    x, y = bounds.east - bounds.west, bounds.north - bounds.south
    if longest:
        width, height = (longest, None) if x >= y else (None, longest)
    side_x = x / width if width else y / (height or 1)
    side_y = y / height if height else side_x
    return Affine(side_x, 0, bounds.west, 0, -side_y, bounds.north)


def _set_default_projection(image: Image, crs: Projection, transform: Any, scale: float | None) -> Image:
    return replace(image, projection=placed(crs, transform, scale), size=None)


def _reproject(image: Image, crs: Projection, transform: Any, scale: float | None) -> Image:
    target = placed(crs, transform, scale)
    bands = tuple(reprojected(band, target) for band in image.bands)
    return replace(image, projection=target, bands=bands, size=None)


def clip(image: Image, place: Any) -> Image:
    """An image that is masked outside a geometry, feature or collection."""
    geometry = as_geometry(place)

    def clipped(band: Band) -> Band:
        def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
            return np.ma.MaskedArray(pixels.data, np.ma.getmaskarray(pixels) | ~inside(geometry, grid))

        return Band(band.name, band.type, compute, (band,))

    bounds = geometry.bounds_in(image.projection.crs)
    footprint = bounds if image.footprint is None else bounds.intersection(image.footprint)
    properties = {name: value for name, value in image.properties.items() if name != "system:footprint"}
    bands = tuple(clipped(band) for band in image.bands)
    return replace(image, bands=bands, footprint=footprint, properties=properties, size=None)


def _clip_to_bounds_and_scale(
    image: Image,
    geometry: Geometry | None,
    width: int | None,
    height: int | None,
    longest: int | None,
    scale: float | None,
) -> Image:
    crs = image.projection.crs
    if geometry is None and image.footprint is None:
        raise ExportError("Unable to export unbounded image.")

    def bounds(pixel: float) -> Box:
        # What bends out of the box by less than half a pixel is none of the image's.
        return geometry.bounds_in(crs, pixel / 2) if geometry else image.footprint.to(crs)  # type: ignore[union-attr]

    projection = image.projection
    if scale:
        projection = square(projection, scale)
    elif width or height or longest:
        about = bounds(0)
        projection = Projection(crs, fitted(about, width, height, longest))
        projection = Projection(crs, fitted(bounds(_side(projection)), width, height, longest))
    return replace(image, projection=projection, footprint=bounds(_side(projection)), size=None)


def _side(projection: Projection) -> float:
    """The side of a pixel in units of the reference system."""
    return math.sqrt(abs(projection.transform.determinant))


def _resample(image: Image, mode: str) -> Image:
    bands = tuple(interpolated(band, image.projection, mode) for band in image.bands)
    return replace(image, bands=bands)


def _reduce_resolution(image: Image, reducer: Reducer, best_effort: bool, most: int) -> Image:
    projection = image.projection
    bands: list[Band] = []
    most = 2**31 if best_effort else most
    names = keys_of(reducer, image.names)
    types = types_of(reducer, [band.type for band in image.bands])
    for band in image.bands:
        for output in range(len(reducer.outputs)):
            compute = reduced_resolution(reducer, most, output)
            kind = types[len(bands)]
            name = names[len(bands)]
            bands.append(Band(name, kind, compute, (band,), lambda grid: covered(grid, projection, 1)))
    return replace(image, bands=tuple(bands))


def _translate(image: Image, x: float, y: float, units: str, projection: Projection | None) -> Image:
    where = projection or image.projection

    def moved(band: Band) -> Band:
        def demand(grid: Grid) -> Grid:
            if units == "pixels":
                dx, dy = where.transform.a * x, where.transform.e * y
            else:
                unit = metres_per_unit(grid.crs)
                dx, dy = x / unit, y / unit
            shifted = Affine.translation(-dx, -dy) @ grid.transform
            return Grid(Projection(grid.crs, shifted), grid.width, grid.height)

        return Band(band.name, band.type, lambda _, __, pixels: pixels, (band,), demand)

    return replace(image, bands=tuple(moved(band) for band in image.bands))


def _projection(crs: Any, transform: Any, wkt: str | None) -> Projection:
    if wkt:
        raise ExportError("Projection: transformWkt is not supported by the emulator; give transform.")
    return placed(as_projection(crs), transform, None)


def _scaled(projection: Projection, x: float, y: float) -> Projection:
    return Projection(projection.crs, projection.transform @ Affine.scale(x, y))


def _translated(projection: Projection, x: float, y: float) -> Projection:
    return Projection(projection.crs, projection.transform @ Affine.translation(x, y))


def _transform(projection: Projection) -> str:
    a, b, c, d, e, f = projection.transform[:6]
    lines = [
        'PARAM_MT["Affine"',
        'PARAMETER["num_row", 3]',
        'PARAMETER["num_col", 3]',
        *(f'PARAMETER["elt_{n // 3}_{n % 3}", {value!r}]' for n, value in enumerate((a, b, c, d, e, f))),
    ]
    return ", \n  ".join(lines) + "]"


ROWS = [
    row(
        "Image.clip(input: Image, geometry: Object) -> Image",
        "The image, masked outside a geometry, a feature or a collection.",
        clip,
    ),
    row(
        "Image.clipToCollection(input: Image, collection: Object) -> Image",
        "The image, masked outside the features of a collection.",
        clip,
    ),
    row(
        "Image.clipToBoundsAndScale(input: Image, geometry: Geometry = null, width: Integer = null, "
        "height: Integer = null, maxDimension: Integer = null, scale: Float = null) -> Image",
        "The image on a grid over the box around a geometry: of a scale or of so many pixels.",
        _clip_to_bounds_and_scale,
    ),
    row(
        "Image.setDefaultProjection(image: Image, crs: Projection, crsTransform: List<Float> = null, "
        "scale: Float = null) -> Image",
        "The image with another default projection, its pixels where they are.",
        _set_default_projection,
    ),
    row(
        "Image.reproject(image: Image, crs: Projection, crsTransform: List<Float> = null, scale: Float = "
        "null) -> Image",
        "The image, computed in the pixels of a projection.",
        _reproject,
    ),
    row(
        'Image.resample(image: Image, mode: String = "bilinear") -> Image',
        'The image, interpolated "bilinear" or "bicubic" in other projections and at other scales.',
        _resample,
    ),
    row(
        "Image.reduceResolution(image: Image, reducer: Reducer, bestEffort: Boolean = false, maxPixels: "
        "Integer = 64) -> Image",
        "The image whose pixels, on a coarser grid, are what a reducer makes of all those that each covers.",
        _reduce_resolution,
    ),
    row(
        'Image.translate(input: Image, x: Float, y: Float, units: String = "meters", proj: Projection = '
        "null) -> Image",
        "The image moved by so many metres or pixels.",
        _translate,
    ),
    row(
        "Image.projection(image: Image) -> Projection",
        "The default projection.",
        lambda image: image.projection,
    ),
    row(
        "Projection(crs: Object, transform: List<Object> = null, transformWkt: String = null) -> Projection",
        "A reference system, with the transform of its pixels.",
        _projection,
    ),
    row(
        "Proj(crs: Object, transform: List<Object> = null, transformWkt: String = null) -> Projection",
        "A reference system, with the transform of its pixels.",
        _projection,
    ),
    row(
        "Projection.atScale(projection: Projection, meters: Float) -> Projection",
        "The projection with pixels of a nominal side in metres.",
        lambda projection, metres: projection.at(metres),
    ),
    row(
        "Projection.crs(projection: Projection) -> String",
        "The code of the reference system, or its WKT.",
        lambda projection: projection.code,
    ),
    row(
        "Projection.nominalScale(proj: Projection) -> Float",
        "The nominal side of a pixel in metres.",
        lambda projection: projection.metres,
    ),
    row(
        "Projection.scale(projection: Projection, x: Float, y: Float) -> Projection",
        "The projection with pixels of so many times the width and height.",
        _scaled,
    ),
    row(
        "Projection.translate(projection: Projection, x: Float, y: Float) -> Projection",
        "The projection moved by so many pixels.",
        _translated,
    ),
    row(
        "Projection.transform(projection: Projection) -> String",
        "The transform of the pixels, as WKT.",
        _transform,
    ),
    row(
        "Projection.wkt(projection: Projection) -> String",
        "The reference system, as WKT.",
        lambda projection: projection.crs.to_wkt("WKT1_GDAL"),
    ),
]
