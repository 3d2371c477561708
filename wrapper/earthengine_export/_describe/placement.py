"""Region, scale, CRS, transform and dimensions: folded into the expression, as the official client does.

The API itself knows only a grid. What `ee.batch.Export.image.*` means by the five is a matter of which
functions it wraps around the image, and these are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from attrs import frozen

from ..errors import InvalidArgument
from . import plain, reading
from .expressions import call
from .grid import Crs, SupportsAffine, crs_text, transform_terms
from .nodes import Node
from .reading import SupportsSerialize

Computed = Node | SupportsSerialize


@frozen
class Placement:
    """The five arguments as they were understood; each can be a node where `ee` computes it."""

    region: Node | None = None
    scale: float | Node | None = None
    crs: str | Node | None = None
    crs_transform: tuple[float | Node, ...] | Node | None = None
    dimensions: tuple[int | Node, ...] | None = None

    def check(self) -> None:
        """Refuse arguments that exclude each other.

        Raises:
            InvalidArgument: Two do.
        """
        if self.crs_transform is not None and self.crs is None:
            raise InvalidArgument(
                "crs_transform", self.crs_transform, "It needs a crs.", "Give crs=… as well."
            )
        if self.scale is not None and self.dimensions is not None:
            raise InvalidArgument(
                "scale",
                self.scale,
                "The size of a pixel and the number of pixels exclude each other, says the reference of "
                "Image.clipToBoundsAndScale, which applies them.",
                "Leave scale or dimensions out.",
            )

    @property
    def bounded(self) -> bool:
        """Whether the arguments bound even an image that has no bounds."""
        return self.region is not None or self._is_rectangle

    @property
    def _is_rectangle(self) -> bool:
        """Whether transform and dimensions describe an exact rectangle of pixels."""
        return self.crs_transform is not None and len(self.dimensions or ()) == 2 and self.region is None

    def fold(self, image: Node) -> Node:
        """The image with the functions around it that the five arguments stand for."""
        region, dimensions = self.region, self.dimensions
        projection = call("Projection", crs=self.crs) if isinstance(self.crs, str) else self.crs
        if self.crs_transform is not None:
            image = call("Image.reproject", image=image, crs=projection, crsTransform=self.crs_transform)
        elif self.crs is not None:
            # No resampling yet: what follows may still change the scale. The transform only turns y around.
            image = call(
                "Image.setDefaultProjection", image=image, crs=projection, crsTransform=[1, 0, 0, 0, -1, 0]
            )
        if self._is_rectangle and dimensions is not None:
            rectangle = call(
                "GeometryConstructors.Rectangle",
                coordinates=[0, 0, *dimensions],
                crs=call("Image.projection", image=image),
                geodesic=False,
                evenOdd=True,
            )
            return call("Image.clipToBoundsAndScale", input=image, geometry=rectangle)
        if self.scale is not None or dimensions is not None:
            names = ("maxDimension",) if len(dimensions or ()) == 1 else ("width", "height")
            size = dict(zip(names, dimensions or (), strict=False))
            return call("Image.clipToBoundsAndScale", input=image, geometry=region, scale=self.scale, **size)
        return image if region is None else call("Image.clip", input=image, geometry=region)


def _is_computed(value: object) -> bool:
    return isinstance(value, Node) or reading.is_ee(value)


def _computed(value: object, kind: str, *kinds: str) -> Node | None:
    """The node of a value that is one, or that `ee` computes."""
    if not _is_computed(value):
        return None
    return reading.typed(value, {kind, *kinds}, f"it must be of type {' or '.join((kind, *kinds))}.", {})


def scale(value: float | Computed) -> float | Node:
    """A converter: the size of a pixel in metres."""
    found = _computed(value, "Number") or plain.number(value)
    if not isinstance(found, Node) and found <= 0:
        raise InvalidArgument("", value, "It is the size of a pixel in metres and must be positive.")
    return found


def crs(value: Crs | Computed) -> str | Node:
    """A converter: the coordinate reference system."""
    node = _computed(value, "Projection", "String")
    if node is None:
        return crs_text(cast(Crs, value))
    return call("Projection", crs=node) if reading.kind_of(value) == "String" else node


def crs_transform(
    value: Sequence[object] | str | SupportsAffine | Computed,
) -> tuple[float | Node, ...] | Node:
    """A converter: the transform."""
    if (node := _computed(value, "List")) is not None:
        return node
    terms: object = value
    if isinstance(value, str):
        try:
            terms = [float(term) for term in value.strip().removeprefix("[").removesuffix("]").split(",")]
        except ValueError:
            rule = "As text it must be six numbers with commas between them."
            raise InvalidArgument("", value, rule) from None
    if isinstance(terms, list | tuple) and len(terms) == 6 and any(map(_is_computed, terms)):
        return tuple(_computed(term, "Number") or plain.number(term) for term in terms)
    return transform_terms(cast(Sequence[float] | SupportsAffine, terms))


def dimensions(value: int | str | Sequence[object] | Computed) -> tuple[int | Node, ...]:
    """A converter: the size in pixels."""
    rule = "It must be the longer side in pixels, a pair (width, height), or 'WIDTHxHEIGHT'"
    found = plain.item_of(value)
    if isinstance(found, str):
        match = re.fullmatch("([0-9]{1,10})(?:x([0-9]{1,10}))?", found)
        found = [int(side) for side in match.groups() if side] if match else []
    return plain.sides(value, found, _side, rule)


def _side(value: object) -> int | Node:
    return _computed(value, "Number") or plain.whole(value, 1, plain.INT32)
