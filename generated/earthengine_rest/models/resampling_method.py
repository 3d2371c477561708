from typing import Literal

ResamplingMethod = Literal[
    "AVERAGE",
    "BILINEAR",
    "CUBIC",
    "CUBIC_SPLINE",
    "GAUSS",
    "LANCZOS",
    "MODE",
    "NEAREST",
    "RESAMPLING_METHOD_UNSPECIFIED",
    "RMS",
]

RESAMPLING_METHOD_VALUES: set[ResamplingMethod] = {
    "AVERAGE",
    "BILINEAR",
    "CUBIC",
    "CUBIC_SPLINE",
    "GAUSS",
    "LANCZOS",
    "MODE",
    "NEAREST",
    "RESAMPLING_METHOD_UNSPECIFIED",
    "RMS",
}


def check_resampling_method(value: str) -> ResamplingMethod:
    if value in RESAMPLING_METHOD_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RESAMPLING_METHOD_VALUES!r}")
