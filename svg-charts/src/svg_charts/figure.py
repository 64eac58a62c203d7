"""A matplotlib figure as SVG inside a page: it takes the page's colours, by day and by night, and loads nothing.

Needs the extra ``matplotlib``. A page that shows such figures sets the CSS variables ``--accent``, ``--second`` and
``--line``.
"""

import re
from io import StringIO
from typing import Any

from matplotlib.figure import Figure

from svg_charts.element import open_svg

INK, ACCENT, SECOND, FAINT = "#010101", "#020202", "#030303", "#040404"
"""Stand-ins, in a figure, for colours of the page."""

_COLOURS = {INK: "currentColor", ACCENT: "var(--accent)", SECOND: "var(--second)", FAINT: "var(--line)"}
STYLE: Any = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.size": 9,
    "grid.color": FAINT,
    "legend.frameon": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    # Text stays text, in the font of the page; ids are the same on every run.
    "svg.fonttype": "none",
    "svg.hashsalt": "evaluation",
}
"""Settings of matplotlib to draw figures with (``matplotlib.rc_context``)."""

_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_SIZE = re.compile(r'\bwidth="[\d.]+pt" height="[\d.]+pt"|\bheight="[\d.]+pt"|\bwidth="[\d.]+pt"')
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)


def inline_figure(figure: Figure, label: str) -> str:
    """Write the figure as an ``svg`` element as wide as its place; ``label`` says what it shows to who can't see it.

    matplotlib escapes the texts of the figure, so the result is safe inside HTML.
    """
    written = StringIO()
    figure.savefig(written, format="svg", metadata=_NO_METADATA)
    text = written.getvalue()
    text = _METADATA.sub("", _SIZE.sub("", text[text.index("<svg") :]))
    for stand_in, colour in _COLOURS.items():
        text = text.replace(stand_in, colour)
    return text.replace("<svg", open_svg(label), 1)
