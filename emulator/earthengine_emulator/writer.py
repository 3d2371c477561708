"""From a request to files: the grid of the export, its pixels, and where they are put."""

import hashlib
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine

from earthengine_emulator.algebra import as_image
from earthengine_emulator.assets import Assets, inside
from earthengine_emulator.errors import ExportError, Refusal
from earthengine_emulator.evaluator import Evaluator
from earthengine_emulator.functions import fitted
from earthengine_emulator.grids import Grid, Projection, covering, parse_crs
from earthengine_emulator.images import Image, Pixels, render
from earthengine_emulator.operation import Operation, Outcome

DEFAULT_MAX_PIXELS = 10**8
BLOCK = 1024  # pixels are computed in squares of this side, so that memory stays bounded


class Exporter:
    """Computes exports and writes them.

    Args:
        assets: The folder in which `Image.load` looks first; then among the assets that were exported.
        output: The folder that everything is written to, and nothing outside it.
    """

    def __init__(self, assets: Path, output: Path) -> None:
        self._output = output
        self._assets = Assets(assets, output / "assets")
        output.mkdir(parents=True, exist_ok=True)
        # In the output folder, so that a finished file is moved into place by renaming it.
        self._scratch = Path(tempfile.mkdtemp(prefix=".partial-", dir=output))

    def close(self) -> None:
        """Remove what was not finished."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def run(self, operation: Operation) -> Outcome:
        """Compute an export into scratch files.

        Raises:
            ExportError: It cannot be computed or written.
        """
        try:
            return self._run(operation)
        except ExportError:
            raise
        except MemoryError:
            raise ExportError("User memory limit exceeded.", code=8) from None
        except Exception as error:
            message = f"An internal error has occurred in the emulator: {type(error).__name__}: {error}"
            raise ExportError(message, code=13) from error

    def _run(self, operation: Operation) -> Outcome:
        request = operation.request
        image = as_image(Evaluator(request["expression"], self._assets.load).value())
        grid = export_grid(image, request.get("grid", {}))
        limit, count = int(request.get("maxPixels", DEFAULT_MAX_PIXELS)), grid.width * grid.height
        if count > limit:
            raise ExportError(
                f"Export too large: specified {count} pixels (max: {limit}). "
                "Specify higher maxPixels value if you intend to export a large area."
            )
        _check_types(image)
        target = self._output / target_stem(request, operation.id)
        options = request.get("fileExportOptions", {})
        if options.get("fileFormat", "GEO_TIFF") != "GEO_TIFF":
            raise ExportError(
                f"File format {options['fileFormat']} is not supported by the emulator; GEO_TIFF is."
            )
        scratch = self._scratch / operation.id
        scratch.mkdir()
        moves: list[tuple[Path, Path]] = []
        for suffix, part in parts(grid, options.get("geoTiffOptions", {})):
            partial = scratch / f"{len(moves)}.tif"
            if write_geotiff(partial, image, part, options.get("geoTiffOptions", {})):
                moves.append((partial, target.with_name(f"{target.name}{suffix}.tif")))
        overwrite = "fileExportOptions" in request or request["assetExportOptions"][
            "earthEngineDestination"
        ].get("overwrite", False)

        def publish() -> list[str]:
            for partial, final in moves:
                if final.exists() and not overwrite:
                    name = request["assetExportOptions"]["earthEngineDestination"]["name"]
                    raise ExportError(f"Cannot overwrite asset '{name}'.")
                try:
                    final.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(partial, final)
                except OSError as error:
                    raise ExportError(f"Cannot write the result: {error}", code=13) from None
            scratch.rmdir()
            return [final.relative_to(self._output).as_posix() for _, final in moves]

        return Outcome(publish, eecu_seconds=count * len(image.bands) * 1e-6)


def target_stem(request: dict[str, Any], fallback: str = "export") -> Path:
    """Where a request's files go, under the output folder, without what is added to each name.

    Raises:
        ExportError: A name would lead out of the folder.
    """
    files = request.get("fileExportOptions")
    if files is None:
        name = request["assetExportOptions"]["earthEngineDestination"]["name"]
        return inside(Path("assets"), name)
    default = request.get("description") or fallback
    cloud, drive = files.get("cloudStorageDestination"), files.get("driveDestination", {})
    folder = f"gs/{cloud['bucket']}" if cloud else f"drive/{drive.get('folder') or 'My Drive'}"
    prefix = (cloud or drive).get("filenamePrefix") or default
    # A prefix that ends with a slash is a folder; the name of a file in it must come from elsewhere.
    return inside(Path(), f"{folder}/{prefix}{default if prefix.endswith('/') else ''}")


def destination_uris(request: dict[str, Any]) -> list[str]:
    """The URIs that the service would give for a request's results.

    Raises:
        Refusal: The destination is not one.
    """
    try:
        stem = target_stem(request)
    except ExportError as error:
        raise Refusal(error.message) from None
    kind, *folder, _ = stem.parts
    if kind == "gs":
        return [f"https://console.developers.google.com/storage/browser/{'/'.join(folder)}/"]
    if kind == "drive":
        drive_id = hashlib.sha256("/".join(folder).encode()).hexdigest()[:33]
        return [f"https://drive.google.com/#folders/{drive_id}"]
    return [f"https://code.earthengine.google.com/?asset={stem.relative_to('assets').as_posix()}"]


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
            width = image.projection.metres / Projection(crs, Affine.identity()).metres
            transform = Affine(width, 0, 0, 0, -width, 0)
    projection = Projection(crs, transform)
    return covering(image.footprint.in_pixels(projection), projection)


def parts(grid: Grid, options: dict[str, Any]) -> Iterator[tuple[str, Grid]]:
    """The files that an export is split into: what is added to their names, and their pixels."""
    size = options.get("tileDimensions", {"width": grid.width, "height": grid.height})
    if size["width"] >= grid.width and size["height"] >= grid.height:
        yield "", grid
        return
    for row in range(0, grid.height, size["height"]):
        for column in range(0, grid.width, size["width"]):
            height, width = min(size["height"], grid.height - row), min(size["width"], grid.width - column)
            yield f"{row:010}-{column:010}", grid.window(row, column, height, width)


def blocks(grid: Grid, side: int = BLOCK) -> Iterator[tuple[int, int, Grid]]:
    """A grid in squares: row, column and pixels of each."""
    for row in range(0, grid.height, side):
        for column in range(0, grid.width, side):
            yield (
                row,
                column,
                grid.window(row, column, min(side, grid.height - row), min(side, grid.width - column)),
            )


def write_geotiff(path: Path, image: Image, grid: Grid, options: dict[str, Any]) -> bool:
    """Compute pixels and write them; False where all are masked and such files are to be skipped."""
    dtype = image.bands[0].dtype
    no_data = _no_data(options, dtype)
    tile = math.ceil(min(options.get("tileSize", 256), 4096) / 16) * 16
    if options.get("cloudOptimized"):
        layout = {"driver": "COG", "blocksize": 512}
    else:
        layout = {"driver": "GTiff", "tiled": True, "blockxsize": tile, "blockysize": tile}
    empty = True
    with rasterio.open(
        path,
        "w",
        width=grid.width,
        height=grid.height,
        count=len(image.bands),
        dtype=dtype.name,
        crs=rasterio.CRS.from_wkt(grid.crs.to_wkt()),
        transform=grid.transform,
        nodata=no_data,
        compress="LZW",
        bigtiff="IF_SAFER",
        **layout,
    ) as target:
        for row, column, block in blocks(grid):
            window = rasterio.windows.Window(column, row, block.width, block.height)
            for index, pixels in enumerate(render(image.bands, block), 1):
                empty = empty and bool(np.ma.getmaskarray(pixels).all())
                target.write(_filled(pixels, dtype, no_data), index, window=window)
        for index, name in enumerate(image.names, 1):
            target.set_band_description(index, name)
    if empty and options.get("skipEmptyFiles"):
        path.unlink()
        return False
    return True


def _filled(pixels: Pixels, dtype: np.dtype[Any], no_data: float | None) -> Any:
    # Without a noData value the service leaves NaN in floating point files, and 0 in others.
    fill = (np.nan if dtype.kind == "f" else 0) if no_data is None else no_data
    return np.where(np.ma.getmaskarray(pixels), np.array(fill).astype(dtype), pixels.data).astype(dtype)


def _no_data(options: dict[str, Any], dtype: np.dtype[Any]) -> float | None:
    given = options.get("noData")
    if given is None:
        return None
    if "floatValue" not in given:
        raise ExportError("GeoTIFF noData takes only a floatValue.")
    value = float(given["floatValue"])
    if dtype.kind != "f" and not (value.is_integer() and np.iinfo(dtype).min <= value <= np.iinfo(dtype).max):
        raise ExportError(f"The noData value {value} cannot be represented in {dtype.name}.")
    return value


def _check_types(image: Image) -> None:
    if not image.bands:
        raise ExportError("Image has no bands.")
    kinds = {band.dtype.name.capitalize().replace("Uint8", "Byte"): None for band in image.bands}
    if len(kinds) > 1:
        found = " and ".join(list(kinds)[:2])
        raise ExportError(
            f"Exported bands must have compatible data types; found inconsistent types: {found}."
        )
