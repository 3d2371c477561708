"""A region cut into exports that fit together without seam or overlap."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, overload

import attrs

from .._describe import checks, plain
from .._describe.destinations import Asset, Destination
from .._describe.expressions import expression
from .._describe.formats import FileFormat
from .._describe.grid import Crs, PixelGrid, crs_text
from .._describe.reading import ImageLike
from .._describe.regions import Region, geometry
from .._extras import how_to_install
from ..errors import InvalidArgument, InvalidArgumentType
from ..image_export import ImageExport

_METRES_PER_DEGREE = 111_319.49079327358  # on the equator, as the service counts
_BLOCK = 256  # pixels of a GeoTIFF's own tile
_STEPS = 64  # parts of an edge that are projected by themselves
_HAIR = 1e-6  # pixels that are taken for rounding

Line = Sequence[tuple[float, float]]


class Tiles(Sequence[ImageExport]):
    """The exports that a region was cut into, row by row from the top left; made when they are asked for.

    Attributes:
        names: The name of each tile, "r0000_c0000" for the top left one.
        grids: The pixels of each tile.
    """

    def __init__(self, grids: Mapping[str, PixelGrid], make: Callable[[str, PixelGrid], ImageExport]) -> None:
        """See `tiles`."""
        self.names, self.grids, self._make = tuple(grids), tuple(grids.values()), make

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> ImageExport: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ImageExport]: ...
    def __getitem__(self, index: int | slice) -> ImageExport | Sequence[ImageExport]:
        if isinstance(index, slice):
            chosen = dict(zip(self.names[index], self.grids[index], strict=True))
            return Tiles(chosen, self._make)
        return self._make(self.names[index], self.grids[index])

    def __repr__(self) -> str:
        pixels = sum(grid.pixels for grid in self.grids)
        return f"<{len(self)} tiles, {pixels:,} pixels in all>"


def tiles(
    region: Region,
    *,
    image: ImageLike,
    scale: float,
    crs: Crs,
    to: Destination,
    max_pixels: float = 10**8,
    dimensions: int | Sequence[int] | None = None,
    origin: Sequence[float] = (0.0, 0.0),
    description: str | None = None,
    file_format: FileFormat | None = None,
    priority: int | None = None,
    workload_tag: str | None = None,
) -> Tiles:
    """Cut a region into exports whose files fit together without seam or overlap.

        to = eex.CloudStorage("my-bucket", "dem/")
        tiles = eex.tiles(aoi, image=image, scale=10, crs="EPSG:32633", to=to)
        for outcome in eex.Batch(client, journal="dem.sqlite").run(tiles): ...

    All tiles are on one grid of pixels, which begins at `origin`; each is named by its row and column, which
    is added to the description and to the destination. Tiles that do not touch the region's shape are left
    out.

    Args:
        region: As for `ImageExport`, but for what `ee` computes. Edges are straight in the region's own CRS.
        image: As for `ImageExport`; one for all tiles.
        scale: The size of a pixel in metres; for a CRS in degrees, in metres on the equator.
        crs: The coordinate reference system of the files. Where it is not the region's own, which is degrees
            unless GeoJSON says otherwise, pyproj must be installed; it is in the extra `tiles`.
        to: Drive(…), CloudStorage(…) or Asset(…), whose prefix or name is completed for each tile.
        max_pixels: The most pixels of a tile. Default 100,000,000, what the service allows without asking.
        dimensions: The width and height of a tile in pixels, or one number for both. Default: the largest
            square that `max_pixels` allows, a multiple of 256.
        origin: A point of the grid on which corners of pixels are, in units of the CRS. Default: its origin.
        description: What the tasks' names begin with. Default: nothing.
        file_format: As for `ImageExport`.
        priority: As for `ImageExport`.
        workload_tag: As for `ImageExport`.

    Returns:
        A sequence of ImageExports. They are made when they are asked for, so that 100,000 take no memory.

    Raises:
        InvalidArgument, InvalidArgumentType: An argument is refused.
        ImportError: pyproj is needed and not installed.

    Reference: PixelGrid.
    """
    most = plain.checked("max_pixels", _count, max_pixels)
    side = math.isqrt(most)
    width, height = (
        (side - side % _BLOCK or side,) * 2
        if dimensions is None
        else plain.checked("dimensions", plain.pair, dimensions)
    )
    if width * height > most:
        raise InvalidArgument("dimensions", dimensions, f"A tile would have more than {most:,} pixels.")
    if description is not None:
        description = plain.checked("description", checks.description, description)
    target = plain.checked("to", checks.destination, to)
    code = plain.checked("crs", crs_text, crs)
    shapes, own = _shapes(region)
    project, unit = _projection(own, code)
    size = plain.checked("scale", plain.number, scale) / unit
    if size <= 0:
        raise InvalidArgument("scale", scale, "It is the size of a pixel in metres and must be positive.")
    left, top = plain.checked("origin", _point, origin)
    # From here on in pixels, right and down from the origin.
    placed = [
        [[((x - left) / size, (top - y) / size) for x, y in project(line)] for line in shape]
        for shape in shapes
    ]
    columns = [x for shape in placed for line in shape for x, _ in line]
    rows = [y for shape in placed for line in shape for _, y in line]
    if not all(map(math.isfinite, (*columns, *rows))):
        raise InvalidArgument("scale", scale, "It makes more pixels than can be counted.")
    first, last = math.floor(min(columns) + _HAIR), math.ceil(max(columns) - _HAIR)
    upper, lower = math.floor(min(rows) + _HAIR), math.ceil(max(rows) - _HAIR)
    last, lower = max(last, first + 1), max(lower, upper + 1)  # a point is a pixel
    grids: dict[str, PixelGrid] = {}
    for row, y in enumerate(range(upper, lower, height)):
        end = min(y + height, lower)
        for column in sorted(_touched(placed, y, end, first, width, (last - first - 1) // width)):
            x = first + column * width
            grids[f"r{row:04}_c{column:04}"] = PixelGrid(
                code,
                (size, 0.0, left + x * size, 0.0, -size, top - y * size),
                (min(width, last - x), end - y),
            )
    node = expression(image)

    def make(name: str, grid: PixelGrid) -> ImageExport:
        named = f"{description}_{name}" if description else name
        options: dict[str, Any] = {"priority": priority, "workload_tag": workload_tag, "max_pixels": most}
        if file_format is not None:
            options["file_format"] = file_format
        return ImageExport(
            node, to=_completed(target, name, description), description=named, grid=grid, **options
        )

    if grids:  # what is wrong with the others is wrong with the first
        make(*next(iter(grids.items())))
    return Tiles(grids, make)


def quarters(export: ImageExport) -> list[tuple[str, ImageExport]]:
    """An export cut into four that fit together, each with its name; empty where its pixels are not known.

    Only an export with a `grid` can be cut, as `tiles` makes them.
    """
    grid = export.grid
    if grid is None or min(grid.dimensions) < 2:
        return []
    (a, b, x, d, e, y), (width, height) = grid.transform, grid.dimensions
    parts = []
    for row, (top, below) in enumerate(pairwise((0, height // 2, height))):
        for column, (left, right) in enumerate(pairwise((0, width // 2, width))):
            part = attrs.evolve(
                grid,
                transform=(a, b, x + left * a + top * b, d, e, y + left * d + top * e),
                dimensions=(right - left, below - top),
            )
            name = f"r{row}_c{column}"
            described = export.description and f"{export.description[: 99 - len(name)]}_{name}"
            to = _completed(export.to, name, export.description)
            parts.append((name, export.replace(grid=part, to=to, description=described, request_id=None)))
    return parts


def _count(value: object) -> int:
    return plain.whole(value, 1)


def _point(value: object) -> tuple[float, float]:
    x, y = plain.items(value, "It must be a point (x, y).")
    return plain.number(x), plain.number(y)


def _completed(to: Destination, name: str, description: str | None) -> Destination:
    """A destination with the tile's name added."""
    if isinstance(to, Asset):
        return attrs.evolve(to, name=f"{to.name}_{name}")
    prefix = to.filename_prefix if to.filename_prefix is not None else description or ""
    return attrs.evolve(to, filename_prefix=f"{prefix}{'' if prefix[-1:] in {'', '/'} else '_'}{name}")


