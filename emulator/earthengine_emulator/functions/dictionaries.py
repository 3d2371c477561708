"""Dictionaries."""

import re
from typing import Any

import numpy as np

from earthengine_emulator.algebra import as_image
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import row
from earthengine_emulator.images import Image
from earthengine_emulator.layers import concatenated

Values = list[Any]
Dictionary = dict[str, Any]


def _picked(known: Dictionary, name: str, default: Any) -> Any:
    if name in known:
        return known[name]
    if default is None:
        raise ExportError(f"Dictionary.get: Dictionary does not contain key: '{name}'.")
    return default


def _matching(known: Dictionary, selectors: Values, ignore: bool) -> Dictionary:
    """The entries whose keys are given, or match a regular expression that is."""
    found: Dictionary = {}
    for selector in selectors:
        names = [selector] if selector in known else [name for name in known if re.fullmatch(selector, name)]
        if not names and not ignore:
            raise ExportError(f"Dictionary: The key {selector!r} is missing.")
        found |= {name: known[name] for name in names}
    return found


def _made(given: Any) -> Dictionary:
    if given is None:
        return {}
    if isinstance(given, list):
        if len(given) % 2 or not all(isinstance(name, str) for name in given[::2]):
            raise ExportError(
                "Dictionary: A list must have keys and values by turns, and keys must be strings."
            )
        return dict(zip(given[::2], given[1::2], strict=True))
    return dict(getattr(given, "properties", given))


def _renamed(known: Dictionary, old: Values, new: Values, overwrite: bool) -> Dictionary:
    if missing := [name for name in old if name not in known]:
        raise ExportError(f"Dictionary.rename: The keys {missing} are missing.")
    names = dict(zip(old, new, strict=True))
    taken = [name for name in new if name in known and name not in old]
    if taken and not overwrite:
        raise ExportError(f"Dictionary.rename: The keys {taken} are taken.")
    kept = {name: value for name, value in known.items() if name not in names and name not in new}
    return kept | {names[name]: known[name] for name in old}


def _listed(known: Dictionary, names: Values | None) -> Values:
    return [known[name] for name in (sorted(known) if names is None else names)]


def _image(known: Dictionary, names: Values | None) -> Image:
    bands = [as_image(known[name]).renamed([name]) for name in (sorted(known) if names is None else names)]
    return concatenated(bands)


ROWS = [
    row(
        "Dictionary(input: Object = null) -> Dictionary<Object>",
        "A dictionary from one, or from a list of keys and values.",
        _made,
    ),
    row(
        "Dictionary.combine(first: Dictionary<Object>, second: Dictionary<Object>, overwrite: Boolean = "
        "true) -> Dictionary<Object>",
        "Both dictionaries.",
        lambda a, b, overwrite: a | b if overwrite else b | a,
    ),
    row(
        "Dictionary.contains(dictionary: Dictionary<Object>, key: String) -> Boolean",
        "Whether it has a key.",
        lambda known, name: name in known,
    ),
    row(
        "Dictionary.fromLists(keys: List<String>, values: List<Object>) -> Dictionary<Object>",
        "Keys with values.",
        lambda names, values: dict(zip(names, values, strict=True)),
    ),
    row(
        "Dictionary.get(dictionary: Dictionary<Object>, key: String, defaultValue: Object = null) -> Object",
        "The value of a key, or a default.",
        _picked,
    ),
    row(
        "Dictionary.getNumber(dictionary: Dictionary<Object>, key: String) -> Number",
        "The number of a key.",
        lambda known, name: _picked(known, name, None),
    ),
    row(
        "Dictionary.getString(dictionary: Dictionary<Object>, key: String) -> String",
        "The text of a key.",
        lambda known, name: _picked(known, name, None),
    ),
    row(
        "Dictionary.getArray(dictionary: Dictionary<Object>, key: String) -> Array",
        "The array of a key.",
        lambda known, name: np.array(_picked(known, name, None)),
    ),
    row(
        "Dictionary.getGeometry(dictionary: Dictionary<Object>, key: String) -> Geometry",
        "The geometry of a key.",
        lambda known, name: _picked(known, name, None),
    ),
    row("Dictionary.keys(dictionary: Dictionary<Object>) -> List<String>", "The keys, in order.", sorted),
    row(
        "Dictionary.map(dictionary: Dictionary<Object>, baseAlgorithm: Algorithm) -> Dictionary<Object>",
        "The results of a function of each key and value.",
        lambda known, algorithm: {name: algorithm(name, value) for name, value in known.items()},
    ),
    row(
        "Dictionary.remove(dictionary: Dictionary<Object>, selectors: List<String>, ignoreMissing: "
        "Boolean = false) -> Dictionary<Object>",
        "Without some keys.",
        lambda known, names, ignore: {
            name: value for name, value in known.items() if name not in _matching(known, names, ignore)
        },
    ),
    row(
        "Dictionary.rename(dictionary: Dictionary<Object>, from: List<String>, to: List<String>, "
        "overwrite: Boolean = false) -> Dictionary<Object>",
        "With other keys for some.",
        _renamed,
    ),
    row(
        "Dictionary.select(dictionary: Dictionary<Object>, selectors: List<String>, ignoreMissing: "
        "Boolean = false) -> Dictionary<Object>",
        "Some of the keys.",
        _matching,
    ),
    row(
        "Dictionary.set(dictionary: Dictionary<Object>, key: String, value: Object) -> Dictionary<Object>",
        "With a key's value.",
        lambda known, name, value: known | {name: value},
    ),
    row("Dictionary.size(dictionary: Dictionary<Object>) -> Integer", "How many keys there are.", len),
    row(
        "Dictionary.toArray(dictionary: Dictionary<Object>, keys: List<String> = null, axis: Integer = "
        "0) -> Array",
        "The values as an array.",
        lambda known, names, axis: np.concatenate(
            [np.atleast_1d(one) for one in _listed(known, names)], axis
        ),
    ),
    row(
        "Dictionary.toImage(dictionary: Dictionary<Object>, names: List<String> = null) -> Image",
        "The values as bands.",
        _image,
    ),
    row(
        "Dictionary.values(dictionary: Dictionary<Object>, keys: List<String> = null) -> List<Object>",
        "The values, in the order of the keys or of some.",
        _listed,
    ),
]
