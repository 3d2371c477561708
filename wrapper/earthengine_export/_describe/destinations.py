"""Where an export goes: Google Drive, Cloud Storage, or an Earth Engine asset."""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Mapping
from typing import ClassVar, Literal, TypeVar, get_args

from attrs import field, frozen

from ..errors import InvalidArgument, InvalidArgumentType
from . import plain
from .fields import explained, guarded, optional
from .graphs import Json, JsonObject
from .messages import LIST, MAP, FrozenMapping, Message, json_object

Permissions = Literal["PUBLIC", "DEFAULT_OBJECT_ACL"]
"""Who may read the files in a bucket."""

PyramidingPolicy = Literal["MEAN", "SAMPLE", "MIN", "MAX", "MODE", "MEDIAN"]
"""How the lower resolutions of an asset are made; MEDIAN is known to the official clients only."""

Word = TypeVar("Word", bound=str)

_POLICIES: tuple[PyramidingPolicy, ...] = get_args(PyramidingPolicy)
_PERMISSIONS: tuple[Permissions, ...] = get_args(Permissions)
_ROOM = 1200  # characters of what was given that a cure shows at most
_PRINTABLE = r"[^\x00-\x1f\x7f\ud800-\udfff]{0,1000}"


def _prefix(value: str) -> str:
    rule = "It must have at most 1000 characters, and no line breaks or other control characters."
    return plain.text(value, _PRINTABLE, rule)


def _folder(value: str) -> str:
    rule = (
        "A folder's name must not be blank; it has at most 1000 characters, and no line breaks or the like."
    )
    return plain.text(value, r"(?=.*\S)" + _PRINTABLE, rule, "Leave it out for the top of the Drive.")


def _one_of(value: object, words: tuple[Word, ...]) -> Word:
    rule = f"It must be one of {', '.join(words)}."
    found = plain.text(value, rule=rule)
    for word in words:
        if word in (found, found.upper()):
            return word
    raise InvalidArgument("", value, rule)


def _policy(value: str) -> str:
    if isinstance(value, Mapping):
        rule, cure = "It is one policy, for all bands.", "Give those of bands as pyramiding_policy_overrides."
        raise InvalidArgumentType("", value, rule, cure)
    return _one_of(value, _POLICIES)


def _policies(value: Mapping[str, str]) -> Mapping[str, str] | None:
    rule = "It must map the names of bands to policies."
    found = plain.entries(value, lambda policy: _one_of(policy, _POLICIES), rule)
    if ".default" in found:
        rule = "'.default' is the official client's spelling of the policy of all other bands."
        raise InvalidArgument("", value, rule, f"Give it as pyramiding_policy={found['.default']!r}.")
    return FrozenMapping(found) or None


def _permission(value: Permissions) -> Permissions:
    return _one_of(value, _PERMISSIONS)


def _check_files(self: Drive | CloudStorage) -> None:
    """Check as all messages are checked, and warn of a prefix that ends like a file's name."""
    Message.__attrs_post_init__(self)
    prefix = self.filename_prefix or ""
    if found := re.search(r"(\.(tiff?|tfrecord|gz|zip|json))+$", prefix, re.IGNORECASE):
        ending = "-00000.tfrecord" if ".tfrecord" in found[0].lower() else ".tif"
        warnings.warn(
            f"filename_prefix={prefix!r}: the service adds the ending itself, which makes "
            f"{prefix + ending!r}. Give {prefix[: found.start()]!r}.",
            stacklevel=4,
        )


