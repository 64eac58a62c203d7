"""Prices that follow from the rows, so that a test can tell which row a price belongs to."""

from typing import Any

from house_record import COLUMNS, FEATURES, RECORD_VERSION, example_house, model_row

NAME = "housing-price"
LARGEST_LOT = 215_245.0
"""Square feet of the largest lot in the training data."""

LAST_SALE_YEAR = 2010

_LOT_AREA = COLUMNS.index("LotArea")
_KEY_COLUMNS = ("GrLivArea", "YearBuilt", "Neighborhood", "SaleCondition", "MoSold", "YrSold")
_YEAR_SOLD = COLUMNS.index("YrSold")
_OVERALL_QUAL = COLUMNS.index("OverallQual")


class NoTable(ValueError):
    """The body of a request holds no rows."""


def price_row(row: list[Any]) -> float:
    """Price a row: the price grows with the lot and the quality."""
    return 50_000.126 + float(row[_LOT_AREA]) + 10_000 * float(row[_OVERALL_QUAL])


def make_record(
    row: list[Any], coverage: float = 0.9, *, explain: bool = False, comparables: int = 0
) -> dict[str, Any]:
    """Price a row as a record, with what the parameters ask for. A large lot is out of distribution."""
    price = price_row(row)
    width = price * coverage / 5
    record: dict[str, Any] = {"price": price, "lower": price - width, "upper": price + width, "coverage": coverage}
    if row[_LOT_AREA] > LARGEST_LOT:
        beyond = {"code": "BEYOND_TRAINING_RANGE", "columns": ["LotArea"], "value": row[_LOT_AREA]}
        record["outside"] = [beyond | {"low": 1300.0, "high": LARGEST_LOT}]
    if (row[_YEAR_SOLD] or 0) > LAST_SALE_YEAR:
        record["last_sale_year"] = LAST_SALE_YEAR
    if explain:
        contributions = {"LotArea": row[_LOT_AREA], "Street": 0.0, "OverallQual": 10_000.0 * row[_OVERALL_QUAL]}
        record["explanation"] = {"baseline": 50_000.126, "contributions": contributions}
    if comparables:
        record["comparables"] = [_make_sale(number, row, price) for number in range(1, comparables + 1)]
    return record


def read_rows(document: Any) -> list[list[Any]]:
    """Return the rows of a request.

    Raises:
        NoTable: if it holds no ``dataframe_split`` with the columns of the house record.
    """
    table = document.get("dataframe_split") if isinstance(document, dict) else None
    if not isinstance(table, dict) or table.get("columns") != list(COLUMNS) or not isinstance(table.get("data"), list):
        raise NoTable("a dataframe_split with the columns of the house record was expected")
    rows: list[list[Any]] = table["data"]
    return rows


def describe_model(version: str) -> dict[str, Any]:
    """Make the document of ``GET /model``."""
    return {
        "name": NAME,
        "version": version,
        "alias": "champion",
        "runId": "0123456789abcdef",
        "recipe": "default",
        "recordVersion": RECORD_VERSION,
        "trainedAt": "2026-11-21T00:00:00+00:00",
        "data": {"source": "sample", "sha256": "00", "rows": 1460, "generated": True},
        "metrics": {"rmsle": 0.13},
        "features": [{"name": feature.column, "type": feature.kind} for feature in FEATURES],
        "golden": {"id": 1461, "price": round(price_row(list(model_row(example_house()))), 2)},
    }


def _make_sale(number: int, row: list[Any], price: float) -> dict[str, Any]:
    differences = {"LotArea": row[_LOT_AREA] + 1_000.0 * number, "YearBuilt": 2003.0, "Alley": "Grvl"}
    return {
        "id": number,
        "price": price + 1_000 * number,
        "distance": number / 10,
        "sale": {column: row[COLUMNS.index(column)] for column in _KEY_COLUMNS},
        "differences": differences,
    }
