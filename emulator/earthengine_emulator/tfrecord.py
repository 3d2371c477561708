"""Pixels as TFRecord files: one tf.train.Example for each patch, each band a list of floats."""

import gzip
import json
import struct
from collections.abc import Iterator
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
    shards: list[list[bytes]] = [[]]
    size = 0
    for example in examples(image, grid, options):
        if size and size + len(example) > limit:
            shards.append([])
            size = 0
        shards[-1].append(_record(example))
        size += len(shards[-1][-1])
    for number, records in enumerate(shards):
        path = folder / f"{number}.tfrecord"
        data = b"".join(records)
        path.write_bytes(gzip.compress(data) if compress else data)
        yield f"-{number:05}.tfrecord{'.gz' if compress else ''}", path
    if options.get("maxMaskedRatio", 1) == 1:
        path = folder / "mixer.json"
        path.write_text(json.dumps(_mixer(grid, options)))
        yield "-mixer.json", path


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
