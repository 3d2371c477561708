"""Pixels as TFRecord files: one tf.train.Example for each patch, each band a list of floats."""

import gzip
import json
import struct
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np

from earthengine_emulator.errors import ExportError
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Image, render

PATCH = {"width": 256, "height": 256}
UNSUPPORTED = ("tensorDepths", "sequenceData", "collapseBands")


def write_tfrecords(
    folder: Path, image: Image, grid: Grid, options: dict[str, Any]
) -> Iterator[tuple[str, Path]]:
    """Compute pixels and write them.

    Args:
        folder: Where the files are made.
        image: What to compute.
        grid: Its pixels. Patches that stick out at the right and the bottom are dropped.
        options: The request's tfRecordOptions.

    Yields:
        What is added to the export's name for each file, and the file.

    Raises:
        ExportError: An option is not supported.
    """
    for name in UNSUPPORTED:
        if options.get(name):
            raise ExportError(f"TFRecord option {name} is not supported by the emulator.")
    compress, limit = options.get("compress", False), int(options.get("maxSizeBytes", 2**30))
    for number, path in enumerate(_shards(folder, examples(image, grid, options), limit, compress)):
        yield f"-{number:05}.tfrecord{'.gz' if compress else ''}", path
    if options.get("maxMaskedRatio", 1) == 1:
        path = folder / "mixer.json"
        path.write_text(json.dumps(_mixer(grid, options)))
        yield "-mixer.json", path


def _shards(folder: Path, records: Iterator[bytes], limit: int, compress: bool) -> Iterator[Path]:
    """Files of examples, each of about so many bytes at most, written as they are computed."""
    waiting = next(records, None)
    for number in count():
        path = folder / f"{number}.tfrecord"
        with path.open("wb") as raw:
            # Without the time, so that the same pixels make the same bytes.
            file: Any = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if compress else raw
            size = 0
            while waiting is not None and (not size or size + len(waiting) <= limit):
                record = _record(waiting)
                file.write(record)
                size += len(record)
                waiting = next(records, None)
            file.close()
        yield path
        if waiting is None:
            return


def examples(image: Image, grid: Grid, options: dict[str, Any]) -> Iterator[bytes]:
    """The patches, row by row, each as the bytes of a tf.train.Example."""
    patch, margin = (
        options.get("tileDimensions", PATCH),
        options.get("marginDimensions", {"width": 0, "height": 0}),
    )
    width, height = patch["width"], patch["height"]
    for row in range(0, grid.height - height + 1, height):
        for column in range(0, grid.width - width + 1, width):
            part = grid.window(
                row - margin["height"],
                column - margin["width"],
                height + 2 * margin["height"],
                width + 2 * margin["width"],
            )
            bands = render(image.bands, part)
            if np.mean([np.ma.getmaskarray(pixels) for pixels in bands]) > options.get("maxMaskedRatio", 1):
                continue
            features = b"".join(
                _field(
                    1,
                    _field(1, band.name.encode()) + _field(2, _field(2, _field(1, _floats(pixels, options)))),
                )
                for band, pixels in zip(image.bands, bands, strict=True)
            )
            yield _field(1, features)


def _floats(pixels: Any, options: dict[str, Any]) -> bytes:
    default = options.get("defaultValue", 0)
    if pixels.dtype.kind != "f":
        default = np.clip(int(default), np.iinfo(pixels.dtype).min, np.iinfo(pixels.dtype).max)
    return bytes(np.where(np.ma.getmaskarray(pixels), default, pixels.data).astype("<f4").tobytes())


def _mixer(grid: Grid, options: dict[str, Any]) -> dict[str, Any]:
    patch = options.get("tileDimensions", PATCH)
    columns, rows = grid.width // patch["width"], grid.height // patch["height"]
    return {
        "projection": {"crs": grid.crs.to_string(), "affine": {"doubleMatrix": list(grid.transform[:6])}},
        "patchDimensions": [patch["width"], patch["height"]],
        "patchesPerRow": columns,
        "totalPatches": columns * rows,
    }


def read_patches(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The patches of files that were written here: by band, each a flat array of floats."""
    for path in files:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while length := file.read(8):
                file.read(4)
                example = file.read(struct.unpack("<Q", length)[0])
                file.read(4)
                yield {
                    (key := dict(_fields(entry)))[1].decode(): _read_floats(key[2])
                    for _, entry in _fields(dict(_fields(example))[1])
                }


def _read_floats(feature: bytes) -> Any:
    return np.frombuffer(dict(_fields(dict(_fields(feature))[2]))[1], "<f4")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The numbers and payloads of a protocol buffer's fields, which are all length-delimited here."""
    at = 0
    while at < len(message):
        number, length, shift = message[at] >> 3, 0, 0
        while True:
            at += 1
            length |= (message[at] & 0x7F) << shift
            shift += 7
            if message[at] < 0x80:
                break
        yield number, message[at + 1 : at + 1 + length]
        at += 1 + length


def _field(number: int, payload: bytes) -> bytes:
    """A length-delimited field of a protocol buffer."""
    return bytes([number << 3 | 2]) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
