"""A fitted model's own errors on sales, without any fit: accuracy, intervals, ratios, segments, the worst sales."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from housing_price_model.evaluation.accuracy import Metrics, estimate_metrics
from housing_price_model.evaluation.bootstrap import Estimate
from housing_price_model.evaluation.coverage_by_group import GroupCoverage, measure_groups
from housing_price_model.evaluation.outliers import Outliers, find_outliers
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.proportion import estimate_proportion
from housing_price_model.evaluation.ratio_study import RatioStudy, study_ratios
from housing_price_model.evaluation.segments import (
    Segment,
    SegmentFigures,
    measure_segments,
    split_by_decade_built,
    split_by_known_fields,
    split_by_mark,
    split_by_neighborhood,
    split_by_price_tercile,
)

WORST = 20
FEWEST_SALES = 2

SPLITS: Mapping[str, Callable[[PricedSales], Sequence[Segment]]] = {
    "neighbourhood": split_by_neighborhood,
    "price paid": split_by_price_tercile,
    "decade built": split_by_decade_built,
    "fields known": split_by_known_fields,
    "mark": split_by_mark,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalFigures:
    """The intervals of one nominal coverage over all sales.

    ``width`` and ``score`` are the means of width and interval score as shares of the predicted price; ``total_score``
    is the sum of the scores as a share of the sum of the prices paid.
    """

    nominal: float
    found: Estimate
    width: float
    score: float
    total_score: float


@dataclass(frozen=True, kw_only=True)
class OwnErrors:
    """All figures.

    ``groups_tested`` is the number of tests of coverage by group, and ``groups_short`` are those that fail.
    """

    sales: int
    metrics: Metrics
    bias: float
    intervals: Sequence[IntervalFigures]
    ratios: RatioStudy
    segments: Mapping[str, Sequence[SegmentFigures]]
    groups_tested: int
    groups_short: Sequence[GroupCoverage]
    outliers: Outliers


def measure_own_errors(sales: PricedSales) -> OwnErrors:
    """Measure the prices of at least two sales."""
    groups = [group for nominal in sorted(sales.intervals) for group in measure_groups(sales, nominal)]
    return OwnErrors(
        sales=len(sales),
        metrics=estimate_metrics(sales),
        bias=sales.bias,
        intervals=[_measure_intervals(sales, nominal) for nominal in sorted(sales.intervals)],
        ratios=study_ratios(sales.actual, sales.predicted),
        segments={kind: measure_segments(sales, split(sales)) for kind, split in SPLITS.items()},
        groups_tested=len(groups),
        groups_short=[group for group in groups if group.falls_short],
        outliers=find_outliers(sales, WORST),
    )


def _measure_intervals(sales: PricedSales, nominal: float) -> IntervalFigures:
    return IntervalFigures(
        nominal=nominal,
        found=estimate_proportion(sales.covered(nominal)),
        width=sales.width(nominal),
        score=sales.interval_score(nominal),
        total_score=float(sales.scores(nominal).sum() / sales.actual.sum()),
    )
