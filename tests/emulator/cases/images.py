"""Images: small ones of known pixels, against numpy and scipy."""

import math
from typing import Any

import numpy as np
import pyproj
import scipy
from affine import Affine

from .values import Case

HEIGHT, WIDTH = 12, 16
UTM = Affine(10, 0, 500000, 0, -10, 4000000)
A = np.random.default_rng(5).integers(1, 9, (HEIGHT, WIDTH)).astype("int16")
B = np.random.default_rng(6).integers(1, 9, (HEIGHT, WIDTH)).astype("int16")
C = (A * 3 + B).astype("int16")
M = np.where(A > 2, A, np.nan)  # A where it is masked
STACK = np.stack([A, B, C]).astype(float)
INNER = slice(3, -3)
TO_DEGREES = pyproj.Transformer.from_crs(32616, 4326, always_xy=True)
LON_LAT = TO_DEGREES.transform(
    500005 + 10 * np.indices((HEIGHT, WIDTH))[1], 3999995 - 10 * np.indices((HEIGHT, WIDTH))[0]
)
REGION = (slice(2, 8), slice(4, 12))


def a(ee: Any) -> Any:
    return ee.Image("a")


def b(ee: Any) -> Any:
    return ee.Image("b")


def three(ee: Any) -> Any:
    return ee.ImageCollection([a(ee), b(ee).rename("b1"), ee.Image("c").rename("b1")])


def masked(ee: Any) -> Any:
    return a(ee).updateMask(a(ee).gt(2))


def region(ee: Any) -> Any:
    return ee.Geometry.Rectangle([500040, 3999920, 500120, 3999980], "EPSG:32616", False)


def both(ee: Any) -> Any:
    return a(ee).rename("a").addBands(b(ee).rename("b"))


def around(data: Any, function: Any, size: int = 3, footprint: Any = None) -> Any:
    """A function of the pixels around each; NaN are left out."""
    kept = np.ones((size, size), bool) if footprint is None else footprint

    def call(values: Any) -> float:
        found = values[~np.isnan(values)]
        return float(function(found)) if len(found) else np.nan

    return scipy.ndimage.generic_filter(
        data.astype(float), call, footprint=kept, mode="constant", cval=np.nan
    )


def areas(data: Any, labels: Any) -> Any:
    """The means of connected areas of equal labels."""
    found = np.zeros(data.shape)
    for side in (True, False):
        numbers, count = scipy.ndimage.label(labels == side, np.ones((3, 3)))
        means = scipy.ndimage.mean(data, numbers, np.arange(1, count + 1))
        found = np.where(labels == side, np.append(0, means)[numbers], found)
    return found


def landsat(ee: Any) -> Any:
    """Bright, cold and dry, but for how much blue there is."""
    bands = ee.Image([0.3, 0.3, 0.5, 0.5, 0.5, 280]).rename(["B3", "B4", "B5", "B6", "B7", "B10"])
    return a(ee).divide(21).rename("B2").addBands(bands).set("SPACECRAFT_ID", "LANDSAT_8")


def scene(ee: Any) -> Any:
    """A Landsat scene as it came, of one reflectance and one temperature."""
    known = {
        "REFLECTANCE_MULT_BAND_4": 0.02, "REFLECTANCE_ADD_BAND_4": -0.01, "SUN_ELEVATION": 40,
        "RADIANCE_MULT_BAND_10": 2, "RADIANCE_ADD_BAND_10": 3,
        "K1_CONSTANT_BAND_10": 700, "K2_CONSTANT_BAND_10": 1300,
    }  # fmt: skip
    return a(ee).rename("B4").addBands(b(ee).rename("B10")).set(known)


def in_region(name: str, *arguments: Any) -> Any:
    return lambda ee: a(ee).reduceRegion(getattr(ee.Reducer, name)(*arguments), region(ee), 10).get("b1")


def grey_levels(measure: Any) -> Any:
    """A measure of the matrix of 3 x 3 pixels, averaged over four directions, by counting into a table."""
    levels = np.arange(9)

    def call(values: Any) -> float:
        square, found = values.reshape(3, 3).astype(int), []
        for one, other in ((square[:, 1:], square[:, :-1]), (square[1:], square[:-1]),
                           (square[1:, 1:], square[:-1, :-1]), (square[1:, :-1], square[:-1, 1:])):  # fmt: skip
            table = np.zeros((9, 9))
            for pair in zip(one.ravel(), other.ravel(), strict=True):
                table[pair] += 1
                table[pair[::-1]] += 1
            found.append(measure(table / table.sum(), levels[:, None], levels))
        return float(np.mean(found))

    return scipy.ndimage.generic_filter(A.astype(float), call, size=3)


