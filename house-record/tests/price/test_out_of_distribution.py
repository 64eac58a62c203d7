"""Why a house is unlike those that a model learned from."""

from typing import Any

import pytest
from house_record.price import PreparedHouse, make_price_document

BEYOND = "is beyond the sales that the model learned from"
UNSEEN = "is in none of the sales that the model learned from."


@pytest.mark.parametrize(
    ("reason", "fields", "message"),
    [
        (
            {
                "code": "BEYOND_TRAINING_RANGE",
                "columns": ["GrLivArea"],
                "value": 9800.0,
                "low": 334.0,
                "high": 5642.5,
            },
            ("grLivArea",),
            f"`grLivArea` 9,800 {BEYOND}: 334 to 5,642.5.",
        ),
        (
            {"code": "BEYOND_TRAINING_RANGE", "columns": ["YearBuilt"], "value": 1801, "low": 1872, "high": 2010},
            ("yearBuilt",),
            f"`yearBuilt` 1801 {BEYOND}: 1872 to 2010.",
        ),
        (
            {"code": "UNSEEN_CODE", "columns": ["Neighborhood"], "value": "GrnHill"},
            ("neighborhood",),
            f"`neighborhood` `GrnHill` {UNSEEN}",
        ),
        (
            {"code": "UNSEEN_CODE", "columns": ["MSSubClass"], "value": 150},
            ("msSubClass",),
            f"`msSubClass` 150 {UNSEEN}",
        ),
        (
            {"code": "UNSEEN_CODE", "columns": ["Utilities"], "value": None},
            ("utilities",),
            f"`utilities` without a value {UNSEEN}",
        ),
        (
            {"code": "UNSEEN_CODE", "columns": ["GarageType"], "value": "NA"},
            ("garageType",),
            f"`garageType` null (no garage) {UNSEEN}",
        ),
        (
            {
                "code": "UNUSUAL_COMBINATION",
                "columns": ["GrLivArea", "OverallQual"],
                "distance": 4.2111,
                "limit": 3.1,
            },
            ("grLivArea", "overallQual"),
            (
                "The combination of `grLivArea` and `overallQual` is unlike the sales that the model learned from: "
                "4.21 away from them, where 3.1 is usual at most."
            ),
        ),
    ],
)
def test_each_reason_is_a_warning_in_words(
    house: PreparedHouse, reason: dict[str, Any], fields: tuple[str, ...], message: str
) -> None:
    document = make_price_document(house, {"price": 1000.0, "outside": [reason]})

    assert document["outOfDistribution"] is True
    (warning,) = document["warnings"]
    assert (warning.code, warning.fields, warning.message) == (reason["code"], fields, message)
