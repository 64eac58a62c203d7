"""A matplotlib figure inside a page."""

from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from svg_charts.figure import ACCENT, STYLE, inline_figure


@pytest.fixture
def text() -> str:
    with mpl.rc_context(STYLE):
        figure = Figure()
        figure.add_subplot().plot([0, 1], color=ACCENT, label="a & b")
        figure.legend()
        return inline_figure(figure, "Prices <by> area")


def test_a_figure_is_one_labelled_element(text: str) -> None:
    element = ET.fromstring(text)

    assert element.get("role") == "img"
    assert element.get("aria-label") == "Prices <by> area"


def test_a_figure_takes_colours_and_width_of_its_page(text: str) -> None:
    assert "var(--accent)" in text
    assert "#02020" not in text
    assert ET.fromstring(text).get("width") is None


def test_texts_of_a_figure_stay_escaped_text(text: str) -> None:
    assert "a &amp; b" in text


def test_a_figure_holds_no_metadata(text: str) -> None:
    assert "<metadata" not in text
    assert "<!DOCTYPE" not in text
