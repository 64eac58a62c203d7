"""Renders a page of HTML that loads nothing, and the figures and plots that every page about prices has."""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from housing_price_model.evaluation.bootstrap import Estimate
from housing_price_model.evaluation.coverage_by_group import FEWEST_TESTED, LEVEL, SLACK, measure_groups
from housing_price_model.evaluation.deciles import compute_deciles, measure_coverage
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.segments import FEWEST, SegmentFigures, split_by_price_tercile
from housing_price_model.report import wording
from housing_price_model.report.plots import draw_plots


def render(template: str, content: Mapping[str, Any]) -> str:
    """Return a page as HTML."""
    environment = Environment(
        loader=PackageLoader("housing_price_model", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(wording.FILTERS)
    return environment.get_template(template).render(content)


def describe_prices(
    sales: PricedSales,
    segments: Mapping[str, Sequence[SegmentFigures]],
    changes: Sequence[tuple[str, Estimate]] = (),
) -> Mapping[str, Any]:
    """Return the content of ``prices.html.jinja``, but for the largest errors.

    Args:
        sales: the prices.
        segments: figures of segments by kind, neighbourhoods among them.
        changes: differences from another version's RMSLE by segment.
    """
    deciles, coverage = compute_deciles(sales), measure_coverage(sales, split_by_price_tercile(sales))
    return {
        "sales": sales,
        "metric_names": wording.METRICS,
        "deciles": deciles,
        "coverage": coverage,
        "groups": _test_groups(sales),
        "segments": segments,
        "fewest": FEWEST,
        "plot": draw_plots(sales, deciles, coverage, segments["neighbourhood"], changes),
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
