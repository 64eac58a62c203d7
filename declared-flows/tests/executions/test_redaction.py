"""What of a payload is kept."""

import json
from typing import Any

import pytest
from declared_flows.executions.redaction import LONGEST_TEXT, MOST_BYTES, REDACTED, Redaction, redact
from house_record import House, example_document
from hypothesis import given
from hypothesis import strategies as st

USUAL = Redaction.with_names()

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    "name",
    [
        *("password", "PASSWORD", "userPassword", "passwords", "pass_word_token", "X-API-Key", "apiKey", "api_key"),
        *("access-token", "Authorization", "clientSecret", "ssn", "SSN", "customerSSN", "emailAddress", "work_email"),
        *("phoneNumber", "creditCard", "credit_card_number", "IBAN", "dateOfBirth", "set-cookie"),
        *("apikey", "APIKEY", "accesstoken", "accesskeys", "clientsecret", "sessionid", "userpassword", "phonenumber"),
        *("emailaddress", "creditcard", "dateofbirth", "pwd", "user_pwd", "auth", "X-Auth", "bearer", "a\uff50i_key"),
    ],
)
def test_secret_and_personal_fields_are_redacted_in_any_spelling(name: str) -> None:
    assert redact({name: "hunter2"}, USUAL) == {name: REDACTED}


@pytest.mark.parametrize("name", ["spinner", "company", "author", "address", "passenger", "panel", "key", "card", ""])
def test_fields_that_only_look_alike_are_kept(name: str) -> None:
    assert redact({name: "a"}, USUAL) == {name: "a"}


def test_fields_of_the_flow_s_own_list_are_not_kept() -> None:
    rules = Redaction.with_names(["annual_income", "Salaries"])

    assert redact({"annualIncome": 1, "salary": 2, "salaries": 3, "income": 4}, rules) == {
        "annualIncome": REDACTED,
        "salary": 2,
        "salaries": REDACTED,
        "income": 4,
    }


@pytest.mark.parametrize("field", ["имя", "ИМЯ", "имяКлиента", "имя_клиента"])
def test_names_of_any_script_are_not_kept(field: str) -> None:
    rules = Redaction.with_names(["имя"])

    assert redact({field: "Anna", "вымя": 1, "nombre": 2}, rules) == {field: REDACTED, "вымя": 1, "nombre": 2}


def test_a_house_is_kept_also_its_three_season_porch() -> None:
    copy = redact(example_document(), Redaction.with_names(harmless={"threeSsnPorch"}))

    assert [name for name, value in copy.items() if value == REDACTED] == []


def test_fields_are_redacted_at_any_depth() -> None:
    payload = {"a": [{"b": {"token": {"deep": ["hunter2"]}}}], "tokens": ["hunter2"]}

    assert redact(payload, USUAL) == {"a": [{"b": {"token": REDACTED}}], "tokens": REDACTED}


def test_the_payload_itself_is_left_as_it_is() -> None:
    payload = {"token": "hunter2", "list": [1]}

    copy = redact(payload, USUAL)
    copy["list"].append(2)

    assert payload == {"token": "hunter2", "list": [1]}


def test_a_house_is_kept_by_its_wire_names() -> None:
    copy = redact({"body": House.model_validate(example_document())}, USUAL)

    assert copy["body"]["lotArea"] == 11622


def test_long_texts_are_cut() -> None:
    assert redact("x" * 1000, USUAL) == "x" * LONGEST_TEXT + "…"


def test_a_large_list_says_how_much_is_left_out() -> None:
    copy = redact({"rows": list(range(10_000))}, USUAL)

    *kept, last = copy["rows"]
    assert kept == list(range(len(kept)))
    assert last == f"[{10_000 - len(kept)} more]"


def test_a_large_object_says_how_much_is_left_out() -> None:
    copy = redact({f"field{number}": "x" * 50 for number in range(1000)}, USUAL)

    assert copy["…"] == f"[{1000 - (len(copy) - 1)} more]"


def test_a_payload_that_is_too_deep_is_cut_off() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]

    assert "[too deep]" in json.dumps(redact(deep, USUAL))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**70, b"bytes", object()])
def test_what_json_does_not_have_becomes_a_word(value: object) -> None:
    assert isinstance(redact(value, USUAL), str)


@given(ANYTHING)
def test_whatever_the_payload_its_copy_is_small_and_json(payload: Any) -> None:
    text = json.dumps(redact(payload, USUAL), allow_nan=False, ensure_ascii=False, separators=(",", ":"))

    assert len(text.encode()) <= MOST_BYTES


@given(st.text(min_size=1, max_size=10), st.integers(0, 12))
def test_the_copy_of_a_large_payload_is_small_too(text: str, depth: int) -> None:
    payload: Any = [[text * 100] * 5] * 20
    for _ in range(depth):
        payload = {"a": payload, "b": payload}

    copy = json.dumps(redact(payload, USUAL), ensure_ascii=False, separators=(",", ":"))

    assert len(copy.encode()) <= MOST_BYTES
