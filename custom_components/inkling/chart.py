"""A day's probabilities as a small picture that a flow's text can show."""

import base64
from collections.abc import Sequence
from datetime import datetime
import math

_WIDTH, _HEIGHT = 600, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 592, 10, 150
_BAND_TOP, _BAND_BOTTOM = 155, 164
# Readable on Home Assistant's light and its dark background alike.
_INK, _LINE, _FILL = "#888888", "#03a9f4", "#03a9f455"
_LABEL_HOURS = 4


def _x(position: float) -> float:
    """Return the horizontal place of a position in the day, 0 to 1."""
    return round(_LEFT + position * (_RIGHT - _LEFT), 1)


def _y(share: float) -> float:
    """Return the vertical place of a probability."""
    return round(_BOTTOM - share * (_BOTTOM - _TOP), 1)


def _runs(values: Sequence[float]) -> list[tuple[int, int]]:
    """Return the stretches, first and last index, in which a value is known."""
    runs: list[tuple[int, int]] = []
    for index, value in enumerate(values):
        if math.isnan(value):
            continue
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _curves(values: Sequence[float]) -> list[str]:
    """Return the probability's line and the area under it, broken where it is unknown."""
    span = max(1, len(values) - 1)
    parts = []
    for first, last in _runs(values):
        points = " ".join(f"{_x(index / span)},{_y(values[index])}" for index in range(first, last + 1))
        corners = f"{_x(first / span)},{_BOTTOM} {points} {_x(last / span)},{_BOTTOM}"
        parts.append(f'<polygon points="{corners}" fill="{_FILL}"/>')
        parts.append(f'<polyline points="{points}" fill="none" stroke="{_LINE}" stroke-width="2"/>')
    return parts


def _band(occupied: Sequence[bool | None]) -> list[str]:
    """Return bars under the curve where the room would have counted as occupied."""
    span = max(1, len(occupied) - 1)
    marked = _runs([1.0 if state else math.nan for state in occupied])
    return [
        f'<rect x="{_x(first / span)}" y="{_BAND_TOP}" width="{max(1.0, _x(last / span) - _x(first / span)):.1f}"'
        f' height="{_BAND_BOTTOM - _BAND_TOP}" fill="{_LINE}"/>'
        for first, last in marked
    ]


def _axes(times: Sequence[datetime]) -> list[str]:
    """Return the frame: lines at 0, 50 and 100 %, and a label at every fourth full hour of local time."""
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = _y(share)
        parts.append(f'<line x1="{_LEFT}" y1="{y}" x2="{_RIGHT}" y2="{y}" stroke="{_INK}" stroke-width="0.5"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4}" text-anchor="end">{share * 100:.0f}%</text>')
    span = max(1, len(times) - 1)
    for index, moment in enumerate(times):
        before = times[index - 1].hour if index else moment.hour
        if moment.hour != before and moment.hour % _LABEL_HOURS == 0:
            parts.append(f'<text x="{_x(index / span)}" y="{_HEIGHT - 6}" text-anchor="middle">{moment:%H}:00</text>')
    return parts


def day_chart(times: Sequence[datetime], probabilities: Sequence[float], occupied: Sequence[bool | None]) -> str:
    """Return an SVG: probabilities (NaN unknown) at local times, and a band where the room counted as occupied."""
    parts = [*_axes(times), *_curves(probabilities), *_band(occupied)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}"'
        f' font-family="sans-serif" font-size="12" fill="{_INK}">{"".join(parts)}</svg>'
    )


def as_markdown_image(svg: str, alt: str) -> str:
    """Return a picture as Markdown; inline SVG would be stripped there."""
    data = base64.b64encode(svg.encode()).decode()
    return f"![{alt}](data:image/svg+xml;base64,{data})"
