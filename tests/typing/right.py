"""Lines that type checkers accept; test_typing.py says so of each."""

from pathlib import Path

import affine
import pyproj
import shapely

import earthengine_export as eex
from earthengine_export.rest import ImageAssetExportOptions, ImageFileExportOptions, Operation

image = eex.call("Image.select", input=eex.load("A", version=3), bandSelectors=["b1"])
grid = eex.PixelGrid("EPSG:32610", (30, 0, 5e5, 0, -30, 4e6), (512, 256))

eex.ImageExport(image, to=eex.Drive())
eex.ImageExport("{}", to=eex.CloudStorage("bucket", filename_prefix="dem/"), file_format=eex.GeoTiff())
eex.ImageExport({}, to=eex.Drive("maps"), file_format=eex.TfRecord(16, compress=True, tensor_depths={"b": 1}))
eex.ImageExport(Path("graph.json"), to=eex.Asset("projects/p/assets/a", pyramiding_policy="MODE"))
eex.ImageExport(image, to=eex.Drive(), region=(0, 0, 1, 1), scale=30, crs=4326, max_pixels=1e10, priority=5)
eex.ImageExport(image, to=eex.Drive(), region=shapely.Point(1, 2), dimensions="64x32", crs=pyproj.CRS(4326))
eex.ImageExport(
    image, to=eex.Drive(), crs="EPSG:4326", crs_transform=affine.Affine.identity(), dimensions=(5, 5)
)
eex.ImageExport(image, to=eex.Drive(), region={"type": "Point", "coordinates": [1, 2]}, dimensions=64)
eex.ImageExport(image, to=eex.Drive(), grid=grid, description="dem", workload_tag="a", request_id="b")
eex.ImageExport(image, to=eex.Asset("projects/p/assets/a"), grid=grid)
eex.ImageExport(image, to=eex.Drive(), grid=grid, extra_body={"costCentre": "forest"}).replace(priority=5)
eex.Client("p").export_image(image, to=eex.Drive(extra_body={"a": 1}), region=(0, 0, 1, 1), scale=30)
eex.GeoTiff(tile_dimensions=512, no_data=-9999, metadata_keys=["a"])
eex.PixelGrid.from_bounds((0, 0, 9, 9), 1, 4326)


def raw(files: ImageFileExportOptions, asset: ImageAssetExportOptions) -> list[eex.ImageExport]:
    return [eex.ImageExport(image, to=files), eex.ImageExport(image, to=asset)]


def reply(operation: Operation) -> str | None:
    return eex.which(operation, "result")


def anywhere(to: eex.Drive | eex.CloudStorage | eex.Asset) -> eex.ImageExport:
    return eex.ImageExport(image, to=to)


def fetched(operation: eex.Operation, export: eex.ImageExport) -> list[Path]:
    uris: list[str] = operation.files(export)
    with eex.progress() as progress:
        return operation.download("results", True, export=export, on_update=progress)[: len(uris)]


async def awaited(operation: eex.AsyncOperation) -> list[Path]:
    uris: list[str] = await operation.files()
    return (await operation.download(Path("results"), on_update=print, parallel=2))[: len(uris)]