def spread(p: Any, i: Any, j: Any) -> Any:
    mean = (p * i).sum()
    return (p * (i - mean) * (j - mean)).sum() / (p * (i - mean) ** 2).sum()


R = A[REGION].astype(float)
X, Y = A[REGION].astype(float).ravel(), B[REGION].astype(float).ravel()
PLUS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)
MODE = scipy.stats.mode(R, axis=None)
IN_REGION: list[Case] = [
    (in_region("mean"), R.mean()),
    (in_region("sum"), R.sum()),
    (in_region("median"), np.median(R)),
    (in_region("mode"), MODE.mode),
    (in_region("min"), R.min()),
    (in_region("max"), R.max()),
    (in_region("count"), R.size),
    (in_region("countEvery"), R.size),
    (in_region("countDistinct"), len(np.unique(R))),
    (in_region("countDistinctNonNull"), len(np.unique(R))),
    (in_region("countRuns"), 1 + int((np.diff(R.ravel()) != 0).sum())),
    (in_region("product"), R.prod()),
    (in_region("stdDev"), R.std()),
    (in_region("variance"), R.var()),
    (in_region("sampleStdDev"), R.std(ddof=1)),
    (in_region("sampleVariance"), R.var(ddof=1)),
    (in_region("skew"), scipy.stats.skew(R, axis=None)),
    (in_region("kurtosis"), scipy.stats.kurtosis(R, axis=None)),
    (in_region("first"), R[0, 0]),
    (in_region("firstNonNull"), R[0, 0]),
    (in_region("last"), R[-1, -1]),
    (in_region("lastNonNull"), R[-1, -1]),
    (in_region("allNonZero"), 1),
    (in_region("anyNonZero"), 1),
    (in_region("bitwiseAnd"), int(np.bitwise_and.reduce(A[REGION], axis=None))),
    (in_region("bitwiseOr"), int(np.bitwise_or.reduce(A[REGION], axis=None))),
    (in_region("percentile", [25]), np.percentile(R, 25)),
    (in_region("intervalMean", 10, 90), R[(np.percentile(R, 10) <= R) & (np.percentile(R, 90) >= R)].mean()),
    (in_region("circularMean"), scipy.stats.circmean(R, math.pi, -math.pi)),
    (in_region("circularVariance"), scipy.stats.circvar(R)),
    (in_region("circularStddev"), scipy.stats.circstd(R)),
    (in_region("toList"), R.ravel().tolist()),
    (in_region("frequencyHistogram"), {f"{v:g}": int(n) for v, n in zip(*np.unique(R, return_counts=True), strict=True)}),
    (in_region("fixedHistogram", 0, 10, 5), np.column_stack([np.arange(0, 10, 2), np.histogram(R, 5, (0, 10))[0]]).tolist()),
    (lambda ee: ee.Dictionary(in_region("histogram")(ee)).get("histogram"), np.histogram(R, np.arange(R.min(), R.max() + 2))[0].tolist()),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.fixed2DHistogram(1, 9, 4, 2, 8, 3), region(ee), 10).get("histogram"), np.histogram2d(X, Y, (4, 3), ((1, 9), (2, 7.999)))[0].tolist()),
    (lambda ee: ee.Array(a(ee).rename("x").addBands(a(ee).multiply(3).where(b(ee).eq(8), 90)).reduceRegion(ee.Reducer.robustLinearRegression(1, 1), region(ee), 10).get("coefficients")), [[3.0]]),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.geometricMedian(2), region(ee), 10), dict(zip(("median", "median_1"), scipy.optimize.minimize(lambda at: np.hypot(X - at[0], Y - at[1]).sum(), (X.mean(), Y.mean()), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x, strict=True))),
    (in_region("autoHistogram"), np.column_stack([np.arange(R.min(), R.max() + 1), np.histogram(R, np.arange(R.min(), R.max() + 2))[0]]).tolist()),
    (lambda ee: a(ee).reduceRegion(ee.Reducer.minMax(), region(ee), 10), {"b1_min": R.min(), "b1_max": R.max()}),
    (lambda ee: a(ee).reduceRegion(ee.ApiFunction.call_("Reducer.and"), region(ee), 10), {"b1": 1}),
    (lambda ee: a(ee).reduceRegion(ee.ApiFunction.call_("Reducer.or"), region(ee), 10), {"b1": 1}),
    (lambda ee: a(ee).reduceRegion(ee.Reducer.mean().combine(ee.Reducer.max(), "x_", True), region(ee), 10), {"b1_mean": R.mean(), "b1_x_max": R.max()}),
    (lambda ee: a(ee).reduceRegion(ee.Reducer.mean().setOutputs(["m"]), region(ee), 10), {"b1": R.mean()}),
    (lambda ee: ee.Reducer.minMax().getOutputs(), ["min", "max"]),
    (lambda ee: a(ee).reduceRegion(ee.Reducer.mean().unweighted(), region(ee), 10), {"b1": R.mean()}),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.linearFit(), region(ee), 10), dict(zip(("scale", "offset"), np.polyfit(X, Y, 1), strict=True))),
    (lambda ee: ee.Array(both(ee).reduceRegion(ee.Reducer.linearRegression(1, 1), region(ee), 10).get("coefficients")), [[(X @ Y) / (X @ X)]]),
    (lambda ee: ee.Array(both(ee).reduceRegion(ee.Reducer.ridgeRegression(1, 1, 1e-9), region(ee), 10).get("coefficients")), np.polyfit(X, Y, 1)[::-1, None].tolist()),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.pearsonsCorrelation(), region(ee), 10).get("correlation"), np.corrcoef(X, Y)[0, 1]),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.spearmansCorrelation(), region(ee), 10).get("correlation"), scipy.stats.spearmanr(X, Y)[0]),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.kendallsCorrelation(2), region(ee), 10).get("tau"), scipy.stats.kendalltau(X, Y)[0]),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.sensSlope(), region(ee), 10).get("slope"), scipy.stats.theilslopes(Y, X)[0]),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.mean().repeat(2), region(ee), 10).get("mean"), [X.mean(), Y.mean()]),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.mean().forEach(["p", "q"]), region(ee), 10), {"p": X.mean(), "q": Y.mean()}),
    (lambda ee: both(ee).reduceRegion(ee.Reducer.mean().forEachBand(both(ee)), region(ee), 10), {"a": X.mean(), "b": Y.mean()}),
    (lambda ee: ee.FeatureCollection(both(ee).reduceRegion(ee.Reducer.toCollection(["p", "q"]), region(ee), 10).get("features")).aggregate_sum("q"), Y.sum()),
    (lambda ee: both(ee).toArray().reduceRegion(ee.Reducer.centeredCovariance(), region(ee), 10).get("array"), np.cov(X, Y).tolist()),
    (lambda ee: both(ee).toArray().reduceRegion(ee.Reducer.covariance(), region(ee), 10).get("array"), np.cov(X, Y).tolist()),
    (lambda ee: a(ee).reduceRegions(ee.FeatureCollection([ee.Feature(region(ee), {})]), ee.Reducer.mean(), 10).aggregate_first("mean"), R.mean()),
    (lambda ee: ee.ApiFunction.call_("FeatureCollection.makeArray", ee.FeatureCollection([ee.Feature(None, {"p": 3, "q": 4}), ee.Feature(None, {"p": 3})]), ["q", "p"], "z").aggregate_array("z"), [[4, 3]]),
    (lambda ee: a(ee).sample(region(ee), 10).size(), R.size),
    (lambda ee: a(ee).sample(region(ee), 10, numPixels=20).size(), 20),
    (lambda ee: a(ee).sample(region(ee), 10).aggregate_sum("b1"), R.sum()),
    (lambda ee: a(ee).sampleRegions(ee.FeatureCollection([ee.Feature(region(ee), {"id": 7})]), ["id"], 10).aggregate_sum("id"), 7 * R.size),
    (lambda ee: a(ee).stratifiedSample(2, "b1", region(ee), 10).aggregate_histogram("b1"), {str(int(v)): 2 for v in np.unique(R)}),
    (lambda ee: a(ee).sampleRectangle(region(ee)).get("b1"), R.tolist()),
    (lambda ee: a(ee).gt(0).reduceToVectors(geometry=region(ee), scale=10).aggregate_array("count"), [R.size]),
    (lambda ee: ee.FeatureCollection.randomPoints(region(ee), 30, 2).filterBounds(region(ee)).size(), 30),
    (lambda ee: three(ee).getRegion(region(ee), 10, "EPSG:32616").length(), 3 * R.size + 1),
    (lambda ee: a(ee).bandNames(), ["b1"]),
    (lambda ee: a(ee).toByte().bandTypes(), {"b1": {"type": "PixelType", "precision": "int", "min": 0, "max": 255}}),
    (lambda ee: a(ee).id(), "a"),
    (lambda ee: a(ee).geometry().bounds(1, "EPSG:32616").coordinates().get(0), [[500000, 3999880], [500160, 3999880], [500160, 4000000], [500000, 4000000], [500000, 3999880]]),
    (lambda ee: a(ee).set("system:time_start", 86400000).date().format("YYYY-MM-dd"), "1970-01-02"),
    (lambda ee: a(ee).geometry().coordinates().get(0), [list(TO_DEGREES.transform(x, y)) for x, y in ((500000, 3999880), (500160, 3999880), (500160, 4000000), (500000, 4000000), (500000, 3999880))]),
    (lambda ee: a(ee).geometry().type(), "Polygon"),
    (lambda ee: a(ee).projection().nominalScale(), 10),
]  # fmt: skip


