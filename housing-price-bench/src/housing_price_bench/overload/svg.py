"""Line charts as SVG, on a white ground so that they can be read on any page.

Own code: a library that draws would be the largest dependency of this package, for one picture.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 170, 36, 48
_INK, _FAINT = "#24292f", "#d0d7de"

type Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """Points joined by a line; ``is_bound`` for what is demanded, not measured."""

    name: str
    colour: str
    points: Points
    is_bound: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One chart; both axes begin at 0, unless the y axis is logarithmic."""

    title: str
    x_label: str
    lines: Sequence[Line]
    is_log: bool = False


def svg(panels: Sequence[Panel], label: str) -> str:
    """The panels below each other, as a document; ``label`` says what they show to who can't see them."""
    size = f'width="{WIDTH}" height="{HEIGHT * len(panels)}" viewBox="0 0 {WIDTH} {HEIGHT * len(panels)}"'
    font = f'font-family="sans-serif" font-size="12" fill="{_INK}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" {size} {font}>',
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *(_drawn(panel, number * HEIGHT) for number, panel in enumerate(panels)),
            "</svg>\n",
        ]
    )


class _Scale:
    """Values to pixels, and the round values to name."""

    def __init__(self, values: Sequence[float], start: float, end: float, *, is_log: bool) -> None:
        self._start, self._end, self._is_log = start, end, is_log
        if is_log:
            low, high = (math.log10(max(value, 1e-3)) for value in (min(values), max(values)))
            first, last = math.floor(low), max(math.ceil(high), math.floor(low) + 1)
            self._low, self._high = float(first), float(last)
            self.ticks = [10.0**power for power in range(first, last + 1)]
        else:
            step = _round_step(max(values, default=0.0) or 1.0)
            self._low, self._high = 0.0, math.ceil((max(values) or 1.0) / step) * step
            self.ticks = [number * step for number in range(round(self._high / step) + 1)]

    def at(self, value: float) -> float:
        """Where the value is."""
        value = math.log10(max(value, 1e-3)) if self._is_log else value
        return self._start + (value - self._low) / (self._high - self._low) * (self._end - self._start)


def _round_step(largest: float) -> float:
    """The step of 1, 2 or 5 times a power of ten of which at most six reach the largest value."""
    power = 10.0 ** math.floor(math.log10(largest / 6))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit * 6 >= largest)


def _drawn(panel: Panel, top: float) -> str:
    points = [point for line in panel.lines for point in line.points] or [(1.0, 1.0)]
    across = _Scale([x for x, _ in points], _LEFT, WIDTH - _RIGHT, is_log=False)
    upwards = _Scale([y for _, y in points], top + HEIGHT - _BOTTOM, top + _TOP, is_log=panel.is_log)
    left, right, bottom = _LEFT, WIDTH - _RIGHT, top + HEIGHT - _BOTTOM
    parts = [_text(left, top + 22, panel.title, "start", 'font-weight="bold"')]
    for tick in upwards.ticks:
        parts.append(_path([(left, upwards.at(tick)), (right, upwards.at(tick))], _FAINT))
        parts.append(_text(left - 8, upwards.at(tick) + 4, f"{tick:,g}", "end"))
    parts += [_text(across.at(tick), bottom + 18, f"{tick:,g}", "middle") for tick in across.ticks]
    parts.append(_text((left + right) / 2, bottom + 36, panel.x_label, "middle"))
    for number, line in enumerate(panel.lines):
        parts += _line(line, across, upwards)
        parts += _legend(line, right + 14, top + _TOP + 12 + 22 * number)
    return "\n".join(parts)


def _line(line: Line, across: _Scale, upwards: _Scale) -> list[str]:
    places = [(across.at(x), upwards.at(y)) for x, y in line.points]
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>' for x, y in places]
    return [_path(places, line.colour, 1.0 if line.is_bound else 2.0, is_dashed=line.is_bound)] + (
        [] if line.is_bound else dots
    )


def _legend(line: Line, x: float, y: float) -> list[str]:
    sample = _path([(x, y), (x + 20, y)], line.colour, 2.0, is_dashed=line.is_bound)
    return [sample, _text(x + 26, y + 4, line.name, "start")]


def _path(places: Points, colour: str, width: float = 1.0, *, is_dashed: bool = False) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dashes = ' stroke-dasharray="6 4"' if is_dashed else ""
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashes}/>'


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'
