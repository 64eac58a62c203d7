"""What the orchestrator relies on in a model server: the same for ours, for MLflow's own, and for the fake."""

import math
import re
from typing import Any

import httpx
from house_record import COLUMNS, FEATURES, RECORD_VERSION, example_house, model_row


def assert_keeps_the_contract(url: str, *, says_who_it_is: bool) -> None:
    """Fails where the server at this address behaves otherwise."""
    with httpx.Client(base_url=url, timeout=30) as server:
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
    first, second = answer.json()["predictions"]
    assert all(math.isfinite(price) and price > 0 for price in (first, second))
    assert first > second


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


def _invoke(server: httpx.Client, table: dict[str, Any]) -> httpx.Response:
    answer = server.post("/invocations", json={"dataframe_split": table})
    assert answer.status_code == 200, answer.text
    return answer
