"""What a model says of rows: prices that follow from them, so that a test knows whose price it got."""

from typing import Any

from house_record import COLUMNS, FEATURES, RECORD_VERSION, example_house, model_row

NAME = "housing-price"
LARGEST_LOT = 215_245.0
"""Square feet of the largest lot that the model has seen."""

_LOT_AREA = COLUMNS.index("LotArea")
_OVERALL_QUAL = COLUMNS.index("OverallQual")


class NoTable(ValueError):
    """The body of a call holds no rows."""


def price_of(row: list[Any]) -> float:
    """The price of a row: grows with the lot and the quality."""
    return 50_000.126 + float(row[_LOT_AREA]) + 10_000 * float(row[_OVERALL_QUAL])


def record_of(row: list[Any], coverage: float = 0.9, *, explain: bool = False, comparables: int = 0) -> dict[str, Any]:
    """The same price as a record, with what the parameters ask for beside it. Large lots are new to the model."""
    price = price_of(row)
    width = price * coverage / 5
    record: dict[str, Any] = {"price": price, "lower": price - width, "upper": price + width, "coverage": coverage}
    if row[_LOT_AREA] > LARGEST_LOT:
        beyond = {"code": "BEYOND_TRAINING_RANGE", "columns": ["LotArea"], "value": row[_LOT_AREA]}
        record["outside"] = [beyond | {"low": 1300.0, "high": LARGEST_LOT}]
    if explain:
        contributions = {"LotArea": row[_LOT_AREA], "Street": 0.0, "OverallQual": 10_000.0 * row[_OVERALL_QUAL]}
        record["explanation"] = {"baseline": 50_000.126, "contributions": contributions}
    if comparables:
        record["comparables"] = [_sale(number, row, price) for number in range(1, comparables + 1)]
    return record


def rows_of(document: Any) -> list[list[Any]]:
    """The rows that a call sends.

    Raises:
        NoTable: if it is no ``dataframe_split`` of the house record's columns.
    """
    table = document.get("dataframe_split") if isinstance(document, dict) else None
    if not isinstance(table, dict) or table.get("columns") != list(COLUMNS) or not isinstance(table.get("data"), list):
        raise NoTable("a dataframe_split with the columns of the house record was expected")
    rows: list[list[Any]] = table["data"]
    return rows


def details(version: str) -> dict[str, Any]:
    """What ``GET /model`` answers."""
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
        "golden": {"id": 1461, "price": round(price_of(list(model_row(example_house()))), 2)},
    }


def _sale(number: int, row: list[Any], price: float) -> dict[str, Any]:
    differences = {"LotArea": row[_LOT_AREA] + 1_000.0 * number, "YearBuilt": 2003.0, "Alley": "Grvl"}
    return {"id": number, "price": price + 1_000 * number, "distance": number / 10, "differences": differences}
