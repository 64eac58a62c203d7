"""What is computed for the sections of the report, against the same computed otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from house_record import AMES
from housing_price_model.data import Row, Sales, make_frame
from housing_price_model.evaluation.deciles import compute_deciles, measure_coverage
from housing_price_model.evaluation.folds import folds
from housing_price_model.evaluation.metrics import measure
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
from housing_price_model.evaluation.unknowns import UNKNOWN_WHEN_PRICED, null_columns, price_without

type Priced = Callable[..., PricedSales]


class Quiet:
    def step(self, doing: str) -> None:
        """Nobody looks."""


def with_neighborhoods(sales: PricedSales, *counts: tuple[str, int]) -> PricedSales:
    names = [name for name, count in counts for _ in range(count)]
    return replace(sales, frame=sales.frame.assign(Neighborhood=pd.Series(names, dtype="str")))


def test_small_neighborhoods_are_counted_together_and_come_last(priced: Priced) -> None:
    sales = with_neighborhoods(priced(), ("NAmes", 131), ("Edwards", FEWEST), ("Veenker", 5), ("Blueste", 4))

    segments = split_by_neighborhood(sales)

    assert [(one.name, int(one.rows.sum()), one.has_few) for one in segments] == [
        ("NAmes", 131, False),
        ("Edwards", 10, False),
        ("2 small neighbourhoods", 9, True),
    ]


@pytest.mark.parametrize("cut", [split_by_neighborhood, split_by_price_tercile, split_by_year_sold])
def test_each_sale_is_in_one_segment(priced: Priced, cut: Callable[[PricedSales], list[object]]) -> None:
    times = np.sum([segment.rows for segment in cut(priced())], axis=0)  # type: ignore[attr-defined] # each a Segment

    assert (times == 1).all()


def test_terciles_are_by_what_was_paid(priced: Priced) -> None:
    sales = priced()

    cheap, _, dear = split_by_price_tercile(sales)

    assert sales.actual[cheap.rows].max() < sales.actual[dear.rows].min()
    assert (int(cheap.rows.sum()), int(dear.rows.sum())) == (50, 50)


def test_sales_of_one_price_have_one_tercile(priced: Priced) -> None:
    sales = priced()

    assert len(split_by_price_tercile(replace(sales, actual=np.full(len(sales), 100_000.0)))) == 1


def test_figures_of_a_segment_are_those_of_its_sales(priced: Priced) -> None:
    sales = priced()
    segments = split_by_year_sold(sales)

    for segment, found in zip(segments, measure_segments(sales, segments), strict=True):
        actual, predicted = sales.actual[segment.rows], sales.predicted[segment.rows]
        expected = measure(actual, predicted)
        lower, upper = sales.intervals[0.9].lower[segment.rows], sales.intervals[0.9].upper[segment.rows]
        assert found.count == len(actual)
        assert found.rmsle.value == pytest.approx(expected.rmsle)
        assert found.within_10_percent == pytest.approx(expected.within_10_percent)
        assert found.bias == pytest.approx(np.exp(np.log(predicted / actual).mean()) - 1)
        assert found.coverage is not None
        assert found.coverage.value == pytest.approx(np.mean((actual >= lower) & (actual <= upper)))
        assert found.width == pytest.approx(np.mean((upper - lower) / predicted))


def test_without_intervals_there_is_no_coverage(priced: Priced) -> None:
    sales = priced(intervals=False)

    assert measure_coverage(sales, split_by_price_tercile(sales)) == []
    assert {(one.coverage, one.width) for one in measure_segments(sales, split_by_year_sold(sales))} == {(None, None)}


def test_segments_with_few_sales_are_not_compared(priced: Priced) -> None:
    sales = with_neighborhoods(priced(), ("NAmes", 145), ("Veenker", 5))

    changes = measure_changes(sales, sales.priced(sales.actual), split_by_neighborhood(sales))

    assert [name for name, _ in changes] == ["NAmes"]
    assert changes[0][1].value == pytest.approx(measure(sales.actual[:145], sales.predicted[:145]).rmsle)


def test_deciles_are_by_predicted_price(priced: Priced) -> None:
    sales = priced()
    order = np.argsort(sales.predicted)

    first, *_, last = compute_deciles(sales)

    assert (first.predicted, last.actual) == pytest.approx(
        (sales.predicted[order[:15]].mean(), sales.actual[order[-15:]].mean())
    )
    assert first.excess == pytest.approx(first.predicted / first.actual - 1)


def test_coverage_is_of_all_sales_first_then_by_segment(priced: Priced) -> None:
    sales = priced()

    found = measure_coverage(sales, split_by_price_tercile(sales))

    assert [(one.segment, one.nominal) for one in found[:4]] == [
        ("all sales", 0.8),
        ("all sales", 0.9),
        ("all sales", 0.95),
        (split_by_price_tercile(sales)[0].name, 0.8),
    ]
    assert found[1].found.value == pytest.approx(sales.covered(0.9).mean())
    assert len(found) == 12


def test_the_worst_sales_come_with_their_share_of_the_error(priced: Priced) -> None:
    sales = priced(error=0.01)
    sales = sales.priced(np.where(np.arange(len(sales)) == 7, 3 * sales.actual, sales.predicted))
    errors = np.sort(sales.squared_log_errors)[::-1]

    found = find_outliers(sales)

    assert found.worst[0].id == sales.ids[7]
    assert found.worst[0].relative_error == pytest.approx(2.0)
    assert found.worst[0].share == pytest.approx(errors[0] / errors.sum())
    assert found.share == pytest.approx(errors[:10].sum() / errors.sum())
    assert found.half_count == 1
    assert found.half_share == pytest.approx(1 / len(sales))


def test_so_many_sales_carry_half_of_the_error(priced: Priced) -> None:
    found = find_outliers(sales := priced())

    errors = np.sort(sales.squared_log_errors)[::-1]
    assert errors[: found.half_count].sum() >= errors.sum() / 2 > errors[: found.half_count - 1].sum()


def test_ranges_are_those_of_the_sales(priced: Priced) -> None:
    sales = priced()

    living = next(one for one in find_ranges(sales) if one.field == "grLivArea")

    assert (living.least, living.greatest) == (sales.frame["GrLivArea"].min(), sales.frame["GrLivArea"].max())
    assert living.is_quantity


class KnowsTheSaleType:
    """Prices a house by its place among the sales, and by whether its sale type is known."""

    def __init__(self, sales: Sales) -> None:
        self._sales = sales

    def get_params(self, deep: bool = True) -> dict[str, object]:
        return {"sales": self._sales}

    def fit(self, rows: Sequence[Row], prices: "pd.Series[float]") -> "KnowsTheSaleType":
        frame = make_frame(AMES.features, rows)
        assert frame[list(UNKNOWN_WHEN_PRICED)].notna().any().all()
        self.seen = self._places(rows)
        return self

    def predict(self, rows: Sequence[Row]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        places = self._places(rows)
        assert not set(self.seen) & set(places)
        prices = np.where(make_frame(AMES.features, rows)["SaleType"].isna(), 1.0, 2.0) * 1_000 + np.array(places)
        return np.asarray(prices, np.float64)

    def _places(self, rows: Sequence[Row]) -> list[int]:
        known = null_columns(AMES, self._sales.rows, UNKNOWN_WHEN_PRICED)
        return [known.index(row) for row in null_columns(AMES, rows, UNKNOWN_WHEN_PRICED)]


def test_unseen_houses_are_priced_with_and_without_what_is_unknown(few_sales: Sales) -> None:
    known = few_sales.frame["SaleType"].notna().to_numpy()

    found = price_without(KnowsTheSaleType(few_sales), few_sales, Quiet())

    assert len(folds(few_sales)) == 5
    assert found.without.tolist() == [1_000 + place for place in range(len(few_sales))]
    assert found.complete[known].tolist() == (2_000 + np.flatnonzero(known)).tolist()


def test_a_column_that_is_nulled_keeps_its_type(few_sales: Sales) -> None:
    frame = make_frame(AMES.features, null_columns(AMES, few_sales.rows, UNKNOWN_WHEN_PRICED))

    assert frame.dtypes.equals(few_sales.frame.dtypes)
    assert frame[list(UNKNOWN_WHEN_PRICED)].isna().all(axis=None)
    assert frame.drop(columns=list(UNKNOWN_WHEN_PRICED)).equals(few_sales.frame.drop(columns=list(UNKNOWN_WHEN_PRICED)))
