"""Any value for any argument of any public name is sent rightly, or refused by an error that names it.

`CASES` drives it: a callable, arguments that are good, and what makes a request of the result.
"""

from __future__ import annotations

import inspect
import json
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

import earthengine_export as eex
from earthengine_export.rest import ExportImageRequest, Expression
from tests.refusals.any_value import VALUES, values
from tests.refusals.of_clients import CALLS, NOT_CALLED

SPEC = yaml.safe_load((Path(__file__).parents[2] / "openapi" / "image_export.yaml").read_text("utf-8"))
VALID = jsonschema_rs.Draft202012Validator(
    {"$ref": "#/components/schemas/ExportImageRequest", "components": SPEC["components"]}
)
DEM, BOX = eex.load("dem"), (0, 0, 1, 1)
EXPORT = eex.ImageExport(DEM, to=eex.Drive())
REQUEST = ExportImageRequest(expression=Expression.from_dict(DEM.to_dict()))
GRID = eex.PixelGrid(4326, (1, 0, 0, 0, -1, 0), 5)
ALGORITHMS: dict[str, Any] = {"algorithms": [{"name": "algorithms/Image.load", "arguments": []}]}

Case = tuple[Callable[..., Any], dict[str, Any], Callable[[Any], eex.ImageExport | None]]


def nothing(_: Any) -> None:
    """Nothing is sent of the result."""


def to(destination: Any) -> eex.ImageExport:
    return eex.ImageExport(DEM, to=destination)


def of(node: Any) -> eex.ImageExport:
    return eex.ImageExport(eex.call("F", a=node), to=eex.Drive())


def written(file_format: Any) -> eex.ImageExport:
    return eex.ImageExport(DEM, to=eex.Drive(), file_format=file_format)


def on(grid: Any) -> eex.ImageExport:
    return eex.ImageExport(DEM, to=eex.Drive(), grid=grid, max_pixels=2**63 - 1)


def itself(export: Any) -> eex.ImageExport:
    return export  # type: ignore[no-any-return]


def called(function: Any = "F", argument: Any = 1) -> Any:
    return eex.call(function, argument=argument)


CASES: dict[str, Case] = {
    "ImageExport": (eex.ImageExport, {"image": DEM, "to": eex.Drive()}, itself),
    "ImageExport on a region": (
        lambda **given: eex.ImageExport(**{"region": BOX, "crs": 4326, **given}),
        dict.fromkeys(("scale", "crs", "crs_transform", "dimensions", "max_pixels"))
        | {"image": DEM, "to": eex.Drive(), "crs": 4326},
        itself,
    ),
    "Drive": (eex.Drive, {}, to),
    "CloudStorage": (eex.CloudStorage, {"bucket": "my-bucket"}, to),
    "Asset": (eex.Asset, {"name": "projects/p/assets/a"}, to),
    "GeoTiff": (eex.GeoTiff, {}, written),
    "TfRecord": (eex.TfRecord, {}, written),
    "PixelGrid": (eex.PixelGrid, {"crs": 4326, "transform": (1, 0, 0, 0, -1, 0), "dimensions": 5}, on),
    "from_gdal": (
        eex.PixelGrid.from_gdal,
        {"crs": 4326, "geotransform": (0, 1, 0, 0, 0, -1), "dimensions": 5},
        on,
    ),
    "from_bounds": (eex.PixelGrid.from_bounds, {"bounds": (0, 0, 9, 9), "scale": 1, "crs": 4326}, on),
    "like": (eex.PixelGrid.like, {"raster": GRID}, on),
    "load": (eex.load, {"id": "dem"}, of),
    "call": (called, {}, of),
    "function": (eex.function, {"body": lambda: 1}, of),
    "expression": (eex.expression, {"image": DEM}, of),
    "geometry": (eex.geometry, {"region": BOX}, of),
    "check_names": (eex.check_names, {"image": DEM, "algorithms": ALGORITHMS}, nothing),
    "which": (eex.which, {"message": REQUEST, "union": "export_options"}, nothing),
    "replace": (EXPORT.replace, dict.fromkeys(("image", "scale", "priority")), itself),
    "with_request_id": (EXPORT.with_request_id, {"request_id": "a"}, itself),
    "to_request": (EXPORT.to_request, {"request_id": "a"}, nothing),
    "digest": (EXPORT.digest, {}, nothing),
    "from_dict": (eex.ImageExport.from_dict, {"request": EXPORT.to_dict()}, itself),
    "from_json": (eex.ImageExport.from_json, {"text": EXPORT.to_json()}, itself),
    **{
        f"{kind.__name__}.from_dict": (kind.from_dict, {"data": {}}, nothing)
        for kind in (eex.Drive, eex.CloudStorage, eex.Asset, eex.GeoTiff, eex.TfRecord, eex.PixelGrid)
    },
    **{name: (call, {}, nothing) for name, call in CALLS.items()},
}
# What is known by another name in the message, since that is the argument to change.
ALSO = {"body": "function", "data": "", "request": "", "argument": "", "raster": "", "grid": ""}
ALSO |= {"text": "", "message": "", "image": ""}


def arguments_of(function: Callable[..., Any], good: dict[str, Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return [name for name in named if name not in NOT_CALLED] or list(good)


def refused_or_right(case: Case, argument: str, value: Any) -> None:
    """What the promise says of one value."""
    function, good, request_of = case
    refusal: Exception | None = None
    try:
        export = request_of(function(**{**good, argument: value}))
    except (eex.InvalidArgument, eex.InvalidArgumentType) as error:
        refusal, export = error, None
    except (eex.ConnectionFailed, eex.CredentialsError, eex.JournalError, ImportError):
        export = None  # it was accepted, is a file that is none, or needs an extra that is not there
    if isinstance(refusal, eex.InvalidArgument | eex.InvalidArgumentType):
        name = ALSO.get(argument, argument)
        others = ("max_pixels", "region", "image", "file_format")  # what does not go with a good value
        named = refusal.argument.removeprefix("Retry.").removeprefix("Polling.")
        assert named.startswith((name, *others)), refusal.argument
        assert len(str(refusal)) < 1500
        assert "s" * 50 not in str(refusal) + repr(refusal.value)  # it may have been a secret
        # Where dask is imported, its tblib pickles these too, with all that the caller's objects hold.
        refusal.__cause__ = refusal.__context__ = refusal.__traceback__ = None
        pickle.loads(pickle.dumps(refusal))
    if export is not None:
        body = export.to_dict()
        assert VALID.is_valid(body), next(VALID.iter_errors(body)).message
        assert eex.ImageExport.from_dict(json.loads(json.dumps(body))).to_dict() == body
        repr(export), export.pixels, export.digest()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.timeout(20)
def test_any_value(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for argument in arguments_of(*CASES[name][:2]):
            for index, value in enumerate(VALUES if name in CALLS else values()):
                try:
                    refused_or_right(CASES[name], argument, value)
                except Exception as error:
                    kind = f"{type(value).__module__}.{type(value).__qualname__}"
                    raise AssertionError(
                        f"{name}({argument}=value {index}, {kind}): {error!r}"[:600]
                    ) from error
