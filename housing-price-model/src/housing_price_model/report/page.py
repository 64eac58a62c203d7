"""The report as one HTML page that loads nothing: every figure of it is computed here, from the evidence."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from housing_price_model.evaluation.accuracy import changes_between, metrics_of
from housing_price_model.evaluation.calibration import coverage_of, deciles_of
from housing_price_model.evaluation.monotonicity import share_of_falls
from housing_price_model.evaluation.outliers import outliers_of
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.ranges import ranges_of
from housing_price_model.evaluation.segments import (
    FEWEST,
    by_neighborhood,
    by_price_tercile,
    by_year_sold,
    changes_of,
    figures_of,
)
from housing_price_model.evaluation.unknowns import UNKNOWN_WHEN_PRICED, FoldPrices
from housing_price_model.report import wording
from housing_price_model.report.evidence import Evidence, Opponent
from housing_price_model.report.plots import plots

TEMPLATE = "page.html.jinja"

SAME = 1e-6
"""Relative difference up to which prices are those of the same recipe."""


def report_page(evidence: Evidence) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=PackageLoader("housing_price_model", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(wording.FILTERS)
    return environment.get_template(TEMPLATE).render(_content(evidence))


def _content(evidence: Evidence) -> Mapping[str, Any]:
    sales = evidence.sales
    terciles, neighborhoods = by_price_tercile(sales), by_neighborhood(sales)
    metrics, deciles, coverage = metrics_of(sales), deciles_of(sales), coverage_of(sales, terciles)
    segments = {
        "neighbourhood": figures_of(sales, neighborhoods),
        "price paid": figures_of(sales, terciles),
        "year sold": figures_of(sales, by_year_sold(sales)),
    }
    comparison = _comparison(sales, evidence.opponent) if evidence.opponent else {"changes": [], "moved": []}
    return {
        "evidence": evidence,
        "verdict": wording.verdict(evidence, metrics, comparison.get("metrics", {}), coverage),
        "metrics": metrics,
        "metric_names": wording.METRICS,
        "without": _without_unknown(sales, evidence.fold_prices),
        "unknown": wording.wire_names(UNKNOWN_WHEN_PRICED),
        "comparison": comparison,
        "deciles": deciles,
        "coverage": coverage,
        "segments": segments,
        "outliers": outliers_of(sales),
        "share_of_falls": share_of_falls,
        "ranges": ranges_of(sales),
        "fewest": FEWEST,
        "plot": plots(sales, deciles, coverage, segments["neighbourhood"], comparison["changes"]),
    }


def _without_unknown(sales: PricedSales, prices: FoldPrices) -> Mapping[str, Any]:
    complete, without = sales.priced(prices.complete), sales.priced(prices.without)
    return {
        "complete": metrics_of(complete),
        "without": metrics_of(without),
        "changes": changes_between(without, complete),
        "is_of_another_recipe": not np.allclose(prices.complete, sales.predicted, rtol=SAME, atol=0.0),
    }


def _comparison(sales: PricedSales, opponent: Opponent) -> Mapping[str, Any]:
    theirs = sales.priced(opponent.predicted)
    segments = [*by_price_tercile(sales), *by_year_sold(sales), *by_neighborhood(sales)]
    changes = changes_of(sales, theirs, segments)
    return {
        "theirs": metrics_of(theirs),
        "metrics": changes_between(sales, theirs),
        "changes": changes,
        "moved": [(name, change) for name, change in changes if change.is_beyond_noise],
    }
