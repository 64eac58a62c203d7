"""Houses of which little is known: what is assumed, what is credited, and how wide the interval is."""

from collections.abc import Callable
from typing import Any

import pytest
from house_record import COLUMNS, FEATURES, House, example_house, minimal_document, model_row
from housing_price_model.data import Sales
from housing_price_model.inference import CompiledModel

pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

REQUIRED = {feature.column for feature in FEATURES if feature.required}


@pytest.fixture(scope="module", params=["default", "random-forest"])
def model(request: pytest.FixtureRequest, compiled_from: Callable[[str, Sales], CompiledModel], sample: Sales) -> Any:
    return compiled_from(request.param, sample)


@pytest.fixture(scope="module")
def blend(compiled_from: Callable[[str, Sales], CompiledModel], sample: Sales) -> CompiledModel:
    return compiled_from("default", sample)


def record_of(compiled: CompiledModel, house: House, **changes: Any) -> dict[str, Any]:
    row = [changes.get(column, value) for column, value in zip(COLUMNS, model_row(house), strict=True)]
    (record,) = compiled.predict(COLUMNS, [row], {"explain": True})
    assert isinstance(record, dict)
    return record


def minimal_house() -> House:
    return House.model_validate(minimal_document())


def test_assumes_a_value_for_each_field_that_was_not_given(model: CompiledModel) -> None:
    assumed = record_of(model, minimal_house(), YrSold=2010.0, MoSold=6.0)["assumed"]

    assert not assumed.keys() & REQUIRED
    used = assumed.keys() | REQUIRED | {"MoSold", "YrSold", "GarageYrBlt"}
    assert used >= {"TotalBsmtSF", "FullBath", "KitchenQual", "CentralAir", "SaleCondition"}
    assert all(value is not None for value in assumed.values())


def test_assumes_codes_and_whole_numbers_that_the_record_takes(model: CompiledModel) -> None:
    assumed = record_of(model, minimal_house(), YrSold=2010.0, MoSold=6.0)["assumed"]

    for feature in FEATURES:
        value = assumed.get(feature.column)
        if isinstance(value, float):
            assert value.is_integer()
            assert not feature.codes or int(value) in feature.codes
        elif value is not None:
            assert value in {str(code) for code in feature.codes} | ({"NA"} if feature.absence else set())


def test_assumes_nothing_of_a_complete_house(model: CompiledModel) -> None:
    assert "assumed" not in record_of(model, example_house(), LotFrontage=80.0, MasVnrType="None")


def test_the_year_of_a_garage_that_there_is_not_is_not_assumed(blend: CompiledModel) -> None:
    without = {"GarageType": "NA", "GarageYrBlt": None}

    assert "GarageYrBlt" not in record_of(blend, example_house(), MasVnrType=None, **without)["assumed"]
    assert "GarageYrBlt" in record_of(blend, example_house(), GarageYrBlt=None)["assumed"]


def test_explanations_credit_only_what_was_told(model: CompiledModel) -> None:
    record = record_of(model, minimal_house(), YrSold=2010.0, MoSold=6.0)
    explanation = record["explanation"]

    assert explanation["contributions"].keys() <= REQUIRED | {"MoSold", "YrSold"}
    total = explanation["baseline"] + sum(explanation["contributions"].values())
    assert total == pytest.approx(record["price"], abs=0.001)


def test_the_interval_is_wider_the_less_is_known(blend: CompiledModel) -> None:
    def width(record: dict[str, Any]) -> float:
        return float((record["upper"] - record["lower"]) / record["price"])

    few = record_of(blend, minimal_house(), YrSold=2010.0, MoSold=6.0)

    assert width(few) > 1.1 * width(record_of(blend, example_house()))


def test_what_is_assumed_follows_what_is_told(blend: CompiledModel) -> None:
    def places(quality: int, area: int) -> float:
        house = House.model_validate(minimal_document() | {"overallQual": quality, "grLivArea": area})
        return float(record_of(blend, house, YrSold=2010.0, MoSold=6.0)["assumed"]["TotalBsmtSF"])

    assert places(quality=9, area=2400) > places(quality=4, area=900)
