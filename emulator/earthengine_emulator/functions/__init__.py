"""The functions that expressions may call, as one table: `FUNCTIONS`, by name.

Each module has the rows of one subject. Importing them loads neither rasterio nor scipy's parts.
"""

from earthengine_emulator.functions import (
    arithmetic,
    arrayimages,
    arrays,
    bands,
    classifiers,
    collections,
    colours,
    controls,
    dates,
    dictionaries,
    elements,
    features,
    filters,
    geometries,
    images,
    landsat,
    lists,
    loading,
    neighbourhoods,
    placing,
    properties,
    reducers,
    regions,
    stacks,
    terrains,
    texts,
    warping,
)
from earthengine_emulator.functions.table import Argument, Function

__all__ = ["FUNCTIONS", "SUBJECTS", "Argument", "Function"]

# The rows by subject, in the order in which the README has them.
SUBJECTS: dict[str, list[Function]] = {
    "Assets": loading.ROWS,
    "Bands and masks": [*images.ROWS, *bands.ROWS],
    "Arithmetic": arithmetic.ROWS,
    "Places and projections": placing.ROWS,
    "Colours": colours.ROWS,
    "Terrain": terrains.ROWS,
    "Neighbourhoods and kernels": neighbourhoods.ROWS,
    "Pixels mixed and counted": [*warping.ROWS, *landsat.ROWS],
    "Images of collections": stacks.ROWS,
    "Regions": regions.ROWS,
    "Features on images": features.ROWS,
    "Arrays in pixels": arrayimages.ROWS,
    "Reducers": reducers.ROWS,
    "Collections": [*collections.ROWS, *properties.ROWS],
    "Filters and joins": filters.ROWS,
    "Elements": elements.ROWS,
    "Geometries": geometries.ROWS,
    "Dates": dates.ROWS,
    "Numbers and texts": texts.ROWS,
    "Lists and dictionaries": [*lists.ROWS, *dictionaries.ROWS],
    "Arrays": arrays.ROWS,
    "Classifiers": classifiers.ROWS,
    "Choices": controls.ROWS,
}
FUNCTIONS: dict[str, Function] = {function.name: function for rows in SUBJECTS.values() for function in rows}
