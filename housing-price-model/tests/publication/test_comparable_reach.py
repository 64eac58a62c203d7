"""The distance beyond which the nearest sales say no more about a price than the neighbourhood does."""

import numpy as np
import pytest
from housing_price_model.publication import comparable_reach
from housing_price_model.publication.comparable_reach import find_reach
from numpy.typing import NDArray

COUNT = 400


@pytest.fixture
def places() -> NDArray[np.float64]:
    return np.random.default_rng(0).uniform(0, 10, COUNT)


def test_the_reach_is_where_the_slope_of_prices_outweighs_their_spread(places: NDArray[np.float64]) -> None:
    """Log prices fall by ``slope`` for each step away, and vary by 0.5 within the one neighbourhood."""
    rising = np.exp(12 + 0.5 * np.sin(places))

    reach = find_reach(places[:, None], rising, ["A"] * COUNT)

    assert reach is not None
    assert 0.5 < reach < 2.5


def test_the_reach_grows_with_the_scale_of_the_distance(places: NDArray[np.float64]) -> None:
    prices = np.exp(12 + 0.5 * np.sin(places))

    once, twice = (find_reach(scale * places[:, None], prices, ["A"] * COUNT) for scale in (1.0, 2.0))

    assert once is not None
    assert twice == pytest.approx(2 * once)


def test_neighbourhoods_that_say_all_leave_no_reach(places: NDArray[np.float64]) -> None:
    neighbourhoods = [int(place) for place in places]
    prices = np.exp(12 + np.random.default_rng(1).permutation(10)[neighbourhoods])

    reach = find_reach(places[:, None], prices, neighbourhoods)

    assert reach == 0.0


def test_few_sales_have_no_reach() -> None:
    assert find_reach(np.zeros((4, 1)), np.full(4, 100.0), ["A"] * 4) is None


def test_some_of_many_sales_stand_for_all(places: NDArray[np.float64], monkeypatch: pytest.MonkeyPatch) -> None:
    prices = np.exp(12 + 0.5 * np.sin(places))
    exact = find_reach(places[:, None], prices, ["A"] * COUNT)

    monkeypatch.setattr(comparable_reach, "MOST_ASKED", COUNT // 2)

    assert find_reach(places[:, None], prices, ["A"] * COUNT) == pytest.approx(exact, rel=0.2)


def test_a_sale_alone_in_its_neighbourhood_is_compared_with_all(places: NDArray[np.float64]) -> None:
    prices = np.exp(12 + 0.5 * np.sin(places))

    assert find_reach(places[:, None], prices, list(range(COUNT))) is not None
