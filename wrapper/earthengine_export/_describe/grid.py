"""Grids of pixels, and the coordinate reference systems that they lie in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import field, frozen

from ..errors import InvalidArgument, InvalidArgumentType
from . import fields
from .fields import in_range

Transform = tuple[float, float, float, float, float, float]
_TERMS = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")


class SupportsWkt(Protocol):
    """A coordinate reference system of pyproj, rasterio or odc-geo."""

    def to_wkt(self) -> str:
        """The system as well-known text."""
        ...


class SupportsAffine(Protocol):
    """An `affine.Affine`: x = a * column + b * row + c, y = d * column + e * row + f."""

    def to_gdal(self) -> Any:
        """The six numbers in GDAL's order."""
        ...


Crs = int | str | SupportsWkt
"""An EPSG code, an authority string ("EPSG:32610"), well-known text, or an object of pyproj or rasterio."""


def crs_text(argument: str, crs: Any) -> str:
    """A coordinate reference system as the API takes it: an authority's code where it has one, else its WKT.

    Raises:
        InvalidArgument, InvalidArgumentType: It is no coordinate reference system.
    """
    if hasattr(crs, "to_wkt"):
        return _authority(crs) or str(_wkt(crs))
    if isinstance(crs, int) and not isinstance(crs, bool):
        crs = str(crs)
    if not isinstance(crs, str):
        raise InvalidArgumentType(
            argument, crs, "It must be an EPSG code, 'EPSG:…', well-known text, or an object with to_wkt."
        )
    crs = crs.strip()
    if crs.isdecimal():
        return f"EPSG:{int(crs)}"
    return fields.text(
        argument,
        crs,
        r"(?s)[A-Za-z][\w.-]*:[\w.:-]+|[A-Za-z]\w*\s*\[.*\]",
        "It must be a code such as 'EPSG:32610', or well-known text.",
        "Give pyproj.CRS(…) for other notations." if crs else "Leave it out.",
    )


def _authority(crs: Any) -> str | None:
    """The code, where it is certain: the libraries also offer those of systems that are merely alike."""
    crs = getattr(crs, "proj", crs)  # odc-geo holds one of pyproj
    if not hasattr(crs, "to_authority"):
        return None
    try:
        found = crs.to_authority(min_confidence=100)  # pyproj
    except TypeError:
        found = crs.to_authority(confidence_threshold=100)  # rasterio
    return ":".join(map(str, found)) if found else None


def _wkt(crs: Any) -> Any:
    """WKT of the first version, which is what the service reads."""
    try:
        return crs.to_wkt(version="WKT1_GDAL")
    except Exception:  # noqa: BLE001 - each library has its own error for what the first version cannot say
        return crs.to_wkt()


def transform_terms(argument: str, transform: Any) -> Transform:
    """An affine transform as (scaleX, shearX, translateX, shearY, scaleY, translateY), checked.

    Raises:
        InvalidArgument, InvalidArgumentType: It is none, or maps the plane to a line.
    """
    if all(hasattr(transform, term) for term in "abcdef"):
        transform = tuple(getattr(transform, term) for term in "abcdef")
    if hasattr(transform, "tolist"):
        transform = transform.tolist()
    if not isinstance(transform, Sequence) or isinstance(transform, str):
        raise InvalidArgumentType(argument, transform, "It must be six numbers or an affine.Affine.")
    if len(transform) != 6:
        raise InvalidArgument(argument, transform, f"It must be the six numbers {', '.join(_TERMS)}.")
    a, b, c, d, e, f = (fields.real(argument, term) for term in transform)
    if a * e == b * d:
        raise InvalidArgument(argument, transform, "It maps all pixels onto one line.")
    if e == 0 and a != 0:
        raise InvalidArgument(
            argument,
            transform,
            f"These read like GDAL's order; the API's is {', '.join(_TERMS)}.",
            "For a grid, call PixelGrid.from_gdal; else give affine.Affine.from_gdal(*…).",
        )
    return a, b, c, d, e, f


def _terms(value: Sequence[float] | SupportsAffine) -> Transform:
    return transform_terms("transform", value)


