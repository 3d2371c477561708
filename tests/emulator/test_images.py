"""What the functions compute, pixel by pixel, through the whole server into files."""

import math
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.warp
from affine import Affine
from pyproj import Geod

from .conftest import GRID, Session, call, pixel_grid

COUNTING = np.arange(48).reshape(6, 8)
LOAD = call("Image.load", id="grid")
HOLES = call("Image.load", id="holes")
TWO_TRIANGLES = [[[[0, 0], [1, 0], [1, 1]]], [[[1, 0], [2, 0], [2, 1]]]]
REGION = [-84.35, 36.5, -84.2, 36.65]


def test_an_asset_as_it_is(session: Session) -> None:
    data, profile = session.read(LOAD)
    assert (data == COUNTING).all()
    assert (profile["driver"], profile["dtype"], profile["nodata"]) == ("GTiff", "int16", None)
    assert profile["crs"].to_epsg() == 32616
    assert profile["transform"] == Affine(10, 0, 500000, 0, -10, 4000000)


def test_the_grid_is_exact(session: Session) -> None:
    grid = pixel_grid(3, 2, 10, 0, 500020, 0, -10, 3999990)
    data, profile = session.read(LOAD, grid=grid)
    assert (data[0] == COUNTING[1:3, 2:5]).all()
    assert profile["transform"] == Affine(10, 0, 500020, 0, -10, 3999990)
    # Finer, shifted by half a pixel, upside down and sheared: the centre of each pixel decides.
    data, _ = session.read(LOAD, grid=pixel_grid(4, 4, 5, 0, 500005, 0, 5, 3999965))
    assert data[0].tolist() == [[24, 25, 25, 26], [16, 17, 17, 18], [16, 17, 17, 18], [8, 9, 9, 10]]
    data, profile = session.read(LOAD, grid=pixel_grid(3, 3, 10, 4, 500000, 0, -10, 4000000))
    assert data[0].tolist() == [[0, 1, 2], [9, 10, 11], [17, 18, 19]]
    assert profile["transform"].b == 4


def test_a_part_of_a_grid(session: Session) -> None:
    _, profile = session.read(LOAD, grid={"dimensions": {"width": 4, "height": 2}})
    assert profile["transform"] == Affine(20, 0, 500000, 0, -30, 4000000)
    whole = pixel_grid(1, 1, 20, 0, 7, 0, -20, 3)
    del whole["dimensions"]
    data, profile = session.read(LOAD, grid=whole)
    assert profile["transform"] == Affine(20, 0, 499987, 0, -20, 4000003)
    assert data.shape == (1, 4, 5)
    _, profile = session.read(LOAD, grid={"crsCode": "EPSG:3857"})
    assert profile["crs"].to_epsg() == 3857
    assert profile["transform"].a == pytest.approx(10)


def test_masked_pixels(session: Session) -> None:
    data, profile = session.read(HOLES)
    assert (data[0] == np.where(COUNTING % 2, COUNTING, 0)).all()
    tiff = {"fileExportOptions": file_options(noData={"floatValue": -1})}
    data, profile = session.read(HOLES, **tiff)
    assert profile["nodata"] == -1
    assert (data[0] == np.where(COUNTING % 2, COUNTING, -1)).all()
    data, _ = session.read(call("Image.toFloat", value=HOLES))
    assert (np.isnan(data[0]) == (COUNTING % 2 == 0)).all()
    # Outside the asset everything is masked.
    data, _ = session.read(LOAD, grid=pixel_grid(10, 1, 10, 0, 499990, 0, -10, 4000000), **tiff)
    assert data[0, 0].tolist() == [-1, 0, 1, 2, 3, 4, 5, 6, 7, -1]


