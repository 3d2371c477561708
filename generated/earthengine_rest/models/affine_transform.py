from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AffineTransform")


@_attrs_define
class AffineTransform:
    """The matrix [[scaleX, shearX, translateX], [shearY, scaleY, translateY]] that takes (column, row, 1) to the
    coordinates (x, y). (0, 0) is the top left corner of the top left pixel, so scaleY is negative where north is up. A
    number that is not given is 0. Reference: AffineTransform.

        Attributes:
            scale_x (float | Unset): The width of a pixel.
            shear_x (float | Unset): The change of x from one row to the next.
            translate_x (float | Unset): The x of the grid's corner.
            shear_y (float | Unset): The change of y from one column to the next.
            scale_y (float | Unset): The height of a pixel, negative where north is up.
            translate_y (float | Unset): The y of the grid's corner.
    """

    scale_x: float | Unset = UNSET
    shear_x: float | Unset = UNSET
    translate_x: float | Unset = UNSET
    shear_y: float | Unset = UNSET
    scale_y: float | Unset = UNSET
    translate_y: float | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        scale_x = self.scale_x

        shear_x = self.shear_x

        translate_x = self.translate_x

        shear_y = self.shear_y

        scale_y = self.scale_y

        translate_y = self.translate_y

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if scale_x is not UNSET:
            field_dict["scaleX"] = scale_x
        if shear_x is not UNSET:
            field_dict["shearX"] = shear_x
        if translate_x is not UNSET:
            field_dict["translateX"] = translate_x
        if shear_y is not UNSET:
            field_dict["shearY"] = shear_y
        if scale_y is not UNSET:
            field_dict["scaleY"] = scale_y
        if translate_y is not UNSET:
            field_dict["translateY"] = translate_y

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        scale_x = d.pop("scaleX", UNSET)

        shear_x = d.pop("shearX", UNSET)

        translate_x = d.pop("translateX", UNSET)

        shear_y = d.pop("shearY", UNSET)

        scale_y = d.pop("scaleY", UNSET)

        translate_y = d.pop("translateY", UNSET)

        affine_transform = cls(
            scale_x=scale_x,
            shear_x=shear_x,
            translate_x=translate_x,
            shear_y=shear_y,
            scale_y=scale_y,
            translate_y=translate_y,
        )

        affine_transform.additional_properties = d
        return affine_transform

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
