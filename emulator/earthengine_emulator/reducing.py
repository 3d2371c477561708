"""Reducers: from many values to few, in stacks of images, bands, neighbourhoods, regions and lists.

A reducer takes for each of its inputs a masked array of shape (k, n): k values for each of n places, with
their weights; and gives for each of its outputs a masked array of shape (n,). Where an output is a list, an
array or a dictionary, that array holds objects.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from earthengine_emulator.errors import ExportError
from earthengine_emulator.pixeltypes import DOUBLE, PixelType

Masked = np.ma.MaskedArray[Any, Any]
Weights = npt.NDArray[np.float64]
Types = Callable[[Sequence[PixelType]], Sequence[PixelType]]


def doubles(count: int) -> Types:
    """The outputs of a reducer are doubles, whatever its inputs are."""
    return lambda _: [DOUBLE] * count


one_double = doubles(1)


def same(types: Sequence[PixelType]) -> Sequence[PixelType]:
    """An output is of its input's type."""
    return types


@dataclass(frozen=True, eq=False)
class Reducer:
    """What combines values.

    Attributes:
        outputs: The names of its outputs.
        compute: Takes the inputs and the weights.
        inputs: How many inputs it has.
        types: The types of the outputs from those of the inputs.
        weighted: Whether it looks at the weights: how much of a pixel lies in a region. Others take the
            pixels whose centres do.
        empty: What it gives of no values, where that is a value.
    """

    outputs: tuple[str, ...]
    compute: Callable[[Sequence[Masked], Weights], Sequence[Masked]]
    inputs: int = 1
    types: Types = one_double
    weighted: bool = False
    empty: Any = None

    def __call__(self, inputs: Sequence[Masked], weights: Weights | None = None) -> Sequence[Masked]:
        """Combine values.

        Raises:
            ExportError: There are more or fewer inputs than it has.
        """
        if len(inputs) != self.inputs:
            raise ExportError(f"The reducer needs {self.inputs} inputs, and {len(inputs)} are given.")
        given = np.ones(inputs[0].shape) if weights is None else weights
        with np.errstate(all="ignore"):
            return self.compute(inputs, given)

    def one(self, inputs: Sequence[Masked], weights: Weights | None = None) -> dict[str, Any]:
        """Combine the values of a single place, into a dictionary of the outputs."""
        columns = [part.reshape(-1, 1) for part in inputs]
        found = self(columns, None if weights is None else weights.reshape(-1, 1))
        return {name: self.value(part) for name, part in zip(self.outputs, found, strict=True)}

    def value(self, output: Masked) -> Any:
        """The output of a single place; null where there is none."""
        if np.ma.getmaskarray(output)[0]:
            return self.empty
        found = np.ma.getdata(output)[0]
        return found.item() if isinstance(found, np.generic) else found


def valid(part: Masked) -> npt.NDArray[np.bool_]:
    """Where there is a value."""
    return ~np.ma.getmaskarray(part)


def simple(
    name: str,
    compute: Callable[[Masked, Weights], Masked],
    types: Types = one_double,
    *,
    weighted: bool = False,
    empty: Any = None,
) -> Reducer:
    """A reducer of one input and one output."""
    return Reducer((name,), lambda inputs, weights: [compute(inputs[0], weights)], 1, types, weighted, empty)


def objects(values: Sequence[Any], mask: Any = False) -> Masked:
    """An output of objects."""
    data = np.empty(len(values), object)
    for at, value in enumerate(values):
        data[at] = value
    return np.ma.MaskedArray(data, np.broadcast_to(mask, data.shape))


def by_place(
    outputs: tuple[str, ...],
    compute: Callable[..., Sequence[Any]],
    inputs: int = 1,
    types: Types | None = None,
    *,
    weighted: bool = False,
    every: bool = False,
) -> Reducer:
    """A reducer that looks at one place after the other.

    Args:
        outputs: The names of its outputs.
        compute: Takes the valid values of each input and their weights; gives the outputs, null for none.
        inputs: How many inputs it has.
        types: The types of the outputs; doubles by default.
        weighted: Whether it looks at the weights.
        every: Whether values are given as lists in which those that are masked are null.
    """

    def run(parts: Sequence[Masked], weights: Weights) -> Sequence[Masked]:
        rows = []
        present = np.logical_and.reduce([valid(part) for part in parts]) & (weights > 0)
        for place in range(parts[0].shape[1]):
            if every:
                values = [part[:, place].tolist() for part in parts]
                rows.append(compute(*values, weights[:, place]))
                continue
            kept = present[:, place]
            rows.append(compute(*(part.data[kept, place] for part in parts), weights[kept, place]))
        columns = list(zip(*rows, strict=True)) or [()] * len(outputs)
        return [objects(column, [value is None for value in column]) for column in columns]

    return Reducer(outputs, run, inputs, types or doubles(len(outputs)), weighted)


# --- reducers made of reducers ---


