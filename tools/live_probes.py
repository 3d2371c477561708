"""What is taken for granted about the service, as a table, and how each row is looked at.

A probe gives the answer in a few words. Where the words fit a pattern of `library`, this library is written
for that answer; where they fit `emulator`, its emulator does the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import rasterio.io
from rasterio.errors import NotGeoreferencedWarning

import earthengine_export as eex
from live_service import Inconclusive, Json, Service

KNOWN_DUPLICATE = "A different Operation was already started"


@dataclass(frozen=True)
class Assumption:
    """A row: a question, the answers that this library is written for, and what its emulator does."""

    key: str
    question: str
    library: tuple[str, ...]
    emulator: str
    probe: Callable[[Service], str]

    def verdict(self, seen: str) -> str:
        """How what was seen compares with what is taken for granted."""
        if not any(fnmatchcase(seen, pattern) for pattern in self.library):
            return "the library takes something else for granted"
        return "as taken for granted" if fnmatchcase(seen, self.emulator) else "the emulator differs"


def exports(service: Service) -> Mapping[str, Json]:
    """The exports that the probes look at, each a few kilobytes: what `start_all` sends."""
    coordinates = eex.call("Image.pixelLonLat")
    longitude = eex.call("Image.select", input=coordinates, bandSelectors=["longitude"])
    west = eex.call("Image.lt", image1=longitude, image2=eex.call("Image.constant", value=-122.99))
    holes = eex.call("Image.updateMask", image=longitude, mask=west)
    byte_holes = eex.call("Image.toByte", value=eex.call("Image.updateMask", image=west, mask=west))
    wide = eex.PixelGrid("EPSG:32610", (30, 0, 500_000, 0, -30, 4_200_000), (512, 256))
    asset = service.request("asset", holes, eex.Asset(service.asset))
    asset["assetExportOptions"]["earthEngineDestination"]["overwrite"] = True
    tags = service.request("tags", holes)
    tags["fileExportOptions"].setdefault("geoTiffOptions", {})["metadataKeys"] = ["system:index"]
    return {
        "float": service.request("float", holes),
        "byte": service.request("byte", byte_holes),
        "nodata": service.request("nodata", holes, file_format=eex.GeoTiff(no_data=-9999)),
        "split": service.request("split", longitude, grid=wide, file_format=eex.GeoTiff(tile_dimensions=256)),
        "records": service.request("records", holes, file_format=eex.TfRecord(tile_dimensions=32)),
        "asset": asset,
        "tags": tags,
        "large": {**service.request("large", longitude), "maxPixels": "10"},
        "unknown": service.request("unknown", eex.call("Image.noSuchFunction", image=longitude)),
        "hold": service.request("hold", longitude),
    }


def start_all(service: Service) -> None:
    """Start every export, so that they run while the probes ask."""
    service.about = "start"
    for key, body in exports(service).items():
        service.start(key, body)


def _again(service: Service, reply: Any) -> str:
    if reply.status == 200:
        same = reply.body.get("name") == service.name("float")
        return "the same operation" if same else "another operation"
    return f"{reply.refusal}, {'the known text' if KNOWN_DUPLICATE in reply.text else 'another text'}"


def same_id_same_body(service: Service) -> str:
    """Repeat a submit as it was."""
    return _again(service, service.start("repeat", exports(service)["float"]))


def same_id_other_body(service: Service) -> str:
    """Repeat its id with another export."""
    body = {**exports(service)["byte"], "requestId": exports(service)["float"]["requestId"]}
    return _again(service, service.start("other", body))


def refused_id(service: Service) -> str:
    """Send a bad export, then a good one with the same id."""
    body = service.request("reuse", eex.call("Image.constant", value=1))
    first = service.start("bad", {**body, "priority": 10_000})
    if first.status == 200:
        raise Inconclusive("a priority of 10,000 was accepted")
    second = service.start("reuse", body)
    return "free: the next export with it starts" if second.status == 200 else f"used up: {second.refusal}"


def hold(service: Service) -> str:
    """How long `:wait` holds an unfinished operation."""
    reply = service.ask("POST", f"{service.name('hold')}:wait", {"timeout": f"{service.hold:g}s"})
    if reply.status != 200:
        return reply.refusal
    if reply.body.get("done"):
        raise Inconclusive("the operation ended meanwhile")
    if reply.seconds < service.hold / 5:
        return "answered at once"
    return "held as long as asked" if reply.seconds > service.hold * 0.9 else f"held {reply.seconds:.0f} s"


def cancel_running(service: Service) -> str:
    """Cancel an operation that has not ended, and see how it ends.

    Raises:
        Inconclusive: It was quicker.
    """
    reply = service.ask("POST", f"{service.name('hold')}:cancel", {})
    if reply.status != 200:
        return reply.refusal
    ended = service.ended("hold")
    state = ended.get("metadata", {}).get("state")
    if state == "SUCCEEDED":
        raise Inconclusive("it ended before it could be cancelled")
    return f"{state}, error code {ended.get('error', {}).get('code')}"


def cancel_ended(service: Service) -> str:
    """Cancel an operation that has ended."""
    name = service.ended("float")["name"]
    reply = service.ask("POST", f"{name}:cancel", {})
    return "nothing happens" if reply.status == 200 else reply.refusal


def order(service: Service) -> str:
    """The order of the list."""
    times = [str(one.get("metadata", {}).get("createTime")) for one in service.mine()]
    if len(times) < 3:
        raise Inconclusive("fewer than three operations are listed")
    return {True: "newest first", False: "another order"}[times == sorted(times, reverse=True)]


def small_page(service: Service) -> str:
    """A page of two."""
    reply = service.ask("GET", f"projects/{service.project}/operations", pageSize="2")
    if reply.status != 200:
        return reply.refusal
    token = "with" if reply.body.get("nextPageToken") else "without"
    return f"{len(reply.body.get('operations', []))} operations, {token} a token"


def large_page(service: Service) -> str:
    """A page that is larger than any client asks for."""
    reply = service.ask("GET", f"projects/{service.project}/operations", pageSize="100000")
    return "accepted" if reply.status == 200 else reply.refusal


def fields(service: Service) -> str:
    """Google's system parameter for a part of a reply."""
    reply = service.ask("GET", service.name("float"), fields="name")
    if reply.status != 200:
        return reply.refusal
    return "trims the reply" if set(reply.body) == {"name"} else "ignored"


