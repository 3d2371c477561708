"""Assets as `projects.assets` shows them: images, collections, tables, folders; runs in a worker process."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from earthengine_emulator.assets import Assets
from earthengine_emulator.errors import ExportError
from earthengine_emulator.operation import timestamp
from earthengine_emulator.values import plain

# Projects that are no folder: what is in them is known by the rest of its name alone.
_SHARED = ("projects/earthengine-public/assets/", "projects/earthengine-legacy/assets/")
_TYPES = {".tif": "IMAGE", ".tiff": "IMAGE", ".geojson": "TABLE", ".gpkg": "TABLE"}
_PRECISIONS = {"int": "INT", "float": "FLOAT", "double": "DOUBLE"}
NOT_FOUND = 5


def asset(name: str, assets: Path, output: Path) -> dict[str, Any]:
    """One asset.

    Args:
        name: `projects/…/assets/…`.
        assets: The folder of the user's assets.
        output: The folder of exports, whose assets are looked at next.

    Raises:
        ExportError: There is none of this name.
    """
    asset_id = _id(name)
    folders = Assets(assets, output / "assets")
    for suffix in (*_TYPES, ""):
        for path in folders.places(f"{asset_id}{suffix}"):
            if path.is_file() if suffix else path.is_dir():
                return _shown(name, asset_id, path, folders)
    raise ExportError(f"Asset '{name}' does not exist or doesn't allow this operation.", code=NOT_FOUND)


def children(
    name: str, assets: Path, output: Path, images: bool, basic: bool, start: str, end: str
) -> list[dict[str, Any]]:
    """What is in a folder or collection, by name.

    Args:
        name: `projects/P`, or the name of an asset.
        assets: As for `asset`.
        output: As for `asset`.
        images: Whether only images are wanted.
        basic: Whether type, name and id are enough.
        start: Images that begin before this time are left out; "" for none.
        end: Images that begin at this time or later are left out; "" for none.

    Raises:
        ExportError: There is no such folder.
    """
    name = name if "/assets" in name else f"{name}/assets"
    parent_id = _id(f"{name.rstrip('/')}/").rstrip("/")
    found: dict[str, Path] = {}
    known = name.count("/") == 2  # the root of a project may have nothing in it
    folders = Assets(assets, output / "assets")
    for place in folders.places(parent_id) if parent_id else (assets, output / "assets"):
        if place.is_dir():
            known = True
            for path in sorted(place.iterdir()):
                if _type(path):
                    found.setdefault(path.stem if path.is_file() else path.name, path)
    if not known:
        raise ExportError(f"Asset '{name}' does not exist or doesn't allow this operation.", code=NOT_FOUND)
    shown = []
    for child, path in sorted(found.items()):
        if images and _type(path) != "IMAGE":
            continue
        child_id = f"{parent_id}/{child}" if parent_id else child
        if basic:
            entry = {"type": _type(path), "name": f"{name.rstrip('/')}/{child}", "id": child_id}
        else:
            entry = _shown(f"{name.rstrip('/')}/{child}", child_id, path, folders)
        if _is_within(entry, start, end):
            shown.append(entry)
    return shown


def _id(name: str) -> str:
    for shared in _SHARED:
        if name.startswith(shared):
            return name.removeprefix(shared)
    return name


def _type(path: Path) -> str:
    """The type of the asset that a file or folder is; "" where it is none."""
    if path.is_dir():
        has_images = any(_TYPES.get(file.suffix) == "IMAGE" for file in path.iterdir() if file.is_file())
        return "IMAGE_COLLECTION" if has_images else "FOLDER"
    return _TYPES.get(path.suffix, "")


def _is_within(entry: dict[str, Any], start: str, end: str) -> bool:
    if not start and not end:
        return True
    begins = entry.get("startTime")
    if begins is None:
        return False
    moment = datetime.fromisoformat(begins)
    return (not start or moment >= _moment(start)) and (not end or moment < _moment(end))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ExportError(
            f"Invalid time {text!r}: it is RFC 3339, for example 2024-01-31T00:00:00Z."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(name: str, asset_id: str, path: Path, assets: Assets) -> dict[str, Any]:
    kind = _type(path)
    shown: dict[str, Any] = {
        "type": kind,
        "name": name,
        "id": asset_id,
        "updateTime": timestamp(path.stat().st_mtime),
    }
    if kind == "IMAGE":
        image = plain(assets.image(asset_id))
        properties = image.get("properties", {})
        shown["sizeBytes"] = str(path.stat().st_size)
        shown["bands"] = [_band(band) for band in image["bands"]]
    elif kind == "IMAGE_COLLECTION":
        properties = dict(assets.images(asset_id).properties)
    elif kind == "TABLE":
        properties = {"system:feature_count": len(assets.table(asset_id))}
    else:
        return shown
    for field, key in (("startTime", "system:time_start"), ("endTime", "system:time_end")):
        if isinstance(properties.get(key), int | float):
            shown[field] = timestamp(properties[key] / 1000, digits=3)
    if "system:footprint" in properties:
        shown["geometry"] = properties["system:footprint"]
    shown["properties"] = {
        key: plain(value) for key, value in properties.items() if key not in ("system:footprint", "system:id")
    }
    return shown


def _band(band: dict[str, Any]) -> dict[str, Any]:
    pixel = band["data_type"]
    data_type: dict[str, Any] = {"precision": _PRECISIONS.get(pixel["precision"], pixel["precision"])}
    if "max" in pixel:
        data_type["range"] = {"min": pixel.get("min", 0), "max": pixel["max"]}
    names = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    grid = {
        "crsCode": band.get("crs"),
        "affineTransform": dict(zip(names, band.get("crs_transform", ()), strict=False)),
    }
    if "dimensions" in band:
        grid["dimensions"] = dict(zip(("width", "height"), band["dimensions"], strict=False))
    return {"id": band["id"], "dataType": data_type, "grid": grid, "pyramidingPolicy": "MEAN"}