BINARY: list[tuple[str, Any, str]] = [
    ("add", COUNTING + 3, "int32"),
    ("subtract", COUNTING - 3, "int32"),
    ("multiply", COUNTING * 3, "int32"),
    ("divide", COUNTING / 3, "float64"),
    ("mod", COUNTING % 3, "int16"),
    ("pow", COUNTING**3.0, "float64"),
    ("min", np.minimum(COUNTING, 3), "int16"),
    ("max", np.maximum(COUNTING, 3), "int16"),
    ("atan2", np.arctan2(3, COUNTING), "float64"),
    ("hypot", np.hypot(COUNTING, 3), "float64"),
    ("lt", COUNTING < 3, "uint8"),
    ("lte", COUNTING <= 3, "uint8"),
    ("gt", COUNTING > 3, "uint8"),
    ("gte", COUNTING >= 3, "uint8"),
    ("eq", COUNTING == 3, "uint8"),
    ("neq", COUNTING != 3, "uint8"),
    ("and", COUNTING > 0, "uint8"),
    ("or", COUNTING >= 0, "uint8"),
    ("bitwiseAnd", COUNTING & 3, "int16"),
    ("bitwiseOr", COUNTING | 3, "int16"),
    ("bitwiseXor", COUNTING ^ 3, "int16"),
    ("leftShift", COUNTING << 3, "int32"),
    ("rightShift", COUNTING >> 3, "int16"),
]


@pytest.mark.parametrize(("name", "expected", "dtype"), BINARY, ids=[name for name, *_ in BINARY])
def test_binary_functions(session: Session, name: str, expected: Any, dtype: str) -> None:
    data, profile = session.read(call(f"Image.{name}", image1=LOAD, image2=call("Image.constant", value=3)))
    assert profile["dtype"] == dtype
    assert np.allclose(data[0], expected)


UNARY: dict[str, Any] = {
    "abs": abs, "floor": math.floor, "ceil": math.ceil, "round": round, "sqrt": math.sqrt, "exp": math.exp,
    "log": math.log, "log10": math.log10, "cbrt": lambda x: x ** (1 / 3), "sin": math.sin, "cos": math.cos,
    "tan": math.tan, "asin": math.asin, "acos": math.acos, "atan": math.atan, "sinh": math.sinh,
    "cosh": math.cosh, "tanh": math.tanh, "signum": lambda _: 1, "not": lambda _: 0,
}  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_unary_functions(session: Session, name: str) -> None:
    data, _ = session.read(
        call(f"Image.{name}", value=call("Image.constant", value=0.7)),
        grid=pixel_grid(1, 1, 1, 0, 0, 0, -1, 0),
    )
    assert data[0, 0, 0] == pytest.approx(UNARY[name](0.7))


@pytest.mark.parametrize(
    ("name", "value", "expected", "dtype"),
    [
        ("toByte", 300, 255, "uint8"),
        ("toUint8", -3.7, 0, "uint8"),
        ("int16", -3.7, -3, "int16"),
        ("toInt8", 1000, 127, "int8"),
        ("toLong", 1e30, 2**63 - 1024, "int64"),
        ("toUint32", 2**40, 2**32 - 1, "uint32"),
        ("float", 7, 7, "float32"),
        ("toDouble", 7, 7, "float64"),
    ],
)
def test_casts(session: Session, name: str, value: float, expected: float, dtype: str) -> None:
    graph = call(f"Image.{name}", value=call("Image.constant", value=value))
    data, profile = session.read(graph, grid=GRID)
    assert profile["dtype"] == dtype
    assert (data == expected).all()


def test_narrow_constants_do_not_wrap(session: Session) -> None:
    two = call("Image.constant", value=200)
    data, _ = session.read(call("Image.add", image1=two, image2=two), grid=GRID)
    assert (data == 400).all()


def test_division_by_zero_is_zero(session: Session, earth_engine: Any) -> None:
    image = earth_engine.Image("grid")
    for graph in (image.divide(0), image.mod(0)):
        data, _ = session.read(graph)
        assert (data == 0).all()


