"""How often prices move in the wrong direction after a change, for price functions whose answer is known."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from housing_price_model.evaluation.monotonicity import Answers, ask_what_ifs, name_metrics

BASEMENT = ("BsmtQual", "BsmtCond")
WORTH = {"Po": 1.0, "Fa": 2.0, "TA": 3.0, "Gd": 4.0, "Ex": 5.0}


@pytest.fixture
def houses() -> pd.DataFrame:
    """An ordinary house, and one with the best of everything that it has: no basement, fence or garage."""
    return pd.DataFrame(
        {
            "GrLivArea": [1_000.0, 2_000.0],
            "1stFlrSF": [1_000.0, 500.0],
            "LotArea": [8_000.0, 9_000.0],
            "OverallQual": [5.0, 10.0],
            "OverallCond": [5.0, 10.0],
            "YearBuilt": [1961.0, 2008.0],
            **{column: ["TA", "Ex"] for column in ("ExterQual", "ExterCond", "KitchenQual", "HeatingQC")},
            **{column: ["TA", "NA"] for column in BASEMENT},
            "HalfBath": [1.0, 0.0],
            "FullBath": [1.0, 2.0],
            "Fence": ["MnPrv", "NA"],
            "Condition1": ["Norm", "Feedr"],
            "GarageType": ["Attchd", "NA"],
            "GarageYrBlt": [1961.0, None],
            "GarageFinish": ["Fin", "NA"],
            "GarageCars": [2.0, 0.0],
            "GarageArea": [480.0, 0.0],
            "GarageQual": ["TA", "NA"],
            "GarageCond": ["TA", "NA"],
            "BedroomAbvGr": [2.0, 3.0],
            "KitchenAbvGr": [1.0, 1.0],
            "Electrical": ["SBrkr", "FuseF"],
        },
        index=[7, 8],
    )


@pytest.fixture
def changed(houses: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The houses that each what-if applies to, after it."""
    calls: list[pd.DataFrame] = []

    def price(frame: pd.DataFrame) -> "pd.Series[float]":
        calls.append(frame)
        return frame["LotArea"]

    answers = ask_what_ifs(price, houses)

    return dict(zip([one.name for one in answers if one.cases], calls[1:], strict=True))


def differences(houses: pd.DataFrame, after: pd.DataFrame) -> dict[str, object]:
    """What differs in the only house that was changed."""
    (house,) = after.index
    differs: dict[str, object] = after.loc[house].compare(houses.loc[house])["self"].to_dict()
    return differs


def find(answers: list[Answers], name: str) -> Answers:
    (found,) = [one for one in answers if one.name == name]
    return found


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        ("overall quality", {"OverallQual": 6.0}),
        ("overall condition", {"OverallCond": 6.0}),
        ("exterior quality", {"ExterQual": "Gd"}),
        ("exterior condition", {"ExterCond": "Gd"}),
        ("kitchen quality", {"KitchenQual": "Gd"}),
        ("basement height", {"BsmtQual": "Gd"}),
        ("basement condition", {"BsmtCond": "Gd"}),
        ("heating quality", {"HeatingQC": "Gd"}),
        ("full for half bath", {"HalfBath": 0.0, "FullBath": 2.0}),
        ("fence MnPrv", {"Fence": "MnPrv"}),
        ("fence GdPrv", {"Fence": "GdPrv"}),
        ("feature PosN", {"Condition1": "PosN"}),
        ("feature PosA", {"Condition1": "PosA"}),
        ("electrical FuseA", {"Electrical": "FuseA"}),
        ("electrical FuseF", {"Electrical": "FuseF"}),
        ("electrical FuseP", {"Electrical": "FuseP"}),
    ],
)
def test_changes_only_houses_that_can_have_more(
    houses: pd.DataFrame, changed: dict[str, pd.DataFrame], name: str, differs: dict[str, object]
) -> None:
    assert differences(houses, changed[name]) == differs


def test_a_first_garage_is_built_with_the_house(houses: pd.DataFrame, changed: dict[str, pd.DataFrame]) -> None:
    assert differences(houses, changed["first garage place"]) == {
        "GarageType": "Detchd",
        "GarageYrBlt": 2008.0,
        "GarageFinish": "Unf",
        "GarageCars": 1.0,
        "GarageArea": 250.0,
        "GarageQual": "TA",
        "GarageCond": "TA",
    }


@pytest.mark.parametrize(("name", "column"), [("bedroom", "BedroomAbvGr"), ("kitchen", "KitchenAbvGr")])
def test_every_house_gets_a_room_more(
    houses: pd.DataFrame, changed: dict[str, pd.DataFrame], name: str, column: str
) -> None:
    assert (changed[name][column] - houses[column]).tolist() == [1.0, 1.0]


def test_the_ground_floor_grows_with_the_living_area(changed: dict[str, pd.DataFrame]) -> None:
    after = changed["living area"]

    assert after["GrLivArea"].tolist() == pytest.approx([1_100.0, 2_200.0])
    assert (after["GrLivArea"] - after["1stFlrSF"]).tolist() == pytest.approx([0.0, 1_500.0])


def test_a_price_that_rises_with_grades_is_never_wrong(houses: pd.DataFrame) -> None:
    answers = ask_what_ifs(lambda frame: 100 + frame["ExterCond"].map(WORTH), houses)

    assert {one.wrong for one in answers} == {0}


def test_a_price_that_falls_with_a_grade_is_wrong_there(houses: pd.DataFrame) -> None:
    answers = ask_what_ifs(lambda frame: 100 - frame["ExterCond"].map(WORTH), houses)

    assert [one for one in answers if one.wrong] == [Answers("exterior condition", wrong=1, cases=1)]
    assert name_metrics(answers)["wrong_direction_exterior_condition"] == 1.0
    assert name_metrics(answers)["wrong_direction_fence_gdprv"] == 0.0


def test_worse_electricity_may_lower_a_price_and_not_raise_it(houses: pd.DataFrame) -> None:
    def price(fuses: float) -> Callable[[pd.DataFrame], object]:
        return lambda frame: np.where(frame["Electrical"] == "FuseP", fuses, 100.0)

    assert find(ask_what_ifs(price(90.0), houses), "electrical FuseP").wrong == 0  # type: ignore[arg-type]
    assert find(ask_what_ifs(price(110.0), houses), "electrical FuseP").wrong == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(("fall", "wrong"), [(0.0009, 0), (0.0011, 2)])
def test_a_fall_of_a_thousandth_is_noise(houses: pd.DataFrame, fall: float, wrong: int) -> None:
    def price(frame: pd.DataFrame) -> "pd.Series[float]":
        return 100_000 * (1 - fall * (frame["LotArea"] > houses["LotArea"].reindex(frame.index)))

    assert find(ask_what_ifs(price, houses), "lot area").wrong == wrong


def test_a_price_that_is_no_number_is_wrong(houses: pd.DataFrame) -> None:
    answers = ask_what_ifs(lambda frame: np.full(len(frame), np.nan), houses)

    assert {one.share for one in answers} == {1.0}


def test_a_what_if_of_no_house_is_not_priced(houses: pd.DataFrame) -> None:
    answers = ask_what_ifs(lambda frame: frame["LotArea"], houses.loc[[7]])

    assert find(answers, "first garage place") == Answers("first garage place", wrong=0, cases=0)
    assert find(answers, "first garage place").share == 0.0
