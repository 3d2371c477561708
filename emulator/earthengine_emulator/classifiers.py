"""Classifiers and clusterers, through scikit-learn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from earthengine_emulator.elements import property_of, with_properties
from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.pixeltypes import DOUBLE, FLOAT, LONG
from earthengine_emulator.values import Collection

MODES = ("CLASSIFICATION", "REGRESSION", "PROBABILITY", "MULTIPROBABILITY")


@dataclass(frozen=True, eq=False)
class Classifier:
    """What learns classes, values or clusters from features, and then finds those of others.

    Attributes:
        make: Makes scikit-learn's estimator for a mode.
        type: "Classifier" or "Clusterer".
        mode: One of `MODES`.
        estimator: What has learnt, once it has.
        names: The properties that it looks at.
        samples: What it has learnt from: rows of properties, and the classes.
    """

    make: Callable[[str], Any]
    type: str = "Classifier"
    mode: str = "CLASSIFICATION"
    estimator: Any = None
    names: Sequence[str] = ()
    samples: tuple[Any, Any] = field(default=((), ()))

    def train(self, features: Collection, label: str | None, names: Sequence[str] | None) -> "Classifier":
        """Learn from features; those that lack a property are left out.

        Raises:
            ExportError: There is nothing to learn from.
        """
        known = names or [name for name in _names(features) if name != label]
        wanted = [*known, *([label] if label else [])]
        rows = [[property_of(one, name) for name in wanted] for one in features]
        table = np.array([row for row in rows if None not in row], float)
        if not len(table):
            raise ExportError(f"{self.type}.train: No features have all of the properties {wanted}.")
        given, classes = (table[:, :-1], table[:, -1]) if label else (table, None)
        estimator = self.make(self.mode)
        if classes is not None and self.mode != "REGRESSION":
            classes = classes.astype(int)
        estimator.fit(given, classes)
        return replace(self, estimator=estimator, names=tuple(known), samples=(given, classes))

    def find(self, rows: Any) -> Any:
        """The class, value, probabilities or cluster of each row.

        Raises:
            ExportError: It has not learnt yet.
        """
        if self.estimator is None:
            raise ExportError(f"{self.type}: It must be trained before it is used.")
        if self.mode == "PROBABILITY":
            found = self.estimator.predict_proba(rows)
            return found[:, -1] if found.shape[1] == 2 else found.max(1)
        if self.mode == "MULTIPROBABILITY":
            return self.estimator.predict_proba(rows)
        return self.estimator.predict(rows)

    def applied(self, image: Image, name: str) -> Image:
        """An image of what is found at each pixel."""
        source = image.select(list(self.names))
        several = self.mode == "MULTIPROBABILITY"
        kind = LONG if self.mode == "CLASSIFICATION" else replace(FLOAT if not several else DOUBLE)
        kind = replace(kind, dimensions=1) if several else kind

        def compute(grid: Grid, _: Grid, *pixels: Pixels) -> Pixels:
            mask = np.logical_or.reduce([np.ma.getmaskarray(part) for part in pixels])
            data = np.zeros((grid.height, grid.width), object if several else kind.dtype)
            rows = np.column_stack([part.data[~mask] for part in pixels]).astype(float)
            if len(rows):
                found = self.find(rows)
                if several:
                    for at, value in zip(zip(*np.nonzero(~mask), strict=True), found, strict=True):
                        data[at] = value
                else:
                    data[~mask] = found
            return np.ma.MaskedArray(data, mask)

        return replace(source, bands=(Band(name, kind, compute, source.bands),))

    def of_features(self, features: Collection, name: str) -> Collection:
        """The features with what is found of each."""
        rows = np.array([[property_of(one, key) for key in self.names] for one in features], float)
        found = self.find(rows).tolist() if len(rows) else []
        members = [with_properties(one, {name: value}) for one, value in zip(features, found, strict=True)]
        return replace(features, elements=members, id=None)

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {"type": self.type}


def _names(features: Collection) -> list[str]:
    first = features.elements[0].properties if features.elements else {}
    return [name for name, value in first.items() if isinstance(value, int | float) and ":" not in name]


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How often each class was taken for each: rows are the actual ones, columns the predicted."""

    counts: Any
    order: Sequence[int]

    @property
    def accuracy(self) -> float:
        """The share that was right."""
        return float(np.trace(self.counts) / self.counts.sum())

    @property
    def kappa(self) -> float:
        """Cohen's kappa."""
        total = self.counts.sum()
        chance = float((self.counts.sum(0) * self.counts.sum(1)).sum() / total**2)
        return (self.accuracy - chance) / (1 - chance)

    @property
    def producers(self) -> Any:
        """The share of each actual class that was right, as a column."""
        return _share(np.diag(self.counts), self.counts.sum(1))[:, None]

    @property
    def consumers(self) -> Any:
        """The share of each predicted class that was right, as a row."""
        return _share(np.diag(self.counts), self.counts.sum(0))[None]

    def fscore(self, beta: float) -> Any:
        """The F score of each class."""
        precision, recall = self.consumers[0], self.producers[:, 0]
        return _share((1 + beta**2) * precision * recall, beta**2 * precision + recall)

    def plain(self) -> Any:
        """As JSON."""
        return np.asarray(self.counts).tolist()


