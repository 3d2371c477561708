"""The reducers that fit lines, correlate and count into buckets."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from earthengine_emulator.pixeltypes import DOUBLE, replace_dimensions
from earthengine_emulator.reducing import Masked, Reducer, Weights, by_place, doubles, valid
from earthengine_emulator.values import Collection, Feature

ARRAY, TABLE = replace_dimensions(DOUBLE, 1), replace_dimensions(DOUBLE, 2)


def linear_fit() -> Reducer:
    """The line y = scale * x + offset of least squares through points."""

    def compute(parts: Sequence[Masked], weights: Weights) -> Sequence[Masked]:
        x, y = parts
        w = np.where(valid(x) & valid(y), weights, 0)
        total = w.sum(0)
        present = total > 0
        safe = np.where(present, total, 1)
        x_mean, y_mean = ((np.where(w > 0, part.data, 0) * w).sum(0) / safe for part in parts)
        dx, dy = (np.where(w > 0, p.data - mean, 0) for p, mean in ((x, x_mean), (y, y_mean)))
        spread = (w * dx * dx).sum(0)
        scale = np.where(spread > 0, (w * dx * dy).sum(0) / np.where(spread > 0, spread, 1), 0)
        offset = y_mean - scale * x_mean
        return [np.ma.MaskedArray(scale, ~present), np.ma.MaskedArray(offset, ~present)]

    return Reducer(("scale", "offset"), compute, 2, doubles(2), weighted=True)


def regression(count_x: int, count_y: int, ridge: float = 0) -> Reducer:
    """Coefficients of y by x of least squares, count_x by count_y, and the residuals' roots of mean squares.

    Args:
        count_x: How many of the inputs are x, first.
        count_y: How many are y.
        ridge: The penalty of a ridge regression, in which a constant is fitted beside.
    """

    def compute(*given: Any) -> Sequence[Any]:
        *columns, weights = given
        x = np.array(columns[:count_x], float).reshape(count_x, -1).T
        y = np.array(columns[count_x:], float).reshape(count_y, -1).T
        if len(x) < count_x:
            return [None, None]
        root = np.sqrt(weights)[:, None]
        if ridge:
            x = np.column_stack([np.ones(len(x)), x])
            penalty = np.diag([0.0, *[ridge] * count_x])
            found = np.linalg.solve(x.T @ (root**2 * x) + penalty, x.T @ (root**2 * y))
        else:
            found = np.linalg.lstsq(root * x, root * y, rcond=None)[0]
        residuals = np.sqrt((weights[:, None] * (y - x @ found) ** 2).sum(0) / weights.sum())
        return [found, residuals]

    return by_place(
        ("coefficients", "residuals"), compute, count_x + count_y, lambda _: [TABLE, ARRAY], weighted=True
    )


def robust_regression(count_x: int, count_y: int, beta: float | None) -> Reducer:
    """Coefficients of least squares without outliers, and the residuals' roots of mean squares.

    Args:
        count_x: How many of the inputs are x, first.
        count_y: How many are y.
        beta: The root mean square of a point's residuals from which on it is an outlier; by default 2.795
            times what the median says that their spread is, as is usual for Talwar's cost function.
    """

    def compute(*given: Any) -> Sequence[Any]:
        *columns, _ = given
        x = np.array(columns[:count_x], float).reshape(count_x, -1).T
        y = np.array(columns[count_x:], float).reshape(count_y, -1).T
        kept, found = np.ones(len(x), bool), np.zeros((count_x, count_y))
        for _ in range(50):
            if kept.sum() < count_x:
                return [None, None]
            found = np.linalg.lstsq(x[kept], y[kept], rcond=None)[0]
            far = np.sqrt(((y - x @ found) ** 2).mean(1))
            near = far <= (2.795 * float(np.median(far)) / 0.6745 if beta is None else beta) + 1e-12
            if (near == kept).all():
                break
            kept = near
        return [found, np.sqrt(((y - x @ found)[kept] ** 2).mean(0))]

    return by_place(("coefficients", "residuals"), compute, count_x + count_y, lambda _: [TABLE, ARRAY])


def geometric_median(count: int, eta: float) -> Reducer:
    """The point whose distances to all points of so many coordinates add up to the least, by Weiszfeld."""

    def compute(*given: Any) -> Sequence[Any]:
        *columns, _ = given
        points = np.array(columns, float).reshape(count, -1).T
        if not len(points):
            return [None] * count
        middle = points.mean(0)
        for _ in range(1000):
            near = 1 / np.maximum(np.linalg.norm(points - middle, axis=1), 1e-12)
            last, middle = middle, (points * near[:, None]).sum(0) / near.sum()
            if np.linalg.norm(middle - last) < eta * 1e-3:
                break
        return [float(part) for part in middle]

    names = ("median",) if count == 1 else tuple(f"median_{n}" if n else "median" for n in range(count))
    return by_place(names, compute, count)


def sens_slope() -> Reducer:
    """The median of the slopes between all points, and the median offset."""

    def compute(x: Any, y: Any, _: Weights) -> Sequence[Any]:
        first, second = np.triu_indices(len(x), 1)
        dx = x[second].astype(float) - x[first]
        kept = dx != 0
        if not kept.any():
            return [None, None]
        slope = float(np.median((y[second].astype(float) - y[first])[kept] / dx[kept]))
        return [slope, float(np.median(y - slope * x))]

    return by_place(("slope", "offset"), compute, 2)


def correlation(kind: str, inputs: int = 2) -> Reducer:
    """A correlation coefficient and its p-value; of one input with its order."""

    def compute(*given: Any) -> Sequence[Any]:
        import scipy

        *columns, _ = given
        x, y = columns if len(columns) == 2 else (np.arange(len(columns[0])), columns[0])
        if len(x) < 2:
            return [None, None]
        test = {"pearson": "pearsonr", "spearman": "spearmanr", "kendall": "kendalltau"}[kind]
        found, chance = getattr(scipy.stats, test)(x, y)
        return [None if np.isnan(found) else float(found), None if np.isnan(chance) else float(chance)]

    return by_place(("tau" if kind == "kendall" else "correlation", "p-value"), compute, inputs)


def covariance(inputs: int, *, sample: bool) -> Reducer:
    """The matrix of covariances of lists of values; each value is a list of so many numbers."""

    def compute(values: Any, _: Weights) -> Sequence[Any]:
        rows = np.array([np.ravel(np.asarray(value)) for value in values], float)
        return [np.atleast_2d(np.cov(rows.T, bias=not sample)) if len(rows) > 1 else None]

    return by_place(("array",), compute, inputs, lambda _: [TABLE])


def frequencies() -> Reducer:
    """How much weight each value has, by its text."""

    def compute(values: Any, weights: Weights) -> Sequence[Any]:
        found: dict[str, float] = {}
        for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
            text = f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)
            found[text] = found.get(text, 0) + weight
        return [dict(sorted(found.items(), key=lambda item: _number(item[0])))]

    return by_place(("histogram",), compute, weighted=True)


def _number(text: str) -> tuple[float, str]:
    try:
        return float(text), text
    except ValueError:
        return np.inf, text


def fixed_histogram(low: float, high: float, steps: int, *, cumulative: bool) -> Reducer:
    """How much weight falls into each of some buckets of one width: rows of the lower edge and the weight."""

    def compute(values: Any, weights: Weights) -> Sequence[Any]:
        counts, edges = np.histogram(values, steps, (low, high), weights=weights)
        return [np.column_stack([edges[:-1], counts.cumsum() if cumulative else counts])]

    return by_place(("histogram",), compute, 1, lambda _: [TABLE], weighted=True)


def fixed_histogram_2d(x: tuple[float, float, int], y: tuple[float, float, int]) -> Reducer:
    """How many points fall into each of some cells; and the lower edges of columns and rows.

    Args:
        x: The least and the greatest value of the first input, and how many buckets there are.
        y: Those of the second.
    """

    def compute(first: Any, second: Any, _: Weights) -> Sequence[Any]:
        kept = (first >= x[0]) & (first < x[1]) & (second >= y[0]) & (second < y[1])
        limits = ((x[0], x[1]), (y[0], y[1]))
        counts, left, low = np.histogram2d(first[kept], second[kept], (x[2], y[2]), limits)
        return [counts, left[:-1], low[:-1]]

    return by_place(("histogram", "xAxis", "yAxis"), compute, 2, lambda _: [TABLE, ARRAY, ARRAY])


def histogram(
    most: int | None, narrowest: float | None, *, table: bool = False, cumulative: bool = False
) -> Reducer:
    """How much weight falls into each of some buckets, whose width is the least power of 2 that is enough."""

    def compute(values: Any, weights: Weights) -> Sequence[Any]:
        if not len(values):
            return [None]
        limit, spread = most or 256, float(np.max(values) - np.min(values))
        width = 2.0 ** np.ceil(np.log2(max(spread, 1e-9) / limit)) if spread else 1.0
        width = max(width, narrowest or 0, 1.0 if values.dtype.kind in "iu" else 0)
        start = np.floor(np.min(values) / width) * width
        at = np.floor((values - start) / width).astype(int)
        counts = np.bincount(at, weights)
        sums = np.bincount(at, weights * values)
        means = np.where(
            counts > 0, sums / np.where(counts > 0, counts, 1), start + (np.arange(len(counts)) + 0.5) * width
        )
        if table:
            return [
                np.column_stack(
                    [start + np.arange(len(counts)) * width, counts.cumsum() if cumulative else counts]
                )
            ]
        return [_buckets(start, width, means, counts)]

    return by_place(("histogram",), compute, 1, lambda _: [TABLE], weighted=True)


def _buckets(start: float, width: float, means: Any, counts: Any) -> Mapping[str, Any]:
    return {
        "bucketMeans": means.tolist(),
        "bucketMin": start,
        "bucketWidth": width,
        "histogram": counts.tolist(),
    }


def features(names: Sequence[str], optional: int) -> Reducer:
    """The values as a collection of features without a geometry, one for each tuple of inputs."""

    def compute(*given: Any) -> Sequence[Any]:
        *columns, _ = given
        needed = len(names) - optional
        rows = [values for values in zip(*columns, strict=True) if None not in values[:needed]]
        made = [
            Feature(None, {"system:index": str(number)} | dict(zip(names, values, strict=True)), str(number))
            for number, values in enumerate(rows)
        ]
        return [Collection(made)]

    return by_place(("features",), compute, len(names), every=True)
