"""What drives a price, to the cent."""

import math
from typing import Any

from house_record import AMES, COLUMNS
from house_record.price import PreparedHouse, PriceOptions, make_price_document
from house_record.price.cents import round_to_sum, to_cents
from house_record.price.explanation import make_explanation
from hypothesis import given
from hypothesis import strategies as st

AMOUNTS = st.floats(-1e9, 1e9, allow_nan=False)


def test_the_largest_change_comes_first_and_none_is_left_out(house: PreparedHouse, record: dict[str, Any]) -> None:
    document = make_price_document(house, record, PriceOptions(explain=True))

    assert document["explanation"] == {
        "baselinePrice": 163_000.0,
        "contributions": [
            {"field": "firstFlrSf", "amount": -21_310.07},
            {"field": "overallQual", "amount": -13_161.6},
        ],
    }


def test_a_contribution_below_a_cent_goes_to_those_above() -> None:
    explanation = make_explanation(
        AMES, {"baseline": 100.0, "contributions": {"LotArea": 5.004, "YrSold": 0.001}}, 105.0
    )

    assert explanation == {"baselinePrice": 100.0, "contributions": [{"field": "lotArea", "amount": 5.0}]}


def test_a_price_that_nothing_changes_is_the_baseline() -> None:
    assert make_explanation(AMES, {"baseline": 99.996, "contributions": {}}, 100.0) == {
        "baselinePrice": 100.0,
        "contributions": [],
    }


@given(baseline=AMOUNTS, amounts=st.lists(AMOUNTS, max_size=len(COLUMNS)))
def test_the_contributions_sum_to_the_price_to_the_cent(baseline: float, amounts: list[float]) -> None:
    exact = math.fsum([baseline, *amounts])
    price = round(exact, 2)
    part = {"baseline": baseline, "contributions": dict(zip(COLUMNS, amounts, strict=False))}

    explanation = make_explanation(AMES, part, price)

    changes = [to_cents(contribution["amount"]) for contribution in explanation["contributions"]]
    assert to_cents(explanation["baselinePrice"]) + sum(changes) == to_cents(price)
    assert 0 not in changes
    assert [abs(change) for change in changes] == sorted((abs(change) for change in changes), reverse=True)


@given(total=st.integers(), amounts=st.lists(st.floats(-1e300, 1e300), min_size=1))
def test_cents_sum_to_their_total_whatever_the_amounts(total: int, amounts: list[float]) -> None:
    assert sum(round_to_sum(total, amounts)) == total


@given(amounts=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=80))
def test_rounding_moves_an_amount_by_a_cent_at_most(amounts: list[float]) -> None:
    cents = round_to_sum(to_cents(math.fsum(amounts)), amounts)

    assert all(abs(cent - amount * 100) <= 1.001 for cent, amount in zip(cents, amounts, strict=True))
