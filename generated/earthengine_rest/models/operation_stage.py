from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="OperationStage")


@_attrs_define
class OperationStage:
    """One step of a task. Each field may be absent. Reference: OperationMetadata (OperationStage).

    Attributes:
        display_name (str | Unset): The step's name, for people.
        description (str | Unset): What the step does.
        complete_work_units (float | Unset): Units of work done.
        total_work_units (float | str | Unset): Units of work in all. The service writes an int64 as text; a plain
            number is taken too.
    """

    display_name: str | Unset = UNSET
    description: str | Unset = UNSET
    complete_work_units: float | Unset = UNSET
    total_work_units: float | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        display_name = self.display_name

        description = self.description

        complete_work_units = self.complete_work_units

        total_work_units: float | str | Unset
        if isinstance(self.total_work_units, Unset):
            total_work_units = UNSET
        else:
            total_work_units = self.total_work_units

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if display_name is not UNSET:
            field_dict["displayName"] = display_name
        if description is not UNSET:
            field_dict["description"] = description
        if complete_work_units is not UNSET:
            field_dict["completeWorkUnits"] = complete_work_units
        if total_work_units is not UNSET:
            field_dict["totalWorkUnits"] = total_work_units

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        display_name = d.pop("displayName", UNSET)

        description = d.pop("description", UNSET)

        complete_work_units = d.pop("completeWorkUnits", UNSET)

        def _parse_total_work_units(data: object) -> float | str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(float | str | Unset, data)

        total_work_units = _parse_total_work_units(d.pop("totalWorkUnits", UNSET))

        operation_stage = cls(
            display_name=display_name,
            description=description,
            complete_work_units=complete_work_units,
            total_work_units=total_work_units,
        )

        operation_stage.additional_properties = d
        return operation_stage

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
