"""Reducers, and reducers made of them."""

from dataclasses import replace

from earthengine_emulator import fitting, reducers, reducing
from earthengine_emulator.functions.table import row

ROWS = [
    *(row(f"Reducer.{name}() -> Reducer", text, make) for name, (text, make) in reducers.SIMPLE.items()),
    row(
        "Reducer.min(numInputs: Integer = 1) -> Reducer",
        "The least value of the first input, and the values of the others beside it.",
        lambda inputs: reducers.extreme("min", inputs),
    ),
    row(
        "Reducer.max(numInputs: Integer = 1) -> Reducer",
        "The greatest value of the first input, and the values of the others beside it.",
        lambda inputs: reducers.extreme("max", inputs),
    ),
    row(
        "Reducer.median(maxBuckets: Integer = null, minBucketWidth: Float = null, maxRaw: Integer = "
        "null) -> Reducer",
        "The middle value, or the mean of the two in the middle.",
        lambda *_: reducers.median(),
    ),
    row(
        "Reducer.mode(maxBuckets: Integer = null, minBucketWidth: Float = null, maxRaw: Integer = null) "
        "-> Reducer",
        "The most frequent value; of several the least.",
        lambda *_: reducers.mode(),
    ),
    row(
        "Reducer.percentile(percentiles: List<Number>, outputNames: List<String> = null, maxBuckets: "
        "Integer = null, minBucketWidth: Float = null, maxRaw: Integer = null) -> Reducer",
        "Percentiles, interpolated between neighbouring values.",
        lambda wanted, names, *_: reducers.percentiles(wanted, names),
    ),
    row(
        "Reducer.intervalMean(minPercentile: Float, maxPercentile: Float, maxBuckets: Integer = null, "
        "minBucketWidth: Float = null, maxRaw: Integer = null) -> Reducer",
        "The mean of the values between two percentiles.",
        lambda low, high, *_: reducers.interval_mean(low, high),
    ),
    row(
        "Reducer.linearFit() -> Reducer",
        "The line of least squares, scale * x + offset.",
        fitting.linear_fit,
    ),
    row(
        "Reducer.linearRegression(numX: Integer, numY: Integer = 1) -> Reducer",
        "The coefficients of y by x of least squares, numX by numY, and the residuals.",
        fitting.regression,
    ),
    row(
        "Reducer.ridgeRegression(numX: Integer, numY: Integer = 1, lambda: Float = 0.1) -> Reducer",
        "The coefficients of a ridge regression, a constant first, and the residuals.",
        fitting.regression,
    ),
    row(
        "Reducer.robustLinearRegression(numX: Integer, numY: Integer = 1.0, beta: Float = null) -> Reducer",
        "Coefficients of least squares without outliers.",
        fitting.robust_regression,
    ),
    row(
        "Reducer.geometricMedian(numX: Integer, eta: Float = 0.001, initialStepSize: Float = 10.0) -> "
        "Reducer",
        "The point whose distances to all points add up to the least.",
        lambda count, eta, _: fitting.geometric_median(count, eta),
    ),
    row(
        "Reducer.fixed2DHistogram(xMin: Float, xMax: Float, xSteps: Integer, yMin: Float, yMax: Float, "
        "ySteps: Integer) -> Reducer",
        "How many points fall into each of some cells.",
        lambda a, b, c, d, e, f: fitting.fixed_histogram_2d((a, b, c), (d, e, f)),
    ),
    row(
        "Reducer.sensSlope() -> Reducer",
        "The median of the slopes between all points, and the median offset.",
        fitting.sens_slope,
    ),
    row(
        "Reducer.pearsonsCorrelation() -> Reducer",
        "Pearson's correlation and its p-value.",
        lambda: fitting.correlation("pearson"),
    ),
    row(
        "Reducer.spearmansCorrelation() -> Reducer",
        "Spearman's correlation and its p-value.",
        lambda: fitting.correlation("spearman"),
    ),
    row(
        "Reducer.kendallsCorrelation(numInputs: Integer = 1) -> Reducer",
        "Kendall's tau-b and its p-value, of two inputs or of one with its order.",
        lambda inputs: fitting.correlation("kendall", inputs),
    ),
    row(
        "Reducer.covariance() -> Reducer",
        "The matrix of covariances of arrays.",
        lambda: fitting.covariance(1, sample=True),
    ),
    row(
        "Reducer.centeredCovariance() -> Reducer",
        "The matrix of covariances of arrays, centred.",
        lambda: fitting.covariance(1, sample=True),
    ),
    row(
        "Reducer.frequencyHistogram() -> Reducer",
        "How much weight each value has.",
        fitting.frequencies,
    ),
    row(
        "Reducer.histogram(maxBuckets: Integer = null, minBucketWidth: Float = null, maxRaw: Integer = "
        "null) -> Reducer",
        "How much weight falls into each of some buckets.",
        lambda most, narrowest, _: fitting.histogram(most, narrowest),
    ),
    row(
        "Reducer.autoHistogram(maxBuckets: Integer = null, minBucketWidth: Float = null, maxRaw: Integer "
        "= null, cumulative: Boolean = false) -> Reducer",
        "How much weight falls into each of some buckets, as a table.",
        lambda most, narrowest, _, cumulative: fitting.histogram(
            most, narrowest, table=True, cumulative=cumulative
        ),
    ),
    row(
        "Reducer.fixedHistogram(min: Float, max: Float, steps: Integer, cumulative: Boolean = false) -> "
        "Reducer",
        "How much weight falls into each of so many buckets between two bounds, as a table.",
        lambda low, high, steps, cumulative: fitting.fixed_histogram(low, high, steps, cumulative=cumulative),
    ),
    row(
        "Reducer.toList(tupleSize: Integer = null, numOptional: Integer = 0) -> Reducer",
        "The values, or tuples of them, as a list.",
        reducers.lists,
    ),
    row(
        "Reducer.toCollection(propertyNames: List<String>, numOptional: Integer = 0) -> Reducer",
        "The values as features without a geometry.",
        fitting.features,
    ),
    row(
        'Reducer.combine(reducer1: Reducer, reducer2: Reducer, outputPrefix: String = "", sharedInputs: '
        "Boolean = false) -> Reducer",
        "Both reducers beside each other.",
        lambda first, second, prefix, shared: reducing.combine(first, second, prefix, shared=shared),
    ),
    row(
        "Reducer.repeat(reducer: Reducer, count: Integer) -> Reducer",
        "So many copies of the reducer, whose outputs are lists.",
        reducing.repeat,
    ),
    row(
        "Reducer.forEach(reducer: Reducer, outputNames: List<String>) -> Reducer",
        "A copy of the reducer for each name.",
        reducing.for_each,
    ),
    row(
        "Reducer.forEachBand(reducer: Reducer, image: Image) -> Reducer",
        "A copy of the reducer for each band of an image.",
        lambda reducer, image: reducing.for_each(reducer, image.names),
    ),
    row(
        'Reducer.group(reducer: Reducer, groupField: Integer = 0, groupName: String = "group") -> Reducer',
        "The reducer for each value of one more input.",
        reducing.group,
    ),
    row(
        "Reducer.unweighted(reducer: Reducer) -> Reducer",
        "The reducer without weights: pixels count whose centres lie in the region.",
        lambda reducer: replace(reducer, weighted=False),
    ),
    row(
        "Reducer.setOutputs(reducer: Reducer, outputs: List<String>) -> Reducer",
        "The reducer with its outputs called otherwise.",
        reducing.named,
    ),
    row(
        "Reducer.getOutputs(reducer: Reducer) -> List<Object>",
        "The names of the outputs.",
        lambda reducer: list(reducer.outputs),
    ),
]
