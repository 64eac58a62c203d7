"""Line charts as SVG, on a white ground so that they can be read on any page.

Own code: a library that draws would be the largest dependency of a caller that needs a few lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from svg_charts.element import open_svg
from svg_charts.scale import Scale

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


def draw_line_charts(panels: Sequence[Panel], label: str) -> str:
    """Draw the panels below each other, as a document; ``label`` says what they show to who can't see them."""
    size = f'width="{WIDTH}" height="{HEIGHT * len(panels)}" viewBox="0 0 {WIDTH} {HEIGHT * len(panels)}"'
    font = f'font-family="sans-serif" font-size="12" fill="{_INK}"'
    return "\n".join(
        [
            f'{open_svg(label)} xmlns="http://www.w3.org/2000/svg" {size} {font}>',
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *(_draw_panel(panel, number * HEIGHT) for number, panel in enumerate(panels)),
            "</svg>\n",
        ]
    )


def _draw_panel(panel: Panel, top: float) -> str:
    points = [point for line in panel.lines for point in line.points] or [(1.0, 1.0)]
    across = Scale([x for x, _ in points], _LEFT, WIDTH - _RIGHT, is_log=False)
    upwards = Scale([y for _, y in points], top + HEIGHT - _BOTTOM, top + _TOP, is_log=panel.is_log)
    left, right, bottom = _LEFT, WIDTH - _RIGHT, top + HEIGHT - _BOTTOM
    parts = [_draw_text(left, top + 22, panel.title, "start", 'font-weight="bold"')]
    for tick in upwards.ticks:
        parts.append(_draw_path([(left, upwards.place(tick)), (right, upwards.place(tick))], _FAINT))
        parts.append(_draw_text(left - 8, upwards.place(tick) + 4, f"{tick:,g}", "end"))
    parts += [_draw_text(across.place(tick), bottom + 18, f"{tick:,g}", "middle") for tick in across.ticks]
    parts.append(_draw_text((left + right) / 2, bottom + 36, panel.x_label, "middle"))
    for number, line in enumerate(panel.lines):
        parts += _draw_line(line, across, upwards)
        parts += _draw_legend(line, right + 14, top + _TOP + 12 + 22 * number)
    return "\n".join(parts)


def _draw_line(line: Line, across: Scale, upwards: Scale) -> list[str]:
    places = [(across.place(x), upwards.place(y)) for x, y in line.points]
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>' for x, y in places]
    return [_draw_path(places, line.colour, 1.0 if line.is_bound else 2.0, is_dashed=line.is_bound)] + (
        [] if line.is_bound else dots
    )


def _draw_legend(line: Line, x: float, y: float) -> list[str]:
    sample = _draw_path([(x, y), (x + 20, y)], line.colour, 2.0, is_dashed=line.is_bound)
    return [sample, _draw_text(x + 26, y + 4, line.name, "start")]


def _draw_path(places: Points, colour: str, width: float = 1.0, *, is_dashed: bool = False) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dashes = ' stroke-dasharray="6 4"' if is_dashed else ""
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dashes}/>'


def _draw_text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'
