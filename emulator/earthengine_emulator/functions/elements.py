"""Elements: their properties and places; features and their geometries."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator import elements, geometries
from earthengine_emulator.elements import geometry_of, property_of, with_properties
from earthengine_emulator.functions.table import Function, row
from earthengine_emulator.geometry import Geometry
from earthengine_emulator.images import Image
from earthengine_emulator.values import Feature, parse_date

_HIDDEN = ("system:index", "system:id")


def _feature(geometry: Geometry | None, properties: dict[str, Any], _: str | None) -> Feature:
    return Feature(geometry, {name: value for name, value in properties.items() if value is not None})


def _set_many(element: Any, properties: dict[str, Any]) -> Any:
    return with_properties(element, properties)


def _names(element: Any) -> list[str]:
    own = ["system:bands", "system:band_names"] if isinstance(element, Image) else []
    identifier = ["system:id"] if element.id is not None else []
    return sorted({*element.properties, *own, *identifier})


def _to_dictionary(element: Any, names: list[str] | None) -> dict[str, Any]:
    known = {name: value for name, value in element.properties.items() if not name.startswith("system:")}
    return known if names is None else {name: property_of(element, name) for name in names}


def _copy(target: Any, source: Any, names: list[str] | None, excluded: list[str] | None) -> Any:
    if target is None or source is None:
        return target
    wanted = names if names is not None else [one for one in source.properties if one not in _HIDDEN]
    known = {name: property_of(source, name) for name in wanted if name not in (excluded or [])}
    if names is None:
        known = {name: value for name, value in known.items() if not name.startswith("system:")}
    return with_properties(target, known)


def _select(feature: Any, names: list[str], others: list[str] | None, keep: bool) -> Any:
    import re

    found: dict[str, Any] = {}
    for at, pattern in enumerate(names):
        for name, value in feature.properties.items():
            if name == pattern or re.fullmatch(pattern, name):
                found[others[at] if others else name] = value
    index = {name: feature.properties[name] for name in _HIDDEN if name in feature.properties}
    changed = replace(feature, properties=index | found)
    return changed if keep or isinstance(feature, Image) else replace(changed, geometry=None)


def _with_geometry(change: Callable[..., Geometry]) -> Callable[..., Any]:
    def apply(feature: Any, *rest: Any) -> Feature:
        geometry = change(geometry_of(feature), *rest)
        return Feature(geometry, feature.properties, feature.id)

    return apply


def _with_both(change: Callable[..., Geometry]) -> Callable[..., Any]:
    def apply(left: Any, right: Any, *rest: Any) -> Feature:
        return Feature(change(geometry_of(left), geometry_of(right), *rest), left.properties, left.id)

    return apply


def _measured(measure: Callable[..., Any]) -> Callable[..., Any]:
    return lambda feature, *rest: measure(geometry_of(feature), *rest)


def _compared(measure: Callable[..., Any]) -> Callable[..., Any]:
    return lambda left, right, *rest: measure(geometry_of(left), geometry_of(right), *rest)


def _of_geometries() -> list[Function]:
    """`Feature.area` and its like: what there is of geometries, for features."""
    rows = []
    for name, (arguments, returns, text, body) in geometries.ONE.items():
        changed = _measured(body) if returns != "Geometry" else _with_geometry(body)
        result = "Element" if name == "dissolve" else "Feature" if returns == "Geometry" else returns
        rows.append(row(f"Feature.{name}(feature: Element{arguments}) -> {result}", text, changed))
    for name, (arguments, returns, text, body) in geometries.TWO.items():
        both = _with_both(body) if returns == "Geometry" else _compared(body)
        result = "Feature" if returns == "Geometry" else returns
        signature = f"Feature.{name}(left: Element, right: Element{arguments}) -> {result}"
        rows.append(row(signature, text, both))
    return rows


def _moved(feature: Any, projection: Any, *_: Any) -> Feature:
    return Feature(geometry_of(feature).to(projection.crs), feature.properties, feature.id)


def _array(feature: Feature, names: list[str]) -> Any:
    return np.array([property_of(feature, name) for name in names])


def _place(element: Any, *_: Any) -> Geometry:
    return geometry_of(element)


def _identifier(element: Any) -> str:
    return str(element.id if element.id is not None else element.properties.get("system:index", ""))


ROWS = [
    *_of_geometries(),
    row(
        "Feature(geometry: Geometry = null, metadata: Dictionary<Object> = {}, geometryKey: String = "
        "null) -> Feature",
        "A feature: a geometry with properties.",
        _feature,
    ),
    row(
        "Feature.setGeometry(feature: Element, geometry: Geometry = null) -> Element",
        "The feature at another place.",
        lambda feature, geometry: replace(feature, geometry=geometry),
    ),
    row(
        "Feature.select(input: Element, propertySelectors: List<String>, newProperties: List<String> = "
        "null, retainGeometry: Boolean = true) -> Element",
        "The feature with some of its properties, renamed where names are given.",
        _select,
    ),
    row(
        'Feature.transform(feature: Element, proj: Projection = {"type": "Projection", "crs": '
        '"EPSG:4326", "transform": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]}, maxError: ErrorMargin = null, '
        "geodesic: Boolean = null) -> Feature",
        "The feature with its geometry in another projection.",
        _moved,
    ),
    row(
        'ProjectionTransform(feature: Element, proj: Projection = {"type": "Projection", "crs": '
        '"EPSG:4326", "transform": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]}, maxError: ErrorMargin = null, '
        "geodesic: Boolean = null) -> Feature",
        "The feature with its geometry in another projection.",
        _moved,
    ),
    row(
        "Feature.toArray(feature: Feature, properties: List<String>) -> Array",
        "Some properties as an array.",
        _array,
    ),
    row(
        "Feature.id(element: Element) -> String",
        "The id of an element.",
        _identifier,
    ),
    row(
        "Image.id(element: Element) -> String",
        "The id of an element.",
        _identifier,
    ),
    row(
        "Element.geometry(feature: Element, maxError: ErrorMargin = null, proj: Projection = null, "
        "geodesics: Boolean = null) -> Geometry",
        "The geometry of an element; of an image its footprint.",
        _place,
    ),
    row(
        "Feature.geometry(feature: Element, maxError: ErrorMargin = null, proj: Projection = null, "
        "geodesics: Boolean = null) -> Geometry",
        "The geometry of an element; of an image its footprint.",
        _place,
    ),
    row(
        "Image.geometry(feature: Element, maxError: ErrorMargin = null, proj: Projection = null, "
        "geodesics: Boolean = null) -> Geometry",
        "The geometry of an element; of an image its footprint.",
        _place,
    ),
    row(
        "Element.propertyNames(element: Element) -> List<Object>",
        "The names of the properties.",
        _names,
    ),
    row(
        "Element.get(object: Element, property: String) -> <any>",
        "A property.",
        property_of,
    ),
    row(
        "Element.getNumber(object: Element, property: String) -> Number",
        "A property that is a number.",
        property_of,
    ),
    row(
        "Element.getString(object: Element, property: String) -> String",
        "A property that is text.",
        property_of,
    ),
    row(
        "Element.getArray(object: Element, property: String) -> Array",
        "A property that is an array.",
        lambda element, name: np.array(property_of(element, name)),
    ),
    row(
        "Element.set(object: Element, key: String, value: Object = null) -> Element",
        "The element with a property.",
        lambda element, key, value: with_properties(element, {key: value}),
    ),
    row(
        "Element.setMulti(object: Element, properties: Dictionary<Object>) -> Element",
        "The element with some properties.",
        _set_many,
    ),
    row(
        "Element.toDictionary(element: Element, properties: List<String> = null) -> Dictionary<Object>",
        "The properties, or some of them.",
        _to_dictionary,
    ),
    row(
        "Element.copyProperties(destination: Element = null, source: Element = null, properties: "
        "List<String> = null, exclude: List<String> = null) -> Element",
        "The first element with properties of the second.",
        _copy,
    ),
    row(
        "Image.copyProperties(destination: Element = null, source: Element = null, properties: "
        "List<String> = null, exclude: List<String> = null) -> Element",
        "The first element with properties of the second.",
        _copy,
    ),
    row(
        "Element.replaceProperties(destination: Element, source: Element = null) -> Element",
        "The first element with the properties of the second instead of its own.",
        lambda target, source: replace(target, properties=dict(source.properties) if source else {}),
    ),
    row(
        "Image.date(image: Image) -> Date",
        "When the image was taken.",
        lambda image: parse_date(elements.property_of(image, "system:time_start")),
    ),
]