def filter_(service: Service) -> str:
    """A filter that fits nothing."""
    wanted = f'metadata.description="{service.label}nothing"'
    reply = service.ask("GET", f"projects/{service.project}/operations", filter=wanted, pageSize="5")
    if reply.status != 200:
        return reply.refusal
    return "ignored" if reply.body.get("operations") else "applied"


def work_units(service: Service) -> str:
    """The JSON type of a stage's totalWorkUnits."""
    stages = service.ended("float").get("metadata", {}).get("stages", [])
    kinds = {type(stage["totalWorkUnits"]) for stage in stages if "totalWorkUnits" in stage}
    names = {"a number" if kind in (int, float) else "text" for kind in kinds}
    return " or ".join(sorted(names)) or "absent"


def response(service: Service) -> str:
    """The `response` of an export that ended well."""
    found = service.ended("float").get("response")
    if found is None:
        return "absent"
    kind = found.get("@type", "no type").rpartition("/")[2]
    return f"{kind} with {', '.join(sorted(set(found) - {'@type'})) or 'nothing in it'}"


def _uris(service: Service, key: str) -> str:
    uris = service.ended(key).get("metadata", {}).get("destinationUris", [])
    shown = " ".join(map(str, uris)) or "absent"
    for known, word in ((service.asset, "ASSET"), (service.bucket, "BUCKET"), (service.prefix, "FOLDER/")):
        shown = shown.replace(known, word)
    return shown


def file_uris(service: Service) -> str:
    """Where the service says that files are."""
    return _uris(service, "float")


def asset_uris(service: Service) -> str:
    """Where it says that an asset is."""
    return _uris(service, "asset")


def _accepted(service: Service, key: str) -> str:
    if key in service.refused:
        return service.refused[key].refusal
    ended = service.ended(key)
    return "accepted" if "error" not in ended else f"failed with code {ended['error'].get('code')}"


def overwrite(service: Service) -> str:
    """A field of an asset's destination that only the official clients know."""
    return _accepted(service, "asset")


def metadata_keys(service: Service) -> str:
    """The same of GeoTIFF's options."""
    return _accepted(service, "tags")


def too_large(service: Service) -> str:
    """More pixels than maxPixels."""
    return _accepted(service, "large")


def no_such_function(service: Service) -> str:
    """A graph with a function that does not exist."""
    return _accepted(service, "unknown")


def _masked(service: Service, key: str) -> str:
    names = [name for name in service.files(key) if name.endswith(".tif")]
    if len(names) != 1:
        raise Inconclusive(f"{len(names)} files are there")
    content = service.storage("GET", names[0], alt="media").content
    with warnings.catch_warnings(), rasterio.io.MemoryFile(content) as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open() as raster:
            corner = raster.read(1)[0, -1]  # in the east, which the mask cuts off
            named = "names none" if raster.nodata is None else f"names {raster.nodata:g}"
    value = "NaN" if np.isnan(corner) else f"{corner:g}"
    return f"{value}, and the file {named} as no data"


def masked_float(service: Service) -> str:
    """Masked pixels of floats in a GeoTIFF."""
    return _masked(service, "float")


def masked_byte(service: Service) -> str:
    """Masked pixels of bytes in a GeoTIFF."""
    return _masked(service, "byte")


def masked_no_data(service: Service) -> str:
    """Masked pixels in a GeoTIFF with noData."""
    return _masked(service, "nodata")


def _names(service: Service, key: str) -> str:
    return " ".join(name.removeprefix(service.prefix) for name in service.files(key)) or "no file"


def split_names(service: Service) -> str:
    """The names of a GeoTIFF's parts."""
    return _names(service, "split")


def record_names(service: Service) -> str:
    """The names of TFRecords."""
    return _names(service, "records")
