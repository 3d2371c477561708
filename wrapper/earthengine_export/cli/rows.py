"""The exports of a batch file: CSV, JSON lines or YAML, a column or key for each option."""

from __future__ import annotations

import csv
import difflib
import io
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from .._extras import how_to_install
from ..errors import EarthEngineError, InvalidArgument
from ..image_export import ImageExport
from . import ends, places, table

_FORMS = "A name ends with .csv, .tsv, .jsonl, .ndjson, .json, .yaml or .yml."
_SHOWN = 10  # of what is wrong with a file


class Row(NamedTuple):
    """One export of a file.

    Attributes:
        place: Where in the file it stands: "line 3".
        given: Its columns, those without a value left out.
    """

    place: str
    given: Mapping[str, object]


class Job(NamedTuple):
    """An export, where it stands, and the key that it was given, or None."""

    place: str
    key: str | None
    export: ImageExport


class BadFile(InvalidArgument):
    """A batch file is refused; says where and why."""

    def __init__(self, path: Path, *wrong: str) -> None:
        super().__init__("file", str(path), " ".join(wrong[:_SHOWN]))
        self._said = f"{path}: {' '.join(wrong[:_SHOWN])}"
        if len(wrong) > _SHOWN:
            self._said += f" … and {len(wrong) - _SHOWN:,} more."
        self.nothing_sent = True

    def __str__(self) -> str:
        return f"{self._said} Nothing was sent."


def rows(path: Path) -> list[Row]:
    """The rows of a file.

    Raises:
        BadFile: It cannot be read as what its name says.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(path, f"It is not UTF-8 at byte {error.start:,}. Save it as UTF-8.") from None
    except OSError as error:
        raise BadFile(path, f"It cannot be read: {error.strerror}. Give the path of a file.") from None
    readers = {"csv": _csv, "tsv": _csv, "jsonl": _lines, "ndjson": _lines, "json": _json}
    read = (readers | {"yaml": _yaml, "yml": _yaml}).get(path.suffix.lower()[1:])
    if read is None:
        raise BadFile(path, f"It is not known what it is. {_FORMS}")
    try:
        found = [Row(place, _given(entry)) for place, entry in read(text)]
    except (ValueError, RecursionError, csv.Error) as error:
        raise BadFile(path, f"It cannot be read as {path.suffix[1:].upper()}: {_flat(error)}.") from None
    if not found:
        raise BadFile(path, "It holds no exports. Give one or more, each with its source and its place (to).")
    return found


def _flat(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")


def _given(entry: object) -> dict[str, object]:
    if not isinstance(entry, dict):
        raise ValueError(f"an export is a mapping of options, not {json.dumps(entry, default=str)[:60]}")  # noqa: TRY004
    named = _once([(str(name).strip().replace("-", "_"), value) for name, value in entry.items()])
    return {name: value for name, value in named.items() if value not in (None, "", [])}


def _csv(text: str) -> Iterator[tuple[str, object]]:
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    names: list[str] = []
    first, last = 1, 0
    for cells in reader:
        first, last = last + 1, reader.line_num  # cells may hold line breaks
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if not names:
            names = cells
            if twice := {name for name in names if name and names.count(name) > 1}:
                raise ValueError(f"the column {', '.join(sorted(twice))} is there twice")
            continue
        if len(cells) > len(names):
            raise ValueError(
                f"line {first} has {len(cells)} cells, and the header {len(names)}; a cell with "
                f"{delimiter!r} in it stands in double quotes"
            )
        yield f"line {first}", dict(zip(names, cells, strict=False))


def _lines(text: str) -> Iterator[tuple[str, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line, object_pairs_hook=_once)
            except json.JSONDecodeError as error:
                raise ValueError(f"line {number} is not JSON, {error.msg} at column {error.colno}") from None


def _json(text: str) -> Iterator[tuple[str, object]]:
    if not text.lstrip().startswith("["):
        return _lines(text)
    found = json.loads(text, object_pairs_hook=_once)
    return ((f"export {number}", entry) for number, entry in enumerate(found, 1))


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object; one of two values is not silently left out."""
    _check_once([name for name, _ in pairs], "in one object")
    return dict(pairs)


