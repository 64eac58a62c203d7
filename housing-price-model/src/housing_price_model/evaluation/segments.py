"""Segments of the sales, and how accurate prices are in each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from housing_price_model.evaluation.accuracy import NEAR, estimate_rmsle, estimate_rmsle_change
from housing_price_model.evaluation.bootstrap import Estimate
from housing_price_model.evaluation.priced_sales import Flags, PricedSales
from housing_price_model.evaluation.proportion import estimate_proportion

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 10
"""With fewer sales, a figure is not meaningful."""

USUAL_COVERAGE = 0.9

UNKNOWN_FIELDS = {
    "all known": (0, 0),
    "1 to 9 unknown": (1, 9),
    "10 to 39 unknown": (10, 39),
    "40 to 59 unknown": (40, 59),
    "60 or more unknown": (60, 1_000),
}
"""The least and the greatest number of unknown fields in each segment."""

_FIFTHS = ("easiest fifth", "second fifth", "third fifth", "fourth fifth", "hardest fifth")


@dataclass(frozen=True, eq=False)
class Segment:
    """Some of the sales, by name."""

    name: str
    rows: Flags

    @property
    def has_few(self) -> bool:
        """Whether it has too few sales for meaningful figures."""
        return int(self.rows.sum()) < FEWEST


@dataclass(frozen=True, kw_only=True)
class SegmentFigures:
    """The metrics of a segment. There is no coverage without prediction intervals.

    ``width`` is the mean relative width of its prediction intervals.
    """

    name: str
    count: int
    has_few: bool
    rmsle: Estimate
    within_10_percent: float
    bias: float
    coverage: Estimate | None
    width: float | None


def split_by_neighborhood(sales: PricedSales) -> list[Segment]:
    """Split by neighbourhood, largest first. Neighbourhoods with few sales are one segment, the last."""
    names = sales.frame["Neighborhood"]
    counts = names.value_counts()
    kept = [str(name) for name in counts.index[counts >= FEWEST]]
    segments = [Segment(name, (names == name).to_numpy(dtype=bool)) for name in kept]
    small = len(counts) - len(kept)
    if small:
        name = f"{small} small neighbourhood{'s' if small > 1 else ''}"
        segments.append(Segment(name, (~names.isin(kept)).to_numpy(dtype=bool)))
    return segments


def split_by_price_tercile(sales: PricedSales) -> list[Segment]:
    """Split into thirds by the price paid, the cheapest first."""
    low, high = np.quantile(sales.actual, [1 / 3, 2 / 3])
    third = np.digitize(sales.actual, [low, high], right=True)
    names = [f"up to ${low:,.0f}", f"${low:,.0f} to ${high:,.0f}", f"above ${high:,.0f}"]
    return _drop_empty(Segment(name, third == place) for place, name in enumerate(names))


def split_by_year_sold(sales: PricedSales) -> list[Segment]:
    """Split by year of sale, the earliest first."""
    years: pd.Series[float] = sales.frame["YrSold"]
    return [Segment(f"{year:.0f}", (years == year).to_numpy(dtype=bool)) for year in sorted(years.dropna().unique())]


def split_by_decade_built(sales: PricedSales) -> list[Segment]:
    """Split by decade of construction, the earliest first."""
    decades: pd.Series[float] = sales.frame["YearBuilt"] // 10 * 10
    return [Segment(f"{decade:.0f}s", (decades == decade).to_numpy(dtype=bool)) for decade in sorted(decades.unique())]


def split_by_known_fields(sales: PricedSales) -> list[Segment]:
    """Split by how many fields of a house are known, the most first."""
    unknown = count_unknown_fields(sales.frame)
    return _drop_empty(
        Segment(name, (least <= unknown) & (unknown <= most)) for name, (least, most) in UNKNOWN_FIELDS.items()
    )


def count_unknown_fields(frame: "pd.DataFrame") -> NDArray[np.int64]:
    """Return the number of unknown fields of each house. Without a garage, there is no year of it to be known."""
    has_no_garage = (frame["GarageType"] == "NA") & frame["GarageYrBlt"].isna()
    return (frame.isna().sum(axis="columns") - has_no_garage).to_numpy(dtype=np.int64)


def split_by_mark(sales: PricedSales) -> list[Segment]:
    """Split into houses that are marked as unlike the model's sales, and others. Empty if marks are not known."""
    if sales.marked is None:
        return []
    return _drop_empty([Segment("marked", sales.marked), Segment("not marked", ~sales.marked)])


def split_by_difficulty(sales: PricedSales, coverage: float = USUAL_COVERAGE) -> list[Segment]:
    """Split into fifths by the relative width of the intervals, the narrowest first. Empty without intervals."""
    if coverage not in sales.intervals:
        return []
    interval = sales.intervals[coverage]
    order = np.argsort(np.log1p(interval.upper) - np.log1p(interval.lower), kind="stable")
    fifths = np.empty(len(sales), dtype=np.int64)
    fifths[order] = np.arange(len(sales)) * len(_FIFTHS) // len(sales)
    return _drop_empty(Segment(name, fifths == place) for place, name in enumerate(_FIFTHS))


def measure_segments(sales: PricedSales, segments: Iterable[Segment]) -> list[SegmentFigures]:
    """Measure each segment."""
    return [_measure(sales.of(segment.rows), segment) for segment in segments]


def measure_changes(ours: PricedSales, theirs: PricedSales, segments: Iterable[Segment]) -> list[tuple[str, Estimate]]:
    """Estimate by how much our RMSLE exceeds theirs in each segment with enough sales."""
    return [
        (segment.name, estimate_rmsle_change(ours.of(segment.rows), theirs.of(segment.rows)))
        for segment in segments
        if not segment.has_few
    ]


def _measure(sales: PricedSales, segment: Segment) -> SegmentFigures:
    has_intervals = USUAL_COVERAGE in sales.intervals
    return SegmentFigures(
        name=segment.name,
        count=len(sales),
        has_few=segment.has_few,
        rmsle=estimate_rmsle(sales),
        within_10_percent=float(np.mean(np.abs(sales.relative_errors) <= NEAR)),
        bias=sales.bias,
        coverage=estimate_proportion(sales.covered(USUAL_COVERAGE)) if has_intervals else None,
        width=sales.width(USUAL_COVERAGE) if has_intervals else None,
    )


def _drop_empty(segments: Iterable[Segment]) -> list[Segment]:
    """Drop empty segments: if many sales have the same price, a third may be empty."""
    return [segment for segment in segments if segment.rows.any()]
