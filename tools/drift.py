"""Compares the spec with what others publish about the API, and explains each difference.

Fails where a difference has no explanation in known_differences.yaml, and where one there has no difference.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml
from rich.console import Console
from rich.table import Table

import published

KNOWN = Path(__file__).with_name("known_differences.yaml")
NOTHING = "-"
PACKAGED: dict[str, Callable[[], published.Facts]] = {
    "javascript client": published.javascript_client,
    "python client": published.python_client,
    "packaged discovery": published.packaged_discovery,
}
# What a client sends in a run tells nothing about what it does not send.
PARTIAL = {"python client"}


class Difference(NamedTuple):
    """One subject on which a source does not say what the spec says."""

    source: str
    subject: str
    there: str


def compare(spec: published.Facts, source: str, there: published.Facts) -> Iterator[Difference]:
    """Yields the differences on the spec's methods and types, in the order of the subjects.

    A source that says nothing at all of a sort of facts, scopes for example, is not asked for them.
    """
    sorts = set() if source in PARTIAL else {subject.split()[0] for subject in there}
    for subject in sorted(spec | there):
        sort, owner = subject.split()[:2]
        owner_type = f"type {owner.partition('.')[0]}"
        if sort in {"field", "value"} and (owner_type not in spec or owner_type not in there):
            continue  # The type itself is the difference, or it is none of ours.
        if subject not in spec and sort != "type":
            yield Difference(source, subject, there[subject])
        elif subject not in there and sort in sorts:
            yield Difference(source, subject, NOTHING)
        elif subject in spec and subject in there and not _agree(spec[subject], there[subject]):
            yield Difference(source, subject, there[subject])


def _agree(ours: str, theirs: str) -> bool:
    """Tells whether two types are the same, as far as a source with `?` can tell."""
    if not theirs.endswith("?"):
        return ours == theirs
    return ours.startswith(theirs[:-1]) and not ours.rpartition(" ")[2][0].isupper()


def explanations() -> dict[Difference, str]:
    """Returns the known differences and why they are right."""
    return {
        Difference(source, subject, entry["there"]): entry["why"]
        for entry in yaml.safe_load(KNOWN.read_text(encoding="utf-8"))
        for source in entry["sources"]
        for subject in entry["subjects"]
    }


def main() -> None:
    """Prints the table; exits with 1 where it has an open end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--discovery", metavar="URL|FILE", help="one more discovery document")
    where = parser.parse_args().discovery

    spec = published.spec()
    sources = {name: read() for name, read in PACKAGED.items()}
    if where:
        sources["live discovery"] = published.fetched_discovery(where)
    found = [difference for source, there in sources.items() for difference in compare(spec, source, there)]
    known = {difference: why for difference, why in explanations().items() if difference.source in sources}

    table = Table("source", "subject", "spec", "there", "explanation")
    for difference in found:
        ours = spec.get(difference.subject, NOTHING)
        table.add_row(*difference[:2], ours, difference.there, known.get(difference, "[bold]UNEXPLAINED[/]"))
    for difference in sorted(known.keys() - found):
        table.add_row(*difference[:2], "", difference.there, "[bold]STALE[/]: there is no such difference")
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    for name, there in sources.items():
        console.print(f"{name}: {len(spec.keys() & there.keys())} of the spec's {len(spec)} facts seen")
    if unexplained := [difference for difference in found if difference not in known]:
        sys.exit(f"{len(unexplained)} unexplained: change the spec, or explain them in {KNOWN.name}.")
    if stale := known.keys() - found:
        sys.exit(f"{len(stale)} stale: take them out of {KNOWN.name}.")


if __name__ == "__main__":
    main()
