"""Recipes: what they build, which prices they give, and that nulls and codes of any kind are priced."""

import re
from collections.abc import Callable
from importlib.metadata import entry_points

import numpy as np
import pandas as pd
import pytest
import skops.io
from house_record import AMES, FEATURES, NONE_COLUMNS, House, example_document, example_house
from housing_price_model.data import Sales, make_rows
from housing_price_model.errors import TrainingError
from housing_price_model.recipes import RECIPE_NAMES, Estimator, find_recipe
from housing_price_model.recipes.random_forest import find_mostly_missing_columns
from housing_price_model.training.train import TrainedModel
from sklearn.model_selection import train_test_split

TUTORIALS_PRICE = 128528.33
MOSTLY_MISSING = ["Alley", "MasVnrType", "FireplaceQu", "PoolQC", "Fence", "MiscFeature"]
NONE_NAMES = [feature.name for feature in FEATURES if feature.column in NONE_COLUMNS]
TEXT_COLUMNS = [feature.column for feature in FEATURES if feature.kind == "text"]


@pytest.fixture(scope="module", params=RECIPE_NAMES)
def trained(
    request: pytest.FixtureRequest, sample: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]
) -> TrainedModel:
    return quickly_trained(request.param, sample)


@pytest.fixture
def estimator(trained: TrainedModel) -> Estimator:
    return trained.estimator


def test_random_forest_prices_the_tutorials_house_as_the_tutorial_does(real_sales: Sales) -> None:
    seen, _ = train_test_split(np.arange(len(real_sales)), test_size=0.2, random_state=42)
    forest = find_recipe("random-forest").build(real_sales)
    fitted = forest.fit(real_sales.rows_at(seen), real_sales.prices.iloc[seen])

    price = fitted.predict(make_rows(AMES, [example_house()]))[0]

    assert round(price, 2) == TUTORIALS_PRICE


def test_random_forest_leaves_out_the_columns_that_are_mostly_missing(sample: Sales) -> None:
    assert find_mostly_missing_columns(sample.frame) == MOSTLY_MISSING


def test_random_forest_leaves_out_the_tutorials_columns(real_sales: Sales) -> None:
    assert find_mostly_missing_columns(real_sales.frame) == MOSTLY_MISSING


def test_the_text_none_counts_as_missing_for_random_forest() -> None:
    frame = pd.DataFrame({"MasVnrType": ["None", None, "Stone"], "Street": ["Pave", "Pave", "Pave"]}, dtype="str")

    assert find_mostly_missing_columns(frame) == ["MasVnrType"]


def test_the_default_recipe_takes_the_code_none_for_a_code(
    sample: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]
) -> None:
    trained = quickly_trained("default", sample)
    encode = trained.recipe.compile(trained.estimator).encode
    houses = [example_house(mas_vnr_type="None"), example_house(mas_vnr_type="BrkFace")]

    encoded = encode(make_rows(AMES, houses))

    assert (encoded[0] != encoded[1]).sum() == 2


def test_none_and_nan_are_the_same_null(sample: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]) -> None:
    trained = quickly_trained("random-forest", sample)
    pipeline = trained.recipe.compile(trained.estimator).pipeline
    with_nan = sample.frame
    texts = with_nan[TEXT_COLUMNS].astype(object)
    with_none = with_nan.assign(**texts.where(texts.notna(), None))
    assert any(value is None for value in with_none["MasVnrType"])

    np.testing.assert_array_equal(pipeline.predict(with_none), pipeline.predict(with_nan))


def test_the_tutorials_forest_takes_none_for_unknown(
    sample: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]
) -> None:
    forest = quickly_trained("random-forest", sample).estimator
    (none,) = make_rows(AMES, [example_house(**dict.fromkeys(NONE_NAMES))])
    unknown = tuple(None if value == "NA" else value for value in none)

    assert none.count("NA") == len(NONE_NAMES)
    assert forest.predict([none]) == forest.predict([unknown])


def test_every_code_of_the_dictionary_is_priced(estimator: Estimator) -> None:
    houses = [
        example_house(**{feature.name: code}) for feature in FEATURES for code in [*feature.codes, *feature.spellings]
    ]

    prices = estimator.predict(make_rows(AMES, houses))

    assert np.isfinite(prices).all()
    assert (prices > 0).all()


def test_a_house_with_nothing_but_its_required_fields_is_priced(estimator: Estimator) -> None:
    required = {field.wire_name for field in FEATURES if field.required} | {"id"}
    house = House.model_validate({name: value for name, value in example_document().items() if name in required})

    assert estimator.predict(make_rows(AMES, [house]))[0] > 0


def test_the_same_sales_and_recipe_give_the_same_prices_twice(trained: TrainedModel, sample: Sales) -> None:
    again = trained.recipe.build(sample).fit(sample.rows, sample.prices)

    np.testing.assert_array_equal(again.predict(sample.rows).round(2), trained.estimator.predict(sample.rows).round(2))


def test_the_recipe_trusts_exactly_the_types_of_its_pipeline(trained: TrainedModel) -> None:
    if trained.recipe.trusted_types is None:
        pytest.skip("its estimator is not stored")
    pipeline = trained.recipe.compile(trained.estimator).pipeline
    needed = skops.io.get_untrusted_types(data=skops.io.dumps(pipeline))

    assert set(trained.recipe.trusted_types) == set(needed)


def test_an_estimator_predicts_in_one_thread(estimator: Estimator) -> None:
    threads = re.findall(r"n_jobs=(-?\d+)", repr(estimator))

    assert threads == []


def test_reports_an_unknown_recipe_with_the_known_names() -> None:
    with pytest.raises(TrainingError, match="no recipe 'forest': choose one of default, random-forest"):
        find_recipe("forest")


def test_others_know_the_recipes_by_their_entry_points() -> None:
    offered = entry_points(group="housing_price_model.recipes")

    assert offered.names == set(RECIPE_NAMES)
    assert all(entry.load() is find_recipe(entry.name) for entry in offered)
