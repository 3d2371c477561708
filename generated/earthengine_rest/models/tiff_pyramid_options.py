from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.resampling_method import ResamplingMethod, check_resampling_method
from ..types import UNSET, Unset

T = TypeVar("T", bound="TiffPyramidOptions")


@_attrs_define
class TiffPyramidOptions:
    """How to write a GeoTIFF's overviews. Known from the official clients only. Reference: none.

    Attributes:
        resampling_method (ResamplingMethod | Unset): How pixels of an overview are made from those below. Known from
            the official clients only. Reference: none.
    """

    resampling_method: ResamplingMethod | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        resampling_method: str | Unset = UNSET
        if not isinstance(self.resampling_method, Unset):
            resampling_method = self.resampling_method

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if resampling_method is not UNSET:
            field_dict["resamplingMethod"] = resampling_method

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _resampling_method = d.pop("resamplingMethod", UNSET)
        resampling_method: ResamplingMethod | Unset
        if isinstance(_resampling_method, Unset):
            resampling_method = UNSET
        else:
            resampling_method = check_resampling_method(_resampling_method)

        tiff_pyramid_options = cls(
            resampling_method=resampling_method,
        )

        tiff_pyramid_options.additional_properties = d
        return tiff_pyramid_options

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
