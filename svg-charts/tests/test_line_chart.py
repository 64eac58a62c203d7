"""Line charts: where lines, dots, ticks and texts stand."""

from xml.etree import ElementTree as ET

from svg_charts import Line, Panel, draw_line_charts

SVG = "{http://www.w3.org/2000/svg}"


def draw(*lines: Line, is_log: bool = False) -> ET.Element:
    panel = Panel(title="Answers a second", x_label="offered", lines=lines, is_log=is_log)
    return ET.fromstring(draw_line_charts([panel], 'What "goodput" is'))


def texts(picture: ET.Element) -> list[str | None]:
    return [text.text for text in picture.iter(f"{SVG}text")]


def test_the_label_says_what_the_chart_shows() -> None:
    picture = draw(Line(name="prices", colour="blue", points=[(0, 0), (1, 1)]))

    assert picture.get("role") == "img"
    assert picture.get("aria-label") == 'What "goodput" is'


def test_a_line_has_a_name_and_dots_for_points() -> None:
    picture = draw(Line(name="prices", colour="blue", points=[(0, 0), (1, 3), (2, 9)]))

    assert [dot.get("fill") for dot in picture.iter(f"{SVG}circle")] == ["blue"] * 3
    assert "prices" in texts(picture)


def test_a_bound_is_dashed_and_has_no_dots() -> None:
    picture = draw(Line(name="deadline", colour="grey", points=[(0, 5), (2, 5)], is_bound=True))

    assert not list(picture.iter(f"{SVG}circle"))
    assert [line.get("stroke-dasharray") for line in picture.iter(f"{SVG}polyline")].count("6 4") == 2


def test_a_larger_value_stands_higher_and_further_right() -> None:
    low, high = draw(Line(name="prices", colour="blue", points=[(1, 1), (2, 9)])).iter(f"{SVG}circle")

    assert float(low.get("cx", "")) < float(high.get("cx", ""))
    assert float(low.get("cy", "")) > float(high.get("cy", ""))


def test_panels_stand_below_each_other() -> None:
    panel = Panel(title="Times", x_label="offered", lines=[])

    assert ET.fromstring(draw_line_charts([panel, panel], "Two")).get("height") == "680"


def test_texts_are_escaped() -> None:
    assert "<b> & co" in texts(draw(Line(name="<b> & co", colour="blue", points=[(0, 1)])))
