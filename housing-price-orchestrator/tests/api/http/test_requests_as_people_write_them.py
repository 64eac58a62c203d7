"""422 for requests as people and tools write them: what came, what to send, and a small answer."""

import codecs
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from house_record import FIELDS, example_document, minimal_document
from price_routes import BATCH, PREDICT

JSON = {"content-type": "application/json"}
CASES = Path(__file__).parents[5] / "shared" / "cases" / "requests"
SMALL = 4_096


def refused(api: TestClient, body: Any, route: str = PREDICT, *, limit: int = SMALL) -> dict[str, Any]:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    answer = api.post(route, content=content, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert len(answer.content) < limit
    document: dict[str, Any] = answer.json()
    return document


def the_mistake(api: TestClient, body: Any, route: str = PREDICT) -> dict[str, Any]:
    [mistake] = refused(api, body, route)["detail"]
    found: dict[str, Any] = mistake
    return found


@pytest.mark.parametrize(
    ("field", "value", "kind", "message", "suggestion"),
    [
        ("msSubClass", [20], "literal_error", "A list came: send 20, not [20]", 20),
        ("street", ["Pave"], "literal_error", 'A list came: send "Pave", not ["Pave"]', "Pave"),
        ("lotArea", {"0": 8450}, "float_type", "An object came: send 8450", 8450),
        ("lotArea", [1, 2], "float_type", "A list came: send a number", None),
        ("lotFrontage", {}, "float_type", "An empty object came: leave the field out", None),
        ("fullBath", [], "int_type", "An empty list came: leave the field out", None),
        ("lotFrontage", "60", "float_type", 'A text came: send 60, not "60"', 60),
        ("overallQual", "7.0", "int_type", 'A text came: send 7, not "7.0"', 7),
        ("msSubClass", "60", "literal_error", 'A text came: send 60, not "60"', 60),
        ("lotArea", "8,450 sqft", "float_type", "A text came: send a number, in plain digits", None),
        ("centralAir", True, "literal_error", 'A truth value came: send "Y"', "Y"),
        ("fullBath", True, "int_type", "A truth value came: send a whole number", None),
        ("lotArea", None, "float_type", "Null came, but the field is required: send a number", None),
        ("id", "", "int_type", "An empty text came, but the field is required: send a whole number", None),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_what_came_and_what_to_send(
    api: TestClient, field: str, value: object, kind: str, message: str, suggestion: object
) -> None:
    mistake = the_mistake(api, example_document(**{field: value}))

    assert (mistake["type"], mistake["loc"], mistake["msg"]) == (kind, ["body", field], message)
    assert mistake.get("ctx", {}).get("suggestion") == suggestion


@pytest.mark.parametrize("field", ["lotFrontage", "fullBath", "lotShape", "alley"])
@pytest.mark.parametrize("value", ["", " ", float("nan"), "NaN", "null", "n/a", "?", [""], {"0": float("nan")}])
def test_a_value_that_stands_for_nothing_is_told_how_to_send_nothing(
    api: TestClient, field: str, value: object
) -> None:
    message = the_mistake(api, example_document(**{field: value}))["msg"]

    assert "came: leave the field out if it is unknown; null means none" in message
    assert ("no alley access" in message) == (field == "alley")


def test_the_documentation_shows_an_entry_as_it_is(api: TestClient) -> None:
    page = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")
    shown = page.partition('for `"lotArea": "8450"`:')[2].partition("```json")[2].partition("```")[0]

    assert the_mistake(api, example_document(lot_area="8450")) == json.loads(shown)


def _boxed(house: dict[str, Any]) -> dict[str, Any]:
    return {name: [value] for name, value in house.items()}


def _as_texts(house: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, int | float) else value for name, value in house.items()}


@pytest.mark.parametrize(
    ("spoil", "count", "example"),
    [
        (_boxed, 80, 'as in "id": 1461, not "id": [1461]'),
        (lambda house: {name: {"0": value} for name, value in house.items()}, 80, 'as in "id": 1461'),
        (lambda house: dict.fromkeys(house, ""), 80, "null means none; required fields need a value"),
        (lambda house: {name: {} for name in house}, 80, "leave the field out"),
        (_as_texts, 37, 'as in "id": 1461'),
    ],
    ids=["boxed", "boxed in objects", "empty texts", "empty objects", "numbers as texts"],
)
def test_a_fault_that_most_fields_share_is_one_entry(
    api: TestClient, spoil: Callable[[dict[str, Any]], Any], count: int, example: str
) -> None:
    answer = refused(api, spoil(example_document()))

    [mistake] = answer["detail"]
    assert answer["errorCount"] == mistake["ctx"]["count"] == count
    assert mistake["loc"] == ["body", "id"]
    assert mistake["msg"].startswith(f"{count} fields hold")
    assert example in mistake["msg"]
    assert {*mistake["ctx"].get("fields", ()), *mistake["ctx"].get("suggestions", {})} >= {"lotArea", "moSold"}


def test_a_row_of_the_csv_gets_a_hint_for_each_name_and_value(api: TestClient) -> None:
    row = (CASES / "names-and-texts-of-the-csv.json").read_text()

    names, texts = refused(api, row)["detail"]

    wanted = {field.column: field.wire_name for field in FIELDS if field.column != field.wire_name}
    assert names["ctx"]["suggestions"] == wanted
    assert texts["ctx"]["suggestions"]["lotArea"] == 8450
    assert {found["type"] for found in (names, texts)} == {"extra_forbidden", "int_type"}


def test_scalars_that_r_puts_in_boxes_are_one_entry(api: TestClient) -> None:
    mistake = the_mistake(api, (CASES / "boxed-scalars.json").read_text())

    assert mistake["ctx"]["suggestions"]["lotArea"] == 11622


def _in_r(name: str) -> str:
    return f"X{name}" if name[0].isdigit() else name


@pytest.mark.parametrize("spell", [str, _in_r, str.upper, str.lower], ids=["column", "in R", "upper", "lower"])
@pytest.mark.parametrize("source", ["column", "name"])
def test_every_field_is_recognised_by_its_other_spellings(
    api: TestClient, source: str, spell: Callable[[str], str]
) -> None:
    names = {spell(getattr(field, source)): field for field in FIELDS}

    body = {name: field.example for name, field in names.items()}
    answer = api.post(PREDICT, json=body)

    unknown = {name: field.wire_name for name, field in names.items() if name not in (field.name, field.wire_name)}
    if not unknown:
        assert answer.status_code == 200
        return
    [mistake] = answer.json()["detail"]
    assert mistake["ctx"]["suggestions"] == unknown
    assert len(answer.content) < SMALL


def test_a_field_under_another_name_is_not_missing_too(api: TestClient) -> None:
    body = example_document() | {"LotArea": 5}
    del body["lotArea"]

    mistake = the_mistake(api, body)

    assert (mistake["type"], mistake["loc"]) == ("extra_forbidden", ["body", "LotArea"])
    assert mistake["msg"] == "There is no such field; did you mean 'lotArea'?"


def test_all_fields_wrong_in_all_ways_have_a_small_answer(api: TestClient) -> None:
    bad = [[1], {}, "60x", "", "Dummy", True, -1, [1, 2], {"a": {"b": 1}}, 1e300, None, "x" * 500]

    for start in range(len(bad)):
        body = {field.wire_name: bad[(start + number) % len(bad)] for number, field in enumerate(FIELDS)}
        answer = refused(api, body)
        assert len(answer["detail"]) <= 16
        assert answer["errorCount"] > 70
        strangers = {f"a field with a long name and number {number}": 1 for number in range(150)}
        assert refused(api, {**body, **strangers}, limit=6_000)["errorCount"] == answer["errorCount"] + 150


def test_all_rows_wrong_in_all_ways_have_a_small_answer(api: TestClient) -> None:
    bad = [[1], {}, "60x", "", "Dummy", True, -1, [1, 2], {"a": {"b": 1}}, 1e300, None, "x" * 500]
    rows = [{field.wire_name: bad[(row + number) % 12] for number, field in enumerate(FIELDS)} for row in range(120)]

    answer = refused(api, {"data": rows}, BATCH, limit=6_000)

    assert len(answer["detail"]) <= 16
    assert answer["errorCount"] > 8_000


def test_values_that_are_not_equal_to_themselves_are_counted_as_one(api: TestClient) -> None:
    answer = refused(api, {"data": [minimal_document() | {"lotFrontage": float("nan")}] * 50}, BATCH)

    [mistake] = answer["detail"]
    assert mistake["ctx"]["values"] == [{"value": "NaN", "count": 50, "firstRow": 0}]
    assert mistake["input"] == "nan"


def test_a_batch_of_boxed_houses_is_one_entry(api: TestClient) -> None:
    answer = refused(api, {"data": [_boxed(example_document())] * 100}, BATCH)

    [mistake] = answer["detail"]
    assert mistake["loc"] == ["body", "data", 0, "id"]
    assert mistake["msg"].startswith("80 fields (8,000 values) hold a list")
    assert answer["errorCount"] == 8_000


HOUSE = minimal_document()
ROUTE_OF_BATCHES = "POST /api/v1/price/predict/batch"


@pytest.mark.parametrize(
    ("body", "loc", "said"),
    [
        ({"data": [HOUSE, HOUSE]}, ["body", "data"], ("a batch of houses", ROUTE_OF_BATCHES)),
        ({"data": [HOUSE] * 500}, ["body", "data"], ("a batch of houses", ROUTE_OF_BATCHES)),
        ({"houses": [HOUSE]}, ["body", "houses"], ("a batch of houses", ROUTE_OF_BATCHES)),
        ([HOUSE], ["body"], ("a list", ROUTE_OF_BATCHES)),
        ([HOUSE] * 500, ["body"], ("a list", ROUTE_OF_BATCHES)),
        ([], ["body"], ("a list", ROUTE_OF_BATCHES)),
        ({"dataframe_split": {"columns": ["LotArea"], "data": [[1]]}}, ["body", "dataframe_split"], ("MLflow",)),
        ({"dataframe_records": [{"LotArea": 1}] * 9_000}, ["body", "dataframe_records"], ("MLflow",)),
        ({"params": {}, "instances": [HOUSE]}, ["body", "instances"], ("MLflow",)),
        ({"inputs": {"LotArea": [1]}}, ["body", "inputs"], ("MLflow",)),
        ({"columns": ["LotArea"], "index": [0], "data": [[1]]}, ["body", "columns"], ("columns and rows",)),
        ({"house": HOUSE}, ["body", "house"], ("a house below 'house'", "send the house itself")),
        (json.dumps(json.dumps(HOUSE)), ["body"], ("a text that contains JSON", "the object itself")),
        (17, ["body"], ("a single value", '{"id": 1461')),
    ],
)  # fmt: skip
def test_another_routes_body_is_one_error_that_names_what_to_send(
    api: TestClient, body: Any, loc: list[Any], said: tuple[str, ...]
) -> None:
    mistake = the_mistake(api, body)

    assert mistake["loc"] == loc
    assert all(part in mistake["msg"] for part in said), mistake["msg"]


@pytest.mark.parametrize(
    ("body", "loc", "said"),
    [
        (HOUSE, ["body", "data"], ("one house", "POST /api/v1/price/predict,", '{"data": [{…}]}')),
        (_boxed(HOUSE), ["body", "data"], ("one house",)),
        ({"LotArea": 1, "MoSold": 2}, ["body", "data"], ("one house",)),
        ([HOUSE], ["body"], ("a list", '{"data": [{…}, …]}')),
        ([HOUSE] * 500, ["body"], ("a list", '{"data": [{…}, …]}')),
        ({"houses": [HOUSE]}, ["body", "houses"], ("key is 'houses'", '{"data": [{…}, …]}')),
        ({"data": HOUSE}, ["body", "data"], ("a house below 'data'", '{"data": [{…}]}')),
        ({"dataframe_split": {"columns": ["LotArea"], "data": [[1]]}}, ["body", "dataframe_split"], ("MLflow",)),
        ({"dataframe_records": [{"LotArea": 1}] * 9_000}, ["body", "dataframe_records"], ("MLflow",)),
        ({"instances": [HOUSE]}, ["body", "instances"], ("MLflow",)),
        (json.dumps(json.dumps({"data": [HOUSE]})), ["body"], ("a text that contains JSON",)),
    ],
)  # fmt: skip
def test_another_body_than_a_batch_is_one_error_that_names_what_to_send(
    api: TestClient, body: Any, loc: list[Any], said: tuple[str, ...]
) -> None:
    mistake = the_mistake(api, body, BATCH)

    assert mistake["loc"] == loc
    assert all(part in mistake["msg"] for part in said), mistake["msg"]


@pytest.mark.parametrize("route", [PREDICT, BATCH])
@pytest.mark.parametrize(
    "body", [[], 3, None, {"data": [3]}, {"data": [[1]]}, {"data": 3}, {"data": {}}, {"data": None}, {}]
)
def test_no_answer_names_a_class_of_ours(api: TestClient, route: str, body: Any) -> None:
    text = json.dumps(refused(api, body, route))

    assert not [name for name in ("HouseBatch", "of House", '"House"', "class_name", "dictionary") if name in text]


@pytest.mark.parametrize(("route", "body"), [(PREDICT, HOUSE), (BATCH, {"data": [HOUSE]})])
def test_a_byte_order_mark_is_accepted(api: TestClient, route: str, body: Any) -> None:
    content = codecs.BOM_UTF8 + json.dumps(body).encode()

    assert api.post(route, content=content, headers=JSON).status_code == 200


@pytest.mark.parametrize(("route", "body"), [(PREDICT, HOUSE), (BATCH, {"data": [HOUSE]})])
@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32"),
     ("utf-32-be", "UTF-32")],
)  # fmt: skip
def test_another_encoding_is_named(api: TestClient, route: str, body: Any, encoding: str, name: str) -> None:
    answer = api.post(route, content=json.dumps(body).encode(encoding), headers=JSON)

    assert answer.status_code in (400, 422)
    assert f"the body is {name}; send UTF-8" in answer.text


def test_a_byte_that_is_not_utf_8_is_told_by_its_place(api: TestClient) -> None:
    answer = api.post(PREDICT, content=b'{"street": "Stra\xdfe"}', headers=JSON)

    assert answer.status_code == 400
    assert "byte 16 of the body is not UTF-8; send UTF-8" in answer.json()["detail"]
