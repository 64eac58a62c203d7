"""What values look like: the same for the validator, for JSON Schema and for the check of references."""

from typing import Any

import jsonschema
import pytest
from declared_flows.notation.schema import Schema, core_schema_of, is_value_of, json_schema, mismatch
from example_records import HOUSE, KNOWN
from house_record import House, minimal_document
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import SchemaValidator
from pydantic_core import ValidationError as CoreError


def checked(schema: Schema, value: Any, **options: bool) -> Any:
    return SchemaValidator(core_schema_of(schema, **options)).validate_python(value)


def refusal(**declared: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Schema.model_validate(declared, context=KNOWN)
    return caught.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"type": "string"}, "x"),
        ({"type": "integer"}, 1),
        ({"type": "number"}, 1),
        ({"type": "number"}, 1.5),
        ({"type": "boolean"}, True),
        ({"type": "array"}, [1, "x", None]),
        ({"type": "array", "items": {"type": "integer"}}, [1, 2]),
        ({"type": "object"}, {"anything": [1]}),
        ({"type": "object", "properties": {"a": {"type": "integer", "optional": True}}}, {"a": 1}),
        ({"type": "string", "nullable": True}, None),
        ({"type": "string", "enum": ["a", "b"]}, "b"),
        ({"enum": [1, "a", None]}, "a"),
        ({"type": "string", "pattern": "^a+$"}, "aaa"),
        ({}, object()),
    ],
)
def test_what_fits_passes_as_it_is(declared: dict[str, Any], value: Any) -> None:
    assert checked(Schema.model_validate(declared), value) == value


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ({"type": "string"}, 1),
        ({"type": "string"}, None),
        ({"type": "integer"}, 1.0),
        ({"type": "integer"}, True),
        ({"type": "integer"}, "1"),
        ({"type": "number"}, "1.5"),
        ({"type": "number"}, True),
        ({"type": "number"}, float("nan")),
        ({"type": "number"}, float("inf")),
        ({"type": "boolean"}, 1),
        ({"type": "array"}, {"a": 1}),
        ({"type": "array"}, (1,)),
        ({"type": "array", "min_items": 1}, []),
        ({"type": "array", "max_items": 1}, [1, 2]),
        ({"type": "array", "items": {"type": "integer"}}, ["x"]),
        ({"type": "object"}, []),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {}),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": 1, "b": 2}),
        ({"type": "object", "properties": {}}, {"a": 1}),
        ({"type": "string", "enum": ["a"]}, "b"),
        ({"type": "string", "min_length": 2}, "a"),
        ({"type": "string", "max_length": 2}, "aaa"),
        ({"type": "string", "pattern": "^a+$"}, "b"),
        ({"type": "integer", "minimum": 1}, 0),
        ({"type": "integer", "maximum": 1}, 2),
    ],
)
def test_what_does_not_fit_is_refused(declared: dict[str, Any], value: Any) -> None:
    assert not is_value_of(Schema.model_validate(declared), value)


@pytest.mark.parametrize(("bound", "inside", "outside"), [("minimum", 1, 0), ("maximum", 0, 1)])
def test_bounds_between_two_whole_numbers_hold_for_whole_numbers(bound: str, inside: int, outside: int) -> None:
    schema = Schema.model_validate({"type": "integer", bound: 0.5})

    assert is_value_of(schema, inside)
    assert not is_value_of(schema, outside)


def test_what_is_left_out_is_null_or_the_default() -> None:
    schema = Schema.model_validate(
        {
            "type": "object",
            "properties": {
                "optional": {"type": "string", "optional": True},
                "default": {"type": "number", "default": 0.9},
                "none": {"type": "number", "default": None},
            },
        }
    )

    assert checked(schema, {}) == {"optional": None, "default": 0.9, "none": None}
    assert checked(schema, {"optional": None, "none": None}) == {"optional": None, "default": 0.9, "none": None}
    assert not is_value_of(schema, {"default": None})


def test_a_default_is_not_shared_between_requests() -> None:
    validator = SchemaValidator(
        core_schema_of(
            Schema(type="object", properties={"tags": Schema.model_validate({"type": "array", "default": []})}),
        )
    )

    validator.validate_python({})["tags"].append("mine")

    assert validator.validate_python({}) == {"tags": []}


@pytest.mark.parametrize(
    ("declared", "text", "value"),
    [
        ({"type": "integer"}, "12", 12),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "boolean"}, "true", True),
        ({"type": "string"}, "12", "12"),
        ({"type": "array", "items": {"type": "integer"}}, ["1", "2"], [1, 2]),
    ],
)
def test_texts_of_an_address_stand_for_numbers(declared: dict[str, Any], text: Any, value: Any) -> None:
    assert checked(Schema.model_validate(declared), text, lax=True) == value


@pytest.mark.parametrize("text", ["", "x", "1.5", "0x1F", "१२", "9" * 5000, "nan"])
def test_other_texts_do_not(text: str) -> None:
    with pytest.raises(CoreError):
        checked(Schema(type="integer"), text, lax=True)


