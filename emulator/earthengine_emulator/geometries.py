"""What is measured of geometries and made of them: for `Geometry.area` and `Feature.area` alike.

By name: the arguments after the geometry or the two of them, the type of the result, what it does, and how.
"""

from collections.abc import Callable
from typing import Any

from earthengine_emulator import relations
from earthengine_emulator.geometry import Geometry

_REST = ", maxError: ErrorMargin = null, proj: Projection = null"
Entry = tuple[str, str, str, Callable[..., Any]]


def _simplify(geometry: Geometry, margin: Any, *_: Any) -> Geometry:
    return relations.simplified(geometry, margin.value or 0)


def _in(measure: str) -> Callable[..., float]:
    """A measure in metres on the ellipsoid, or in a projection's units where one is named."""

    def apply(geometry: Geometry, _: Any, projection: Any) -> float:
        if projection is None:
            return float(getattr(geometry, measure))
        shape = geometry.to(projection.crs).shape
        if measure == "area":
            return float(shape.area)
        lines = measure == "length"
        return float(shape.length) if lines == (shape.area == 0) else 0.0

    return apply


def _related(name: str) -> Callable[..., bool]:
    return lambda left, right, *_: relations.related(name, left, right)


ONE: dict[str, Entry] = {
    "area": (_REST, "Float", "The area in square metres.", _in("area")),
    "length": (_REST, "Float", "The length of the lines in metres.", _in("length")),
    "perimeter": (_REST, "Float", "The length around the polygons in metres.", _in("perimeter")),
    "bounds": (_REST, "Geometry", "The box around it.", relations.bounds),
    "centroid": (_REST, "Geometry", "The centre of its area, lines or points.", relations.centroid),
    "convexHull": (_REST, "Geometry", "The convex hull.", relations.hull),
    "buffer": (
        f", distance: Float{_REST}",
        "Geometry",
        "What lies within a distance in metres; shrunk where that is negative.",
        relations.buffer,
    ),
    "simplify": (
        ", maxError: ErrorMargin, proj: Projection = null",
        "Geometry",
        "The same with fewer positions, off by no more than the error.",
        _simplify,
    ),
    "dissolve": (_REST, "Geometry", "The union of its parts.", relations.dissolved),
}
TWO: dict[str, Entry] = {
    "union": (_REST, "Geometry", "What lies in either.", relations.set_operation("union")),
    "intersection": (_REST, "Geometry", "What lies in both.", relations.set_operation("intersection")),
    "difference": (_REST, "Geometry", "What lies in the first only.", relations.set_operation("difference")),
    "symmetricDifference": (
        _REST,
        "Geometry",
        "What lies in one of them only.",
        relations.set_operation("symmetric_difference"),
    ),
    "intersects": (_REST, "Boolean", "Whether they meet.", _related("intersects")),
    "disjoint": (_REST, "Boolean", "Whether they do not meet.", _related("disjoint")),
    "contains": (_REST, "Boolean", "Whether the first contains the second.", _related("contains")),
    "containedIn": (_REST, "Boolean", "Whether the first lies in the second.", _related("within")),
    "distance": (
        f"{_REST}, spherical: Boolean = false",
        "Float",
        "The metres between their nearest positions.",
        relations.distance,
    ),
    "withinDistance": (
        f", distance: Float{_REST}",
        "Boolean",
        "Whether they are no further apart than so many metres.",
        lambda left, right, most, *_: relations.distance(left, right) <= most,
    ),
}
