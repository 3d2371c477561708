"""The service as the live check uses it: plain requests that are written down, and everything is cleaned up.

Raw HTTP and not the library's own methods, because what the service answers is the question.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

import earthengine_export as eex

Json = dict[str, Any]
FOLDER = "earthengine-export-live"
# A grid of 64 x 32 pixels of 30 m, somewhere in California: each export is a few kilobytes.
GRID = eex.PixelGrid("EPSG:32610", (30, 0, 500_000, 0, -30, 4_200_000), (64, 32))
_PAUSE = 2.0  # seconds between two looks at an operation


class Inconclusive(Exception):
    """A probe could not tell; the message says why."""


@dataclass(frozen=True)
class Reply:
    """A reply, and what was asked."""

    asked: str
    status: int
    content: Any
    seconds: float

    @property
    def body(self) -> Json:
        """The reply's JSON object; {} where it is none."""
        return self.content if isinstance(self.content, dict) else {}

    @property
    def refusal(self) -> str:
        """The status in words, such as "refused with 400 INVALID_ARGUMENT"."""
        return f"refused with {self.status} {self.body.get('error', {}).get('status', '')}".strip()

    @property
    def text(self) -> str:
        """The error's message, or ""."""
        return str(self.body.get("error", {}).get("message", ""))