def test_masks_and_choices(session: Session, earth_engine: Any) -> None:
    image = earth_engine.Image("grid")
    tiff = {"fileExportOptions": file_options(noData={"floatValue": -1})}

    def read(graph: Any) -> Any:
        return session.read(graph, **tiff)[0][0]

    assert (read(image.updateMask(image.gt(5))) == np.where(COUNTING > 5, COUNTING, -1)).all()
    assert (read(image.selfMask()) == np.where(COUNTING > 0, COUNTING, -1)).all()
    assert (read(earth_engine.Image("holes").unmask(9)) == np.where(COUNTING % 2, COUNTING, 9)).all()
    assert (read(image.where(image.lt(4), 99)) == np.where(COUNTING < 4, 99, COUNTING)).all()
    assert (read(image.clamp(3, 5)) == np.clip(COUNTING, 3, 5)).all()
    assert np.allclose(read(image.unitScale(0, 2)), COUNTING / 2)
    top = earth_engine.Image("holes").multiply(0)
    mosaic = earth_engine.ImageCollection([image, top]).mosaic()
    assert (read(mosaic) == np.where(COUNTING % 2, 0, COUNTING)).all()
    mapped = earth_engine.ImageCollection([image]).map(lambda one: one.add(image).add(1)).mosaic()
    assert (read(mapped) == COUNTING * 2 + 1).all()


def test_bands(session: Session, earth_engine: Any) -> None:
    image = earth_engine.Image("grid")
    several = image.rename("a").addBands(image.multiply(2).toInt16().rename("b")).addBands(image.rename("a"))
    path = session.files(several.select(["b", 0, "a_.*"], ["x", "y", "z"]))[0]
    with rasterio.open(path) as source:
        assert source.descriptions == ("x", "y", "z")
        assert (source.read() == np.array([COUNTING * 2, COUNTING, COUNTING])).all()
    pair = image.rename("a").addBands(image.add(1).rename("b"))
    other = pair.select(["b", "a"])
    # Bands of the same names go together whatever their order; a single band goes with all.
    data, _ = session.read(pair.subtract(other).toInt())
    assert (data == 0).all()
    data, _ = session.read(pair.subtract(image))
    assert (data == np.array([COUNTING * 0, COUNTING * 0 + 1])).all()
    replaced = image.rename("a").addBands(image.add(5).toInt16().rename("a"), None, True)
    data, _ = session.read(replaced)
    assert (data == COUNTING + 5).all()


def test_deep_graphs(session: Session) -> None:
    values: dict[str, Any] = {"10000": LOAD}
    for n in range(10_000):
        values[str(n)] = call(
            "Image.add", image1={"valueReference": str(n + 1)}, image2={"valueReference": "one"}
        )
    values["one"] = call("Image.constant", value=1)
    data, _ = session.read({"values": values, "result": "0"})
    assert (data == COUNTING + 10_000).all()


def test_a_shared_value_is_computed_once(session: Session) -> None:
    # Doubled sixty times: without sharing this would never end.
    values: dict[str, Any] = {"60": call("Image.toDouble", value=LOAD)}
    for n in range(60):
        reference = {"valueReference": str(n + 1)}
        values[str(n)] = call("Image.add", image1=reference, image2=reference)
    data, _ = session.read({"values": values, "result": "0"})
    assert (data == COUNTING * 2.0**60).all()


