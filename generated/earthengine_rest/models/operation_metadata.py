from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.state import State, check_state
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.operation_notification import OperationNotification
    from ..models.operation_stage import OperationStage


T = TypeVar("T", bound="OperationMetadata")


@_attrs_define
class OperationMetadata:
    """The task behind an operation. It also has an `@type`, which generated classes keep among their additional
    properties. Times are RFC 3339 with 0 to 9 fractional digits. Reference: OperationMetadata.

        Attributes:
            state (None | State | str | Unset): Where the task is in its life.
            description (str | Unset): The request's description.
            type_ (str | Unset): The kind of task, for example `EXPORT_IMAGE`.
            priority (int | Unset): The request's priority.
            create_time (str | Unset): When the task was made.
            update_time (str | Unset): When this metadata last changed.
            start_time (str | Unset): When the task was started. It may be in 1970 while the task is PENDING.
            end_time (str | Unset): When the task ended.
            progress (float | Unset): The part that is done, 0 to 1.
            stages (list[None | OperationStage] | None | Unset): The steps of the latest attempt.
            attempt (int | Unset): Which attempt this is; there are up to five.
            script_uri (str | Unset): The script that made the request, where there is one.
            destination_uris (list[str] | None | Unset): Where the results are. This is where outputs are read from.
            notifications (list[None | OperationNotification] | None | Unset): What the server has to say about the task.
            batch_eecu_usage_seconds (float | Unset): The compute time used so far, in Earth Engine compute unit seconds.
    """

    state: None | State | str | Unset = UNSET
    description: str | Unset = UNSET
    type_: str | Unset = UNSET
    priority: int | Unset = UNSET
    create_time: str | Unset = UNSET
    update_time: str | Unset = UNSET
    start_time: str | Unset = UNSET
    end_time: str | Unset = UNSET
    progress: float | Unset = UNSET
    stages: list[None | OperationStage] | None | Unset = UNSET
    attempt: int | Unset = UNSET
    script_uri: str | Unset = UNSET
    destination_uris: list[str] | None | Unset = UNSET
    notifications: list[None | OperationNotification] | None | Unset = UNSET
    batch_eecu_usage_seconds: float | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        _import()

        state: None | str | Unset
        if isinstance(self.state, Unset):
            state = UNSET
        elif isinstance(self.state, str):
            state = self.state
        else:
            state = self.state

        description = self.description

        type_ = self.type_

        priority = self.priority

        create_time = self.create_time

        update_time = self.update_time

        start_time = self.start_time

        end_time = self.end_time

        progress = self.progress

        stages: list[dict[str, Any] | None] | None | Unset
        if isinstance(self.stages, Unset):
            stages = UNSET
        elif isinstance(self.stages, list):
            stages = []
            for stages_type_0_item_data in self.stages:
                stages_type_0_item: dict[str, Any] | None
                if isinstance(stages_type_0_item_data, OperationStage):
                    stages_type_0_item = stages_type_0_item_data.to_dict()
                else:
                    stages_type_0_item = stages_type_0_item_data
                stages.append(stages_type_0_item)

        else:
            stages = self.stages

        attempt = self.attempt

        script_uri = self.script_uri

        destination_uris: list[str] | None | Unset
        if isinstance(self.destination_uris, Unset):
            destination_uris = UNSET
        elif isinstance(self.destination_uris, list):
            destination_uris = self.destination_uris

        else:
            destination_uris = self.destination_uris

        notifications: list[dict[str, Any] | None] | None | Unset
        if isinstance(self.notifications, Unset):
            notifications = UNSET
        elif isinstance(self.notifications, list):
            notifications = []
            for notifications_type_0_item_data in self.notifications:
                notifications_type_0_item: dict[str, Any] | None
                if isinstance(notifications_type_0_item_data, OperationNotification):
                    notifications_type_0_item = notifications_type_0_item_data.to_dict()
                else:
                    notifications_type_0_item = notifications_type_0_item_data
                notifications.append(notifications_type_0_item)

        else:
            notifications = self.notifications

        batch_eecu_usage_seconds = self.batch_eecu_usage_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if state is not UNSET:
            field_dict["state"] = state
        if description is not UNSET:
            field_dict["description"] = description
        if type_ is not UNSET:
            field_dict["type"] = type_
        if priority is not UNSET:
            field_dict["priority"] = priority
        if create_time is not UNSET:
            field_dict["createTime"] = create_time
        if update_time is not UNSET:
            field_dict["updateTime"] = update_time
        if start_time is not UNSET:
            field_dict["startTime"] = start_time
        if end_time is not UNSET:
            field_dict["endTime"] = end_time
        if progress is not UNSET:
            field_dict["progress"] = progress
        if stages is not UNSET:
            field_dict["stages"] = stages
        if attempt is not UNSET:
            field_dict["attempt"] = attempt
        if script_uri is not UNSET:
            field_dict["scriptUri"] = script_uri
        if destination_uris is not UNSET:
            field_dict["destinationUris"] = destination_uris
        if notifications is not UNSET:
            field_dict["notifications"] = notifications
        if batch_eecu_usage_seconds is not UNSET:
            field_dict["batchEecuUsageSeconds"] = batch_eecu_usage_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        _import()

        d = dict(src_dict)

        def _parse_state(data: object) -> None | State | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                state_type_0 = check_state(data)

                return state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | State | str | Unset, data)

        state = _parse_state(d.pop("state", UNSET))

        description = d.pop("description", UNSET)

        type_ = d.pop("type", UNSET)

        priority = d.pop("priority", UNSET)

        create_time = d.pop("createTime", UNSET)

        update_time = d.pop("updateTime", UNSET)

        start_time = d.pop("startTime", UNSET)

        end_time = d.pop("endTime", UNSET)

        progress = d.pop("progress", UNSET)

        def _parse_stages(data: object) -> list[None | OperationStage] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                stages_type_0 = []
                _stages_type_0 = data
                for stages_type_0_item_data in _stages_type_0:

                    def _parse_stages_type_0_item(data: object) -> None | OperationStage:
                        if data is None:
                            return data
                        try:
                            if not isinstance(data, dict):
                                raise TypeError()
                            stages_type_0_item_type_0 = OperationStage.from_dict(data)

                            return stages_type_0_item_type_0
                        except (TypeError, ValueError, AttributeError, KeyError):
                            pass
                        return cast(None | OperationStage, data)

                    stages_type_0_item = _parse_stages_type_0_item(stages_type_0_item_data)

                    stages_type_0.append(stages_type_0_item)

                return stages_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[None | OperationStage] | None | Unset, data)

        stages = _parse_stages(d.pop("stages", UNSET))

        attempt = d.pop("attempt", UNSET)

        script_uri = d.pop("scriptUri", UNSET)

        def _parse_destination_uris(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                destination_uris_type_0 = cast(list[str], data)

                return destination_uris_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        destination_uris = _parse_destination_uris(d.pop("destinationUris", UNSET))

        def _parse_notifications(data: object) -> list[None | OperationNotification] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                notifications_type_0 = []
                _notifications_type_0 = data
                for notifications_type_0_item_data in _notifications_type_0:

                    def _parse_notifications_type_0_item(data: object) -> None | OperationNotification:
                        if data is None:
                            return data
                        try:
                            if not isinstance(data, dict):
                                raise TypeError()
                            notifications_type_0_item_type_0 = OperationNotification.from_dict(data)

                            return notifications_type_0_item_type_0
                        except (TypeError, ValueError, AttributeError, KeyError):
                            pass
                        return cast(None | OperationNotification, data)

                    notifications_type_0_item = _parse_notifications_type_0_item(
                        notifications_type_0_item_data
                    )

                    notifications_type_0.append(notifications_type_0_item)

                return notifications_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[None | OperationNotification] | None | Unset, data)

        notifications = _parse_notifications(d.pop("notifications", UNSET))

        batch_eecu_usage_seconds = d.pop("batchEecuUsageSeconds", UNSET)

        operation_metadata = cls(
            state=state,
            description=description,
            type_=type_,
            priority=priority,
            create_time=create_time,
            update_time=update_time,
            start_time=start_time,
            end_time=end_time,
            progress=progress,
            stages=stages,
            attempt=attempt,
            script_uri=script_uri,
            destination_uris=destination_uris,
            notifications=notifications,
            batch_eecu_usage_seconds=batch_eecu_usage_seconds,
        )

        operation_metadata.additional_properties = d
        return operation_metadata

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
    from ..models.operation_notification import OperationNotification  # noqa: PLC0415
    from ..models.operation_stage import OperationStage  # noqa: PLC0415

    globals().update(OperationNotification=OperationNotification, OperationStage=OperationStage)
