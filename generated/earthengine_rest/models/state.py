from typing import Literal

State = Literal["CANCELLED", "CANCELLING", "FAILED", "PENDING", "RUNNING", "STATE_UNSPECIFIED", "SUCCEEDED"]

STATE_VALUES: set[State] = {
    "CANCELLED",
    "CANCELLING",
    "FAILED",
    "PENDING",
    "RUNNING",
    "STATE_UNSPECIFIED",
    "SUCCEEDED",
}


def check_state(value: str) -> State:
    if value in STATE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {STATE_VALUES!r}")
