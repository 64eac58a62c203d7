"""The errors of one house in a text."""

import json

import pytest
from house_record import AMES, EXAMPLE
from house_record.refusals import Findings, Mistake, diagnose_house
from house_record.refusals.house_errors import MAX_BYTES, VALUES_PER_FIELD


def text_of(**changes: object) -> bytes:
    return json.dumps(dict(EXAMPLE) | changes).encode()


def test_a_valid_house_has_no_errors() -> None:
    assert diagnose_house(AMES, text_of()) == ()


def the_mistake(text: bytes) -> Mistake:
    found = Findings(AMES)
    for error in diagnose_house(AMES, text):
        found.add(error)
    (mistake,) = found.list_mistakes()
    return mistake


def test_an_unknown_code_is_explained_with_the_nearest() -> None:
    mistake = the_mistake(text_of(street="Pav"))
    assert (mistake.loc, mistake.fields) == (("street",), ("street",))
    assert mistake.context["suggestion"] == "Pave"
    assert mistake.message.endswith("did you mean 'Pave'?")


def test_an_unknown_field_is_explained_with_the_nearest() -> None:
    mistake = the_mistake(text_of(lotAera=1))
    assert mistake.message == "There is no such field; did you mean 'lotArea'?"
    assert mistake.context["suggestion"] == "lotArea"


def test_values_below_another_spelling_of_a_name_are_checked_too() -> None:
    text = text_of(Street="Pav").replace(b'"street": "Pave", ', b"")
    assert [error["loc"] for error in diagnose_house(AMES, text)] == [("Street",), ("street",)]


def test_a_field_below_two_spellings_keeps_the_value_of_its_own_name() -> None:
    (error,) = diagnose_house(AMES, text_of(LotArea="much"))
    assert (error["type"], error["loc"]) == ("extra_forbidden", ("LotArea",))


def test_a_field_that_is_there_twice_is_an_error() -> None:
    text = text_of().replace(b'"street"', b'"lotArea": 1, "street"', 1)
    (error,) = diagnose_house(AMES, text)
    assert (error["type"], error["loc"]) == ("duplicate_field", ("lotArea",))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({str(n): 0 for n in range(2 * VALUES_PER_FIELD * len(AMES.fields))}).encode(),
        b'{"street": "' + MAX_BYTES * b"x" + b'"}',
    ],
    ids=["fields", "bytes"],
)
def test_a_text_too_large_for_a_house_is_one_error(text: bytes) -> None:
    (error,) = diagnose_house(AMES, text)
    assert error["type"] == "too_long"
