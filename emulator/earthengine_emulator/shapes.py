"""Geometries on grids of pixels: which pixels lie in them, and how much of each does."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from shapely import affinity

from earthengine_emulator.geometry import Geometry, Shape, reprojected
from earthengine_emulator.grids import WGS84, Floats, Grid, Projection, converted

Mask = npt.NDArray[np.bool_]


def inside(geometry: Geometry, grid: Grid) -> Mask:
    """True for the pixels of a grid whose centres lie in a geometry, and for those that its lines touch."""
    outline, crs = geometry.outline
    areal = shapely.union_all([part for part in _flat(outline) if part.geom_type == "Polygon"])
    linear = [part for part in _flat(outline) if part.geom_type != "Polygon"]
    found = np.zeros((grid.height, grid.width), bool)
    if not areal.is_empty:
        x, y = grid.centres()
        if grid.crs != crs:
            x, y = converted(grid.crs, crs, x, y)
        if crs.is_geographic:
            west, _, east, _ = areal.bounds
            x = (x - west) % 360 + west if east - west < 360 else x
        shapely.prepare(areal)
        found |= shapely.contains_xy(areal, np.asarray(x), np.asarray(y))
    if linear:
        found |= touched(reprojected(shapely.GeometryCollection(linear), crs, grid.crs), grid)
    return found


def touched(shape: Shape, grid: Grid) -> Mask:
    """True for the pixels that a shape in the grid's reference system touches."""
    from rasterio.features import rasterize

    if shape.is_empty:
        return np.zeros((grid.height, grid.width), bool)
    burnt = rasterize([shape], (grid.height, grid.width), transform=grid.transform, all_touched=True)
    return np.asarray(burnt, bool)


def stroked(geometry: Geometry, grid: Grid, width: float) -> Mask:
    """True for the pixels whose centres lie within half a width, in pixels, of a geometry's lines."""
    outline, crs = geometry.outline
    lines = in_pixels(reprojected(outline.boundary if outline.area else outline, crs, grid.crs), grid)
    if lines.is_empty:
        return np.zeros((grid.height, grid.width), bool)
    wide = lines.buffer(max(width, 1) / 2 + 1e-9)
    columns, rows = np.meshgrid(np.arange(grid.width) + 0.5, np.arange(grid.height) + 0.5)
    shapely.prepare(wide)
    return np.asarray(shapely.intersects_xy(wide, columns, rows))


def in_pixels(shape: Shape, grid: Grid) -> Shape:
    """A shape in the grid's reference system, in its pixels: columns and rows from the top left corner."""
    t = ~grid.transform
    return affinity.affine_transform(shape, [t.a, t.b, t.d, t.e, t.c, t.f])


def coverage(geometry: Geometry, grid: Grid) -> Floats:
    """How much of each pixel of a grid lies in a geometry, 0 to 1; points count for the pixel they are in."""
    outline, crs = geometry.outline
    shape = in_pixels(reprojected(outline, crs, grid.crs), grid)
    shares = np.zeros((grid.height, grid.width))
    for part in _flat(shape):
        if part.geom_type != "Polygon":
            shares = np.maximum(shares, _touching(part, shares.shape))
            continue
        part = part if part.is_valid else shapely.make_valid(part)
        part = shapely.intersection(part, shapely.box(-1, -1, grid.width + 1, grid.height + 1))
        if part.is_empty:
            continue
        shapely.prepare(part)
        left, top, right, bottom = (int(v) for v in np.clip(np.floor(part.bounds), 0, None))
        columns, rows = np.meshgrid(
            np.arange(left, min(right + 1, grid.width)), np.arange(top, min(bottom + 1, grid.height))
        )
        pixels = shapely.box(columns, rows, columns + 1, rows + 1)
        whole = shapely.contains_properly(part, pixels)
        partly = ~whole & shapely.intersects(part, pixels)
        found = whole.astype(float)
        found[partly] = shapely.area(shapely.intersection(part, pixels[partly]))
        shares[rows, columns] += found
    return np.minimum(shares, 1)


def _touching(shape: Shape, size: tuple[int, ...]) -> Floats:
    grid = Grid(Projection(WGS84.crs, Affine.identity()), size[1], size[0])
    return touched(shape, grid).astype(float)


def _flat(shape: Shape) -> list[Any]:
    """The parts of a shape that have none."""
    if not hasattr(shape, "geoms"):
        return [] if shape.is_empty else [shape]
    return [part for one in shape.geoms for part in _flat(one)]
