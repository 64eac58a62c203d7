"""What a model gets: the features in file order, as numbers, codes or nothing."""

import json

import pytest
from house_record import (
    COLUMNS,
    EXAMPLE,
    FEATURES,
    FIELDS,
    NONE_COLUMNS,
    Feature,
    House,
    example_document,
    example_house,
    minimal_document,
    model_row,
)
from house_record.vocabulary import NULL_IS_OMISSION
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

WITH_NONE = [feature for feature in FEATURES if feature.column in NONE_COLUMNS]
OTHERS = [feature for feature in FEATURES if not feature.required and feature not in WITH_NONE]
MINIMAL = House.model_validate(minimal_document())


def read_row(document: dict[str, object]) -> dict[str, object]:
    return dict(zip(COLUMNS, model_row(House.model_validate_json(json.dumps(document))), strict=True))


def test_a_row_has_the_order_of_the_columns() -> None:
    row = dict(zip(COLUMNS, model_row(example_house()), strict=True))

    nones = {"Alley": "NA", "FireplaceQu": "NA", "PoolQC": "NA", "MiscFeature": "NA"}
    assert row == {feature.column: EXAMPLE[feature.wire_name] for feature in FEATURES} | nones
    assert len(row) == 79


def test_the_id_is_no_feature() -> None:
    assert model_row(example_house(id=1)) == model_row(example_house(id=2))
    assert FIELDS[1:] == FEATURES


def test_a_row_has_codes_as_spelt() -> None:
    row = dict(zip(COLUMNS, model_row(example_house(neighborhood="Names", fence="NA ")), strict=True))

    assert (row["Neighborhood"], row["Fence"]) == ("NAmes", "NA")


def test_fourteen_texts_have_a_none() -> None:
    assert {
        "Alley", "BsmtQual", "BsmtCond", "BsmtExposure", "BsmtFinType1", "BsmtFinType2", "FireplaceQu",
        "GarageType", "GarageFinish", "GarageQual", "GarageCond", "PoolQC", "Fence", "MiscFeature",
    } == NONE_COLUMNS  # fmt: skip


@pytest.mark.parametrize("spelling", ["name", "wire_name"])
@pytest.mark.parametrize("feature", WITH_NONE, ids=lambda feature: feature.name)
def test_an_explicit_null_says_none(feature: Feature, spelling: str) -> None:
    name = getattr(feature, spelling)

    assert read_row(minimal_document() | {name: None})[feature.column] == "NA"
    assert read_row(minimal_document() | {name: "NA"})[feature.column] == "NA"


@pytest.mark.parametrize("feature", [*WITH_NONE, *OTHERS], ids=lambda feature: feature.name)
def test_a_field_that_is_left_out_is_unknown(feature: Feature) -> None:
    document = example_document()
    del document[feature.wire_name]

    assert read_row(document)[feature.column] is None
    assert dict(zip(COLUMNS, model_row(MINIMAL), strict=True))[feature.column] is None


@pytest.mark.parametrize("feature", OTHERS, ids=lambda feature: feature.name)
def test_an_explicit_null_is_unknown_elsewhere(feature: Feature) -> None:
    assert read_row(example_document(**{feature.name: None}))[feature.column] is None


def test_masonrys_none_is_a_code_of_its_own() -> None:
    assert read_row(example_document(mas_vnr_type="None"))["MasVnrType"] == "None"
    assert read_row(example_document(mas_vnr_type=None))["MasVnrType"] is None


def test_a_changed_copy_keeps_what_was_told() -> None:
    row = dict(zip(COLUMNS, model_row(MINIMAL.model_copy(update={"fence": None})), strict=True))

    assert (row["Fence"], row["Alley"]) == ("NA", None)


def _values_of(feature_index: int) -> st.SearchStrategy[object]:
    feature = FEATURES[feature_index]
    absent = st.nothing() if feature.required else st.none()
    if feature.codes:
        return st.sampled_from(feature.values()) | absent
    low, high = int(feature.minimum or 0), int(feature.maximum or 0)
    return st.integers(low, high) | absent


@given(st.fixed_dictionaries({f.name: _values_of(i) for i, f in enumerate(FEATURES)}))
def test_every_valid_house_makes_a_row_of_the_declared_kinds(values: dict[str, object]) -> None:
    row = model_row(example_house(**values))

    for feature, value in zip(FEATURES, row, strict=True):
        expected = str if feature.kind == "text" else int | float
        assert value is None or isinstance(value, expected), feature.name


def test_a_reader_to_whom_null_is_an_omission_gets_na_for_none() -> None:
    house = House.model_validate(minimal_document() | {"garageType": None, "garageYrBlt": None, "masVnrType": None})

    document = house.model_dump(by_alias=True, context={NULL_IS_OMISSION: True})

    assert {name for name, value in document.items() if value == "NA"} == {"garageType"}
    known = {name: value for name, value in document.items() if value is not None}
    assert model_row(House.model_validate(known)) == model_row(house)
    assert "NA" not in house.model_dump().values()
    assert to_json(house, by_alias=True, context={NULL_IS_OMISSION: True}) == to_json(document)
