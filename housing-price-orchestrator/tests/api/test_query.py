"""Names in a query: unknown and repeated ones are refused, wherever an address takes options or none."""

from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from house_record import minimal_document
from housing_price_orchestrator.api.query import MAX_NAMES
from price_routes import BATCH, PREDICT

EXECUTIONS = "/api/v1/executions"


def ask(api: TestClient, path: str, query: str) -> httpx2.Response:
    body = {"data": [minimal_document()]} if path == BATCH else minimal_document()
    if path.startswith(PREDICT):
        return api.post(f"{path}?{query}", json=body)
    return api.post(f"{path}?{query}") if path.endswith("/reload") else api.get(f"{path}?{query}")


def mistakes(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_ERROR")
    details: list[dict[str, Any]] = answer.json()["detail"]
    return details


@pytest.mark.parametrize(
    ("path", "given", "meant"),
    [
        (PREDICT, "explian=true", "explain"),
        (PREDICT, "Coverage=0.8", "coverage"),
        (PREDICT, "TIMING=true", "timing"),
        (BATCH, "comparable=3", "comparables"),
        (EXECUTIONS, "state=failed", "status"),
        (EXECUTIONS, "Limit=3", "limit"),
    ],
)
def test_a_misspelt_option_is_refused_with_the_nearest_name(api: TestClient, path: str, given: str, meant: str) -> None:
    [mistake] = mistakes(ask(api, path, given))

    assert mistake["loc"] == ["query", given.partition("=")[0]]
    assert mistake["msg"] == f"There is no such option; did you mean '{meant}'?"
    assert mistake["ctx"] == {"suggestion": meant}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (PREDICT, "'coverage', 'explain', 'comparables', 'asOf', 'timing'"),
        (BATCH, "'coverage', 'explain', 'comparables', 'asOf', 'timing'"),
        (EXECUTIONS, "'flow', 'status', 'limit', 'cursor'"),
        (f"{EXECUTIONS}/7", "none"),
        ("/api/v1/price/model", "none"),
        ("/api/v1/admin/flows/reload", "none"),
    ],
)
def test_an_option_like_no_other_is_refused_with_those_that_there_are(api: TestClient, path: str, names: str) -> None:
    [mistake] = mistakes(ask(api, path, "zzz=1"))

    assert mistake["msg"] == f"There is no such option; this address takes {names}"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (PREDICT, "explain=true&explain=true"),
        (BATCH, "explain=true&coverage=0.8&explain=false"),
        (EXECUTIONS, "limit=1&limit=2&limit=3"),
    ],
)
def test_a_repeated_option_is_refused_once(api: TestClient, path: str, query: str) -> None:
    [mistake] = mistakes(ask(api, path, query))

    assert (mistake["type"], mistake["msg"]) == ("duplicate_option", "It is given more than once")


def test_all_wrong_names_are_told_at_once(api: TestClient) -> None:
    found = mistakes(ask(api, PREDICT, "explian=1&timing=1&timing=1&cover=2&explian=2"))

    assert [mistake["loc"][1] for mistake in found] == ["explian", "timing", "cover"]


def test_the_answer_to_thousands_of_wrong_names_stays_small(api: TestClient) -> None:
    answer = ask(api, PREDICT, "&".join(f"{'x' * 70}{number}=1" for number in range(200)))

    assert len(mistakes(answer)) == MAX_NAMES
    assert answer.json()["errorCount"] == 200
    assert len(answer.content) < 5_000


@pytest.mark.parametrize("query", ["", "&", "timing=true&", "explain=false&timing=true"])
def test_known_options_are_taken(api: TestClient, query: str) -> None:
    assert ask(api, PREDICT, query).status_code == 200