def _crs(value: Crs) -> str:
    return crs_text("crs", value)


def _dimensions(value: int | Sequence[int]) -> tuple[int, int]:
    return fields.pair(value) or (0, 0)


@frozen
class PixelGrid:
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

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    crs: str = field(converter=_crs)
    transform: Transform = field(converter=_terms)
    dimensions: tuple[int, int] = field(converter=_dimensions, validator=in_range(1))

    @classmethod
    def from_gdal(cls, crs: Crs, geotransform: Sequence[float], dimensions: int | Sequence[int]) -> PixelGrid:
        """A grid from a transform in GDAL's order: (translateX, scaleX, shearX, translateY, shearY, scaleY).

        Raises:
            InvalidArgument, InvalidArgumentType: A value is none that `PixelGrid` takes.
        """
        c, a, b, f, d, e = fields.sized("geotransform", geotransform, 6)
        return cls(crs, (a, b, c, d, e, f), dimensions)

    @classmethod
    def like(cls, raster: Any) -> PixelGrid:
        """The grid of a raster, so that the export aligns with it pixel for pixel.

        Args:
            raster: An open rasterio dataset, an xarray array with rioxarray's or odc-geo's accessor, a
                GeoBox, or another PixelGrid.

        Raises:
            InvalidArgument: It has no coordinate reference system.
            InvalidArgumentType: It is none of these.
        """
        if isinstance(raster, PixelGrid):
            return raster
        dimensions: tuple[Any, Any]
        if hasattr(raster, "rio"):
            crs, transform = raster.rio.crs, raster.rio.transform()
            dimensions = (raster.rio.width, raster.rio.height)
        else:
            raster = getattr(getattr(raster, "odc", None), "geobox", raster)
            crs = getattr(raster, "crs", None)
            transform = getattr(raster, "transform", None)
            dimensions = (getattr(raster, "width", None), getattr(raster, "height", None))
        if transform is None or None in dimensions:
            raise InvalidArgumentType(
                "raster",
                raster,
                "It must be an open rasterio dataset, an array of rioxarray or odc-geo, or a GeoBox.",
                "For an array, import rioxarray first; it adds what is read here.",
            )
        if crs is None:
            raise InvalidArgument(
                "raster",
                raster,
                "It has no coordinate reference system.",
                "Give PixelGrid(crs, transform, …).",
            )
        return cls(crs, transform, dimensions)

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
        left, bottom, right, top = (fields.real("bounds", side) for side in fields.sized("bounds", bounds, 4))
        scales = fields.sized("scale", scale, 2) if isinstance(scale, Sequence) else (scale, scale)
        x, y = (fields.real("scale", side) for side in scales)
        if not (left < right and bottom < top):
            raise InvalidArgument("bounds", tuple(bounds), "It must be (left, bottom, right, top).")
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

    def to_dict(self) -> dict[str, Any]:
        """The grid as the reference documents its JSON."""
        width, height = self.dimensions
        return {
            "dimensions": {"width": width, "height": height},
            "affineTransform": dict(zip(_TERMS, self.transform, strict=True)),
            "crsWkt" if "[" in self.crs else "crsCode": self.crs,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PixelGrid:
        """The grid from its JSON.

        Raises:
            InvalidArgument: A part is missing, or both crsCode and crsWkt are set.
        """
        names = [name for name in ("crsCode", "crsWkt") if fields.json_object("grid", data).get(name)]
        if len(names) != 1:
            raise InvalidArgument(
                "grid", {name: data[name] for name in names}, "Exactly one of crsCode and crsWkt must be set."
            )
        size, affine = data.get("dimensions", {}), data.get("affineTransform", {})
        # Zero is what a number means that JSON leaves out.
        return cls(
            data[names[0]],
            tuple(affine.get(term, 0) for term in _TERMS),
            (size.get("width", 0), size.get("height", 0)),
        )


def _count(extent: float, scale: float) -> int:
    # A hair more than a whole number of pixels is rounding, not a further pixel.
    return max(1, math.ceil(extent / scale - 1e-6))
