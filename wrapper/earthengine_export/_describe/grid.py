"""Grids of pixels, and the coordinate reference systems that they lie in."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from attrs import field, frozen

from ..errors import InvalidArgument, InvalidArgumentType
from . import plain
from .fields import explained, guarded
from .graphs import Json, JsonObject
from .messages import Message, json_object

Transform = tuple[float, float, float, float, float, float]
_TERMS = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")


class SupportsWkt(Protocol):
    """A coordinate reference system of pyproj, rasterio or odc-geo."""

    def to_wkt(self) -> str:
        """The system as well-known text."""
        ...


class SupportsAffine(Protocol):
    """An `affine.Affine`: x = a * column + b * row + c, y = d * column + e * row + f."""

    def to_gdal(self) -> object:
        """The six numbers in GDAL's order."""
        ...


class SupportsGrid(Protocol):
    """An open rasterio dataset, or a GeoBox."""

    @property
    def crs(self) -> object:
        """The coordinate reference system."""

    @property
    def transform(self) -> object:
        """From pixels to coordinates."""

    @property
    def width(self) -> int:
        """Columns."""

    @property
    def height(self) -> int:
        """Rows."""


Crs = int | str | SupportsWkt
"""An EPSG code, an authority string ("EPSG:32610"), well-known text, or an object of pyproj or rasterio."""


_CODE = r"EPSG:[0-9]{1,10}|(?!EPSG:)[A-Z][\w.-]*:[\w.:-]*\w"
_WKT = r"[A-Z]+_?CR?S\s*\[.*\]"


def crs_text(value: Crs) -> str:
    """A coordinate reference system as the API takes it: an authority's code where it has one, else its WKT.

    Raises:
        InvalidArgument, InvalidArgumentType: It is no coordinate reference system.
    """
    write = getattr(value, "to_wkt", None)
    found = (_authority(value) or _wkt(write)) if callable(write) else plain.item_of(value)
    if plain.is_number(found) or (isinstance(found, str) and re.fullmatch("[0-9]{1,10}", found.strip())):
        return f"EPSG:{plain.whole(int(found) if isinstance(found, str) else found, 1, plain.INT32)}"
    if not isinstance(found, str):
        rule = "It must be an EPSG code, 'EPSG:…', well-known text, or an object with to_wkt."
        raise InvalidArgumentType("", value, rule, "pyproj.CRS(…) reads other notations.")
    try:
        return plain.text(found.strip(), f"(?ais){_CODE}|{_WKT}")
    except InvalidArgument:
        rule = "It must be a code such as 'EPSG:32610', or the well-known text of a reference system."
        cure = "Give pyproj.CRS(…) for other notations." if found else "Leave it out."
        raise InvalidArgument("", value, rule, cure) from None


def _authority(crs: object) -> str | None:
    """The code, where it is certain: the libraries also offer those of systems that are merely alike."""
    ask = getattr(getattr(crs, "proj", crs), "to_authority", None)  # odc-geo holds one of pyproj
    if not callable(ask):
        return None
    try:
        found = ask(min_confidence=100)  # pyproj
    except TypeError:
        found = ask(confidence_threshold=100)  # rasterio
    return ":".join(map(str, found)) if found else None


def _wkt(write: Callable[..., object]) -> object:
    """WKT of the first version, which is what the service reads."""
    try:
        return write(version="WKT1_GDAL")
    except Exception:  # noqa: BLE001 - each library has its own error for what the first version cannot say
        return write()


