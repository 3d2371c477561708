"""The reducers that the service has."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from earthengine_emulator.errors import ExportError
from earthengine_emulator.pixeltypes import BOOLEAN, LONG, PixelType, replace_dimensions
from earthengine_emulator.reducing import (
    Masked,
    Reducer,
    Weights,
    by_place,
    doubles,
    same,
    simple,
    valid,
)


def _weight(part: Masked, weights: Weights) -> Weights:
    return np.where(valid(part), weights, 0)


def _data(part: Masked, fill: float = 0) -> Any:
    return np.where(valid(part), part.data, fill)


def _masked(data: Any, present: Any) -> Masked:
    return np.ma.MaskedArray(np.where(present, data, 0), ~present)


def _sum(part: Masked, weights: Weights) -> Masked:
    w = _weight(part, weights)
    return _masked((_data(part) * w).sum(0), (w > 0).any(0))


def _mean(part: Masked, weights: Weights) -> Masked:
    w = _weight(part, weights)
    total = w.sum(0)
    return _masked((_data(part) * w).sum(0) / np.where(total, total, 1), total > 0)


def _moment(order: int, *, sample: bool = False, root: bool = False) -> Callable[[Masked, Weights], Masked]:
    def compute(part: Masked, weights: Weights) -> Masked:
        w, mean = _weight(part, weights), _mean(part, weights)
        total = w.sum(0)
        centred = _data(part) - mean.filled(0)
        variance = (w * centred**2).sum(0) / np.where(total, total, 1)
        present = total > (1 if sample else 0)
        if sample:
            variance = variance * total / np.where(total > 1, total - 1, 1)
        if order == 2:
            return _masked(np.sqrt(variance) if root else variance, present)
        power = (w * centred**order).sum(0) / np.where(total, total, 1)
        return _masked(power / variance ** (order / 2) - (3 if order == 4 else 0), present & (variance > 0))

    return compute


def _extreme(pick: Any, fill: float) -> Callable[[Masked, Weights], Masked]:
    def compute(part: Masked, weights: Weights) -> Masked:
        present = valid(part) & (weights > 0)
        whole = part.dtype.kind in "iu"
        limits = np.iinfo(part.dtype) if whole else None
        filler = (limits.max if fill > 0 else limits.min) if limits else fill
        return _masked(pick(np.where(present, part.data, filler), axis=0), present.any(0))

    return compute


minimum, maximum = _extreme(np.min, np.inf), _extreme(np.max, -np.inf)


def extreme(name: str, inputs: int) -> Reducer:
    """The least or greatest value of the first input, and the values of the others beside it."""
    if inputs == 1:
        return simple(name, minimum if name == "min" else maximum, same)

    def compute(parts: Sequence[Masked], weights: Weights) -> Sequence[Masked]:
        present = np.logical_and.reduce([valid(part) for part in parts]) & (weights > 0)
        sign = 1 if name == "min" else -1
        keys = np.where(present, sign * parts[0].data.astype(float), np.inf)
        at = keys.argmin(0)[None]
        return [_masked(np.take_along_axis(part.data, at, 0)[0], present.any(0)) for part in parts]

    names = (name, *(f"{name}{number}" for number in range(1, inputs)))
    return Reducer(names, compute, inputs, same)


def _nth(*, last: bool) -> Callable[[Masked, Weights], Masked]:
    def compute(part: Masked, weights: Weights) -> Masked:
        present = valid(part) & (weights > 0)
        ordered = present[::-1] if last else present
        at = ordered.argmax(0)
        at = len(part) - 1 - at if last else at
        return _masked(np.take_along_axis(part.data, at[None], 0)[0], present.any(0))

    return compute


def _count(part: Masked, weights: Weights) -> Masked:
    return np.ma.MaskedArray((valid(part) & (weights > 0)).sum(0).astype(np.int64))


def percentiles(wanted: Sequence[float], names: Sequence[str] | None = None) -> Reducer:
    """Percentiles of the values, interpolated between neighbours."""

    def compute(parts: Sequence[Masked], weights: Weights) -> Sequence[Masked]:
        part = parts[0]
        present = valid(part) & (weights > 0)
        # Masked values go last. Integers are sorted as such, which is several times as fast.
        filler = np.iinfo(part.dtype).max if part.dtype.kind in "iu" else np.inf
        ordered = np.sort(
            np.where(present, part.data, filler).astype(part.dtype, copy=False).T.copy(), axis=1
        ).T
        count = present.sum(0)
        found = []
        for percent in wanted:
            at = np.maximum(count - 1, 0) * (percent / 100)
            below = np.floor(at).astype(np.int64)
            above = np.minimum(below + 1, np.maximum(count - 1, 0))
            low, high = (np.take_along_axis(ordered, n[None], 0)[0].astype(float) for n in (below, above))
            part_of_step = at - below
            found.append(
                _masked(np.where(part_of_step > 0, low + (high - low) * part_of_step, low), count > 0)
            )
        return found

    given = tuple(names or (f"p{percent:g}".replace(".", "_") for percent in wanted))
    if len(given) != len(wanted):
        raise ExportError(f"Reducer.percentile: {len(given)} names for {len(wanted)} percentiles.")
    return Reducer(given, compute, 1, doubles(len(wanted)))


def _mode(part: Masked, weights: Weights) -> Masked:
    """The value of most weight; of several the least."""
    w = _weight(part, weights)
    order = np.argsort(np.where(w > 0, part.data.astype(np.float64), np.inf), axis=0, kind="stable")
    values, w = np.take_along_axis(part.data, order, 0), np.take_along_axis(w, order, 0)
    best, at = np.zeros(part.shape[1]), np.zeros(part.shape[1], np.int64)
    run = np.zeros(part.shape[1])
    for row in range(len(values)):
        new = row == 0 or values[row] != values[row - 1]
        run = np.where(new, 0, run) + w[row]
        better = run > best + 1e-12
        best, at = np.where(better, run, best), np.where(better, row, at)
    return _masked(np.take_along_axis(values, at[None], 0)[0], best > 0)


def _product(part: Masked, weights: Weights) -> Masked:
    present = valid(part) & (weights > 0)
    return _masked(np.where(present, part.data, 1).astype(float).prod(0), present.any(0))


def _logical(every: bool) -> Callable[[Masked, Weights], Masked]:
    def compute(part: Masked, weights: Weights) -> Masked:
        present = valid(part) & (weights > 0)
        found = (~present | (part.data != 0)).all(0) if every else (present & (part.data != 0)).any(0)
        return _masked(found.astype(np.uint8), present.any(0))

    return compute


def _bits(operator: Any, neutral: int) -> Callable[[Masked, Weights], Masked]:
    def compute(part: Masked, weights: Weights) -> Masked:
        present = valid(part) & (weights > 0)
        return _masked(
            operator.reduce(np.where(present, part.data.astype(np.int64), neutral)), present.any(0)
        )

    return compute


def _circular(kind: str) -> Callable[[Masked, Weights], Masked]:
    def compute(part: Masked, weights: Weights) -> Masked:
        present = valid(part) & (weights > 0)
        turned = np.where(present, np.exp(1j * part.data.astype(float)), 0).sum(0) / np.maximum(
            present.sum(0), 1
        )
        length = np.abs(turned)
        found = {"Mean": np.angle(turned), "Variance": 1 - length, "Stddev": np.sqrt(-2 * np.log(length))}
        return _masked(found[kind], present.any(0))

    return compute


def _whole(_: Sequence[PixelType]) -> Sequence[PixelType]:
    return [LONG]


def _flag(_: Sequence[PixelType]) -> Sequence[PixelType]:
    return [BOOLEAN]


def _distinct(values: Any, *, missing: bool) -> int:
    known = {value for value in values if value is not None}
    return len(known) + (missing and any(value is None for value in values))


def _runs(values: Any, _: Weights) -> Sequence[Any]:
    return [sum(1 for at, value in enumerate(values) if at == 0 or value != values[at - 1])]


def lists(size: int | None, optional: int) -> Reducer:
    """The values as a list, or tuples of several inputs as lists in it."""
    count = size or 1

    def compute(*given: Any) -> Sequence[Any]:
        *inputs, _ = given
        if size is None:
            return [[value for value in inputs[0] if value is not None]]
        needed = count - optional
        rows = [list(values) for values in zip(*inputs, strict=True)]
        return [[values for values in rows if None not in values[:needed]]]

    def types(given: Sequence[PixelType]) -> Sequence[PixelType]:
        return [replace_dimensions(given[0], 2 if size else 1)]

    return by_place(("list",), compute, count, types, every=True)


SIMPLE: dict[str, tuple[str, Callable[[], Reducer]]] = {
    "sum": (
        "The sum of the values, each times its weight.",
        lambda: simple("sum", _sum, weighted=True, empty=0),
    ),
    "mean": ("The mean of the values by weight.", lambda: simple("mean", _mean, weighted=True)),
    "count": ("How many values there are.", lambda: simple("count", _count, _whole, empty=0)),
    "countEvery": (
        "How many values there are, masked ones too.",
        lambda: simple("count", lambda part, _: np.ma.MaskedArray(np.full(part.shape[1], len(part))), _whole),
    ),
    "product": ("The product of the values.", lambda: simple("product", _product)),
    "minMax": (
        "The least and the greatest value.",
        lambda: Reducer(
            ("min", "max"),
            lambda parts, weights: [minimum(parts[0], weights), maximum(parts[0], weights)],
            1,
            lambda types: [*types, *types],
        ),
    ),
    "first": ("The first value.", lambda: simple("first", _nth(last=False), same)),
    "firstNonNull": ("The first value that there is.", lambda: simple("first", _nth(last=False), same)),
    "last": ("The last value.", lambda: simple("last", _nth(last=True), same)),
    "lastNonNull": ("The last value that there is.", lambda: simple("last", _nth(last=True), same)),
    "stdDev": ("The standard deviation.", lambda: simple("stdDev", _moment(2, root=True), weighted=True)),
    "variance": ("The variance.", lambda: simple("variance", _moment(2), weighted=True)),
    "sampleStdDev": (
        "The standard deviation of a sample.",
        lambda: simple("sampleStdDev", _moment(2, sample=True, root=True), weighted=True),
    ),
    "sampleVariance": (
        "The variance of a sample.",
        lambda: simple("sampleVariance", _moment(2, sample=True), weighted=True),
    ),
    "skew": ("The skewness.", lambda: simple("skew", _moment(3), weighted=True)),
    "kurtosis": ("The excess kurtosis.", lambda: simple("kurtosis", _moment(4), weighted=True)),
    "allNonZero": ("1 where all values are not 0.", lambda: simple("all", _logical(True), _flag)),
    "anyNonZero": ("1 where any value is not 0.", lambda: simple("any", _logical(False), _flag)),
    "and": ("1 where all values are not 0.", lambda: simple("and", _logical(True), _flag)),
    "or": ("1 where any value is not 0.", lambda: simple("or", _logical(False), _flag)),
    "bitwiseAnd": (
        "The bitwise AND of the values.",
        lambda: simple("and", _bits(np.bitwise_and, -1), _whole),
    ),
    "bitwiseOr": ("The bitwise OR of the values.", lambda: simple("or", _bits(np.bitwise_or, 0), _whole)),
    "circularMean": ("The mean of angles in radians.", lambda: simple("circularMean", _circular("Mean"))),
    "circularVariance": (
        "The variance of angles in radians.",
        lambda: simple("circularVariance", _circular("Variance")),
    ),
    "circularStddev": (
        "The standard deviation of angles in radians.",
        lambda: simple("circularStddev", _circular("Stddev")),
    ),
    "countDistinct": (
        "How many different values there are, masked as one of them.",
        lambda: by_place(("count",), lambda v, _: [_distinct(v, missing=True)], 1, _whole, every=True),
    ),
    "countDistinctNonNull": (
        "How many different values there are.",
        lambda: by_place(("count",), lambda v, _: [_distinct(v, missing=False)], 1, _whole, every=True),
    ),
    "countRuns": (
        "How many runs of equal values there are.",
        lambda: by_place(("count",), _runs, 1, _whole),
    ),
}


def mode() -> Reducer:
    """The most frequent value; of several the least."""
    return simple("mode", _mode, same, weighted=True)


def median() -> Reducer:
    """The middle value, or the mean of the two in the middle."""
    return percentiles([50], ["median"])


def interval_mean(low: float, high: float) -> Reducer:
    """The mean of the values between two percentiles."""

    def compute(values: Any, _: Weights) -> Sequence[Any]:
        if not len(values):
            return [None]
        least, most = np.percentile(values, [low, high])
        return [float(values[(values >= least) & (values <= most)].mean())]

    return by_place(("mean",), compute)
