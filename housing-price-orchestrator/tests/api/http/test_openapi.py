"""The document that client generators and people read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from house_record import FIELDS

ROOT = Path(__file__).parents[4]


@pytest.fixture
def document(api: TestClient) -> dict[str, Any]:
    answer: dict[str, Any] = api.get("/openapi.json").json()
    return answer


def test_the_committed_document_is_up_to_date(document: dict[str, Any]) -> None:
    assert json.loads((ROOT / "docs" / "openapi.json").read_text()) == document


def test_every_field_has_description_example_and_unit_or_codes(document: dict[str, Any]) -> None:
    properties = document["components"]["schemas"]["House"]["properties"]

    assert list(properties) == [field.wire_name for field in FIELDS]
    for name, described in properties.items():
        text = json.dumps(described)
        assert described["description"].endswith("."), name
        assert described["examples"], name
        assert name == "id" or "x-unit" in text or "x-code-meanings" in text, name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    schemas = document["components"]["schemas"]
    assert {reference.rsplit("/", 1)[-1] for reference in references(document)} <= set(schemas)


def test_operations_have_names_for_generated_clients(document: dict[str, Any]) -> None:
    names = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}

    of_prices = {"predictPrice", "predictPrices", "getModel"}
    of_flows = {"reloadFlows", "listExecutions", "getExecution"}
    assert of_prices | of_flows | {"getHealth", "getReadiness", "getMetrics"} == names


@pytest.mark.parametrize("path", ["/api/v1/price/predict", "/api/v1/price/predict/batch"])
def test_pricing_documents_its_options_with_examples_and_bounds(document: dict[str, Any], path: str) -> None:
    options = {option["name"]: option for option in document["paths"][path]["post"]["parameters"]}

    names = {"asOf", "coverage", "explain", "comparables", "timing", "X-Request-Timeout-Ms", "Idempotency-Key"}
    assert set(options) == names
    assert all(option["description"] and option["schema"]["examples"] for option in options.values())
    coverage, comparables = options["coverage"]["schema"], options["comparables"]["schema"]
    assert (coverage["minimum"], coverage["maximum"], coverage["default"]) == (0.5, 0.99, 0.9)
    assert (comparables["minimum"], comparables["maximum"]) == (0, 20)


def test_the_example_shows_an_interval_and_no_null(document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["SinglePrice"]

    assert schema["examples"][0]["predictionInterval"]["coverage"] == 0.9
    assert set(schema["required"]) == {"id", "predictedPrice", "pricedAsOf", "warnings", "modelVersion"}
    assert "null" not in json.dumps(schema)


def test_pricing_documents_its_errors(document: dict[str, Any]) -> None:
    responses = document["paths"]["/api/v1/price/predict"]["post"]["responses"]

    refused = {"400", "401", "403", "408", "413", "415", "421", "422", "429", "431"}
    assert {"200", *refused, "500", "502", "503", "504"} == set(responses)
    assert "OVERLOADED" in responses["503"]["description"]


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_documentation_pages_need_no_internet(api: TestClient, page: str) -> None:
    text = api.get(page).text

    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js", "favicon.png"):
        assert api.get(f"/docs/assets/{name}").status_code == 200


def _error_responses(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in document["paths"].values():
        for operation in path.values():
            yield from ((status, answer) for status, answer in operation["responses"].items() if int(status) >= 400)


def test_each_error_shows_examples_of_its_own_status(document: dict[str, Any]) -> None:
    for status, answer in _error_responses(document):
        [(media_type, content)] = answer["content"].items()
        examples = content.get("examples", {})
        if status == "422":
            assert content["schema"] == {"$ref": "#/components/schemas/ValidationProblem"}
            assert [example["value"]["code"] for example in examples.values()] == ["VALIDATION_ERROR"]
        elif media_type == "application/problem+json":
            assert examples
            assert {(example["value"]["status"], example["value"]["code"]) for example in examples.values()} == {
                (int(status), code) for code in examples
            }
            assert all(f"`{code}`" in answer["description"] for code in examples)


def test_no_field_of_a_schema_has_null_as_its_default(document: dict[str, Any]) -> None:
    with_null = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if described.get("default", "another") is None
    ]
    assert with_null == []
