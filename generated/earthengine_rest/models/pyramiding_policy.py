from typing import Literal

PyramidingPolicy = Literal["MAX", "MEAN", "MEDIAN", "MIN", "MODE", "PYRAMIDING_POLICY_UNSPECIFIED", "SAMPLE"]

PYRAMIDING_POLICY_VALUES: set[PyramidingPolicy] = {
    "MAX",
    "MEAN",
    "MEDIAN",
    "MIN",
    "MODE",
    "PYRAMIDING_POLICY_UNSPECIFIED",
    "SAMPLE",
}


def check_pyramiding_policy(value: str) -> PyramidingPolicy:
    if value in PYRAMIDING_POLICY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PYRAMIDING_POLICY_VALUES!r}")