@explained
@frozen(repr=False, field_transformer=guarded)
class Drive(Message):
    """A folder of the Google Drive that belongs to the account that exports.

    A service account has a Drive of its own that nobody looks into; export to Cloud Storage with one.

    Reference: DriveDestination.

    Attributes:
        folder: The name of one folder, wherever it is in the Drive. A slash is part of the name: Drive has
            no paths. Where several folders have the name, the latest is taken; where none has, it is made.
            Default: the top of the Drive.
        filename_prefix: What the names of the files begin with. Default: the export's description.
        extra_body: Fields of the API that this class lacks, as JSON; merged into its own. Default: none.

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    options_field: ClassVar[str] = "driveDestination"

    folder: str | None = field(default=None, converter=optional(_folder))
    filename_prefix: str | None = field(default=None, converter=optional(_prefix))

    __attrs_post_init__ = _check_files


_BUCKET = r"""(?x) (?!goog) (?!\d+\.\d+\.\d+\.\d+$) (?=.{3,222}$)
    [a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])? (\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*"""


def _bucket(value: str) -> str:
    found = plain.text(value)
    bucket, _slash, prefix = re.sub(r"^\w+://(storage\.\w+\.com/)?", "", found).partition("/")
    cure = f"Give {bucket!r}{f' and filename_prefix={prefix!r}' if prefix else ''}."
    return plain.text(
        found,
        _BUCKET,
        "A bucket's name has 3 to 63 characters (a-z, 0-9, '-', '_'; up to 222 with dots), begins and ends "
        "with a letter or digit, does not begin with 'goog', and is no IP address.",
        cure if len(cure) < _ROOM and bucket != found and re.fullmatch(_BUCKET, bucket) else "",
    )


@explained
@frozen(repr=False, field_transformer=guarded)
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
        extra_body: Fields of the API that this class lacks, as JSON; merged into its own. Default: none.

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    options_field: ClassVar[str] = "cloudStorageDestination"

    bucket: str = field(converter=_bucket)
    filename_prefix: str | None = field(default=None, converter=optional(_prefix))
    permissions: Permissions | None = field(default=None, converter=optional(_permission))
    bucket_cors_uris: tuple[str, ...] | None = field(
        default=None, converter=optional(plain.names), metadata=LIST
    )

    __attrs_post_init__ = _check_files


_ASSET = r"projects/([a-z0-9.-]+:)?[a-z0-9][a-z0-9-]*/assets(/[A-Za-z0-9_-]+)+"
_LEGACY = "projects/earthengine-legacy/assets/"


def _asset(value: str) -> str:
    cure = "Give the full name, such as 'projects/my-project/assets/folder/dem'."
    rule = (
        "An asset's name is projects/PROJECT/assets/PATH, the project in lower case, the path of letters, "
        "digits, '-', '_' and '/'."
    )
    if isinstance(value, str) and (given := value.strip("/ ")).startswith(("users/", "projects/")):
        is_legacy = "/assets" not in given
        project, _, path = (f"{_LEGACY}{given}" if is_legacy else given).partition("/assets/")
        steps = filter(None, path.split("/"))
        clean = f"{project}/assets/{re.sub('[^A-Za-z0-9_/-]+', '_', '/'.join(steps))}"
        if bad := re.search("[^A-Za-z0-9_/-]", path):
            rule = f"{bad[0]!r} cannot be part of it. {rule}"
        if len(clean) < _ROOM and re.fullmatch(_ASSET, clean):
            cure = f"{clean!r} would do."
            cure = f"The full name of this legacy asset is {clean!r}." if is_legacy and not bad else cure
    return plain.text(value, _ASSET, rule, cure)


@explained
@frozen(repr=False, field_transformer=guarded)
class Asset(Message):
    """An image asset in Earth Engine.

    Reference: ImageAssetExportOptions, EarthEngineDestination.

    Attributes:
        name: `projects/PROJECT/assets/PATH`. The service makes no folders: those of the path must exist.
        overwrite: Replace an asset of this name. The reference does not list it; the official client sends
            it. Default: the export fails where the asset exists.
        pyramiding_policy: How the lower resolutions of all bands are made: MEAN (the default), SAMPLE, MIN,
            MAX, MODE or MEDIAN, in either case.
        pyramiding_policy_overrides: Other policies for single bands, by the band's name.
        tile_size: The side in pixels of the tiles in which the image is computed; known to the official
            client only. Default: the service's.
        extra_body: Fields of the API that this class lacks, as JSON; merged into its own. Default: none.

    Raises:
        InvalidArgument, InvalidArgumentType: A value is none of these.
    """

    name: str = field(converter=_asset)
    overwrite: bool | None = field(default=None, converter=optional(plain.flag))
    pyramiding_policy: str | None = field(default=None, converter=optional(_policy))
    pyramiding_policy_overrides: Mapping[str, str] | None = field(
        default=None, converter=optional(_policies), metadata=MAP
    )
    tile_size: int | None = field(default=None, converter=optional(plain.side))

    def _beside(self) -> Collection[str]:
        further = (self.extra_body or {}).get("earthEngineDestination", ())
        return {*Message._beside(self), *(further if isinstance(further, Mapping) else ())}

    def _own(self) -> Json:
        options = Message._own(self)
        destination = {key: options.pop(key) for key in ("name", "overwrite") if key in options}
        return {"earthEngineDestination": destination, **options}

    @classmethod
    def from_dict(cls, data: JsonObject) -> Asset:
        """The destination from ImageAssetExportOptions.

        Fields that this library does not know are kept in `extra_body`.

        Raises:
            InvalidArgument, InvalidArgumentType: A field has a value that the class refuses.
        """
        options = json_object("assetExportOptions", data)
        destination = json_object("earthEngineDestination", options.pop("earthEngineDestination", {}))
        ours: Json = {name: destination.pop(name) for name in ("name", "overwrite") if name in destination}
        further: Json = {"earthEngineDestination": destination} if destination else {}
        return super(Asset, cls).from_dict({**options, **ours, **further})  # noqa: UP008 - attrs makes a new class for the slots


Destination = Drive | CloudStorage | Asset
"""The three places that an export can go to."""
