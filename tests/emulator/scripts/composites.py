"""Composites, indices, terrain and maps: each takes the official client and answers the image to export."""

from typing import Any

import numpy as np

from .scenes import DATES, HEIGHT, SIDE, WIDTH
from .writing import CLASSES, CLEAR, DEM, FIELDS, NDVI, SCENES, clear, near, painted, script, sentinel


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


@script(near(painted([1, 2])))
def rasterised_features(ee: Any) -> Any:
    return ee.Image().byte().paint(ee.FeatureCollection("fields"), "crop")


@script(lambda found: int(np.sum(found == 1)) == 8 * 8 - 4 * 4 + 12 * 10 - 8 * 6)
def boundariespainted(ee: Any) -> Any:
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
