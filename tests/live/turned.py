"""A service on which each assumption of the live check is turned around."""

from __future__ import annotations

import numpy as np
import rasterio.io
from affine import Affine

from tests.live.proxy import Bends, Exchange

DUPLICATE = "A different Operation was already started with the given request_id"
ACCOUNT = "robot@my-secret-project.iam.gserviceaccount.com"


def other_pixels() -> bytes:
    """A GeoTIFF in which what is masked is 7, and 7 is no data."""
    with rasterio.io.MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=2, height=2, count=1, dtype="float32", nodata=7,
            crs="EPSG:4326", transform=Affine(9, 0, 0, 0, -9, 0),
        ) as raster:  # fmt: skip
            raster.write(np.full((1, 2, 2), 7, "float32"))
        return bytes(memory.getbuffer())


class Turned(Bends):
    """Answers otherwise than is taken for granted, wherever it can."""

    def __init__(self) -> None:
        self.refused: set[str] = set()
        self.cancels = 0

    def before(self, exchange: Exchange) -> None:
        path, query = exchange.path, exchange.query
        if path.endswith(":wait"):
            exchange.verb, exchange.path, exchange.body = "GET", path.removesuffix(":wait"), {}
        elif path.endswith(":noSuchMethod"):
            exchange.refuse(501, "UNIMPLEMENTED")
        elif "NOSUCH" in path:
            exchange.refuse(410, "GONE")
        elif "of-nobody" in path:
            exchange.refuse(403, "PERMISSION_DENIED", f"{ACCOUNT} may not.")
        elif query.get("pageSize") == "100000":
            exchange.refuse(400, "INVALID_ARGUMENT")
        elif "filter" in query:
            exchange.status = 200
        elif exchange.key:
            self._export(exchange, str(exchange.body["requestId"]))

    def _export(self, exchange: Exchange, request_id: str) -> None:
        if request_id in self.refused:
            exchange.refuse(400, "INVALID_ARGUMENT", DUPLICATE)
        elif exchange.key in ("large", "unknown"):
            exchange.refuse(400, "INVALID_ARGUMENT")

    def after(self, exchange: Exchange) -> None:
        reply, query = exchange.reply, exchange.query
        if exchange.verb == "POST" and exchange.path.endswith(":export") and exchange.status == 400:
            self.refused.add(str(exchange.body["requestId"]))
            if DUPLICATE not in str(reply):
                exchange.refuse(422, "ODD")
        elif exchange.verb == "POST" and exchange.path.endswith(":cancel"):
            self.cancels += 1
            if self.cancels == 2:  # the one of an operation that has ended
                exchange.refuse(400, "FAILED_PRECONDITION")
        elif isinstance(reply, bytes):
            exchange.reply = other_pixels()
        elif "items" in reply and not query["prefix"].endswith("/"):
            for item in reply["items"]:
                item["name"] = item["name"].replace("0000000000-", "r0-").replace("-00000", "-1-of-1")
        elif "operations" in reply:
            reply["operations"].reverse()
            if query.get("pageSize") == "2":
                reply.pop("nextPageToken", None)
        elif "metadata" in reply:
            self._operation(exchange)
        elif "schemas" in reply:
            del reply["schemas"]["ExportImageRequest"]["properties"]["priority"]

    def _operation(self, exchange: Exchange) -> None:
        reply = exchange.reply
        metadata = reply["metadata"]
        for stage in metadata.get("stages", []):
            if "totalWorkUnits" in stage:
                stage["totalWorkUnits"] = float(stage["totalWorkUnits"])
        if "destinationUris" in metadata:
            metadata["destinationUris"] = ["gs://somewhere/else"]
        if "response" in reply:
            reply["response"]["files"] = []
        if reply.get("error", {}).get("code") == 1:
            reply["error"]["code"], metadata["state"] = 10, "FAILED"
        if exchange.query.get("fields") == "name":
            exchange.reply = {"name": reply["name"]}


class Strict(Bends):
    """Knows no field that the reference does not list, asks who it is, starts two exports with one id."""

    def __init__(self) -> None:
        self.bodies: dict[str, object] = {}

    def before(self, exchange: Exchange) -> None:
        if exchange.path.endswith("/operations") and not exchange.query:
            exchange.refuse(401, "UNAUTHENTICATED")
        elif exchange.key in ("asset", "tags"):
            exchange.refuse(400, "INVALID_ARGUMENT", 'Unknown name "overwrite": Cannot find field.')
        elif (
            exchange.key
            and self.bodies.setdefault(str(exchange.body["requestId"]), exchange.body) != exchange.body
        ):
            exchange.body = {**exchange.body, "requestId": "another"}
