"""Images that have an array in each pixel."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from earthengine_emulator.functions import arrays
from earthengine_emulator.functions.arrays import MATRIX
from earthengine_emulator.functions.table import row
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels, constant
from earthengine_emulator.pixeltypes import DOUBLE, LONG, PixelType, replace_dimensions, union
from earthengine_emulator.reducing import Reducer
from earthengine_emulator.stacks import around, some
from earthengine_emulator.values import Collection


def _each(name: str, kind: PixelType, sources: Sequence[Band], body: Callable[..., Any]) -> Band:
    """A band of what a function makes of the values of each pixel; where it makes null, it is masked."""

    def compute(_: Grid, __: Grid, *pixels: Pixels) -> Pixels:
        mask = np.logical_or.reduce([np.ma.getmaskarray(part) for part in pixels])
        data = np.zeros(mask.shape, object if kind.dimensions else kind.dtype)
        mask = mask.copy()
        for at in zip(*np.nonzero(~mask), strict=True):
            try:
                found = body(*(np.asarray(part.data[at]) for part in pixels))
            except (np.linalg.LinAlgError, IndexError):
                found = None
            if found is None:
                mask[at] = True
            else:
                data[at] = found
        return np.ma.MaskedArray(data, mask)

    return Band(name, kind, compute, tuple(sources))


def _every(
    image: Image, body: Callable[..., Any], dimensions: Callable[[int], int], kind: PixelType | None = None
) -> Image:
    """A function of the array in each pixel of each band."""
    bands = tuple(
        _each(
            band.name, replace_dimensions(kind or band.type, dimensions(band.type.dimensions)), (band,), body
        )
        for band in image.bands
    )
    return replace(image, bands=bands)


def _both(
    first: Image,
    second: Image,
    body: Callable[..., Any],
    dimensions: Callable[[int], int],
    kind: PixelType | None = None,
) -> Image:
    bands = []
    for number, band in enumerate(first.bands):
        other = second.bands[number if len(second.bands) > 1 else 0]
        of = kind or union([band.type, other.type])
        most = max(band.type.dimensions, other.type.dimensions)
        bands.append(_each(band.name, replace_dimensions(of, dimensions(most)), (band, other), body))
    return replace(first, bands=tuple(bands))


def _same(dimensions: int) -> int:
    return dimensions


def _to_array(image: Image, axis: int) -> Image:
    """Bands of numbers, or of arrays, after each other along an axis."""
    own = max(band.type.dimensions for band in image.bands)

    def body(*values: Any) -> Any:
        if own == 0:
            return np.array(values).reshape((1,) * axis + (-1,))
        return arrays.joined(list(values), axis)

    kind = replace_dimensions(union([band.type for band in image.bands]), max(own, axis + 1))
    return replace(image, bands=(_each("array", kind, image.bands, body),))


def _collection(images: Collection) -> Image:
    """Rows of the images that are not masked, columns of their bands."""
    members = list(some(list(images)))
    width = len(members[0].bands)
    every = tuple(band for image in members for band in image.select(members[0].names).bands)
    kind = replace_dimensions(union([band.type for band in every]), 2)

    def compute(_: Grid, __: Grid, *pixels: Pixels) -> Pixels:
        values = np.stack([part.data for part in pixels]).reshape(len(members), width, *pixels[0].shape)
        masks: Any = np.stack([np.ma.getmaskarray(part) for part in pixels]).reshape(values.shape).any(1)
        data, empty = np.empty(pixels[0].shape, object), masks.all(0)
        for at in np.ndindex(data.shape):
            if not empty[at]:
                data[at] = values[(~masks[(slice(None), *at)], slice(None), *at)]
        return np.ma.MaskedArray(data, empty)

    return replace(around(members), bands=(Band("array", kind, compute, every),))


def _per_band(images: Collection, axis: int, drop: bool) -> Image:
    members = list(some(list(images)))
    bands = []
    for name in members[0].names:
        column = [image.select([name]).bands[0] for image in members]
        found = _collection(Collection([Image((band,)) for band in column])).bands[0]
        kind = replace_dimensions(found.type, axis + 1)
        shape = (1,) * axis + (-1,)

        def body(values: Any, shape: Any = shape) -> Any:
            return values.reshape(shape)

        bands.append(_each(name, kind, (found,), body))
    del drop
    return replace(around(members), bands=tuple(bands))


def _get(image: Image, position: Image) -> Image:
    def of(band: Band) -> Band:
        dimensions = band.type.dimensions
        kind = replace_dimensions(band.type, 0)
        return _each(
            band.name,
            kind,
            (band, *position.bands),
            lambda a, *at: a[tuple(int(n) for part in at for n in np.ravel(part))[:dimensions]],
        )

    return replace(image, bands=tuple(of(band) for band in image.bands))


def _flatten(image: Image, labels: list[list[str]], separator: str) -> Image:
    bands = []
    for at in product(*(range(len(axis)) for axis in labels)):
        name = separator.join(str(labels[axis][n]) for axis, n in enumerate(at))
        kind = replace_dimensions(image.bands[0].type, 0)
        bands.append(_each(name, kind, image.bands[:1], lambda a, at=at: a[at]))
    return replace(image, bands=tuple(bands))


def _slice(image: Image, axis: int, start: Image | None, end: Image | None, step: int) -> Image:
    first = start.bands[0] if start else constant(0)
    last = end.bands[0] if end else None

    def of(band: Band) -> Band:
        if last is None:
            return _each(
                band.name, band.type, (band, first), lambda a, s: arrays.sliced(a, axis, int(s), None, step)
            )
        return _each(
            band.name,
            band.type,
            (band, first, last),
            lambda a, s, e: arrays.sliced(a, axis, int(s), int(e), step),
        )

    return replace(image, bands=tuple(of(band) for band in image.bands))


def _reduce(image: Image, reducer: Reducer, axes: list[int], field: int | None) -> Image:
    kind = reducer.types([band.type for band in image.bands[:1]] * reducer.inputs)[0]
    return _every(image, lambda a: arrays.reduced(a, reducer, axes, field), _same, kind)


def _argmax(image: Image) -> Image:
    return _every(image, lambda a: np.array(arrays.greatest(a)), lambda _: 1, LONG)


def _identity(size: int) -> Image:
    from earthengine_emulator.algebra import as_image

    return as_image(np.eye(size, dtype=np.int64)).renamed(["identity"])


def _repeat(image: Image, axis: int, copies: Image) -> Image:
    return _both(image, copies, lambda a, n: arrays.repeated(a, axis, int(n)), lambda d: max(d, axis + 1))


def _multiply(first: Image, second: Image) -> Image:
    return _both(first, second, lambda a, b: a @ b, _same, DOUBLE)


def _solve(first: Image, second: Image) -> Image:
    return _both(first, second, arrays.solved, _same, DOUBLE)


def _number(_: int) -> int:
    return 0


ROWS = [
    *(
        row(
            f"Image.{name}(value: Image) -> Image",
            f"Of the matrix in each pixel: {text[0].lower()}{text[1:]}",
            lambda image, body=body, array=array: _every(image, body, _same if array else _number, DOUBLE),
        )
        for name, (text, body, array) in MATRIX.items()
    ),
    row(
        "Image.toArray(image: Image, axis: Integer = 0) -> Image",
        "The bands as an array along an axis.",
        _to_array,
    ),
    row(
        "ImageCollection.toArray(collection: ImageCollection) -> Image",
        "The images as rows and the bands as columns of a matrix.",
        _collection,
    ),
    row(
        "ImageCollection.toArrayPerBand(collection: ImageCollection, axis: Integer = 0, dropMasked: "
        "Boolean = false) -> Image",
        "The images as an array for each band.",
        _per_band,
    ),
    row(
        "Image.arrayAccum(input: Image, axis: Integer, reducer: Reducer = null) -> Image",
        "Added up along an axis, or reduced.",
        lambda image, axis, reducer: _every(image, lambda a: arrays.accumulated(a, axis, reducer), _same),
    ),
    row("Image.arrayArgmax(image: Image) -> Image", "The place of the greatest element.", _argmax),
    row(
        "Image.arrayCat(image1: Image, image2: Image, axis: Integer) -> Image",
        "Arrays after each other along an axis.",
        lambda a, b, axis: _both(a, b, lambda x, y: arrays.joined([x, y], axis), lambda d: max(d, axis + 1)),
    ),
    row(
        "Image.arrayDimensions(input: Image) -> Image",
        "How many axes there are.",
        lambda image: _every(image, lambda a: a.ndim, _number, LONG),
    ),
    row(
        "Image.arrayDotProduct(image1: Image, image2: Image) -> Image",
        "The sum of the products.",
        lambda a, b: _both(a, b, lambda x, y: np.dot(x.ravel(), y.ravel()), _number, DOUBLE),
    ),
    row(
        'Image.arrayFlatten(image: Image, coordinateLabels: List<List<String>>, separator: String = "_") '
        "-> Image",
        "An array's elements as bands, named by labels of each axis.",
        _flatten,
    ),
    row("Image.arrayGet(image: Image, position: Image) -> Image", "An element.", _get),
    row(
        "Image.arrayLength(input: Image, axis: Integer) -> Image",
        "The length of an axis.",
        lambda image, axis: _every(image, lambda a: a.shape[axis], _number, LONG),
    ),
    row(
        "Image.arrayLengths(input: Image) -> Image",
        "The lengths of the axes.",
        lambda image: _every(image, lambda a: np.array(a.shape), lambda _: 1, LONG),
    ),
    row(
        "Image.arrayMask(input: Image, mask: Image) -> Image",
        "The slices that a mask is not 0 for.",
        lambda a, mask: _both(a, mask, arrays.masked, _same, a.bands[0].type),
    ),
    row(
        "Image.arrayPad(image: Image, lengths: List<Integer>, pad: Number = 0) -> Image",
        "As long as needed along each axis.",
        lambda image, lengths, fill: _every(
            image, lambda a: arrays.padded(a, lengths, fill), lambda _: len(lengths)
        ),
    ),
    row(
        "Image.arrayProject(input: Image, axes: List<Integer>) -> Image",
        "Only some axes.",
        lambda image, axes: _every(image, lambda a: arrays.projected(a, axes), lambda _: len(axes)),
    ),
    row(
        "Image.arrayReduce(input: Image, reducer: Reducer, axes: List<Integer>, fieldAxis: Integer = "
        "null) -> Image",
        "What a reducer makes of it along some axes.",
        _reduce,
    ),
    row(
        "Image.arrayRepeat(input: Image, axis: Integer, copies: Image) -> Image",
        "So many copies along an axis.",
        _repeat,
    ),
    row(
        "Image.arrayReshape(image: Image, lengths: Image, dimensions: Integer) -> Image",
        "The same elements in other lengths.",
        lambda image, lengths, count: _both(
            image, lengths, lambda a, shape: a.reshape(shape.astype(int).tolist()), lambda _: count
        ),
    ),
    row(
        "Image.arraySlice(input: Image, axis: Integer = 0, start: Image = null, end: Image = null, step: "
        "Integer = 1) -> Image",
        "A part along an axis.",
        _slice,
    ),
    row(
        "Image.arraySort(image: Image, keys: Image = null) -> Image",
        "In order, or in that of keys.",
        lambda image, keys: _both(
            image, keys or image, lambda a, k: arrays.sorted_by(a, k), _same, image.bands[0].type
        ),
    ),
    row(
        "Image.arrayTranspose(input: Image, axis1: Integer = 0, axis2: Integer = 1) -> Image",
        "Two axes changed about.",
        lambda image, a, b: _every(
            image, lambda one: arrays.turned(one, a, b), lambda d: max(d, a + 1, b + 1)
        ),
    ),
    row(
        "Image.matrixTranspose(input: Image, axis1: Integer = 0, axis2: Integer = 1) -> Image",
        "Two axes changed about.",
        lambda image, a, b: _every(
            image, lambda one: arrays.turned(one, a, b), lambda d: max(d, a + 1, b + 1)
        ),
    ),
    row("Image.matrixIdentity(size: Integer) -> Image", "A matrix with ones on its diagonal.", _identity),
    row("Image.matrixMultiply(image1: Image, image2: Image) -> Image", "The product of matrices.", _multiply),
    row(
        "Image.matrixSolve(image1: Image, image2: Image) -> Image",
        "What the first times it is the second, by least squares.",
        _solve,
    ),
]
