"""`which` names what is set, for every union of the spec."""

from typing import Any

import attrs
import pytest

import earthengine_rest.models as models
from earthengine_export._describe.unions import which
from earthengine_export.errors import InvalidArgument, InvalidArgumentType
from earthengine_rest.types import UNSET
from earthengine_rest.unions import UNIONS

CASES = [(kind, union, names) for kind, unions in UNIONS.items() for union, names in unions.items()]


def made(kind: str, *names: str) -> Any:
    """An object of the generated class in which these fields are set, and nothing else."""
    cls = getattr(models, kind)
    fields = {field.name: UNSET for field in attrs.fields(cls) if field.init}
    return cls(**{**fields, **dict.fromkeys(names, object())})


@pytest.mark.parametrize(("kind", "union", "names"), CASES)
def test_every_union(kind: str, union: str, names: tuple[str, ...]) -> None:
    assert names
    for name in names:
        assert which(made(kind, name), union) == name
    assert which(made(kind), union) is None
    if len(names) > 1:
        with pytest.raises(InvalidArgument, match=f"{names[0]} and {names[1]} are set"):
            which(made(kind, *names[:2]), union)


def test_replies() -> None:
    reply = models.Operation.from_dict(
        {"name": "projects/p/operations/A", "done": True, "error": {"code": 3}}
    )
    assert which(reply, "result") == "error"
    assert which(models.Operation.from_dict({"response": None}), "result") is None


def test_subclasses() -> None:
    class Own(models.Number):
        """Somebody's own number."""

    assert which(Own(float_value=1.5), "value") == "float_value"


def test_unknown_union() -> None:
    with pytest.raises(InvalidArgument, match="destination, format_options"):
        which(models.ImageFileExportOptions(), "destinations")


@pytest.mark.parametrize("message", [None, {}, "Operation", models.Operation, models.GridDimensions(1, 2)])
def test_what_has_no_union(message: Any) -> None:
    with pytest.raises(InvalidArgumentType, match="ExportImageRequest"):
        which(message, "destination")
