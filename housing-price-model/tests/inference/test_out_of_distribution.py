"""Houses unlike the sales are told, with the reason; honest sales are not."""

from collections.abc import Callable
from typing import Any

import pytest
from house_record import AMES, COLUMNS, FEATURES, example_house, model_row
from house_record.price import PriceOptions, ValuationDate, make_price_document, prepare_house
from housing_price_model.data import Sales
from housing_price_model.inference import CompiledModel

pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")


@pytest.fixture(scope="module")
def model(compiled_from: Callable[[str, Sales], CompiledModel], sample: Sales) -> CompiledModel:
    return compiled_from("default", sample)


def record_of(compiled: CompiledModel, **changes: Any) -> dict[str, Any]:
    row = [changes.get(column, value) for column, value in zip(COLUMNS, model_row(example_house()), strict=True)]
    (record,) = compiled.predict(COLUMNS, [row])
    assert isinstance(record, dict)
    return record


def reasons(compiled: CompiledModel, **changes: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record_of(compiled, **changes).get("outside", [])
    return found


def test_an_ordinary_house_has_no_reason(model: CompiledModel, sample: Sales) -> None:
    (record,) = model.predict(COLUMNS, sample.rows[:1])

    assert isinstance(record, dict)
    assert "outside" not in record


def test_reports_a_number_beyond_the_sales_with_their_range(compiled: CompiledModel, few_sales: Sales) -> None:
    told = [reason for reason in reasons(compiled, GrLivArea=9800.0) if reason["code"] == "BEYOND_TRAINING_RANGE"]

    areas = few_sales.frame["GrLivArea"]
    assert {
        "code": "BEYOND_TRAINING_RANGE",
        "columns": ["GrLivArea"],
        "value": 9800.0,
        "low": areas.min(),
        "high": areas.max(),
    } in told


@pytest.mark.parametrize("code", ["no such code", "x" * 500])
def test_a_code_of_no_sale_is_told(compiled: CompiledModel, code: str) -> None:
    told = {"code": "UNSEEN_CODE", "columns": ["Neighborhood"], "value": code[:100]}

    assert told in reasons(compiled, Neighborhood=code)


def test_none_is_a_code_and_unknown_is_no_reason(
    compiled_from: Callable[[str, Sales], CompiledModel], few_sales: Sales
) -> None:
    place = COLUMNS.index("GarageType")
    with_garage = few_sales.take([index for index, row in enumerate(few_sales.rows) if row[place] != "NA"])
    compiled = compiled_from("default", with_garage)

    assert {"code": "UNSEEN_CODE", "columns": ["GarageType"], "value": "NA"} in reasons(compiled, GarageType="NA")
    assert "UNSEEN_CODE" not in [reason["code"] for reason in reasons(compiled, GarageType=None)]


def unseen_code(sales: Sales, column: str) -> Any:
    """A code of the vocabulary that none of the sales has."""
    codes = next(feature.codes for feature in FEATURES if feature.column == column)
    return sorted(set(codes) - set(sales.frame[column]), key=str)[0]


def test_a_number_that_is_a_code_is_told_as_one(default_model: CompiledModel, few_sales: Sales) -> None:
    code = float(unseen_code(few_sales, "MSSubClass"))

    assert {"code": "UNSEEN_CODE", "columns": ["MSSubClass"], "value": code} in reasons(default_model, MSSubClass=code)


def test_what_is_absent_is_no_reason(compiled: CompiledModel) -> None:
    before = {reason["columns"][0] for reason in reasons(compiled) if reason["code"] != "UNUSUAL_COMBINATION"}
    absent = reasons(compiled, **{feature.column: None for feature in FEATURES if not feature.required})

    assert {reason["columns"][0] for reason in absent if reason["code"] != "UNUSUAL_COMBINATION"} <= before


def test_values_that_are_usual_alone_but_not_together_are_told(model: CompiledModel, sample: Sales) -> None:
    areas = sample.frame["GrLivArea"]
    changes = {"GrLivArea": float(areas.quantile(0.995)), "OverallQual": 2.0, "TotRmsAbvGrd": 3.0, "FullBath": 1.0}

    reason, *_ = [reason for reason in reasons(model, **changes) if reason["code"] == "UNUSUAL_COMBINATION"]

    assert 2 <= len(reason["columns"]) <= 3
    assert set(reason["columns"]) & set(changes)
    assert reason["distance"] > reason["limit"]


def test_a_ratio_beyond_the_sales_is_told(model: CompiledModel) -> None:
    found = reasons(model, BedroomAbvGr=6.0, TotRmsAbvGrd=3.0)

    assert ["BedroomAbvGr", "TotRmsAbvGrd"] in [reason["columns"] for reason in found]


def test_a_date_after_the_sales_is_told_by_their_last_year_and_is_no_reason(
    model: CompiledModel, sample: Sales
) -> None:
    last = int(sample.frame["YrSold"].max())

    assert record_of(model, YrSold=2026.0, MoSold=12.0)["last_sale_year"] == last
    assert reasons(model, YrSold=2026.0, MoSold=12.0) == reasons(model, YrSold=float(last), MoSold=12.0) == []
    assert "last_sale_year" not in record_of(model, YrSold=float(last), MoSold=12.0)
    assert "last_sale_year" not in record_of(model, YrSold=None, MoSold=None)


@pytest.mark.parametrize("column", ["YearBuilt", "YearRemodAdd", "GarageYrBlt"])
def test_a_year_before_a_late_sale_is_no_reason_and_one_after_it_is(model: CompiledModel, column: str) -> None:
    years = {"YearBuilt": 2009.0, "YearRemodAdd": 2009.0, "GarageYrBlt": 2009.0, "YrSold": 2026.0}

    assert not [reason for reason in reasons(model, **years | {column: 2020.0}) if column in reason["columns"]]
    (reason,) = [reason for reason in reasons(model, **years | {column: 2027.0}) if column in reason["columns"]]
    assert reason["code"] == "BEYOND_TRAINING_RANGE"


def test_a_date_before_the_sales_is_told_by_their_first_year_and_is_no_reason(
    model: CompiledModel, sample: Sales
) -> None:
    assert record_of(model, YrSold=1990.0)["first_sale_year"] == sample.frame["YrSold"].min()
    assert reasons(model, YrSold=1990.0, YearBuilt=1980.0) == []


def test_a_house_built_after_the_sales_has_the_price_of_one_built_at_their_end(
    model: CompiledModel, sample: Sales
) -> None:
    last = float(sample.frame["YearBuilt"].max())
    sold = float(sample.frame["YrSold"].max())
    built_later = dict.fromkeys(("YearBuilt", "YearRemodAdd", "GarageYrBlt"), 2020.0)

    (later, then) = (
        record_of(model, **years)["price"]
        for years in (
            built_later | {"YrSold": 2026.0},
            dict.fromkeys(built_later, last) | {"YrSold": sold},
        )
    )

    assert later == pytest.approx(then, rel=0.02)


def test_the_answer_to_people_takes_every_part(default_model: CompiledModel, few_sales: Sales) -> None:
    house = example_house(gr_liv_area=9800, neighborhood=unseen_code(few_sales, "Neighborhood"))
    options = PriceOptions(explain=True, comparables=2)

    (record,) = default_model.predict(COLUMNS, [model_row(house)], options.params)
    document = make_price_document(prepare_house(AMES, house, ValuationDate(2026, 12)), record, options)

    assert document["outOfDistribution"]
    assert {"BEYOND_TRAINING_RANGE", "UNSEEN_CODE"} <= {warning.code for warning in document["warnings"]}
    assert len(document["comparables"]) == 2
