"""Draws a curve: goodput and response times by offered load."""

from collections.abc import Callable

from svg_charts import Line, Panel, Points, draw_line_charts

from housing_price_bench.overload.curve import Curve
from housing_price_bench.overload.curve_bounds import DEADLINE_SECONDS, MOST_REFUSAL_MS
from housing_price_bench.overload.outcome import RateOutcome

_GOOD, _REFUSED, _BOUND = "#0969da", "#cf222e", "#57606a"
_OFFERED = "offered, requests a second"


def draw_curve(curve: Curve) -> str:
    """Draw goodput and refusals in one panel, the slowest of both in another, as SVG."""
    answers = Panel(
        title="Answers a second",
        x_label=_OFFERED,
        lines=[
            Line(name="prices in time", colour=_GOOD, points=_make_points(curve, lambda seen: seen.goodput_per_second)),
            Line(name="refusals", colour=_REFUSED, points=_make_points(curve, lambda seen: seen.refused_per_second)),
            _make_level(curve, "capacity", curve.capacity),
        ],
    )
    times = Panel(
        title="Time of an answer, 99th percentile, milliseconds",
        x_label=_OFFERED,
        is_log=True,
        lines=[
            Line(name="prices", colour=_GOOD, points=_make_points(curve, lambda seen: seen.accepted.p99_ms)),
            Line(name="refusals", colour=_REFUSED, points=_make_points(curve, lambda seen: seen.refused.p99_ms)),
            _make_level(curve, f"deadline, {DEADLINE_SECONDS:g} s", DEADLINE_SECONDS * 1000),
            _make_level(curve, f"refusals at 3 x, {MOST_REFUSAL_MS:g} ms", MOST_REFUSAL_MS),
        ],
    )
    return draw_line_charts([answers, times], "Goodput, refusals and their times by offered load")


def _make_points(curve: Curve, of: Callable[[RateOutcome], float | None]) -> Points:
    seen = ((rate.outcome.offered_per_second, of(rate.outcome)) for rate in curve.rates)
    return [(offered, value) for offered, value in seen if value is not None]


def _make_level(curve: Curve, name: str, value: float) -> Line:
    offered = [rate.outcome.offered_per_second for rate in curve.rates]
    return Line(name=name, colour=_BOUND, points=[(x, value) for x in (0.0, max(offered, default=1.0))], is_bound=True)