def test_every_kind_of_value(session: Session) -> None:
    values = {
        "n": {"integerValue": "3"},
        "list": {"arrayValue": {"values": [{"constantValue": 1}, {"valueReference": "n"}]}},
        "f": {"functionDefinitionValue": {"argumentNames": ["x"], "body": "body"}},
        "body": call("Image.add", image1={"argumentReference": "x"}, image2={"valueReference": "n"}),
        "r": {
            "functionInvocationValue": {
                "functionReference": "f",
                "arguments": {"x": call("Image.constant", value={"valueReference": "list"})},
            }
        },
    }
    data, _ = session.read({"values": values, "result": "r"}, grid=GRID)
    assert (data[0] == 4).all()
    assert (data[1] == 6).all()


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        (call("Image.nonsense", x=1), "Function 'Image.nonsense' is not supported by the emulator."),
        (call("Image.load"), "Image.load: Parameter 'id' is required and may not be null."),
        (call("Image.load", id="no/such"), "Image.load: Image asset 'no/such' not found"),
        (call("Image.load", id="../grid"), "Invalid name"),
        (call("Image.abs", value=LOAD, odd=1), "Unrecognized arguments ['odd']"),
        (call("Image.abs", value="text"), "Image.abs, argument 'value': Expected an image, found str."),
        (call("Image.select", input=LOAD, bandSelectors=["x"]), "Band pattern 'x' did not match any bands."),
        (call("Image.rename", input=LOAD, names=["a", "b"]), "number of names"),
        (call("Image.clip", input=LOAD, geometry=3), "Expected a geometry"),
        (call("Image.reproject", image=LOAD, crs="EPSG:0"), "CRS of a map projection could not be parsed"),
        (call("Image.reproject", image=LOAD, crs="EPSG:4326", crsTransform=[0] * 6), "no transform"),
        (call("GeometryConstructors.Polygon", coordinates=[1, "x"]), "Invalid"),
        (call("GeometryConstructors.Rectangle", coordinates=[1]), "Invalid coordinates"),
        (call("Projection", crs="EPSG:4326"), "Expected an image, found Projection."),
        (call("ImageCollection.mosaic", collection=[]), "Image has no bands."),
        ({"constantValue": 1}, "Unable to export unbounded image."),
        ({"argumentReference": "x"}, "The argument 'x' is not defined here."),
        ({"valueReference": "x"}, "The value 'x' is not defined."),
        ({"valueReference": "0"}, "The value '0' refers to itself."),
        ({"functionInvocationValue": {"functionReference": "x"}}, "The value 'x' is not defined."),
    ],
)
def test_expressions_that_fail(session: Session, graph: dict[str, Any], says: str) -> None:
    assert says in session.error(graph)


# --- geometry ---


def test_hillshade_as_the_official_client_asks_for_it(session: Session, earth_engine: Any) -> None:
    image = earth_engine.Terrain.hillshade(earth_engine.Image("USGS/SRTMGL1_003"))
    config = official(earth_engine, image, region=REGION, scale=90, crs="EPSG:32616")
    data, profile = session.read(**config)
    assert (profile["crs"].to_epsg(), profile["dtype"]) == (32616, "uint8")
    transform = profile["transform"]
    assert (transform.a, transform.e) == (90, -90)
    # Exports of one scale share one grid.
    assert transform.c % 90 == transform.f % 90 == 0
    west, north = transform.c, transform.f
    corners = ([REGION[0], REGION[2]] * 2, [REGION[1]] * 2 + [REGION[3]] * 2)
    x, y = rasterio.warp.transform("EPSG:4326", "EPSG:32616", *corners)
    assert 0 <= min(x) - west < 90
    assert 0 <= north - max(y) < 90
    assert 0 <= west + 90 * profile["width"] - max(x) < 90
    assert data.std() > 20


@pytest.mark.parametrize("crs", ["EPSG:32616", "EPSG:4326", "EPSG:3857"])
def test_terrain_of_a_plane(session: Session, crs: str, assets: Any) -> None:
    """A plane that rises 100 m in 1,000 m to the north-east faces south-west, whatever the projection."""
    del assets
    latitude_of_origin, longitude = 36.0, -87.0
    metres = Geod(ellps="WGS84")
    east = metres.inv(longitude, latitude_of_origin, longitude + 0.001, latitude_of_origin)[2] / 0.001
    north = metres.inv(longitude, latitude_of_origin, longitude, latitude_of_origin + 0.001)[2] / 0.001
    place = call("Image.pixelLonLat")
    lon = call("Image.select", input=place, bandSelectors=["longitude"])
    lat = call("Image.select", input=place, bandSelectors=["latitude"])
    from_origin = call(
        "Image.add",
        image1=times(minus(lon, longitude), east * 0.1 / math.sqrt(2)),
        image2=times(minus(lat, latitude_of_origin), north * 0.1 / math.sqrt(2)),
    )
    x, y = (axis[0] for axis in rasterio.warp.transform("EPSG:4326", crs, [longitude], [latitude_of_origin]))
    side = 0.0003 if crs == "EPSG:4326" else 30
    grid = pixel_grid(5, 5, side, 0, x, 0, -side, y, crs=crs)

    def read(name: str, **arguments: Any) -> float:
        data, _ = session.read(call(name, input=from_origin, **arguments), grid=grid)
        return float(data[0, 2, 2])

    steepness = math.degrees(math.atan(0.1))
    assert read("Terrain.slope") == pytest.approx(steepness, abs=0.02)
    assert read("Terrain.aspect") == pytest.approx(225, abs=0.2)
    lit = math.cos(math.radians(90 - 30 - steepness)) * 255
    assert read("Terrain.hillshade", azimuth=225, elevation=30) == pytest.approx(lit, abs=1.01)
    dark = math.cos(math.radians(90 - 30 + steepness)) * 255
    assert read("Terrain.hillshade", azimuth=45, elevation=30) == pytest.approx(dark, abs=1.01)
    products, _ = session.read(
        call("Image.toDouble", value=call("Terrain.products", input=from_origin)), grid=grid
    )
    assert products.shape[0] == 4


