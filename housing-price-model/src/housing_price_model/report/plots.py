"""The plots of the report as matplotlib figures, in the page's stand-in colours."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator
from svg_charts.figure import ACCENT, FAINT, INK, SECOND, STYLE, inline_figure

from housing_price_model.evaluation.bootstrap import Estimate, Numbers
from housing_price_model.evaluation.deciles import Coverage, Decile
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.segments import SegmentFigures
from housing_price_model.report.wording import MINUS

WIDTH, HEIGHT = 5.2, 3.7
MOST_OFF = 0.6
"""Relative errors beyond this are drawn at the edge, so that the others can be told apart."""

FEWEST_TICKS = 4
ROUND_PRICES = (
    (10_000, 25_000, 50_000, 100_000, 200_000, 400_000, 800_000, 1_600_000),
    (10_000, 15_000, 20_000, 30_000, 50_000, 70_000, 100_000, 150_000, 200_000, 300_000, 500_000, 700_000, 1_000_000),
)

type Interval = tuple[str, Estimate]


def draw_plots(
    sales: PricedSales,
    deciles: Sequence[Decile],
    coverage: Sequence[Coverage],
    neighborhoods: Sequence[SegmentFigures],
    changes: Sequence[Interval],
) -> Mapping[str, Markup]:
    """Return every plot by name. Plots of intervals and of a comparison are there only if the data are."""
    held = [(segment.name, segment.coverage) for segment in neighborhoods if segment.coverage]
    with mpl.rc_context(STYLE):
        drawn = {
            "residuals": _inline(_residuals(sales), "Relative error of each sale by predicted price"),
            "errors": _inline(_errors(sales), "How many sales have which relative error"),
            "deciles": _inline(_deciles(deciles), "Mean price paid by mean predicted price, tenth by tenth"),
            "neighborhoods": _inline(
                _ranges([(segment.name, segment.rmsle) for segment in neighborhoods], "RMSLE, 95 % interval"),
                "RMSLE of each neighbourhood",
            ),
        }
        if coverage:
            drawn["coverage"] = _inline(_coverage(coverage), "Share of prices held by nominal coverage")
            drawn["neighborhood_coverage"] = _inline(
                _ranges(held, "share of prices inside 90 % intervals", at=0.9), "Coverage in each neighbourhood"
            )
        if changes:
            drawn["changes"] = _inline(
                _ranges(changes, "change of the RMSLE (below 0: better)", at=0.0), "Change of the RMSLE by segment"
            )
    return drawn


def _inline(figure: Figure, label: str) -> Markup:
    return Markup(inline_figure(figure, label))  # noqa: S704 - its texts and the label are escaped


def _residuals(sales: PricedSales) -> Figure:
    figure, axes = _figure()
    shown = np.clip(sales.relative_errors, -MOST_OFF, MOST_OFF)
    axes.scatter(sales.predicted, shown, s=7, color=ACCENT, alpha=0.6, linewidths=0)
    axes.axhspan(-0.1, 0.1, color=FAINT, alpha=0.5, linewidth=0, zorder=0)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set(xscale="log", xlabel="predicted price", ylabel="error, of the price paid")
    _dollars(axes, sales.predicted, "x")
    axes.yaxis.set_major_formatter(_PERCENT)
    return figure


def _errors(sales: PricedSales) -> Figure:
    figure, axes = _figure()
    shown = np.clip(sales.relative_errors, -MOST_OFF, MOST_OFF)
    axes.hist(shown, bins=48, range=(-MOST_OFF, MOST_OFF), color=ACCENT)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set(xlabel="error, of the price paid", ylabel="sales")
    axes.xaxis.set_major_formatter(_PERCENT)
    return figure


def _deciles(deciles: Sequence[Decile]) -> Figure:
    figure, axes = _figure()
    predicted, actual = [part.predicted for part in deciles], [part.actual for part in deciles]
    ends = [min(predicted + actual), max(predicted + actual)]
    axes.plot(ends, ends, color=INK, linewidth=0.8, label="predicted = paid")
    axes.plot(predicted, actual, "o", color=ACCENT, label="a tenth of the sales")
    axes.set(xscale="log", yscale="log", xlabel="mean predicted price", ylabel="mean price paid")
    _dollars(axes, np.array(ends), "xy")
    axes.legend()
    return figure


def _coverage(coverage: Sequence[Coverage]) -> Figure:
    figure, axes = _figure()
    names = list(dict.fromkeys(one.segment for one in coverage))
    nominal = sorted({one.nominal for one in coverage})
    axes.plot(nominal, nominal, color=INK, linewidth=0.8, label="as promised")
    for place, (name, marker) in enumerate(zip(names, "osv^", strict=False)):
        points = [one for one in coverage if one.segment == name]
        # Side by side, so that the intervals do not overlap.
        places = [one.nominal + (place - (len(names) - 1) / 2) * 0.006 for one in points]
        _whiskers(axes, places, [one.found for one in points], _literal(name), marker, SECOND if place else ACCENT)
    axes.set(xlabel="nominal coverage", ylabel="share of prices held", xticks=nominal)
    axes.xaxis.set_major_formatter(_PERCENT)
    axes.yaxis.set_major_formatter(_PERCENT)
    axes.legend(loc="upper left", fontsize=8)
    return figure


def _whiskers(
    axes: Axes, places: Sequence[float], found: Sequence[Estimate], name: str, marker: str, colour: str
) -> None:
    values = [one.value for one in found]
    axes.errorbar(places, values, yerr=_reach(found), fmt=marker, color=colour, markersize=4, linewidth=1, label=name)


def _ranges(found: Sequence[Interval], label: str, at: float | None = None) -> Figure:
    """Draw one line per name: a value and its interval."""
    figure, axes = _figure(height=1.0 + 0.2 * len(found))
    places, estimates = np.arange(len(found))[::-1], [estimate for _, estimate in found]
    values = [estimate.value for estimate in estimates]
    axes.errorbar(values, places, xerr=_reach(estimates), fmt="o", color=ACCENT, markersize=4, linewidth=1)
    if at is not None:
        axes.axvline(at, color=INK, linewidth=0.8)
    axes.set_yticks(places, [_literal(name) for name, _ in found], fontsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set(xlabel=label, ylim=(-0.7, len(found) - 0.3))
    axes.grid(visible=False, axis="y")
    return figure


def _reach(found: Sequence[Estimate]) -> tuple[list[float], list[float]]:
    below = [max(one.value - one.low, 0.0) for one in found]
    return below, [max(one.high - one.value, 0.0) for one in found]


def _figure(*, height: float = HEIGHT) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(visible=True)
    axes.set_axisbelow(True)
    return figure, axes


def _dollars(axes: Axes, prices: Numbers, which: str) -> None:
    """Ticks of a logarithmic axis at round prices."""
    coarse, fine = (
        [price for price in steps if prices.min() * 0.9 <= price <= prices.max() * 1.1] for steps in ROUND_PRICES
    )
    ticks = coarse if len(coarse) >= FEWEST_TICKS else fine
    for name in which:
        axis = axes.xaxis if name == "x" else axes.yaxis
        axis.set_ticks(ticks)
        axis.set_major_formatter(_THOUSANDS)
        axis.set_minor_locator(NullLocator())


def _literal(text: str) -> str:
    """matplotlib reads text between two dollar signs as mathematics."""
    return text.replace("$", r"\$")


_PERCENT = FuncFormatter(lambda share, _place: f"{100 * share:.0f} %".replace("-", MINUS))
_THOUSANDS = FuncFormatter(lambda dollars, _place: f"${dollars / 1000:,.0f}k")
