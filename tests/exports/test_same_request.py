"""For the same parameters, the request is the one that the official client sends."""

import json
import tempfile
from pathlib import Path
from typing import Any

import affine
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from earthengine_export._describe.destinations import Asset, CloudStorage, Drive
from earthengine_export._describe.formats import GeoTiff, TfRecord
from earthengine_export.image_export import ImageExport
from earthengine_export.rest import Expression

WKT = 'PROJCS["made up",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]]]]'


def resolved(graph: dict[str, Any], node: Any = None) -> Any:
    """A graph as a tree without references, in which equal values look equal."""
    if node is None:
        return resolved(graph, graph["values"][graph["result"]])
    ((kind, content),) = node.items()
    match kind:
        case "valueReference":
            return resolved(graph, graph["values"][content])
        case "constantValue" if isinstance(content, list):
            return ["array", *(resolved(graph, {"constantValue": item}) for item in content)]
        case "constantValue" if isinstance(content, dict):
            return {key: resolved(graph, {"constantValue": item}) for key, item in content.items()}
        case "arrayValue":
            return ["array", *(resolved(graph, item) for item in content["values"])]
        case "dictionaryValue":
            return {key: resolved(graph, item) for key, item in content["values"].items()}
        case "functionInvocationValue":
            name = content.get("functionName") or resolved(
                graph, {"valueReference": content["functionReference"]}
            )
            arguments = {key: resolved(graph, item) for key, item in content["arguments"].items()}
            return ["call", name, arguments]
        case "functionDefinitionValue":
            return [
                "function",
                content["argumentNames"],
                resolved(graph, {"valueReference": content["body"]}),
            ]
    return [kind, content, type(content) is bool]


def plain(value: Any) -> Any:
    """JSON with wrapped numbers, {"value": 5}, as plain ones."""
    if isinstance(value, dict):
        return (
            plain(value["value"])
            if value.keys() == {"value"}
            else {key: plain(item) for key, item in value.items()}
        )
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def official_request(ee: Any, destination: str, image: Any, **parameters: Any) -> dict[str, Any]:
    """The body that the official client would send, in the documented form."""
    config = getattr(ee.batch.Export.image, destination)(image, **parameters).config
    graph = json.loads(config.pop("expression").serialize(for_cloud_api=True))
    body = {"expression": resolved(graph), **plain(config)}
    if "description" not in parameters:  # by design, no name is made up here
        assert body.pop("description") == "myExportImageTask"
        file_destination = {**body.get("fileExportOptions", {})}
        for name in ("driveDestination", "cloudStorageDestination"):
            if file_destination.get(name, {}).get("filenamePrefix") == "myExportImageTask":
                del file_destination[name]["filenamePrefix"]
    return body


def our_request(export: ImageExport) -> dict[str, Any]:
    body = export.to_dict()
    assert ImageExport.from_json(export.to_json()) == export
    body["expression"] = resolved(body["expression"])
    # By design, what is False anyway is not sent.
    body.get("assetExportOptions", {}).get("earthEngineDestination", {}).setdefault("overwrite", False)
    return body


numbers = st.floats(-179, 179, allow_nan=False).map(lambda x: round(x, 4)) | st.integers(-80, 80)
positions = st.tuples(numbers, st.floats(-89, 89).map(lambda y: round(y, 3))).map(list)
lines = st.lists(positions, min_size=2, max_size=5)
rings = st.lists(positions, min_size=3, max_size=5)
polygons = st.lists(rings, min_size=1, max_size=2)
shapes = st.one_of(
    *(
        st.fixed_dictionaries(
            {"type": st.just(kind), "coordinates": coordinates},
            optional={
                **({} if "Point" in kind else {"geodesic": st.booleans()}),
                **({"evenOdd": st.booleans()} if "Polygon" in kind else {}),
                "crs": st.sampled_from(["EPSG:4326", "EPSG:3857"]).map(
                    lambda name: {"type": "name", "properties": {"name": name}}
                ),
            },
        )
        for kind, coordinates in {
            "Point": positions,
            "MultiPoint": st.lists(positions, min_size=1, max_size=3),
            "LineString": lines,
            "LinearRing": rings,
            "MultiLineString": st.lists(lines, min_size=1, max_size=2),
            "Polygon": polygons,
            "MultiPolygon": st.lists(polygons, min_size=1, max_size=2),
        }.items()
    )
)
geojson = shapes | st.lists(shapes, min_size=1, max_size=3).map(
    lambda members: {"type": "GeometryCollection", "geometries": members}
)
boxes = st.tuples(st.floats(-400, 400), st.floats(-90, 0), st.floats(-400, 400), st.floats(0, 90))


