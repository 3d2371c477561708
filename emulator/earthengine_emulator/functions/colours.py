"""Images for the eye: colours from values, and hue, saturation and value."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from earthengine_emulator.errors import ExportError
from earthengine_emulator.functions.table import row
from earthengine_emulator.grids import Grid
from earthengine_emulator.images import Band, Image, Pixels
from earthengine_emulator.pixeltypes import BYTE, FLOAT, PixelType

_NAMES = {
    "black": "000000", "white": "ffffff", "red": "ff0000", "green": "008000", "blue": "0000ff",
    "yellow": "ffff00", "cyan": "00ffff", "aqua": "00ffff", "magenta": "ff00ff", "fuchsia": "ff00ff",
    "gray": "808080", "grey": "808080", "silver": "c0c0c0", "maroon": "800000", "olive": "808000",
    "lime": "00ff00", "teal": "008080", "navy": "000080", "purple": "800080", "orange": "ffa500",
    "brown": "a52a2a", "pink": "ffc0cb", "darkgreen": "006400", "lightgreen": "90ee90", "darkred": "8b0000",
    "darkblue": "00008b", "lightblue": "add8e6", "gold": "ffd700", "violet": "ee82ee", "indigo": "4b0082",
    "beige": "f5f5dc", "tan": "d2b48c", "salmon": "fa8072", "khaki": "f0e68c", "turquoise": "40e0d0",
    "lightgray": "d3d3d3", "darkgray": "a9a9a9", "darkorange": "ff8c00", "skyblue": "87ceeb",
    "forestgreen": "228b22", "steelblue": "4682b4", "yellowgreen": "9acd32", "limegreen": "32cd32",
}  # fmt: skip


def colour(text: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour's name or six or three hexadecimal digits.

    Raises:
        ExportError: It is neither.
    """
    digits = _NAMES.get(text.lower(), text.lstrip("#"))
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    try:
        red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    except ValueError:
        raise ExportError(
            f"Image.visualize: {text!r} is no colour that the emulator knows; use 'RRGGBB'."
        ) from None
    return red, green, blue


def _each(value: Any, count: int) -> list[float] | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = [float(part) for part in value.split(",")]
    given = [float(part) for part in value] if isinstance(value, list) else [float(value)]
    return given * count if len(given) == 1 else given


def _range(kind: PixelType) -> tuple[float, float]:
    return (kind.low, kind.high) if kind.precision == "int" else (0, 1)


def _visualize(
    image: Image,
    bands: Any,
    gain: Any,
    bias: Any,
    low: Any,
    high: Any,
    gamma: Any,
    _opacity: Any,
    palette: Any,
    force: bool,
) -> Image:
    names = bands.split(",") if isinstance(bands, str) else bands
    chosen = (
        image.select(names)
        if names
        else replace(image, bands=image.bands[: 3 if len(image.bands) >= 3 else 1])
    )
    count = len(chosen.bands)
    if count not in (1, 3):
        raise ExportError(f"Image.visualize: 1 or 3 bands are shown, and {count} were chosen.")
    gains, biases = _each(gain, count), _each(bias, count)
    lows, highs, gammas = _each(low, count), _each(high, count), _each(gamma, count)

    def scaled(number: int, pixels: Pixels) -> Any:
        data = pixels.data.astype(float)
        if gains or biases:
            data = (data * (gains or [1] * count)[number] + (biases or [0] * count)[number]) / 255
        else:
            least, most = _range(chosen.bands[number].type)
            start, end = (lows or [least] * count)[number], (highs or [most] * count)[number]
            data = (data - start) / (end - start)
        data = np.clip(data, 0, 1)
        return data ** (1 / gammas[number]) if gammas else data

    def shown(data: Any, pixels: Pixels) -> Pixels:
        return np.ma.MaskedArray(np.floor(data * 255 + 0.5).astype(np.uint8), np.ma.getmaskarray(pixels))

    def grey(number: int, name: str) -> Band:
        def compute(_: Grid, __: Grid, pixels: Pixels) -> Pixels:
            return shown(scaled(number, pixels), pixels)

        return Band(name, BYTE, compute, (chosen.bands[number],))

    if palette is not None:
        return replace(chosen, bands=_painted(chosen, palette, scaled, shown))
    if count == 1 and not force:
        return replace(chosen, bands=(grey(0, "vis-gray"),))
    numbers = range(3) if count == 3 else (0, 0, 0)
    colours = zip(numbers, ("vis-red", "vis-green", "vis-blue"), strict=True)
    return replace(chosen, bands=tuple(grey(number, name) for number, name in colours))


