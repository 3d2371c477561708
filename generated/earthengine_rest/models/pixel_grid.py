from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.affine_transform import AffineTransform
    from ..models.grid_dimensions import GridDimensions


T = TypeVar("T", bound="PixelGrid")


@_attrs_define
class PixelGrid:
    """A grid of pixels: how many, where, and in which coordinate reference system. At most one of crsCode and crsWkt is
    given. Reference: PixelGrid.

        Attributes:
            dimensions (GridDimensions | Unset): A size in pixels. Reference: GridDimensions.
            affine_transform (AffineTransform | Unset): The matrix [[scaleX, shearX, translateX], [shearY, scaleY,
                translateY]] that takes (column, row, 1) to the coordinates (x, y). (0, 0) is the top left corner of the top
                left pixel, so scaleY is negative where north is up. A number that is not given is 0. Reference:
                AffineTransform.
            crs_code (str | Unset): The reference system by its code, for example `EPSG:4326`. Union crs.
            crs_wkt (str | Unset): The reference system in well-known text. Union crs.
    """

    dimensions: GridDimensions | Unset = UNSET
    affine_transform: AffineTransform | Unset = UNSET
    crs_code: str | Unset = UNSET
    crs_wkt: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        dimensions: dict[str, Any] | Unset = UNSET
        if not isinstance(self.dimensions, Unset):
            dimensions = self.dimensions.to_dict()

        affine_transform: dict[str, Any] | Unset = UNSET
        if not isinstance(self.affine_transform, Unset):
            affine_transform = self.affine_transform.to_dict()

        crs_code = self.crs_code

        crs_wkt = self.crs_wkt

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if dimensions is not UNSET:
            field_dict["dimensions"] = dimensions
        if affine_transform is not UNSET:
            field_dict["affineTransform"] = affine_transform
        if crs_code is not UNSET:
            field_dict["crsCode"] = crs_code
        if crs_wkt is not UNSET:
            field_dict["crsWkt"] = crs_wkt

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)
        _dimensions = d.pop("dimensions", UNSET)
        dimensions: GridDimensions | Unset
        if isinstance(_dimensions, Unset):
            dimensions = UNSET
        else:
            dimensions = GridDimensions.from_dict(_dimensions)

        _affine_transform = d.pop("affineTransform", UNSET)
        affine_transform: AffineTransform | Unset
        if isinstance(_affine_transform, Unset):
            affine_transform = UNSET
        else:
            affine_transform = AffineTransform.from_dict(_affine_transform)

        crs_code = d.pop("crsCode", UNSET)

        crs_wkt = d.pop("crsWkt", UNSET)

        pixel_grid = cls(
            dimensions=dimensions,
            affine_transform=affine_transform,
            crs_code=crs_code,
            crs_wkt=crs_wkt,
        )

        pixel_grid.additional_properties = d
        return pixel_grid

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties


@cache
def _import() -> None:
    from ..models.affine_transform import AffineTransform  # noqa: PLC0415
    from ..models.grid_dimensions import GridDimensions  # noqa: PLC0415

    globals().update(AffineTransform=AffineTransform, GridDimensions=GridDimensions)