@st.composite
def regions(draw: st.DrawFn, ee: Any) -> tuple[Any, Any]:
    """A region for us and the same for the official client."""
    match draw(
        st.sampled_from(["box", "geojson", "text", "line", "flat", "polygon", "computed", "ee", "projected"])
    ):
        case "box":
            box = draw(boxes)
            return box, ee.Geometry.BBox(*box)
        case "geojson":
            shape = draw(geojson)
            return shape, ee.Geometry(shape)
        case "text":
            coordinates = draw(lines | polygons)
            return json.dumps(coordinates), json.dumps(coordinates)
        case "line":
            coordinates = draw(lines)
            return coordinates, coordinates
        case "flat":
            flat = [number for position in draw(rings) for number in position]
            return flat, flat
        case "polygon":
            coordinates = draw(polygons)
            return coordinates, coordinates
        case "computed":
            points = [ee.Geometry.Point(*draw(positions)), ee.Geometry.Point(1, 2)]
            return points, points
        case "ee":
            geometry = ee.Geometry(draw(geojson)).buffer(draw(st.integers(1, 9)))
            return geometry, geometry
    geometry = ee.Geometry.Rectangle(
        [0, 0, draw(st.integers(1, 900)), 100], "EPSG:32610", draw(st.booleans())
    )
    return geometry, geometry


@st.composite
def projections(draw: st.DrawFn, ee: Any) -> tuple[Any, Any]:
    """A CRS for us and the same for the official client."""
    match draw(st.sampled_from(["code", "text", "wkt", "projection", "image", "string"])):
        case "code":
            return 32610, "EPSG:32610"
        case "text":
            code = draw(st.sampled_from(["EPSG:4326", "EPSG:3857", "SR-ORG:6974"]))
            return code, code
        case "wkt":
            return WKT, WKT
        case "projection":
            projection = ee.Projection("EPSG:32611", [30, 0, 0, 0, -30, 0])
        case "string":
            projection = ee.String("EPSG:").cat("4326")
        case _:
            projection = ee.Image("A").select(0).projection()
    return projection, projection


@st.composite
def transforms(draw: st.DrawFn, ee: Any) -> tuple[Any, Any]:
    """A crs_transform for us and the same for the official client."""
    terms = [
        draw(st.integers(1, 90)),
        draw(st.integers(0, 2)),
        draw(numbers),
        0,
        -draw(st.integers(1, 90)),
        draw(numbers),
    ]
    match draw(st.sampled_from(["list", "tuple", "text", "affine", "ee", "mixed"])):
        case "tuple":
            return tuple(terms), tuple(terms)
        case "text":
            text = ",".join(map(str, terms))
            text = draw(st.sampled_from([text, f"[{text}]"]))
            return text, text
        case "affine":
            return affine.Affine(*terms), terms
        case "ee":
            return ee.List(terms), ee.List(terms)
        case "mixed":
            mixed = [ee.Number(terms[0]).multiply(2), *terms[1:]]
            return mixed, mixed
    return terms, terms


