"""The main job, end to end: the hillshade of a piece of SRTM, exported at 90 m to Cloud Storage.

Without arguments it runs against the emulator, over a real elevation model that matplotlib ships. With a
project and a bucket it does the same on the real service, with your own credentials.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import rasterio
from PIL import Image
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import from_bounds

import earthengine_export as eex
from earthengine_emulator import Emulator

OUTPUT = Path("demo-output")
ASSET = "USGS/SRTMGL1_003"
REGION = (-84.40, 36.46, -84.10, 36.72)  # west, south, east, north: the Jacksboro fault in Tennessee
PREFIX = "earthengine-export-demo/hillshade"


def main() -> int:
    """Export, wait, and show what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", help="a Google Cloud project that is registered for Earth Engine")
    parser.add_argument("--bucket", help="a Cloud Storage bucket that your account may write to")
    options = parser.parse_args()
    if (options.project is None) != (options.bucket is None):
        missing = "PROJECT" if options.project is None else "BUCKET"
        print(f"{missing} is missing. Give both, or none for the emulator: make demo PROJECT=… BUCKET=…")
        return 2
    OUTPUT.mkdir(exist_ok=True)
    try:
        tiff = on_the_service(options.project, options.bucket) if options.project else on_the_emulator()
    except eex.EarthEngineError as error:
        print(f"The demo ends here: {error}")
        return 1
    describe(tiff)
    describe(preview(tiff))
    return 0


def on_the_emulator() -> Path:
    """Run the job against an emulator of its own; the path of the GeoTIFF."""
    with tempfile.TemporaryDirectory() as folder:
        assets = Path(folder, "assets")
        write_elevation(assets / f"{ASSET}.tif")
        with Emulator(assets, Path(folder, "output")) as emulator:
            print(f"The emulator listens on {emulator.host}.")
            with eex.Client("demo-project", eex.anonymous(), base_url=emulator.base_url) as client:
                return export(client, "demo-bucket")


def on_the_service(project: str, bucket: str) -> Path:
    """Run the job on Earth Engine; the path of the GeoTIFF."""
    with eex.Client(project) as client:
        print(f"Earth Engine, as {client.credentials_source}.")
        return export(client, bucket)


def export(client: eex.Client, bucket: str) -> Path:
    """The job itself: this is what one writes with the library."""
    hillshade = eex.call("Terrain.hillshade", input=eex.load(ASSET))
    operation = client.export_image(
        hillshade,
        to=eex.CloudStorage(bucket, filename_prefix=PREFIX),
        description="hillshade",
        region=REGION,
        scale=90,
        crs="EPSG:32616",
    )
    print(f"Started {operation.name}")
    with eex.progress() as progress:
        operation.wait(on_update=progress)
        print(f"The service wrote {', '.join(operation.files())}")
        (tiff,) = operation.download(OUTPUT, overwrite=True, on_update=progress)
    return tiff


def write_elevation(path: Path) -> None:
    """Write matplotlib's piece of SRTM as the GeoTIFF that the emulator takes for the asset."""
    with np.load(Path(mpl.get_data_path(), "sample_data", "jacksboro_fault_dem.npz")) as dem:
        elevation = dem["elevation"]
        # In the file ymin is the latitude of the first row, which is the northern one.
        west, north, east, south = (float(dem[name]) for name in ("xmin", "ymin", "xmax", "ymax"))
    height, width = elevation.shape
    path.parent.mkdir(parents=True)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=width,
        height=height,
        count=1,
        dtype=elevation.dtype,
        crs="EPSG:4326",
        transform=from_bounds(west, south, east, north, width, height),
    ) as raster:
        raster.write(elevation, 1)
        raster.set_band_description(1, "elevation")


def preview(tiff: Path) -> Path:
    """Write the first band as a grey PNG; its path."""
    png = tiff.with_suffix(".png")
    with rasterio.open(tiff) as raster:
        Image.fromarray(raster.read(1).astype(np.uint8)).save(png)
    return png


def describe(path: Path) -> None:
    """Print where a raster is and what is in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a PNG has no place on Earth
        raster = rasterio.open(path)
    with raster:
        pixels = raster.read(masked=True)
        print(
            f"{path}: {raster.driver}, {raster.crs or 'no CRS'}, {raster.height} rows x {raster.width} "
            f"columns, {raster.count} band, minimum {pixels.min()}, maximum {pixels.max()}"
        )


if __name__ == "__main__":
    sys.exit(main())
