"""Renders the report as one HTML page that loads nothing. Computes every figure from the evidence."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from housing_price_model.evaluation.accuracy import estimate_changes, estimate_metrics
from housing_price_model.evaluation.few_fields import FewFields
from housing_price_model.evaluation.outliers import find_outliers
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.ranges import find_ranges
from housing_price_model.evaluation.segments import (
    measure_changes,
    measure_segments,
    split_by_mark,
    split_by_neighborhood,
    split_by_price_tercile,
    split_by_year_sold,
)
from housing_price_model.evaluation.unknowns import UNKNOWN_WHEN_PRICED, FoldPrices
from housing_price_model.gate.checks.monotonicity import LARGEST_SHARE
from housing_price_model.report import wording
from housing_price_model.report.evidence import Evidence, Opponent
from housing_price_model.report.rendering import describe_prices, render

TEMPLATE = "page.html.jinja"

SAME = 1e-6
"""Largest relative difference between prices of the same recipe."""


def render_page(evidence: Evidence) -> str:
    """Return the page as HTML."""
    return render(TEMPLATE, _compute_content(evidence))


def _compute_content(evidence: Evidence) -> Mapping[str, Any]:
    sales = evidence.sales
    metrics = estimate_metrics(sales)
    segments = {
        "neighbourhood": measure_segments(sales, split_by_neighborhood(sales)),
        "price paid": measure_segments(sales, split_by_price_tercile(sales)),
        "year sold": measure_segments(sales, split_by_year_sold(sales)),
        **({} if sales.marked is None else {"mark": measure_segments(sales, split_by_mark(sales))}),
    }
    comparison = _compare(sales, evidence.opponent) if evidence.opponent else {"changes": [], "moved": []}
    prices = describe_prices(sales, segments, comparison["changes"])
    return {
        **prices,
        "evidence": evidence,
        "is_out_of_fold": True,
        "verdict": wording.verdict(evidence, metrics, comparison.get("metrics", {}), prices["coverage"]),
        "metrics": metrics,
        "without": _compare_without_unknown(sales, evidence.fold_prices),
        "few_fields": _compare_few_fields(sales, evidence.few_fields),
        "required": [feature.wire_name for feature in sales.record.features if feature.required],
        "unknown": wording.wire_names(evidence.sales.record, UNKNOWN_WHEN_PRICED),
        "comparison": comparison,
        "outliers": find_outliers(sales),
        "largest_share": LARGEST_SHARE,
        "ranges": find_ranges(sales),
    }


def _compare_without_unknown(sales: PricedSales, prices: FoldPrices) -> Mapping[str, Any]:
    complete, without = sales.priced(prices.complete), sales.priced(prices.without)
    return {
        "complete": estimate_metrics(complete),
        "without": estimate_metrics(without),
        "changes": estimate_changes(without, complete),
        "is_of_another_recipe": not np.allclose(prices.complete, sales.predicted, rtol=SAME, atol=0.0),
    }


def _compare_few_fields(sales: PricedSales, few_fields: Mapping[str, float]) -> Sequence[tuple[str, str, str]]:
    """Return the title of each figure of few fields, with its value for complete houses and its own."""
    complete = FewFields(sales.predicted, sales.intervals).figures(sales.actual)
    return [
        (title, words(complete[name]), words(few_fields[name]))
        for name, (title, words) in wording.FEW_FIELDS.items()
        if name in few_fields and name in complete
    ]


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
