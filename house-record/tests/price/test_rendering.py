"""From a model's output to the document of a price."""

import json
import math
from typing import Any

import pytest
from house_record import AMES, example_house
from house_record.price import (
    BatchPrices,
    OptionNotOffered,
    PreparedHouse,
    PriceOptions,
    SinglePrice,
    UnusableOutput,
    ValuationDate,
    make_price_document,
    prepare_house,
    render_batch_prices,
    render_single_price,
)
from house_record.price.documents import EXAMPLE_PRICE

EVERYTHING = PriceOptions(coverage=0.9, explain=True, comparables=1)
KEYS = [
    *("id", "predictedPrice", "pricedAsOf", "predictionInterval"),
    *("outOfDistribution", "warnings", "assumed", "explanation", "comparables"),
]


def test_a_number_is_a_price_and_nothing_more(house: PreparedHouse) -> None:
    assert make_price_document(house, 128_528.334) == {
        "id": 1461,
        "predictedPrice": 128_528.33,
        "pricedAsOf": "2010-06",
        "warnings": [],
    }


def test_a_record_with_only_a_price_equals_a_number(house: PreparedHouse) -> None:
    nulls: dict[str, object] = {
        "price": 1000,
        "lower": None,
        "upper": None,
        "coverage": None,
        "outside": [],
        "explanation": None,
    }

    assert (
        make_price_document(house, {"price": 1000})
        == make_price_document(house, nulls)
        == make_price_document(house, 1000.0)
    )


def test_the_interval_is_default_and_the_rest_on_request(house: PreparedHouse, record: dict[str, Any]) -> None:
    unasked = make_price_document(house, record)

    assert list(unasked) == KEYS[:6]
    assert unasked["predictionInterval"] == {"lower": 109_880.45, "upper": 150_341.2, "coverage": 0.9}
    assert list(make_price_document(house, record, EVERYTHING)) == KEYS


def test_all_ends_of_an_interval_may_meet_in_the_price(house: PreparedHouse) -> None:
    record = {"price": 100.001, "lower": 100.002, "upper": 100.0, "coverage": 0.5}

    assert make_price_document(house, record)["predictionInterval"]["upper"] == 100.0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"price": None}, "not a number"),
        ({"price": True}, "not a number"),
        ({"price": "100"}, "not a number"),
        ({"price": math.nan}, "not finite"),
        ({"price": 10**400}, "not finite"),
        ({"price": 0.004}, "not positive"),
        ({"lower": 128_528.35}, "does not hold"),
        ({"upper": 128_528.32}, "does not hold"),
        ({"lower": math.nan}, "not finite"),
        ({"lower": -math.inf}, "not finite"),
        ({"lower": None}, "not a number"),
        ({"upper": None}, "not a number"),
        ({"coverage": None}, "not a number"),
        ({"coverage": 1.0}, "no coverage"),
        ({"coverage": 0.8}, r"0\.8, not of 0\.9"),
        ({"outside": {"code": "UNSEEN_CODE"}}, "out of distribution"),
        ({"outside": [{"code": "NEW", "columns": ["Alley"]}]}, "out of distribution"),
        ({"outside": [{"code": "UNSEEN_CODE", "columns": [], "value": "x"}]}, "out of distribution"),
        ({"outside": [{"code": "UNSEEN_CODE", "columns": ["alley"], "value": "x"}]}, "a column is not"),
        ({"assumed": ["GarageCars"]}, "an assumed value"),
        ({"assumed": {"GarageCars": True}}, "an assumed value"),
        ({"assumed": {"garageCars": 1.0}}, "a column is not"),
        ({"explanation": []}, "an explanation"),
        ({"explanation": {"baseline": 128_528.33, "contributions": {"LotArea": math.nan}}}, "an explanation"),
        ({"explanation": {"baseline": 128_528.33, "contributions": {"LotArea": "1"}}}, "an explanation"),
        ({"explanation": {"baseline": 1e13, "contributions": {"LotArea": 128_528.33 - 1e13}}}, "an explanation"),
        ({"explanation": {"baseline": 128_000, "contributions": {"LotArea": 527.0}}}, "add up"),
        ({"explanation": {"baseline": 128_000, "contributions": {"lot": 528.33}}}, "a column is not"),
        ({"comparables": [{}]}, "a comparable"),
        ({"comparables": [{"id": 1, "price": 0, "distance": 1, "differences": {}}]}, "a comparable"),
        ({"comparables": [{"id": 1, "price": 1, "distance": 1, "differences": {"x": 1}}]}, "a column is not"),
    ],
    ids=str,
)
def test_a_malformed_output_is_unusable(
    house: PreparedHouse, record: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnusableOutput, match=reason):
        make_price_document(house, record | changes, EVERYTHING)


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({"coverage": 0.9}, ["lower", "upper", "coverage"]),
        ({"explain": True}, ["explanation"]),
        ({"comparables": 3}, ["comparables"]),
    ],
)
def test_what_is_asked_for_and_not_there_is_named(
    house: PreparedHouse, record: dict[str, Any], options: dict[str, Any], missing: list[str]
) -> None:
    for output in (100.0, {name: value for name, value in record.items() if name not in missing}):
        with pytest.raises(OptionNotOffered) as lacking:
            make_price_document(house, output, PriceOptions.model_validate(options))

        assert [lacking.value.option] == list(options)
        assert lacking.value.offer in str(lacking.value)