# How deep the coordinates of each constructor nest until its lines.
_NESTING = {
    "Point": -1,
    "MultiPoint": 0,
    "LineString": 0,
    "LinearRing": 0,
    "MultiLineString": 1,
    "Polygon": 1,
}


def _shapes(region: Region) -> tuple[list[list[Line]], str]:
    """The lines that bound each part of a region, and their CRS."""
    graph = plain.checked("region", geometry, region).to_dict()
    shapes, own = list[list[Line]](), set[str]()

    def value(node: Any) -> Any:
        match node:
            case {"valueReference": name}:
                return value(graph["values"][name])
            case {"constantValue": constant}:
                return constant
            case {"arrayValue": {"values": nodes}}:
                return [value(one) for one in nodes]
            case {"functionInvocationValue": {"functionName": name, "arguments": arguments}}:
                return name, {key: value(one) for key, one in arguments.items()}
        return None

    def read(shape: Any) -> None:
        match shape:
            case ("GeometryConstructors.MultiGeometry", {"geometries": parts}):
                for part in parts:
                    read(part)
                return
            case (str(name), {"coordinates": list(coordinates), **options}):
                kind = name.removeprefix("GeometryConstructors.")
                crs: Any = options.get("crs")
            case _:
                rule, cure = "Only the service knows where this is.", "Give coordinates, such as GeoJSON."
                raise InvalidArgumentType("region", region, rule, cure)
        own.add(crs[1]["crs"] if crs else "EPSG:4326")
        for lines in coordinates if kind == "MultiPolygon" else [coordinates]:
            depth = _NESTING.get(kind, 1)
            lines = [[lines]] if depth < 0 else [lines] if depth == 0 else lines
            closed = kind in {"Polygon", "MultiPolygon", "LinearRing"}
            shapes.append([[*line, line[0]] if closed else list(line) for line in lines])

    read(value(graph["values"][graph["result"]]))
    if len(own) != 1:
        raise InvalidArgument("region", region, f"Its parts are in several CRS: {', '.join(sorted(own))}.")
    return shapes, "EPSG:4326" if own <= {"OGC:CRS84"} else own.pop()