def combine(first: Reducer, second: Reducer, prefix: str, *, shared: bool) -> Reducer:
    """Both reducers beside each other, of the same inputs or of more of them."""
    if shared and first.inputs != second.inputs:
        raise ExportError("Reducer.combine: Reducers that share inputs must have as many.")
    at = 0 if shared else first.inputs

    def compute(inputs: Sequence[Masked], weights: Weights) -> Sequence[Masked]:
        ones = np.ones_like(weights)
        return [
            *first.compute(inputs[: first.inputs], weights if first.weighted else _whole(weights, ones)),
            *second.compute(
                inputs[at : at + second.inputs], weights if second.weighted else _whole(weights, ones)
            ),
        ]

    outputs = list(first.outputs)
    for name in second.outputs:
        outputs.append(_free(f"{prefix}{name}", outputs))
    return Reducer(
        tuple(outputs),
        compute,
        first.inputs if shared else first.inputs + second.inputs,
        lambda types: [*first.types(types[: first.inputs]), *second.types(types[at : at + second.inputs])],
        first.weighted or second.weighted,
    )


def _whole(weights: Weights, ones: Weights) -> Weights:
    """Pixels whose centres lie in a region count; about half of such a pixel does."""
    return np.where(weights >= 0.5, ones, 0)


def _free(name: str, taken: Sequence[str]) -> str:
    number, found = 0, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def repeat(reducer: Reducer, count: int) -> Reducer:
    """So many copies side by side, whose outputs are lists."""

    def compute(inputs: Sequence[Masked], weights: Weights) -> Sequence[Masked]:
        size = reducer.inputs
        runs = [reducer.compute(inputs[n * size : (n + 1) * size], weights) for n in range(count)]
        outputs = []
        for parts in zip(*runs, strict=True):
            places = range(parts[0].shape[0])
            outputs.append(objects([[reducer.value(part[n : n + 1]) for part in parts] for n in places]))
        return outputs

    def types(given: Sequence[PixelType]) -> Sequence[PixelType]:
        return [
            replace(kind, dimensions=kind.dimensions + 1) for kind in reducer.types(given[: reducer.inputs])
        ]

    return Reducer(reducer.outputs, compute, reducer.inputs * count, types, reducer.weighted)


def for_each(reducer: Reducer, names: Sequence[str]) -> Reducer:
    """A copy for each name, whose outputs are called by it."""
    several = len(reducer.outputs) > 1

    def compute(inputs: Sequence[Masked], weights: Weights) -> Sequence[Masked]:
        size = reducer.inputs
        return [
            part
            for n in range(len(names))
            for part in reducer.compute(inputs[n * size : (n + 1) * size], weights)
        ]

    outputs = tuple(f"{name}_{one}" if several else name for name in names for one in reducer.outputs)

    def types(given: Sequence[PixelType]) -> Sequence[PixelType]:
        size = reducer.inputs
        return [kind for n in range(len(names)) for kind in reducer.types(given[n * size : (n + 1) * size])]

    return Reducer(outputs, compute, reducer.inputs * len(names), types, reducer.weighted)


def group(reducer: Reducer, field: int, name: str) -> Reducer:
    """The reducer for each value of one more input."""

    def compute(inputs: Sequence[Masked], weights: Weights) -> Sequence[Masked]:
        keys = inputs[field]
        others = [part for number, part in enumerate(inputs) if number != field]
        places = []
        for place in range(keys.shape[1]):
            known = valid(keys)[:, place] & (weights[:, place] > 0)
            groups = []
            for key in np.unique(np.ma.getdata(keys)[known, place]):
                kept = known & (np.ma.getdata(keys)[:, place] == key)
                found = reducer.one([part[kept, place] for part in others], weights[kept, place])
                groups.append({name: key.item() if isinstance(key, np.generic) else key} | found)
            places.append(groups)
        return [objects(places)]

    return Reducer(("groups",), compute, reducer.inputs + 1, doubles(1), reducer.weighted)


def named(reducer: Reducer, names: Sequence[str]) -> Reducer:
    """The reducer with its outputs called otherwise.

    Raises:
        ExportError: There are not as many names.
    """
    if len(names) != len(reducer.outputs):
        raise ExportError(
            f"The reducer has {len(reducer.outputs)} outputs, and {len(names)} names are given."
        )
    return replace(reducer, outputs=tuple(names))


def keys_of(reducer: Reducer, names: Sequence[str], *, always: bool = False) -> list[str]:
    """What the outputs are called of a reducer that is applied to bands of these names.

    Args:
        reducer: The reducer.
        names: The bands.
        always: Whether a band's only output has its name after the band's too.
    """
    if reducer.inputs != 1:
        return list(reducer.outputs)
    if len(reducer.outputs) == 1 and not always:
        return list(names)
    return [f"{name}_{output}" for name in names for output in reducer.outputs]


def applied(reducer: Reducer, bands: Sequence[Masked], weights: Weights | None = None) -> list[Masked]:
    """A reducer of one input applied to each band, or of as many inputs to all of them."""
    if reducer.inputs == 1:
        return [part for band in bands for part in reducer([band], weights)]
    return list(reducer(bands, weights))


def types_of(reducer: Reducer, types: Sequence[PixelType]) -> list[PixelType]:
    """The types of what `applied` gives."""
    if reducer.inputs == 1:
        return [kind for one in types for kind in reducer.types([one])]
    return list(reducer.types(types))


def dictionary(
    reducer: Reducer, names: Sequence[str], bands: Sequence[Masked], weights: Weights
) -> dict[str, Any]:
    """The outputs at a single place, by name."""
    columns = [band.reshape(-1, 1) for band in bands]
    found = applied(reducer, columns, weights.reshape(-1, 1))
    return {key: reducer.value(part) for key, part in zip(keys_of(reducer, names), found, strict=True)}