def _share(part: Any, whole: Any) -> Any:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), 0.0)


def confusion(actual: Any, predicted: Any, order: Sequence[int] | None = None) -> ConfusionMatrix:
    """The matrix of pairs of classes, from 0 to the greatest or in an order."""
    a, b = np.asarray(actual, int), np.asarray(predicted, int)
    known = list(order) if order else list(range(int(max(a.max(), b.max())) + 1))
    counts = np.zeros((len(known), len(known)), int)
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        if one in known and other in known:
            counts[known.index(one), known.index(other)] += 1
    return ConfusionMatrix(counts, known)


def forest(
    trees: int, variables: int | None, leaf: int, nodes: int | None, bag: float, seed: int
) -> Classifier:
    """A random forest."""

    def make(mode: str) -> Any:
        from sklearn import ensemble

        kind = ensemble.RandomForestRegressor if mode == "REGRESSION" else ensemble.RandomForestClassifier
        return kind(
            n_estimators=trees, max_features=variables or "sqrt", min_samples_leaf=leaf, max_leaf_nodes=nodes,
            max_samples=bag if bag < 1 else None, random_state=abs(seed),
        )  # fmt: skip

    return Classifier(make)


def tree(nodes: int | None, leaf: int) -> Classifier:
    """A decision tree."""

    def make(mode: str) -> Any:
        from sklearn import tree as trees

        kind = trees.DecisionTreeRegressor if mode == "REGRESSION" else trees.DecisionTreeClassifier
        return kind(max_leaf_nodes=nodes, min_samples_leaf=leaf, random_state=0)

    return Classifier(make)


def boosted(trees: int, shrinkage: float, sampling: float, nodes: int | None, seed: int) -> Classifier:
    """Gradient boosted trees."""

    def make(mode: str) -> Any:
        from sklearn import ensemble

        regression = mode == "REGRESSION"
        kind = ensemble.GradientBoostingRegressor if regression else ensemble.GradientBoostingClassifier
        return kind(
            n_estimators=trees, learning_rate=shrinkage, subsample=sampling, max_leaf_nodes=nodes,
            random_state=abs(seed),
        )  # fmt: skip

    return Classifier(make)


def nearest(count: int) -> Classifier:
    """The most frequent class of the nearest samples."""

    def make(mode: str) -> Any:
        from sklearn import neighbors

        kind = neighbors.KNeighborsRegressor if mode == "REGRESSION" else neighbors.KNeighborsClassifier
        return kind(n_neighbors=count)

    return Classifier(make)


def vectors(kernel: str, gamma: float | None, cost: float | None, degree: int | None) -> Classifier:
    """A support vector machine."""

    def make(mode: str) -> Any:
        from sklearn import svm
        from sklearn.calibration import CalibratedClassifierCV

        known = {"LINEAR": "linear", "POLY": "poly", "RBF": "rbf", "SIGMOID": "sigmoid"}
        options = {
            "kernel": known[kernel.upper()],
            "gamma": gamma or "auto",
            "C": cost or 1,
            "degree": degree or 3,
        }
        if mode == "REGRESSION":
            return svm.SVR(**options)
        machine = svm.SVC(**options)
        return machine if mode == MODES[0] else CalibratedClassifierCV(machine, ensemble=False)

    return Classifier(make)


def bayes() -> Classifier:
    """Naive Bayes of normal distributions."""

    def make(_: str) -> Any:
        from sklearn import naive_bayes

        return naive_bayes.GaussianNB()

    return Classifier(make)


def centroids() -> Classifier:
    """The class whose mean is nearest."""

    def make(_: str) -> Any:
        from sklearn import neighbors

        return neighbors.NearestCentroid()

    return Classifier(make)


def k_means(count: int, seed: int) -> Classifier:
    """Clusters around means."""

    def make(_: str) -> Any:
        from sklearn import cluster

        return cluster.KMeans(count, n_init=3, random_state=abs(seed))

    return Classifier(make, "Clusterer")
