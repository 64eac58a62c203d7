"""One house, and what a model that gives everything answers to it."""

from typing import Any

import pytest
from house_record import AMES, example_house
from house_record.price import PreparedHouse, ValuationDate, prepare_house


@pytest.fixture
def house() -> PreparedHouse:
    return prepare_house(AMES, example_house(), ValuationDate(2026, 12))


@pytest.fixture
def record() -> dict[str, Any]:
    return {
        "price": 128_528.334,
        "lower": 109_880.451,
        "upper": 150_341.2,
        "coverage": 0.9,
        "outside": [{"code": "UNSEEN_CODE", "columns": ["Neighborhood"], "value": "NAmes"}],
        "assumed": {"LotFrontage": 70.5, "FireplaceQu": "NA", "GarageCars": 2.0},
        "explanation": {
            "baseline": 163_000.001,
            "contributions": {"OverallQual": -13_161.597, "Street": 0.0, "1stFlrSF": -21_310.07},
        },
        "comparables": [
            {
                "id": 1234,
                "price": 131_500.0,
                "distance": 0.41999,
                "sale": {
                    "GrLivArea": 1056.0,
                    "YearBuilt": 1958.0,
                    "Neighborhood": "NWAmes",
                    "BldgType": "1Fam",
                    "OverallQual": 5.0,
                    "SaleCondition": "Family",
                    "MoSold": 7.0,
                    "YrSold": 2009.0,
                },
                "differences": {"GrLivArea": 1056.0, "YearBuilt": 1958.0, "Alley": "Grvl", "MasVnrArea": None},
            }
        ],
    }
