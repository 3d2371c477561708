"""Classifiers and clusterers: what they must learn where it is easy, and how well they do."""

from typing import Any

import numpy as np

from .values import Case


def samples(ee: Any) -> Any:
    """Two classes that are far apart."""
    rows = [(x + 100 * kind, y, kind) for kind in (0, 1) for x in range(4) for y in range(4)]
    return ee.FeatureCollection([ee.Feature(None, {"x": x, "y": y, "kind": kind}) for x, y, kind in rows])


def taught(ee: Any, classifier: Any) -> Any:
    return classifier.train(samples(ee), "kind", ["x", "y"])


def found(ee: Any, classifier: Any) -> Any:
    tried = ee.FeatureCollection([ee.Feature(None, {"x": 1, "y": 1}), ee.Feature(None, {"x": 102, "y": 1})])
    return tried.classify(taught(ee, classifier)).aggregate_array("classification")


def on_image(ee: Any, trained: Any, how: str) -> Any:
    image = ee.Image([1, 1]).rename(["x", "y"]).addBands(ee.Image([102, 1]).rename(["x2", "y2"]))
    first = getattr(image.select(["x", "y"]), how)(trained)
    second = getattr(image.select(["x2", "y2"], ["x", "y"]), how)(trained)
    point = ee.Geometry.Point([0.5, 0.5])
    both = first.rename("p").addBands(second.rename("q"))
    return both.reduceRegion(ee.Reducer.first(), point, 1000)


def matrix(ee: Any) -> Any:
    return ee.ConfusionMatrix(ee.Array(COUNTS.tolist()))


COUNTS = np.array([[8, 2], [1, 9]])
CASES: list[Case] = [
    *(
        (lambda ee, make=make: found(ee, make(ee)), [0, 1])
        for make in (
            lambda ee: ee.Classifier.smileRandomForest(10),
            lambda ee: ee.Classifier.smileCart(),
            lambda ee: ee.Classifier.smileGradientTreeBoost(20, 0.5),
            lambda ee: ee.Classifier.smileKNN(3),
            lambda ee: ee.Classifier.smileNaiveBayes(),
            lambda ee: ee.Classifier.minimumDistance(),
            lambda ee: ee.Classifier.libsvm(),
            *(
                (lambda ee, name=name: ee.Classifier(ee.ApiFunction.call_(f"Classifier.{name}")))
                for name in ("cart", "svm")
            ),
            lambda ee: ee.Classifier(ee.ApiFunction.call_("Classifier.randomForest", 10)),
        )
    ),
    (lambda ee: on_image(ee, taught(ee, ee.Classifier.smileCart()), "classify"), {"p": 0, "q": 1}),
    (lambda ee: ee.Number(on_image(ee, clustered(ee), "cluster").get("p")).neq(on_image(ee, clustered(ee), "cluster").get("q")), 1),
    (lambda ee: samples(ee).cluster(clustered(ee)).aggregate_count_distinct("cluster"), 2),
    (lambda ee: clustered(ee).schema(), ["x", "y"]),
    (lambda ee: taught(ee, ee.Classifier.smileCart()).schema(), ["x", "y"]),
    (lambda ee: taught(ee, ee.Classifier.smileCart()).mode(), "CLASSIFICATION"),
    (lambda ee: found(ee, ee.Classifier.smileCart().setOutputMode("REGRESSION")), [0, 1]),
    (lambda ee: taught(ee, ee.Classifier.smileCart()).confusionMatrix().accuracy(), 1),
    (lambda ee: ee.Dictionary(taught(ee, ee.Classifier.smileCart()).explain()).get("classes"), [0, 1]),
    (lambda ee: samples(ee).classify(taught(ee, ee.Classifier.smileCart())).errorMatrix("kind", "classification").array(), [[16, 0], [0, 16]]),
    (lambda ee: matrix(ee).accuracy(), 17 / 20),
    (lambda ee: matrix(ee).kappa(), 0.7),
    (lambda ee: matrix(ee).producersAccuracy(), [[0.8], [0.9]]),
    (lambda ee: matrix(ee).consumersAccuracy(), [[8 / 9, 9 / 11]]),
    (lambda ee: matrix(ee).fscore(), [2 * 8 / 19, 2 * 9 / 21]),
    (lambda ee: matrix(ee).order(), [0, 1]),
]  # fmt: skip


def clustered(ee: Any) -> Any:
    return ee.Clusterer.wekaKMeans(2).train(samples(ee), ["x", "y"])
