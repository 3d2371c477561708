"""A region cut into exports that fit together without seam or overlap."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, overload

import attrs

from .._describe import fields
from .._describe.destinations import Asset, Destination
from .._describe.expressions import Call, ImageLike, expression
from .._describe.formats import FileFormat
from .._describe.grid import Crs, PixelGrid, crs_text
from .._describe.regions import Region, geometry
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
    most = fields.whole("max_pixels", max_pixels, 1)
    side = math.isqrt(most)
    width, height = (
        (side - side % _BLOCK or side,) * 2 if dimensions is None else _pair("dimensions", dimensions)
    )
    if width * height > most:
        raise InvalidArgument("dimensions", dimensions, f"A tile would have more than {most:,} pixels.")
    code = crs_text("crs", crs)
    shapes, own = _shapes(region)
    project, unit = _projection(own, code)
    size = fields.real("scale", scale) / unit
    if size <= 0:
        raise InvalidArgument("scale", scale, "It is the size of a pixel in metres and must be positive.")
    left, top = (fields.real("origin", side) for side in fields.sized("origin", origin, 2))
    # From here on in pixels, right and down from the origin.
    placed = [
        [[((x - left) / size, (top - y) / size) for x, y in project(line)] for line in shape]
        for shape in shapes
    ]
    columns = [x for shape in placed for line in shape for x, _ in line]
    rows = [y for shape in placed for line in shape for _, y in line]
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
            node, to=_completed(to, name, description), description=named, grid=grid, **options
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
            request = export.to_dict()
            request.pop("requestId", None)
            request["grid"] = part.to_dict()
            if export.description:
                request["description"] = f"{export.description[: 100 - len(name) - 1]}_{name}"
            to = _completed(export.to, name, export.description)
            options = request.get("fileExportOptions", {})
            for place in options.keys() & {"driveDestination", "cloudStorageDestination"}:
                options[place] = to.to_dict()
            if isinstance(to, Asset):
                request["assetExportOptions"]["earthEngineDestination"]["name"] = to.name
            parts.append((name, ImageExport.from_dict(request)))
    return parts


def _pair(argument: str, value: int | Sequence[int]) -> tuple[int, int]:
    sides = fields.sized(argument, value, 2) if isinstance(value, Sequence) else (value, value)
    width, height = (fields.whole(argument, side, 1) for side in sides)
    return width, height


def _completed(to: Destination, name: str, description: str | None) -> Destination:
    """A destination with the tile's name added."""
    if isinstance(to, Asset):
        return attrs.evolve(to, name=f"{to.name}_{name}")
    prefix = to.filename_prefix if to.filename_prefix is not None else description or ""
    return attrs.evolve(to, filename_prefix=f"{prefix}{'' if prefix[-1:] in {'', '/'} else '_'}{name}")


def _shapes(region: Region) -> tuple[list[list[Line]], str]:
    """The lines that bound each part of a region, and their CRS."""
    node, shapes, own = geometry(region), list[list[Line]](), set[str]()

    def read(node: Any) -> None:
        kind = str(node.function).removeprefix("GeometryConstructors.") if isinstance(node, Call) else ""
        if not isinstance(node, Call) or not kind.startswith(("Multi", "Point", "Line", "Polygon")):
            raise InvalidArgumentType(
                "region",
                region,
                "Only the service knows where this is.",
                "Give coordinates, such as GeoJSON.",
            )
        if kind == "MultiGeometry":
            for part in node.arguments["geometries"]:
                read(part)
            return
        crs, coordinates = node.arguments.get("crs"), node.arguments["coordinates"]
        own.add(crs.arguments["crs"] if isinstance(crs, Call) else "EPSG:4326")
        nesting = {
            "Point": 0,
            "MultiPoint": 1,
            "LineString": 1,
            "LinearRing": 1,
            "MultiLineString": 2,
            "Polygon": 2,
        }
        polygons = coordinates if kind == "MultiPolygon" else [coordinates]
        for lines in polygons:
            depth = nesting.get(kind, 2)
            lines = [lines] if depth == 1 else [[lines]] if depth == 0 else lines
            closed = kind in {"Polygon", "MultiPolygon", "LinearRing"}
            shapes.append([[*line, line[0]] if closed else list(line) for line in lines])

    read(node)
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
            f'eex.tiles() needs the package pyproj for {code}: pip install "earthengine-export[tiles]". '
            "Without it, it cuts regions in degrees into files in EPSG:4326.",
            name="pyproj",
        ) from error
    target = pyproj.CRS(code)
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
