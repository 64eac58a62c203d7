"""The generated sample: a published data set, so every change of it must be meant."""

import math

import numpy as np
import pandas as pd
import pytest
from house_record import AMES, FEATURES, FIELDS, House, Value, find_implausibilities
from housing_price_model.data import Sales, load_sales
from housing_price_model.data.sample.draws import Draws

SHA256 = "1097176995a809d4f68d02ff88482ba4176d9affa7d6a2362c8dc4a4b340ead9"


@pytest.fixture(scope="module")
def sample() -> Sales:
    return load_sales("sample", AMES)


def houses_of(sales: Sales) -> list[House]:
    whole = {field.name for field in FIELDS if field.python_type is int}

    def value(name: str, cell: Value) -> Value:
        return None if pd.isna(cell) else int(cell) if name in whole else cell

    names = [field.name for field in FIELDS]
    rows = zip(sales.ids, *(sales.frame[column] for column in sales.frame), strict=True)
    return [
        House.model_validate({name: value(name, cell) for name, cell in zip(names, row, strict=True)}) for row in rows
    ]


def test_the_sample_never_changes_by_accident(sample: Sales) -> None:
    assert sample.sha256 == SHA256


def test_the_sample_says_that_it_is_generated(sample: Sales) -> None:
    assert (sample.source, sample.is_generated, len(sample)) == ("sample", True, 1460)
    assert sample.ids.tolist() == list(range(1, 1461))


def test_every_code_of_every_vocabulary_occurs(sample: Sales) -> None:
    missing = {
        feature.column: absent
        for feature in FEATURES
        if (absent := set(feature.codes) - set(sample.frame[feature.column].dropna()))
    }

    assert missing == {}


@pytest.mark.parametrize(
    ("column", "share"),
    [("Alley", 0.93), ("PoolQC", 0.99), ("MiscFeature", 0.96), ("Fence", 0.8), ("FireplaceQu", 0.47),
     ("GarageType", 0.055), ("BsmtQual", 0.025)],
)  # fmt: skip
def test_houses_lack_things_as_often_as_in_the_world(column: str, share: float, sample: Sales) -> None:
    assert (sample.frame[column] == "NA").mean() == pytest.approx(share, abs=0.02)
    assert not sample.frame[column].isna().any()


@pytest.mark.parametrize(("column", "share"), [("LotFrontage", 0.18), ("MasVnrType", 0.006)])
def test_values_are_unknown_as_often_as_in_the_world(column: str, share: float, sample: Sales) -> None:
    assert sample.frame[column].isna().mean() == pytest.approx(share, abs=0.02)


def test_one_wiring_is_unknown(sample: Sales) -> None:
    assert sample.frame["Electrical"].isna().sum() == 1


def test_the_same_six_columns_are_mostly_null_as_in_reality(
    sample: Sales,
) -> None:
    null_share = (sample.frame.isna() | sample.frame.isin(["NA", "None"])).mean()

    mostly_null = set(null_share.index[null_share > 0.3])

    assert mostly_null == {"Alley", "MasVnrType", "FireplaceQu", "PoolQC", "Fence", "MiscFeature"}


def test_its_houses_are_consistent(sample: Sales) -> None:
    warnings = [found.code for house in houses_of(sample) for found in find_implausibilities(house)]

    assert warnings == []


def test_its_prices_look_like_a_market(sample: Sales) -> None:
    assert sample.prices.between(35_000, 750_000).all()
    assert sample.prices.median() == pytest.approx(163_000, rel=0.03)
    assert np.log(sample.prices).std() == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize(
    ("column", "least"),
    [("OverallQual", 0.7), ("GrLivArea", 0.6), ("YearBuilt", 0.4), ("TotalBsmtSF", 0.4), ("GarageArea", 0.5)],
)
def test_prices_follow_what_they_follow_in_the_world(column: str, least: float, sample: Sales) -> None:
    assert sample.prices.map(math.log).corr(sample.frame[column]) > least


def test_an_address_is_worth_something(sample: Sales) -> None:
    median = sample.prices.groupby(sample.frame["Neighborhood"]).median()

    assert median["NridgHt"] > 2 * median["MeadowV"]


def test_codes_are_drawn_in_just_their_shares() -> None:
    draws = Draws(seed=1, size=1000)

    codes = draws.codes({"often": 0.9, "seldom": 0.099, "once": 0.001})

    assert {code: int((codes == code).sum()) for code in ("often", "seldom", "once")} == {
        "often": 900,
        "seldom": 99,
        "once": 1,
    }


def test_better_scores_get_later_codes_and_none_is_drawn_elsewhere() -> None:
    draws = Draws(seed=1, size=5)
    scores = np.array([3.0, 1.0, 9.0, 2.0, 4.0])

    codes = draws.grade(scores, {"low": 1, "high": 1}, where=scores < 9)

    assert codes.tolist() == ["high", "low", None, "low", "high"]
