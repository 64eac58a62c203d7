"""Groups whose intervals hold too little are found, and no others."""

from collections.abc import Callable
from dataclasses import replace
from math import comb

import numpy as np
import pandas as pd
import pytest
from housing_price_model.evaluation.coverage_by_group import FEWEST_TESTED, GroupCoverage, measure_groups
from housing_price_model.evaluation.intervals import Interval
from housing_price_model.evaluation.priced_sales import PricedSales

type Priced = Callable[..., PricedSales]


def with_coverage(sales: PricedSales, held: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> PricedSales:
    """The same sales, with intervals at 0.9 that hold the price paid where they should."""
    # Wider from sale to sale, so that fifths by width do not tell what is held.
    width = np.linspace(1.5, 2, len(sales))
    lower = np.where(held, sales.actual / 1.1, sales.actual * 1.1)
    return replace(sales, intervals={0.9: Interval(lower, lower * width)})


def in_neighborhoods(sales: PricedSales, *counts: tuple[str, int]) -> PricedSales:
    names = [name for name, count in counts for _ in range(count)]
    return replace(sales, frame=sales.frame.assign(Neighborhood=pd.Series(names, dtype="str")))


def of_kind(groups: list[GroupCoverage], kind: str) -> list[GroupCoverage]:
    return [group for group in groups if group.kind == kind]


def test_the_neighborhood_whose_intervals_hold_too_little_falls_short(priced: Priced) -> None:
    sales = in_neighborhoods(priced(), ("Edwards", 50), ("NAmes", 100))
    held = np.ones(150, dtype=bool)
    held[:50:2] = False

    groups = measure_groups(with_coverage(sales, held), 0.9)

    assert [(group.name, group.found) for group in groups if group.falls_short and group.kind == "neighbourhood"] == [
        ("Edwards", 0.5)
    ]


def test_a_group_with_the_promised_coverage_does_not_fall_short(priced: Priced) -> None:
    held = np.arange(150) % 10 != 0

    assert not any(group.falls_short for group in measure_groups(with_coverage(priced(), held), 0.9))


def test_small_groups_are_not_tested(priced: Priced) -> None:
    sales = in_neighborhoods(priced(), ("Blueste", FEWEST_TESTED - 1), ("NAmes", 151 - FEWEST_TESTED))

    groups = measure_groups(with_coverage(sales, np.ones(150, dtype=bool)), 0.9)

    assert [group.name for group in of_kind(groups, "neighbourhood")] == ["NAmes"]


def test_the_probability_is_that_of_as_few_held_prices(priced: Priced) -> None:
    sales = in_neighborhoods(priced(), ("Edwards", 40), ("NAmes", 110))
    held = np.ones(150, dtype=bool)
    held[:10] = False

    groups = measure_groups(with_coverage(sales, held), 0.9)

    expected = sum(comb(40, hits) * 0.85**hits * 0.15 ** (40 - hits) for hits in range(31))
    assert of_kind(groups, "neighbourhood")[0].p_value == pytest.approx(expected)
    assert {group.threshold for group in groups} == {0.05 / len(groups)}


def test_fifths_are_by_the_width_of_the_interval(priced: Priced) -> None:
    sales = priced()
    width = np.linspace(1.01, 2, len(sales))
    sales = replace(sales, intervals={0.9: Interval(sales.actual / width, sales.actual * width)})
    narrow = np.arange(150) < 30
    lower = np.where(narrow, sales.actual * 1.001, sales.intervals[0.9].lower)

    groups = measure_groups(replace(sales, intervals={0.9: Interval(lower, sales.intervals[0.9].upper)}), 0.9)

    assert [(group.name, group.found) for group in of_kind(groups, "difficulty")] == [
        ("easiest fifth", 0.0),
        ("second fifth", 1.0),
        ("third fifth", 1.0),
        ("fourth fifth", 1.0),
        ("hardest fifth", 1.0),
    ]


def test_marks_are_a_group_only_where_they_are_known(priced: Priced) -> None:
    marked = np.arange(150) < 50
    sales = with_coverage(priced(), ~marked)

    assert of_kind(measure_groups(sales, 0.9), "mark") == []
    assert [
        (group.name, group.found) for group in of_kind(measure_groups(replace(sales, marked=marked), 0.9), "mark")
    ] == [
        ("marked", 0.0),
        ("not marked", 1.0),
    ]


def test_groups_by_known_fields_count_no_garage_as_a_known_year(priced: Priced) -> None:
    sales = priced()
    every = {column: 1.0 if kind.kind == "f" else "x" for column, kind in sales.frame.dtypes.items()}
    frame = sales.frame.fillna(every)
    frame.loc[:49, "GarageType"], frame.loc[:49, "GarageYrBlt"] = "NA", np.nan
    frame.loc[110:, "LotFrontage"] = np.nan

    groups = measure_groups(with_coverage(replace(sales, frame=frame), np.ones(150, dtype=bool)), 0.9)

    assert [(group.name, group.count) for group in of_kind(groups, "fields known")] == [
        ("all known", 110),
        ("1 to 9 unknown", 40),
    ]
