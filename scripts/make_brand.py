#!/usr/bin/env python3
"""Draw Inkling's icon into the integration's brand folder: a drop of ink with a house in it. Standard library only."""

# ruff: noqa: PLR2004 - the numbers are the drawing

from collections.abc import Callable
import math
from pathlib import Path
import struct
import zlib

FOLDER = Path(__file__).resolve().parents[1] / "custom_components" / "inkling" / "brand"
# Each pixel is the mean of this many points a side, which smooths the edges.
SAMPLES = 4
INK, INK_ON_DARK, PAPER = (22, 78, 122), (72, 170, 224), (255, 255, 255)

type Colour = tuple[int, int, int]
type Shape = Callable[[float, float], bool]


def is_drop(x: float, y: float) -> bool:
    """Return whether a point of the unit square lies in the drop: a disc, and a cone whose sides touch it."""
    centre, radius, tip = 0.62, 0.34, 0.04
    dx, dy = x - 0.5, y - centre
    if dx * dx + dy * dy <= radius * radius:
        return True
    reach = centre - tip
    touch = centre - radius * radius / reach
    if not tip <= y <= touch:
        return False
    slope = radius / math.sqrt(reach * reach - radius * radius)
    return abs(dx) <= (y - tip) * slope


def is_house(x: float, y: float) -> bool:
    """Return whether a point lies in the house: a roof, walls and an open door."""
    dx = abs(x - 0.5)
    if 0.42 <= y <= 0.59:
        return dx <= (y - 0.42) * 1.25
    is_door = dx <= 0.045 and y >= 0.68
    return 0.59 < y <= 0.80 and dx <= 0.15 and not is_door


def pixel(column: int, row: int, size: int, ink: Colour) -> bytes:
    """Return one pixel, red, green, blue and opacity."""
    inside = paper = 0
    for index in range(SAMPLES * SAMPLES):
        x = (column + (index % SAMPLES + 0.5) / SAMPLES) / size
        y = (row + (index // SAMPLES + 0.5) / SAMPLES) / size
        if is_drop(x, y):
            inside += 1
            paper += is_house(x, y)
    if not inside:
        return bytes(4)
    share = paper / inside
    mixed = [round(dark + (light - dark) * share) for dark, light in zip(ink, PAPER, strict=True)]
    return bytes([*mixed, round(255 * inside / (SAMPLES * SAMPLES))])


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(size: int, ink: Colour) -> bytes:
    """Return a square PNG."""
    rows = b"".join(b"\0" + b"".join(pixel(column, row, size, ink) for column in range(size)) for row in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def main() -> None:
    """Write the four pictures; Home Assistant takes the icon where a logo is wanted."""
    FOLDER.mkdir(exist_ok=True)
    for prefix, ink in (("", INK), ("dark_", INK_ON_DARK)):
        for suffix, size in (("", 256), ("@2x", 512)):
            path = FOLDER / f"{prefix}icon{suffix}.png"
            temporary = path.with_suffix(".tmp")
            temporary.write_bytes(picture(size, ink))
            temporary.rename(path)
            print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
