"""How often prices fall after a step up, for price functions whose answer is known."""

import numpy as np
import pandas as pd
import pytest
from housing_price_model.evaluation.monotonicity import StepFalls, count_falls, share_of_falls


@pytest.fixture
def houses() -> pd.DataFrame:
    """The second has the best quality already."""
    return pd.DataFrame(
        {
            "GrLivArea": [1_000.0, 2_000.0],
            "1stFlrSF": [1_000.0, 500.0],
            "OverallQual": [5.0, 10.0],
            "LotArea": [8_000.0, 9_000.0],
        }
    )


def test_a_price_that_rises_with_everything_never_falls(houses: pd.DataFrame) -> None:
    steps = count_falls(lambda frame: frame.sum(axis="columns"), houses)

    assert steps == [StepFalls("living area", 0, 2), StepFalls("quality", 0, 1), StepFalls("lot area", 0, 2)]


def test_falls_are_counted_step_by_step(houses: pd.DataFrame) -> None:
    steps = count_falls(lambda frame: 1e6 / frame["LotArea"], houses)

    assert [step.falls for step in steps] == [0, 0, 2]
    assert share_of_falls(steps) == 2 / 5


def test_the_ground_floor_grows_with_the_living_area(houses: pd.DataFrame) -> None:
    upstairs: list[list[float]] = []

    def price(frame: pd.DataFrame) -> "pd.Series[float]":
        upstairs.append(list(frame["GrLivArea"] - frame["1stFlrSF"]))
        return frame["LotArea"]

    count_falls(price, houses)

    assert upstairs[1] == [0.0, 1_500.0]


@pytest.mark.parametrize(("fall", "counted"), [(0.0009, 0), (0.0011, 2)])
def test_a_fall_of_a_thousandth_is_noise(houses: pd.DataFrame, fall: float, counted: int) -> None:
    def price(frame: pd.DataFrame) -> "pd.Series[float]":
        return 100_000 * (1 - fall * (frame["LotArea"] > houses["LotArea"].reindex(frame.index)))

    assert count_falls(price, houses)[2].falls == counted


def test_a_price_that_is_no_number_counts_as_a_fall(houses: pd.DataFrame) -> None:
    steps = count_falls(lambda frame: np.full(len(frame), np.nan), houses)

    assert share_of_falls(steps) == 1.0


def test_each_step_is_one_call(houses: pd.DataFrame) -> None:
    calls: list[int] = []

    def price(frame: pd.DataFrame) -> "pd.Series[float]":
        calls.append(len(frame))
        return frame["LotArea"]

    count_falls(price, houses)

    assert calls == [2, 2, 1, 2]
