"""The functions that expressions may call, as one table; README.md lists them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from affine import Affine

from earthengine_emulator import geometry as geometries
from earthengine_emulator import terrain
from earthengine_emulator.algebra import BINARY, CASTS, UNARY, as_image, cast, elementwise, matching
from earthengine_emulator.geometry import as_geometry
from earthengine_emulator.images import (
    WGS84,
    Band,
    Box,
    Grid,
    Image,
    Pixels,
    Projection,
    metres_per_unit,
    parse_crs,
    reprojected,
    transformer,
    whole,
)
from earthengine_emulator.operations import ExportError


@dataclass(frozen=True)
class Function:
    """A function and its arguments' names in order; one that ends with `?` may be left out."""

    name: str
    arguments: tuple[str, ...]
    body: Callable[..., Any]

    def __call__(self, given: dict[str, Any]) -> Any:
        """Call it with arguments by name.

        Raises:
            ExportError: An argument is missing or not known.
        """
        values = []
        for argument in self.arguments:
            name = argument.rstrip("?")
            value = given.get(name)
            if value is None and not argument.endswith("?"):
                raise ExportError(f"{self.name}: Parameter '{name}' is required and may not be null.")
            values.append(value)
        unknown = given.keys() - {argument.rstrip("?") for argument in self.arguments}
        if unknown:
            raise ExportError(f"{self.name}: Unrecognized argument '{min(unknown)}'.")
        return self.body(*values)


def select(image: Any, selectors: Any, names: list[str] | None) -> Image:
    """`Image.select`: bands by name, number or regular expression, in the order of the selectors."""
    found = _selected(as_image(image), selectors if isinstance(selectors, list) else [selectors])
    image = replace(as_image(image), bands=found)
    return rename(image, names) if names else image


def _selected(image: Image, selectors: list[Any]) -> tuple[Band, ...]:
    bands: list[Band] = []
    for selector in selectors:
        if isinstance(selector, int | float):
            if not 0 <= selector < len(image.bands):
                raise ExportError(
                    f"Image.select: Band number {int(selector)} is not in 0..{len(image.bands) - 1}."
                )
            bands.append(image.bands[int(selector)])
            continue
        found = [band for band in image.bands if _fits(selector, band.name)]
        if not found:
            raise ExportError(
                f"Image.select: Band pattern '{selector}' did not match any bands. Available bands: {image.names}"
            )
        bands += found
    return tuple(bands)


def rename(image: Any, names: Any) -> Image:
    """`Image.rename`."""
    image, names = as_image(image), names if isinstance(names, list) else [names]
    if len(names) != len(image.bands):
        raise ExportError(
            f"Image.rename: The number of names ({len(names)}) and bands ({len(image.bands)}) differ."
        )
    return image.renamed(names)


def add_bands(image: Any, source: Any, names: list[Any] | None, overwrite: bool | None) -> Image:
    """`Image.addBands`: a name that is taken replaces that band, or gets `_1` and so on."""
    image, source = as_image(image), as_image(source)
    bands = list(image.bands)
    for band in _selected(source, names) if names else source.bands:
        taken = [one.name for one in bands]
        if band.name in taken and overwrite:
            bands[taken.index(band.name)] = band
            continue
        name, number = band.name, 0
        while name in taken:
            number += 1
            name = f"{band.name}_{number}"
        bands.append(replace(band, name=name))
    base = image if image.footprint is not None else replace(source, properties=image.properties)
    return replace(base, bands=tuple(bands))


def concatenated(images: list[Any]) -> Image:
    """`Image.cat`."""
    image = as_image(images[0])
    for other in images[1:]:
        image = add_bands(image, other, None, overwrite=False)
    return image


def projection(crs: Any, transform: list[float] | None = None, _: str | None = None) -> Projection:
    """`Projection`, or what stands for one: a code or WKT."""
    base = crs if isinstance(crs, Projection) else Projection(parse_crs(str(crs)), Affine(1, 0, 0, 0, 1, 0))
    return replace(base, transform=_affine(transform)) if transform else base


def _affine(values: list[float]) -> Affine:
    if len(values) != 6:
        raise ExportError(f"Projection: The transform must have 6 numbers, not {len(values)}.")
    transform = Affine(*(float(value) for value in values))
    if transform.determinant == 0:
        raise ExportError(f"Projection: The transform {values} cannot be inverted.")
    return transform


def placed(image: Image, crs: Any, transform: list[float] | None, scale: float | None) -> Projection:
    """A projection from the arguments that reproject and setDefaultProjection share."""
    found = projection(crs, transform)
    if scale:
        side = float(scale) / metres_per_unit(found.crs)
        return Projection(found.crs, Affine(side, 0, 0, 0, -side, 0))
    return found