@st.composite
def placements(draw: st.DrawFn, ee: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    ours: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    if draw(st.booleans()):
        ours["region"], theirs["region"] = draw(regions(ee))
    if draw(st.booleans()):
        ours["crs"], theirs["crs"] = draw(projections(ee))
        if draw(st.booleans()):
            ours["crs_transform"], theirs["crsTransform"] = draw(transforms(ee))
    sides = st.integers(1, 9000)
    match draw(
        st.sampled_from(["none", "scale", "computed scale", "longest", "pair", "text", "computed side"])
    ):
        case "scale":
            ours["scale"] = theirs["scale"] = draw(st.integers(1, 5000) | st.floats(1, 5e4))
        case "computed scale":
            ours["scale"] = theirs["scale"] = ee.Number(10).multiply(3)
        case "longest":
            side = draw(sides)
            ours["dimensions"] = theirs["dimensions"] = draw(st.sampled_from([side, [side], str(side)]))
        case "pair":
            pair = draw(st.tuples(sides, sides))
            ours["dimensions"] = theirs["dimensions"] = draw(st.sampled_from([pair, list(pair)]))
        case "text":
            ours["dimensions"] = theirs["dimensions"] = f"{draw(sides)}x{draw(sides)}"
        case "computed side":
            ours["dimensions"] = theirs["dimensions"] = [ee.Number(5).add(1), draw(sides)]
    return ours, theirs


@st.composite
def outputs(draw: st.DrawFn) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """The destination and format for us, the official function, and its parameters."""

    def maybe(strategy: st.SearchStrategy[Any]) -> Any:
        return draw(st.none() | strategy)

    def set_only(**values: Any) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value is not None}

    names = st.text("abcXYZ09_-/ éß", min_size=1, max_size=12).filter(str.strip)
    policies = st.sampled_from(["mean", "MODE", "Sample", "min", "max", "median"])
    if draw(st.integers(0, 2)) == 0:
        default, overrides = maybe(policies), draw(st.dictionaries(st.sampled_from("abc"), policies))
        tile, overwrite = maybe(st.sampled_from([128, 256])), maybe(st.booleans())
        asset = Asset(
            "projects/my-project/assets/a/b_c",
            overwrite=overwrite,
            pyramiding_policy=default,
            pyramiding_policy_overrides=overrides,
            tile_size=tile,
        )
        policy = {**overrides, **set_only(**{".default": default})} or None
        theirs = set_only(pyramidingPolicy=policy, overwrite=overwrite, shardSize=tile)
        return {"to": asset}, "toAsset", {"assetId": "projects/my-project/assets/a/b_c", **theirs}
    prefix = maybe(names | st.just(""))
    if draw(st.booleans()):
        folder = maybe(names)
        to: Drive | CloudStorage = Drive(folder, prefix)
        function, parameters = "toDrive", set_only(folder=folder, fileNamePrefix=prefix)
    else:
        public, cors = maybe(st.booleans()), maybe(st.lists(st.just("https://example.org"), max_size=2))
        to = CloudStorage("my-bucket.example", prefix, "PUBLIC" if public else None, cors)
        function = "toCloudStorage"
        parameters = set_only(
            bucket="my-bucket.example", fileNamePrefix=prefix, writePublicTiles=public, bucketCorsUris=cors
        )
    sides = st.integers(1, 8)
    if draw(st.booleans()):
        tile = maybe(st.sampled_from([64, 256, 512]))
        file = maybe(
            sides.map(lambda n: n * 512) | st.tuples(sides, sides).map(lambda p: (p[0] * 512, p[1] * 512))
        )
        cog, empty, no_data = (
            maybe(st.booleans()),
            maybe(st.booleans()),
            maybe(st.integers(-9999, 0) | numbers),
        )
        keys = maybe(st.just("one") | st.lists(st.text("ab", min_size=1), min_size=1))
        file_format: GeoTiff | TfRecord | None = GeoTiff(cog, file, empty, tile, no_data, keys)
        if file_format == GeoTiff() and draw(st.booleans()):
            file_format = None
        options = set_only(cloudOptimized=cog, noData=no_data, metadataKeys=keys)
        parameters |= set_only(shardSize=tile, skipEmptyTiles=empty, formatOptions=options or None)
        if file is not None:
            if draw(st.booleans()):
                parameters["fileDimensions"] = file
            else:
                parameters["formatOptions"] = {**options, "fileDimensions": file}
    else:
        patch = maybe(sides | st.tuples(sides, sides) | st.lists(sides, min_size=1, max_size=1))
        kernel = maybe(sides | st.tuples(sides, sides))
        flags = [maybe(st.booleans()) for _ in range(3)]
        size, value, ratio = maybe(st.integers(1, 2**40)), maybe(numbers), maybe(st.floats(0, 1))
        depths = maybe(st.dictionaries(st.sampled_from("ab"), st.integers(1, 9), min_size=1))
        file_format = TfRecord(patch, kernel, flags[0], size, value, depths, flags[1], flags[2], ratio)
        parameters |= {"fileFormat": "TFRecord"}
        options = set_only(
            patchDimensions=patch,
            kernelSize=kernel,
            compressed=flags[0],
            maxFileSize=size,
            defaultValue=value,
            tensorDepths=depths,
            sequenceData=flags[1],
            collapseBands=flags[2],
            maskedThreshold=ratio,
        )
        parameters |= set_only(formatOptions=options or None)
    ours: dict[str, Any] = {"to": to}
    return (ours if file_format is None else {**ours, "file_format": file_format}), function, parameters


