from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.pyramiding_policy import PyramidingPolicy, check_pyramiding_policy
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.earth_engine_destination import EarthEngineDestination
    from ..models.image_asset_export_options_pyramiding_policy_overrides import (
        ImageAssetExportOptionsPyramidingPolicyOverrides,
    )


T = TypeVar("T", bound="ImageAssetExportOptions")


@_attrs_define
class ImageAssetExportOptions:
    """How to write the image as an Earth Engine asset, and where. The union destination has one member today. Reference:
    Method projects.image.export (ImageAssetExportOptions).

        Attributes:
            earth_engine_destination (EarthEngineDestination): An asset to write. Reference: EarthEngineDestination.
            pyramiding_policy (PyramidingPolicy | Unset): How a pixel of a lower resolution is made from the four below it.
                Reference: PyramidingPolicy.
            pyramiding_policy_overrides (ImageAssetExportOptionsPyramidingPolicyOverrides | Unset): How lower resolutions
                are made, by band.
            tile_size (int | Unset): The side of the asset's tiles, in pixels.
    """

    earth_engine_destination: EarthEngineDestination
    pyramiding_policy: PyramidingPolicy | Unset = UNSET
    pyramiding_policy_overrides: ImageAssetExportOptionsPyramidingPolicyOverrides | Unset = UNSET
    tile_size: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        earth_engine_destination = self.earth_engine_destination.to_dict()

        pyramiding_policy: str | Unset = UNSET
        if not isinstance(self.pyramiding_policy, Unset):
            pyramiding_policy = self.pyramiding_policy

        pyramiding_policy_overrides: dict[str, Any] | Unset = UNSET
        if not isinstance(self.pyramiding_policy_overrides, Unset):
            pyramiding_policy_overrides = self.pyramiding_policy_overrides.to_dict()

        tile_size = self.tile_size

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "earthEngineDestination": earth_engine_destination,
            }
        )
        if pyramiding_policy is not UNSET:
            field_dict["pyramidingPolicy"] = pyramiding_policy
        if pyramiding_policy_overrides is not UNSET:
            field_dict["pyramidingPolicyOverrides"] = pyramiding_policy_overrides
        if tile_size is not UNSET:
            field_dict["tileSize"] = tile_size

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()
        from ..models.image_asset_export_options_pyramiding_policy_overrides import (
            ImageAssetExportOptionsPyramidingPolicyOverrides,  # noqa: PLC0415
        )

        d = dict(src_dict)
        earth_engine_destination = EarthEngineDestination.from_dict(d.pop("earthEngineDestination"))

        _pyramiding_policy = d.pop("pyramidingPolicy", UNSET)
        pyramiding_policy: PyramidingPolicy | Unset
        if isinstance(_pyramiding_policy, Unset):
            pyramiding_policy = UNSET
        else:
            pyramiding_policy = check_pyramiding_policy(_pyramiding_policy)

        _pyramiding_policy_overrides = d.pop("pyramidingPolicyOverrides", UNSET)
        pyramiding_policy_overrides: ImageAssetExportOptionsPyramidingPolicyOverrides | Unset
        if isinstance(_pyramiding_policy_overrides, Unset):
            pyramiding_policy_overrides = UNSET
        else:
            pyramiding_policy_overrides = ImageAssetExportOptionsPyramidingPolicyOverrides.from_dict(
                _pyramiding_policy_overrides
            )

        tile_size = d.pop("tileSize", UNSET)

        image_asset_export_options = cls(
            earth_engine_destination=earth_engine_destination,
            pyramiding_policy=pyramiding_policy,
            pyramiding_policy_overrides=pyramiding_policy_overrides,
            tile_size=tile_size,
        )

        image_asset_export_options.additional_properties = d
        return image_asset_export_options

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
    from ..models.earth_engine_destination import EarthEngineDestination  # noqa: PLC0415

    globals().update(EarthEngineDestination=EarthEngineDestination)