def test_a_house_is_a_house() -> None:
    assert isinstance(checked(Schema.of(HOUSE), minimal_document()), House)
    assert not is_value_of(Schema.of(HOUSE), {"lotArea": "large"})


def test_a_null_in_what_a_source_gives_is_left_out() -> None:
    document = minimal_document() | {"garageType": None, "fence": "NA"}
    asked, found = (
        checked(Schema(type="array", items=Schema.of(HOUSE)), [document], leaves_out_nulls=from_source)[0]
        for from_source in (False, True)
    )

    assert {"garage_type", "fence"} <= asked.model_fields_set
    assert "fence" in found.model_fields_set
    assert "garage_type" not in found.model_fields_set


def test_a_house_that_was_checked_stays_as_it_is() -> None:
    house = House.model_validate(minimal_document() | {"garageType": None})

    assert checked(Schema.of(HOUSE), house, leaves_out_nulls=True) is house


@pytest.mark.parametrize(
    ("declared", "part"),
    [
        ({"type": "string", "minimum": 1}, "`minimum` is for number and integer alone: say `type: number`"),
        ({"pattern": "x"}, "`pattern` is for string alone: say `type: string`"),
        ({"type": "array", "properties": {}}, "`properties` is for object alone"),
        ({"record": "house", "type": "object"}, "say either `type` or `record`"),
        ({"record": "hose"}, "there is no record `hose`; did you mean `house`? (there are `house`)"),
        ({"type": "integer", "default": "x"}, "the default is not such a value"),
        ({"type": "integer", "maximum": 3, "default": 4}, "the default is not such a value"),
        ({"type": "string", "pattern": "("}, "the pattern is not a regular expression: unclosed group"),
        ({"type": "string", "pattern": "(?=x)"}, "the pattern is not a regular expression: look-around"),
        ({"type": "number", "minimum": 2, "maximum": 1}, "`minimum` is above `maximum`: there is no such value"),
        ({"type": "string", "min_length": 2, "max_length": 1}, "`min_length` is above `max_length`"),
        ({"type": "array", "min_items": 2, "max_items": 1}, "`min_items` is above `max_items`"),
        ({"type": "number", "minimum": float("inf")}, "finite"),
        ({"type": "number", "maximum": float("nan")}, "finite"),
    ],
)
def test_a_schema_that_describes_nothing_is_refused(declared: dict[str, Any], part: str) -> None:
    assert part in refusal(**declared)


def test_a_pattern_takes_linear_time() -> None:
    schema = Schema(type="string", pattern="^(a+)+$")

    assert not is_value_of(schema, "a" * 100_000 + "!")


@pytest.mark.parametrize(
    ("found", "wanted", "reason"),
    [
        ({"type": "integer"}, {"type": "number"}, None),
        ({"type": "string"}, {}, None),
        ({}, {"type": "number"}, None),
        ({"record": "house"}, {"record": "house"}, None),
        ({"record": "house"}, {"type": "object"}, None),
        ({"type": "object"}, {"record": "house"}, None),
        ({"type": "number"}, {"type": "integer"}, "integer is wanted, and this is number"),
        ({"type": "string"}, {"record": "house"}, "house is wanted, and this is string"),
        (
            {"type": "array", "items": {"type": "string"}},
            {"type": "array", "items": {"type": "number"}},
            "number is wanted, and this is string",
        ),
    ],
)
def test_a_value_of_another_type_does_not_fit(
    found: dict[str, Any], wanted: dict[str, Any], reason: str | None
) -> None:
    said = mismatch(Schema.model_validate(found, context=KNOWN), Schema.model_validate(wanted, context=KNOWN))

    assert (said and said.replace("an ", "").replace("a ", "")) == reason


type Kinds = st.SearchStrategy[dict[str, Any]]
KINDS: Kinds = st.deferred(lambda: SCALARS | ARRAYS | OBJECTS)
SCALARS: Kinds = st.one_of(
    st.builds(dict, type=st.just("integer"), minimum=st.integers(-9, 0), maximum=st.integers(1, 9)),
    st.builds(dict, type=st.just("number"), nullable=st.booleans()),
    st.builds(dict, type=st.just("boolean")),
    st.builds(dict, type=st.just("string"), max_length=st.integers(0, 3), optional=st.booleans()),
    st.builds(dict, type=st.just("string"), enum=st.just(["a", "b"]), nullable=st.booleans()),
)
ARRAYS: Kinds = st.builds(dict, type=st.just("array"), items=KINDS, max_items=st.integers(0, 3))
OBJECTS: Kinds = st.builds(
    dict, type=st.just("object"), properties=st.dictionaries(st.sampled_from("abc"), KINDS, min_size=1, max_size=2)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-20, 20) | st.sampled_from(["", "a", "b", "long"]) | st.just(0.5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(KINDS, VALUES)
def test_json_schema_says_the_same_as_the_validator(declared: dict[str, Any], value: Any) -> None:
    schema = Schema.model_validate(declared)
    document = json_schema(schema)
    jsonschema.Draft202012Validator.check_schema(document)

    assert jsonschema.Draft202012Validator(document).is_valid(value) == is_value_of(schema, value)
