"""A matplotlib figure as SVG inside a page: it takes the page's colours, by day and by night, and loads nothing."""

import re
from io import StringIO
from typing import Any

from markupsafe import Markup, escape
from matplotlib.figure import Figure

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


def inline_svg(figure: Figure, label: str) -> Markup:
    """The figure as an ``svg`` element as wide as its place; ``label`` says what it shows to who can't see it."""
    written = StringIO()
    figure.savefig(written, format="svg", metadata=_NO_METADATA)
    text = written.getvalue()
    text = re.sub(
        r'\bwidth="[\d.]+pt" height="[\d.]+pt"|\bheight="[\d.]+pt"|\bwidth="[\d.]+pt"', "", text[text.index("<svg") :]
    )
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    for stand_in, colour in _COLOURS.items():
        text = text.replace(stand_in, colour)
    opening = f'<svg role="img" aria-label="{escape(label)}"'
    return Markup(text.replace("<svg", opening, 1))  # noqa: S704 - matplotlib has escaped its texts, we the label
