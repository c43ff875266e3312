#!/usr/bin/env python3
"""Draw Inkling's icon and logo into the integration's brand folder: a drop of ink with a house in it, and the name.

Standard library only; the letters are strokes of one width, drawn here, so that no font's licence is asked for.
"""

# ruff: noqa: PLR2004 - the numbers are the drawing

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Line:
    """A straight stroke between two points."""

    start: tuple[float, float]
    end: tuple[float, float]

    def distance(self, x: float, y: float) -> float:
        """Return how far a point is from the middle of the stroke."""
        along, across = self.end[0] - self.start[0], self.end[1] - self.start[1]
        share = ((x - self.start[0]) * along + (y - self.start[1]) * across) / (
            (along * along + across * across) or 1.0
        )
        share = min(1.0, max(0.0, share))
        return math.hypot(x - self.start[0] - share * along, y - self.start[1] - share * across)


@dataclass(frozen=True, slots=True)
class Arc:
    """A part of a circle, from one angle to another, clockwise from the right, in turns."""

    centre: tuple[float, float]
    radius: float
    begin: float = 0.0
    end: float = 1.0

    def distance(self, x: float, y: float) -> float:
        """Return how far a point is from the middle of the stroke."""
        dx, dy = x - self.centre[0], y - self.centre[1]
        turn = math.atan2(dy, dx) / math.tau % 1.0
        if self.begin <= turn <= self.end:
            return abs(math.hypot(dx, dy) - self.radius)
        ends = (math.tau * self.begin, math.tau * self.end)
        return min(math.hypot(dx - self.radius * math.cos(a), dy - self.radius * math.sin(a)) for a in ends)


type Stroke = Line | Arc
ASCENDER, TOP, BASE = 0.16, 0.36, 0.72
WIDTH, GAP = 0.085, 0.17


def letter(name: str, x: float) -> tuple[list[Stroke], float]:
    """Return a letter's strokes with its left stem at `x`, and where its right edge is; the logo is 1 high."""
    stem = Line((x, TOP), (x, BASE))
    match name:
        case "i":
            return [stem, Line((x, 0.185), (x, 0.2))], x
        case "l":
            return [Line((x, ASCENDER), (x, BASE))], x
        case "n":
            right = x + 0.28
            return [stem, Arc((x + 0.14, TOP + 0.14), 0.14, 0.5), Line((right, TOP + 0.14), (right, BASE))], right
        case "k":
            arms: list[Stroke] = [Line((x, 0.58), (x + 0.23, TOP)), Line((x + 0.09, 0.5), (x + 0.25, BASE))]
            return [Line((x, ASCENDER), (x, BASE)), *arms], x + 0.25
        case _:
            right, middle = x + 0.34, x + 0.17
            bowl: list[Stroke] = [Arc((middle, 0.54), 0.17), Line((right, TOP), (right, 0.77))]
            return [*bowl, Arc((middle, 0.77), 0.17, 0.0, 0.42)], right


def word(text: str, x: float) -> tuple[list[Stroke], float]:
    """Return the strokes of a word that begins at `x`, and where it ends."""
    strokes: list[Stroke] = []
    right = x
    for name in text:
        found, right = letter(name, x)
        strokes += found
        x = right + GAP
    return strokes, right


def logo(height: int, ink: Colour) -> bytes:
    """Return a PNG of the drop with the name beside it."""
    # The drop is narrower than its square.
    inset = 0.13
    strokes, right = word("inkling", 1.0 - inset)
    width = round((right + WIDTH) * height)
    left, width_of_drop = round(inset * height), round((1.0 - 2.0 * inset) * height)
    rows = []
    for row in range(height):
        y = (row + 0.5) / height
        line = [pixel(left + column, row, height, ink) for column in range(width_of_drop)]
        for column in range(len(line), width):
            x = (column + 0.5) / height
            nearest = min(stroke.distance(x, y) for stroke in strokes)
            share = min(1.0, max(0.0, 0.5 + (WIDTH / 2 - nearest) * height))
            line.append(bytes([*ink, round(255 * share)]) if share else bytes(4))
        rows.append(b"\0" + b"".join(line))
    return png(width, height, rows)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: Iterable[bytes]) -> bytes:
    """Return a PNG of rows that begin with their filter's number."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def icon(size: int, ink: Colour) -> bytes:
    """Return a square PNG of the drop."""
    rows = (b"\0" + b"".join(pixel(column, row, size, ink) for column in range(size)) for row in range(size))
    return png(size, size, rows)


def main() -> None:
    """Write the eight pictures: icon and logo, for light and dark, in one and two pixels a point."""
    FOLDER.mkdir(exist_ok=True)
    for prefix, ink in (("", INK), ("dark_", INK_ON_DARK)):
        for name, draw, side in (("icon", icon, 256), ("logo", logo, 160)):
            for suffix, factor in (("", 1), ("@2x", 2)):
                path = FOLDER / f"{prefix}{name}{suffix}.png"
                temporary = path.with_suffix(".tmp")
                temporary.write_bytes(draw(side * factor, ink))
                temporary.rename(path)
                print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
