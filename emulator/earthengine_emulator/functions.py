"""The functions that expressions may call, as one table; README.md lists them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from affine import Affine

from earthengine_emulator import geometry as geometries
from earthengine_emulator import layers, terrain
from earthengine_emulator.algebra import BINARY, CASTS, UNARY, as_image, cast, elementwise
from earthengine_emulator.errors import ExportError
from earthengine_emulator.geometry import Geometry, as_geometry
from earthengine_emulator.grids import WGS84, Box, Grid, Projection, metres_per_unit, parse_crs, transformer
from earthengine_emulator.images import Band, Image, Pixels, reprojected, whole


def as_list(value: Any) -> list[Any]:
    """A list of what may be a list or one thing."""
    return value if isinstance(value, list) else [value]


def as_projection(value: Any) -> Projection:
    """A projection from one, or from a code or WKT."""
    return value if isinstance(value, Projection) else Projection(parse_crs(str(value)), Affine.identity())


def as_images(value: Any) -> list[Image]:
    """A collection: a list of images."""
    return [as_image(member) for member in as_list(value)]


def as_transform(values: Any) -> Affine:
    """The transform of six numbers.

    Raises:
        ExportError: There are not six, or it cannot be inverted.
    """
    transform = Affine(*(float(value) for value in values)) if len(values) == 6 else None
    if transform is None or transform.determinant == 0:
        raise ExportError(f"Projection: {values} is no transform of six numbers that can be inverted.")
    return transform


# What a kind of argument is made of; an argument of no kind is passed on as it is.
KINDS: dict[str, Callable[[Any], Any]] = {
    "": lambda value: value,
    "image": as_image,
    "images": as_images,
    "geometry": as_geometry,
    "projection": as_projection,
    "transform": as_transform,
    "list": as_list,
    "number": float,
    "count": int,
}


@dataclass(frozen=True)
class Function:
    """A function: its name, its signature, and what it does with the arguments in that order.

    The signature names the arguments, each with its kind (a key of `KINDS`) after a colon; one that ends with
    `?` may be left out and is then None.
    """

    name: str
    signature: str
    body: Callable[..., Any]

    def __call__(self, given: dict[str, Any]) -> Any:
        """Call it with arguments by name.

        Raises:
            ExportError: An argument is missing, not known, or not of its kind.
        """
        values, known = [], set()
        for argument in self.signature.split():
            name, _, kind = argument.rstrip("?").partition(":")
            value = given.get(name)
            if value is None and not argument.endswith("?"):
                raise ExportError(f"{self.name}: Parameter '{name}' is required and may not be null.")
            known.add(name)
            try:
                values.append(None if value is None else KINDS[kind](value))
            except (ExportError, TypeError, ValueError) as error:
                raise ExportError(f"{self.name}, argument '{name}': {error}") from None
        unknown = given.keys() - known
        if unknown:
            raise ExportError(f"{self.name}: Unrecognized arguments {sorted(unknown)}.")
        try:
            return self.body(*values)
        except (TypeError, ValueError, IndexError) as error:
            raise ExportError(f"{self.name}: Invalid arguments: {error}") from None


def _select(image: Image, selectors: list[Any], names: list[str] | None) -> Image:
    selected = image.select(selectors)
    return selected.renamed(names) if names else selected


def _placed(crs: Projection, transform: Affine | None, scale: float | None) -> Projection:
    """The projection that the arguments of reproject and setDefaultProjection name."""
    if scale:
        return _square(crs, scale)
    return Projection(crs.crs, transform) if transform else crs


def _square(projection: Projection, metres: float) -> Projection:
    """Square pixels of a nominal side, on a grid that begins at the origin of the reference system."""
    side = metres / metres_per_unit(projection.crs)
    return Projection(projection.crs, Affine(side, 0, 0, 0, -side, 0))


def _set_default_projection(
    image: Image, crs: Projection, transform: Affine | None, scale: float | None
) -> Image:
    return replace(image, projection=_placed(crs, transform, scale))


def _reproject(image: Image, crs: Projection, transform: Affine | None, scale: float | None) -> Image:
    target = _placed(crs, transform, scale)
    return replace(image, projection=target, bands=tuple(reprojected(band, target) for band in image.bands))


def _clip(image: Image, geometry: Geometry) -> Image:
    def clipped(band: Band) -> Band:
        def compute(grid: Grid, _: Grid, pixels: Pixels) -> Pixels:
            return np.ma.MaskedArray(pixels.data, np.ma.getmaskarray(pixels) | geometry.mask(grid))

        return Band(band.name, band.dtype, compute, (band,))

    bounds = geometry.bounds_in(image.projection.crs)
    footprint = bounds if image.footprint is None else bounds.intersection(image.footprint)
    return replace(image, bands=tuple(clipped(band) for band in image.bands), footprint=footprint)


def _clip_to_bounds_and_scale(
    image: Image,
    geometry: Geometry | None,
    width: int | None,
    height: int | None,
    longest: int | None,
    scale: float | None,
) -> Image:
    crs = image.projection.crs
    if geometry is not None:
        bounds = geometry.bounds_in(crs)
    elif image.footprint is not None:
        bounds = image.footprint.to(crs)
    else:
        raise ExportError("Unable to export unbounded image.")
    projection = image.projection
    if scale:
        projection = _square(projection, scale)
    elif width or height or longest:
        projection = Projection(crs, fitted(bounds, width, height, longest))
    return replace(image, projection=projection, footprint=bounds)


def fitted(bounds: Box, width: int | None, height: int | None, longest: int | None = None) -> Affine:
    """The transform that lays so many pixels over a box; square ones where only one number is given."""
    x, y = bounds.east - bounds.west, bounds.north - bounds.south
    if longest:
        width, height = (longest, None) if x >= y else (None, longest)
    side_x = x / width if width else y / (height or 1)
    side_y = y / height if height else side_x
    return Affine(side_x, 0, bounds.west, 0, -side_y, bounds.north)


def _pixel_lon_lat() -> Image:
    def axis(number: int) -> Callable[[Grid, Grid], Pixels]:
        def compute(grid: Grid, _: Grid) -> Pixels:
            return whole(np.asarray(transformer(grid.crs, WGS84.crs).transform(*grid.centres())[number]))

        return compute

    return Image(
        tuple(Band(name, np.dtype(float), axis(n)) for n, name in enumerate(("longitude", "latitude")))
    )


def _clamp(image: Image, low: float, high: float) -> Image:
    return elementwise((lambda dtype: dtype, lambda data: np.clip(data, low, high)), image)


def _unit_scale(image: Image, low: float, high: float) -> Image:
    return elementwise((lambda _: float, lambda data: (data - low) / (high - low)), image)


def _map(collection: Sequence[Any], algorithm: Callable[[Any], Any], _: bool | None) -> list[Any]:
    return [algorithm(member) for member in collection]


_TABLE: dict[str, tuple[str, Callable[..., Any]]] = {
    "Image.constant": ("value:image", lambda image: image),
    "Image.select": ("input:image bandSelectors:list newNames:list?", _select),
    "Image.rename": ("input:image names:list", Image.renamed),
    "Image.addBands": ("dstImg:image srcImg:image names:list? overwrite?", layers.add_bands),
    "Image.cat": ("images:images", layers.concatenated),
    "Image.clip": ("input:image geometry:geometry", _clip),
    "Image.clipToBoundsAndScale": (
        "input:image geometry:geometry? width:count? height:count? maxDimension:count? scale:number?",
        _clip_to_bounds_and_scale,
    ),
    "Image.setDefaultProjection": (
        "image:image crs:projection crsTransform:transform? scale:number?",
        _set_default_projection,
    ),
    "Image.reproject": ("image:image crs:projection crsTransform:transform? scale:number?", _reproject),
    "Image.projection": ("image:image", lambda image: image.projection),
    "Image.updateMask": ("image:image mask:image", layers.update_mask),
    "Image.selfMask": ("image:image", lambda image: layers.update_mask(image, image)),
    "Image.unmask": (
        "input:image value:image? sameFootprint?",
        lambda image, value, _: layers.unmask(image, value or as_image(0)),
    ),
    "Image.where": ("input:image test:image value:image", layers.where),
    "Image.clamp": ("input:image low:number high:number", _clamp),
    "Image.unitScale": ("input:image low:number high:number", _unit_scale),
    "Image.pixelLonLat": ("", _pixel_lon_lat),
    "ImageCollection.fromImages": ("images:images", lambda images: images),
    "ImageCollection.mosaic": ("collection:images", layers.mosaic),
    "Collection.map": ("collection:list baseAlgorithm dropNulls?", _map),
    "Projection": (
        "crs:projection transform:transform?",
        lambda crs, transform: _placed(crs, transform, None),
    ),
    "GeometryConstructors.BBox": ("west:number south:number east:number north:number", geometries.box),
    "GeometryConstructors.Rectangle": (
        "coordinates:list crs:projection? geodesic? evenOdd?",
        geometries.rectangle,
    ),
    "GeometryConstructors.MultiGeometry": (
        "geometries:list crs:projection? geodesic? maxError?",
        geometries.multi,
    ),
    "Terrain.slope": ("input:image", terrain.slope),
    "Terrain.aspect": ("input:image", terrain.aspect),
    "Terrain.hillshade": ("input:image azimuth:number? elevation:number?", terrain.hillshade),
    "Terrain.products": ("input:image", terrain.products),
}
for _kind in geometries.DEPTHS:
    _edges = (
        ""
        if "Point" in _kind
        else " geodesic? maxError? evenOdd?"
        if "Poly" in _kind
        else " geodesic? maxError?"
    )
    _TABLE[f"GeometryConstructors.{_kind}"] = (
        f"coordinates:list crs:projection?{_edges}",
        partial(geometries.construct, _kind),
    )
for _name, _rule in BINARY.items():
    _TABLE[f"Image.{_name}"] = ("image1:image image2:image", partial(elementwise, _rule))
for _name, _rule in UNARY.items():
    _TABLE[f"Image.{_name}"] = ("value:image", partial(elementwise, _rule))
for _name, _code in CASTS.items():
    _TABLE[f"Image.to{_name}"] = _TABLE[f"Image.{_name.lower()}"] = (
        "value:image",
        partial(elementwise, cast(_code)),
    )

FUNCTIONS = {name: Function(name, signature, body) for name, (signature, body) in _TABLE.items()}
