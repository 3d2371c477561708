"""Check on the real service what this library and its emulator take for granted about it.

    make live PROJECT=my-project BUCKET=my-bucket

Runs a dozen exports of a few kilobytes under your own credentials, asks before it does, prints a table,
writes every reply to a Markdown file without secrets, addresses and ids, and removes all that it made, also
when it is interrupted.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

import earthengine_export as eex
import live_report
from live_probes import exports, start_all
from live_service import Inconclusive, Service, cleaned
from live_table import ASSUMPTIONS, NOT_TRIED

SERVICE = "https://earthengine.googleapis.com"
STORAGE = "https://storage.googleapis.com"


def arguments() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--project", required=True, help="a Google Cloud project registered for Earth Engine")
    parser.add_argument("--bucket", required=True, help="a bucket in which your account may write and delete")
    parser.add_argument("--output", type=Path, default=Path("evidence.md"), help="where the replies go")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--hold", type=float, default=90, help="seconds that :wait is asked to hold")
    parser.add_argument("--patience", type=float, default=1800, help="seconds that the exports may take")
    return parser


def open_service(options: argparse.Namespace) -> Service:
    """The service, or the emulator that EARTHENGINE_EMULATOR_HOST names."""
    host = os.environ.get("EARTHENGINE_EMULATOR_HOST")
    local = f"http://{host}" if host else None
    client = eex.Client(options.project)
    print(f"Earth Engine, project {client.project}, with {client.credentials_source}.")
    http = httpx.Client(
        auth=client.auth,
        headers={"x-goog-user-project": client.project},
        timeout=options.hold + 60,
        trust_env=not local,
    )
    return Service(
        http,
        local or SERVICE,
        local or STORAGE,
        client.project,
        options.bucket,
        patience=options.patience,
        hold=options.hold,
    )


def agreed(service: Service) -> bool:
    """Say what it costs, and ask."""
    print(
        f"This starts {len(exports(service)) + 1} exports of at most 512 x 256 pixels to "
        f"gs://{service.bucket}/{service.prefix}, one of them to the asset {service.asset}, and takes some "
        "minutes. The computation is counted by your plan (a few EECU seconds) and the files are a few "
        "hundred kilobytes: cents at most. All of it is removed at the end."
    )
    try:
        return input("Go on? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print("nobody is here to answer; --yes says so beforehand.")
        return False


def look(service: Service) -> list[live_report.Row]:
    """Start the exports, and look at each assumption."""
    start_all(service)
    rows = []
    for assumption in ASSUMPTIONS:
        service.about = assumption.key
        print(f"{assumption.question} ", end="", flush=True)
        try:
            seen = assumption.probe(service)
            verdict = assumption.verdict(seen)
        except (Inconclusive, httpx.HTTPError) as reason:
            seen, verdict = f"not seen: {reason}", "not seen"
        print(seen)
        rows.append(live_report.Row(assumption, seen, verdict))
    return rows


def show(rows: list[live_report.Row]) -> None:
    """Print the table."""
    table = Table("question", "the library is written for", "the emulator", "seen", "verdict")
    for row in rows:
        library = " or ".join(row.assumption.library)
        table.add_row(row.assumption.question, library, row.assumption.emulator, row.seen, row.verdict)
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    for what, why in NOT_TRIED.items():
        print(f"Not tried: {what}: {why}.")


def interrupted(*_: object) -> None:
    """End like Ctrl-C, so that what was made is removed."""
    raise KeyboardInterrupt


def main() -> int:
    """Look, report, clean up; 1 where the library takes something else for granted, or something is left."""
    options = arguments().parse_args()
    signal.signal(signal.SIGTERM, interrupted)
    try:
        service = open_service(options)
    except eex.EarthEngineError as error:
        print(error)
        return 1
    rows: list[live_report.Row] = []
    with service.http:
        if not options.yes and not agreed(service):
            print("Nothing was started.")
            return 2
        try:
            with cleaned(service):
                rows = look(service)
        except KeyboardInterrupt:
            print("Interrupted.")
            return 130
    show(rows)
    text = live_report.markdown(service, rows, datetime.now(UTC))
    options.output.write_text(text, "utf-8")
    print(f"Every reply is in {options.output}, without ids and addresses: read it before you share it.")
    return int(bool(service.left) or any(row.verdict.startswith("the library") for row in rows))


if __name__ == "__main__":
    sys.exit(main())
