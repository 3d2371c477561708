"""Requests with large graphs: from a graph that is ready, and from the objects that stand for it."""

import json
from collections.abc import Callable
from typing import Any

import ee
import httpx

import earthengine_export as eex

from .contenders import REQUEST_ID
from .servers import PROJECT


def contenders(nodes: int, url: str) -> dict[str, Callable[[], object]]:
    """Ways to the bytes of a request with so many nodes; the first is what they are compared with."""
    # To each image belong five: the call, its two arguments, and the constant in one of them; and its item.
    images = range(nodes // 5)
    added = [ee.Image.constant(index).add(0.5) for index in images]
    official = ee.ImageCollection.fromImages(added).mosaic()
    graph = ee.serializer.encode(official, for_cloud_api=True)
    to = eex.CloudStorage("my-bucket")
    options = {"fileFormat": "GEO_TIFF", "cloudStorageDestination": {"bucket": "my-bucket"}}
    endpoint = ee.data._get_cloud_projects().image().export
    client = httpx.Client(base_url=url)

    def ours(image: Any) -> object:
        return eex.ImageExport(image, to=to).to_request(REQUEST_ID).to_dict()

    def ours_from_calls() -> object:
        half = eex.call("Image.constant", value=0.5)
        calls = [
            eex.call("Image.add", image1=eex.call("Image.constant", value=index), image2=half)
            for index in images
        ]
        collection = eex.call("ImageCollection.fromImages", images=calls)
        return ours(eex.call("ImageCollection.mosaic", collection=collection))

    def official_from_graph(expression: object) -> object:
        body = {"expression": expression, "fileExportOptions": options, "requestId": REQUEST_ID}
        return endpoint(project=f"projects/{PROJECT}", body=body)

    def bare() -> object:
        body = {"expression": graph, "fileExportOptions": options, "requestId": REQUEST_ID}
        return client.build_request("POST", "/", json=body)

    return {
        "json.dumps of the graph": lambda: json.dumps(graph),
        "httpx, from the graph": bare,
        "earthengine-export, from the graph": lambda: ours(graph),
        "earthengine-api, from the graph": lambda: official_from_graph(graph),
        "earthengine-export, from eex.call": ours_from_calls,
        "earthengine-export, from an ee object": lambda: ours(official),
        "earthengine-api and ee-client, from an ee object": lambda: official_from_graph(
            ee.serializer.encode(official, for_cloud_api=True)
        ),
    }


def count(graph: Any) -> int:
    """How many nodes a graph has."""
    if isinstance(graph, dict):
        own = sum(key in graph for key in ("functionInvocationValue", "constantValue", "valueReference"))
        own += sum(key in graph for key in ("arrayValue", "dictionaryValue", "argumentReference"))
        return own + sum(count(value) for value in graph.values())
    return sum(count(value) for value in graph) if isinstance(graph, list) else 0