def _check_once(names: list[str], where: str) -> None:
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{', '.join(sorted(twice))} is there twice {where}")


def _yaml(text: str) -> Iterator[tuple[str, object]]:
    try:
        yaml = import_module("yaml")
    except ImportError:
        raise ValueError(f"pyyaml is needed: {how_to_install('cli', 'pyyaml')}") from None
    try:
        loader = yaml.SafeLoader(text)
        compose = loader.compose_mapping_node

        def composed(anchor: object) -> object:
            node = compose(anchor)
            names = [key.value for key, _ in node.value if isinstance(key.value, str)]
            _check_once(names, f"in the mapping at line {node.start_mark.line + 1}")
            return node

        loader.compose_mapping_node = composed  # before "<<" merges what may be given anew
        found = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ValueError(f"{error.problem or error.context}{where}") from None
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
    if not isinstance(found, list | None):
        raise ValueError("it is not a list of exports, each beginning with '-'")  # noqa: TRY004
    return ((f"export {number}", entry) for number, entry in enumerate(found or [], 1))


def jobs(path: Path, for_all: Mapping[str, object]) -> list[Job]:
    """The exports of a file, all of them checked before anything is sent.

    Args:
        path: The file.
        for_all: Options that hold for all exports that do not say otherwise.

    Raises:
        BadFile: The file, or what an export of it says, is refused.
    """
    made: list[Job] = []
    wrong: list[str] = []
    for place, given in rows(path):
        try:
            made.append(_job(place, {**for_all, **given}))
        except EarthEngineError as error:
            wrong.append(f"{place}: {ends.said_of(error)}")
    if wrong:
        raise BadFile(path, *wrong)
    return made


def _job(place: str, given: dict[str, object]) -> Job:
    known = {"key", "source", "to", "like", *table.options()}
    for name in given.keys() - known:
        close = difflib.get_close_matches(name, known, 1)
        cure = f"Did you mean {close[0]}?" if close else f"There are {', '.join(sorted(known))}."
        raise InvalidArgument(name, given[name], "There is no such option.", cure)
    key = given.pop("key", None)
    for name in ("source", "to"):
        if name not in given:
            cure = f"Fill in its column {name}, or give --{name} for all."
            raise InvalidArgument(name, None, "It is missing.", cure)
    source, to = given.pop("source"), given.pop("to")
    image = places.image(source) if isinstance(source, str) else source
    return Job(place, None if key is None else str(key), table.export(image, to, given))


def _in_journal(journal: Path | None) -> dict[str, str]:
    """The exports that a journal knows, as JSON, by their keys; docs/batch.md tells its schema."""
    if journal is None or not journal.is_file():
        return {}
    try:
        with closing(sqlite3.connect(f"{journal.absolute().as_uri()}?mode=ro", uri=True)) as db:
            return dict(db.execute("SELECT key, export FROM jobs"))
    except sqlite3.Error:
        rule, cure = "It is no journal of a batch.", "Give the path of another file."
        raise InvalidArgument("journal", str(journal), rule, cure) from None


def conflicts(found: list[Job], journal: Path | None = None) -> list[str | None]:
    """What is wrong with each export beside the others, and beside those of a journal; or None."""
    known = _in_journal(journal)
    keys: dict[str, str] = {}
    targets: dict[object, str] = {}
    said: list[str | None] = []
    for job in found:
        export = job.export
        prefix = getattr(export.to, "filename_prefix", "") if export.file_format else export.uri
        target = (export.uri, type(export.file_format)) if prefix or export.description else job.place
        here = [
            f"its key is that of {first}"
            for first in [keys.setdefault(job.key or job.place, job.place)]
            if first != job.place
        ]
        here += [
            f"it writes the same as {first}"
            for first in [targets.setdefault(target, job.place)]
            if first != job.place
        ]
        if (text := known.get(job.key or "")) and ImageExport.from_json(text) != export:
            here.append("the journal knows another export under its key")
        said.append(" and ".join(here) or None)
    return said