def transform_terms(value: Sequence[float] | SupportsAffine) -> Transform:
    """An affine transform as (scaleX, shearX, translateX, shearY, scaleY, translateY), checked.

    The nine numbers of its matrix will do, since that is what the list of an affine.Affine is.

    Raises:
        InvalidArgument, InvalidArgumentType: It is none, or maps the plane to a line.
    """
    rule = f"It must be an affine.Affine, or the six numbers {', '.join(_TERMS)}."
    terms: list[object] = [getattr(value, term) for term in "abcdef" if hasattr(value, term)]
    if len(terms) != 6:
        terms = plain.items(value, rule)
    if terms and all(map(plain.is_list, map(plain.item_of, terms))):  # the rows of a matrix
        terms = [term for row in terms for term in plain.items(row)]
    if len(terms) == 9 and terms[6:] == [0, 0, 1]:
        del terms[6:]
    if len(terms) != 6:
        raise InvalidArgument("", value, rule)
    a, b, c, d, e, f = map(plain.number, terms)
    if a * e == b * d:
        raise InvalidArgument("", value, "It maps all pixels onto one line.")
    if e == 0 and a != 0:
        raise InvalidArgument(
            "",
            value,
            f"These read like GDAL's order; the API's is {', '.join(_TERMS)}.",
            "For a grid, call PixelGrid.from_gdal; else give affine.Affine.from_gdal(*…).",
        )
    return a, b, c, d, e, f