def test_terrain_needs_its_neighbours(session: Session) -> None:
    tiff = {"fileExportOptions": file_options(noData={"floatValue": -1})}
    data, _ = session.read(call("Terrain.slope", input=LOAD), **tiff)
    assert (data[0, 1:-1, 1:-1] > 0).all()
    assert (data[0, 0] == -1).all()
    assert (data[0, :, -1] == -1).all()


def test_official_region_and_transform(session: Session, earth_engine: Any) -> None:
    image = earth_engine.Image("USGS/SRTMGL1_003")
    config = official(
        earth_engine, image, region=REGION, crs="EPSG:32616", crsTransform=[120, 0, 30, 0, -120, 60]
    )
    data, profile = session.read(**config)
    transform = profile["transform"]
    assert (transform.a, transform.c % 120, transform.f % 120) == (120, 30, 60)
    # A rectangle of degrees is a turned one here, so its corners are masked.
    assert data[0, 0, 0] == 0
    assert (data[0, 5:-5, 5:-5] > 0).all()


def test_official_region_and_dimensions(session: Session, earth_engine: Any) -> None:
    image = earth_engine.Image("USGS/SRTMGL1_003")
    data, profile = session.read(**official(earth_engine, image, region=REGION, dimensions="100x50"))
    assert data.shape == (1, 50, 100)
    assert profile["transform"].almost_equals(Affine(0.0015, 0, REGION[0], 0, -0.003, REGION[3]))
    data, _ = session.read(**official(earth_engine, image, region=[-84.35, 36.5, -84.2, 36.6], dimensions=60))
    assert data.shape == (1, 40, 60)


def test_clip_by_polygon(session: Session) -> None:
    triangle = call(
        "GeometryConstructors.Polygon",
        coordinates=[[[500000, 4000000], [500080, 4000000], [500000, 3999920]]],
        crs=call("Projection", crs="EPSG:32616"),
    )
    tiff = {"fileExportOptions": file_options(noData={"floatValue": -1})}
    data, _ = session.read(call("Image.clip", input=LOAD, geometry=triangle), **tiff)
    rows, columns = np.indices((6, 8))
    inside = rows + columns + 1 < 8
    border = rows + columns + 1 == 8
    assert ((data[0] >= 0) == inside)[~border].all()


@pytest.mark.parametrize(
    "geometry",
    [
        call("GeometryConstructors.Rectangle", coordinates=[0, 0, 2, 1]),
        call("GeometryConstructors.Rectangle", coordinates=[[0, 0], [2, 1]]),
        call("GeometryConstructors.BBox", west=0, south=0, east=2, north=1),
        call("GeometryConstructors.Polygon", coordinates=[0, 0, 2, 0, 2, 1, 0, 1]),
        call("GeometryConstructors.Polygon", coordinates=[[0, 0], [2, 0], [2, 1], [0, 1]]),
        call("GeometryConstructors.MultiPolygon", coordinates=TWO_TRIANGLES),
        call("GeometryConstructors.LineString", coordinates=[[0, 0], [2, 1]]),
        call("GeometryConstructors.MultiPoint", coordinates=[[0, 0], [2, 1]]),
        call("GeometryConstructors.MultiLineString", coordinates=[[[0, 0], [2, 1]], [[1, 1], [1, 0]]]),
        call(
            "GeometryConstructors.MultiGeometry",
            geometries={"arrayValue": {"values": [
                call("GeometryConstructors.Point", coordinates=[0, 0]),
                call("GeometryConstructors.LinearRing", coordinates=[[0, 0], [2, 0], [2, 1]]),
            ]}},
        ),
        {"constantValue": {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 1], [0, 1], [0, 0]]]}},
    ],
)  # fmt: skip
def test_the_bounds_of_geometries(session: Session, geometry: dict[str, Any]) -> None:
    graph = call(
        "Image.clipToBoundsAndScale", input=call("Image.constant", value=5), geometry=geometry, width=4
    )
    data, profile = session.read(graph)
    assert data.shape == (1, 2, 4)
    assert profile["transform"].almost_equals(Affine(0.5, 0, 0, 0, -0.5, 1))