def images(ee: Any) -> list[Any]:
    collection = ee.ImageCollection("C").filterDate("2020-01-01", "2021-01-01")
    doubled = collection.map(
        lambda image: image.multiply(2).addBands(collection.map(lambda i: i.add(image)).first())
    )
    return [
        ee.Image("USGS/SRTMGL1_003"),
        ee.Image("A").add(ee.Image("A")).set("a", 2**62 + 1, "b", {"x": [1, "a", None], "y": True}),
        doubled.first(),
        ee.Image(1).clip(ee.Geometry.Point(1, 2).buffer(9)),
    ]


@given(data=st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_request_is_the_official_one(official: Any, data: st.DataObject) -> None:
    ours, theirs = data.draw(placements(official), label="placement")
    output, function, parameters = data.draw(outputs(), label="output")
    common: dict[str, Any] = {}
    if data.draw(st.booleans()):
        common["description"] = data.draw(st.text("aZ9.,:;_-", min_size=1, max_size=100))
    if "region" in ours or data.draw(st.booleans()):  # a region by itself is refused where it is too large
        ours["max_pixels"] = theirs["maxPixels"] = data.draw(st.sampled_from([10**17, 1e17]))
    if data.draw(st.booleans()):
        ours["priority"] = theirs["priority"] = data.draw(st.integers(0, 9999))
    image = data.draw(st.sampled_from(images(official)))
    text = image.serialize(for_cloud_api=True)
    form = data.draw(st.sampled_from(["ee", "text", "dict", "expression"]))
    given_image: Any = {
        "ee": image,
        "text": text,
        "dict": json.loads(text),
        "expression": Expression.from_dict(json.loads(text)),
    }[form]
    expected = official_request(official, function, image, **parameters, **theirs, **common)
    assert our_request(ImageExport(given_image, **output, **ours, **common)) == expected


def test_image_of_a_file(official: Any) -> None:
    image = official.Image("A")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "graph.json")
        path.write_text(image.serialize(for_cloud_api=True), encoding="utf-8")
        assert our_request(ImageExport(path, to=Drive())) == official_request(official, "toDrive", image)


@pytest.mark.parametrize("form", ["pyproj", "rasterio", "odc"])
def test_crs_of_a_library(official: Any, form: str) -> None:
    import odc.geo.crs
    import pyproj
    import rasterio.crs

    crs = {
        "pyproj": pyproj.CRS("EPSG:32610"),
        "rasterio": rasterio.crs.CRS.from_epsg(32610),
        "odc": odc.geo.crs.CRS("EPSG:32610"),
    }[form]
    image = official.Image("A")
    ours = our_request(ImageExport(image, to=Drive(), crs=crs, scale=30))
    assert ours == official_request(official, "toDrive", image, crs="EPSG:32610", scale=30)