def pair(compute: Any) -> Any:
    return lambda ee: compute(a(ee), b(ee))


HSV = np.array([[[0.5]], [[0.5]], [[0.8]]])
PIXELS: list[Case] = [
    (lambda ee: ee.Image.constant([1, 2.5]), np.broadcast_to(np.array([1, 2.5])[:, None, None], (2, HEIGHT, WIDTH))),
    (lambda ee: both(ee).select(["b", 0], ["x", "y"]), np.stack([B, A])),
    (lambda ee: a(ee).rename("z").select("z"), A),
    (lambda ee: a(ee).addBands(b(ee)), np.stack([A, B])),
    (lambda ee: ee.ApiFunction.call_("Image.cat", [a(ee), b(ee)]), np.stack([A, B])),
    (lambda ee: masked(ee), M),
    (lambda ee: a(ee).gt(2).selfMask(), np.where(A > 2, 1, np.nan)),
    (lambda ee: masked(ee).unmask(b(ee)), np.where(A > 2, A, B)),
    (lambda ee: a(ee).where(a(ee).gt(b(ee)), 99), np.where(A > B, 99, A)),
    (lambda ee: a(ee).clamp(2, 5), np.clip(A, 2, 5)),
    (lambda ee: a(ee).unitScale(2, 6), (A - 2) / 4),
    (lambda ee: masked(ee).mask(), A > 2),
    (lambda ee: masked(ee).mask(a(ee).lt(5)), np.where(A < 5, np.where(A > 2, A, 0), np.nan)),
    (lambda ee: b(ee).blend(masked(ee)), np.where(A > 2, A, B)),
    (lambda ee: both(ee).slice(1), B),
    (lambda ee: both(ee).regexpRename("^(.)$", "x_$1").select("x_b"), B),
    (lambda ee: a(ee).remap([1, 2, 3], [10, 20, 30]), np.select([A == 1, A == 2, A == 3], [10, 20, 30], np.nan)),
    (lambda ee: a(ee).polynomial([1, 2, 3]), 1 + 2 * A + 3 * A.astype(float) ** 2),
    (lambda ee: a(ee).interpolate([2, 4, 6], [0, 10, 40], "clamp"), np.interp(A, [2, 4, 6], [0, 10, 40])),
    (lambda ee: a(ee).interpolate([2, 4], [0, 10], "extrapolate"), (A - 2) * 5.0),
    (lambda ee: a(ee).set("k", 3).metadata("k"), np.full(A.shape, 3)),
    (lambda ee: both(ee).cast({"a": "float"}, ["b", "a"]), np.stack([B, A])),
    (lambda ee: both(ee).normalizedDifference(), (A - B) / (A + B)),
    (lambda ee: both(ee).expression("(b('a') - b(1)) * 2 + sqrt(A.a) ** 2", {"A": both(ee)}), (A - B) * 2 + A),
    (lambda ee: both(ee).expression("b('a') > 3 && b('b') <= 5 ? max(b('a'), b('b')) : -1"), np.where((A > 3) & (B <= 5), np.maximum(A, B), -1)),
    (lambda ee: ee.Image.pixelCoordinates(ee.Projection("EPSG:32616", list(UTM[:6]))).floor(), np.flip(np.indices(A.shape), 0)),
    (lambda ee: ee.Image.random(3).gte(0).And(ee.Image.random(3).lt(1)), np.ones(A.shape)),
    (lambda ee: ee.Image.random(3, "normal").eq(ee.Image.random(3, "normal")), np.ones(A.shape)),
    (lambda ee: ee.Image.pixelArea().divide(100).round(), np.ones(A.shape)),
    (lambda ee: ee.Image.pixelLonLat(), np.stack(LON_LAT)),
    # places
    (lambda ee: a(ee).clip(region(ee)), ("inside", A)),
    (lambda ee: a(ee).clipToCollection(ee.FeatureCollection([ee.Feature(region(ee), {})])), ("inside", A)),
    (lambda ee: a(ee).clipToBoundsAndScale(region(ee), scale=10), A),
    (lambda ee: a(ee).setDefaultProjection("EPSG:4326", None, 10), A),
    (lambda ee: a(ee).toFloat().reproject("EPSG:32616", [20, 0, 500000, 0, -20, 4000000]), np.floor(A.reshape(6, 2, 8, 2).mean((1, 3)) + 0.5).repeat(2, 0).repeat(2, 1)),
    (lambda ee: a(ee).resample("bilinear"), A),
    (lambda ee: a(ee).reduceResolution(ee.Reducer.max()).reproject("EPSG:32616", [40, 0, 500000, 0, -40, 4000000]), A.reshape(3, 4, 4, 4).max((1, 3)).repeat(4, 0).repeat(4, 1)),
    (lambda ee: a(ee).translate(20, -10).unmask(0, False), np.pad(A, ((1, 0), (2, 0)))[:HEIGHT, :WIDTH]),
    # colours
    (lambda ee: a(ee).visualize(min=1, max=9), np.floor((A - 1) / 8 * 255 + 0.5)),
    (lambda ee: a(ee).visualize(min=1, max=9, palette=["000000", "ff0000"]).select("vis-red"), np.floor((A - 1) / 8 * 255 + 0.5)),
    (lambda ee: ee.Image([0.4, 0.8, 0.8]).rgbToHsv(), np.broadcast_to(HSV, (3, HEIGHT, WIDTH))),
    (lambda ee: ee.Image([0.5, 0.5, 0.8]).hsvToRgb(), np.broadcast_to(np.array([0.4, 0.8, 0.8])[:, None, None], (3, HEIGHT, WIDTH))),
    # stacks
    (lambda ee: three(ee).mean(), STACK.mean(0)),
    (lambda ee: three(ee).median(), np.median(STACK, 0)),
    (lambda ee: three(ee).min(), STACK.min(0)),
    (lambda ee: three(ee).max(), STACK.max(0)),
    (lambda ee: three(ee).sum(), STACK.sum(0)),
    (lambda ee: three(ee).product(), STACK.prod(0)),
    (lambda ee: three(ee).count(), np.full(A.shape, 3)),
    (lambda ee: three(ee).mode(), scipy.stats.mode(STACK).mode),
    (lambda ee: ee.ImageCollection([a(ee).gt(4), b(ee).gt(4)]).And(), (A > 4) & (B > 4)),
    (lambda ee: ee.ImageCollection([a(ee).gt(4), b(ee).gt(4)]).Or(), (A > 4) | (B > 4)),
    (lambda ee: three(ee).reduce(ee.Reducer.stdDev()), STACK.std(0)),
    (lambda ee: ee.ImageCollection.fromImages([b(ee), masked(ee)]).mosaic(), np.where(A > 2, A, B)),
    (lambda ee: three(ee).toBands(), STACK),
    (lambda ee: ee.ImageCollection([both(ee), both(ee).add(1)]).qualityMosaic("b").select("a"), A + 1),
    (lambda ee: ee.ImageCollection([a(ee)]).combine(ee.ImageCollection([a(ee).rename("z").set("system:index", "a")])).first(), np.stack([A, A])),
    (lambda ee: ee.ImageCollection([a(ee)]).cast({"b1": "float"}, ["b1"]).first(), A),
    (lambda ee: a(ee).linkCollection(ee.ImageCollection([b(ee).rename("z").set("system:index", "a")]), "z").select("z"), B),
    (lambda ee: a(ee).linkCollection(ee.ImageCollection([b(ee).rename("b1").set("system:index", "z")]), "b1"), np.where(A, np.nan, A)),
    (lambda ee: both(ee).expression("b(0) + b('b')"), A + B),
    (lambda ee: both(ee).expression("c = b()['a'] * i['b', 0][1]", {"i": both(ee)}).select("c"), A * A),
    (lambda ee: both(ee).expression("b('b', 0)").select("a"), A),
    (lambda ee: both(ee).reduce(ee.Reducer.sum()), A + B),
    (lambda ee: ee.ImageCollection(three(ee).map(lambda one: one.add(1))).first(), A + 1),
    # neighbourhoods, where no edge is near
    (lambda ee: a(ee).focalMin(1, "square"), ("inner", around(A, np.min))),
    (lambda ee: a(ee).focalMax(1, "square"), ("inner", around(A, np.max))),
    (lambda ee: masked(ee).focalMean(1, "square"), ("inner", around(M, np.mean))),
    (lambda ee: masked(ee).focalMedian(1, "plus"), ("inner", around(M, np.median, 3, PLUS))),
    (lambda ee: masked(ee).focalMode(1, "square"), ("inner", around(M, lambda v: scipy.stats.mode(v).mode))),
    (lambda ee: masked(ee).focalMax(1, "diamond"), ("inner", around(M, np.max, 3, PLUS))),
    *(
        (lambda ee, name=name: ee.ApiFunction.call_(name, a(ee), 1, "square"), ("inner", around(A, function)))
        for kind, function in (("min", np.min), ("max", np.max), ("mean", np.mean), ("median", np.median), ("mode", lambda v: scipy.stats.mode(v).mode))
        for name in (f"Image.focal_{kind}", f"Window.{kind}")
    ),
    (lambda ee: a(ee).reduceNeighborhood(ee.Reducer.variance(), ee.Kernel.square(1)), ("inner", around(A, np.var))),
    (lambda ee: a(ee).convolve(ee.Kernel.fixed(3, 3, [[1, 2, 3], [4, 5, 6], [7, 8, 9]])), ("inner", scipy.ndimage.convolve(A.astype(float), np.arange(1, 10).reshape(3, 3)))),
    (lambda ee: a(ee).gradient(), ("inner", np.stack(np.gradient(A.astype(float))[::-1]))),
    (lambda ee: a(ee).eq(1).fastDistanceTransform(5), ("inner", scipy.ndimage.distance_transform_edt(A != 1) ** 2)),
    (lambda ee: a(ee).eq(1).distance(ee.Kernel.euclidean(30, "meters")).divide(10), ("inner", np.where(scipy.ndimage.distance_transform_edt(A != 1) <= 3.01, scipy.ndimage.distance_transform_edt(A != 1), np.nan))),
    (lambda ee: a(ee).gt(4).connectedPixelCount(50, False), np.minimum(50, sum(np.append(0, np.bincount(scipy.ndimage.label((A > 4) == side)[0].ravel())[1:])[scipy.ndimage.label((A > 4) == side)[0]] for side in (True, False)))),
    (lambda ee: a(ee).gt(4).connectedComponents(ee.Kernel.plus(1), 200).select("labels").gt(-(2**62)), np.ones(A.shape)),
    # mixed and counted
    (lambda ee: both(ee).unmix([[1, 0], [1, 2]]), np.stack([A - B / 2, B / 2])),
    (lambda ee: both(ee).unmix([[1, 0], [0, 1]], True), np.stack([(A - B + 1) / 2, (B - A + 1) / 2])),
    (lambda ee: both(ee).unmix([[1, 0], [1, 2]], False, True).select(1), np.where(A >= B / 2, B / 2, (A + 2 * B) / 5)),
    (lambda ee: a(ee).entropy(ee.Kernel.square(1)), ("inner", around(A, lambda v: scipy.stats.entropy(np.unique(v, return_counts=True)[1])))),
    (lambda ee: a(ee).subtract(b(ee)).zeroCrossing(), ("inner", (A >= B) & scipy.ndimage.binary_dilation(A < B))),
    (lambda ee: a(ee).neighborhoodToBands(ee.Kernel.plus(1)).select("b1_1_0"), ("inner", np.roll(A, -1, 1))),
    (lambda ee: masked(ee).neighborhoodToArray(ee.Kernel.square(1), -5).arrayGet([0, 2]), ("inner", np.where(A > 2, np.roll(np.where(A > 2, A, -5), (1, -1), (0, 1)), np.nan))),
    (lambda ee: a(ee).glcmTexture(1).select("b1_(asm|contrast|corr|idm|ent|savg|diss|dent)"), ("inner", np.stack([
        grey_levels(lambda p, i, j: (p**2).sum()),
        grey_levels(lambda p, i, j: (p * (i - j) ** 2).sum()),
        grey_levels(spread),
        grey_levels(lambda p, i, j: (p / (1 + (i - j) ** 2)).sum()),
        grey_levels(lambda p, i, j: (p * (i + j)).sum()),
        grey_levels(lambda p, i, j: scipy.stats.entropy(p.ravel())),
        grey_levels(lambda p, i, j: scipy.stats.entropy([p[np.abs(i - j) == n].sum() for n in range(9)])),
        grey_levels(lambda p, i, j: (p * np.abs(i - j)).sum()),
    ]))),
    (lambda ee: ee.Algorithms.Landsat.TOA(scene(ee)), np.stack([(A * 0.02 - 0.01) / math.sin(math.radians(40)), 1300 / np.log(700 / (B * 2.0 + 3) + 1)])),
    (lambda ee: ee.Algorithms.Landsat.calibratedRadiance(scene(ee)).select("B10"), B * 2.0 + 3),
    (lambda ee: ee.FeatureCollection([ee.Feature(ee.Geometry.Point([500085, 3999945], "EPSG:32616"), {})]).draw("FF0080", 2).unmask(7), np.array([255, 0, 128])[:, None, None] * (DISC := np.hypot(*(np.indices(A.shape) - np.array([5, 8])[:, None, None])) <= 2) + 7 * ~DISC),
    (lambda ee: a(ee).derivative(), ("inner", np.stack(np.gradient(A.astype(float))[::-1]))),
    (lambda ee: a(ee).eq(1).directionalDistanceTransform(90, 2).select("distance"), ("inner", np.select([np.roll(A, k, 0) == 1 for k in range(3)], [0.0, 1.0, 2.0], np.nan))),
    (lambda ee: b(ee).rename("b").addBands(a(ee).eq(1).rename("one")).directionalDistanceTransform(0, 2, "one").select("b"), ("inner", np.select([np.roll(A, -k, 1) == 1 for k in range(3)], [np.roll(B, -k, 1).astype(float) for k in range(3)], np.nan))),
    (lambda ee: a(ee).addBands(a(ee).gt(4).rename("label")).reduceConnectedComponents(ee.Reducer.mean(), "label", 200), areas(A, A > 4)),
    (lambda ee: a(ee).randomVisualizer().select(0).eq(a(ee).add(0).randomVisualizer().select(0)), np.ones(A.shape)),
    (lambda ee: both(ee).spectralDistance(ee.Image([1, 2]), "sed"), np.hypot(A - 1, B - 2)),
    (lambda ee: both(ee).spectralDistance(ee.Image([1, 2])), np.arctan2(np.abs(2 * A - B), A + 2.0 * B)),
    (lambda ee: ee.Algorithms.Landsat.simpleCloudScore(landsat(ee)).select("cloud"), np.floor(np.clip((A / 21 - 0.1) / 0.2, 0, 1) * 100)),
    # arrays
    (lambda ee: both(ee).toArray().arrayGet([1]), B),
    (lambda ee: three(ee).toArray().arrayReduce(ee.Reducer.mean(), [0]).arrayGet([0, 0]), STACK.mean(0)),
    (lambda ee: ee.ApiFunction.call_("ImageCollection.toArrayPerBand", three(ee)).arrayGet([2]), C),
    (lambda ee: both(ee).toArray().arrayFlatten([["x", "y"]]), np.stack([A, B])),
    (lambda ee: both(ee).toArray().arrayAccum(0).arrayGet([1]), A + B),
    (lambda ee: both(ee).toArray().arrayArgmax().arrayGet([0]), (B > A)),
    (lambda ee: both(ee).toArray().arrayCat(both(ee).toArray(), 0).arrayLength(0), np.full(A.shape, 4)),
    (lambda ee: both(ee).toArray(1).arrayDimensions(), np.full(A.shape, 2)),
    (lambda ee: both(ee).toArray().arrayDotProduct(both(ee).toArray()), A.astype(float) ** 2 + B.astype(float) ** 2),
    (lambda ee: both(ee).toArray(1).arrayLengths().arrayGet([1]), np.full(A.shape, 2)),
    (lambda ee: both(ee).toArray().arrayMask(both(ee).toArray().gt(3)).arrayLength(0), (A > 3).astype(int) + (B > 3)),
    (lambda ee: both(ee).toArray().arrayPad([3], 7).arrayGet([2]), np.full(A.shape, 7)),
    (lambda ee: both(ee).toArray(1).arrayProject([1]).arrayGet([1]), B),
    (lambda ee: both(ee).toArray().arrayRepeat(1, 3).arrayGet([1, 2]), B),
    (lambda ee: both(ee).toArray().arrayReshape(ee.Image(ee.Array([1, 2])), 2).arrayGet([0, 1]), B),
    (lambda ee: both(ee).toArray().arraySlice(0, 1).arrayGet([0]), B),
    (lambda ee: both(ee).toArray().arraySort().arrayGet([0]), np.minimum(A, B)),
    (lambda ee: both(ee).toArray(1).arrayTranspose().arrayGet([1, 0]), B),
    (lambda ee: both(ee).toArray(1).matrixTranspose().arrayGet([1, 0]), B),
    (lambda ee: ee.Image.matrixIdentity(2).multiply(3).arrayGet([1, 1]), np.full(A.shape, 3)),
    (lambda ee: both(ee).toArray(1).matrixMultiply(both(ee).toArray(1).matrixTranspose()).arrayGet([0, 0]), A.astype(float) ** 2 + B.astype(float) ** 2),
    (lambda ee: ee.Image(ee.Array([[2, 0], [0, 4]])).matrixSolve(both(ee).toArray().toArray(1)).arrayGet([1, 0]), B / 4),
    *(
        (lambda ee, name=name, at=at: getattr(ee.Image(ee.Array([[4, 1], [1, 3]])).add(a(ee).multiply(0)), name)().arrayGet(at), np.full(A.shape, value))
        for name, at, value in [("matrixInverse", [0, 0], 3 / 11), ("matrixPseudoInverse", [1, 1], 4 / 11), ("matrixDiagonal", [1, 0], 3)]
    ),
    *(
        (lambda ee, name=name: getattr(ee.Image(ee.Array([[4, 1], [1, 3]])).add(a(ee).multiply(0)), name)(), np.full(A.shape, value))
        for name, value in [("matrixTrace", 7), ("matrixDeterminant", 11), ("matrixFnorm", math.sqrt(27))]
    ),
    (lambda ee: both(ee).toArray().toArray(1).matrixToDiag().arrayGet([1, 1]), B),
    # features
    (lambda ee: a(ee).paint(ee.FeatureCollection([ee.Feature(region(ee), {"v": 50})]), "v"), ("painted", 50)),
    (lambda ee: ee.FeatureCollection([ee.Feature(region(ee), {"v": 5}), ee.Feature(region(ee), {"v": 7})]).reduceToImage(["v"], ee.Reducer.mean()), ("inside", np.full(A.shape, 6))),
    (lambda ee: ee.FeatureCollection([ee.Feature(ee.Geometry.Point([500085, 3999945], "EPSG:32616"), {})]).distance(1000).divide(10).round(), np.round(np.hypot(*(np.indices(A.shape) - np.array([5, 8])[:, None, None])) * 1.0004)),
]  # fmt: skip
KERNELS: list[tuple[Any, Any]] = [
    (lambda ee: ee.Kernel.square(1), np.full((3, 3), 1 / 9)),
    (lambda ee: ee.Kernel.circle(1, normalize=False), PLUS),
    (lambda ee: ee.Kernel.diamond(1, normalize=False), PLUS),
    (lambda ee: ee.Kernel.plus(1, normalize=False), PLUS),
    (lambda ee: ee.Kernel.cross(1, normalize=False), [[1, 0, 1], [0, 1, 0], [1, 0, 1]]),
    (lambda ee: ee.Kernel.octagon(1, normalize=False), np.ones((3, 3))),
    (lambda ee: ee.Kernel.rectangle(2, 1, normalize=False, magnitude=2), np.full((3, 5), 2)),
    (lambda ee: ee.Kernel.euclidean(1), [[0, 1, 0], [1, 0, 1], [0, 1, 0]]),
    (lambda ee: ee.Kernel.manhattan(2).add(ee.Kernel.manhattan(2)), [[0, 0, 4, 0, 0], [0, 4, 2, 4, 0], [4, 2, 0, 2, 4], [0, 4, 2, 4, 0], [0, 0, 4, 0, 0]]),
    (lambda ee: ee.Kernel.chebyshev(1), [[1, 1, 1], [1, 0, 1], [1, 1, 1]]),
    (lambda ee: ee.Kernel.laplacian4(), [[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    (lambda ee: ee.Kernel.laplacian8(), [[1, 1, 1], [1, -8, 1], [1, 1, 1]]),
    (lambda ee: ee.Kernel.sobel(), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    (lambda ee: ee.Kernel.sobel().rotate(1), [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    (lambda ee: ee.Kernel.roberts(), [[0, 0, 0], [0, 1, 0], [0, 0, -1]]),
    (lambda ee: ee.Kernel.prewitt(), [[1, 0, -1], [1, 0, -1], [1, 0, -1]]),
    (lambda ee: ee.Kernel.compass(), [[1, 1, -1], [1, -2, -1], [1, 1, -1]]),
    (lambda ee: ee.Kernel.kirsch(), [[5, -3, -3], [5, 0, -3], [5, -3, -3]]),
    (lambda ee: ee.Kernel.gaussian(1, 2), np.exp(-np.array([[2, 1, 2], [1, 0, 1], [2, 1, 2]]) / 8) / np.exp(-np.array([[2, 1, 2], [1, 0, 1], [2, 1, 2]]) / 8).sum()),
    (lambda ee: ee.Kernel.fixed(2, 2, [[1, 2], [3, 4]], 0, 0), [[0, 0, 0], [0, 1, 2], [0, 3, 4]]),
    (lambda ee: ee.Kernel.fixed(1, 1, [[4]]).inverse(), [[0.25]]),
]  # fmt: skip
