"""Collections of images or features: filtered, ordered, mapped, joined into one."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator import elements, relations
from earthengine_emulator.coercion import as_element
from earthengine_emulator.elements import property_of, with_properties
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.controls import equal
from earthengine_emulator.functions.filters import written
from earthengine_emulator.functions.table import row
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.images import Image
from earthengine_emulator.predicates import Filter
from earthengine_emulator.reducing import Reducer
from earthengine_emulator.values import Collection, Date, Feature


def _filter(collection: Collection, condition: Any) -> Collection:
    if isinstance(condition, str):
        condition = written(condition)
    if not isinstance(condition, Filter):
        raise ExportError(f"Collection.filter: Expected a filter, found {type(condition).__name__}.")
    return replace(collection, elements=[one for one in collection if condition(one)])


def sort_key(value: Any) -> tuple[int, Any]:
    """What values of several kinds are ordered by: nulls last, numbers before texts."""
    if isinstance(value, Date):
        value = value.millis
    if value is None:
        return 2, 0
    return (1, value) if isinstance(value, str) else (0, value)


def _limit(collection: Collection, limit: int | None, key: str | None, ascending: bool) -> Collection:
    members = list(collection)
    if key is not None:
        members.sort(key=lambda one: sort_key(property_of(one, key)), reverse=not ascending)
        # Elements without the property come last in either order.
        members.sort(key=lambda one: property_of(one, key) is None)
    return replace(collection, elements=members[:limit])


def _map(collection: Collection, algorithm: Callable[[Any], Any], drop: bool | None) -> Collection:
    mapped = []
    for number, one in enumerate(collection):
        found = algorithm(one)
        if found is None:
            if drop:
                continue
            raise ExportError("Collection.map: A mapped function's result may not be null.")
        found = as_element(found)
        if "system:index" not in found.properties:
            found = with_properties(found, {"system:index": elements.index_of(one, number)})
        mapped.append(found)
    images = all(isinstance(one, Image) for one in mapped) if mapped else collection.images
    return Collection(mapped, collection.properties, None, images)


def merge(first: Collection, second: Collection) -> Collection:
    """The elements of both, their indices told apart."""
    members = []
    for prefix, part in (("1_", first), ("2_", second)):
        for number, one in enumerate(part):
            members.append(with_properties(one, {"system:index": prefix + elements.index_of(one, number)}))
    return Collection(members, first.properties, None, first.images or second.images)


def _flatten(collection: Collection) -> Collection:
    members = []
    for outer, part in enumerate(collection):
        if not isinstance(part, Collection):
            raise ExportError("Collection.flatten: The elements of the collection are no collections.")
        for inner, one in enumerate(part):
            index = f"{elements.index_of(part, outer)}_{elements.index_of(one, inner)}"
            members.append(with_properties(one, {"system:index": index}))
    return Collection(members, images=any(isinstance(one, Image) for one in members))


def _iterate(collection: Iterable[Any], function: Callable[[Any, Any], Any], first: Any) -> Any:
    for one in collection:
        first = function(one, first)
    return first


def distinct(collection: Collection, names: Any) -> Collection:
    """The first of the elements that have the same properties."""
    wanted = names if isinstance(names, list) else [names]
    kept: list[Any] = []
    seen: list[list[Any]] = []
    for one in collection:
        values = [property_of(one, name) for name in wanted]
        if not any(equal(values, other) for other in seen):
            kept.append(one)
            seen.append(values)
    return replace(collection, elements=kept)


def _random(collection: Collection, name: str, seed: int, distribution: str, _: Any) -> Collection:
    generator = np.random.default_rng(abs(seed))
    draw = generator.normal if distribution == "normal" else generator.random
    return replace(collection, elements=[with_properties(one, {name: float(draw())}) for one in collection])


def _reduce_columns(
    collection: Collection, reducer: Reducer, names: list[str], weights: list[str] | None
) -> dict[str, Any]:
    rows = [[property_of(one, name) for name in names] for one in collection]
    given = list(collection) if weights else None
    if reducer.inputs == 1 and len(names) > 1:
        raise ExportError(
            f"Collection.reduceColumns: The reducer has 1 input, and {len(names)} are selected."
        )
    shares = np.array([property_of(one, weights[0]) for one in given], float) if given and weights else None
    return reducer.one(
        [column(values) for values in zip(*rows, strict=True)] or [column([])] * len(names), shares
    )


def column(values: Iterable[Any]) -> Any:
    """Values for a reducer: numbers as such, others as objects, nulls masked."""
    given = [value.millis if isinstance(value, Date) else value for value in values]
    mask = [value is None for value in given]
    if all(isinstance(value, int | float) for value in given if value is not None):
        return np.ma.MaskedArray(np.array([0 if value is None else value for value in given]), mask)
    data = np.empty(len(given), object)
    data[:] = given if not any(isinstance(value, list | np.ndarray) for value in given) else None
    for at, value in enumerate(given):
        data[at] = value
    return np.ma.MaskedArray(data, mask)


def _remap(collection: Collection, given: list[Any], wanted: list[int], name: str) -> Collection:
    members = []
    for one in collection:
        value = property_of(one, name)
        for old, new in zip(given, wanted, strict=True):
            if equal(old, value):
                members.append(with_properties(one, {name: new}))
                break
    return replace(collection, elements=members)


def _union(collection: Collection, _: Any) -> Collection:
    merged = elements.merged(elements.geometry_of(one) for one in collection)
    return Collection([Feature(merged, {"system:index": "union"}, "union")])


def _bounds(collection: Collection, *_: Any) -> Geometry:
    return relations.bounds(elements.geometry_of(collection))


def _from_columns(columns: list[list[Any]], names: list[str], _: Any) -> Collection:
    rows = zip(*columns, strict=True)
    members = [
        Feature(None, {"system:index": str(number)} | dict(zip(names, values, strict=True)), str(number))
        for number, values in enumerate(rows)
    ]
    return Collection(members)


def _made(members: list[Any]) -> Collection:
    found = [as_element(one) for one in members]
    return Collection(
        [
            one if "system:index" in one.properties else with_properties(one, {"system:index": str(number)})
            for number, one in enumerate(found)
        ],
        images=bool(found) and all(isinstance(one, Image) for one in found),
    )


def _arrays(collection: Collection, names: list[str], name: str) -> Collection:
    """The features whose properties of these names are all numbers, with an array of them as one more."""
    kept = []
    for one in collection:
        values = [property_of(one, given) for given in names]
        if all(isinstance(value, int | float) for value in values):
            kept.append(with_properties(one, {name: np.array(values)}))
    return replace(collection, elements=kept)


ROWS = [
    row(
        "FeatureCollection.makeArray(collection: FeatureCollection, properties: List<String>, name: String = "
        '"array") -> FeatureCollection',
        "The features that have all of some numbers, with an array of them.",
        _arrays,
    ),
    row(
        "Collection(features: List<Element>) -> FeatureCollection",
        "A collection of elements.",
        _made,
    ),
    row(
        "Collection.fromColumns(columns: List<List<Object>>, propertyNames: List<String>, propertyTypes: "
        "List<Object> = null) -> FeatureCollection",
        "Features without a geometry, from columns of values.",
        _from_columns,
    ),
    row(
        "Collection.filter(collection: FeatureCollection, filter: Object) -> FeatureCollection",
        "The elements that a filter holds for.",
        _filter,
    ),
    row(
        "Collection.limit(collection: FeatureCollection, limit: Integer = null, key: String = null, "
        "ascending: Boolean = true) -> FeatureCollection",
        "The first elements, in the order of a property where one is named.",
        _limit,
    ),
    row(
        "Collection.first(collection: FeatureCollection) -> Element",
        "The first element.",
        lambda collection: collection.elements[0] if collection.elements else None,
    ),
    row(
        "Collection.map(collection: FeatureCollection, baseAlgorithm: Algorithm, dropNulls: Boolean = "
        "false) -> FeatureCollection",
        "The results of a function for each element.",
        _map,
    ),
    row(
        "Collection.iterate(collection: FeatureCollection, function: Algorithm, first: Object = null) -> "
        "Object",
        "What a function makes of each element and its last result.",
        _iterate,
    ),
    row(
        "Collection.merge(collection1: FeatureCollection, collection2: FeatureCollection) -> "
        "FeatureCollection",
        "The elements of both collections.",
        merge,
    ),
    row(
        "ImageCollection.merge(collection1: ImageCollection, collection2: ImageCollection) -> "
        "ImageCollection",
        "The images of both collections.",
        merge,
    ),
    row(
        "Collection.flatten(collection: FeatureCollection) -> FeatureCollection",
        "The elements of a collection's collections.",
        _flatten,
    ),
    row(
        "Collection.distinct(collection: FeatureCollection, properties: Object) -> FeatureCollection",
        "The first of the elements that have the same properties.",
        distinct,
    ),
    row(
        "Collection.size(collection: FeatureCollection) -> Integer",
        "How many elements there are.",
        len,
    ),
    row(
        "Collection.toList(collection: FeatureCollection, count: Integer, offset: Integer = 0) -> "
        "List<Object>",
        "The elements as a list.",
        lambda collection, count, offset: list(collection)[offset : offset + count],
    ),
    row(
        "Collection.cache(collection: FeatureCollection) -> FeatureCollection",
        "The collection itself.",
        lambda collection: collection,
    ),
    row(
        'Collection.geometry(collection: FeatureCollection, maxError: ErrorMargin = {"type": '
        '"ErrorMargin", "unit": "meters", "value": 0.0}) -> Geometry',
        "The union of the elements' geometries.",
        lambda collection, _: elements.geometry_of(collection),
    ),
    row(
        'Collection.bounds(collection: FeatureCollection, maxError: ErrorMargin = {"type": '
        '"ErrorMargin", "unit": "meters", "value": 0.0}, proj: Projection = {"type": "Projection", '
        '"crs": "EPSG:4326", "transform": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]}) -> Geometry',
        "The box around the elements' geometries.",
        _bounds,
    ),
    row(
        "Collection.union(collection: FeatureCollection, maxError: ErrorMargin = null) -> FeatureCollection",
        "A collection of one feature, the union of all geometries.",
        _union,
    ),
    row(
        "Collection.remap(collection: FeatureCollection, lookupIn: List<Object>, lookupOut: "
        "List<Integer>, columnName: String) -> FeatureCollection",
        "The elements of which a property is one of a list, with its new value.",
        _remap,
    ),
    row(
        'Collection.randomColumn(collection: FeatureCollection, columnName: String = "random", seed: '
        'Long = 0, distribution: String = "uniform", rowKeys: List<String> = ["system:index"]) -> '
        "FeatureCollection",
        "The elements with a random number as a property.",
        _random,
    ),
    row(
        "Collection.reduceColumns(collection: FeatureCollection, reducer: Reducer, selectors: "
        "List<String>, weightSelectors: List<String> = null) -> Dictionary<Object>",
        "What a reducer makes of the elements' properties.",
        _reduce_columns,
    ),
]
