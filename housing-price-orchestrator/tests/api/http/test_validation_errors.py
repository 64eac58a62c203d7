"""422: FastAPI's shape, wire names, a way to mend it, and small."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from house_record import FIELDS, example_document, minimal_document
from price_routes import BATCH, PREDICT

JSON = {"content-type": "application/json"}


def mistakes(api: TestClient, body: Any, route: str = PREDICT) -> list[dict[str, Any]]:
    content = body if isinstance(body, str) else json.dumps(body)
    answer = api.post(route, content=content, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["code"] == "VALIDATION_ERROR"
    assert document["requestId"] == answer.headers["x-request-id"]
    found: list[dict[str, Any]] = document["detail"]
    return found


def test_an_unknown_street_names_the_field_and_valid_values(api: TestClient) -> None:
    [mistake] = mistakes(api, example_document(street="Dummy"))

    assert mistake == {
        "type": "literal_error",
        "loc": ["body", "street"],
        "msg": "Input should be 'Grvl' or 'Pave'",
        "input": "Dummy",
        "ctx": {"expected": "'Grvl' or 'Pave'"},
    }


def test_a_misspelt_code_is_answered_with_the_nearest(api: TestClient) -> None:
    [mistake] = mistakes(api, example_document(street="pave"))

    assert mistake["msg"].endswith("did you mean 'Pave'?")
    assert mistake["ctx"]["suggestion"] == "Pave"


def test_a_misspelt_field_is_answered_with_the_nearest(api: TestClient) -> None:
    [mistake] = mistakes(api, example_document() | {"lotFrontag": 80})

    assert (mistake["type"], mistake["loc"]) == ("extra_forbidden", ["body", "lotFrontag"])
    assert "lotFrontage" in mistake["msg"]


def test_a_field_like_no_other_gets_no_suggestion(api: TestClient) -> None:
    [mistake] = mistakes(api, example_document() | {"qqqqqqq": 1})

    assert mistake["msg"] == "There is no such field"


def test_both_spellings_of_one_field_are_refused(api: TestClient) -> None:
    [mistake] = mistakes(api, example_document() | {"lot_area": 5})

    assert mistake["loc"] == ["body", "lotArea"]
    assert "lot_area" in mistake["msg"]


def test_a_field_that_is_sent_twice_is_refused_and_named(api: TestClient) -> None:
    body = json.dumps(example_document())[:-1] + ', "lotArea": 5, "street": "Pave"}'

    first, second = mistakes(api, body)

    assert (first["type"], first["loc"]) == ("duplicate_field", ["body", "lotArea"])
    assert (second["type"], second["loc"]) == ("duplicate_field", ["body", "street"])


@pytest.mark.parametrize("rows", [1, 200])
def test_a_duplicate_field_in_a_batch_is_named_with_row(api: TestClient, rows: int) -> None:
    house = json.dumps(minimal_document())
    body = '{"data": [' + ", ".join([house] * rows + [house[:-1] + ', "id": 7}']) + "]}"

    [mistake] = mistakes(api, body, BATCH)

    assert (mistake["type"], mistake["loc"]) == ("duplicate_field", ["body", "data", rows, "id"])


def test_data_that_is_sent_twice_is_refused(api: TestClient) -> None:
    rows = json.dumps([minimal_document()])

    [mistake] = mistakes(api, f'{{"data": {rows}, "data": {rows}}}', BATCH)

    assert (mistake["type"], mistake["loc"]) == ("duplicate_field", ["body", "data"])


def test_no_valid_value_contains_colons_or_braces() -> None:
    assert not [value for field in FIELDS for value in field.values() if set(str(value)) & set(":,{}")]


def test_an_error_under_a_snake_case_name_uses_wire_names(api: TestClient) -> None:
    body = {name: value for name, value in example_document().items() if name != "lotArea"}

    [mistake] = mistakes(api, body | {"lot_area": -5})

    assert (mistake["type"], mistake["loc"]) == ("greater_than_equal", ["body", "lotArea"])


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("fullBath", 1.5, "int_type"),
        ("fullBath", True, "int_type"),
        ("msSubClass", "20", "literal_error"),
        ("lotArea", "11622", "float_type"),
        ("lotArea", None, "float_type"),
        ("moSold", 13, "less_than_equal"),
        ("overallQual", 11, "less_than_equal"),
        ("yearBuilt", 1799, "greater_than_equal"),
        ("lotArea", -1, "greater_than_equal"),
        ("id", -1, "greater_than_equal"),
        ("street", ["Pave"], "literal_error"),
    ],
)
def test_nothing_wrong_passes_in_silence(api: TestClient, field: str, value: object, kind: str) -> None:
    [mistake] = mistakes(api, example_document() | {field: value})

    assert (mistake["type"], mistake["loc"]) == (kind, ["body", field])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_nan_and_infinity_are_rejected_and_repeated_as_text(api: TestClient, number: str) -> None:
    body = json.dumps(example_document()).replace("11622", number)

    [mistake] = mistakes(api, body)

    assert mistake["type"] == "finite_number"
    assert isinstance(mistake["input"], str)


@pytest.mark.parametrize(
    "body",
    ["", "{", '{"id": 1', "[" * 10_000, '{"id": ' + "9" * 5_000 + "}", '{"street": "\\ud800"}', "nonsense"],
)
def test_broken_json_is_told_where_it_breaks(api: TestClient, body: str) -> None:
    [mistake] = mistakes(api, body)

    assert (mistake["type"], mistake["loc"]) == ("json_invalid", ["body"])
    assert "line 1" in mistake["msg"]


@pytest.mark.parametrize("body", [[], [example_document()], "house", 3, None, True])
def test_a_body_that_is_no_object_is_refused(api: TestClient, body: object) -> None:
    [mistake] = mistakes(api, json.dumps(body))

    assert mistake["loc"] == ["body"]


def test_an_empty_batch_is_too_short(api: TestClient) -> None:
    [mistake] = mistakes(api, {"data": []}, BATCH)

    assert (mistake["type"], mistake["loc"]) == ("too_short", ["body", "data"])


def test_one_invalid_row_rejects_the_batch_with_its_index(api: TestClient) -> None:
    rows = [minimal_document() for _ in range(20)]
    rows[17]["street"] = "Dummy"

    [mistake] = mistakes(api, {"data": rows}, BATCH)

    assert mistake["loc"] == ["body", "data", 17, "street"]


def test_a_batch_without_its_wrapping_is_refused(api: TestClient) -> None:
    [mistake] = mistakes(api, [minimal_document()], BATCH)

    assert mistake["loc"] == ["body"]


def test_a_field_beside_data_gets_no_suggestion_from_houses(api: TestClient) -> None:
    [mistake] = mistakes(api, {"data": [minimal_document()], "lotFrontag": 1}, BATCH)

    assert mistake["loc"] == ["body", "lotFrontag"]
    assert "suggestion" not in mistake.get("ctx", {})


def test_errors_of_one_kind_in_many_rows_are_one_entry_with_counts_by_value(api: TestClient) -> None:
    places = ["Nowhere", "Elsewhere", "Nowhere", "names"]
    rows = [minimal_document() | {"neighborhood": places[number % 4]} for number in range(400)]
    rows[0] = minimal_document()

    answer = api.post(BATCH, json={"data": rows}).json()

    [mistake] = answer["detail"]
    assert answer["errorCount"] == 399
    assert (mistake["type"], mistake["loc"]) == ("literal_error", ["body", "data", 1, "neighborhood"])
    assert mistake["input"] == "Elsewhere"
    assert mistake["msg"].endswith(
        '(399 rows: "Nowhere" in 199, the first is row 2; "Elsewhere" in 100, the first is row 1; '
        '"names" in 100, the first is row 3)'
    )
    assert mistake["ctx"]["count"] == 399
    assert mistake["ctx"]["values"] == [
        {"value": "Elsewhere", "count": 100, "firstRow": 1},
        {"value": "Nowhere", "count": 199, "firstRow": 2},
        {"value": "names", "count": 100, "firstRow": 3, "suggestion": "NAmes"},
    ]


def test_a_batch_of_other_values_in_each_row_has_a_small_answer(api: TestClient) -> None:
    rows = [minimal_document() | {"neighborhood": f"{'place ' * 20}{number}"} for number in range(1000)]

    answer = api.post(BATCH, json={"data": rows})

    [mistake] = answer.json()["detail"]
    assert answer.json()["errorCount"] == 1000
    assert "others in 996" in mistake["msg"]
    assert len(answer.content) < 4_096


def test_a_hostile_number_of_unknown_fields_is_one_mistake(api: TestClient) -> None:
    [mistake] = mistakes(api, {f"x{number}": 1 for number in range(1000)})

    assert (mistake["type"], mistake["loc"]) == ("too_long", ["body"])


def test_a_hostile_row_is_one_error_beside_those_of_others(api: TestClient) -> None:
    hostile = {f"x{number}": 1 for number in range(1000)}

    first, second = mistakes(api, {"data": [hostile, minimal_document() | {"street": "Dummy"}]}, BATCH)

    assert (first["type"], first["loc"]) == ("too_long", ["body", "data", 0])
    assert (second["type"], second["loc"]) == ("literal_error", ["body", "data", 1, "street"])


def test_a_value_with_too_many_parts_is_one_error(api: TestClient) -> None:
    [mistake] = mistakes(api, minimal_document() | {"alley": [1] * 10_000})

    assert (mistake["type"], mistake["loc"]) == ("too_long", ["body"])


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"data": [example_document()] * 200, "more": 1}, "batch_form"),
        ([example_document()] * 200, "batch_form"),
        (json.dumps({"data": [example_document()] * 200})[:-30], "json_invalid"),
    ],
)
def test_a_large_batch_in_an_unusual_form_is_rejected(api: TestClient, body: Any, kind: str) -> None:
    [mistake] = mistakes(api, body, BATCH)

    assert (mistake["type"], mistake["loc"]) == (kind, ["body"])


def test_errors_beside_the_rows_are_listed_too(api: TestClient) -> None:
    body = {"data": [minimal_document() | {"street": "Dummy"}], "more": 1}

    assert [mistake["loc"] for mistake in mistakes(api, body, BATCH)] == [
        ["body", "data", 0, "street"],
        ["body", "more"],
    ]


@pytest.mark.parametrize("row", [None, 3, "house", []])
def test_a_row_that_is_no_object_is_refused(api: TestClient, row: object) -> None:
    [mistake] = mistakes(api, {"data": [minimal_document(), row]}, BATCH)

    assert mistake["loc"] == ["body", "data", 1]


def test_counting_ends_where_it_helps_nobody(api: TestClient) -> None:
    rows = [dict.fromkeys(example_document(), "") for _ in range(1000)]

    answer = api.post(BATCH, json={"data": rows}).json()

    [mistake] = answer["detail"]
    assert mistake["ctx"]["count"] == answer["errorCount"]
    assert 10_000 < answer["errorCount"] < 10_100


def test_an_answer_stays_small_whatever_was_sent(api: TestClient) -> None:
    long_text = "x" * 1_000_000
    body = example_document(street=long_text, alley={"a": long_text}) | {long_text: 1, "n": int("9" * 4_000)}

    answer = api.post(PREDICT, json=body)

    assert answer.status_code == 422
    assert len(answer.content) < 4_000


def test_only_so_many_strangers_are_compared_with_what_is_known(api: TestClient) -> None:
    strangers = {f"lotArea{number}": 1 for number in range(60)}

    answer = api.post(PREDICT, json=minimal_document() | strangers).json()

    [mistake] = answer["detail"]
    assert answer["errorCount"] == 60
    assert mistake["ctx"]["suggestions"] == {f"lotArea{number}": "lotArea" for number in range(20)}
    assert mistake["ctx"]["fields"] == [f"lotArea{number}" for number in range(20, 40)]


def test_a_field_that_is_missing_is_named(api: TestClient) -> None:
    body = {name: value for name, value in example_document().items() if name != "neighborhood"}

    [mistake] = mistakes(api, body)

    assert (mistake["type"], mistake["loc"]) == ("missing", ["body", "neighborhood"])
    assert mistake["msg"].startswith("Field required: a price needs at least 'id', 'lotArea', ")
    assert mistake["ctx"] == {"required": list(minimal_document())}
    assert "input" not in mistake


@pytest.mark.parametrize("value", ["left out", "null"])
@pytest.mark.parametrize("route", [PREDICT, BATCH])
def test_a_house_that_is_an_id_alone_is_told_the_smallest_set_at_once(api: TestClient, route: str, value: str) -> None:
    house = {"id": 1} if value == "left out" else dict.fromkeys(example_document()) | {"id": 1}

    [mistake] = mistakes(api, {"data": [house]} if route == BATCH else house, route)

    missing = list(minimal_document())[1:]
    assert mistake["loc"] == ["body", *(["data", 0] if route == BATCH else []), "lotArea"]
    assert mistake["ctx"]["fields"] == missing
    assert mistake["ctx"].get("required") == (["id", *missing] if value == "left out" else None)
    assert mistake["msg"].startswith("7 fields are required: 'lotArea', 'neighborhood', ")
    assert "; a price needs at least 'id', 'lotArea', " in mistake["msg"]
