"""Analyses over places and times: each takes the official client and answers the image to export."""

import math
from typing import Any

import numpy as np

from .scenes import HEIGHT, SIDE, WIDTH
from .writing import CLASSES, CLEAR, COLUMNS, DEM, NDVI, ROWS, SCENES, clear, near, painted, script, sentinel


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


@script(near(painted([DEM[2:8, 2:8].mean(), DEM[5:15, 12:20].mean()]) > 120, 1e-6))
def clipped_to_features(ee: Any) -> Any:
    fields = ee.FeatureCollection("fields")

    def value(feature: Any) -> Any:
        mean = ee.Image("dem").reduceRegion(ee.Reducer.mean(), feature.geometry(), SIDE).get("elevation")
        return feature.set("mean", mean)

    image = fields.map(value).reduceToImage(["mean"], ee.Reducer.first())
    return image.gt(120).unmask(0).clip(ee.Image("dem").geometry())


@script(near(np.where(painted([1, 1]) == 1, DEM, np.nan)))
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


@script(near(np.where(painted([1, 1]) == 1, 1, np.nan)))
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
