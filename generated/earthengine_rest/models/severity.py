from typing import Literal

Severity = Literal["SEVERE", "SEVERITY_UNSPECIFIED", "WARNING"]

SEVERITY_VALUES: set[Severity] = {
    "SEVERE",
    "SEVERITY_UNSPECIFIED",
    "WARNING",
}


def check_severity(value: str) -> Severity:
    if value in SEVERITY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SEVERITY_VALUES!r}")