def set_default_projection(image: Any, crs: Any, transform: Any, scale: Any) -> Image:
    """`Image.setDefaultProjection`: only says how the image comes where nobody asks otherwise."""
    image = as_image(image)
    return replace(image, projection=placed(image, crs, transform, scale))


def reproject(image: Any, crs: Any, transform: Any, scale: Any) -> Image:
    """`Image.reproject`: computes in the pixels of a projection, whatever is asked for."""
    image = as_image(image)
    target = placed(image, crs, transform, scale)
    return replace(image, projection=target, bands=tuple(reprojected(band, target) for band in image.bands))


def clip(image: Any, geometry: Any) -> Image:
    """`Image.clip`: masks what lies outside a geometry."""
    image, geometry = as_image(image), as_geometry(geometry)
    bounds = geometry.bounds_in(image.projection.crs)

    def clipped(band: Band) -> Band:
        return Band(
            band.name, band.dtype, lambda grid, _, pixels: geometries.clip(pixels, geometry, grid), (band,)
        )

    footprint = bounds if image.footprint is None else bounds.intersection(image.footprint)
    return replace(image, bands=tuple(clipped(band) for band in image.bands), footprint=footprint)


def clip_to_bounds_and_scale(
    image: Any, geometry: Any, width: Any, height: Any, longest: Any, scale: Any
) -> Image:  # fmt: skip
    """`Image.clipToBoundsAndScale`: the bounds of a geometry, in pixels of a size or so and so many of them."""
    image = as_image(image)
    crs = image.projection.crs
    bounds = image.footprint if geometry is None else as_geometry(geometry).bounds_in(crs)
    if bounds is None:
        raise ExportError("Unable to export unbounded image.")
    bounds = bounds.to(crs)
    transform = image.projection.transform
    if scale:
        side = float(scale) / metres_per_unit(crs)
        transform = Affine(side, 0, 0, 0, -side, 0)
    elif width or height or longest:
        transform = fitted(bounds, width, height, longest)
    return replace(image, projection=Projection(crs, transform), footprint=bounds)


def fitted(bounds: Box, width: int | None, height: int | None, longest: int | None) -> Affine:
    """The transform that lays so many pixels over a box; square ones where only one number is given."""
    x, y = bounds.east - bounds.west, bounds.north - bounds.south
    if longest:
        width, height = (longest, None) if x >= y else (None, longest)
    side_x = x / width if width else y / (height or 1)
    side_y = y / height if height else side_x
    return Affine(side_x, 0, bounds.west, 0, -side_y, bounds.north)


def masked(image: Any, mask: Any) -> Image:
    """`Image.updateMask`: also masks where the mask is zero or masked."""
    image, masks = as_image(image), as_image(mask)

    def compute(_: Grid, __: Grid, pixels: Pixels, mask: Pixels) -> Pixels:
        return np.ma.MaskedArray(pixels.data, np.ma.getmaskarray(pixels) | ~mask.filled(0).astype(bool))

    bands = [
        Band(band.name, band.dtype, compute, (band, matching(masks, number, band.name, image)))
        for number, band in enumerate(image.bands)
    ]
    return replace(image, bands=tuple(bands))


def unmask(image: Any, value: Any, _: Any) -> Image:
    """`Image.unmask`: a value where pixels are masked."""
    image, values = as_image(image), as_image(0 if value is None else value)

    def filled(number: int, band: Band) -> Band:
        value = matching(values, number, band.name, image)
        dtype = np.result_type(band.dtype, value.dtype)

        def compute(_: Grid, __: Grid, pixels: Pixels, value: Pixels) -> Pixels:
            masked = np.ma.getmaskarray(pixels)
            data = np.where(masked, value.data, pixels.data).astype(dtype)
            return np.ma.MaskedArray(data, masked & np.ma.getmaskarray(value))

        return Band(band.name, dtype, compute, (band, value))

    return replace(image, bands=tuple(filled(number, band) for number, band in enumerate(image.bands)))


def mosaic(images: list[Any]) -> Image:
    """`ImageCollection.mosaic`: the last image on top."""
    if not images:
        raise ExportError("ImageCollection.mosaic: The collection is empty.")
    *below, result = (as_image(image) for image in images)
    for image in reversed(below):
        result = unmask(result, image, None)
    return result


def where(image: Any, test: Any, value: Any) -> Image:
    """`Image.where`: the value's pixels where the test is neither zero nor masked."""
    chosen = masked(as_image(value), as_image(test))
    image = as_image(image)

    def replaced(number: int, band: Band) -> Band:
        other = matching(chosen, number, band.name, image)
        dtype = np.result_type(band.dtype, other.dtype)

        def compute(_: Grid, __: Grid, pixels: Pixels, other: Pixels) -> Pixels:
            keep = np.ma.getmaskarray(other) | np.ma.getmaskarray(pixels)
            data = np.where(keep, pixels.data, other.data).astype(dtype)
            return np.ma.MaskedArray(data, np.ma.getmaskarray(pixels))

        return Band(band.name, dtype, compute, (band, other))

    return replace(image, bands=tuple(replaced(number, band) for number, band in enumerate(image.bands)))


