"""What is known of a property over all elements of a collection."""

from collections.abc import Callable
from typing import Any

import numpy as np

from earthengine_emulator import reducers
from earthengine_emulator.elements import property_of
from earthengine_emulator.functions.collections import column, distinct, sort_key
from earthengine_emulator.functions.table import row
from earthengine_emulator.reducing import Reducer
from earthengine_emulator.values import Collection, Feature


def _values(collection: Collection, name: str) -> list[Any]:
    return [value for value in (property_of(one, name) for one in collection) if value is not None]


def _reduced(reducer: Reducer) -> Callable[[Collection, str], Any]:
    def apply(collection: Collection, name: str) -> Any:
        return next(iter(reducer.one([column(_values(collection, name))]).values()))

    return apply


def _least(pick: Any) -> Callable[[Collection, str], Any]:
    return lambda collection, name: pick(_values(collection, name), key=sort_key, default=None)


def _histogram(collection: Collection, name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in _values(collection, name):
        found[str(value)] = found.get(str(value), 0) + 1
    return dict(sorted(found.items()))


def _stats(collection: Collection, name: str) -> dict[str, Any]:
    values = np.array(_values(collection, name), float)
    found: dict[str, Any] = {
        "total_count": len(collection), "valid_count": len(values), "weight_sum": len(values),
        "weighted_sum": float(values.sum()), "sum_sq": float((values**2).sum()), "sum": float(values.sum()),
    }  # fmt: skip
    if len(values):
        found |= {
            "min": float(values.min()), "max": float(values.max()), "mean": float(values.mean()),
            "total_sd": float(values.std()), "total_var": float(values.var()),
        }  # fmt: skip
    if len(values) > 1:
        found |= {"sample_sd": float(values.std(ddof=1)), "sample_var": float(values.var(ddof=1))}
    return found


def _aggregate(name: str) -> Reducer:
    return reducers.SIMPLE[name][1]()


_OF_PROPERTY: dict[str, tuple[str, str, Callable[[Collection, str], Any]]] = {
    "array": ("List<Object>", "All values of a property.", _values),
    "first": ("<any>", "A property of the first element.", lambda c, n: property_of(c.elements[0], n)),
    "count": ("Number", "How many elements have a property.", lambda c, n: len(_values(c, n))),
    "count_distinct": (
        "Number", "How many different values a property has.",
        lambda c, n: len(distinct(Collection([Feature(None, {"v": v}) for v in _values(c, n)]), "v")),
    ),
    "min": ("<any>", "The least value of a property.", _least(min)),
    "max": ("<any>", "The greatest value of a property.", _least(max)),
    "mean": ("Number", "The mean of a property.", _reduced(_aggregate("mean"))),
    "product": ("Number", "The product of a property.", _reduced(_aggregate("product"))),
    "sum": ("Number", "The sum of a property.", _reduced(_aggregate("sum"))),
    "sample_sd": ("Number", "The standard deviation of a sample.", _reduced(_aggregate("sampleStdDev"))),
    "sample_var": ("Number", "The variance of a sample.", _reduced(_aggregate("sampleVariance"))),
    "total_sd": ("Number", "The standard deviation of a property.", _reduced(_aggregate("stdDev"))),
    "total_var": ("Number", "The variance of a property.", _reduced(_aggregate("variance"))),
    "stats": ("Dictionary<Object>", "Counts, sums, extremes and variances of a property.", _stats),
    "histogram": ("Dictionary<Object>", "How often each value of a property occurs.", _histogram),
}  # fmt: skip


ROWS = [
    row(
        f"AggregateFeatureCollection.{name}(collection: FeatureCollection, property: String) -> {returns}",
        text,
        body,
    )
    for name, (returns, text, body) in _OF_PROPERTY.items()
]
