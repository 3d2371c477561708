"""Classifiers, clusterers, and how well they do."""

from dataclasses import replace

import numpy as np

from earthengine_emulator import classifiers
from earthengine_emulator.classifiers import Classifier, ConfusionMatrix
from earthengine_emulator.elements import property_of
from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import row
from earthengine_emulator.values import Collection


def _with_mode(classifier: Classifier, mode: str) -> Classifier:
    if mode not in classifiers.MODES:
        raise ExportError(f"Classifier.setOutputMode: '{mode}' is none of {', '.join(classifiers.MODES)}.")
    return replace(classifier, mode=mode)


def _errors(features: Collection, actual: str, predicted: str, order: list[int] | None) -> ConfusionMatrix:
    pairs = [(property_of(one, actual), property_of(one, predicted)) for one in features]
    real, found = zip(*pairs, strict=True)
    return classifiers.confusion(real, found, order)


def _own(classifier: Classifier) -> ConfusionMatrix:
    rows, classes = classifier.samples
    return classifiers.confusion(classes, classifier.find(rows))


def _explained(classifier: Classifier) -> dict[str, object]:
    found: dict[str, object] = {"classes": sorted(set(np.asarray(classifier.samples[1]).tolist()))}
    if hasattr(classifier.estimator, "feature_importances_"):
        values = classifier.estimator.feature_importances_.tolist()
        found["importance"] = dict(zip(classifier.names, values, strict=True))
    return found