def pixel_lon_lat() -> Image:
    """`Image.pixelLonLat`."""

    def axis(number: int) -> Callable[[Grid, Grid], Pixels]:
        def compute(grid: Grid, _: Grid) -> Pixels:
            place = transformer(grid.crs, WGS84.crs).transform(*grid.centres())
            return whole(np.asarray(place[number]))

        return compute

    names = ("longitude", "latitude")
    return Image(tuple(Band(name, np.dtype(float), axis(number)) for number, name in enumerate(names)))


def _fits(pattern: Any, name: str) -> bool:
    return pattern == name or re.fullmatch(str(pattern), name) is not None


def function_table(load: Callable[..., Image]) -> dict[str, Function]:
    """Every function by name.

    Args:
        load: What `Image.load` does.
    """
    bodies: dict[str, tuple[str, Callable[..., Any]]] = {
        "Image.load": ("id version?", load),
        "Image.constant": ("value", as_image),
        "Image.select": ("input bandSelectors newNames?", select),
        "Image.rename": ("input names", rename),
        "Image.addBands": ("dstImg srcImg names? overwrite?", add_bands),
        "Image.cat": ("images", concatenated),
        "Image.clip": ("input geometry", clip),
        "Image.clipToBoundsAndScale": (
            "input geometry? width? height? maxDimension? scale?",
            clip_to_bounds_and_scale,
        ),
        "Image.setDefaultProjection": ("image crs crsTransform? scale?", set_default_projection),
        "Image.reproject": ("image crs crsTransform? scale?", reproject),
        "Image.projection": ("image", lambda image: as_image(image).projection),
        "Image.updateMask": ("image mask", masked),
        "Image.selfMask": ("image", lambda image: masked(image, image)),
        "Image.unmask": ("input value? sameFootprint?", unmask),
        "Image.where": ("input test value", where),
        "Image.clamp": (
            "input low high",
            lambda image, low, high: elementwise(
                as_image(image), (), lambda dtype: dtype, lambda data: np.clip(data, low, high)
            ),
        ),
        "Image.unitScale": (
            "input low high",
            lambda image, low, high: elementwise(
                as_image(image), (), lambda _: float, lambda data: (data - float(low)) / (high - low)
            ),
        ),
        "Image.pixelLonLat": ("", pixel_lon_lat),
        "ImageCollection.fromImages": ("images", list),
        "ImageCollection.mosaic": ("collection", mosaic),
        "Collection.map": (
            "collection baseAlgorithm dropNulls?",
            lambda collection, algorithm, _: [algorithm(member) for member in collection],
        ),
        "Projection": ("crs transform? transformWkt?", projection),
        "GeometryConstructors.BBox": ("west south east north", geometries.box),
        "GeometryConstructors.Rectangle": ("coordinates crs? geodesic? evenOdd?", geometries.rectangle),
        "GeometryConstructors.MultiGeometry": ("geometries crs? geodesic? maxError?", geometries.multi),
        "Terrain.slope": ("input", lambda image: terrain.slope(as_image(image))),
        "Terrain.aspect": ("input", lambda image: terrain.aspect(as_image(image))),
        "Terrain.hillshade": (
            "input azimuth? elevation?",
            lambda image, *sun: terrain.hillshade(as_image(image), *sun),
        ),
        "Terrain.products": ("input", lambda image: terrain.products(as_image(image))),
    }
    for kind in geometries.DEPTHS:
        arguments = "coordinates crs? geodesic? maxError? evenOdd?"
        bodies[f"GeometryConstructors.{kind}"] = (arguments, geometries.constructor(kind))
    for name, (dtype, apply) in BINARY.items():
        bodies[f"Image.{name}"] = ("image1 image2", _binary(dtype, apply))
    for name, (dtype, apply) in UNARY.items():
        bodies[f"Image.{name}"] = ("value", _unary(dtype, apply))
    for name, code in CASTS.items():
        bodies[f"Image.to{name}"] = bodies[f"Image.{name.lower()}"] = ("value", cast(code))
    return {name: Function(name, tuple(given.split()), body) for name, (given, body) in bodies.items()}


def _binary(dtype: Callable[..., Any], apply: Callable[..., Any]) -> Callable[[Any, Any], Image]:
    return lambda image1, image2: elementwise(as_image(image1), (as_image(image2),), dtype, apply)


def _unary(dtype: Callable[..., Any], apply: Callable[..., Any]) -> Callable[[Any], Image]:
    return lambda value: elementwise(as_image(value), (), dtype, apply)
