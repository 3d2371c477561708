"""The scripts: each takes the official client and answers the image that it would export."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .scenes import DATES, HEIGHT, SIDE, WIDTH, classes, scene

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Script:
    """A kind of script.

    Attributes:
        write: Takes the client; answers the image.
        check: Takes the exported pixels (bands, rows, columns), NaN where masked; says whether they are sane.
    """

    write: Callable[[Any], Any]
    check: Check

    @property
    def name(self) -> str:
        return self.write.__name__


SCRIPTS: list[Script] = []


def script(check: Check) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    def add(write: Callable[[Any], Any]) -> Callable[[Any], Any]:
        SCRIPTS.append(Script(write, check))
        return write

    return add


def near(expected: Any, tolerance: float = 1e-5) -> Check:
    return lambda found: bool(np.allclose(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True))


SCENES = np.stack([scene(number).astype(float) for number in range(len(DATES))])
CLEAR = np.where(SCENES[:, 6:7] == 0, SCENES[:, :6], np.nan)
CLASSES = classes().astype(float)
ROWS, COLUMNS = np.indices((HEIGHT, WIDTH))
DEM = (100 + 2 * COLUMNS + ROWS**1.5).astype("float32").astype(float)
NDVI = (CLEAR[:, 3] - CLEAR[:, 2]) / (CLEAR[:, 3] + CLEAR[:, 2])
FIELDS = [(slice(2, 8), slice(2, 8)), (slice(5, 15), slice(12, 20))]


def clear(image: Any) -> Any:
    cloudy = image.select("QA60").bitwiseAnd(1 << 10).neq(0)
    return image.updateMask(cloudy.Not()).copyProperties(image, ["system:time_start"])


def sentinel(ee: Any) -> Any:
    return ee.ImageCollection("S2").filterDate("2021-01-01", "2022-01-01")


@script(near(np.nanmedian(CLEAR[:5], axis=0)))
def cloud_masked_median(ee: Any) -> Any:
    return (
        sentinel(ee).filterBounds(ee.Geometry.Point(-86.999, 36.1435)).map(clear).median().select("B[0-9].*")
    )


@script(near(np.nanmax(NDVI[:5], axis=0)))
def greenest_ndvi(ee: Any) -> Any:
    def index(image: Any) -> Any:
        return ee.Image(clear(image)).normalizedDifference(["B8", "B4"]).rename("NDVI")

    return sentinel(ee).map(lambda image: index(ee.Image(image))).max()


def _quality() -> Any:
    best = np.nanargmax(np.where(np.isnan(NDVI[:5]), -9, NDVI[:5]), axis=0)
    return np.take_along_axis(CLEAR[:5, 2], best[None], 0)[0]


@script(near(_quality()))
def quality_mosaic(ee: Any) -> Any:
    def index(image: Any) -> Any:
        image = ee.Image(clear(image))
        return image.addBands(image.normalizedDifference(["B8", "B4"]).rename("ndvi"))

    return sentinel(ee).map(index).qualityMosaic("ndvi").select("B4")


@script(near(np.nanmean(CLEAR[2:4], axis=0)[2] * 0.0001))
def seasonal_mean_reflectance(ee: Any) -> Any:
    summer = sentinel(ee).filter(ee.Filter.calendarRange(6, 8, "month"))
    return summer.map(clear).mean().multiply(0.0001).select("B4")


@script(near(SCENES[0, 2] * 0 + 3))
def count_of_clear_images(ee: Any) -> Any:
    few = ee.ImageCollection("S2").filter(ee.Filter.lt("CLOUDY_PIXEL_PERCENTAGE", 60))
    return few.map(clear).select("B4").count().max(3).min(3)


def _evi() -> Any:
    nir, red, blue = (SCENES[0, band] / 10000 for band in (3, 2, 0))
    return 2.5 * (nir - red) / (nir + 6 * red - 7.5 * blue + 1)


@script(near(_evi()))
def evi_by_expression(ee: Any) -> Any:
    image = ee.ImageCollection("S2").sort("system:time_start").first().divide(10000)
    return image.expression(
        "2.5 * ((NIR - RED) / (NIR + 6 * RED - 7.5 * BLUE + 1))",
        {"NIR": image.select("B8"), "RED": image.select("B4"), "BLUE": image.select("B2")},
    ).rename("EVI")


@script(near(np.nanmean(np.where(SCENES[:, 6] == 0, SCENES[:, 2] + 7000, np.nan), axis=0) * 0.0000275 - 0.2))
def landsat_qa_mask_and_scale(ee: Any) -> Any:
    def prepare(image: Any) -> Any:
        qa = image.select("QA_PIXEL")
        mask = qa.bitwiseAnd(1 << 3).eq(0).And(qa.bitwiseAnd(1 << 4).eq(0))
        optical = image.select("SR_B.").multiply(0.0000275).add(-0.2)
        return image.addBands(optical, None, True).updateMask(mask)

    return ee.ImageCollection("L8").filterDate("2021-01-01", "2023-01-01").map(prepare).mean().select("SR_B4")


@script(
    lambda found: bool(np.nanmin(found[0]) > 0 and np.nanmax(found[0]) < 60 and np.nanmax(found[1]) <= 360)
)
def terrain_derivatives(ee: Any) -> Any:
    dem = ee.Image("dem")
    return (
        ee.Terrain.slope(dem).addBands(ee.Terrain.aspect(dem)).addBands(ee.Terrain.hillshade(dem).toFloat())
    )


@script(near(np.where(DEM > 140, 2, np.where(DEM > 120, 1, 0))))
def elevation_zones(ee: Any) -> Any:
    dem = ee.Image("dem")
    return ee.Image(0).where(dem.gt(120), 1).where(dem.gt(140), 2).clip(dem.geometry())


def _zonal() -> Any:
    found = np.full((HEIGHT, WIDTH), np.nan)
    for rows, columns in FIELDS:
        found[rows, columns] = DEM[rows, columns].mean()
    return found


@script(near(_zonal(), 2e-3))
def zonal_means_rasterised(ee: Any) -> Any:
    means = ee.Image("dem").reduceRegions(ee.FeatureCollection("fields"), ee.Reducer.mean(), SIDE)
    return means.reduceToImage(["mean"], ee.Reducer.first())


def _trend() -> Any:
    years = np.array(
        [(np.datetime64(date) - np.datetime64("2021-01-01")) / np.timedelta64(1, "D") for date in DATES]
    )
    years = (years + 16 / 24) / 365.25
    found = np.empty((2, HEIGHT, WIDTH))
    for row, column in np.ndindex(HEIGHT, WIDTH):
        there = ~np.isnan(NDVI[:, row, column])
        found[:, row, column] = np.polyfit(years[there], NDVI[there, row, column], 1)
    return found


@script(near(_trend(), 1e-4))
def ndvi_trend_by_linear_fit(ee: Any) -> Any:
    def prepare(image: Any) -> Any:
        image = ee.Image(clear(image))
        years = image.date().difference(ee.Date("2021-01-01"), "day").divide(365.25)
        index = image.normalizedDifference(["B8", "B4"]).rename("ndvi")
        return ee.Image.constant(years).toFloat().rename("t").addBands(index)

    return ee.ImageCollection("S2").map(prepare).select(["t", "ndvi"]).reduce(ee.Reducer.linearFit())


def _painted(values: Any) -> Any:
    found = np.full((HEIGHT, WIDTH), np.nan)
    for (rows, columns), value in zip(FIELDS, values, strict=True):
        found[rows, columns] = value
    return found


@script(near(_painted([1, 2])))
def rasterised_features(ee: Any) -> Any:
    return ee.Image().byte().paint(ee.FeatureCollection("fields"), "crop")


@script(lambda found: int(np.sum(found == 1)) == 8 * 8 - 4 * 4 + 12 * 10 - 8 * 6)
def boundaries_painted(ee: Any) -> Any:
    return ee.Image().byte().paint(ee.FeatureCollection("fields"), 1, 2)


@script(near(np.select([CLASSES == 1, CLASSES == 2, CLASSES == 3], [10, 20, 30], 0)))
def classes_remapped(ee: Any) -> Any:
    return ee.Image("landcover").remap([1, 2, 3], [10, 20, 30], 0)


@script(
    lambda found: bool(not np.any(found == 7) and set(np.unique(found[~np.isnan(found)])) == {1, 2, 3, 4})
)
def focal_mode_cleans_a_map(ee: Any) -> Any:
    return ee.Image("landcover").focalMode(1.5, "square", "pixels").toByte()


@script(lambda found: bool(found[0, 0, 5] == 0 and found[0, 0, 8] == 30 and found[0, 3, 0] == 50))
def distance_to_a_class(ee: Any) -> Any:
    strip = ee.Image("landcover").eq(7)
    return (
        strip.fastDistanceTransform(30)
        .sqrt()
        .multiply(ee.Image.pixelArea().sqrt())
        .round()
        .divide(10)
        .round()
        .multiply(10)
    )


def _percentiles() -> Any:
    return np.stack([np.nanpercentile(CLEAR[:5, 3], p, axis=0) for p in (20, 50, 80)])


@script(near(_percentiles()))
def percentile_composite(ee: Any) -> Any:
    return sentinel(ee).map(clear).select("B8").reduce(ee.Reducer.percentile([20, 50, 80]))


@script(near(SCENES[:5, 2]))
def time_series_to_bands(ee: Any) -> Any:
    return sentinel(ee).select("B4").toBands().toUint16()


@script(lambda found: bool(found.shape[0] == 3 and found.min() >= 0 and found.max() <= 255))
def visualised(ee: Any) -> Any:
    return sentinel(ee).first().visualize(bands=["B4", "B3", "B2"], min=0, max=3000, gamma=1.4)


@script(
    lambda found: bool(found[:, 0, 0].tolist() == [0, 0, 255] and found[:, -1, -1].tolist() == [255, 0, 0])
)
def palette(ee: Any) -> Any:
    return ee.Image("dem").visualize(min=105, max=200, palette=["0000FF", "green", "red"])


@script(lambda found: bool(np.all((found >= 0) & (found <= 1)) and found.shape[0] == 3))
def pan_sharpened(ee: Any) -> Any:
    image = ee.Image("S2/T16_20210115").select(["B4", "B3", "B2"]).divide(10000)
    hsv = image.rgbToHsv()
    pan = ee.Image("pan").divide(10000)
    return ee.Image.cat([hsv.select("hue"), hsv.select("saturation"), pan]).hsvToRgb()


@script(lambda found: bool(math.isclose(np.nanmax(found), np.sum(CLASSES == 1) * 100, rel_tol=2e-3)))
def area_by_class(ee: Any) -> Any:
    cover = ee.Image("landcover")
    areas = ee.Image.pixelArea().addBands(cover).reduceRegion(
        reducer=ee.Reducer.sum().group(groupField=1, groupName="class"), geometry=cover.geometry(), scale=SIDE
    )  # fmt: skip
    first = ee.Dictionary(ee.List(areas.get("groups")).get(0))
    return ee.Image.constant(ee.Number(first.get("sum"))).clip(cover.geometry())


@script(near(DEM.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean((1, 3)).repeat(2, 0).repeat(2, 1)))
def aggregated_by_reduce_resolution(ee: Any) -> Any:
    dem = ee.Image("dem")
    coarse = ee.Projection("EPSG:32616", [20, 0, 500000, 0, -20, 4000000])
    return dem.reduceResolution(ee.Reducer.mean(), maxPixels=1024).reproject(coarse)


def _harmonic() -> Any:
    # The mean of what is fitted is the mean of what there is.
    return np.nanmean(NDVI, axis=0)


@script(near(_harmonic(), 1e-3))
def regression_with_arrays(ee: Any) -> Any:
    def prepare(image: Any) -> Any:
        image = ee.Image(clear(image))
        return (
            ee.Image(1)
            .float()
            .rename("constant")
            .addBands(image.normalizedDifference(["B8", "B4"]).rename("ndvi"))
        )

    fitted = ee.ImageCollection("S2").map(prepare).reduce(ee.Reducer.linearRegression(numX=1, numY=1))
    return fitted.select("coefficients").arrayProject([0]).arrayFlatten([["mean"]])


def _sorted_array() -> Any:
    return np.nanmax(CLEAR[:5, 3], axis=0)


@script(near(_sorted_array()))
def array_sorted(ee: Any) -> Any:
    stack = sentinel(ee).map(clear).select("B8").toArray()
    return stack.arraySort(stack.multiply(-1)).arraySlice(0, 0, 1).arrayProject([1]).arrayFlatten([["B8"]])


@script(lambda found: bool(np.nanmean(found[0] == CLASSES) > 0.85))
def random_forest(ee: Any) -> Any:
    image = ee.Image("dem").addBands(ee.Image.pixelCoordinates(ee.Image("dem").projection()))
    cover = ee.Image("landcover")
    points = image.addBands(cover).sample(region=cover.geometry(), scale=SIDE, numPixels=300, seed=1)
    classifier = ee.Classifier.smileRandomForest(20).train(points, "class", image.bandNames())
    return image.classify(classifier)


@script(near(SCENES[1:5, 2].mean(0) - SCENES[0:4, 2].mean(0)))
def differences_by_joining(ee: Any) -> Any:
    images = sentinel(ee).select("B4")
    before = ee.Filter.And(
        ee.Filter.greaterThan(leftField="system:time_start", rightField="system:time_start"),
        ee.Filter.maxDifference(
            difference=100 * 86400e3, leftField="system:time_start", rightField="system:time_start"
        ),
    )
    joined = ee.Join.saveFirst("before", "system:time_start", False).apply(images, images, before)

    def change(image: Any) -> Any:
        return ee.Image(image).subtract(ee.Image(ee.Image(image).get("before")))

    return ee.ImageCollection(joined).map(change).mean()


@script(near(CLEAR[:2, 3]))
def monthly_composites(ee: Any) -> Any:
    def month(number: Any) -> Any:
        number = ee.Number(number)
        found = (
            sentinel(ee)
            .filter(ee.Filter.calendarRange(number, number, "month"))
            .map(clear)
            .select("B8")
            .mean()
        )
        return found.set("month", number).rename([ee.String("m").cat(number.format("%02d"))])

    composites = ee.ImageCollection.fromImages(ee.List([1, 3]).map(month))
    return composites.toBands()


@script(near((NDVI[2] > 0.4).astype(float) + np.where(np.isnan(NDVI[2]), np.nan, 0)))
def thresholded_water(ee: Any) -> Any:
    image = ee.Image(clear(ee.Image("S2/T16_20210615")))
    return image.normalizedDifference(["B8", "B4"]).gt(0.4)


@script(lambda found: bool(np.nansum(found) == 25 * 8 + 0 or np.nanmax(found) >= 100))
def small_patches_removed(ee: Any) -> Any:
    cover = ee.Image("landcover")
    size = cover.connectedPixelCount(25, True)
    return size.updateMask(size.gte(25)).multiply(8)


@script(lambda found: bool(np.isfinite(found[0, 2:-2, 2:-2]).all() and found[0, 2:-2, 2:-2].std() > 0))
def edges_by_convolution(ee: Any) -> Any:
    return ee.Image("dem").convolve(ee.Kernel.gaussian(2, 1)).convolve(ee.Kernel.laplacian8())


@script(lambda found: bool(np.nanmin(found) > 0))
def texture_by_neighbourhood(ee: Any) -> Any:
    return ee.Image("dem").reduceNeighborhood(ee.Reducer.stdDev(), ee.Kernel.circle(2))


@script(near(_painted([DEM[2:8, 2:8].mean(), DEM[5:15, 12:20].mean()]) > 120, 1e-6))
def clipped_to_features(ee: Any) -> Any:
    fields = ee.FeatureCollection("fields")

    def value(feature: Any) -> Any:
        mean = ee.Image("dem").reduceRegion(ee.Reducer.mean(), feature.geometry(), SIDE).get("elevation")
        return feature.set("mean", mean)

    image = fields.map(value).reduceToImage(["mean"], ee.Reducer.first())
    return image.gt(120).unmask(0).clip(ee.Image("dem").geometry())


@script(near(np.where(_painted([1, 1]) == 1, DEM, np.nan)))
def clip_to_collection(ee: Any) -> Any:
    return ee.Image("dem").clipToCollection(ee.FeatureCollection("fields").filter(ee.Filter.gt("yield", 2)))


@script(near(SCENES[0, 3] - SCENES[5, 3]))
def change_between_dates(ee: Any) -> Any:
    images = ee.ImageCollection("S2").select("B8")
    first = images.filterDate("2021-01-01", "2021-02-01").first()
    last = images.limit(1, "system:time_start", False).first()
    return first.subtract(last)


@script(lambda found: bool(np.all(found[0] == np.datetime64("2021-06-15", "D").astype(int))))
def time_band(ee: Any) -> Any:
    image = ee.Image("S2/T16_20210615")
    days = image.metadata("system:time_start").divide(86400e3).floor().toInt32().rename("day")
    return days.clip(image.geometry())


@script(near(np.nansum(np.where(SCENES[:, 2] > 500, 1, 0), axis=0)))
def iterated_sum(ee: Any) -> Any:
    def add(image: Any, total: Any) -> Any:
        return ee.Image(total).add(ee.Image(image).select("B4").gt(500))

    start = ee.Image(0).toInt16()
    return ee.Image(ee.ImageCollection("S2").iterate(add, start)).clip(ee.Image("dem").geometry())


@script(lambda found: bool(np.nanstd(found) > 0 and found.shape[0] == 1))
def bilinear_at_a_finer_scale(ee: Any) -> Any:
    return ee.Image("dem").resample("bilinear").reproject(ee.Projection("EPSG:32616").atScale(5))


@script(near(np.where(_painted([1, 1]) == 1, 1, np.nan)))
def features_of_a_list(ee: Any) -> Any:
    names = ee.FeatureCollection("fields").aggregate_array("name").distinct().sort()

    def one(name: Any) -> Any:
        field = ee.FeatureCollection("fields").filter(ee.Filter.eq("name", name))
        return ee.Image(1).clip(field.geometry())

    return ee.ImageCollection.fromImages(names.map(one)).mosaic()


@script(near(np.where(CLASSES == 7, np.nan, 1)))
def conditional(ee: Any) -> Any:
    cover = ee.Image("landcover")
    count = ee.ImageCollection("S2").size()
    chosen = ee.Algorithms.If(count.gt(3), cover.neq(7), ee.Image("no/such/asset"))
    return ee.Image(chosen).selfMask()


@script(lambda found: bool(found.shape[0] == 2 and np.all(np.abs(found[0] + 87) < 0.2)))
def coordinates(ee: Any) -> Any:
    return ee.Image.pixelLonLat().clip(ee.Image("dem").geometry())


@script(near(np.where(np.hypot(COLUMNS - 11.5, ROWS - 9.5) < 8, 1, 0)))
def buffer_around_a_point(ee: Any) -> Any:
    middle = ee.Geometry.Point([500120, 3999900], "EPSG:32616")
    return ee.Image(1).clip(middle.buffer(80)).unmask(0, False).clip(ee.Image("dem").geometry())