def test_reproject_computes_in_its_own_pixels(session: Session) -> None:
    coarse = call(
        "Image.reproject",
        image=call("Image.toFloat", value=LOAD),
        crs="EPSG:32616",
        crsTransform=[20, 0, 500000, 0, -20, 4000000],
    )
    data, profile = session.read(coarse)
    assert profile["transform"].a == 20
    # Pyramids hold means, in the asset's own type.
    assert data[0].tolist() == (COUNTING.reshape(3, 2, 4, 2).mean((1, 3)) + 0.5).tolist()
    fine, _ = session.read(coarse, grid=GRID)
    assert (fine[0] == data[0].repeat(2, 0).repeat(2, 1)).all()


def test_a_pyramid_keeps_pixels_in_place(session: Session) -> None:
    """Of 8 x 6 pixels, 2 x 1 of level 2 can be made; two rows are left over."""
    tiff = {"fileExportOptions": file_options(noData={"floatValue": -1})}
    data, _ = session.read(LOAD, grid=pixel_grid(2, 2, 40, 0, 500000, 0, -40, 4000000), **tiff)
    means = COUNTING[:4].reshape(4, 2, 4).mean((0, 2))
    assert data[0].tolist() == [(means + 0.5).tolist(), [-1, -1]]


def test_too_large_a_reprojection(session: Session) -> None:
    graph = call("Image.reproject", image=LOAD, crs="EPSG:32616", scale=0.0001)
    assert "Reprojection output too large" in session.error(graph, grid=GRID)


def test_blocks_leave_no_seams(session: Session, earth_engine: Any) -> None:
    """An export larger than the squares it is computed in equals its parts."""
    image = earth_engine.Terrain.slope(earth_engine.Image("USGS/SRTMGL1_003"))
    place = (20, 0, 740000, 0, -20, 4060000)
    whole, _ = session.read(image, grid=pixel_grid(1100, 1050, *place))
    part, _ = session.read(image, grid=pixel_grid(100, 50, 20, 0, 740000 + 20_000, 0, -20, 4060000 - 20_000))
    # Metres on the ground are measured in the middle of a square, hence the tolerance.
    assert np.allclose(whole[0, 1000:1050, 1000:1100], part[0], rtol=1e-3, equal_nan=True)


def official(earth_engine: Any, image: Any, **options: Any) -> dict[str, Any]:
    """The request that the official client makes of an export."""
    options["region"] = earth_engine.Geometry.Rectangle(options["region"])
    task = earth_engine.batch.Export.image.toCloudStorage(
        image=image, description="official", bucket="b", **options
    )
    config = dict(task.config)
    return {"graph": config.pop("expression"), **config}


def file_options(**tiff: Any) -> dict[str, Any]:
    return {
        "fileFormat": "GEO_TIFF",
        "cloudStorageDestination": {"bucket": "b"},
        "geoTiffOptions": tiff,
    }


def minus(image: dict[str, Any], number: float) -> dict[str, Any]:
    return call("Image.subtract", image1=image, image2=call("Image.constant", value=number))


def times(image: dict[str, Any], number: float) -> dict[str, Any]:
    return call("Image.multiply", image1=image, image2=call("Image.constant", value=number))
