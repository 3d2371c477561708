"""From a request to files: the grid of the export, its pixels, and where they are put."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from affine import Affine

from earthengine_emulator.algebra import as_image
from earthengine_emulator.assets import Assets, inside
from earthengine_emulator.errors import ExportError, Refusal
from earthengine_emulator.evaluator import Evaluator
from earthengine_emulator.functions.placing import fitted
from earthengine_emulator.geotiff import write_geotiffs
from earthengine_emulator.grids import Grid, Projection, covering, metres_per_unit, parse_crs
from earthengine_emulator.images import Image
from earthengine_emulator.operation import Operation, Outcome
from earthengine_emulator.tfrecord import write_tfrecords

DEFAULT_MAX_PIXELS = 10**8


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
        image = as_image(Evaluator(request["expression"], self._assets).value())
        grid = export_grid(image, request.get("grid", {}))
        limit, count = int(request.get("maxPixels", DEFAULT_MAX_PIXELS)), grid.width * grid.height
        if count > limit:
            raise ExportError(
                f"Export too large: specified {count} pixels (max: {limit}). "
                "Specify higher maxPixels value if you intend to export a large area."
            )
        _check_types(image)
        target = self._output / target_stem(request, operation.id)
        files = request.get("fileExportOptions", {})
        asset = request.get("assetExportOptions", {}).get("earthEngineDestination")
        scratch = self._scratch / operation.id
        scratch.mkdir()
        match files.get("fileFormat", "GEO_TIFF"):
            case "GEO_TIFF":
                written = write_geotiffs(scratch, image, grid, files.get("geoTiffOptions", {}))
            case "TF_RECORD_IMAGE":
                written = write_tfrecords(scratch, image, grid, files.get("tfRecordOptions", {}))
            case other:
                raise ExportError(f"Exports take GEO_TIFF and TF_RECORD_IMAGE; {other} is not one of them.")
        moves = [(path, target.with_name(f"{target.name}{suffix}")) for suffix, path in written]

        def publish() -> list[str]:
            for partial, final in moves:
                if asset and final.exists() and not asset.get("overwrite"):
                    raise ExportError(f"Cannot overwrite asset '{asset['name']}'.")
                try:
                    final.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(partial, final)
                except OSError as error:
                    raise ExportError(f"Cannot write the result: {error}", code=13) from None
            shutil.rmtree(scratch, ignore_errors=True)
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
            side = image.projection.metres / metres_per_unit(crs)
            transform = Affine(side, 0, 0, 0, -side, 0)
    projection = Projection(crs, transform)
    return covering(image.footprint.in_pixels(projection), projection)


def _check_types(image: Image) -> None:
    if not image.bands:
        raise ExportError("Image has no bands.")
    kinds = {band.dtype.name.capitalize().replace("Uint8", "Byte"): None for band in image.bands}
    if len(kinds) > 1:
        found = " and ".join(list(kinds)[:2])
        raise ExportError(
            f"Exported bands must have compatible data types; found inconsistent types: {found}."
        )
