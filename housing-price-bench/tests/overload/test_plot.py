"""The plot of a curve."""

from xml.etree import ElementTree as ET

import pytest
from bench_curves import GOOD, make_curve, make_rate
from housing_price_bench.overload.curve import Curve
from housing_price_bench.overload.plot import draw_curve


@pytest.mark.parametrize("measured", [make_curve(*GOOD), make_curve(make_rate(0.5, 0)), make_curve()])
def test_the_plot_is_well_formed_with_all_points_inside(measured: Curve) -> None:
    picture = ET.fromstring(draw_curve(measured))

    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    points = [
        tuple(map(float, pair.split(",")))
        for line in picture.iter("{http://www.w3.org/2000/svg}polyline")
        for pair in line.attrib["points"].split()
    ]
    assert points
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)


def test_the_plot_shows_each_rate() -> None:
    dots = [each for each in ET.fromstring(draw_curve(make_curve(*GOOD))).iter() if each.tag.endswith("circle")]

    # Prices and refusals in the first panel, the times of prices in the second, and of refusals where there were any.
    assert len(dots) == 4 + 4 + 4 + 2
