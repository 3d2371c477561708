"""Where an export goes: Google Drive, Cloud Storage, or an Earth Engine asset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from attrs import field, frozen
from attrs.validators import optional

from ..errors import InvalidArgument, InvalidArgumentType
from . import fields
from .fields import Message, Wire, in_range, is_flag, matches

PyramidingPolicy = Literal["MEAN", "SAMPLE", "MIN", "MAX", "MODE", "MEDIAN"]
"""How the lower resolutions of an asset are made; MEDIAN is known to the official clients only."""

_POLICIES = ("MEAN", "SAMPLE", "MIN", "MAX", "MODE", "MEDIAN")
_PERMISSIONS = ("PUBLIC", "DEFAULT_OBJECT_ACL")
_PRINTABLE = r"[^\x00-\x1f\x7f\ud800-\udfff]{0,1000}"
_is_prefix = matches(
    _PRINTABLE, "It must have at most 1000 characters, no line breaks and no other control characters."
)


def _upper(value: str | None) -> str | None:
    return value.upper() if isinstance(value, str) else value


def _upper_values(value: Mapping[str, str] | None) -> Mapping[str, str] | None:
    if not isinstance(value, Mapping):
        return value
    return fields.FrozenMapping({band: _upper(policy) or "" for band, policy in value.items()}) or None


def _policy(argument: str, value: object) -> None:
    if value not in _POLICIES:
        raise InvalidArgument(argument, value, f"It must be one of {', '.join(_POLICIES)}.")


def _is_policy(_: object, attribute: Any, value: Any) -> None:
    _policy(attribute.name, value)


def _are_policies(_: object, attribute: Any, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise InvalidArgumentType(attribute.name, value, "It must map the names of bands to policies.")
    if ".default" in value:
        raise InvalidArgument(
            attribute.name,
            dict(value),
            "'.default' is the official client's spelling of the policy of all other bands.",
            f"Give it as pyramiding_policy={value['.default']!r}.",
        )
    for band, policy in value.items():
        _policy(f"{attribute.name}[{band!r}]", policy)


def _is_permission(_: object, attribute: Any, value: Any) -> None:
    if value not in _PERMISSIONS:
        raise InvalidArgument(attribute.name, value, f"It must be one of {', '.join(_PERMISSIONS)}.")


@frozen
class Drive(Message):
    """A folder of the Google Drive that belongs to the account that exports.

    A service account has a Drive of its own that nobody looks into; export to Cloud Storage with one.

    Reference: DriveDestination.

    Attributes:
        folder: The name of one folder, wherever it is in the Drive. A slash is part of the name: Drive has
            no paths. Where several folders have the name, the latest is taken; where none has, it is made.
            Default: the top of the Drive.
        filename_prefix: What the names of the files begin with. Default: the export's description.

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    options_field: ClassVar[str] = "driveDestination"

    folder: str | None = field(
        default=None,
        validator=optional(
            matches(
                r"(?=.*\S)" + _PRINTABLE,
                "A folder's name must not be blank, and have no line breaks or other control characters.",
                "Leave it out for the top of the Drive.",
            )
        ),
    )
    filename_prefix: str | None = field(default=None, validator=optional(_is_prefix))


def _is_bucket(_: object, attribute: Any, value: Any) -> None:
    cure = ""
    if isinstance(value, str) and value.startswith("gs://"):
        bucket, _slash, prefix = value[5:].partition("/")
        cure = f"Give {bucket!r}" + (f" and filename_prefix={prefix!r}." if prefix else ".")
    fields.text(
        attribute.name,
        value,
        r"(?!goog)(?=.{3,222}$)[a-z0-9][a-z0-9_-]{0,61}[a-z0-9](\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*",
        "A bucket's name has 3 to 63 characters (a-z, 0-9, '-', '_'; up to 222 with dots), begins and ends "
        "with a letter or digit, and does not begin with 'goog'.",
        cure,
    )


