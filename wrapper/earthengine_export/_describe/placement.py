"""Region, scale, CRS, transform and dimensions: folded into the expression, as the official client does.

The API itself knows only a grid. What `ee.batch.Export.image.*` means by the five is a matter of which
functions it wraps around the image, and these are the same.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from ..errors import InvalidArgument, InvalidArgumentType
from . import fields
from .expressions import Node, call, expression
from .grid import crs_text, transform_terms
from .regions import geometry


@frozen
class Placement:
    """The five arguments as they were understood; each can be a node where `ee` computes it."""

    region: Node | None = None
    scale: float | Node | None = None
    crs: str | Node | None = None
    crs_transform: tuple[float | Node, ...] | Node | None = None
    dimensions: tuple[int | Node, ...] | None = None

    @classmethod
    def of(cls, region: Any, scale: Any, crs: Any, crs_transform: Any, dimensions: Any) -> Placement:
        """The arguments, checked.

        Raises:
            InvalidArgument, InvalidArgumentType: One is refused, or two exclude each other.
        """
        if crs_transform is not None and crs is None:
            raise InvalidArgument("crs_transform", crs_transform, "It needs a crs.", "Give crs=… as well.")
        if scale is not None and dimensions is not None:
            raise InvalidArgument(
                "scale",
                scale,
                "The size of a pixel and the number of pixels exclude each other, says the reference of "
                "Image.clipToBoundsAndScale, which applies them.",
                "Leave scale or dimensions out.",
            )
        return cls(
            None if region is None else geometry(region),
            None if scale is None else _scale(scale),
            None if crs is None else _crs(crs),
            None if crs_transform is None else _transform(crs_transform),
            None if dimensions is None else _dimensions(dimensions),
        )

    @property
    def pixels(self) -> int | None:
        """The number of pixels, where the arguments alone tell."""
        if self.dimensions is None or len(self.dimensions) == 1:
            return None
        width, height = self.dimensions
        return width * height if isinstance(width, int) and isinstance(height, int) else None

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


def _computed(value: Any) -> Node | None:
    """The node of a value that is one, or that `ee` computes."""
    return expression(value) if isinstance(value, Node) or hasattr(value, "serialize") else None


def _scale(value: Any) -> float | Node:
    if (node := _computed(value)) is not None:
        return node
    if fields.real("scale", value) <= 0:
        raise InvalidArgument("scale", value, "It is the size of a pixel in metres and must be positive.")
    return fields.real("scale", value)


def _crs(value: Any) -> str | Node:
    if (node := _computed(value)) is None:
        return crs_text("crs", value)
    is_string = hasattr(value, "name") and callable(value.name) and value.name() == "String"
    return call("Projection", crs=node) if is_string else node


def _transform(value: Any) -> tuple[float | Node, ...] | Node:
    if (node := _computed(value)) is not None:
        return node
    if isinstance(value, str):
        try:
            value = [float(term) for term in value.strip().removeprefix("[").removesuffix("]").split(",")]
        except ValueError:
            rule = "As text it must be six numbers with commas between them."
            raise InvalidArgument("crs_transform", value, rule) from None
    if isinstance(value, list | tuple):
        terms: tuple[Any, ...] = tuple(_computed(term) or term for term in value)
        if any(isinstance(term, Node) for term in terms):
            return terms
    return transform_terms("crs_transform", value)


def _dimensions(value: Any) -> tuple[int | Node, ...]:
    if isinstance(value, str):
        value = [int(side) if side.isdecimal() else side for side in value.split("x")]
    if hasattr(value, "tolist"):
        value = value.tolist()
    sides = value if isinstance(value, list | tuple) else (value,)
    if not 1 <= len(sides) <= 2:
        raise InvalidArgument("dimensions", value, "It must be one number or a pair (width, height).")
    try:
        return tuple(
            fields.whole("dimensions", side, 1, 2**31 - 1) if (node := _computed(side)) is None else node
            for side in sides
        )
    except InvalidArgumentType:
        raise InvalidArgumentType(
            "dimensions", value, "It must be the longer side in pixels, (width, height), or 'WIDTHxHEIGHT'."
        ) from None
