"""What a null, an unknown code and a number beyond the sales mean to the blend."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from house_record import AMES, COLUMNS, FEATURES, NONE_COLUMNS, Feature, Value, example_house
from housing_price_model.data import Sales, make_rows
from housing_price_model.inference import Encoder
from housing_price_model.recipes.blend.features import FORMULAS, GROUPS, LEVELS, make_design
from housing_price_model.recipes.blend.parameters import BlendSettings, default_settings
from pydantic import ValidationError

WITH_NONE = [feature for feature in FEATURES if feature.column in NONE_COLUMNS]


@pytest.fixture(scope="module")
def encode(sample: Sales) -> Encoder:
    return Encoder(make_design(AMES.features, sample.rows, default_settings().limits).encoding)


def same(encode: Encoder, left: dict[str, Any], right: dict[str, Any]) -> bool:
    first, second = encode.encode(make_rows(AMES, [example_house(**left), example_house(**right)]))
    return bool(np.array_equal(first, second))


@pytest.mark.parametrize(
    ("absent", "meaning"),
    [
        ({"pool_area": None}, {"pool_area": 0}),
        ({"garage_cars": None}, {"garage_cars": 2}),
        ({"central_air": None}, {"central_air": "Y"}),
        ({"sale_type": None}, {"sale_type": "WD"}),
        ({"sale_condition": None}, {"sale_condition": "Normal"}),
        ({"functional": None}, {"functional": "Typ"}),
    ],
)
def test_an_unknown_value_becomes_the_usual_one(
    encode: Encoder, absent: dict[str, Any], meaning: dict[str, Any]
) -> None:
    assert same(encode, absent, meaning)


@pytest.mark.parametrize("feature", WITH_NONE, ids=lambda feature: feature.name)
def test_an_unknown_code_is_the_usual_one_and_not_none(encode: Encoder, sample: Sales, feature: Feature) -> None:
    place = COLUMNS.index(feature.column)
    (row,) = make_rows(AMES, [example_house()])
    usual = Counter(row[place] for row in sample.rows).most_common(1)[0][0]
    codes: list[Value] = [None, "NA", *feature.codes]

    unknown, none, *others = encode.encode([(*row[:place], code, *row[place + 1 :]) for code in codes])

    assert not any(np.array_equal(none, other) for other in others)
    if feature.column not in LEVELS:
        assert np.array_equal(unknown, [none, *others][codes.index(usual) - 1])


@pytest.mark.parametrize("field", ["garage_type", "fence", "alley", "bsmt_qual", "pool_qc"])
def test_none_is_like_no_other_code(encode: Encoder, field: str) -> None:
    codes = next(feature.codes for feature in FEATURES if feature.name == field)

    assert not any(same(encode, {field: None}, {field: code}) for code in codes)


def test_numbers_beyond_the_limits_count_as_the_limit(encode: Encoder) -> None:
    assert same(encode, {"gr_liv_area": 3000}, {"gr_liv_area": 9800})
    assert not same(encode, {"gr_liv_area": 2000}, {"gr_liv_area": 2001})


def test_every_feature_is_in_a_group_or_left_to_trees() -> None:
    in_formulas = {column for terms, _ in FORMULAS.values() for column in terms}
    in_groups = {name for group in GROUPS.values() for name in group} & {feature.column for feature in FEATURES}

    unused = {feature.column for feature in FEATURES} - in_formulas - in_groups

    assert unused == {"MiscVal", "PoolQC", "LotFrontage", "GarageYrBlt", "KitchenAbvGr"}


def test_levels_are_of_codes_that_there_are() -> None:
    codes = {feature.column: set(map(str, feature.codes)) for feature in FEATURES}

    assert all(set(levels) == codes[column] for column, levels in LEVELS.items())


def test_settings_without_a_group_are_refused() -> None:
    document = default_settings().model_dump()
    del document["process"]["groups"]["lot"]

    with pytest.raises(ValidationError, match="the groups are living area, quality"):
        BlendSettings.model_validate(document)
