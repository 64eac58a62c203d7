"""Silence would cost here: a wrong type is refused, never mended."""

import math

import pytest
from house_record import FEATURES, FIELDS, Feature, House, example_document, example_house, minimal_document
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

NUMBERS = [field for field in FIELDS if field.kind == "number" or field.name == "id"]
WHOLE_NUMBERS = [field for field in FIELDS if field.python_type is int and not field.codes]
RANGES = [field for field in FIELDS if field.minimum is not None and field.maximum is not None]
OPTIONAL = [feature for feature in FEATURES if not feature.required]
REQUIRED = [field for field in FIELDS if field.required]


def refusal_of(field: Feature, value: object) -> str:
    """The type of the one mistake in the example house with this value in this field."""
    with pytest.raises(ValidationError) as refusal:
        example_house(**{field.name: value})
    (mistake,) = refusal.value.errors()
    assert mistake["loc"] == (field.wire_name,)
    return mistake["type"]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("value", [True, False, [], [1], {}, math.nan, math.inf, -math.inf])
def test_what_is_neither_number_nor_code_is_refused_everywhere(field: Feature, value: object) -> None:
    refusal_of(field, value)


@pytest.mark.parametrize("field", NUMBERS, ids=lambda field: field.name)
@pytest.mark.parametrize("value", ["20", "", "1e3", " 5"])
def test_a_number_in_quotes_is_refused(field: Feature, value: str) -> None:
    refusal_of(field, value)


@pytest.mark.parametrize("field", WHOLE_NUMBERS, ids=lambda field: field.name)
def test_a_half_is_refused_where_things_are_counted(field: Feature) -> None:
    assert refusal_of(field, 1.5) == "int_type"


@pytest.mark.parametrize("field", WHOLE_NUMBERS, ids=lambda field: field.name)
def test_json_may_write_a_whole_number_with_a_point(field: Feature) -> None:
    number = int(field.example or 1)

    value = getattr(example_house(**{field.name: float(number)}), field.name)

    assert (value, type(value)) == (number, int)


def test_areas_may_have_fractions() -> None:
    assert example_house(lot_area=11622.5).lot_area == 11622.5


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_refuses_an_area_that_is_not_finite(value: float) -> None:
    (lot_area,) = (field for field in FIELDS if field.name == "lot_area")

    assert refusal_of(lot_area, value) == "finite_number"


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_json_that_writes_no_finite_number_is_refused(text: str) -> None:
    body = House.model_validate(example_document()).model_dump_json().replace("11622.0", text)

    with pytest.raises(ValidationError):
        House.model_validate_json(body)


@pytest.mark.parametrize("field", RANGES, ids=lambda field: field.name)
def test_accepts_the_limits_of_a_range_and_refuses_more(field: Feature) -> None:
    assert field.minimum is not None
    assert field.maximum is not None
    for limit in (field.minimum, field.maximum):
        example_house(**{field.name: limit})

    assert refusal_of(field, int(field.minimum) - 1) == "greater_than_equal"
    assert refusal_of(field, int(field.maximum) + 1) == "less_than_equal"


@pytest.mark.parametrize(
    ("name", "impossible"),
    [("lot_area", -1), ("mo_sold", 13), ("mo_sold", 0), ("overall_qual", 11), ("overall_cond", 0),
     ("year_built", 1799), ("garage_yr_blt", 1799), ("full_bath", -1), ("id", -1), ("misc_val", -1)],
)  # fmt: skip
def test_the_impossible_is_refused(name: str, impossible: int) -> None:
    (field,) = (field for field in FIELDS if field.name == name)

    refusal_of(field, impossible)


def test_a_garage_of_2207_is_improbable_but_valid() -> None:
    assert example_house(garage_yr_blt=2207).garage_yr_blt == 2207


@pytest.mark.parametrize("feature", OPTIONAL, ids=lambda feature: feature.name)
def test_an_optional_field_may_be_null_or_left_out(feature: Feature) -> None:
    left_out = {name: value for name, value in example_document().items() if name != feature.wire_name}

    assert House.model_validate(left_out) == example_house(**{feature.name: None})


def test_the_required_fields_alone_are_a_house() -> None:
    house = House.model_validate(minimal_document())

    assert [getattr(house, feature.name) for feature in OPTIONAL] == [None] * len(OPTIONAL)


@pytest.mark.parametrize("field", REQUIRED, ids=lambda field: field.name)
def test_a_required_field_is_neither_null_nor_left_out(field: Feature) -> None:
    left_out = {name: value for name, value in minimal_document().items() if name != field.wire_name}

    refusal_of(field, None)
    with pytest.raises(ValidationError, match="Field required"):
        House.model_validate(left_out)


def test_a_house_does_not_change() -> None:
    house = example_house()

    with pytest.raises(ValidationError, match="frozen"):
        house.lot_area = 1  # type: ignore[misc]  # what the test tries


any_json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["NA", "None"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)


@given(st.sampled_from(FIELDS), any_json_value)
def test_any_value_is_either_refused_or_survives_being_sent_again(field: Feature, value: object) -> None:
    try:
        house = example_house(**{field.name: value})
    except ValidationError:
        return
    assert House.model_validate_json(house.model_dump_json()) == house
