"""The Markdown of a live check: the table and every reply, without secrets, addresses and ids."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from urllib.parse import urlsplit

from live_probes import Assumption
from live_service import FOLDER, Reply, Service
from live_table import NOT_TRIED

_PATTERNS = (
    (re.compile(r"[\w.+%-]+@[\w-]+\.[\w.-]+"), "ADDRESS"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b"), "HOST"),
    (re.compile(r"\bya29\.[\w.-]+|\beyJ[\w.-]{20,}|\bAIza[\w-]{20,}"), "SECRET"),
    (re.compile(r"\bprojects/(?!PROJECT)[^/\s\"?:]+"), "projects/ANOTHER"),
    (re.compile(r"\b\d{10,13}\b(?!-|\.tif)"), "NUMBER"),  # project numbers
    (re.compile(r"(\"(?:etag|md5Hash|crc32c|id|generation|selfLink|mediaLink)\": )\"[^\"]*\""), r'\1"…"'),
)
_LONGEST = 4000  # characters of one reply


@dataclass(frozen=True)
class Row:
    """An assumption, and what was seen of it."""

    assumption: Assumption
    seen: str
    verdict: str


def redacted(text: str, service: Service) -> str:
    """The text with everything that names an account, a project or a place taken out."""
    names = {name: f"OPERATION-{number}" for number, name in enumerate(_operation_ids(service), 1)}
    known = {service.bucket: "BUCKET", service.project: "PROJECT", service.run: "RUN"}
    known |= {urlsplit(url).netloc: "HOST" for url in (service.base_url, service.storage_url)}
    known |= names
    for secret in sorted(known, key=len, reverse=True):
        text = re.sub(rf"(?<![\w]){re.escape(secret)}(?![\w])", known[secret], text)
    for pattern, word in _PATTERNS:
        text = pattern.sub(word, text)
    return text


def _operation_ids(service: Service) -> list[str]:
    """Every operation id that a reply has named, in order."""
    text = json.dumps([reply.content for _, reply in service.seen if not isinstance(reply.content, bytes)])
    names = re.findall(r"operations/([\w-]+)", text)
    return list(dict.fromkeys([*(name.rpartition("/")[2] for name in service.started.values()), *names]))


def _body(reply: Reply) -> str:
    if isinstance(reply.content, bytes):
        return f"{len(reply.content)} bytes"
    text = json.dumps(reply.content, indent=1, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n… ({len(text)} characters)"


def markdown(service: Service, rows: list[Row], when: datetime) -> str:
    """The page."""
    lines = [
        "# What was seen of the service",
        "",
        f"Written by `make live` of earthengine-export {version('earthengine-export')} on {when:%Y-%m-%d}, "
        f"with exports under `{FOLDER}/`. Names of projects, buckets, accounts and operations are replaced.",
        "",
        "| question | the library is written for | the emulator | seen | verdict |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        library = " or ".join(row.assumption.library)
        cells = (row.assumption.question, library, row.assumption.emulator, row.seen, row.verdict)
        lines.append(f"| {' | '.join(cell.replace('|', '/').replace('*', '…') for cell in cells)} |")
    lines += ["", "Not tried:", "", *(f"- {what}: {why}" for what, why in NOT_TRIED.items())]
    lines += ["", "## Every reply"]
    about = ""
    for key, reply in service.seen:
        if key != about:
            about = key
            lines += ["", f"### {key}"]
        lines += ["", f"`{reply.asked}` → {reply.status}", "", "```json", _body(reply), "```"]
    return redacted("\n".join(lines), service) + "\n"