@dataclass
class Service:
    """One run against the service.

    Args:
        http: Signs requests.
        base_url: The service's host.
        storage_url: Cloud Storage's host.
        project: Where the exports run.
        bucket: Where their files go.
        patience: The longest that the exports may take, in seconds.
        hold: How long the service is asked to hold a wait, in seconds.
    """

    http: httpx.Client
    base_url: str
    storage_url: str
    project: str
    bucket: str
    patience: float = 1800.0
    hold: float = 90.0
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    seen: list[tuple[str, Reply]] = field(default_factory=list)
    about: str = ""
    started: dict[str, str] = field(default_factory=dict)  # operation names by what they are for
    refused: dict[str, Reply] = field(default_factory=dict)
    last: dict[str, Json] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)  # what could not be removed

    @property
    def prefix(self) -> str:
        """What the names of this run's files begin with."""
        return f"{FOLDER}/{self.run}/"

    @property
    def label(self) -> str:
        """What the descriptions of this run's exports begin with."""
        return f"eex-live-{self.run}-"

    @property
    def asset(self) -> str:
        """The asset that this run makes."""
        return f"projects/{self.project}/assets/{FOLDER}-{self.run}"

    def ask(self, verb: str, path: str, body: object = None, **parameters: str) -> Reply:
        """Ask Earth Engine, and write the reply down under the probe that asks."""
        return self._send(verb, self.base_url, f"/v1beta/{path}", body, parameters)

    def storage(self, verb: str, name: str = "", **parameters: str) -> Reply:
        """Ask Cloud Storage for the bucket's objects, or for one."""
        path = f"/storage/v1/b/{self.bucket}/o" + (f"/{quote(name, safe='')}" if name else "")
        return self._send(verb, self.storage_url, path, None, parameters)

    def ask_as_nobody(self, verb: str, path: str) -> Reply:
        """Ask Earth Engine without credentials."""
        return self._send(verb, self.base_url, f"/v1beta/{path}", None, {}, auth=None)

    def _send(
        self,
        verb: str,
        base: str,
        path: str,
        body: object,
        parameters: Mapping[str, str],
        **options: Any,
    ) -> Reply:
        began = time.monotonic()
        reply = self.http.request(verb, base + path, json=body, params=dict(parameters), **options)
        took = time.monotonic() - began
        try:
            content: Any = reply.json()
        except ValueError:
            content = reply.content
        query = "?" + "&".join(f"{key}={value}" for key, value in parameters.items()) if parameters else ""
        made = Reply(f"{verb} {path}{query}", reply.status_code, content, took)
        self.seen.append((self.about, made))
        return made

    def request(self, key: str, image: Any, to: Any = None, **options: Any) -> Json:
        """The body of an export of this run."""
        target = to or eex.CloudStorage(self.bucket, filename_prefix=self.prefix + key)
        options.setdefault("grid", GRID)
        export = eex.ImageExport(image, to=target, description=self.label + key, **options)
        return {**export.to_dict(), "requestId": f"{self.run}-{key}"}

    def start(self, key: str, body: Json) -> Reply:
        """Send an export; what it starts is remembered, to be cleaned up."""
        reply = self.ask("POST", f"projects/{self.project}/image:export", body)
        if reply.status == 200 and "name" in reply.body:
            self.started.setdefault(key, reply.body["name"])
        else:
            self.refused[key] = reply
        return reply

    def name(self, key: str) -> str:
        """The operation of an export that was started.

        Raises:
            Inconclusive: It was refused.
        """
        if key in self.refused and key not in self.started:
            raise Inconclusive(f"the export for it was {self.refused[key].refusal}: {self.refused[key].text}")
        return self.started[key]

    def ended(self, key: str) -> Json:
        """The operation of an export once it has ended.

        Raises:
            Inconclusive: It was refused, or takes too long.
        """
        if key in self.last:
            return self.last[key]
        name, until = self.name(key), time.monotonic() + self.patience
        while time.monotonic() < until:
            reply = self.ask("GET", name)
            if reply.body.get("done"):
                self.last[key] = reply.body
                return reply.body
            self.seen.pop()  # only the last look says something
            time.sleep(min(_PAUSE, self.patience / 1000))
        raise Inconclusive(f"it had not ended after {self.patience:.0f} s")

    def files(self, key: str) -> list[str]:
        """The objects that an export has written, by name.

        Raises:
            Inconclusive: It did not end well.
        """
        ended = self.ended(key)
        if "error" in ended:
            raise Inconclusive(f"the export for it failed: {ended['error'].get('message')}")
        listed = self.storage("GET", prefix=self.prefix + key)
        return sorted(one["name"] for one in listed.body.get("items", []))

    def mine(self) -> Iterator[Json]:
        """This run's operations, as the list has them: those of lost replies too."""
        token = ""
        while True:
            where = {"pageSize": "500", "pageToken": token} if token else {"pageSize": "500"}
            page = self.ask("GET", f"projects/{self.project}/operations", **where).body
            for one in page.get("operations", []):
                if str(one.get("metadata", {}).get("description", "")).startswith(self.label):
                    yield one
            token = page.get("nextPageToken", "")
            if not token:
                return

    def objects(self) -> list[str]:
        """This run's objects in the bucket, by name."""
        return [item["name"] for item in self.storage("GET", prefix=self.prefix).body.get("items", [])]

    def clean(self) -> None:
        """Cancel and delete all that this run has made, and look for what is there all the same."""
        self.about = "clean up"
        names = {one["name"] for one in self.mine()} | set(self.started.values())
        for name in sorted(names):
            if not self.ask("GET", name).body.get("done"):
                self.ask("POST", f"{name}:cancel", {})
        for name in sorted(names):
            until = time.monotonic() + min(self.patience, 300)
            while not self.ask("GET", name).body.get("done") and time.monotonic() < until:
                time.sleep(min(_PAUSE, self.patience / 1000))
            self.ask("DELETE", name)
        for name in self.objects():
            self.storage("DELETE", name)
        self.ask("DELETE", self.asset)
        self.left = [one["name"] for one in self.mine()]
        self.left += [f"gs://{self.bucket}/{name}" for name in self.objects()]
        if self.ask("GET", self.asset).status == 200:
            self.left.append(self.asset)


@contextmanager
def cleaned(service: Service) -> Iterator[Service]:
    """The service for a block, after which nothing of the run is left, however the block ends."""
    try:
        yield service
    finally:
        print("Cleaning up.", flush=True)
        service.clean()
        for name in service.left:
            print(f"Could not be removed: {name}")
        if not service.left:
            print("Nothing is left behind.")
