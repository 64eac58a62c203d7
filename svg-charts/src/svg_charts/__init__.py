"""Charts as SVG that load nothing and say in words what they show. Line charts need the standard library alone."""

from svg_charts.line_chart import Line, Panel, Points, draw_line_charts

__all__ = ["Line", "Panel", "Points", "draw_line_charts"]
