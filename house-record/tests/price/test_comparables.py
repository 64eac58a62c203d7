"""The sales most like a house."""

from typing import Any

from house_record import House, minimal_document
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
    house = prepare_house(House.model_validate(minimal_document() | {"garageType": None}), ValuationDate(2026, 12))
    record["comparables"][0]["differences"] = {"GarageType": "Attchd", "MasVnrType": "None", "Fence": "NA"}

    (sale,) = make_price_document(house, record, PriceOptions(comparables=1))["comparables"]

    assert sale["differences"] == [
        {"field": "garageType", "house": None, "comparable": "Attchd"},
        {"field": "masVnrType", "house": None, "comparable": "None"},
    ]
