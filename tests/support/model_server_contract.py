"""What the orchestrator relies on in a model server: the same for ours, for MLflow's own, and for the fake."""

import math
import re
from typing import Any

import httpx
from house_record import COLUMNS, FEATURES, RECORD_VERSION, example_house, model_row


def assert_keeps_the_contract(url: str, *, says_who_it_is: bool) -> None:
    """Fails where the server at this address behaves otherwise."""
    with httpx.Client(base_url=url, timeout=120) as server:
        assert server.get("/ping").status_code == 200
        _prices_rows_in_order(server)
        _refuses_what_is_no_table(server)
        answer = server.get("/model")
        if says_who_it_is:
            _says_who_it_is(answer)
            _says_how_long_its_model_needed(server)
        else:
            assert answer.status_code == 404


def _prices_rows_in_order(server: httpx.Client) -> None:
    rows = [list(model_row(example_house(overall_qual=quality))) for quality in (9, 3)]
    answer = _invoke(server, {"columns": list(COLUMNS), "data": rows})
    outputs = answer.json()["predictions"]
    first, second = (output["price"] if isinstance(output, dict) else output for output in outputs)
    assert all(math.isfinite(price) and price > 0 for price in (first, second))
    assert first > second
    if isinstance(outputs[0], dict):
        _gives_intervals_that_widen_with_coverage(server)
        _explains_prices(server)
        _finds_comparable_sales(server)


def _gives_intervals_that_widen_with_coverage(server: httpx.Client) -> None:
    record = _record(server)
    narrow = _record(server, coverage=0.5)
    assert math.isclose(record["coverage"], 0.9)
    assert math.isclose(narrow["coverage"], 0.5)
    assert math.isclose(narrow["price"], record["price"])
    assert record["lower"] < narrow["lower"] <= record["price"] <= narrow["upper"] < record["upper"]


def _explains_prices(server: httpx.Client) -> None:
    assert _record(server).get("explanation") is None
    record = _record(server, explain=True)
    explanation = record["explanation"]
    assert set(explanation["contributions"]) <= set(COLUMNS)
    explained = explanation["baseline"] + math.fsum(explanation["contributions"].values())
    assert math.isclose(explained, record["price"], abs_tol=0.005)


def _finds_comparable_sales(server: httpx.Client) -> None:
    assert _record(server).get("comparables") is None
    sales = _record(server, comparables=3)["comparables"]
    assert len(sales) == 3
    assert all(sale["price"] > 0 and set(sale["differences"]) <= set(COLUMNS) for sale in sales)
    assert all({"GrLivArea", "Neighborhood", "SaleCondition", "YrSold"} <= set(sale["sale"]) for sale in sales)
    distances = [sale["distance"] for sale in sales]
    assert distances == sorted(distances)


def _record(server: httpx.Client, **params: Any) -> dict[str, Any]:
    answer = _invoke(server, {"columns": list(COLUMNS), "data": [list(model_row(example_house()))]}, **params)
    (record,) = answer.json()["predictions"]
    assert isinstance(record, dict)
    return record


def _refuses_what_is_no_table(server: httpx.Client) -> None:
    assert server.post("/invocations", json={"nonsense": 1}).status_code == 400


def _says_who_it_is(answer: httpx.Response) -> None:
    details = answer.json()
    assert answer.headers["x-model-version"] == details["version"]
    assert answer.headers["x-model-name"] == details["name"]
    assert details["recordVersion"] == RECORD_VERSION
    assert details["features"] == [{"name": feature.column, "type": feature.kind} for feature in FEATURES]
    assert details["golden"]["price"] > 0
    assert {"source", "sha256", "rows", "generated"} <= set(details["data"])


def _says_how_long_its_model_needed(server: httpx.Client) -> None:
    answer = _invoke(server, {"columns": list(COLUMNS), "data": [list(model_row(example_house()))]})
    assert re.fullmatch(r"model;dur=[0-9]+(\.[0-9]+)?", answer.headers["server-timing"])


def _invoke(server: httpx.Client, table: dict[str, Any], **params: Any) -> httpx.Response:
    answer = server.post("/invocations", json={"dataframe_split": table, **({"params": params} if params else {})})
    assert answer.status_code == 200, answer.text
    return answer
