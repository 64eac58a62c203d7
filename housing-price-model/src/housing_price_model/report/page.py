"""Renders the report as one HTML page that loads nothing. Computes every figure from the evidence."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from housing_price_model.evaluation.accuracy import estimate_changes, estimate_metrics
from housing_price_model.evaluation.coverage_by_group import FEWEST_TESTED, LEVEL, SLACK, measure_groups
from housing_price_model.evaluation.deciles import compute_deciles, measure_coverage
from housing_price_model.evaluation.outliers import find_outliers
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.ranges import find_ranges
from housing_price_model.evaluation.segments import (
    FEWEST,
    measure_changes,
    measure_segments,
    split_by_neighborhood,
    split_by_price_tercile,
    split_by_year_sold,
)
from housing_price_model.evaluation.unknowns import UNKNOWN_WHEN_PRICED, FoldPrices
from housing_price_model.gate.checks.monotonicity import LARGEST_SHARE
from housing_price_model.report import wording
from housing_price_model.report.evidence import Evidence, Opponent
from housing_price_model.report.plots import draw_plots

TEMPLATE = "page.html.jinja"

SAME = 1e-6
"""Largest relative difference between prices of the same recipe."""


def render_page(evidence: Evidence) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=PackageLoader("housing_price_model", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(wording.FILTERS)
    return environment.get_template(TEMPLATE).render(_compute_content(evidence))


def _compute_content(evidence: Evidence) -> Mapping[str, Any]:
    sales = evidence.sales
    terciles, neighborhoods = split_by_price_tercile(sales), split_by_neighborhood(sales)
    metrics, deciles, coverage = estimate_metrics(sales), compute_deciles(sales), measure_coverage(sales, terciles)
    segments = {
        "neighbourhood": measure_segments(sales, neighborhoods),
        "price paid": measure_segments(sales, terciles),
        "year sold": measure_segments(sales, split_by_year_sold(sales)),
    }
    comparison = _compare(sales, evidence.opponent) if evidence.opponent else {"changes": [], "moved": []}
    return {
        "evidence": evidence,
        "verdict": wording.verdict(evidence, metrics, comparison.get("metrics", {}), coverage),
        "metrics": metrics,
        "metric_names": wording.METRICS,
        "without": _compare_without_unknown(sales, evidence.fold_prices),
        "unknown": wording.wire_names(evidence.sales.record, UNKNOWN_WHEN_PRICED),
        "comparison": comparison,
        "deciles": deciles,
        "coverage": coverage,
        "groups": _test_groups(sales),
        "segments": segments,
        "outliers": find_outliers(sales),
        "largest_share": LARGEST_SHARE,
        "ranges": find_ranges(sales),
        "fewest": FEWEST,
        "plot": draw_plots(sales, deciles, coverage, segments["neighbourhood"], comparison["changes"]),
    }


def _test_groups(sales: PricedSales) -> Mapping[str, Any]:
    groups = [group for nominal in sorted(sales.intervals) for group in measure_groups(sales, nominal)]
    return {
        "count": len(groups),
        "nominal": sorted(sales.intervals),
        "short": [group for group in groups if group.falls_short],
        "fewest": FEWEST_TESTED,
        "slack": SLACK,
        "level": LEVEL,
    }


def _compare_without_unknown(sales: PricedSales, prices: FoldPrices) -> Mapping[str, Any]:
    complete, without = sales.priced(prices.complete), sales.priced(prices.without)
    return {
        "complete": estimate_metrics(complete),
        "without": estimate_metrics(without),
        "changes": estimate_changes(without, complete),
        "is_of_another_recipe": not np.allclose(prices.complete, sales.predicted, rtol=SAME, atol=0.0),
    }


def _compare(sales: PricedSales, opponent: Opponent) -> Mapping[str, Any]:
    theirs = sales.priced(opponent.predicted)
    segments = [*split_by_price_tercile(sales), *split_by_year_sold(sales), *split_by_neighborhood(sales)]
    changes = measure_changes(sales, theirs, segments)
    return {
        "theirs": estimate_metrics(theirs),
        "metrics": estimate_changes(sales, theirs),
        "changes": changes,
        "moved": [(name, change) for name, change in changes if change.is_beyond_noise],
    }
