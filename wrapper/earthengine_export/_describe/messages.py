"""How the small descriptions (destinations, formats, grids) become JSON, and are read from it.

Each is a frozen attrs class. A field's converter checks it; its metadata says how the value is written where
that is not simply `camelCase: value`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, Self, TypeVar

import attrs

from .._errors.root import if_made
from ..errors import InvalidArgument
from . import plain
from .fields import guarded, optional
from .graphs import Json, JsonObject

T = TypeVar("T")


class FrozenMapping(Mapping[str, T]):
    """A mapping that cannot be changed, so that what holds it can be compared, hashed and pickled."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, T]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> T:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


def _frozen(value: object) -> object:
    if isinstance(value, dict):
        return FrozenMapping({key: _frozen(item) for key, item in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _thawed(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    return list(map(_thawed, value)) if isinstance(value, tuple) else value


def extra_fields(value: JsonObject) -> JsonObject | None:
    """A converter: fields that this library does not know, as JSON; none as None."""
    return FrozenMapping(plain.entries(value, lambda item: _frozen(plain.json_value(item)))) or None


def merged(own: JsonObject, extra: JsonObject | None, where: str = "extra_body") -> Json:
    """JSON with further fields in it, also inside of its objects.

    Raises:
        InvalidArgument: A further field says otherwise than an argument does.
    """
    body = dict(own)
    for name, value in (extra or {}).items():
        place = f"{where}[{name!r}]"
        if isinstance(value, Mapping) and isinstance(body.get(name, {}), Mapping):
            body[name] = merged(body.get(name, {}), value, place)
        elif body.setdefault(name, _thawed(value)) != _thawed(value):
            raise InvalidArgument(place, value, f"An argument sets it to {body[name]!r}.", "Leave one out.")
    return body


@cache
def camel_case(name: str) -> str:
    """`tile_size` as JSON spells it: `tileSize`."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def same(value: T) -> T:
    """The value itself."""
    return value


def wire(write: Callable[..., object] = same, read: Callable[..., object] = same) -> Mapping[str, Any]:
    """How the value of a field is written to JSON and read back, as the field's metadata."""
    return {"write": write, "read": read}


LIST = wire(list, tuple)
MAP = wire(dict)
GRID_DIMENSIONS = wire(
    lambda size: {"width": size[0], "height": size[1]}, lambda size: (size["width"], size["height"])
)
INT64 = wire(str, lambda value: int(value) if isinstance(value, str) else value)
FLAG = wire(lambda value: value or None)
"""`false` is what the service assumes, and the official client leaves it out."""


@attrs.frozen(repr=False, field_transformer=guarded)
class Message:
    """A description that knows its JSON."""

    extra_body: JsonObject | None = attrs.field(default=None, kw_only=True, converter=optional(extra_fields))

    def __attrs_post_init__(self) -> None:
        known = self._known() if self.extra_body else {}
        if any(name in known and getattr(self, known[name].name) is None for name in self._beside()):
            self.from_dict(self.to_dict())  # refuse there what would be refused as an argument

    def _beside(self) -> Collection[str]:
        """What `extra_body` says, by the names in JSON."""
        return self.extra_body or ()

    @if_made
    def __repr__(self) -> str:
        fields = sorted(attrs.fields(type(self)), key=lambda field: field.kw_only)  # as arguments stand
        values = ((field.name, getattr(self, field.name)) for field in fields)
        given = ", ".join(f"{name}={value!r}" for name, value in values if value is not None)
        return f"{type(self).__name__}({given})"

    @classmethod
    def _known(cls) -> dict[str, attrs.Attribute[object]]:
        """The fields by their names in JSON."""
        return {camel_case(field.name): field for field in attrs.fields(cls) if field.name != "extra_body"}

    def to_dict(self) -> Json:
        """The object as the reference documents its JSON, without the fields that were not given."""
        return merged(self._own(), self.extra_body)

    def _own(self) -> Json:
        return {
            name: written
            for name, field in self._known().items()
            if (value := getattr(self, field.name)) is not None
            and (written := field.metadata.get("write", same)(value)) is not None
        }

    @classmethod
    def from_dict(cls, data: JsonObject) -> Self:
        """The object from its JSON; wrapped numbers (`{"value": 5}`) are read as plain ones.

        Fields that this library does not know are kept in `extra_body`.

        Raises:
            InvalidArgument, InvalidArgumentType: A field has a value that the class refuses.
        """
        known = cls._known()
        # A required field that is missing is None here, and the constructor reports it by its name.
        arguments: Json = {field.name: None for field in known.values() if field.default is attrs.NOTHING}
        extra: Json = {}
        for name, value in json_object(cls.__name__, data).items():
            if name not in known:
                extra[name] = value
                continue
            field, given = known[name], unwrapped(value)
            try:
                arguments[field.name] = read = field.metadata.get("read", same)(given)
                written = field.metadata.get("write", same)(read)
            except Exception:  # noqa: BLE001 - the value's own code may raise anything
                rule = f"It is not what the reference documents for {cls.__name__}."
                raise InvalidArgument(str(name), value, rule) from None
            if isinstance(written, Mapping) and isinstance(given, Mapping):
                # It may have fields that this library does not know; these are kept.
                given = {key: item for key, item in given.items() if key not in written} or None
                written = None
            if given is not None and written is None:
                extra[name] = given
        return cls(**arguments, extra_body=extra or None)


def json_object(argument: str, value: object) -> Json:
    """The value as a dict, if it is a JSON object.

    Raises:
        InvalidArgument, InvalidArgumentType: It is not.
    """
    return plain.checked(
        argument, lambda found: plain.entries(found, same, "It must be a JSON object."), value
    )


def unwrapped(value: object) -> object:
    """The plain value of a wrapper as the official Python client writes it, `{"value": "5"}`."""
    return value["value"] if isinstance(value, Mapping) and value.keys() == {"value"} else value
