"""Proves that the emulator answers, lives and computes as the service does.

Shared here: a folder of assets, emulators, and requests in a few words.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import matplotlib
import numpy as np
import pytest
import rasterio
from affine import Affine

from earthengine_emulator import Emulator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import ee
    import ee.apitestcase


def write_dem(path: Path) -> None:
    """matplotlib's elevation model as a GeoTIFF; its file calls the northern edge ymin."""
    dem = np.load(Path(matplotlib.get_data_path()) / "sample_data" / "jacksboro_fault_dem.npz")
    north = max(dem["ymin"], dem["ymax"])
    write_tiff(
        path, dem["elevation"], Affine(dem["dx"], 0, dem["xmin"], 0, -dem["dy"], north), names=["elevation"]
    )


def write_tiff(
    path: Path,
    data: Any,
    transform: Affine,
    crs: str = "EPSG:4326",
    nodata: float | None = None,
    names: list[str] | None = None,
) -> None:
    data = data if data.ndim == 3 else data[None]
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = data.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=count, dtype=data.dtype, crs=crs,
        transform=transform, nodata=nodata,
    ) as target:  # fmt: skip
        target.write(data)
        for index, name in enumerate(names or [], 1):
            target.set_band_description(index, name)


@pytest.fixture(scope="session")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`USGS/SRTMGL1_003`, and `grid`: 8 x 6 pixels of 10 m in EPSG:32616 whose values count from 0."""
    folder = tmp_path_factory.mktemp("assets")
    write_dem(folder / "USGS" / "SRTMGL1_003.tif")
    counting = np.arange(48, dtype="int16").reshape(6, 8)
    write_tiff(folder / "grid.tif", counting, Affine(10, 0, 500000, 0, -10, 4000000), "EPSG:32616")
    holes = np.where(counting % 2, counting, -9999).astype("int16")
    write_tiff(
        folder / "holes.tif", holes, Affine(10, 0, 500000, 0, -10, 4000000), "EPSG:32616", nodata=-9999
    )
    return folder


class Session:
    """An emulator whose time stands still until it is advanced, and a client of it."""

    def __init__(self, emulator: Emulator, client: httpx.Client) -> None:
        self.emulator, self.client = emulator, client

    def export(self, graph: Any = 1, **fields: Any) -> httpx.Response:
        return self.client.post("/v1beta/projects/p/image:export", json=request(graph, **fields))

    def start(self, graph: Any = 1, **fields: Any) -> str:
        reply = self.export(graph, **fields)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["name"])

    def get(self, name: str) -> dict[str, Any]:
        reply = self.client.get(f"/v1beta/{name}")
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def state(self, name: str) -> str:
        return str(self.get(name)["metadata"]["state"])

    def done(self, graph: Any = 1, **fields: Any) -> dict[str, Any]:
        """Export and let enough time pass for the operation to end."""
        name = self.start(graph, **fields)
        self.emulator.advance(1000)
        return self.get(name)

    def error(self, graph: Any, **fields: Any) -> str:
        operation = self.done(graph, **fields)
        assert operation["metadata"]["state"] == "FAILED"
        return str(operation["error"]["message"])

    def files(self, graph: Any, **fields: Any) -> list[Path]:
        operation = self.done(graph, **fields)
        assert operation["metadata"]["state"] == "SUCCEEDED", operation["error"]
        return self.emulator.files(operation["name"])

    def read(self, graph: Any, **fields: Any) -> tuple[Any, dict[str, Any]]:
        """The pixels that an export wrote, and the profile of its only file."""
        (path,) = self.files(graph, **fields)
        with rasterio.open(path) as source:
            return source.read(), dict(source.profile)


def request(graph: Any = 1, **fields: Any) -> dict[str, Any]:
    """An export of a number, a value node, an `ee.Image` or a whole graph, to Cloud Storage by default."""
    if isinstance(graph, ee.Image):
        expression = ee.serializer.encode(graph, for_cloud_api=True)
    elif isinstance(graph, dict) and "values" in graph:
        expression = graph
    else:
        node = graph if isinstance(graph, dict) else call("Image.constant", value=graph)
        expression = {"values": {"0": node}, "result": "0"}
    body = {"expression": expression, **fields}
    if not {"fileExportOptions", "assetExportOptions"} & body.keys():
        body["fileExportOptions"] = {"fileFormat": "GEO_TIFF", "cloudStorageDestination": {"bucket": "b"}}
    return body


def call(name: str, **arguments: Any) -> dict[str, Any]:
    nodes = {
        key: value if isinstance(value, dict) else {"constantValue": value}
        for key, value in arguments.items()
    }
    return {"functionInvocationValue": {"functionName": name, "arguments": nodes}}


def pixel_grid(width: int, height: int, *transform: float, crs: str = "EPSG:32616") -> dict[str, Any]:
    names = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    return {
        "dimensions": {"width": width, "height": height},
        "affineTransform": dict(zip(names, transform or (10, 0, 500000, 0, -10, 4000000), strict=True)),
        "crsCode": crs,
    }


GRID = pixel_grid(8, 6)
Open = Callable[..., Session]


@pytest.fixture(scope="module")
def open_session(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    with ExitStack() as stack:

        def make(**options: Any) -> Session:
            output = tmp_path_factory.mktemp("output")
            options = {"speed": 0, **options}
            emulator = stack.enter_context(Emulator(assets, output, **options))
            return Session(
                emulator, stack.enter_context(httpx.Client(base_url=emulator.base_url, timeout=20))
            )

        yield make


@pytest.fixture(scope="module")
def module_session(open_session: Open) -> Session:
    return open_session()


@pytest.fixture
def session(module_session: Session) -> Session:
    """An emulator that has seen nothing yet."""
    module_session.emulator.reset()
    return module_session


@pytest.fixture(scope="session")
def earth_engine() -> Iterator[Any]:
    """The official client, with its function signatures and no network."""
    case = ee.apitestcase.ApiTestCase()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case.setUp()
        yield ee
    case.tearDown()