@explained
@frozen(repr=False, field_transformer=guarded)
class PixelGrid(Message):
    """The grid of pixels that an export is reprojected and clipped to.

    Reference: PixelGrid, GridDimensions, AffineTransform.

    Attributes:
        crs: The coordinate reference system: an EPSG code, "EPSG:32610", well-known text, or an object of
            pyproj, rasterio or odc-geo. Kept as the text that is sent.
        transform: From pixels (column, row) to coordinates of the CRS, the top left corner of the top left
            pixel being (0, 0): an affine.Affine, or the six numbers (scaleX, shearX, translateX, shearY,
            scaleY, translateY), which is Affine's order (a, b, c, d, e, f), rasterio's, and Earth Engine's
            own. scaleY is negative where north is up. For GDAL's order see `from_gdal`.
        dimensions: (width, height) in pixels, or one number for both.
        extra_body: Fields of the API that this class lacks, as JSON; merged into its own. Default: none.

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    crs: str = field(converter=crs_text)
    transform: Transform = field(converter=transform_terms)
    dimensions: tuple[int, int] = field(converter=plain.pair)

    def __attrs_post_init__(self) -> None:
        if self.extra_body and self.extra_body.keys() & {"crsCode", "crsWkt"}:
            self.from_dict(self.to_dict())

    @classmethod
    def from_gdal(cls, crs: Crs, geotransform: Sequence[float], dimensions: int | Sequence[int]) -> PixelGrid:
        """A grid from a transform in GDAL's order: (translateX, scaleX, shearX, translateY, shearY, scaleY).

        Raises:
            InvalidArgument, InvalidArgumentType: A value is none that `PixelGrid` takes.
        """
        return cls(crs, plain.checked("geotransform", _of_gdal, geotransform), dimensions)

    @classmethod
    def like(cls, raster: object) -> PixelGrid:
        """The grid of a raster, so that the export aligns with it pixel for pixel.

        Args:
            raster: An open rasterio dataset, an xarray array with rioxarray's or odc-geo's accessor, a
                GeoBox, or another PixelGrid.

        Raises:
            InvalidArgument: It has no coordinate reference system.
            InvalidArgumentType: It is none of these.
        """
        return plain.checked("raster", cls.of_raster, raster)

    @classmethod
    def of_raster(cls, raster: object) -> PixelGrid:
        """As `like`, its errors without the argument's name."""
        if isinstance(raster, PixelGrid):
            return raster
        of_rio = getattr(raster, "rio", None)
        box = of_rio or getattr(getattr(raster, "odc", None), "geobox", raster)
        names = ("crs", "transform", "width", "height")
        crs, transform, width, height = (getattr(box, name, None) for name in names)
        if transform is None or not (plain.is_number(width) and plain.is_number(height)):
            rule = (
                "It must be a PixelGrid, a GeoBox, a rasterio dataset, or an array of rioxarray or odc-geo."
            )
            is_json = isinstance(raster, dict)
            cure = "PixelGrid.from_dict reads JSON." if is_json else "For an array, import rioxarray first."
            raise InvalidArgumentType("", raster, rule, cure)
        if crs is None:
            rule, cure = "It has no coordinate reference system.", "Give PixelGrid(crs, transform, …)."
            raise InvalidArgument("", raster, rule, cure)
        return cls(crs, transform() if of_rio else transform, cast(tuple[int, int], (width, height)))

    @classmethod
    def from_bounds(cls, bounds: Sequence[float], scale: float | Sequence[float], crs: Crs) -> PixelGrid:
        """The smallest grid of this scale that covers a box, north up, its top left corner that of the box.

        Args:
            bounds: (left, bottom, right, top) in units of the CRS.
            scale: The size of a pixel in units of the CRS (metres, or degrees for EPSG:4326), one number or
                (x, y).
            crs: As for `PixelGrid`.

        Raises:
            InvalidArgument, InvalidArgumentType: A value is none of these, or the box is empty.
        """
        left, bottom, right, top = plain.checked("bounds", lambda given: _numbers(given, 4), bounds)
        x, *_, y = 2 * plain.checked("scale", lambda given: _numbers(given, 1, 2), scale)
        if not (left < right and bottom < top):
            raise InvalidArgument("bounds", bounds, "It must be (left, bottom, right, top).")
        if x <= 0 or y <= 0 or (x > right - left and y > top - bottom):
            raise InvalidArgument(
                "scale",
                scale,
                "It must be positive and in units of the CRS; one pixel would be larger than the bounds.",
                "Give degrees for EPSG:4326, or a CRS in metres.",
            )
        width, height = (_count(right - left, x), _count(top - bottom, y))
        return cls(crs, (x, 0, left, 0, -y, top), (width, height))

    @property
    def pixels(self) -> int:
        """The number of pixels."""
        return self.dimensions[0] * self.dimensions[1]

    def _own(self) -> Json:
        return {
            "dimensions": dict(zip(("width", "height"), self.dimensions, strict=True)),
            "affineTransform": dict(zip(_TERMS, self.transform, strict=True)),
            "crsWkt" if "[" in self.crs else "crsCode": self.crs,
        }

    @classmethod
    def from_dict(cls, data: JsonObject) -> PixelGrid:
        """The grid from its JSON; fields that this library does not know are kept in `extra_body`.

        Raises:
            InvalidArgument: A part is missing, or both crsCode and crsWkt are set.
        """
        extra = json_object("grid", data)
        crs = {name: value for name in ("crsCode", "crsWkt") if (value := extra.pop(name, None))}
        if len(crs) != 1:
            raise InvalidArgument("grid", crs, "Exactly one of crsCode and crsWkt must be set.")
        size = json_object("dimensions", extra.pop("dimensions", {}))
        affine = json_object("affineTransform", extra.pop("affineTransform", {}))
        # Zero is what a number means that JSON leaves out.
        terms = [affine.pop(term, 0) for term in _TERMS]
        sides = [size.pop(side, 0) for side in ("width", "height")]
        further = {"dimensions": size, "affineTransform": affine}
        extra |= {name: value for name, value in further.items() if value}
        return cls(next(iter(crs.values())), terms, sides, extra_body=extra or None)


def _numbers(value: object, *counts: int) -> list[float]:
    found = plain.item_of(value)
    terms = plain.items(found) if plain.is_list(found) else [found]
    if len(terms) not in counts:
        raise InvalidArgument("", value, f"It must be {' or '.join(map(str, counts))} numbers.")
    return [plain.number(term) for term in terms]


def _of_gdal(value: object) -> Transform:
    c, a, b, f, d, e = _numbers(value, 6)
    return transform_terms((a, b, c, d, e, f))


def _count(extent: float, scale: float) -> int:
    if not extent / scale <= plain.INT32:
        raise InvalidArgument("scale", scale, f"It makes a side of more than {plain.INT32:,} pixels.")
    # A hair more than a whole number of pixels is rounding, not a further pixel.
    return max(1, math.ceil(extent / scale - 1e-6))
