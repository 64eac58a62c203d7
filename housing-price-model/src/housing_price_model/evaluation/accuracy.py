"""Estimates metrics with confidence intervals, and compares two sets of prices of the same sales."""

from collections.abc import Mapping

import numpy as np

from housing_price_model.evaluation.bootstrap import Bootstrap, Estimate, Figure, Numbers
from housing_price_model.evaluation.priced_sales import PricedSales

NEAR = 0.1

type Metrics = Mapping[str, Estimate]
"""By the names of ``evaluation.metrics.Metrics``."""


def estimate_metrics(sales: PricedSales) -> Metrics:
    """Estimate every metric of these prices over all sales."""
    drawn = Bootstrap(*_columns(sales))
    return {name: drawn.estimate(figure) for name, figure in _FIGURES.items()}


def estimate_changes(ours: PricedSales, theirs: PricedSales) -> Metrics:
    """Estimate by how much each metric of ours exceeds theirs, with the sales paired."""
    drawn = Bootstrap(*_columns(ours), *_columns(theirs))
    return {name: drawn.estimate(_make_change(figure)) for name, figure in _FIGURES.items()}


def estimate_rmsle(sales: PricedSales) -> Estimate:
    """Estimate the root mean squared log error."""
    return Bootstrap(sales.squared_log_errors).estimate(_root_of_first)


def estimate_rmsle_change(ours: PricedSales, theirs: PricedSales) -> Estimate:
    """Estimate by how much our RMSLE exceeds theirs on the same sales. Below zero, ours is better."""
    drawn = Bootstrap(ours.squared_log_errors, theirs.squared_log_errors)
    return drawn.estimate(lambda means: np.sqrt(means[0]) - np.sqrt(means[1]))


def _columns(sales: PricedSales) -> list[Numbers]:
    errors, relative = sales.predicted - sales.actual, np.abs(sales.relative_errors)
    # Centred prices, because the difference of two squares would lose digits.
    centred = sales.actual - sales.actual.mean()
    near = (relative <= NEAR).astype(np.float64)
    return [sales.squared_log_errors, np.abs(errors), relative, near, errors**2, centred, centred**2, sales.actual]


def _make_change(figure: Figure) -> Figure:
    """Make a figure of means whose first half is ours and whose second half is theirs."""

    def change(means: Numbers) -> Numbers:
        ours, theirs = np.split(means, 2)
        difference: Numbers = figure(ours) - figure(theirs)
        return difference

    return change


def _root_of_first(means: Numbers) -> Numbers:
    root: Numbers = np.sqrt(means[0])
    return root


def _determination(means: Numbers) -> Numbers:
    """NaN where all prices are equal."""
    squared_error, centred, squared = means[4], means[5], means[6]
    variance = squared - centred**2
    share: Numbers = 1 - squared_error / np.where(variance > 0, variance, np.nan)
    return share


_FIGURES: Mapping[str, Figure] = {
    "rmsle": _root_of_first,
    "mae": lambda means: means[1],
    "mape": lambda means: means[2],
    "within_10_percent": lambda means: means[3],
    "r2": _determination,
    "wmape": lambda means: means[1] / means[7],
}