def _painted(image: Image, palette: Any, scaled: Any, shown: Any) -> tuple[Band, ...]:
    if len(image.bands) != 1:
        raise ExportError("Image.visualize: A palette is for one band.")
    texts = palette.split(",") if isinstance(palette, str) else palette
    table = np.array([colour(text.strip()) for text in texts], float) / 255
    places = np.linspace(0, 1, len(table))

    def channel(number: int, name: str) -> Band:
        def compute(_: Grid, __: Grid, pixels: Pixels) -> Any:
            at = scaled(0, pixels)
            data = (
                np.interp(at, places, table[:, number])
                if len(table) > 1
                else np.full(at.shape, table[0, number])
            )
            return shown(data, pixels)

        return Band(name, BYTE, compute, image.bands)

    return tuple(channel(n, name) for n, name in enumerate(("vis-red", "vis-green", "vis-blue")))


def _three(image: Image, names: Sequence[str], convert: Any) -> Image:
    if len(image.bands) != 3:
        raise ExportError(f"The image must have 3 bands, and has {len(image.bands)}.")

    def part(number: int, name: str) -> Band:
        def compute(_: Grid, __: Grid, *pixels: Pixels) -> Pixels:
            mask = np.logical_or.reduce([np.ma.getmaskarray(one) for one in pixels])
            found = convert(*(_unit(band, one) for band, one in zip(image.bands, pixels, strict=True)))
            return np.ma.MaskedArray(found[number].astype(np.float32), mask)

        return Band(name, FLOAT, compute, image.bands)

    return replace(image, bands=tuple(part(n, name) for n, name in enumerate(names)))


def _unit(band: Band, pixels: Pixels) -> Any:
    """Bytes as 0 to 1; others are taken to be so."""
    return pixels.data.astype(float) / (255 if band.dtype == np.uint8 and band.type.high == 255 else 1)


def _to_hsv(red: Any, green: Any, blue: Any) -> tuple[Any, Any, Any]:
    value, low = np.maximum.reduce([red, green, blue]), np.minimum.reduce([red, green, blue])
    spread = value - low
    safe = np.where(spread == 0, 1, spread)
    hue = np.select(
        [value == red, value == green],
        [(green - blue) / safe % 6, (blue - red) / safe + 2],
        (red - green) / safe + 4,
    )
    return (
        np.where(spread == 0, 0, hue / 6),
        np.where(value == 0, 0, spread / np.where(value == 0, 1, value)),
        value,
    )


def _to_rgb(hue: Any, saturation: Any, value: Any) -> tuple[Any, Any, Any]:
    def channel(offset: int) -> Any:
        k = (offset + hue * 6) % 6
        return value - value * saturation * np.clip(np.minimum(k, 4 - k), 0, 1)

    return channel(5), channel(3), channel(1)


ROWS = [
    row(
        "Image.visualize(image: Image, bands: Object = null, gain: Object = null, bias: Object = null, "
        "min: Object = null, max: Object = null, gamma: Object = null, opacity: Number = null, palette: "
        "Object = null, forceRgbOutput: Boolean = false) -> Image",
        "Bytes for the eye: one or three bands in a range, or the colours of a palette.",
        _visualize,
    ),
    row(
        "Image.rgbToHsv(image: Image) -> Image",
        "Hue, saturation and value, each 0 to 1.",
        lambda image: _three(image, ("hue", "saturation", "value"), _to_hsv),
    ),
    row(
        "Image.hsvToRgb(image: Image) -> Image",
        "Red, green and blue, each 0 to 1.",
        lambda image: _three(image, ("red", "green", "blue"), _to_rgb),
    ),
]
