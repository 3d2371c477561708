"""Arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np

from earthengine_emulator.algebra import stored
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import row
from earthengine_emulator.pixeltypes import PixelType
from earthengine_emulator.reducing import Reducer

Array = np.ndarray[Any, Any]


def made(values: Any, kind: PixelType | None = None) -> Array:
    """An array of numbers, lists of them, or arrays.

    Raises:
        ExportError: The lists differ in length.
    """
    try:
        found = np.array(values)
    except ValueError:
        raise ExportError("Array: The lists in it differ in length.") from None
    if found.dtype.kind not in "biuf":
        raise ExportError("Array: Its values are no numbers.")
    if kind is not None:
        return stored(found, kind)
    return found.astype(np.int64) if found.dtype.kind in "bi" else found


def sliced(array: Array, axis: int, start: int, end: int | None, step: int) -> Array:
    """A part along an axis."""
    return array[(*[slice(None)] * axis, slice(start, end, step))]


def reduced(array: Array, reducer: Reducer, axes: list[int], field: int | None) -> Array:
    """What a reducer makes of an array along some axes, which keep a length of 1.

    Args:
        array: The array.
        reducer: The reducer.
        axes: The axes.
        field: The axis along which the inputs of a reducer of several stand, and its outputs then.
    """
    if field is None:
        kept = [axis for axis in range(array.ndim) if axis not in axes]
        moved = np.transpose(array, [*axes, *kept])
        values = moved.reshape(-1, int(np.prod([array.shape[axis] for axis in kept], dtype=int)))
        output = np.ma.filled(reducer([np.ma.MaskedArray(values)])[0], 0)
        return np.array(output.tolist()).reshape(
            [1 if axis in axes else size for axis, size in enumerate(array.shape)]
        )
    others = [axis for axis in range(array.ndim) if axis not in axes and axis != field]
    moved = np.transpose(array, [field, *axes, *others])
    count = int(np.prod([array.shape[axis] for axis in axes], dtype=int))
    inputs = [np.ma.MaskedArray(part.reshape(count, -1)) for part in moved[: reducer.inputs]]
    outputs = np.array([np.ma.filled(part, 0).tolist() for part in reducer(inputs)], float)
    shape = [1 if axis in axes else array.shape[axis] for axis in range(array.ndim)]
    shape[field] = len(outputs)
    order = [field, *(axis for axis in range(array.ndim) if axis != field)]
    return np.transpose(outputs.reshape([shape[axis] for axis in order]), np.argsort(order))


def masked(array: Array, mask: Array) -> Array:
    """Those slices that a mask, of length 1 along all axes but one, is not 0 for."""
    axis = int(np.argmax(mask.shape))
    return np.compress(mask.ravel() != 0, array, axis)


def sorted_by(array: Array, keys: Array | None) -> Array:
    """In order along the first axis, or in that of keys."""
    if keys is None:
        return np.sort(array, axis=_longest(array))
    order = np.argsort(keys.ravel(), kind="stable")
    return np.take(array, order, axis=_longest(keys))


def _longest(array: Array) -> int:
    return int(np.argmax(array.shape)) if array.ndim else 0


def projected(array: Array, axes: list[int]) -> Array:
    """Only some axes; the others have a length of 1."""
    rest = [axis for axis in range(array.ndim) if axis not in axes]
    if any(array.shape[axis] != 1 for axis in rest):
        raise ExportError(f"Array.project: The axes {rest} are dropped and are longer than 1.")
    return array.reshape([array.shape[axis] for axis in axes])


def repeated(array: Array, axis: int, copies: int) -> Array:
    """So many copies along an axis."""
    wide = array.reshape(array.shape + (1,) * (axis + 1 - array.ndim))
    return np.concatenate([wide] * copies, axis)


def joined(arrays: list[Array], axis: int) -> Array:
    """Arrays after each other along an axis."""
    wide = [one.reshape(one.shape + (1,) * (axis + 1 - one.ndim)) for one in map(np.atleast_1d, arrays)]
    return np.concatenate(wide, axis)


def turned(array: Array, first: int, second: int) -> Array:
    """Two axes changed about."""
    wide = array.reshape(array.shape + (1,) * (max(first, second) + 1 - array.ndim))
    return np.swapaxes(wide, first, second)


def padded(array: Array, lengths: list[int], fill: float) -> Array:
    """As long as needed along each axis."""
    wide = array.reshape(array.shape + (1,) * (len(lengths) - array.ndim))
    more = [(0, max(0, length - size)) for length, size in zip(lengths, wide.shape, strict=True)]
    return np.pad(wide, more, constant_values=fill)


def solved(left: Array, right: Array) -> Array:
    """What left @ x = right holds for, by least squares where there are more rows than columns."""
    return np.asarray(np.linalg.lstsq(left.astype(float), right.astype(float), rcond=None)[0])


def eigen(array: Array) -> Array:
    """Rows of an eigenvalue and its vector, of a symmetric matrix, the greatest first."""
    values, vectors = np.linalg.eigh(array.astype(float))
    order = np.argsort(values)[::-1]
    return np.column_stack([values[order], vectors[:, order].T])


def accumulated(array: Array, axis: int, reducer: Reducer | None) -> Array:
    """Each element with what came before it along an axis: added up, or reduced."""
    if reducer is None:
        return np.cumsum(array, axis)
    parts = [
        reduced(sliced(array, axis, 0, end, 1), reducer, [axis], None)
        for end in range(1, array.shape[axis] + 1)
    ]
    return np.concatenate(parts, axis)


def greatest(array: Array) -> list[int]:
    """The place of the greatest element."""
    return [int(at) for at in np.unravel_index(int(np.argmax(array)), array.shape)]


def diagonal(array: Array) -> Array:
    """The diagonal of a matrix, as a column."""
    return np.diagonal(array)[:, None]


def _length(array: Array) -> Array:
    return np.array(array.shape)


def _number(value: Any) -> Any:
    return np.asarray(value).item()


def _decomposed(name: str) -> Callable[[Array], dict[str, Array]]:
    def apply(array: Array) -> dict[str, Array]:
        import scipy

        matrix = array.astype(float)
        match name:
            case "Cholesky":
                return {"L": np.linalg.cholesky(matrix)}
            case "QR":
                q, r = np.linalg.qr(matrix)
                return {"Q": q, "R": r}
            case "LU":
                p, lower, upper = scipy.linalg.lu(matrix)
                return {"L": lower, "U": upper, "P": p.T}
        u, s, v = np.linalg.svd(matrix, full_matrices=False)
        return {"U": u, "S": np.diag(s), "V": v.T}

    return apply


MATRIX: dict[str, tuple[str, Callable[[Array], Any], bool]] = {
    "matrixInverse": ("The inverse.", lambda a: np.linalg.inv(a.astype(float)), True),
    "matrixPseudoInverse": (
        "The Moore-Penrose pseudoinverse.",
        lambda a: np.linalg.pinv(a.astype(float)),
        True,
    ),
    "matrixDiagonal": ("The diagonal, as a column.", diagonal, True),
    "matrixToDiag": ("A matrix with a column as its diagonal.", lambda a: np.diag(a.ravel()), True),
    "matrixTrace": ("The sum of the diagonal.", lambda a: np.trace(a), False),
    "matrixDeterminant": ("The determinant.", lambda a: np.linalg.det(a.astype(float)), False),
    "matrixFnorm": ("The Frobenius norm.", lambda a: np.linalg.norm(a.astype(float)), False),
}

ROWS = [
    *(
        row(
            f"Array.{name}(input: Array) -> {'Array' if array else 'Number'}",
            text,
            body if array else (lambda value, body=body: _number(body(value))),
        )
        for name, (text, body, array) in MATRIX.items()
    ),
    row("Array(values: Object, pixelType: PixelType = null) -> Array", "An array of lists of numbers.", made),
    row(
        "Array.accum(array: Array, axis: Integer, reducer: Reducer = null) -> Array",
        "Added up along an axis, or reduced.",
        accumulated,
    ),
    row("Array.argmax(array: Array) -> List<Integer>", "The place of the greatest element.", greatest),
    row(
        "Array.cat(arrays: List<Array>, axis: Integer = 0) -> Array",
        "Arrays after each other along an axis.",
        joined,
    ),
    row(
        "Array.cut(array: Array, position: List<Integer>) -> Array",
        "Slices at a position; -1 keeps an axis.",
        lambda a, at: a[tuple(slice(None) if n < 0 else slice(n, n + 1) for n in at)],
    ),
    row(
        "Array.dotProduct(array1: Array, array2: Array) -> Number",
        "The sum of the products.",
        lambda a, b: _number(np.dot(a.ravel(), b.ravel())),
    ),
    row(
        "Array.eigen(input: Array) -> Array",
        "Rows of an eigenvalue and its vector, the greatest first.",
        eigen,
    ),
    row(
        "Array.get(array: Array, position: List<Integer>) -> Number",
        "An element.",
        lambda a, at: _number(a[tuple(at)]),
    ),
    row(
        "Array.identity(size: Integer) -> Array",
        "A matrix with ones on its diagonal.",
        lambda size: np.eye(size, dtype=np.int64),
    ),
    row("Array.length(array: Array) -> Array", "The lengths of the axes.", _length),
    row("Array.mask(input: Array, mask: Array) -> Array", "The slices that a mask is not 0 for.", masked),
    row(
        "Array.pad(array: Array, lengths: List<Integer>, pad: Number = 0) -> Array",
        "As long as needed along each axis.",
        padded,
    ),
    row("Array.project(array: Array, axes: List<Integer>) -> Array", "Only some axes.", projected),
    row(
        "Array.reduce(array: Array, reducer: Reducer, axes: List<Integer>, fieldAxis: Integer = null) -> "
        "Array",
        "What a reducer makes of it along some axes.",
        reduced,
    ),
    row(
        "Array.repeat(array: Array, axis: Integer = 0, copies: Integer = 2) -> Array",
        "So many copies along an axis.",
        repeated,
    ),
    row(
        "Array.reshape(array: Array, shape: Array) -> Array",
        "The same elements in other lengths; one may be -1.",
        lambda a, shape: a.reshape(shape.astype(int).tolist()),
    ),
    row(
        "Array.slice(array: Array, axis: Integer = 0, start: Integer = 0, end: Integer = null, step: "
        "Integer = 1) -> Array",
        "A part along an axis.",
        sliced,
    ),
    row("Array.sort(array: Array, keys: Array = null) -> Array", "In order, or in that of keys.", sorted_by),
    row(
        "Array.transpose(array: Array, axis1: Integer = 0, axis2: Integer = 1) -> Array",
        "Two axes changed about.",
        turned,
    ),
    row(
        "Array.matrixTranspose(array: Array, axis1: Integer = 0, axis2: Integer = 1) -> Array",
        "Two axes changed about.",
        turned,
    ),
    row("Array.toList(array: Array) -> List<Object>", "As lists.", lambda a: a.tolist()),
    row(
        "Array.matrixMultiply(left: Array, right: Array) -> Array",
        "The product of matrices.",
        lambda a, b: a @ b,
    ),
    row(
        "Array.matrixSolve(left: Array, right: Array) -> Array",
        "What the first times it is the second, by least squares.",
        solved,
    ),
    row(
        "Array.matrixCholeskyDecomposition(array: Array) -> Dictionary<Object>",
        "Cholesky's L.",
        _decomposed("Cholesky"),
    ),
    row("Array.matrixQRDecomposition(array: Array) -> Dictionary<Object>", "Q and R.", _decomposed("QR")),
    row("Array.matrixLUDecomposition(array: Array) -> Dictionary<Object>", "L, U and P.", _decomposed("LU")),
    row(
        "Array.matrixSingularValueDecomposition(array: Array) -> Dictionary<Object>",
        "U, S and V.",
        _decomposed("SV"),
    ),
]