@frozen
class CloudStorage(Message):
    """Objects in a bucket of Google Cloud Storage.

    Reference: CloudStorageDestination.

    Attributes:
        bucket: The bucket's name, without `gs://`.
        filename_prefix: What the names of the objects begin with; `dem/` puts them into a folder. Default:
            the export's description.
        permissions: PUBLIC to make the files readable for all, DEFAULT_OBJECT_ACL (the default) to leave
            that to the bucket.
        bucket_cors_uris: Origins that the bucket's CORS settings shall allow, as URIs. Default: none.

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    options_field: ClassVar[str] = "cloudStorageDestination"

    bucket: str = field(validator=_is_bucket)
    filename_prefix: str | None = field(default=None, validator=optional(_is_prefix))
    permissions: Literal["PUBLIC", "DEFAULT_OBJECT_ACL"] | None = field(
        default=None, validator=optional(_is_permission)
    )
    bucket_cors_uris: tuple[str, ...] | None = field(
        default=None,
        converter=fields.strings,
        validator=optional(fields.are_strings),
        metadata={"wire": Wire(list, tuple)},
    )


_ASSET = r"projects/([a-z0-9.-]+:)?[a-z0-9][a-z0-9-]*/assets(/[A-Za-z0-9_-]+)+"


def _is_asset(_: object, attribute: Any, value: Any) -> None:
    cure = "Give the full name, such as 'projects/my-project/assets/folder/dem'."
    if isinstance(value, str) and value.startswith(("users/", "projects/")):
        legacy = f"projects/earthengine-legacy/assets/{value}"
        if "/assets/" not in value and re.fullmatch(_ASSET, legacy):
            cure = f"The full name of this legacy asset is {legacy!r}."
    fields.text(
        attribute.name,
        value,
        _ASSET,
        "An asset's name is projects/PROJECT/assets/PATH, the path of letters, digits, '-', '_' and '/'.",
        cure,
    )


@frozen
class Asset(Message):
    """An image asset in Earth Engine.

    Reference: ImageAssetExportOptions, EarthEngineDestination.

    Attributes:
        name: `projects/PROJECT/assets/PATH`; the folders of the path must exist.
        overwrite: Replace an asset of this name. The reference does not list it; the official client sends
            it. Default: the export fails where the asset exists.
        pyramiding_policy: How the lower resolutions of all bands are made: MEAN (the default), SAMPLE, MIN,
            MAX, MODE or MEDIAN, in either case.
        pyramiding_policy_overrides: Other policies for single bands, by the band's name.
        tile_size: The side in pixels of the tiles in which the image is computed; known to the official
            client only. Default: the service's.

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    name: str = field(validator=_is_asset)
    overwrite: bool | None = field(default=None, validator=optional(is_flag))
    pyramiding_policy: str | None = field(default=None, converter=_upper, validator=optional(_is_policy))
    pyramiding_policy_overrides: Mapping[str, str] | None = field(
        default=None,
        converter=_upper_values,
        validator=optional(_are_policies),
        metadata={"wire": Wire(dict, dict)},
    )
    tile_size: int | None = field(default=None, validator=optional(in_range(1)))

    def to_dict(self) -> dict[str, Any]:
        """ImageAssetExportOptions as documented, the destination in its union."""
        options = super(Asset, self).to_dict()  # noqa: UP008 - attrs makes a new class for the slots
        destination = {key: options.pop(key) for key in ("name", "overwrite") if key in options}
        return {"earthEngineDestination": destination, **options}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Asset:
        """The destination from ImageAssetExportOptions; see `Message.from_dict`."""
        flat = dict(fields.json_object("assetExportOptions", data))
        destination = flat.pop("earthEngineDestination", {})
        flat.update(fields.json_object("earthEngineDestination", destination))
        return super(Asset, cls).from_dict(flat)  # noqa: UP008


Destination = Drive | CloudStorage | Asset
"""The three places that an export can go to."""
