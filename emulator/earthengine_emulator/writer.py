"""From a request to files: the grid of the export, its pixels, and the files; it runs in a worker process."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from affine import Affine

from earthengine_emulator.algebra import as_image
from earthengine_emulator.assetfiles import write_asset
from earthengine_emulator.assets import Assets
from earthengine_emulator.errors import ExportError
from earthengine_emulator.evaluator import Evaluator
from earthengine_emulator.functions.placing import fitted
from earthengine_emulator.geotiff import write_geotiffs
from earthengine_emulator.grids import Grid, Projection, covering, metres_per_unit, parse_crs
from earthengine_emulator.images import Image
from earthengine_emulator.pixeltypes import union
from earthengine_emulator.placeholders import TAG, Unknown, checkered, stand_in
from earthengine_emulator.tfrecord import write_tfrecords
from earthengine_emulator.values import plain

DEFAULT_MAX_PIXELS = 10**8


def export(
    request: dict[str, Any],
    body: bytes,
    scratch: Path,
    assets: Path,
    output: Path,
    placeholders: bool = False,
) -> tuple[list[tuple[str, str]], float]:
    """Compute an export into a folder of its own.

    Args:
        request: The request without its expression.
        body: The request as it came, with it.
        scratch: Where the files are made.
        assets: The folder in which `Image.load` looks first.
        output: The folder of exports, among whose assets it looks then.
        placeholders: Whether functions that are not known make a checkerboard rather than an error.

    Returns:
        The name of each file and what is added to the export's name for it; and the cost in EECU seconds.

    Raises:
        ExportError: It cannot be computed or written.
    """
    folders = Assets(assets, output / "assets")
    evaluator = Evaluator(json.loads(body)["expression"], folders, placeholders=placeholders)
    value = evaluator.value()
    tags = {}
    if evaluator.unknown:
        tags[TAG] = ", ".join(dict.fromkeys(evaluator.unknown))
        value = stand_in("Image", {}) if isinstance(value, Unknown) else as_image(value)
        kind = union([band.type for band in value.bands])
        value = replace(value, bands=tuple(checkered(replace(band, type=kind)) for band in value.bands))
    image = as_image(value)
    if not image.bands:
        raise ExportError("Image has no bands.")
    grid = export_grid(image, request.get("grid", {}))
    limit, count = int(request.get("maxPixels", DEFAULT_MAX_PIXELS)), grid.width * grid.height
    if count > limit:
        raise ExportError(
            f"Export too large: specified {count} pixels (max: {limit}). "
            "Specify higher maxPixels value if you intend to export a large area."
        )
    _check_types(image, one="assetExportOptions" not in request)
    cost = count * len(image.bands) * 1e-6
    files = request.get("fileExportOptions", {})
    scratch.mkdir()
    if "assetExportOptions" in request:
        written = write_asset(scratch, image, grid, request["assetExportOptions"], tags)
        return [(path.name, suffix) for suffix, path in written], cost
    match files.get("fileFormat", "GEO_TIFF"):
        case "GEO_TIFF":
            written = write_geotiffs(scratch, image, grid, files.get("geoTiffOptions", {}), tags)
        case "TF_RECORD_IMAGE":
            written = write_tfrecords(scratch, image, grid, files.get("tfRecordOptions", {}))
        case other:
            raise ExportError(f"Exports take GEO_TIFF and TF_RECORD_IMAGE; {other} is not one of them.")
    return [(path.name, suffix) for suffix, path in written], cost


def compute(expression: dict[str, Any], assets: Path, output: Path) -> Any:
    """The value of an expression, as `value:compute` answers it.

    Args:
        expression: The expression.
        assets: As for `export`.
        output: As for `export`.

    Raises:
        ExportError: It cannot be computed.
    """
    return plain(Evaluator(expression, Assets(assets, output / "assets")).value())


def export_grid(image: Image, asked: dict[str, Any]) -> Grid:
    """The pixels of an export: those of the request's grid, and the image's own in what that leaves out.

    Raises:
        ExportError: The image has no end and the request names none.
    """
    code = asked.get("crsCode") or asked.get("crsWkt")
    crs = parse_crs(code) if code else image.projection.crs
    size = asked.get("dimensions")
    matrix = asked.get("affineTransform")
    if matrix:
        names = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
        transform = Affine(*(float(matrix.get(name, 0)) for name in names))
        if transform.determinant == 0:
            raise ExportError("The affine transform of the grid cannot be inverted.")
    if size and matrix:
        return Grid(Projection(crs, transform), size["width"], size["height"])
    if image.footprint is None:
        raise ExportError("Unable to export unbounded image.")
    bounds = image.footprint.to(crs)
    if size:
        transform = fitted(bounds, size["width"], size["height"], None)
        return Grid(Projection(crs, transform), size["width"], size["height"])
    if not matrix:
        transform = image.projection.transform
        if crs != image.projection.crs:
            side = image.projection.metres / metres_per_unit(crs)
            transform = Affine(side, 0, 0, 0, -side, 0)
    projection = Projection(crs, transform)
    return covering(image.footprint.in_pixels(projection), projection)


def _check_types(image: Image, *, one: bool) -> None:
    for band in image.bands:
        if band.type.dimensions:
            raise ExportError(
                f"Band '{band.name}' has arrays in its pixels; use arrayFlatten or arrayGet first."
            )
    kinds = {band.type.name: None for band in image.bands}
    if len(kinds) > 1 and one:
        found = " and ".join(list(kinds)[:2])
        raise ExportError(
            f"Exported bands must have compatible data types; found inconsistent types: {found}."
        )
