"""The assets that the scripts use: small scenes of two sensors, a terrain, classes, and fields."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine

from tests.emulator.conftest import write_tiff

CRS, ORIGIN, SIDE = "EPSG:32616", (500000, 4000000), 10
WIDTH, HEIGHT = 24, 20
TRANSFORM = Affine(SIDE, 0, ORIGIN[0], 0, -SIDE, ORIGIN[1])
DATES = ["2021-01-15", "2021-03-15", "2021-06-15", "2021-07-15", "2021-09-15", "2022-01-20"]
BANDS = ["B2", "B3", "B4", "B8", "B11", "B12", "QA60"]


def scene(number: int) -> Any:
    """Reflectances that grow with the number, one pixel in three clouded in its own place."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    base = 300 + 20 * rows + 10 * columns + 100 * number
    cloud = (rows + columns + number) % 3 == 0
    bands = [base, base + 50, base + 100, base * 3, base * 2, base + 400]
    return np.stack([*(np.where(cloud, 9000, band) for band in bands), cloud * 1024]).astype("uint16")


def write(folder: Path) -> None:
    """Write all assets."""
    for number, date in enumerate(DATES):
        name = f"T16_{date.replace('-', '')}"
        write_tiff(folder / "S2" / f"{name}.tif", scene(number), TRANSFORM, CRS, names=BANDS)
        known = {
            "system:time_start": f"{date}T16:00:00Z",
            "CLOUDY_PIXEL_PERCENTAGE": 10 + 12 * number,
            "SPACECRAFT_NAME": "Sentinel-2A" if number % 2 else "Sentinel-2B",
        }
        (folder / "S2" / f"{name}.json").write_text(json.dumps(known))
        landsat = np.stack([scene(number)[2] + 7000, scene(number)[3] + 7000, scene(number)[6] // 1024 << 3])
        write_tiff(
            folder / "L8" / f"LC08_{number}.tif", landsat.astype("uint16"), TRANSFORM, CRS,
            names=["SR_B4", "SR_B5", "QA_PIXEL"],
        )  # fmt: skip
        item = {
            "type": "Feature", "stac_version": "1.0.0", "id": f"LC08_{number}", "geometry": None,
            "properties": {"datetime": f"{date}T10:00:00Z", "CLOUD_COVER": 5.0 * number},
        }  # fmt: skip
        (folder / "L8" / f"LC08_{number}.json").write_text(json.dumps(item))
    rows, columns = np.indices((HEIGHT, WIDTH))
    write_tiff(
        folder / "dem.tif",
        (100 + 2 * columns + rows**1.5).astype("float32"),
        TRANSFORM,
        CRS,
        names=["elevation"],
    )
    write_tiff(folder / "landcover.tif", classes(), TRANSFORM, CRS, names=["class"])
    panchromatic = (600 + 15 * rows + 5 * columns).astype("uint16")
    write_tiff(folder / "pan.tif", panchromatic, TRANSFORM, CRS, names=["B8"])
    (folder / "fields.geojson").write_text(json.dumps(fields()))


def classes() -> Any:
    """Four classes in quarters, with a strip of a fifth."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    found = (rows >= HEIGHT // 2) * 2 + (columns >= WIDTH // 2) + 1
    return np.where(columns == 5, 7, found).astype("uint8")


def fields() -> dict[str, Any]:
    """Two rectangles along the pixels, in longitudes and latitudes."""
    from rasterio.warp import transform

    features = []
    for number, (left, top, right, bottom) in enumerate([(2, 2, 8, 8), (12, 5, 20, 15)]):
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        places = [TRANSFORM @ corner for corner in corners]
        lon, lat = transform(CRS, "EPSG:4326", *zip(*places, strict=True))
        ring = [[list(place) for place in zip(lon, lat, strict=True)]]
        features.append(
            {
                "type": "Feature",
                "id": f"field{number}",
                "geometry": {"type": "Polygon", "coordinates": ring},
                "properties": {"name": f"field {number}", "crop": number + 1, "yield": 2.5 + number},
            }
        )
    return {"type": "FeatureCollection", "features": features}
