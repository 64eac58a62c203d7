"""The sales most like a house."""

from typing import Any

import pytest
from house_record import AMES, House, minimal_document
from house_record.price import PreparedHouse, PriceOptions, ValuationDate, make_price_document, prepare_house


def test_a_comparable_names_differing_fields_with_both_values(house: PreparedHouse, record: dict[str, Any]) -> None:
    (sale,) = make_price_document(house, record, PriceOptions(comparables=1))["comparables"]

    assert (sale["id"], sale["price"], sale["distance"]) == (1234, 131_500.0, 0.42)
    assert sale["differences"] == [
        {"field": "grLivArea", "house": 896.0, "comparable": 1056.0},
        {"field": "yearBuilt", "house": 1961, "comparable": 1958},
        {"field": "alley", "house": None, "comparable": "Grvl"},
        {"field": "masVnrArea", "house": 0.0, "comparable": None},
    ]
    assert isinstance(sale["differences"][1]["comparable"], int)


def test_none_is_null_in_a_document_and_no_difference_from_unknown(record: dict[str, Any]) -> None:
    house = prepare_house(
        AMES, House.model_validate(minimal_document() | {"garageType": None}), ValuationDate(2026, 12)
    )
    record["comparables"][0]["differences"] = {"GarageType": "Attchd", "MasVnrType": "None", "Fence": "NA"}

    (sale,) = make_price_document(house, record, PriceOptions(comparables=1))["comparables"]

    assert sale["differences"] == [
        {"field": "garageType", "house": None, "comparable": "Attchd"},
        {"field": "masVnrType", "house": None, "comparable": "None"},
    ]


def comparable(house: PreparedHouse, record: dict[str, Any], **sale: Any) -> dict[str, Any]:
    record["comparables"][0]["sale"] |= sale
    (document,) = make_price_document(house, record, PriceOptions(comparables=1))["comparables"]
    assert isinstance(document, dict)
    return document


def test_a_comparable_carries_its_own_key_fields(house: PreparedHouse, record: dict[str, Any]) -> None:
    assert comparable(house, record)["sale"] == {
        "grLivArea": 1056.0,
        "yearBuilt": 1958,
        "neighborhood": "NWAmes",
        "bldgType": "1Fam",
        "overallQual": 5,
        "saleCondition": "Family",
        "moSold": 7,
        "yrSold": 2009,
    }


@pytest.mark.parametrize(
    ("condition", "is_marked"),
    [("Normal", False), ("Partial", False), ("Abnorml", True), ("AdjLand", True), ("Alloca", True), ("Family", True)],
)
def test_a_sale_under_abnormal_conditions_is_marked(
    house: PreparedHouse, record: dict[str, Any], condition: str, *, is_marked: bool
) -> None:
    assert comparable(house, record, SaleCondition=condition).get("abnormalSale", False) is is_marked


@pytest.mark.parametrize(("neighborhood", "is_marked"), [("NAmes", False), ("NWAmes", True)])
def test_a_sale_in_another_neighborhood_is_marked(
    house: PreparedHouse, record: dict[str, Any], neighborhood: str, *, is_marked: bool
) -> None:
    assert comparable(house, record, Neighborhood=neighborhood).get("otherNeighborhood", False) is is_marked


def test_a_model_that_names_no_key_fields_is_answered_without_them(
    house: PreparedHouse, record: dict[str, Any]
) -> None:
    del record["comparables"][0]["sale"]

    (sale,) = make_price_document(house, record, PriceOptions(comparables=1))["comparables"]

    assert list(sale) == ["id", "price", "distance", "differences"]


@pytest.mark.parametrize(("reach", "is_said"), [(None, False), (0.5, False), (0.3, True)])
def test_it_is_said_when_even_the_nearest_sale_is_beyond_reach(
    house: PreparedHouse, record: dict[str, Any], reach: float | None, *, is_said: bool
) -> None:
    document = make_price_document(house, record | {"comparables_reach": reach}, PriceOptions(comparables=1))

    said = [warning.message for warning in document["warnings"] if warning.code == "NOTHING_COMPARABLE"]
    expected = (
        "No sale is like this house: the nearest is 0.42 away, and sales beyond 0.3 say no more about a price than the "
        "neighborhood does."
    )
    assert said == ([expected] if is_said else [])


def test_nothing_is_said_of_sales_that_nobody_asked_for(house: PreparedHouse, record: dict[str, Any]) -> None:
    document = make_price_document(house, record | {"comparables_reach": 0.1})

    assert "NOTHING_COMPARABLE" not in [warning.code for warning in document["warnings"]]