def _projection(own: str, code: str) -> tuple[Callable[[Line], Line], float]:
    """What projects a line from the region's CRS, and how many metres the unit of the files' CRS is."""
    if own == code == "EPSG:4326":
        return (lambda line: line), _METRES_PER_DEGREE
    try:
        import pyproj
    except ImportError as error:
        raise ImportError(
            f"eex.tiles() needs the package pyproj for {code}: {how_to_install('tiles', 'pyproj')}. "
            "Without it, it cuts regions in degrees into files in EPSG:4326.",
            name="pyproj",
        ) from error
    try:
        target = pyproj.CRS(code)
    except pyproj.exceptions.CRSError as error:
        raise InvalidArgument("crs", code, "PROJ knows no such reference system.") from error
    unit = _METRES_PER_DEGREE if target.is_geographic else target.axis_info[0].unit_conversion_factor
    if own == code:
        return (lambda line: line), unit
    transformer = pyproj.Transformer.from_crs(own, target, always_xy=True)

    def project(line: Line) -> Line:
        # A straight edge is seldom straight in another projection.
        if len(line) == 1:
            return [transformer.transform(*line[0])]
        ends = [
            ((x0 * (_STEPS - step) + x1 * step) / _STEPS, (y0 * (_STEPS - step) + y1 * step) / _STEPS)
            for (x0, y0), (x1, y1) in pairwise(line)
            for step in range(_STEPS + 1)
        ]
        xs, ys = transformer.transform([x for x, _ in ends], [y for _, y in ends])
        if not all(map(math.isfinite, (*xs, *ys))):
            raise InvalidArgument("crs", code, "A part of the region cannot be projected to it.")
        return list(zip(xs, ys, strict=True))

    return project, unit


def _touched(
    shapes: Sequence[Sequence[Line]], upper: float, lower: float, left: float, width: float, last: int
) -> Iterator[int]:
    """The columns of tiles that touch the region within a row of tiles; all numbers are pixels.

    A tile is touched if an edge passes through it. One that no edge passes is wholly within or without, which
    the line through its middle tells.
    """
    middle, found = (upper + lower) / 2, set[int]()

    def between(begin: float, end: float) -> None:
        # What only meets the side of a tile does not touch it.
        first = math.floor((begin - left) / width + _HAIR)
        final = math.ceil((end - left) / width - _HAIR) - 1
        found.update(range(max(0, min(first, last)), min(max(first, final), last) + 1))

    for shape in shapes:
        crossings: list[float] = []
        for line in shape:
            for (x0, y0), (x1, y1) in pairwise([*line, line[0]] if len(line) == 1 else line):
                if y0 > y1:
                    x0, y0, x1, y1 = x1, y1, x0, y0
                if y0 <= middle < y1:
                    crossings.append(x0 + (middle - y0) * (x1 - x0) / (y1 - y0))
                flat = y0 == y1
                if y1 < upper or y0 > lower or (not flat and (y1 - _HAIR <= upper or y0 + _HAIR >= lower)):
                    continue
                if flat and (y0 - _HAIR <= upper or y0 + _HAIR >= lower) and len(line) > 2:
                    continue  # it runs along the row's edge: the other edges of the ring tell
                begin, end = sorted(
                    x0 if flat else x0 + (min(max(y, upper), lower) - y0) * (x1 - x0) / (y1 - y0)
                    for y in (max(y0, upper), min(y1, lower))
                )
                between(*((min(x0, x1), max(x0, x1)) if flat else (begin, end)))
        crossings.sort()
        for begin, end in zip(crossings[::2], crossings[1::2], strict=False):
            between(begin, end)
    yield from found