ROWS = [
    row(
        "Classifier.cart(crossvalidationFactor: Integer = 10, maxDepth: Integer = 10, minLeafPopulation: "
        "Integer = 1, minSplitPoplulation: Integer = 1, minSplitCost: Float = 1e-10, prune: Boolean = "
        "false, pruneErrorTolerance: Float = 0.5, quantizationResolution: Integer = 100, "
        "quantizationMargin: Float = 0.1, randomSeed: Integer = 0) -> Classifier",
        "A decision tree.",
        lambda _, __, leaf, *___: classifiers.tree(None, leaf),
    ),
    row(
        "Classifier.randomForest(numberOfTrees: Integer = 1, variablesPerSplit: Integer = 0, "
        "minLeafPopulation: Integer = 1, bagFraction: Float = 0.5, outOfBagMode: Boolean = false, seed: "
        "Integer = 0) -> Classifier",
        "A random forest.",
        lambda trees, variables, leaf, bag, _, seed: classifiers.forest(
            trees, variables or None, leaf, None, bag, seed
        ),
    ),
    row(
        'Classifier.svm(decisionProcedure: String = "Voting", svmType: String = "C_SVC", kernelType: '
        'String = "LINEAR", shrinking: Boolean = true, degree: Integer = null, gamma: Float = null, '
        "coef0: Float = null, cost: Float = null, nu: Float = null, terminationEpsilon: Float = null, "
        "lossEpsilon: Float = null, oneClass: Integer = null) -> Classifier",
        "A support vector machine.",
        lambda _, __, kernel, ___, degree, gamma, ____, cost, *_____: classifiers.vectors(
            kernel, gamma, cost, degree
        ),
    ),
    row(
        "Classifier.smileRandomForest(numberOfTrees: Integer, variablesPerSplit: Integer = null, "
        "minLeafPopulation: Integer = 1, bagFraction: Float = 0.5, maxNodes: Integer = null, seed: "
        "Integer = 0) -> Classifier",
        "A random forest.",
        lambda trees, variables, leaf, bag, nodes, seed: classifiers.forest(
            trees, variables, leaf, nodes, bag, seed
        ),
    ),
    row(
        "Classifier.smileCart(maxNodes: Integer = null, minLeafPopulation: Integer = 1) -> Classifier",
        "A decision tree.",
        classifiers.tree,
    ),
    row(
        "Classifier.smileGradientTreeBoost(numberOfTrees: Integer, shrinkage: Float = 0.005, "
        'samplingRate: Float = 0.7, maxNodes: Integer = null, loss: String = "LeastAbsoluteDeviation", '
        "seed: Integer = 0) -> Classifier",
        "Gradient boosted trees.",
        lambda trees, shrinkage, sampling, nodes, _, seed: classifiers.boosted(
            trees, shrinkage, sampling, nodes, seed
        ),
    ),
    row(
        'Classifier.smileKNN(k: Integer = 1, searchMethod: String = "AUTO", metric: String = '
        '"EUCLIDEAN") -> Classifier',
        "The nearest samples.",
        lambda count, *_: classifiers.nearest(count),
    ),
    row(
        "Classifier.smileNaiveBayes(lambda: Float = 1e-06) -> Classifier",
        "Naive Bayes.",
        lambda _: classifiers.bayes(),
    ),
    row(
        'Classifier.minimumDistance(metric: String = "euclidean", kNearest: Integer = 1) -> Classifier',
        "The nearest mean.",
        lambda *_: classifiers.centroids(),
    ),
    row(
        'Classifier.libsvm(decisionProcedure: String = "Voting", svmType: String = "C_SVC", kernelType: '
        'String = "LINEAR", shrinking: Boolean = true, degree: Integer = null, gamma: Float = null, '
        "coef0: Float = null, cost: Float = null, nu: Float = null, terminationEpsilon: Float = null, "
        "lossEpsilon: Float = null, oneClass: Integer = null) -> Classifier",
        "A support vector machine.",
        lambda _, __, kernel, ___, degree, gamma, ____, cost, *_____: classifiers.vectors(
            kernel, gamma, cost, degree
        ),
    ),
    row(
        "Classifier.setOutputMode(classifier: Classifier, mode: String) -> Classifier",
        "The classifier with another kind of results.",
        _with_mode,
    ),
    row(
        "Classifier.train(classifier: Classifier, features: FeatureCollection, classProperty: String, "
        "inputProperties: List<String> = null, subsampling: Float = 1, subsamplingSeed: Integer = 0) -> "
        "Classifier",
        "The classifier, taught by features.",
        lambda one, features, label, names, *_: one.train(features, label, names),
    ),
    row("Classifier.mode(classifier: Classifier) -> String", "The kind of results.", lambda one: one.mode),
    row(
        "Classifier.schema(classifier: Classifier) -> List<String>",
        "The properties that it looks at.",
        lambda one: list(one.names),
    ),
    row(
        "Classifier.confusionMatrix(classifier: Classifier) -> ConfusionMatrix",
        "How often each class that it learnt from is taken for each.",
        _own,
    ),
    row(
        "Classifier.explain(classifier: Classifier) -> Dictionary<Object>", "What it has learnt.", _explained
    ),
    row(
        "Clusterer.wekaKMeans(nClusters: Integer, init: Integer = 0, canopies: Boolean = false, "
        "maxCandidates: Integer = 100, periodicPruning: Integer = 10000, minDensity: Integer = 2, t1: "
        'Float = -1.5, t2: Float = -1, distanceFunction: String = "Euclidean", maxIterations: Integer = '
        "null, preserveOrder: Boolean = false, fast: Boolean = false, seed: Integer = 10) -> Clusterer",
        "Clusters around means.",
        lambda count, *rest: classifiers.k_means(count, rest[-1]),
    ),
    row(
        "Clusterer.train(clusterer: Clusterer, features: FeatureCollection, inputProperties: "
        "List<String> = null, subsampling: Float = 1, subsamplingSeed: Integer = 0) -> Clusterer",
        "The clusterer, taught by features.",
        lambda one, features, names, *_: one.train(features, None, names),
    ),
    row(
        "Clusterer.schema(clusterer: Clusterer) -> List<String>",
        "The properties that it looks at.",
        lambda one: list(one.names),
    ),
    row(
        'Image.classify(image: Image, classifier: Classifier, outputName: String = "classification") -> '
        "Image",
        "The class of each pixel.",
        lambda image, classifier, name: classifier.applied(image, name),
    ),
    row(
        'Image.cluster(image: Image, clusterer: Clusterer, outputName: String = "cluster") -> Image',
        "The cluster of each pixel.",
        lambda image, clusterer, name: clusterer.applied(image, name),
    ),
    row(
        "FeatureCollection.classify(features: FeatureCollection, classifier: Classifier, outputName: "
        'String = "classification") -> FeatureCollection',
        "The features with their classes.",
        lambda features, classifier, name: classifier.of_features(features, name),
    ),
    row(
        "FeatureCollection.cluster(features: FeatureCollection, clusterer: Clusterer, outputName: String "
        '= "cluster") -> FeatureCollection',
        "The features with their clusters.",
        lambda features, clusterer, name: clusterer.of_features(features, name),
    ),
    row(
        "Collection.errorMatrix(collection: FeatureCollection, actual: String, predicted: String, order: "
        "List<Integer> = null) -> ConfusionMatrix",
        "How often each class was taken for each.",
        _errors,
    ),
    row(
        "ConfusionMatrix(array: Object, order: List<Integer> = null) -> ConfusionMatrix",
        "A matrix of how often each class was taken for each.",
        lambda counts, order: ConfusionMatrix(np.asarray(counts), order or list(range(len(counts)))),
    ),
    row(
        "ConfusionMatrix.accuracy(confusionMatrix: ConfusionMatrix) -> Float",
        "The share that was right.",
        lambda one: one.accuracy,
    ),
    row(
        "ConfusionMatrix.array(confusionMatrix: ConfusionMatrix) -> Array",
        "The counts.",
        lambda one: np.asarray(one.counts),
    ),
    row(
        "ConfusionMatrix.consumersAccuracy(confusionMatrix: ConfusionMatrix) -> Array",
        "The share of each predicted class that was right.",
        lambda one: one.consumers,
    ),
    row(
        "ConfusionMatrix.producersAccuracy(confusionMatrix: ConfusionMatrix) -> Array",
        "The share of each actual class that was right.",
        lambda one: one.producers,
    ),
    row(
        "ConfusionMatrix.fscore(confusionMatrix: ConfusionMatrix, beta: Float = 1) -> Array",
        "The F score of each class.",
        lambda one, beta: one.fscore(beta),
    ),
    row(
        "ConfusionMatrix.kappa(confusionMatrix: ConfusionMatrix) -> Float",
        "Cohen's kappa.",
        lambda one: one.kappa,
    ),
    row(
        "ConfusionMatrix.order(confusionMatrix: ConfusionMatrix) -> List<Integer>",
        "The classes.",
        lambda one: list(one.order),
    ),
]
