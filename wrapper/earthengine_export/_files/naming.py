"""Which objects of a bucket an export wrote, by their names alone.

What the service adds to an export's prefix, by format:

    GeoTIFF    `.tif`, or for each tile of a split image `0000000000-0000000256.tif`: row and column of its
               upper left pixel
    TFRecord   `-00000.tfrecord` or `-00000.tfrecord.gz`, `-00001…`, and `-mixer.json`

A dash before the numbers, where the first has none and the other way round, is what some of the service's
own files have; such names count where there are none of the form above.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

import attrs

from .._describe.formats import GeoTiff, TfRecord

_TILE = r"(\d{10})-(\d{10})\.tif"


def _records(dash: str, ending: str) -> str:
    return rf"{dash}(\d{{5,}})\.tfrecord{ending}|{dash}mixer\.json"


@attrs.frozen
class Form:
    """One way in which the files of one export are called: what follows the prefix, as a pattern."""

    pattern: str
    usual: bool = True

    def key(self, suffix: str) -> tuple[int, ...] | None:
        """Where a file stands among those of its export, or None for a name of another form."""
        found = re.fullmatch(self.pattern, suffix)
        if found is None:
            return None
        return tuple(int(number) for number in found.groups() if number is not None)


_WHOLE, _TILES, _DASHED_TILES = Form(r"\.tif"), Form(_TILE), Form(f"-{_TILE}", usual=False)
_PLAIN, _ZIPPED = Form(_records("-", "")), Form(_records("-", r"\.gz"))
_BARE_PLAIN = Form(_records("", ""), usual=False)
_BARE_ZIPPED = Form(_records("", r"\.gz"), usual=False)
_FORMS = (_WHOLE, _TILES, _DASHED_TILES, _PLAIN, _ZIPPED, _BARE_PLAIN, _BARE_ZIPPED)
# An ending that a file of an export can have; what stands before it is the export's prefix.
_ENDING = re.compile(rf"(-?{_TILE}|\.tif|-?\d{{5,}}\.tfrecord(\.gz)?|-?mixer\.json)$")


def forms_of(file_format: GeoTiff | TfRecord | None) -> Sequence[Form]:
    """How the files of a format may be called."""
    if isinstance(file_format, TfRecord):
        return (_ZIPPED, _BARE_ZIPPED) if file_format.compress else (_PLAIN, _BARE_PLAIN)
    return _WHOLE, _TILES, _DASHED_TILES


@attrs.frozen
class Files:
    """What the names in a bucket say of an export.

    Attributes:
        names: Its files in the order of their tiles, the mixer last; where that is unclear, all that may be.
        unclear: Why these may not be all, or not all be its own; "" where they are.
    """

    names: Sequence[str]
    unclear: str = ""


def written(
    names: Collection[str], prefixes: Iterable[str], forms: Sequence[Form] = _FORMS, *, gaps: bool = False
) -> Files:
    """The files of the export that has the prefix.

    Args:
        names: The objects of the bucket, as far as they begin with one of the prefixes.
        prefixes: The export's; more than one where it is not known what the service makes of it.
        forms: How its files may be called.
        gaps: Whether files of a sequence may be missing, as where the export leaves out empty ones.
    """
    found: dict[tuple[str, Form], list[tuple[tuple[int, ...], str]]] = {}
    for prefix in dict.fromkeys(prefixes):
        for name in names:
            for form in forms:
                key = form.key(name.removeprefix(prefix)) if name.startswith(prefix) else None
                if key is not None:
                    found.setdefault((prefix, form), []).append((key, name))
    # The mixer is of either form of records.
    found = {way: files for way, files in found.items() if any(key for key, _ in files) or way[1] is _WHOLE}
    usual = {way: files for way, files in found.items() if way[1].usual}
    found = usual or found
    if not found:
        return Files([])
    if len(found) > 1:
        examples = " and ".join(repr(min(name for _, name in files)) for files in found.values())
        every = sorted(name for files in found.values() for _, name in files)
        return Files(every, f"{examples} are not of one export")
    (files,) = found.values()
    ordered = sorted(files, key=lambda file: (not file[0], file))
    missing = "" if gaps else _gap([key for key, _ in files if key])
    return Files([name for _, name in ordered], missing)


def _gap(keys: Sequence[tuple[int, ...]]) -> str:
    """What is wrong with a sequence of records or a rectangle of tiles; "" for nothing."""
    for numbers in zip(*keys, strict=True):
        steps = sorted(set(numbers))
        step = steps[1] if len(steps) > 1 else 1
        if steps != [step * number for number in range(len(steps))]:
            return "their numbers have gaps: files are missing, or are of another export"
    axes = [set(numbers) for numbers in zip(*keys, strict=True)]
    if len(axes) == 2 and len(keys) != len(axes[0]) * len(axes[1]):
        return "the tiles fill no rectangle: files are missing, or are of another export"
    return ""


def prefixes_in(names: Iterable[str]) -> list[str]:
    """The prefixes that exports must have had to write these objects, each the shortest that it can be."""
    return sorted({_ENDING.sub("", name) for name in names if is_a_file(name)})


def is_a_file(name: str) -> bool:
    """Whether an export can have written the object."""
    return _ENDING.search(name) is not None
