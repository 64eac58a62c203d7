"""Plots of an evaluation as matplotlib figures, without a window and without global state."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from housing_price_model.evaluation.cross_validation import Evaluation

MOST_IMPORTANT = 20
DOLLARS = StrMethodFormatter("${x:,.0f}")


def draw_figures(evaluation: Evaluation) -> Mapping[str, Figure]:
    """Return the figures by file name without suffix."""
    return {
        "predicted_against_actual": _draw_predicted_against_actual(evaluation),
        "residuals": _draw_residuals(evaluation),
        "importances": _draw_importances(evaluation),
    }


def save_figures(evaluation: Evaluation, folder: Path) -> None:
    """Write each figure as a PNG file into an existing folder."""
    for name, figure in draw_figures(evaluation).items():
        FigureCanvasAgg(figure)
        figure.savefig(folder / f"{name}.png")


def _draw_predicted_against_actual(evaluation: Evaluation) -> Figure:
    figure, axes = _make_figure("Predicted against actual prices (cross-validation)")
    actual, predicted = evaluation.actual, evaluation.cross_validation.predicted
    ends = [min(actual.min(), predicted.min()), max(actual.max(), predicted.max())]
    axes.scatter(actual, predicted, s=10, alpha=0.4, linewidths=0)
    axes.plot(ends, ends, color="black", linewidth=1, label="predicted = actual")
    axes.set(xlabel="actual price", ylabel="predicted price")
    axes.xaxis.set_major_formatter(DOLLARS)
    axes.yaxis.set_major_formatter(DOLLARS)
    axes.legend()
    return figure


def _draw_residuals(evaluation: Evaluation) -> Figure:
    figure, axes = _make_figure("Residuals (cross-validation)")
    actual, predicted = evaluation.actual, evaluation.cross_validation.predicted
    axes.scatter(predicted, 100 * (predicted - actual) / actual, s=10, alpha=0.4, linewidths=0)
    axes.axhline(0, color="black", linewidth=1)
    axes.axhspan(-10, 10, color="black", alpha=0.08, label="within 10 %")
    axes.set(xlabel="predicted price", ylabel="predicted above (+) or below (-) the actual price, %")
    axes.xaxis.set_major_formatter(DOLLARS)
    axes.legend()
    return figure


def _draw_importances(evaluation: Evaluation) -> Figure:
    figure, axes = _make_figure(f"The {MOST_IMPORTANT} most important features (held-out sales)")
    shown = evaluation.held_out.importances[:MOST_IMPORTANT][::-1]
    axes.barh(
        np.arange(len(shown)),
        [importance.mean for importance in shown],
        xerr=[importance.spread for importance in shown],
        tick_label=[importance.column for importance in shown],
    )
    axes.set(xlabel="growth of the RMSLE when the column is shuffled")
    return figure


def _make_figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(8, 6), dpi=120, layout="constrained")
    axes = figure.add_subplot(title=title)
    axes.grid(visible=True, alpha=0.3)
    axes.set_axisbelow(True)
    return figure, axes