def test_assumed_values_are_those_of_the_wire(house: PreparedHouse, record: dict[str, Any]) -> None:
    document = make_price_document(house, record, PriceOptions(explain=True))

    assert document["assumed"] == {"lotFrontage": 70.5, "fireplaceQu": None, "garageCars": 2}
    assert isinstance(document["assumed"]["garageCars"], int)


@pytest.mark.parametrize("assumed", [{}, None])
def test_a_model_that_assumes_nothing_is_silent(
    house: PreparedHouse, record: dict[str, Any], assumed: dict[str, Any] | None
) -> None:
    document = make_price_document(house, record | {"assumed": assumed}, PriceOptions(explain=True))

    assert "assumed" not in document


def test_no_comparable_sales_are_an_answer_too(house: PreparedHouse, record: dict[str, Any]) -> None:
    document = make_price_document(house, record | {"comparables": []}, PriceOptions(comparables=3))

    assert document["comparables"] == []


def test_warnings_about_the_house_come_before_those_of_the_model(record: dict[str, Any]) -> None:
    odd = prepare_house(AMES, example_house(year_built=2010, year_remod_add=1990), ValuationDate(2026, 12))

    document = make_price_document(odd, record)

    assert [warning.code for warning in document["warnings"]] == ["REMODELLED_BEFORE_BUILT", "UNSEEN_CODE"]
    assert len(odd.implausibilities) == 1


@pytest.mark.parametrize("options", [PriceOptions(), EVERYTHING])
def test_what_goes_over_the_wire_is_what_is_documented(
    house: PreparedHouse, record: dict[str, Any], options: PriceOptions
) -> None:
    documents = [make_price_document(house, record, options), make_price_document(house, 2.5)]
    single, batch = render_single_price(documents[0], "3"), render_batch_prices(documents, "3")

    assert SinglePrice.model_validate_json(single, strict=True).json_bytes() == single
    assert BatchPrices.model_validate_json(batch, strict=True).json_bytes() == batch


def test_only_values_of_a_house_are_null_in_a_document(house: PreparedHouse) -> None:
    assert b"null" not in render_single_price(make_price_document(house, 2.5), "3")


def test_the_documented_example_is_an_answer_with_an_interval() -> None:
    (example,) = SinglePrice.model_json_schema()["examples"]

    assert (
        json.loads(SinglePrice.model_validate(example).json_bytes()) == example == EXAMPLE_PRICE | {"modelVersion": "3"}
    )
    interval = example["predictionInterval"]
    assert interval["lower"] < example["predictedPrice"] < interval["upper"]
