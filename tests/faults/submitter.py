"""Submits exports with given request ids, from the first to the last, and prints the names it holds.

It is killed in between, again and again, and remembers nothing: see test_kill.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import earthengine_export as eex


def main(base_url: str, count: int) -> None:
    with eex.Client("my-project", eex.anonymous(), base_url) as client, ThreadPoolExecutor(8) as threads:

        def submit(number: int) -> str:
            image, name = eex.load("dem"), f"export-{number}"
            return client.export_image(
                image,
                to=eex.CloudStorage("bucket"),
                description=name,
                region=(0, 0, 1, 1),
                scale=1000,
                request_id=name,
            ).name

        for name in threads.map(submit, range(count)):
            sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
